"""A lens as twelve numbers that a solver can turn: focal length, centre, OpenCV's eight coefficients, pixel shape.

In pixels of the picture; `point_of` says the same as a row of the stage file. Points are in the camera's OpenCV axes.
"""

import math

import numpy as np
from numpy.typing import NDArray

from bridge.distortion import fold_radius, undistort
from bridge.messages import Distortion
from bridge.sight import border_px
from bridge.stage import LensPoint

Floats = NDArray[np.float64]

FOCAL, ACROSS, DOWN, BENT, SHAPE = 0, 1, 2, 3, 11
"""Where in the vector: log of the focal length across, centre x and y, the first of eight coefficients, log of the
focal length down over that across."""
SIZE = 12
CENTRE = (FOCAL, ACROSS, DOWN)
K1, K2, P1, P2, K3, K4, K5, K6 = range(BENT, BENT + 8)
LADDER: tuple[tuple[int, ...], ...] = (
    (),
    (K1,),
    (K1, K2),
    (K1, K2, P1, P2),
    (K1, K2, P1, P2, K3),
    (K1, K2, P1, P2, K3, K4, K5, K6),
)
"""Distortions to choose from, simplest first."""
_SIGMA = (math.inf, math.nan, math.nan, 1.0, 2.0, 0.02, 0.02, 4.0, 1.0, 2.0, 4.0, math.inf)
_CENTRE_SHARE = 0.03
_FOLD_ROOM = 1.05

Lens = Floats
"""[12]."""


def start(focal_px: float, resolution_px: tuple[int, int], shape: float) -> Lens:
    """A lens without distortion, centred; `shape` is the focal length down over that across, in pixels."""
    lens = np.zeros(SIZE)
    lens[[FOCAL, ACROSS, DOWN, SHAPE]] = math.log(focal_px), resolution_px[0] / 2, resolution_px[1] / 2, math.log(shape)
    return lens


def beliefs(resolution_px: tuple[int, int]) -> tuple[Floats, Floats]:
    """What any lens is like before it is seen: values and sigmas [12]; they only matter where shots say nothing."""
    sigma = np.array(_SIGMA)
    sigma[[ACROSS, DOWN]] = _CENTRE_SHARE * resolution_px[0]
    return start(1.0, resolution_px, 1.0), sigma


def distortion_of(lens: Lens) -> Distortion:
    """The coefficients."""
    return Distortion(*(float(k) for k in lens[BENT:SHAPE]))


def project(lenses: Floats, points: Floats) -> Floats:
    """Pixels [n, 2] of points [n, 3] before the camera, each through its lens [n, 12]."""
    x, y = points[:, 0] / points[:, 2], points[:, 1] / points[:, 2]
    k1, k2, p1, p2, k3, k4, k5, k6 = lenses[:, BENT:SHAPE].T
    s, cross = x * x + y * y, 2.0 * x * y
    factor = (1.0 + s * (k1 + s * (k2 + s * k3))) / (1.0 + s * (k4 + s * (k5 + s * k6)))
    fx = np.exp(lenses[:, FOCAL])
    fy = fx * np.exp(lenses[:, SHAPE])
    bent_x = x * factor + p1 * cross + p2 * (s + 2.0 * x * x)
    bent_y = y * factor + p1 * (s + 2.0 * y * y) + p2 * cross
    return np.stack((lenses[:, ACROSS] + fx * bent_x, lenses[:, DOWN] + fy * bent_y), axis=1)


