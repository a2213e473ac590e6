"""Lens distortion both ways, and pixels to the normalised image plane.

The image plane is OpenCV's: x right, y down, one unit in front of the entrance pupil, undistorted or distorted.
Pixels count from the picture's top left corner, so the first pixel's centre is (0.5, 0.5).
"""

import functools
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.messages import Distortion, LensState

Floats = NDArray[np.float64]

_CONVERGED, _STEPS = 1e-10, 50  # quadratic: after a step this small the error is far below 1e-12
_INSIDE = 1.0 - 1e-12  # how near to the fold a Newton step may land
_TINY, _FARTHEST = 1e-300, 1e6
_BLOCK = 16384  # points solved together: what fits a core's cache


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
