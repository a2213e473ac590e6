"""What time it is in the house: timecode from its sources, and the clocks of our other hosts against ours."""
