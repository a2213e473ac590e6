"""From pixels to sight lines, compiled: straightened, weighed, and how far they pass what is expected."""

import math

import numpy as np

from bridge.compiled import compiled


@compiled
def straightened(x: float, y: float, table: np.ndarray, first: np.ndarray) -> tuple[float, float]:
    """One place, counted in cells from the first pixel, on the image plane: between the four nearest in the table."""
    x, y = x - first[0], y - first[1]
    column, row = min(max(int(x), 0), table.shape[1] - 2), min(max(int(y), 0), table.shape[0] - 2)
    u, v = x - column, y - row
    above_x = table[row, column, 0] * (1.0 - u) + table[row, column + 1, 0] * u
    above_y = table[row, column, 1] * (1.0 - u) + table[row, column + 1, 1] * u
    below_x = table[row + 1, column, 0] * (1.0 - u) + table[row + 1, column + 1, 0] * u
    below_y = table[row + 1, column, 1] * (1.0 - u) + table[row + 1, column + 1, 1] * u
    return above_x * (1.0 - v) + below_x * v, above_y * (1.0 - v) + below_y * v


@compiled
def straight(pixels: np.ndarray, cell_px: float, table: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Pixels [N, 2] on the image plane; NaN stays NaN."""
    out = np.full(pixels.shape, np.nan)
    for n in range(len(pixels)):
        x, y = pixels[n]
        if math.isfinite(x) and math.isfinite(y):
            out[n, 0], out[n, 1] = straightened(x / cell_px, y / cell_px, table, first)
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
