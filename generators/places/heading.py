"""Which way the set looks: turned so that the sun stands well for a camera that looks along +Y, and over low land."""

import math

import numpy as np

from generators.places import astronomy
from generators.places.brief import Brief
from generators.places.scenery import Ground

LOW_DEG = 9.0
"""Below that the sun is in the picture; higher, it comes from the side."""
_SIDES_DEG = {True: (22.0, 14.0, 30.0, 38.0, 48.0, 60.0), False: (58.0, 50.0, 66.0, 40.0, 75.0)}


def sun_azimuth_deg(brief: Brief, ground: Ground, seed: int) -> float:
    """Where the sun (or what is left of its light) stands, from +Y towards +X: the first of the good places over which
    the land does not hide it, else the one with the lowest land."""
    elevation = astronomy.sun(brief.minutes, brief.season).elevation_deg
    sides = _SIDES_DEG[elevation < LOW_DEG]
    sign = 1.0 if seed % 2 else -1.0
    candidates = [sign * side for side in sides] + [-sign * side for side in sides]
    heights = [skyline_deg(ground, azimuth) for azimuth in candidates]
    free = [azimuth for azimuth, height in zip(candidates, heights, strict=True) if height < elevation - 1.0]
    return free[0] if free else candidates[int(np.argmin(heights))]


def skyline_deg(ground: Ground, azimuth_deg: float) -> float:
    """Elevation of the land's edge seen from the stage."""
    far = np.geomspace(8.0, 1400.0, 120)
    turn = math.radians(azimuth_deg)
    heights = ground(far * math.sin(turn), far * math.cos(turn))
    return math.degrees(float(np.arctan2(np.asarray(heights) - 1.6, far).max()))
