"""The glow that fog makes around a lamp."""

import numpy as np

from generators.places.scenery import Lamps, Surfels
from generators.splats import Tag

_RINGS = ((0.22, 0.32, 1.0), (0.5, 0.16, 0.45), (1.15, 0.07, 0.25))
"""Size in metres, opacity, and brightness of each shell."""


def halos(lamps: Lamps, gain_unit: float) -> Surfels:
    """Three soft balls around each lamp, as bright as `gain_unit` times what it sheds at one metre."""
    count = len(lamps.positions_m) * len(_RINGS)
    size, opacity, bright = np.tile(np.array(_RINGS, np.float32), (len(lamps.positions_m), 1)).T
    zero = np.zeros(count, np.float32)
    light = np.repeat(lamps.light_unit, len(_RINGS), axis=0) * (bright * np.float32(gain_unit))[:, None]
    return Surfels(
        np.repeat(lamps.positions_m, len(_RINGS), axis=0).astype(np.float32),
        np.tile(np.float32([0, 0, 1]), (count, 1)),
        np.tile(np.float32([1, 0, 0]), (count, 1)),
        np.repeat(size[:, None], 3, axis=1),
        np.zeros((count, 3), np.float32),
        light.astype(np.float32),
        opacity.astype(np.float32),
        zero,
        zero,
        np.full(count, Tag.LIGHT, np.uint8),
    )
