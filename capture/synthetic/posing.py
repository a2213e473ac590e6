"""Channels into bone rotations: arms and trunk by their angles, legs so that the feet stay where they are planted.

Nothing bends further than people do: each angle is held within LIMITS_DEG by a smooth end stop.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.bones import BONES, ROW
from capture.synthetic.body import Body, joints_in_rest
from capture.synthetic.channels import STILL, Channels, least_jerk
from capture.synthetic.turns import about, frames, mirrored, product, shortest

Floats = NDArray[np.float64]

LIMITS_DEG: dict[str, tuple[float, float]] = {
    "raise": (-84.0, 88.0),
    "ahead": (-45.0, 115.0),
    "roll": (-75.0, 85.0),
    "bend": (3.0, 142.0),
    "palm": (-75.0, 85.0),
    "wrist": (-65.0, 65.0),
    "wrist_side": (-20.0, 32.0),
    "shrug": (-8.0, 25.0),
    "spread": (-4.0, 16.0),
    "thumb": (-10.0, 60.0),
    "index": (-8.0, 88.0),
    "middle": (-8.0, 88.0),
    "ring": (-8.0, 88.0),
    "pinky": (-8.0, 88.0),
    "nod": (-40.0, 45.0),
    "tilt": (-35.0, 35.0),
    "turn": (-75.0, 75.0),
}
_STRAIGHTEST = 0.997
"""Of a leg's length: knees do not lock, where a hair of pelvis height would be degrees of knee."""
FINGERS = ("index", "middle", "ring", "pinky")


class Posed(NamedTuple):
    """A movement of one body."""

    root_m: Floats
    """[T, 3]"""
    rotations: Floats
    """[T, 53, 3, 3] parent_from_bone; the root's are identity."""
    reached: NDArray[np.bool_]
    """[T, 2]: the left and the right foot are where the channels want them; else the leg is too short for it."""


def posed(body: Body, channels: Channels, count: int) -> Posed:
    """What the channels [T] say, by this body's proportions."""
    rotations = np.broadcast_to(np.eye(3), (count, len(BONES), 3, 3)).copy()
    angle = _Angles(channels, count)
    _trunk(rotations, angle)
    for side in "lr":
        _arm(rotations, angle, side)
    root = _root(body, angle)
    reached = np.stack([_leg(body, rotations, root, angle, side) for side in "lr"], axis=1)
    return Posed(root, rotations, reached)


def standing(channels: Channels, count: int) -> NDArray[np.bool_]:
    """[T, 4]: left heel, left ball, right heel, right ball are on the floor and do not move.

    The channels are [3T]: each moment between two neighbours so close that what moves between them moves.
    """
    angle = _Angles(channels, 3 * count)
    columns: list[NDArray[np.bool_]] = []
    for side in "lr":
        down = np.ones(count, np.bool_)
        for name in (f"x_{side}", f"y_{side}", f"lift_{side}", f"yaw_{side}"):
            course = angle.metres(name).reshape(count, 3)
            down &= np.ptp(course, axis=1) < (1e-3 if name.startswith("yaw") else 2e-6)
        lift, heel = (angle.metres(f"{name}_{side}").reshape(count, 3)[:, 1] for name in ("lift", "heel"))
        down &= lift < 1e-4
        columns += [down & (heel < 0.05), down]
    return np.stack(columns, axis=1)


class _Angles:
    """Channels by name: radians within the limits, or metres."""

    def __init__(self, channels: Channels, count: int) -> None:
        self._channels, self._count = channels, count

    def metres(self, name: str) -> Floats:
        return self._channels.get(name, np.full(self._count, STILL[name]))

    def __call__(self, name: str) -> Floats:
        degrees = self.metres(name)
        limits = LIMITS_DEG.get(name.rsplit("_", 1)[0] if name[-2:] in ("_l", "_r") else name)
        return np.radians(degrees if limits is None else within(degrees, *limits))


def within(values: Floats, low: float, high: float, soft: float = 4.0) -> Floats:
    """Held between two ends, approached smoothly from `soft` before them."""
    over = soft * np.logaddexp(0.0, (values - (high - soft)) / soft)
    under = soft * np.logaddexp(0.0, ((low + soft) - values) / soft)
    return np.clip(values - over + under, low, high)


def _trunk(rotations: Floats, angle: _Angles) -> None:
    rotations[:, ROW["pelvis"]] = product(about(2, angle("yaw")), about(0, angle("pitch")), about(1, angle("roll")))
    for bone, share in (("spine_01", 0.35), ("spine_02", 0.35), ("spine_03", 0.3)):
        rotations[:, ROW[bone]] = product(
            about(2, share * angle("twist")), about(0, share * angle("bend")), about(1, share * angle("lean"))
        )
    for bone, share in (("neck_01", 0.4), ("head", 0.6)):
        rotations[:, ROW[bone]] = product(
            about(2, share * angle("turn")), about(0, share * angle("nod")), about(1, share * angle("tilt"))
        )


