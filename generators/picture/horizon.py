"""Where the horizon of a picture is: where the sky ends on open ground, else where a street's lines meet."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs]

_images: Any = ndimage
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_WIDE_PX = 320
_LEVEL = 0.35
"""Of the columns must end the sky at the same row for it to be open ground."""
_LINES = 1500


class Horizon(NamedTuple):
    """In a picture."""

    row_px: float
    """From the top; may lie outside the picture."""
    how: str
    """`open ground`, `vanishing lines`, `where the sky ends`, or `the middle: a guess`."""


def horizon(encoded: NDArray[np.floating], sky: Mask) -> Horizon:
    """Of a picture [H, W, 3] that was taken level from side to side, and where its sky is."""
    height = len(encoded)
    ends = _sky_ends(sky)
    if ends.size >= _LEVEL * sky.shape[1]:
        row = _agreed(ends)
        share = float((np.abs(ends - row) < max(1.5, 0.012 * height)).mean()) * ends.size / sky.shape[1]
        if share > _LEVEL:
            return Horizon(_sharpened(encoded, row), "open ground")
    if (vanishing := _vanishing_row(encoded, sky)) is not None:
        return Horizon(vanishing, "vanishing lines")
    if ends.size:
        return Horizon(min(float(np.quantile(ends, 0.98)), 0.75 * height), "where the sky ends")
    return Horizon(0.5 * height, "the middle: a guess")


def _sky_ends(sky: Mask) -> Floats:
    """The first row below the sky, of the columns that have some."""
    length = sky.cumprod(axis=0).sum(axis=0)
    has = (length > 2) & (length < len(sky))
    return length[has].astype(np.float64)


def _agreed(ends: Floats) -> float:
    """The row that most columns end at, the lowest of equals: hills stand above it, nothing below."""
    counts = np.bincount(ends.astype(int))
    near = np.convolve(counts, np.ones(5), mode="same")
    best = int(len(near) - 1 - np.argmax(near[::-1]))
    close = ends[np.abs(ends - best) <= 2.5]
    return float(np.median(close))


def _sharpened(encoded: NDArray[np.floating], row: float) -> float:
    """To a part of a pixel: where the mean over columns changes most."""
    rows = np.asarray(encoded, np.float64).mean(axis=(1, 2))
    low, high = max(1, int(row) - 4), min(len(rows) - 1, int(row) + 5)
    steps = np.abs(np.diff(rows[low - 1 : high]))
    if steps.sum() < 1e-9:
        return row
    weights = np.where(steps >= 0.5 * steps.max(), steps, 0)
    return float((weights * np.arange(low, low + len(steps))).sum() / weights.sum())


def _vanishing_row(encoded: NDArray[np.floating], sky: Mask) -> float | None:
    """Of lines that are neither level nor upright: the row of the point that most of them run through."""
    grey = np.asarray(encoded, np.float64).mean(axis=-1)
    every = max(1, grey.shape[1] // _WIDE_PX)
    small = _images.gaussian_filter(grey, 0.7 * every)[::every, ::every]
    dx, dy = _images.sobel(small, axis=1), _images.sobel(small, axis=0)
    strength = np.hypot(dx, dy)
    slant = np.abs(np.degrees(np.arctan2(dx, -dy)))  # of the line itself, from level
    slant = np.minimum(slant, 180.0 - slant)
    open_sky = _images.binary_dilation(sky[::every, ::every], iterations=3)
    usable = (slant > 6.0) & (slant < 75.0) & ~open_sky
    usable[:2], usable[-2:], usable[:, :2], usable[:, -2:] = False, False, False, False
    if usable.sum() < 200:
        return None
    least = np.sort(strength[usable])[-min(_LINES, int(usable.sum()))]
    rows, columns = np.nonzero(usable & (strength >= max(least, 0.05)))
    if len(rows) < 200:
        return None
    normal = np.stack((dx[rows, columns], dy[rows, columns])) / strength[rows, columns]
    offsets = normal[0] * columns + normal[1] * rows
    height, width = small.shape
    at_rows, at_columns = np.arange(0.15 * height, 0.85 * height, 1.0), np.arange(0.05 * width, 0.95 * width, 2.0)
    votes = np.zeros((len(at_rows), len(at_columns)))
    for index, row in enumerate(at_rows):
        off = normal[0][:, None] * at_columns + (normal[1] * row - offsets)[:, None]
        far = np.hypot(at_columns[None] - columns[:, None], row - rows[:, None])
        votes[index] = ((np.abs(off) < 1.0 + 0.01 * far) & (far > 0.06 * width)).sum(axis=0)
    smooth = _images.gaussian_filter(votes, 1.5)
    best = np.unravel_index(int(np.argmax(smooth)), smooth.shape)
    if smooth.max() < 2.2 * np.median(smooth) or smooth.max() < 0.12 * len(rows):
        return None
    return float((at_rows[best[0]] + 0.5) * every)


def tilt_deg(row_px: float, height_px: int, focal_px: float) -> float:
    """How far up the camera looks, by where its picture has the horizon."""
    return math.degrees(math.atan2(row_px - 0.5 * height_px, focal_px))
