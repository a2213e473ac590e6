"""Lenses: encoder counts to what the lens does, distortion both ways, and pixels to the normalised image plane.

The image plane is OpenCV's: x right, y down, one unit in front of the entrance pupil, undistorted or distorted.
Pixels count from the picture's top left corner, so the first pixel's centre is (0.5, 0.5).
"""

import functools
import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.messages import Distortion, LensState
from bridge.stage import LensPoint

Floats = NDArray[np.float64]

_CONVERGED, _STEPS = 1e-10, 50  # quadratic: after a step this small the error is far below 1e-12
_INSIDE = 1.0 - 1e-12  # how near to the fold a Newton step may land
_TINY, _FARTHEST = 1e-300, 1e6
_BLOCK = 16384  # points solved together: what fits a core's cache


# --- the lens table -----------------------------------------------------------------------------------------------

Values = tuple[float, ...]  # focal length mm, pupil m, 1 / focus distance m (nan: unknown), offset x y mm, k1 ... k6


class ZoomRow(NamedTuple):
    """One zoom position: its focus stops ascending, and the lens at each."""

    focuses_unit: tuple[float, ...]
    values: tuple[Values, ...]


class LensTable(NamedTuple):
    """A lens's points, sorted by zoom and then focus for `lens_at`."""

    zooms_unit: tuple[float, ...]
    rows: tuple[ZoomRow, ...]


def lens_table(points: Sequence[LensPoint]) -> LensTable:
    """Prepare points, in any order: a prime, a line, a grid, or other focus stops at each zoom.

    ValueError where there is no point, where two share a place, or where some of them do not know the focus distance.
    """
    if not points:
        raise ValueError("lens table: expected at least one point, got none")
    ordered = sorted(points, key=_place)
    for first, second in pairwise(ordered):
        if _place(first) == _place(second):
            raise ValueError(
                f"lens table: two points at zoom {_place(first)[0]:g}, focus {_place(first)[1]:g}; keep one"
            )
    if len({point.focus_distance_m is None for point in points}) > 1:
        raise ValueError("lens table: some points have a focus_distance_m and some have not; give it to all or to none")
    rows = [list(row) for _, row in groupby(ordered, key=lambda point: point.zoom_raw_unit)]
    return LensTable(
        tuple(row[0].zoom_raw_unit for row in rows),
        tuple(ZoomRow(tuple(point.focus_raw_unit for point in row), tuple(map(_values, row))) for row in rows),
    )


def _place(point: LensPoint) -> tuple[float, float]:
    return point.zoom_raw_unit, point.focus_raw_unit


def _values(point: LensPoint) -> Values:
    inverse = math.nan if point.focus_distance_m is None else 1.0 / point.focus_distance_m
    k = (*point.opencv_distortion_unit, *(0.0,) * 8)[:8]
    return (point.focal_length_mm, point.entrance_pupil_m, inverse, *point.projection_offset_mm, *k)


def lens_at(table: LensTable, zoom_raw: float, focus_raw: float) -> LensState:
    """The lens at these counts: linear along focus at the two neighbouring zooms, then linear along zoom.

    So every value is exact at its point and monotone between two; the focus distance is linear in 1/distance.
    Outside the table the nearest edge holds, nothing is extrapolated: `is_outside` says when.
    """
    zooms, rows = table
    above = bisect_right(zooms, zoom_raw)
    if above == 0 or above == len(zooms):
        near, far, s = _stops(rows[above and -1], focus_raw)
        return _state([a + (b - a) * s for a, b in zip(near, far, strict=True)])
    start = zooms[above - 1]
    t = (zoom_raw - start) / (zooms[above] - start)
    near, far, s = _stops(rows[above - 1], focus_raw)
    next_near, next_far, u = _stops(rows[above], focus_raw)
    quads = zip(near, far, next_near, next_far, strict=True)
    return _state([(v := a + (b - a) * s) + (c + (d - c) * u - v) * t for a, b, c, d in quads])


def _stops(row: ZoomRow, focus_raw: float) -> tuple[Values, Values, float]:
    """The two focus stops around a count, and how far it lies from the first to the second."""
    focuses, values = row
    above = bisect_right(focuses, focus_raw)
    if above == 0 or above == len(focuses):
        return values[above and -1], values[above and -1], 0.0
    start = focuses[above - 1]
    return values[above - 1], values[above], (focus_raw - start) / (focuses[above] - start)


