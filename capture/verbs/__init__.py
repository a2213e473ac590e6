"""The doors of `cyc capture` and what belongs to it."""
