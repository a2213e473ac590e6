"""Where a marker's corners are, to a few hundredths of a pixel: two edges meet there, each a line through brightness.

Along an edge, near the corner, brightness is looked at across it: from the marker's black to the white around it. Half
way between the two is the edge, in linear light; blur does not move it, while it does round the corner itself.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs]

from bridge.calibrate.stage.markers import MODULES
from bridge.tone import srgb

_ndimage: Any = ndimage
Floats = NDArray[np.float64]

SMALLEST_PX = 16.0
"""Of a marker's side: below, its border is no wider than the blur."""
_ALONG, _ACROSS = 14, 31
_FROM, _TO, _FROM_PX = 0.05, 0.48, 2.0  # the stretch of a side that is looked at, in parts of it
_REACH = 0.75  # modules to either side of the edge
_CONTRAST = 0.01  # of full light that black and white must differ by
_STEPS = 2
_RAMP = np.linspace(0.0, 1.0, 4096)
_LINEAR = np.interp(np.arange(256) / 255.0, srgb(_RAMP), _RAMP).astype(np.float32)
"""Light of a grey level. Blur happens in light, so edges must be looked for there, or markers seem to grow."""


def refined(picture: NDArray[np.uint8], corners_px: Floats) -> Floats:
    """Rough corners [N, 4, 2] -> [N, 4, 2]; NaN where an edge is not clear. The first pixel's centre is (0.5, 0.5)."""
    if not len(corners_px):
        return corners_px
    light, places = _LINEAR[picture], corners_px
    for _ in range(_STEPS):
        places = _once(light, places)
    moved = np.linalg.norm(places - corners_px, axis=-1)
    sides = np.linalg.norm(np.roll(corners_px, -1, axis=1) - corners_px, axis=-1)
    smallest = np.minimum(sides, np.roll(sides, 1, axis=1))
    places[(moved > np.maximum(1.5, 0.06 * smallest)) | (smallest < SMALLEST_PX)] = np.nan
    return places


def _once(light: NDArray[np.float32], corners: Floats) -> Floats:
    onward, back = np.roll(corners, -1, axis=1), np.roll(corners, 1, axis=1)
    one = _edge(light, corners, onward, back)
    other = _edge(light, corners, back, onward)
    return _crossing(*one, *other)


def _edge(light: NDArray[np.float32], corner: Floats, end: Floats, beside: Floats) -> tuple[Floats, Floats]:
    """A point [N, 4, 2] and a direction of the edge that runs from `corner` to `end`, as seen near the corner."""
    side = end - corner
    length = np.linalg.norm(side, axis=-1, keepdims=True)
    along = side / length
    across = np.stack((-along[..., 1], along[..., 0]), axis=-1)
    depth = np.sum(across * (beside - corner), axis=-1, keepdims=True)
    across = -np.sign(depth) * across  # out of the marker
    reach = np.clip(_REACH * np.abs(depth) / MODULES, 1.5, 10.0)
    start = np.maximum(_FROM * length, np.minimum(_FROM_PX, 0.2 * length))
    t = start + (_TO * length - start) * np.linspace(0.0, 1.0, _ALONG)  # [N, 4, along]
    offsets = reach * np.linspace(-1.0, 1.0, _ACROSS)  # [N, 4, across]
    spots = (
        corner[..., None, None, :]
        + t[..., :, None, None] * along[..., None, None, :]
        + offsets[..., None, :, None] * across[..., None, None, :]
    )
    seen: Floats = _ndimage.map_coordinates(
        light, (spots[..., 1] - 0.5, spots[..., 0] - 0.5), np.float64, order=1, mode="nearest"
    )
    level, slope = _line(t, _half_way(seen, offsets))
    return corner + level[..., None] * across, along + slope[..., None] * across


def _half_way(light: Floats, offsets: Floats) -> Floats:
    """Where each profile [N, 4, along, across] crosses the middle between its ends; NaN where it does not, once."""
    ends = max(2, _ACROSS // 8)
    low, high = light[..., :ends].mean(axis=-1), light[..., -ends:].mean(axis=-1)
    middle = 0.5 * (low + high)[..., None]
    above = light > middle
    first = np.argmax(above, axis=-1)
    once = (above.sum(axis=-1) == _ACROSS - first) & (first > 0) & (high - low > _CONTRAST)
    before = np.maximum(first - 1, 0)[..., None]
    a = np.take_along_axis(light, before, axis=-1)[..., 0]
    b = np.take_along_axis(light, first[..., None], axis=-1)[..., 0]
    spread = np.broadcast_to(offsets[..., None, :], light.shape)
    o = np.take_along_axis(spread, before, axis=-1)[..., 0]
    p = np.take_along_axis(spread, first[..., None], axis=-1)[..., 0]
    part = (middle[..., 0] - a) / np.where(b > a, b - a, 1.0)
    return np.where(once, o + part * (p - o), math.nan)


def _line(t: Floats, offset: Floats) -> tuple[Floats, Floats]:
    """Offset at t = 0 and slope by t, of least squares over what is there; one pass throws strays out."""
    weight = np.isfinite(offset).astype(np.float64)
    value = np.nan_to_num(offset)
    level = slope = np.zeros(t.shape[:-1])
    for _ in range(2):
        count = weight.sum(axis=-1)
        count = np.where(count >= _ALONG // 2, count, math.nan)
        tm, vm = (weight * t).sum(axis=-1) / count, (weight * value).sum(axis=-1) / count
        dt, dv = t - tm[..., None], value - vm[..., None]
        slope = (weight * dt * dv).sum(axis=-1) / (weight * dt * dt).sum(axis=-1)
        level = vm - slope * tm
        error = np.abs(value - level[..., None] - slope[..., None] * t)
        weight = weight * (error < 3.0 * np.sqrt((weight * error**2).sum(axis=-1) / count)[..., None] + 0.02)
    return level, slope


def _crossing(p: Floats, d: Floats, q: Floats, e: Floats) -> Floats:
    """Where lines p + s d and q + r e meet."""
    cross = d[..., 0] * e[..., 1] - d[..., 1] * e[..., 0]
    gap = q - p
    s = (gap[..., 0] * e[..., 1] - gap[..., 1] * e[..., 0]) / cross
    return p + s[..., None] * d
