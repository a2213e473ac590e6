"""Coordinate frames as data, and the only file that knows an axis flip, a change of handedness or a x100.

A frame is three letters, where its +X, +Y and +Z point as the camera operator sees it
(R right, L left, F forward, B back, U up, D down), and how many metres one of its units is.
Inside Cyclorama everything is in the `stage` frame, which is OpenTrackIO's: RFU, metres, quaternions wxyz.

Rotations by name: pan, tilt, roll are intrinsic Z-X-Y, R = Rz(pan) Rx(tilt) Ry(roll), right-hand rule, so
pan is positive to the LEFT, tilt up, roll clockwise seen from behind (OpenTrackIO 1.0.1, clip.py).
FreeD and Unreal count pan positive to the RIGHT; the functions that end in their names are the outer walls.

The scalar functions take and return plain tuples: they are the live path, called thousands of times a second.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # a third of the live path's import time: the array functions fetch it when they are called
    import numpy as np
    from numpy.typing import NDArray

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]  # wxyz, unit length

IDENTITY: Quaternion = (1.0, 0.0, 0.0, 0.0)


class Frame(NamedTuple):
    """Where a frame's axes point, and the length of its unit."""

    axes: str
    metres_per_unit: float


FRAMES: dict[str, Frame] = {
    "stage": Frame("RFU", 1.0),
    "freed": Frame("RFU", 0.001),
    "mosys_f4": Frame("RFU", 0.01),
    "opencv": Frame("RDF", 1.0),
    "opengl": Frame("RUB", 1.0),
    "unreal": Frame("FRU", 0.01),
    "unity": Frame("RUF", 1.0),
    "unity_model": Frame("LUB", 1.0),
    "bvh": Frame("RUB", 0.01),
    "trc": Frame("RUB", 0.001),
    "psn": Frame("RUF", 1.0),
    "mediapipe": Frame("RUB", 0.01),
    "makehuman": Frame("RUB", 0.1),
}

_DIRECTION: dict[str, Vector] = {
    "R": (1, 0, 0),
    "L": (-1, 0, 0),
    "F": (0, 1, 0),
    "B": (0, -1, 0),
    "U": (0, 0, 1),
    "D": (0, 0, -1),
}


def axes_matrix(target: str, source: str) -> NDArray[np.float64]:
    """`target_from_source` for directions: 3x3 signed permutation, no scale. Determinant -1 changes handedness."""
    return _stage_from(target).T @ _stage_from(source)


def scale(target: str, source: str) -> float:
    """How many target units one source unit is."""
    return _frame(source).metres_per_unit / _frame(target).metres_per_unit


def convert_positions(positions: NDArray[np.float64], target: str, source: str) -> NDArray[np.float64]:
    """Positions [..., 3] from one frame's units and axes into another's."""
    return positions @ (axes_matrix(target, source).T * scale(target, source))


def convert_rotation(rotation: NDArray[np.float64], target: str, source: str) -> NDArray[np.float64]:
    """Rotation matrices [..., 3, 3] conjugated by the axes: the same turn, told in the other frame."""
    axes = axes_matrix(target, source)
    return axes @ rotation @ axes.T


def _frame(name: str) -> Frame:
    try:
        return FRAMES[name]
    except KeyError:
        raise ValueError(f"unknown frame {name!r}; known: {', '.join(FRAMES)}") from None


def _stage_from(name: str) -> NDArray[np.float64]:
    import numpy as np

    return np.array([_DIRECTION[letter] for letter in _frame(name).axes], dtype=np.float64).T


# --- quaternions wxyz, scalar ---------------------------------------------------------------------------------


def quat_multiply(a: Quaternion, b: Quaternion) -> Quaternion:
    """Hamilton product: `a_from_c = quat_multiply(a_from_b, b_from_c)`."""
    aw, ax, ay, az = a
    bw, bx, by, bz = b
    return (
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    )


def quat_inverse(q: Quaternion) -> Quaternion:
    """The inverse of a unit quaternion (its conjugate)."""
    return (q[0], -q[1], -q[2], -q[3])