def _arm(rotations: Floats, angle: _Angles, side: str) -> None:
    """As of a left arm, which in rest points to +X with its palm down and bends forward; the right one is mirrored."""
    up, ahead = angle(f"raise_{side}"), angle(f"ahead_{side}")
    to = np.stack((np.cos(up) * np.cos(ahead), -np.cos(up) * np.sin(ahead), np.sin(up)), axis=-1)
    shrug = product(
        about(1, -0.35 * np.maximum(up, 0.0) * (1 - np.cos(up)) - angle(f"shrug_{side}")), about(2, -0.12 * ahead)
    )
    turns = {
        "clavicle": shrug,
        "upperarm": product(np.swapaxes(shrug, -1, -2), shortest(0, to), about(0, angle(f"roll_{side}"))),
        "lowerarm": product(about(2, -angle(f"bend_{side}")), about(0, -angle(f"palm_{side}"))),
        "hand": product(about(2, -angle(f"wrist_side_{side}")), about(1, angle(f"wrist_{side}"))),
        **_fingers(angle, side),
    }
    for bone, turn in turns.items():
        rotations[:, ROW[f"{bone}_{side}"]] = turn if side == "l" else mirrored(turn)


def _fingers(angle: _Angles, side: str) -> dict[str, Floats]:
    turns: dict[str, Floats] = {}
    for finger, fan in zip(FINGERS, (1.0, 0.25, -0.5, -1.2), strict=True):
        curl = angle(f"{finger}_{side}")
        open_ = np.clip(1.0 - curl, 0.0, 1.0)
        turns[f"{finger}_01"] = product(about(2, -fan * angle(f"spread_{side}") * open_), about(1, 0.95 * curl))
        turns[f"{finger}_02"] = about(1, 1.1 * curl)
        turns[f"{finger}_03"] = about(1, 0.75 * curl)
    curl = angle(f"thumb_{side}")
    turns["thumb_01"] = product(about(0, -0.5 * curl), about(2, 0.35 * curl), about(1, 0.3 * curl))
    turns["thumb_02"] = product(about(2, 0.6 * curl), about(1, 0.25 * curl))
    turns["thumb_03"] = about(2, 0.9 * curl)
    return turns


def _root(body: Body, angle: _Angles) -> Floats:
    """[T, 3]: the pelvis moves with the root, whose own rotation stays the stage's."""
    lower = angle.metres("drop") * _leg_length(body)
    return np.stack((angle.metres("across"), angle.metres("back"), -lower), axis=-1)


def _leg_length(body: Body) -> float:
    return float(np.linalg.norm(body.skeleton.rest_m[[ROW["calf_l"], ROW["foot_l"]]], axis=1).sum())


def _leg(body: Body, rotations: Floats, root: Floats, angle: _Angles, side: str) -> NDArray[np.bool_]:
    """Bend hip and knee so that the foot stands as its channels say; returns [T]: it does."""
    hip, calf, foot, ball = (ROW[f"{bone}_{side}"] for bone in ("thigh", "calf", "foot", "ball"))
    rest = body.skeleton.rest_m
    out = 1.0 if side == "l" else -1.0
    yaw, heel, lift = out * angle(f"yaw_{side}"), angle(f"heel_{side}"), angle.metres(f"lift_{side}")
    level = joints_in_rest(rest)[ball]
    place = np.stack(
        (level[0] + angle.metres(f"x_{side}"), level[1] + angle.metres(f"y_{side}"), level[2] + lift), axis=-1
    )
    turned = about(2, yaw)
    stood = product(turned, about(0, heel))
    ankle = place - np.einsum("tij,j->ti", stood, rest[ball])
    pelvis = rotations[:, ROW["pelvis"]]
    line = ankle - (root + rest[ROW["pelvis"]] + pelvis @ rest[hip])
    thigh, knee_rad, over_m = _two_bones(line, rest[calf], rest[foot], _knee_ahead(turned, pelvis, angle, side))
    rotations[:, hip] = np.swapaxes(pelvis, -1, -2) @ thigh
    rotations[:, calf] = about(0, knee_rad)
    rotations[:, foot] = np.swapaxes(thigh @ rotations[:, calf], -1, -2) @ stood
    rotations[:, ball] = about(0, -np.minimum(heel, 0.9) * (1.0 - least_jerk(np.clip(lift / 0.04, 0.0, 1.0))))
    return over_m < 5e-4


def _knee_ahead(turned: Floats, pelvis: Floats, angle: _Angles, side: str) -> Floats:
    """[T, 3]: where the knee points, between the foot's heading and the pelvis's, opened a little."""
    out = 1.0 if side == "l" else -1.0
    ahead = -turned[..., :, 1] - 0.6 * pelvis[..., :, 1]
    opened = about(2, out * angle(f"knee_out_{side}"))
    return np.einsum("tij,tj->ti", opened, ahead)


def _two_bones(line: Floats, upper: Floats, lower: Floats, ahead: Floats) -> tuple[Floats, Floats, Floats]:
    """stage_from_thigh [T, 3, 3], the knee's bend [T], and by how much the leg is too short for the line."""
    a, b = float(np.linalg.norm(upper)), float(np.linalg.norm(lower))
    wanted = np.linalg.norm(line, axis=-1)
    length = _reach(wanted, (a + b) * _STRAIGHTEST)
    knee_rad = np.pi - np.arccos(np.clip((a * a + b * b - length**2) / (2 * a * b), -1.0, 1.0))
    at_hip = np.arccos(np.clip((a * a + length**2 - b * b) / (2 * a * length), -1.0, 1.0))
    straight = frames(-line, ahead)
    return product(straight, about(0, -at_hip)), knee_rad, wanted - length


def _reach(wanted: Floats, most: float) -> Floats:
    """A length never beyond `most`, smooth where it would be."""
    soft = 0.0015 * most
    return wanted - soft * np.logaddexp(0.0, (wanted - (most - soft)) / soft)
