"""Tracker, mount, nodal offset and walls, from markers on the walls."""
