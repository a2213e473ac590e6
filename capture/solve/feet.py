"""Feet that stand where they stand: contact with the floor found with hysteresis, the foot held, and let go smoothly.

While a foot is down its ball stays exactly over the spot where it came to rest, and as long as the heel is down the
whole foot does; the leg is bent to reach it from the solved hip. Heights stay as they were solved: a straight leg that
is pulled by a centimetre along its length loses 15 degrees at the knee. Taking hold and letting go are blended over
some moments, so nothing pops.
"""

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from capture.bones import ROW
from capture.solve.legs import reach
from capture.solve.pose import Body, Pose, forward
from capture.solve.template import BALL_SOLE_M
from capture.solve.turns import blended

Floats = NDArray[np.float64]

_HEEL_M = (0.02, 0.05)
"""The heel lifted less than the first is down, more than the second up."""
_NOWHERE = np.zeros(3)
_FEET = tuple((ROW[f"foot_{side}"], ROW[f"ball_{side}"]) for side in "lr")


class Floor(msgspec.Struct, frozen=True):
    """When a foot stands. The floor is the stage's z = 0."""

    lock: bool = True
    down_m: float = 0.035
    """The ball this near to the floor: the foot may be down."""
    up_m: float = 0.06
    slow_m_s_unit: float = 0.25
    """Slower than this it comes to rest; faster than twice it lets go."""
    held_s: float = 0.10
    """How long taking hold and letting go take."""
    torn_m: float = 0.04
    """A lock that is this far from where the foot is seen is wrong and lets go."""


class Foot(NamedTuple):
    """One foot's standing."""

    down: bool = False
    hold_unit: float = 0.0
    """0 free, 1 held."""
    ball_m: Floats = _NOWHERE
    """Where the ball came to rest."""
    ankle_m: Floats = _NOWHERE
    """Where the ankle was then, and how the foot lay."""
    turn: Floats = np.eye(3)
    seen_m: Floats | None = None
    """Where the free solve had the ball a moment ago, and how fast it went there."""
    speed_m_s_unit: float = 10.0


class Standing(NamedTuple):
    """Both feet, left first."""

    t_ns: int = 0
    feet: tuple[Foot, Foot] = (Foot(), Foot())


def step(floor: Floor, state: Standing, t_ns: int, body: Body, pose: Pose) -> tuple[Standing, Pose]:
    """The next moment's feet, and the pose with its held feet in place."""
    joints, turns = forward(body.rest_m, pose)
    dt_s = (t_ns - state.t_ns) * 1e-9
    feet: list[Foot] = []
    for number, (ankle, ball) in enumerate(_FEET):
        foot = _noticed(floor, state.feet[number], dt_s, joints[[ankle, ball]], turns[ankle], body.size_unit)
        feet.append(foot)
        if floor.lock and foot.hold_unit > 0.0:
            part = _eased(foot.hold_unit)
            rise_m = float(joints[ankle, 2] - foot.ankle_m[2])
            flat = _eased(float(np.clip((_HEEL_M[1] - rise_m) / (_HEEL_M[1] - _HEEL_M[0]), 0.0, 1.0)))
            turn = blended(turns[ankle], foot.turn, part * flat)
            goal = joints[ball] + part * (foot.ball_m - joints[ball]) - turn @ body.rest_m[ball]
            goal[2] = joints[ankle, 2]
            pose = reach(body.rest_m, pose, "lr"[number], goal, turn)
    return Standing(t_ns, (feet[0], feet[1])), pose


def _noticed(floor: Floor, foot: Foot, dt_s: float, places: Floats, turn: Floats, size_unit: float) -> Foot:
    ankle, ball = places
    if foot.seen_m is None or not 0.0 < dt_s < 0.5:
        return Foot(seen_m=ball)
    raw = float(np.linalg.norm(ball - foot.seen_m)) / dt_s
    speed = foot.speed_m_s_unit + min(dt_s / 0.05, 1.0) * (raw - foot.speed_m_s_unit)
    height = float(ball[2]) - BALL_SOLE_M * size_unit
    if foot.down:
        torn = float(np.linalg.norm(ball - foot.ball_m)) > floor.torn_m
        down = height < floor.up_m and speed < 2.0 * floor.slow_m_s_unit and not torn
    else:
        down = height < floor.down_m and speed < floor.slow_m_s_unit
    change = dt_s / floor.held_s
    hold = min(foot.hold_unit + change, 1.0) if down else max(foot.hold_unit - change, 0.0)
    if down and not foot.down and foot.hold_unit == 0.0:
        foot = foot._replace(ball_m=ball, ankle_m=ankle, turn=turn)
    return foot._replace(down=down, hold_unit=hold, seen_m=ball, speed_m_s_unit=speed)


def _eased(part: float) -> float:
    return part * part * (3.0 - 2.0 * part)
