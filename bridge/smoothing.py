"""One Euro filters for poses: steady when the camera rests, quick when it moves (Casiez, Roussel, Vogel, CHI 2012).

The cut-off of a low pass rises with speed. One speed for the three axes, so that turning the stage turns the result.
"""

import math

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


class OneEuro(msgspec.Struct, frozen=True):
    """Cut-offs at rest, and how much they rise with speed."""

    position_rest_hz: float = 1.5
    position_rise_hz: float = 400.0
    """Per metre a second."""
    rotation_rest_hz: float = 1.5
    rotation_rise_hz: float = 400.0
    """Per radian a second."""
    speed_hz: float = 2.0
    """Cut-off of the speed itself."""


class Smooth(msgspec.Struct):
    """What is remembered from pose to pose."""

    t_ns: int
    position_m: Vector
    rotation_wxyz: Quaternion
    velocity_m: Vector = (0.0, 0.0, 0.0)
    """Per second."""
    spin_rad: Vector = (0.0, 0.0, 0.0)
    """Per second, about the camera's own axes."""


def step(settings: OneEuro, state: Smooth | None, t_ns: int, position_m: Vector, rotation: Quaternion) -> Smooth:
    """The next pose; the smoothed one is in the state. A gap of over a second starts afresh."""
    if state is None or not 0 < t_ns - state.t_ns < 1_000_000_000:
        return Smooth(t_ns, position_m, rotation)
    dt_s = (t_ns - state.t_ns) * 1e-9
    (px, py, pz), (x, y, z) = state.position_m, position_m
    off = (x - px, y - py, z - pz)
    turn = rotation_vector_from_quat(quat_multiply(quat_inverse(state.rotation_wxyz), rotation))
    velocity_m = _low_pass(state.velocity_m, off, dt_s, settings.speed_hz)
    spin_rad = _low_pass(state.spin_rad, turn, dt_s, settings.speed_hz)
    pull = _gain(settings.position_rest_hz + settings.position_rise_hz * math.hypot(*velocity_m), dt_s)
    twist = _gain(settings.rotation_rest_hz + settings.rotation_rise_hz * math.hypot(*spin_rad), dt_s)
    turned = quat_from_rotation_vector((turn[0] * twist, turn[1] * twist, turn[2] * twist))
    return Smooth(
        t_ns,
        (px + off[0] * pull, py + off[1] * pull, pz + off[2] * pull),
        quat_normalise(quat_multiply(state.rotation_wxyz, turned)),
        velocity_m,
        spin_rad,
    )


def _gain(cutoff_hz: float, dt_s: float) -> float:
    """Of a first-order low pass."""
    turn = 2.0 * math.pi * cutoff_hz * dt_s
    return turn / (turn + 1.0)


def _low_pass(rate: Vector, off: Vector, dt_s: float, cutoff_hz: float) -> Vector:
    gain = _gain(cutoff_hz, dt_s)
    (a, b, c), (x, y, z) = rate, off
    return (a + gain * (x / dt_s - a), b + gain * (y / dt_s - b), c + gain * (z / dt_s - c))