def _state(values: Sequence[float]) -> LensState:
    focal, pupil, inverse, right, down, k1, k2, p1, p2, k3, k4, k5, k6 = values
    return LensState(
        focal_length_mm=focal,
        entrance_pupil_m=pupil,
        projection_offset_mm=(right, down),
        distortion=Distortion(k1, k2, p1, p2, k3, k4, k5, k6),
        focus_distance_m=None if inverse != inverse else 1.0 / inverse if inverse else math.inf,
    )


def is_outside(table: LensTable, zoom_raw: float, focus_raw: float) -> bool:
    """Whether `lens_at` holds an edge here. A lens with one zoom (or one focus stop) has no edge in that direction."""
    zooms, rows = table
    if len(zooms) > 1 and not zooms[0] <= zoom_raw <= zooms[-1]:
        return True
    above = bisect_right(zooms, zoom_raw)
    used = rows[max(above - 1, 0) : above + 1]
    return any(
        len(row.focuses_unit) > 1 and not row.focuses_unit[0] <= focus_raw <= row.focuses_unit[-1] for row in used
    )


# --- distortion ---------------------------------------------------------------------------------------------------


@np.errstate(all="ignore")
def distort(distortion: Distortion, xy: ArrayLike) -> Floats:
    """Undistorted -> distorted points [..., 2]: OpenCV's rational model with tangential terms.

    NaN from `fold_radius` outwards, where the model would show points of the far outside inside the picture.
    """
    points = np.asarray(xy, dtype=np.float64)
    if distortion == Distortion():
        return points.copy()
    x, y = points[..., 0], points[..., 1]
    bent = np.stack(opencv_model(distortion, x, y), axis=-1)
    bent[x * x + y * y >= fold_radius(distortion) ** 2] = np.nan
    return bent


@np.errstate(all="ignore")
def undistort(distortion: Distortion, xy: ArrayLike) -> Floats:
    """Distorted -> undistorted points [..., 2], to 1e-12: Newton's method inside `fold_radius`.

    NaN where no undistorted point within the fold leads to the distorted one.
    """
    target = np.asarray(xy, dtype=np.float64)
    if distortion == Distortion():
        return target.copy()
    goal, limit = target.reshape(-1, 2), fold_radius(distortion)
    points = np.empty_like(goal)
    for start in range(0, len(goal), _BLOCK):
        points[start : start + _BLOCK] = _undistort(distortion, goal[start : start + _BLOCK], limit)
    return points.reshape(target.shape)


def _undistort(distortion: Distortion, goal: Floats, limit: float) -> Floats:
    points = _newton(distortion, goal, limit)
    x, y = points.T
    error = np.hypot(*(np.stack(opencv_model(distortion, x, y), axis=-1) - goal).T)
    a, b, c = _jacobian(distortion, x, y)
    reached = (error <= 1e-12 * (1.0 + np.abs(goal).max(axis=-1))) & (a * c - b * b > 0) & (np.hypot(x, y) < limit)
    points[~reached] = np.nan
    return points


@functools.lru_cache(maxsize=1024)
def fold_radius(distortion: Distortion) -> float:
    """Undistorted radius at which the radial part stops growing and the picture folds over itself; inf if never."""
    up = np.array([1.0, distortion.k1_unit, distortion.k2_unit, distortion.k3_unit])
    down = np.array([1.0, distortion.k4_unit, distortion.k5_unit, distortion.k6_unit])
    order = np.arange(4.0)
    # d/dr of r up(r^2) / down(r^2), times down^2, as coefficients of s = r^2, lowest first. np.roots reads them highest
    # first: it then finds 1/s, and is not upset by tiny high coefficients, which only give roots near 0.
    slope = np.convolve(up * (1.0 + 2.0 * order), down) - np.convolve(up, 2.0 * order * down)
    inverse = np.concatenate((np.roots(slope), np.roots(down)))
    real = inverse.real[(np.abs(inverse.imag) <= 1e-9 * np.abs(inverse)) & (inverse.real > 1.0 / _FARTHEST**2)]
    return 1.0 / math.sqrt(real.max()) if real.size else math.inf


