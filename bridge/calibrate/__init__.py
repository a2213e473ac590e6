"""Finds what a stage file must say, where trackers, walls and lenses are and what is late, from what was filmed."""
