"""A wall's own numbers as one rigid placement, and back: what a calibration may move, and how a stage file says it.

`stage_from_wall` has its origin where the stage file counts from (a rectangle's middle, an arc's axis, a mesh's own
origin). An arc and a ceiling stand upright or level by definition, so they turn about the vertical only.
"""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from bridge.frames import (
    Quaternion,
    Vector,
    matrix_from_quat,
    pan_tilt_roll_from_quat,
    quat_from_matrix,
    quat_from_pan_tilt_roll,
)
from bridge.stage_walls import Angles, AnyWall, ArcWall, CeilingWall, FlatWall, MeshWall
from bridge.tracking import Rigid

Floats = NDArray[np.float64]

DIGITS = 7
"""A ten-millionth of a metre or degree: what is written changes nothing that anybody can see."""


def placement(wall: AnyWall) -> Rigid:
    """stage_from_wall, as the stage file has it."""
    match wall:
        case FlatWall():
            return wall.centre_m, quat_from_pan_tilt_roll(*wall.pan_tilt_roll_deg)
        case CeilingWall():
            return wall.centre_m, quat_from_pan_tilt_roll(wall.pan_deg, 90.0, 0.0)
        case ArcWall():
            return wall.centre_m, quat_from_pan_tilt_roll(wall.middle_deg, 0.0, 0.0)
        case MeshWall():
            return wall.position_m, quat_from_pan_tilt_roll(*wall.pan_tilt_roll_deg)


def turns_freely(wall: AnyWall) -> bool:
    """Whether it may be turned about any axis, and not the vertical only."""
    return isinstance(wall, FlatWall | MeshWall)


def placed(wall: AnyWall, stage_from_wall: Rigid) -> AnyWall:
    """The same wall there. What its kind cannot say, the tilt of a ceiling for one, is left out."""
    position, rotation = rounded(stage_from_wall[0]), stage_from_wall[1]
    match wall:
        case FlatWall():
            turned = angles(rotation, wall.pan_tilt_roll_deg)
            return msgspec.structs.replace(wall, centre_m=position, pan_tilt_roll_deg=turned)
        case CeilingWall():
            return msgspec.structs.replace(wall, centre_m=position, pan_deg=_pan(rotation, wall.pan_deg))
        case ArcWall():
            return msgspec.structs.replace(wall, centre_m=position, middle_deg=_pan(rotation, wall.middle_deg))
        case MeshWall():
            turned = angles(rotation, wall.pan_tilt_roll_deg)
            return msgspec.structs.replace(wall, position_m=position, pan_tilt_roll_deg=turned)


# --- numbers as files have them -----------------------------------------------------------------------------------


def rounded(values: Vector) -> Vector:
    """Without digits nobody can measure; never -0.0."""
    x, y, z = (round(float(value), DIGITS) + 0.0 for value in values)
    return x, y, z


def angles(rotation: Quaternion, like_deg: Angles) -> Angles:
    """Pan, tilt, roll of a rotation, of all ways to say it the one nearest to how it was said.

    A floor that is not quite level has pans and rolls far from 0 that undo each other: no way round it.
    """
    pan, tilt, roll = pan_tilt_roll_from_quat(rotation)
    over = math.copysign(180.0, tilt) - tilt
    ways = [(near(p, like_deg[0]), t, near(r, like_deg[2])) for p, t, r in _both((pan, tilt, roll), over)]
    return rounded(min(ways, key=lambda way: math.dist(way, like_deg)))


def _both(way: Angles, over_deg: float) -> tuple[Angles, Angles]:
    """The same rotation, and said by tilting over the top."""
    return way, (way[0] + 180.0, over_deg, way[2] + 180.0)


def near(angle_deg: float, like_deg: float) -> float:
    """The same direction, counted in the same turn."""
    return angle_deg + 360.0 * round((like_deg - angle_deg) / 360.0)


def _pan(rotation: Quaternion, like_deg: float) -> float:
    """Of a rotation about the vertical, after which a ceiling may be tilted: where its X axis points."""
    right = matrix_from_quat(rotation)[:, 0]
    return round(near(math.degrees(math.atan2(right[1], right[0])), like_deg), DIGITS) + 0.0


# --- rigid transforms as matrices ----------------------------------------------------------------------------------


def matrix_of(rigid: Rigid) -> tuple[Floats, Floats]:
    """Rotation [3, 3] and position [3]."""
    return matrix_from_quat(rigid[1]), np.array(rigid[0], dtype=np.float64)


def rigid_of(rotation: Floats, position: Floats) -> Rigid:
    """The inverse of `matrix_of`."""
    x, y, z = (float(value) for value in position)
    return (x, y, z), quat_from_matrix(rotation)
