"""How bright a place is shown: found once, as a photographer would, and recorded."""

import numpy as np
from numpy.typing import NDArray

from bridge.tone import shoulder, srgb
from generators.places.photometry import luminance

Floats32 = NDArray[np.float32]
MIDDLE_UNIT = 0.20
"""What the mean (of logarithms) becomes, unless that burns the highlights."""
HIGHLIGHT_UNIT = 1.6
"""What the brightest fiftieth may become, before the shoulder."""


def white_unit(light: Floats32, weights: NDArray[np.floating]) -> float:
    """The light that is shown as 1.0, from what the eye at the middle sees: light [N, 3], each for its solid angle [N]."""
    bright = np.maximum(luminance(light).astype(np.float64), 1e-9)
    mean = float(np.exp(np.average(np.log(bright), weights=weights)))
    order = np.argsort(bright)
    reached = np.cumsum(np.asarray(weights, np.float64)[order])
    high = float(bright[order[min(np.searchsorted(reached, 0.98 * reached[-1]), len(order) - 1)]])
    return max(mean / MIDDLE_UNIT, high / HIGHLIGHT_UNIT)


def encoded(light: NDArray[np.floating], white: float) -> Floats32:
    """Display-referred colour 0..1 of scene-linear light: the shoulder, then sRGB."""
    return srgb(shoulder(np.asarray(light) / white)).astype(np.float32)
