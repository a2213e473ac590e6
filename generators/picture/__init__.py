"""A picture without weights: what it says of horizon, light and place, and how it is set into a place made by rules."""
