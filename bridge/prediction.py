"""Where the camera will be when the wall lights up: a guess from its last poses."""

import msgspec

from bridge.frames import (
    Quaternion,
    Vector,
    quat_from_rotation_vector,
    quat_inverse,
    quat_multiply,
    quat_normalise,
    rotation_vector_from_quat,
)


class Prediction(msgspec.Struct, frozen=True):
    """What is known before the first pose."""

    period_s: float
    horizon_s: float
    """How far ahead guesses are mostly asked for: what is learnt, is learnt for this."""


class Motion:
    """What is remembered from pose to pose."""

    __slots__ = ("position_m", "rotation_wxyz", "spin_rad", "t_ns", "velocity_m")

    def __init__(self, t_ns: int, position_m: Vector, rotation: Quaternion) -> None:
        self.t_ns = t_ns
        self.position_m = position_m
        self.rotation_wxyz = rotation
        self.velocity_m = self.spin_rad = (0.0, 0.0, 0.0)


def step(settings: Prediction, state: Motion | None, t_ns: int, position_m: Vector, rotation: Quaternion) -> Motion:
    """The next pose."""
    if state is None or not 0 < t_ns - state.t_ns < 1_000_000_000:
        return Motion(t_ns, position_m, rotation)
    dt_s = (t_ns - state.t_ns) * 1e-9
    (px, py, pz), (x, y, z) = state.position_m, position_m
    turn = rotation_vector_from_quat(quat_multiply(quat_inverse(state.rotation_wxyz), rotation))
    state.velocity_m = _towards(state.velocity_m, (x - px, y - py, z - pz), dt_s)
    state.spin_rad = _towards(state.spin_rad, turn, dt_s)
    state.t_ns, state.position_m, state.rotation_wxyz = t_ns, position_m, rotation
    return state


def predict(settings: Prediction, state: Motion, horizon_s: float) -> tuple[Vector, Quaternion]:
    """The pose so long after the newest."""
    (x, y, z), (vx, vy, vz), (a, b, c) = state.position_m, state.velocity_m, state.spin_rad
    turn = quat_from_rotation_vector((a * horizon_s, b * horizon_s, c * horizon_s))
    position_m = (x + vx * horizon_s, y + vy * horizon_s, z + vz * horizon_s)
    return position_m, quat_normalise(quat_multiply(state.rotation_wxyz, turn))


def _towards(rate: Vector, off: Vector, dt_s: float) -> Vector:
    gain = min(1.0, dt_s * 10.0)
    (a, b, c), (x, y, z) = rate, off
    return (a + gain * (x / dt_s - a), b + gain * (y / dt_s - b), c + gain * (z / dt_s - c))
