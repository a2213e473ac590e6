"""The cameras round a performer as geometry: stage -> pixel and pixel -> image plane, distortion included."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.distortion import distort, undistort
from bridge.frames import Quaternion, Vector, axes_matrix, matrix_from_quat
from bridge.messages import Distortion

Floats = NDArray[np.float64]


class RigCamera(NamedTuple):
    """One calibrated camera. Pixels go right and down; the first pixel's centre is (0.5, 0.5)."""

    name: str
    size_px: tuple[int, int]
    """Width, height."""
    focal_px: tuple[float, float]
    centre_px: tuple[float, float]
    position_m: Vector
    """Of the entrance pupil, in the stage."""
    rotation_wxyz: Quaternion
    """stage_from_camera: X right, Y forward along the optical axis, Z up."""
    distortion: Distortion = Distortion()
    late_s: float = 0.0
    """Its pictures are labelled this much later than the rig's clock has them."""
    rms_px: float = 0.0
    """What the calibration left over in it."""


class Rig(NamedTuple):
    """Cameras calibrated together."""

    cameras: tuple[RigCamera, ...]
    rms_px: float = 0.0
    """Over all of them; 0: not measured. Robust weights are only earned by a good one."""


def plane_from_stage(camera: RigCamera) -> Floats:
    """[3, 4]: stage metres, homogeneous -> the image plane's axes (x right, y down, z forward), metres."""
    turn = (matrix_from_quat(camera.rotation_wxyz) @ axes_matrix("stage", "opencv")).T
    return np.column_stack((turn, -turn @ np.asarray(camera.position_m)))


def plane_from_pixel(camera: RigCamera, pixels: ArrayLike) -> Floats:
    """Undistorted image plane points [..., 2] of pixels [..., 2]; NaN beyond the lens's fold."""
    bent = (np.asarray(pixels, dtype=np.float64) - camera.centre_px) / camera.focal_px
    return undistort(camera.distortion, bent)


@np.errstate(all="ignore")
def project(camera: RigCamera, points_m: ArrayLike) -> Floats:
    """Pixels [..., 2] of stage points [..., 3]; NaN behind the camera or beyond the lens's fold."""
    points = np.asarray(points_m, dtype=np.float64)
    matrix = plane_from_stage(camera)
    seen = points @ matrix[:, :3].T + matrix[:, 3]
    plane = seen[..., :2] / seen[..., 2:]
    plane[~(seen[..., 2] > 0)] = np.nan
    return distort(camera.distortion, plane) * camera.focal_px + camera.centre_px
