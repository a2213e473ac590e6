"""A camera at one moment as geometry: pixel -> ray and ray -> pixel, distortion included."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.distortion import distort, pixel_from_plane, plane_from_pixel, undistort
from bridge.frames import Quaternion, Vector, axes_matrix, matrix_from_quat
from bridge.messages import CameraPose, LensState

Floats = NDArray[np.float64]


class Sight(NamedTuple):
    """Where the entrance pupil is, where it looks, and through what."""

    position_m: Vector
    rotation_wxyz: Quaternion
    """stage_from_camera: X right, Y forward, Z up."""
    lens: LensState
    sensor_mm: tuple[float, float]
    resolution_px: tuple[int, int]


def sight_of(pose: CameraPose, resolution_px: tuple[int, int], *, measured: bool = False) -> Sight:
    """What a pose sees: as the wall draws it, or as it was measured."""
    position = pose.measured_position_m if measured else pose.position_m
    rotation = pose.measured_rotation_wxyz if measured else pose.rotation_wxyz
    lens = pose.lens_measured if measured else pose.lens
    return Sight(position, rotation, lens, pose.sensor_mm, resolution_px)


def stage_from_plane(sight: Sight) -> Floats:
    """Rotation [3, 3]: the image plane's axes (x right, y down, z forward) in the stage."""
    return matrix_from_quat(sight.rotation_wxyz) @ axes_matrix("stage", "opencv")


def rays(sight: Sight, pixels: ArrayLike) -> Floats:
    """Unit directions [n, 3] in the stage of pixels [n, 2] (right, down; the first pixel's centre is 0.5, 0.5)."""
    plane = undistort(sight.lens.distortion, plane_from_pixel(sight.lens, sight.sensor_mm, sight.resolution_px, pixels))
    directions = np.concatenate((plane, np.ones((len(plane), 1))), axis=1) @ stage_from_plane(sight).T
    return directions / np.linalg.norm(directions, axis=1, keepdims=True)


@np.errstate(all="ignore")
def project(sight: Sight, directions: ArrayLike) -> Floats:
    """Pixels [n, 2] of directions [n, 3] from the entrance pupil; NaN behind the camera or beyond the lens's fold."""
    x, y, z = (np.asarray(directions, dtype=np.float64) @ stage_from_plane(sight)).T
    plane = np.stack((x / z, y / z), axis=1)
    plane[~(z > 0)] = np.nan
    bent = distort(sight.lens.distortion, plane)
    return pixel_from_plane(sight.lens, sight.sensor_mm, sight.resolution_px, bent)


def focal_px(sight: Sight) -> float:
    """Pinhole focal length in pixels, across."""
    return sight.lens.focal_length_mm / sight.sensor_mm[0] * sight.resolution_px[0]


def grid_px(resolution_px: tuple[int, int], columns: int) -> Floats:
    """Pixels [n, 2] spread evenly over a picture, `columns` across, the outermost half a step from the edges."""
    width, height = resolution_px
    rows = max(1, round(columns * height / width))
    x, y = (np.arange(columns) + 0.5) / columns * width, (np.arange(rows) + 0.5) / rows * height
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def border_px(resolution_px: tuple[int, int], steps: int) -> Floats:
    """Points [4 * steps, 2] round a picture's edge, clockwise from the top left corner."""
    width, height = resolution_px
    s, zero, one = np.arange(steps) / steps, np.zeros(steps), np.ones(steps)
    sides = ((s, zero), (one, s), (1 - s, one), (zero, 1 - s))
    return np.concatenate([np.stack(side, axis=1) for side in sides]) * np.array([width, height])