def slopes(lenses: Floats, points: Floats) -> tuple[Floats, Floats]:
    """How the pixels change: by the lens [n, 2, 12] and by the point [n, 2, 3]."""
    z = points[:, 2]
    x, y = points[:, 0] / z, points[:, 1] / z
    k1, k2, p1, p2, k3, k4, k5, k6 = lenses[:, BENT:SHAPE].T
    s, cross = x * x + y * y, 2.0 * x * y
    up, down = 1.0 + s * (k1 + s * (k2 + s * k3)), 1.0 + s * (k4 + s * (k5 + s * k6))
    factor = up / down
    slope = (k1 + s * (2 * k2 + s * 3 * k3) - factor * (k4 + s * (2 * k5 + s * 3 * k6))) / down
    fx = np.exp(lenses[:, FOCAL])
    focal = np.stack((fx, fx * np.exp(lenses[:, SHAPE])), axis=1)
    bent = np.stack((x * factor + p1 * cross + p2 * (s + 2 * x * x), y * factor + p1 * (s + 2 * y * y) + p2 * cross), 1)
    by_lens = np.zeros((len(points), 2, SIZE))
    by_lens[:, :, FOCAL] = focal * bent
    by_lens[:, 0, ACROSS] = by_lens[:, 1, DOWN] = 1.0
    by_lens[:, 1, SHAPE] = focal[:, 1] * bent[:, 1]
    xy = np.stack((x, y), axis=1)
    for column, term in ((K1, s), (K2, s * s), (K3, s**3)):
        by_lens[:, :, column] = focal * xy * (term / down)[:, None]
    for column, term in ((K4, s), (K5, s * s), (K6, s**3)):
        by_lens[:, :, column] = -focal * xy * (factor * term / down)[:, None]
    by_lens[:, :, P1] = focal * np.stack((cross, s + 2 * y * y), axis=1)
    by_lens[:, :, P2] = focal * np.stack((s + 2 * x * x, cross), axis=1)
    a = factor + 2 * x * x * slope + 2 * p1 * y + 6 * p2 * x
    b = 2 * x * y * slope + 2 * p1 * x + 2 * p2 * y
    c = factor + 2 * y * y * slope + 6 * p1 * y + 2 * p2 * x
    by_xy = np.stack((np.stack((a, b), 1), np.stack((b, c), 1)), axis=1) * focal[:, :, None]
    by_point = np.concatenate((by_xy, -(by_xy @ xy[:, :, None])), axis=2) / z[:, None, None]
    return by_lens, by_point


def plane(lens: Lens, pixels: Floats) -> Floats:
    """Points [n, 2] of the distorted image plane."""
    fx = math.exp(lens[FOCAL])
    return (pixels - lens[[ACROSS, DOWN]]) / np.array([fx, fx * math.exp(lens[SHAPE])])


def folds_inside(lens: Lens, resolution_px: tuple[int, int]) -> bool:
    """Whether the picture, or a rim a little wider, reaches where the distortion folds over itself."""
    straight = undistort(distortion_of(lens), _FOLD_ROOM * plane(lens, border_px(resolution_px, 16)))
    fold = fold_radius(distortion_of(lens))
    return bool(np.isnan(straight).any() or np.hypot(*straight.T).max() * _FOLD_ROOM > fold)


def corners_px(resolution_px: tuple[int, int]) -> Floats:
    """Of the picture [4, 2]."""
    width, height = resolution_px
    return np.array([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)])


def point_of(lens: Lens, sensor_mm: tuple[float, float], resolution_px: tuple[int, int], kept: LensPoint) -> LensPoint:
    """The lens as a row of the stage file; counts, pupil and focus distance are those of `kept`."""
    focal_mm = math.exp(lens[FOCAL]) * sensor_mm[0] / resolution_px[0]
    right, down = (lens[[ACROSS, DOWN]] / np.array(resolution_px) - 0.5) * np.array(sensor_mm)
    bent = [float(k) for k in lens[BENT:SHAPE]]
    while bent and bent[-1] == 0.0:
        bent.pop()
    return LensPoint(
        zoom_raw_unit=kept.zoom_raw_unit,
        focus_raw_unit=kept.focus_raw_unit,
        focal_length_mm=round(focal_mm, 5),
        entrance_pupil_m=kept.entrance_pupil_m,
        focus_distance_m=kept.focus_distance_m,
        projection_offset_mm=(round(float(right), 5), round(float(down), 5)),
        opencv_distortion_unit=tuple(round(k, 7) for k in bent),
    )


def lens_of(point: LensPoint, sensor_mm: tuple[float, float], resolution_px: tuple[int, int]) -> Lens:
    """The inverse of `point_of`."""
    lens = np.zeros(SIZE)
    scale = np.array(resolution_px) / np.array(sensor_mm)
    lens[FOCAL] = math.log(point.focal_length_mm * scale[0])
    lens[[ACROSS, DOWN]] = (0.5 + np.array(point.projection_offset_mm) / np.array(sensor_mm)) * np.array(resolution_px)
    lens[BENT:SHAPE] = (*point.opencv_distortion_unit, *(0.0,) * 8)[:8]
    lens[SHAPE] = math.log(scale[1] / scale[0])
    return lens
