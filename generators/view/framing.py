"""Which picture a camera's inner frustum needs: a pinhole, looking where the lens looks, that holds the whole view with
its margin, distortion undone."""

import numpy as np

from bridge.frames import (
    Quaternion,
    Vector,
    axes_matrix,
    matrix_from_quat,
    quat_from_matrix,
    quat_from_pan_tilt_roll,
)
from bridge.sight import Sight, stage_from_plane
from bridge.wall.frustum import view_outline
from bridge.wall.heard import SURROUND
from generators.camera import CUBE_FACES, Camera

_ROOM_UNIT = 0.01
"""Past the outline, so that the outermost pixels have neighbours."""


def of_sight(sight: Sight, margin_deg: float, width_px: int) -> Camera:
    """`width_px` wide, square pixels; even sizes."""
    edge = view_outline(sight, margin_deg)
    low, high = edge.min(axis=0), edge.max(axis=0)
    spare = _ROOM_UNIT * (high - low)
    low, high = low - spare, high + spare
    focal = width_px / float(high[0] - low[0])
    height_px = max(2, 2 * round(0.5 * focal * float(high[1] - low[1])))
    centre = (-float(low[0]) * focal, -float(low[1]) * focal)
    return Camera(sight.position_m, stage_from_plane(sight).T, (focal, focal), centre, (width_px, height_px))


def rotation_of(camera: Camera) -> Quaternion:
    """stage_from_camera, Y forward."""
    return quat_from_matrix(camera.plane_from_stage.T @ axes_matrix("opencv", "stage"))


def surround(viewpoint_m: Vector, side_px: int) -> list[tuple[str, Camera]]:
    """The six faces of a cube, under the subjects the walls look for; each a pixel wider than 90 degrees all round, so
    that bilinear samples never cross an edge."""
    found: list[tuple[str, Camera]] = []
    for name, pan_deg, tilt_deg in CUBE_FACES:
        turn = quat_from_pan_tilt_roll(pan_deg, tilt_deg, 0.0)
        focal, middle = 0.5 * side_px - 1.0, 0.5 * side_px
        plane = np.ascontiguousarray((matrix_from_quat(turn) @ axes_matrix("stage", "opencv")).T)
        camera = Camera(viewpoint_m, plane, (focal, focal), (middle, middle), (side_px, side_px))
        found.append((SURROUND + name, camera))
    return found
