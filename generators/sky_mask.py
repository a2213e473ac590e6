"""Where a picture shows sky: above a border, one row per column, that parts two even regions best.

First as Shen and Wang 2013 ("Sky region detection in a single image"): for each threshold the border is the first
strong gradient from the top; the best threshold leaves sky and ground with the least spread of colour in themselves.
Then, because clouds have edges too, each column is parted anew where two Gaussians of colour, the sky's and the
ground's, explain it best, and the Gaussians are taken again from that, until nothing moves.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs]

_images: Any = ndimage
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

_WIDE_PX = 320
_THRESHOLDS = np.geomspace(0.015, 0.6, 28)
_SKY_WEIGHS = 2.0
_RAGGED, _ENDLESS = 8.0, 3.0
"""Clouds give borders that jump from column to column; and somewhere there is ground."""
_GRAIN_WEIGHS = 3.0
"""Windows and leaves can have the sky's colours, but not its evenness."""
_ROUNDS, _MOST, _NOISE = 12, 6.0, 4e-4
"""Rounds of the second part; how much one pixel can say; variance that every colour has."""
_LEAST = 0.03
"""Of the picture's height: a border above that is no sky."""


def sky_of(encoded: NDArray[np.floating], lowest_row: float, *, far: Mask | None = None) -> Mask:
    """Of sRGB-encoded colours [H, W, 3]; rows from `lowest_row` on are none. `far`: what a depth model calls far."""
    picture = np.asarray(encoded, np.float64)
    height, width, _ = picture.shape
    every = max(1, round(width / _WIDE_PX))
    small = _images.gaussian_filter(picture, (0.5 * every, 0.5 * every, 0))[::every, ::every]
    border = _border(small, lowest_row / every)
    if border is None:
        return np.zeros((height, width), np.bool_)
    at = np.arange(len(border), dtype=np.float64) * every
    rows = np.interp(np.arange(width, dtype=np.float64), at, border * every)
    ends = np.minimum(_refined(picture, rows, every), lowest_row)
    sky: Mask = np.asarray(np.arange(height)[:, None] < ends, np.bool_)
    return sky if far is None else sky & far


def _border(small: Floats, lowest: float) -> Floats | None:
    """The first row [W] that is no sky any more; None where nothing looks like one."""
    grey = small @ (0.35, 0.4, 0.25)
    slope = np.hypot(_images.sobel(grey, axis=0), _images.sobel(grey, axis=1)) / 4
    slope[0] = 0
    best, found = 0.0, None
    for threshold in _THRESHOLDS:
        strong = slope > threshold
        first = np.where(strong.any(axis=0), strong.argmax(axis=0), len(small)).astype(np.float64)
        endless = float((first >= lowest).mean())
        first = np.minimum(first, np.floor(lowest))
        ragged = float(np.abs(np.diff(first)).mean()) / len(small)
        value = _parting(small, first) * np.exp(-_RAGGED * ragged - _ENDLESS * endless)
        if value > best:
            best, found = value, first
    if found is None or found.mean() < _LEAST * len(small):
        return None
    grain = _images.uniform_filter(slope, 5)[..., None] * _GRAIN_WEIGHS
    told = np.concatenate((small, grain), axis=2)
    found = max((_settled(told, start, lowest) for start in _starts(small, found)), key=lambda pair: pair[1])[0]
    return _median(found) if found.mean() >= _LEAST * len(small) and _looks_like_sky(small, found) else None


def _starts(small: Floats, first: Floats) -> tuple[Floats, Floats, Floats]:
    return first, np.full_like(first, 0.35 * len(small)), np.full_like(first, 0.6 * len(small))


def _settled(small: Floats, first: Floats, lowest: float) -> tuple[Floats, float]:
    """A border where each column is best explained, and how well that explains the whole."""
    total = -np.inf
    rows = np.arange(len(small))[:, None]
    for _ in range(_ROUNDS):
        above = rows < first
        if min(above.sum(), (~above).sum()) < 50:
            return first, -np.inf
        gain = np.clip(_likely(small, small[above]) - _likely(small, small[~above]), -_MOST, _MOST)
        sums = np.concatenate((np.zeros((1, gain.shape[1])), np.cumsum(gain, axis=0)))
        smooth = _images.gaussian_filter1d(sums, 1.0, axis=1)
        new = np.minimum(np.argmax(smooth, axis=0), np.floor(lowest)).astype(np.float64)
        above = rows < new
        if min(above.sum(), (~above).sum()) < 50:
            return first, -np.inf
        total = float(_likely(small, small[above])[above].sum() + _likely(small, small[~above])[~above].sum())
        if np.abs(new - first).max() < 0.5:
            break
        first = new
    return first, total


def _likely(small: Floats, of: Floats) -> Floats:
    """Log likelihood [H, W] of each colour under the Gaussian of some."""
    cov = np.cov(of.T) + _NOISE * np.eye(of.shape[1])
    off = small - of.mean(axis=0)
    distance = np.einsum("hwi,ij,hwj->hw", off, np.linalg.inv(cov), off)
    return -0.5 * (distance + np.linalg.slogdet(cov)[1])


def _parting(small: Floats, first: Floats) -> float:
    """Large where both sides of the border are even in themselves."""
    above = np.arange(len(small))[:, None] < first
    if above.sum() < 50 or (~above).sum() < 50:
        return 0.0
    spread = _spread(small[above]) * _SKY_WEIGHS + _spread(small[~above])
    return 1.0 / max(spread, 1e-12)


def _spread(colours: Floats) -> float:
    cov = np.cov(colours.T)
    return float(abs(np.linalg.det(cov)) ** (1 / 3) + np.linalg.eigvalsh(cov)[-1])


def _looks_like_sky(small: Floats, first: Floats) -> bool:
    """Bluer or brighter than what is below, or far more even: a night's."""
    above = np.arange(len(small))[:, None] < first
    up, down = small[above], small[~above]
    if not len(down):
        return True
    bluer = (up[:, 2] - up[:, 0]).mean() > (down[:, 2] - down[:, 0]).mean() + 0.02
    brighter = up.mean() > down.mean() + 0.03
    return bool(bluer or brighter or _spread(up) < 0.3 * _spread(down))


def _median(first: Floats) -> Floats:
    """Without single columns that a speck of cloud cut short."""
    return np.asarray(_images.median_filter(first, size=5, mode="nearest"))


def _refined(picture: Floats, rows: Any, every: int) -> Floats:
    """To the strongest step within the row of the small picture."""
    if every == 1:
        return rows
    grey = _images.gaussian_filter(picture @ (0.35, 0.4, 0.25), (0.7, 0.7))
    steps = np.abs(np.diff(grey, axis=0))
    reach = np.arange(-every - 1, every + 2)
    at = np.clip(rows.astype(int)[None, :] + reach[:, None], 0, len(steps) - 1)
    best: Any = at[np.argmax(np.take_along_axis(steps, at, axis=0), axis=0), np.arange(len(rows))]
    return best + 1.0
