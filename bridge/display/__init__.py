"""Walls on this computer's own screens: a preview without genlock."""
