"""Which way the set looks: turned so that the sun stands well for a camera that looks along +Y, and over low land."""

import numpy as np

from generators.places import astronomy
from generators.places.brief import Brief
from generators.places.scenery import Floats, Surfels

EYE_M = np.array([0.0, 0.0, 1.6], np.float32)
HALF_WIDTH_DEG = 1.2
LOW_DEG = 9.0
"""Below that the sun is in the picture; higher, it comes from the side."""
_LOW_SUN_DEG = (22.0, 14.0, 30.0, 38.0, 48.0, 60.0, 75.0, 95.0, 115.0, 135.0, 155.0)
_HIGH_SUN_DEG = (58.0, 50.0, 66.0, 40.0, 75.0)


def sun_azimuth_deg(brief: Brief, surfels: Surfels, seed: int) -> float:
    """Where the sun (or what is left of its light) stands, from +Y towards +X: the first of the good places over which
    the land does not hide it, else the one with the lowest land."""
    if brief.sun_azimuth_deg is not None:
        return brief.sun_azimuth_deg
    elevation = astronomy.sun(brief.minutes, brief.season).elevation_deg
    sides = _LOW_SUN_DEG if elevation < LOW_DEG else _HIGH_SUN_DEG
    sign = 1.0 if seed % 2 else -1.0
    candidates = [sign * side for side in sides] + [-sign * side for side in sides]
    heights = skyline_deg(surfels, candidates)
    free = [azimuth for azimuth, height in zip(candidates, heights, strict=True) if height < elevation - 1.0]
    return free[0] if free else candidates[int(np.argmin(heights))]


def skyline_deg(surfels: Surfels, azimuths_deg: list[float]) -> Floats:
    """Elevation of the edge of all that stands in these directions, seen from the stage."""
    to = surfels.means_m - EYE_M
    flat = np.hypot(to[:, 0], to[:, 1])
    far = flat > 6.0
    around, rise = np.degrees(np.arctan2(to[far, 0], to[far, 1])), np.degrees(np.arctan2(to[far, 2], flat[far]))
    near = [np.abs((around - azimuth + 180.0) % 360.0 - 180.0) < HALF_WIDTH_DEG for azimuth in azimuths_deg]
    return np.array([np.max(rise[chosen], initial=-5.0) for chosen in near])