def quat_rotate(q: Quaternion, v: Vector) -> Vector:
    """`v` told in the frame that `q` leads to."""
    w, x, y, z = q
    vx, vy, vz = v
    tx, ty, tz = 2.0 * (y * vz - z * vy), 2.0 * (z * vx - x * vz), 2.0 * (x * vy - y * vx)
    return (vx + w * tx + y * tz - z * ty, vy + w * ty + z * tx - x * tz, vz + w * tz + x * ty - y * tx)


def quat_normalise(q: Quaternion) -> Quaternion:
    """Unit length again. ValueError for a zero or non-finite quaternion."""
    norm = math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    if not 1e-12 < norm < math.inf:
        raise ValueError(f"not a rotation: quaternion {q} has length {norm}")
    return (q[0] / norm, q[1] / norm, q[2] / norm, q[3] / norm)


def quat_from_rotation_vector(v_rad: Vector) -> Quaternion:
    """Exponential map: axis times angle in radians -> unit quaternion."""
    angle = math.sqrt(v_rad[0] * v_rad[0] + v_rad[1] * v_rad[1] + v_rad[2] * v_rad[2])
    half_sinc = 0.5 - angle * angle / 48.0 if angle < 1e-4 else math.sin(0.5 * angle) / angle
    return (math.cos(0.5 * angle), v_rad[0] * half_sinc, v_rad[1] * half_sinc, v_rad[2] * half_sinc)


def rotation_vector_from_quat(q: Quaternion) -> Vector:
    """Logarithm: the shortest axis-angle (radians, length <= pi) of a unit quaternion."""
    w, x, y, z = q if q[0] >= 0.0 else (-q[0], -q[1], -q[2], -q[3])
    sine = math.sqrt(x * x + y * y + z * z)
    factor = 2.0 if sine < 1e-9 else 2.0 * math.atan2(sine, w) / sine
    return (x * factor, y * factor, z * factor)


def quat_angle_rad(a: Quaternion, b: Quaternion) -> float:
    """The angle between two rotations, 0..pi."""
    x, y, z = rotation_vector_from_quat(quat_multiply(quat_inverse(a), b))
    return math.sqrt(x * x + y * y + z * z)


def quat_slerp(a: Quaternion, b: Quaternion, t: float) -> Quaternion:
    """Along the shortest arc from `a` (t=0) to `b` (t=1); t outside 0..1 extrapolates."""
    x, y, z = rotation_vector_from_quat(quat_multiply(quat_inverse(a), b))
    return quat_normalise(quat_multiply(a, quat_from_rotation_vector((x * t, y * t, z * t))))


def quat_from_pan_tilt_roll(pan_deg: float, tilt_deg: float, roll_deg: float) -> Quaternion:
    """R = Rz(pan) Rx(tilt) Ry(roll), pan positive to the left. Angles beyond a full turn are welcome."""
    cp, sp = _half_cos_sin(pan_deg)
    ct, st = _half_cos_sin(tilt_deg)
    cr, sr = _half_cos_sin(roll_deg)
    return (
        cp * ct * cr - sp * st * sr,
        cp * st * cr - sp * ct * sr,
        cp * ct * sr + sp * st * cr,
        sp * ct * cr + cp * st * sr,
    )


def pan_tilt_roll_from_quat(q: Quaternion) -> Vector:
    """Degrees, pan and roll in -180..180, tilt in -90..90. Straight up or down, roll is folded into pan."""
    w, x, y, z = q
    sin_tilt = 2.0 * (y * z + w * x)
    if abs(sin_tilt) > 1.0 - 1e-12:
        pan = math.atan2(2.0 * (x * y + w * z), 1.0 - 2.0 * (y * y + z * z))
        return (math.degrees(pan), math.copysign(90.0, sin_tilt), 0.0)
    pan = math.atan2(2.0 * (w * z - x * y), 1.0 - 2.0 * (x * x + z * z))
    roll = math.atan2(2.0 * (w * y - x * z), 1.0 - 2.0 * (x * x + y * y))
    return (math.degrees(pan), math.degrees(math.asin(sin_tilt)), math.degrees(roll))


