"""OSC control surfaces: what they may ask of the stage, and what they hear of it."""
