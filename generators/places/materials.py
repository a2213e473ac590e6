"""What things are made of: albedos, linear Rec.709, as measured in the field, and how they mix and vary."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Colour = tuple[float, float, float]

SAND: Colour = (0.47, 0.31, 0.17)
SAND_PALE: Colour = (0.52, 0.44, 0.32)
SAND_WET: Colour = (0.20, 0.155, 0.105)
GRAVEL: Colour = (0.19, 0.178, 0.16)
SCREE: Colour = (0.2, 0.19, 0.178)
ROCK: Colour = (0.172, 0.166, 0.158)
ROCK_DARK: Colour = (0.095, 0.088, 0.082)
ROCK_RED: Colour = (0.30, 0.155, 0.085)
SANDSTONE: Colour = (0.42, 0.27, 0.16)
LIMESTONE: Colour = (0.48, 0.45, 0.39)
SOIL: Colour = (0.105, 0.072, 0.045)
LITTER: Colour = (0.14, 0.085, 0.042)
MOSS: Colour = (0.055, 0.085, 0.02)
GRASS: Colour = (0.075, 0.125, 0.028)
GRASS_FRESH: Colour = (0.12, 0.19, 0.04)
GRASS_DRY: Colour = (0.30, 0.235, 0.105)
SNOW: Colour = (0.80, 0.83, 0.88)
ASPHALT: Colour = (0.075, 0.074, 0.072)
PAINT: Colour = (0.66, 0.66, 0.63)
NEEDLES: Colour = (0.026, 0.052, 0.02)
NEEDLES_FRESH: Colour = (0.055, 0.095, 0.03)
LEAVES: Colour = (0.06, 0.115, 0.025)
LEAVES_FRESH: Colour = (0.115, 0.175, 0.035)
BARK: Colour = (0.085, 0.062, 0.045)
BARK_BIRCH: Colour = (0.52, 0.50, 0.46)
BARK_PALE: Colour = (0.16, 0.13, 0.10)
DRIFTWOOD: Colour = (0.36, 0.32, 0.27)
WATER: Colour = (0.012, 0.03, 0.034)
FOAM: Colour = (0.72, 0.75, 0.76)
AUTUMN: tuple[Colour, ...] = ((0.42, 0.17, 0.025), (0.50, 0.27, 0.035), (0.34, 0.085, 0.02), (0.36, 0.25, 0.05))


def mixed(low: ArrayLike, high: ArrayLike, amount_unit: ArrayLike) -> Floats:
    """`low` where the amount [N] is 0, `high` where it is 1."""
    amount = np.clip(np.asarray(amount_unit, np.float64), 0.0, 1.0)[..., None]
    return np.asarray(low, np.float64) * (1.0 - amount) + np.asarray(high, np.float64) * amount


def varied(colours: ArrayLike, count: int, rng: np.random.Generator, by: float = 0.12, hue: float = 0.03) -> Floats:
    """Each its own: lighter or darker by a factor, and a little off in hue."""
    shade = np.exp(by * rng.standard_normal((count, 1)) + hue * rng.standard_normal((count, 3)))
    return np.clip(np.asarray(colours, np.float64) * shade, 0.0, 0.95)


def step(value: ArrayLike, low: float, high: float) -> Floats:
    """0 below `low`, 1 above `high`, smooth between; falls where `high` is below `low`."""
    t = np.clip((np.asarray(value, np.float64) - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)
