"""How bright a place is shown: found once, as a photographer would, and recorded."""

import math

import numpy as np
from numpy.typing import NDArray

from bridge.tone import srgb
from generators.equirectangular import directions
from generators.places.panorama import Floats, Floats32, solid_angles
from generators.places.photometry import WHITE_NITS, luminance

BRIGHT_MIDDLE_UNIT, BRIGHT_NITS = 0.40, 3000.0
"""What the mean becomes by day; darker places stay darker, as eyes see them."""
DIMMING, LEAST_MIDDLE_UNIT = 0.21, 0.06
DARKEST_WHITE_NITS = 0.06
"""No night is shown brighter than that makes it: under trees by moonlight it stays dark, and does not pass for day."""
LINEAR_UNIT = 0.42
"""Up to there light is shown as it is."""
HIGHLIGHT_UNIT, HIGHLIGHT_SHARE = 1.3, 0.05
"""What the brightest share of the view may become, before the shoulder: a place is shown darker for it,"""
MOST_DIMMED = 1.6
"""but by no more than that: windows of a dim hall may burn out."""

HUE_KEPT, BURNT_OUT = 0.88, 16.0
"""Of a colour too bright to be shown; lamps and the sun's disc, so many times too bright, turn white all the same."""


def white_unit(seen: Floats32) -> float:
    """The light that is shown as 1.0, from what the eye at the middle sees: a panorama [H, 2H, 3]."""
    bright = np.maximum(luminance(seen).astype(np.float64), 1e-9).ravel()
    weights = _in_view(len(seen)).ravel()
    mean = float(np.exp(np.average(np.log(bright), weights=weights)))
    order = np.argsort(bright, kind="stable")
    reached: Floats = np.cumsum(weights[order])
    at = int((reached < (1 - HIGHLIGHT_SHARE) * float(reached[-1])).sum())
    high = float(bright[order[min(at, len(order) - 1)]])
    even = float(np.average(np.minimum(bright, high), weights=weights))
    mean = math.sqrt(mean * even)  # a deep forest's logarithms are all shadow, a night street's even mean all lamps
    by_mean = mean / middle_unit(mean * WHITE_NITS)
    found = min(max(by_mean, high / HIGHLIGHT_UNIT), MOST_DIMMED * by_mean)
    return max(found, DARKEST_WHITE_NITS / WHITE_NITS)


def middle_unit(mean_nits: float) -> float:
    """What a place of that mean brightness is shown at."""
    dimmed = BRIGHT_MIDDLE_UNIT * math.pow(mean_nits / BRIGHT_NITS, DIMMING)
    return min(max(dimmed, LEAST_MIDDLE_UNIT), BRIGHT_MIDDLE_UNIT)


def _in_view(height_px: int) -> Floats:
    """What counts how much [H, 2H]: solid angle, most for what is level and forward."""
    towards = directions(height_px)
    level = np.exp(-0.5 * (towards[..., 2] / 0.32) ** 2)
    return solid_angles(height_px)[:, None] * level * (0.35 + np.maximum(towards[..., 1], 0.0))


def encoded(light: NDArray[np.floating], white: float) -> Floats32:
    """Display-referred colour 0..1 of scene-linear light: a film's shoulder, then sRGB.

    A shoulder on each primary turns every bright colour white, a sunset and a neon tube first; one on the brightest
    primary alone keeps the hue and looks like paint. What is shown lies between.
    """
    scaled = np.maximum(np.asarray(light, np.float64) / white, 0.0)
    each = filmed(scaled)
    brightest = scaled.max(axis=-1, keepdims=True)
    together = scaled * (filmed(brightest) / np.maximum(brightest, 1e-9))
    kept = HUE_KEPT * np.exp(-np.maximum(brightest - 1.0, 0.0) / BURNT_OUT)
    return srgb(each + kept * (together - each)).astype(np.float32)


def filmed(light: Floats) -> Floats:
    """Linear up to LINEAR_UNIT, then ever less towards 1: a street that lies half in the sun keeps its bright half."""
    room = 1.0 - LINEAR_UNIT
    over = np.maximum(light - LINEAR_UNIT, 0.0) / room
    return np.where(light <= LINEAR_UNIT, light, LINEAR_UNIT + room * over / (1.0 + over))
