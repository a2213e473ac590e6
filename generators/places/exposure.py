"""How bright a place is shown: found once, as a photographer would, and recorded."""

import math

import numpy as np
from numpy.typing import NDArray

from bridge.tone import shoulder, srgb
from generators.places.panorama import Floats, Floats32
from generators.places.photometry import WHITE_NITS, luminance

BRIGHT_MIDDLE_UNIT, BRIGHT_NITS = 0.27, 3000.0
"""What the mean (of logarithms) becomes by day; darker places stay darker, as eyes see them."""
DIMMING, LEAST_MIDDLE_UNIT = 0.085, 0.07
HIGHLIGHT_UNIT, HIGHLIGHT_SHARE = 0.95, 0.05
"""What the brightest share of the view may become, before the shoulder."""


def white_unit(light: Floats32, weights: NDArray[np.floating]) -> float:
    """The light that is shown as 1.0, from what the eye at the middle sees: light [N, 3], its solid angles [N]."""
    bright = np.maximum(luminance(light).astype(np.float64), 1e-9)
    mean = float(np.exp(np.average(np.log(bright), weights=weights)))
    order = np.argsort(bright, kind="stable")
    reached = np.cumsum(np.asarray(weights, np.float64)[order])
    at = int(np.searchsorted(reached, (1 - HIGHLIGHT_SHARE) * reached[-1]))
    high = float(bright[order[min(at, len(order) - 1)]])
    return max(mean / middle_unit(mean * WHITE_NITS), high / HIGHLIGHT_UNIT)


def middle_unit(mean_nits: float) -> float:
    """What a place of that mean brightness is shown at."""
    dimmed = BRIGHT_MIDDLE_UNIT * math.pow(mean_nits / BRIGHT_NITS, DIMMING)
    return min(max(dimmed, LEAST_MIDDLE_UNIT), BRIGHT_MIDDLE_UNIT)


def in_view(to_m: Floats32, areas_m2: NDArray[np.floating]) -> Floats:
    """Weights [N]: the solid angles of things at `to_m` [N, 3] from the eye, most for what is level and forward."""
    far2 = np.maximum((to_m**2).sum(axis=1), 1.0).astype(np.float64)
    up, ahead = to_m[:, 2] / np.sqrt(far2), to_m[:, 1] / np.sqrt(far2)
    return areas_m2 / far2 * np.exp(-0.5 * (up / 0.32) ** 2) * (0.35 + np.maximum(ahead, 0.0))


def encoded(light: NDArray[np.floating], white: float) -> Floats32:
    """Display-referred colour 0..1 of scene-linear light: the shoulder, then sRGB."""
    return srgb(shoulder(np.asarray(light) / white)).astype(np.float32)