def _half_cos_sin(angle_deg: float) -> tuple[float, float]:
    half = math.radians(angle_deg) * 0.5
    return math.cos(half), math.sin(half)


def matrix_from_quat(q: Quaternion) -> NDArray[np.float64]:
    """Rotation matrix [3, 3] of a unit quaternion."""
    import numpy as np

    w, x, y, z = q
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def quat_from_matrix(m: NDArray[np.float64]) -> Quaternion:
    """Unit quaternion (w >= 0) of a rotation matrix [3, 3]; the largest component is found first (Shepperd)."""
    m00, m11, m22 = float(m[0, 0]), float(m[1, 1]), float(m[2, 2])
    squares = (1 + m00 + m11 + m22, 1 + m00 - m11 - m22, 1 - m00 + m11 - m22, 1 - m00 - m11 + m22)
    largest = max(range(4), key=squares.__getitem__)
    wx, wy, wz = m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]
    xy, xz, yz = m[0, 1] + m[1, 0], m[0, 2] + m[2, 0], m[1, 2] + m[2, 1]
    rows = ((squares[0], wx, wy, wz), (wx, squares[1], xy, xz), (wy, xy, squares[2], yz), (wz, xz, yz, squares[3]))
    w, x, y, z = (float(value) for value in rows[largest])
    q = quat_normalise((w, x, y, z))
    return q if q[0] >= 0 else (-q[0], -q[1], -q[2], -q[3])


# --- rigid transforms as (position, quaternion) pairs -----------------------------------------------------------


def compose(a: tuple[Vector, Quaternion], b: tuple[Vector, Quaternion]) -> tuple[Vector, Quaternion]:
    """`a_from_c = compose(a_from_b, b_from_c)`."""
    x, y, z = quat_rotate(a[1], b[0])
    return (a[0][0] + x, a[0][1] + y, a[0][2] + z), quat_multiply(a[1], b[1])


def invert(a: tuple[Vector, Quaternion]) -> tuple[Vector, Quaternion]:
    """`b_from_a` of `a_from_b`."""
    inverse = quat_inverse(a[1])
    x, y, z = quat_rotate(inverse, a[0])
    return (-x, -y, -z), inverse


# --- the outer walls --------------------------------------------------------------------------------------------


def stage_pose_from_freed(
    position_mm: Vector, pan_deg: float, tilt_deg: float, roll_deg: float
) -> tuple[Vector, Quaternion]:
    """FreeD D1: millimetres, the stage's axes, pan positive to the RIGHT."""
    x, y, z = position_mm
    return (x * 0.001, y * 0.001, z * 0.001), quat_from_pan_tilt_roll(-pan_deg, tilt_deg, roll_deg)


def freed_pose_from_stage(position_m: Vector, rotation: Quaternion) -> tuple[Vector, Vector]:
    """-> (x, y, z) in millimetres and FreeD's (pan, tilt, roll) in degrees."""
    pan, tilt, roll = pan_tilt_roll_from_quat(rotation)
    x, y, z = position_m
    return (x * 1000.0, y * 1000.0, z * 1000.0), (-pan, tilt, roll)


def stage_pose_from_mosys_f4(
    position_cm: Vector, pan_deg: float, tilt_deg: float, roll_deg: float
) -> tuple[Vector, Quaternion]:
    """Mo-Sys F4: linear axes are centimetres (facts of the recording), pan positive to the LEFT."""
    x, y, z = position_cm
    return (x * 0.01, y * 0.01, z * 0.01), quat_from_pan_tilt_roll(pan_deg, tilt_deg, roll_deg)


def mosys_f4_pose_from_stage(position_m: Vector, rotation: Quaternion) -> tuple[Vector, Vector]:
    """-> (x, y, height) in centimetres and (pan, tilt, roll) in degrees."""
    x, y, z = position_m
    return (x * 100.0, y * 100.0, z * 100.0), pan_tilt_roll_from_quat(rotation)


