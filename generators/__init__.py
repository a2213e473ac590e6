"""Pre-production: a sentence, a picture or photos of a place become a Gaussian-splat environment for the wall.

Nothing lives here yet; the rooms are built with the issues that need them.
"""
