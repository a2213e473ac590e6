"""Walls painted from views of an environment, compiled: the twin of `bridge.wall.views.sampled`, a pixel at a time.

The loop is written out as in `bridge.wall.kernels.paint`: what both do for a pixel, as one function, makes them a third
slower, for a Shape of a dozen arrays is handed over at each.
"""

import math

import numpy as np

from bridge.compiled import compiled
from bridge.wall.frustum import DARK, OUTER, Inner
from bridge.wall.kernels import owner_of, point_at
from bridge.wall.shape import Shape
from bridge.wall.views import Painting, Views

Three = tuple[float, float, float]


@compiled
def light_of(view: Views, n: int, d: Three) -> Three:
    """Bilinear; NaN beyond the picture's edge."""
    m = view.plane_from_stage[n]
    z = m[2, 0] * d[0] + m[2, 1] * d[1] + m[2, 2] * d[2]
    if z <= 0.0:
        return math.nan, math.nan, math.nan
    x = view.focal_px[n, 0] * (m[0, 0] * d[0] + m[0, 1] * d[1] + m[0, 2] * d[2]) / z + view.centre_px[n, 0] - 0.5
    y = view.focal_px[n, 1] * (m[1, 0] * d[0] + m[1, 1] * d[1] + m[1, 2] * d[2]) / z + view.centre_px[n, 1] - 0.5
    width, height = view.size_px[n, 0], view.size_px[n, 1]
    if not (-0.5 <= x <= width - 0.5 and -0.5 <= y <= height - 0.5):
        return math.nan, math.nan, math.nan
    x, y = min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)
    left, top = min(int(x), width - 2), min(int(y), height - 2)
    fx, fy = x - left, y - top
    a, b, c, e = (1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy
    p, at = view.light, view.start[n] + top * width + left
    under = at + width
    return (
        p[at, 0] * a + p[at + 1, 0] * b + p[under, 0] * c + p[under + 1, 0] * e,
        p[at, 1] * a + p[at + 1, 1] * b + p[under, 1] * c + p[under + 1, 1] * e,
        p[at, 2] * a + p[at + 1, 2] * b + p[under, 2] * c + p[under + 1, 2] * e,
    )


@compiled
def _surround(painting: Painting, d: Three) -> Three:
    for n in range(len(painting.surround.start)):
        seen = light_of(painting.surround, n, d)
        if not math.isnan(seen[0]):
            return seen
    return math.nan, math.nan, math.nan


@compiled
def paint_views(
    shape: Shape,
    inner: Inner,
    painting: Painting,
    eye_peak: tuple[float, float, float, float],
    rows: tuple[int, int],
    light: np.ndarray,
    owners: np.ndarray,
) -> None:
    """As `bridge.wall.kernels.paint`; eye_peak: viewpoint and wall's peak. NaN where no view shows anything."""
    height, width = owners.shape
    gain, peak = painting.gain_unit, eye_peak[3]
    for row in range(rows[0], rows[1]):
        for column in range(width):
            p = point_at(shape, (column + 0.5) / width, (row + 0.5) / height)
            if math.isnan(p[0]):
                owners[row, column] = DARK
                light[row, column, 0] = light[row, column, 1] = light[row, column, 2] = 0.0
                continue
            c = owner_of(inner, p)
            ox, oy, oz = eye_peak[0], eye_peak[1], eye_peak[2]
            owners[row, column] = OUTER
            view = -1
            if c >= 0:
                ox, oy, oz = inner.pupil_m[c, 0], inner.pupil_m[c, 1], inner.pupil_m[c, 2]
                owners[row, column] = inner.camera[c]
                view = int(painting.row[inner.camera[c]])
            dx, dy, dz = p[0] - ox, p[1] - oy, p[2] - oz
            far = max(math.sqrt(dx * dx + dy * dy + dz * dz), 1e-9)
            d = (dx / far, dy / far, dz / far)
            seen = light_of(painting.inner, view, d) if view >= 0 else (math.nan, math.nan, math.nan)
            if math.isnan(seen[0]):
                seen = _surround(painting, d)
            light[row, column, 0] = min(seen[0] * gain, peak)
            light[row, column, 1] = min(seen[1] * gain, peak)
            light[row, column, 2] = min(seen[2] * gain, peak)