def unreal_pose_from_stage(position_m: Vector, rotation: Quaternion) -> tuple[Vector, Quaternion]:
    """Centimetres, X forward, Y right, Z up, left-handed. The quaternion comes back as Unreal's **xyzw**.

    The swap of X and Y is a mirror (determinant -1), so the vector part changes sign with its axes.
    """
    (x, y, z), (qw, qx, qy, qz) = position_m, rotation
    return (y * 100.0, x * 100.0, z * 100.0), (-qy, -qx, -qz, qw)


def centimetres_from_metres(length_m: float) -> float:
    """A length for Unreal."""
    return length_m * 100.0


def stage_pose_from_unreal(position_cm: Vector, rotation_xyzw: Quaternion) -> tuple[Vector, Quaternion]:
    """The inverse of `unreal_pose_from_stage`."""
    (x, y, z), (qx, qy, qz, qw) = position_cm, rotation_xyzw
    return (y * 0.01, x * 0.01, z * 0.01), (qw, -qy, -qx, -qz)


def metres_from_centimetres(length_cm: float) -> float:
    """A length of Unreal's."""
    return length_cm * 0.01


def stage_pose_from_unreal_rotator(position_cm: Vector, pitch_yaw_roll_deg: Vector) -> tuple[Vector, Quaternion]:
    """FRotator: yaw positive to the RIGHT, pitch up, roll clockwise from behind; applied as pan, tilt, roll.

    Both ends of a parent and child change frame alike, so what is relative in Unreal is relative here too.
    """
    (x, y, z), (pitch, yaw, roll) = position_cm, pitch_yaw_roll_deg
    return (y * 0.01, x * 0.01, z * 0.01), quat_from_pan_tilt_roll(-yaw, pitch, roll)


def unreal_rotator_pose_from_stage(position_m: Vector, pan_tilt_roll_deg: Vector) -> tuple[Vector, Vector]:
    """-> centimetres and FRotator's (pitch, yaw, roll), angle by angle, so straight up and down lose nothing."""
    (x, y, z), (pan, tilt, roll) = position_m, pan_tilt_roll_deg
    return (y * 100.0, x * 100.0, z * 100.0), (tilt, -pan, roll)


def unreal_rows_from_stage(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """`unreal_pose_from_stage` of many poses: [..., 7] rotation wxyz, metres -> rotation xyzw, centimetres.

    A pose relative to a parent goes the same way, as both ends change axes alike.
    """
    w, x, y, z = (rows[..., column] for column in range(4))
    out = rows.copy()
    out[..., 0], out[..., 1], out[..., 2], out[..., 3] = -y, -x, -z, w
    out[..., 4], out[..., 5] = rows[..., 5], rows[..., 4]
    out[..., 4:] *= 100.0
    return out


def unity_bone_from_stage(position_m: Vector, rotation: Quaternion) -> tuple[Vector, Quaternion]:
    """A bone relative to its parent, of a performer who faces -Y in rest -> of a model that faces Unity's Z; xyzw."""
    (x, y, z), (qw, qx, qy, qz) = position_m, rotation
    return (-x, z, -y), (qx, -qz, qy, qw)


def unity_root_from_stage(position_m: Vector, rotation: Quaternion) -> tuple[Vector, Quaternion]:
    """Where such a model stands in Unity's world, xyzw: half a turn about the vertical from how its axes convert."""
    (x, y, z), (qw, qx, qy, qz) = position_m, rotation
    return (x, z, y), (qy, qw, -qx, qz)


def nuke_pose_from_stage(position_m: Vector, rotation: Quaternion) -> tuple[Vector, Vector]:
    """`.chan`: metres with Y up and the camera looking along -Z; -> position and (rx, ry, rz) degrees, order ZXY.

    Nuke's ZXY turns about Z first, so R = Ry Rx Rz: pan, tilt and roll (which is about the other end of the axis).
    """
    x, y, z = position_m
    pan, tilt, roll = pan_tilt_roll_from_quat(rotation)
    return (x, z, -y), (tilt, pan, -roll)


def usd_lens_from_mm(length_mm: float, metres_per_unit: float) -> float:
    """UsdGeomCamera counts focal length and apertures in tenths of the scene's unit."""
    return length_mm * 0.01 / metres_per_unit
