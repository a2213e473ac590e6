"""Zeroing a camera's tracking: the turn about the vertical and the shift that bring a tracked point to its reference.

Level stays: a stage is only ever turned about the direction of gravity, so horizons that were right remain right.
"""

from bridge.frames import Quaternion, Vector, pan_tilt_roll_from_quat, quat_from_pan_tilt_roll, quat_rotate

Rigid = tuple[Vector, Quaternion]
STEEPEST_DEG = 80.0
"""Steeper than this, where a camera looks says little about which way it faces."""


def zeroing(reference: Rigid, tracked: Rigid) -> tuple[Vector, float]:
    """Both in the stage -> the shift and the pan (degrees) that take `tracked` to `reference`'s place and heading.

    ValueError, in one sentence, for a point that looks up or down too steeply to have a heading.
    """
    pan_deg, tilt_deg, _ = pan_tilt_roll_from_quat(tracked[1])
    if abs(tilt_deg) > STEEPEST_DEG:
        raise ValueError(f"is tilted by {tilt_deg:+.0f} deg; expected at most {STEEPEST_DEG:g}, or it faces nowhere")
    turn_deg = pan_tilt_roll_from_quat(reference[1])[0] - pan_deg
    turn_deg -= round(turn_deg / 360.0) * 360.0
    x, y, z = quat_rotate(quat_from_pan_tilt_roll(turn_deg, 0.0, 0.0), tracked[0])
    a, b, c = reference[0]
    return (a - x, b - y, c - z), turn_deg


def rigid(shift_m: Vector, pan_deg: float) -> Rigid:
    """What `zeroing` found, as `frames.compose` takes it: zeroed_from_stage."""
    return shift_m, quat_from_pan_tilt_roll(pan_deg, 0.0, 0.0)