def _radial(d: Distortion, s: Floats) -> tuple[Floats, Floats]:
    """The radial factor at squared radius `s`, and its derivative by `s`."""
    up = 1.0 + s * (d.k1_unit + s * (d.k2_unit + s * d.k3_unit))
    down = 1.0 + s * (d.k4_unit + s * (d.k5_unit + s * d.k6_unit))
    up_slope = d.k1_unit + s * (2.0 * d.k2_unit + s * (3.0 * d.k3_unit))
    down_slope = d.k4_unit + s * (2.0 * d.k5_unit + s * (3.0 * d.k6_unit))
    factor = up / down
    return factor, (up_slope - factor * down_slope) / down


def opencv_model(d: Distortion, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The bare formula, valid or not beyond the fold: use `distort`."""
    s = x * x + y * y
    factor, _ = _radial(d, s)
    cross = 2.0 * x * y
    return (
        x * factor + d.p1_unit * cross + d.p2_unit * (s + 2.0 * x * x),
        y * factor + d.p1_unit * (s + 2.0 * y * y) + d.p2_unit * cross,
    )


def _jacobian(d: Distortion, x: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    """d(x')/dx, d(x')/dy = d(y')/dx, d(y')/dy: it is symmetric."""
    factor, slope = _radial(d, x * x + y * y)
    return (
        factor + 2.0 * x * x * slope + 2.0 * d.p1_unit * y + 6.0 * d.p2_unit * x,
        2.0 * x * y * slope + 2.0 * d.p1_unit * x + 2.0 * d.p2_unit * y,
        factor + 2.0 * y * y * slope + 6.0 * d.p1_unit * y + 2.0 * d.p2_unit * x,
    )


def _newton(distortion: Distortion, goal: Floats, limit: float) -> Floats:
    """Steps from the radial part's inverse, read off a table; a point that has arrived is left alone."""
    points = goal * _radial_guess(distortion, np.hypot(*goal.T), limit)[:, None]
    left = np.flatnonzero(np.isfinite(goal).all(axis=-1))
    for _ in range(_STEPS):
        x, y = points[left].T
        fx, fy = opencv_model(distortion, x, y)
        a, b, c = _jacobian(distortion, x, y)
        rx, ry, determinant = fx - goal[left, 0], fy - goal[left, 1], a * c - b * b
        step = np.stack(((c * rx - b * ry) / determinant, (a * ry - b * rx) / determinant), axis=-1)
        moved = points[left] - step
        radius = np.hypot(*moved.T)
        points[left] = moved * (np.minimum(radius, _INSIDE * limit) / np.maximum(radius, _TINY))[:, None]
        left = left[np.hypot(*step.T) > _CONVERGED * (1.0 + radius)]
        if not left.size:
            break
    return points


def _radial_guess(distortion: Distortion, radius: Floats, limit: float) -> Floats:
    """Undistorted over distorted radius, to about a millionth."""
    farthest = float(np.max(radius, initial=0.0, where=np.isfinite(radius)))
    tops: Floats = np.exp2(np.arange(1.0, 21.0))
    enough = (tops * _radial(distortion, tops * tops)[0] > farthest) | (tops > limit)
    top = float(tops[np.argmax(enough)]) if enough.any() else float(tops[-1])
    samples: Floats = np.linspace(0.0, min(top, _INSIDE * limit), 1024)
    found = np.interp(radius, samples * _radial(distortion, samples * samples)[0], samples)
    return found / np.maximum(radius, _TINY)


# --- pixels -------------------------------------------------------------------------------------------------------


def pixel_from_plane(
    lens: LensState, sensor_mm: tuple[float, float], resolution_px: tuple[int, int], xy: ArrayLike
) -> Floats:
    """Distorted plane points [..., 2] -> pixels [..., 2] (right, down; the first pixel's centre is 0.5, 0.5)."""
    sensor, offset = np.asarray(sensor_mm), np.asarray(lens.projection_offset_mm)
    return (0.5 + (np.asarray(xy) * lens.focal_length_mm + offset) / sensor) * np.asarray(resolution_px)


def plane_from_pixel(
    lens: LensState, sensor_mm: tuple[float, float], resolution_px: tuple[int, int], pixel: ArrayLike
) -> Floats:
    """The inverse of `pixel_from_plane`; follow it with `undistort` for a ray."""
    sensor, offset = np.asarray(sensor_mm), np.asarray(lens.projection_offset_mm)
    return ((np.asarray(pixel) / np.asarray(resolution_px) - 0.5) * sensor - offset) / lens.focal_length_mm
