"""Whether photos show sky: bright, smooth and no redder than blue, at the top, where nothing can be recognised."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_CELLS = (6, 12)
_UPPER = 0.4
_SMOOTH_UNIT, _BRIGHT_UNIT = 0.05, 0.35
_CELLS_NEEDED, _PHOTOS_NEEDED = 0.15, 0.25


def shows_sky(pictures: Sequence[NDArray[np.float32]], seen_unit: Sequence[NDArray[np.float64]]) -> bool:
    """Pictures [H, W, 3], encoded, and the places in each that were recognised [n, 2], shares of width and height."""
    shares = [_sky_share(picture, seen) for picture, seen in zip(pictures, seen_unit, strict=True)]
    return float(np.mean(np.array(shares) > _CELLS_NEEDED)) >= _PHOTOS_NEEDED


def _sky_share(picture: NDArray[np.float32], seen: NDArray[np.float64]) -> float:
    """Of the picture's upper part."""
    rows, columns = _CELLS
    upper = picture[: max(rows, int(_UPPER * len(picture)))]
    height, width = len(upper) // rows, upper.shape[1] // columns
    cells = upper[: height * rows, : width * columns].reshape(rows, height, columns, width, 3)
    mean, spread = cells.mean(axis=(1, 3)), cells.std(axis=(1, 3)).max(axis=-1)
    sky = (spread < _SMOOTH_UNIT) & (mean.mean(axis=-1) > _BRIGHT_UNIT) & (mean[..., 2] >= 0.97 * mean[..., 0])
    above = seen[seen[:, 1] < _UPPER]
    at = (above / (1.0, _UPPER) * (columns, rows)).astype(int)
    sky[np.clip(at[:, 1], 0, rows - 1), np.clip(at[:, 0], 0, columns - 1)] = False
    return float(sky.mean())
