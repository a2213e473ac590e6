"""What the rasteriser draws for: a pinhole with any centre, which is a film camera, a wall tile or a cube's face."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Quaternion, Vector, axes_matrix, matrix_from_quat, quat_from_pan_tilt_roll

Floats = NDArray[np.float64]

CUBE_FACES: tuple[tuple[str, float, float], ...] = (
    ("forward", 0.0, 0.0),
    ("right", -90.0, 0.0),
    ("back", 180.0, 0.0),
    ("left", 90.0, 0.0),
    ("up", 0.0, 90.0),
    ("down", 0.0, -90.0),
)
"""Name, pan (positive to the left) and tilt of each face's axis, degrees."""


class Camera(NamedTuple):
    """Pixel (column, row) of a point p: focal_px * (x / z, y / z) + centre_px with (x, y, z) = plane_from_stage @
    (p - position_m); x right, y down, z forward; the first pixel's centre is (0.5, 0.5)."""

    position_m: Vector
    plane_from_stage: Floats
    """[3, 3]."""
    focal_px: tuple[float, float]
    centre_px: tuple[float, float]
    size_px: tuple[int, int]
    """Width, height."""
    near_m: float = 0.05
    """Nothing nearer is drawn."""


def perspective(position_m: Vector, rotation_wxyz: Quaternion, width_deg: float, size_px: tuple[int, int]) -> Camera:
    """Square pixels, the axis in the middle; `rotation_wxyz` is stage_from_camera (Y forward)."""
    width, height = size_px
    focal = 0.5 * width / math.tan(0.5 * math.radians(width_deg))
    turn = (matrix_from_quat(rotation_wxyz) @ axes_matrix("stage", "opencv")).T
    return Camera(position_m, turn, (focal, focal), (0.5 * width, 0.5 * height), size_px)


def look(position_m: Vector, pan_deg: float, tilt_deg: float, width_deg: float, size_px: tuple[int, int]) -> Camera:
    """The same by pan (positive to the left) and tilt (up)."""
    return perspective(position_m, quat_from_pan_tilt_roll(pan_deg, tilt_deg, 0.0), width_deg, size_px)


def cube_faces(position_m: Vector, side_px: int) -> dict[str, Camera]:
    """Six cameras of 90 degrees that see everything."""
    return {name: look(position_m, pan, tilt, 90.0, (side_px, side_px)) for name, pan, tilt in CUBE_FACES}


def wall_tile(eye_m: Vector, corner_m: Vector, across_m: Vector, down_m: Vector, size_px: tuple[int, int]) -> Camera:
    """Off axis: the picture whose pixels are those of a flat rectangle of wall, seen from `eye_m`.

    `corner_m` is its top left corner as the eye sees it, `across_m` and `down_m` its edges, at right angles.
    ValueError where the eye lies in the wall's plane or behind it.
    """
    across, down = np.asarray(across_m, dtype=np.float64), np.asarray(down_m, dtype=np.float64)
    wide, high = float(np.linalg.norm(across)), float(np.linalg.norm(down))
    x, y = across / wide, down / high
    z = np.cross(x, y)
    to_corner = np.asarray(corner_m, dtype=np.float64) - np.asarray(eye_m, dtype=np.float64)
    far = float(to_corner @ z)
    if far <= 1e-6:
        raise ValueError(f"wall tile: the eye {eye_m} is {-far:.3f} m behind the wall's face")
    width, height = size_px
    focal = far * width / wide, far * height / high
    centre = -float(to_corner @ x) * width / wide, -float(to_corner @ y) * height / high
    return Camera(eye_m, np.stack((x, y, z)), focal, centre, size_px)
