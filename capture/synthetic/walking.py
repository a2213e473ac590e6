"""Steps along a path: each foot stands still until it is its turn, then swings to where the body will be."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.synthetic.channels import Channels, least_jerk

Floats = NDArray[np.float64]

STEP_S, SWING_S, PUSH_S = 0.64, 0.42, 0.24
_BALL_M = (0.112, -0.125)
"""Of the left foot from under the pelvis, near enough for everybody."""


class Path(NamedTuple):
    """Where the body is over time, dense: metres from the start and the heading, unwrapped, + to the left."""

    t_s: Floats
    place_m: Floats
    """[T, 2]"""
    heading_rad: Floats


class Foot(NamedTuple):
    """One foot over time: the ball's place [T, 2], its heading, how high the heel and the foot are."""

    place_m: Floats
    heading_rad: Floats
    heel_deg: Floats
    lift_m: Floats


def walked(t_s: Floats, path: Path) -> Channels:
    """Pelvis and feet for times [T]."""
    x, y, heading = (np.interp(t_s, path.t_s, curve) for curve in (*path.place_m.T, path.heading_rad))
    velocity = np.gradient(path.place_m, path.t_s, axis=0)
    turning = np.abs(np.gradient(path.heading_rad, path.t_s))
    speed = np.hypot(velocity[:, 0], velocity[:, 1]) + 0.2 * turning
    going = np.interp(t_s, path.t_s, least_jerk(np.clip(speed / 0.35, 0.0, 1.0)))
    stride = np.pi * t_s / STEP_S
    sway, swing = -going * np.sin(stride), going * np.cos(stride)
    channels: Channels = {
        "across": x + 0.022 * sway * np.cos(heading),
        "back": y + 0.022 * sway * np.sin(heading),
        "yaw": np.degrees(heading) + 3.0 * swing,
        "twist": -6.0 * swing,
        "roll": 1.5 * sway,
        "pitch": 3.0 * going,
        "drop": 0.012 + going * (0.061 + 0.008 * np.cos(2.0 * stride)),
    }
    for side, out in (("l", 1.0), ("r", -1.0)):
        foot = _foot(t_s, path, out)
        channels[f"x_{side}"] = foot.place_m[:, 0] - out * _BALL_M[0]
        channels[f"y_{side}"] = foot.place_m[:, 1] - _BALL_M[1]
        channels[f"yaw_{side}"] = 7.0 + out * np.degrees(foot.heading_rad)
        channels[f"heel_{side}"], channels[f"lift_{side}"] = foot.heel_deg, foot.lift_m
        channels[f"raise_{side}"] = -76.0 + 7.0 * going
        channels[f"ahead_{side}"] = 8.0 + going * (28.0 + 62.0 * out * np.cos(stride))
        channels[f"bend_{side}"] = 14.0 + going * (16.0 + 10.0 * out * np.cos(stride))
    return channels


def _foot(t_s: Floats, path: Path, out: float) -> Foot:
    """Its swings start at every second step, the other foot's in between."""
    first = path.t_s[0] + (0.0 if out > 0 else STEP_S)
    starts = np.arange(first, path.t_s[-1], 2.0 * STEP_S)
    middles = np.concatenate(([path.t_s[0]], (starts[:-1] + SWING_S + starts[1:]) / 2, [path.t_s[-1]]))
    heading = np.interp(middles, path.t_s, path.heading_rad)
    cos, sin = np.cos(heading), np.sin(heading)
    beside, ahead = out * _BALL_M[0], _BALL_M[1]
    along: list[Floats] = [np.interp(middles, path.t_s, curve) for curve in path.place_m.T]
    stands = np.stack(along, axis=1)
    stands += np.stack((cos * beside - sin * ahead, sin * beside + cos * ahead), axis=1)
    foot = Foot(
        np.tile(stands[0], (len(t_s), 1)), np.full(len(t_s), heading[0]), np.zeros(len(t_s)), np.zeros(len(t_s))
    )
    for swing, start in enumerate(starts):
        step, turn = stands[swing + 1] - stands[swing], heading[swing + 1] - heading[swing]
        size = float(least_jerk(np.clip((np.hypot(*step) + 0.3 * abs(turn)) / 0.16, 0.0, 1.0)))
        x = np.clip((t_s - start) / SWING_S, 0.0, 1.0)
        foot.place_m[:] += least_jerk(x)[:, None] * step
        foot.heading_rad[:] += least_jerk(x) * turn
        foot.lift_m[:] += size * 0.085 * 64.0 * (x * (1.0 - x)) ** 3
        pushed = np.clip((t_s - start + PUSH_S) / PUSH_S, 0.0, 1.0)
        foot.heel_deg[:] += size * 26.0 * (least_jerk(pushed) - least_jerk(np.clip(x * 1.15, 0.0, 1.0)))
    return foot
