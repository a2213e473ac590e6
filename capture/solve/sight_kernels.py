"""From pixels to sight lines, compiled: straightened, weighed, and how far they pass what is expected."""

import math

import numpy as np

from bridge.compiled import compiled


@compiled
def straight(pixels: np.ndarray, cell_px: float, table: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Pixels [N, 2] on the image plane, each between the four nearest of the table; NaN stays NaN.

    `table` [H, W, 2]: the image plane's place of every `cell_px`-th pixel; `first` [2]: the first cell's number.
    """
    out, last_x, last_y = np.empty(pixels.shape), table.shape[1] - 2, table.shape[0] - 2
    for n in range(len(pixels)):
        x, y = pixels[n, 0] / cell_px - first[0], pixels[n, 1] / cell_px - first[1]
        known = math.isfinite(x) and math.isfinite(y)
        column = min(max(int(x), 0), last_x) if known else 0
        row = min(max(int(y), 0), last_y) if known else 0
        u, v = (x - column, y - row) if known else (np.nan, np.nan)
        for i in range(2):
            above = table[row, column, i] * (1.0 - u) + table[row, column + 1, i] * u
            below = table[row + 1, column, i] * (1.0 - u) + table[row + 1, column + 1, i] * u
            out[n, i] = above * (1.0 - v) + below * v
    return out


@compiled
def weighed(pixels: np.ndarray, weight: np.ndarray, size_px: tuple[float, float], border: float) -> None:
    """Weights less what lies beyond the picture's border, where a detector only guesses; NaN weighs nothing."""
    wide = border * max(size_px[0], size_px[1])
    for n in range(len(pixels)):
        x, y = pixels[n]
        if math.isfinite(x) and math.isfinite(y):
            out = max(max(-x, x - size_px[0]), max(-y, y - size_px[1]), 0.0)
            weight[n] *= min(max(1.0 - out / wide, 0.0), 1.0)
        else:
            weight[n] = 0.0


@compiled
def spread(pixels: np.ndarray) -> float:
    """How far points [N, 2] reach, right or down, whichever is more; NaN counts for nothing, and of nothing it is 0."""
    low_x, low_y, high_x, high_y = np.inf, np.inf, -np.inf, -np.inf
    for n in range(len(pixels)):
        x, y = pixels[n]
        # A comparison with NaN is false.
        low_x, high_x = x if x < low_x else low_x, x if x > high_x else high_x
        low_y, high_y = y if y < low_y else low_y, y if y > high_y else high_y
    return max(high_x - low_x, high_y - low_y, 0.0)


@compiled
def rays(plane: np.ndarray, shown: np.ndarray, least: float, turn: np.ndarray) -> np.ndarray:
    """Unit rays [N, 3] in the stage of plane points [N, 2]; NaN where less than `least` is shown of it.

    `turn` [3, 3]: image plane from stage.
    """
    out = np.empty((len(plane), 3))
    for n in range(len(plane)):
        square = 0.0
        for i in range(3):
            out[n, i] = plane[n, 0] * turn[0, i] + plane[n, 1] * turn[1, i] + turn[2, i]
            square += out[n, i] * out[n, i]
        size = math.sqrt(square) if shown[n] >= least else np.nan
        for i in range(3):
            out[n, i] /= size
    return out


@compiled
def aside(centre: np.ndarray, rays: np.ndarray, points: np.ndarray, out: np.ndarray) -> None:
    """Into out [N] how far each ray [N, 3] from `centre` passes its point [N, 3]; NaN where either is unknown."""
    for n in range(len(rays)):
        square = 0.0
        for i in range(3):
            j, k = (i + 1) % 3, (i + 2) % 3
            cross = (points[n, j] - centre[j]) * rays[n, k] - (points[n, k] - centre[k]) * rays[n, j]
            square += cross * cross
        out[n] = math.sqrt(square)


@compiled
def apart(between: np.ndarray, a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """Into out [N] how far the rays of two pass each other, their centres so far apart; NaN for those nearly level."""
    for n in range(len(a)):
        square, along = 0.0, 0.0
        for i in range(3):
            j, k = (i + 1) % 3, (i + 2) % 3
            cross = a[n, j] * b[n, k] - a[n, k] * b[n, j]
            square += cross * cross
            along += cross * between[i]
        size = math.sqrt(square)
        out[n] = abs(along) / size if size > 0.1 else np.nan
