"""Where a picture shows sky: bright or blue, smooth, and reaching down from the top.

Works on what the eye would go by (colour, grain, height over the horizon); a depth model's word, where there is one,
settles what is left.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

_images: Any = ndimage

Mask = NDArray[np.bool_]
Floats32 = NDArray[np.float32]

_GRAIN, _STRONG = 0.045, 0.10
"""Gradient (of encoded colour over a pixel of a picture 512 wide) that clouds stay below, and that ends the sky."""


def sky_of(encoded: NDArray[np.floating], horizon_row: float, *, far: Mask | None = None) -> Mask:
    """Of sRGB-encoded colours [H, W, 3]; rows from `horizon_row` on are none. `far`: what a depth model calls far."""
    picture = _images.gaussian_filter(np.asarray(encoded, np.float32), (0.8, 0.8, 0))
    height, width, _ = picture.shape
    slope = np.maximum(np.abs(np.gradient(picture, axis=0)), np.abs(np.gradient(picture, axis=1))).max(axis=-1)
    slope = slope * width / 512.0
    calm = _images.uniform_filter(slope, 5) < _GRAIN
    seed = calm.copy()
    seed[int(max(1, min(horizon_row, height) * 0.9)) :] = False
    rows = np.arange(height)[:, None]
    open_to = (slope < _STRONG) & _skyish(picture, seed & (rows < max(2.0, 0.35 * horizon_row))) & (rows < horizon_row)
    if far is not None:
        open_to &= far
    return _from_the_top(open_to & calm | open_to & _images.binary_dilation(calm & open_to, iterations=2))


def _skyish(picture: Floats32, sure: Mask) -> Mask:
    """Like what is at the top, or on the way from there to white or to the horizon's glow; bluish or bright."""
    if sure.sum() < 16:
        return np.zeros(sure.shape, np.bool_)
    rows = np.arange(len(picture))[:, None] / len(picture)
    bright = picture.mean(axis=-1)
    columns = np.flatnonzero(sure.any(axis=0))
    top = np.median(picture[sure], axis=0)
    spread = np.abs(picture[sure] - top).mean() + 0.02
    near = np.abs(picture - top).max(axis=-1) < 0.12 + 3 * spread + 0.4 * rows
    brighter = bright > top.mean() - 0.03
    blue = (picture[..., 2] >= picture[..., 0] - 0.02) & (picture[..., 2] > picture[..., 1] - 0.06)
    warm = brighter & (picture[..., 0] >= picture[..., 2])
    return (near | (blue & brighter) | warm) & bool(len(columns))


def _from_the_top(open_to: Mask) -> Mask:
    """What is joined to the upper edge, with small holes closed."""
    labels, _ = _images.label(open_to)
    upper = np.unique(labels[: max(2, len(open_to) // 40)])
    sky = np.isin(labels, upper[upper > 0])
    closed = _images.binary_closing(np.pad(sky, ((3, 0), (0, 0)), constant_values=True), iterations=2)[3:]
    return closed | sky
