"""From the pose a mesh was modelled in to the T-pose: how each bone turns."""

import numpy as np
from numpy.typing import NDArray

from capture.bones import BONES, PARENTS, ROW

Floats = NDArray[np.float64]

_DOWN, _FORWARD = np.array([0.0, 0.0, -1.0]), np.array([0.0, -1.0, 0.0])
_FINGERS = ("index", "middle", "ring", "pinky")


def shortest_turn(source: Floats, target: Floats) -> Floats:
    """[3, 3]: the smallest rotation that takes one direction to another (not to its opposite)."""
    a, b = source / np.linalg.norm(source), target / np.linalg.norm(target)
    x, y, z = np.cross(a, b)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + cross + cross @ cross / (1.0 + a @ b)


def about(axis: int, angle_rad: float) -> Floats:
    """[3, 3]: about one of the stage's axes."""
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    turn = np.eye(3)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    turn[i, i], turn[i, j], turn[j, i], turn[j, j] = cos, -sin, sin, cos
    return turn


def bindings(joints_m: Floats) -> Floats:
    """rest_from_binding [53, 3, 3] of joints [53, 3]: arms straight out, palms down, legs straight down, toes ahead.

    About its own length a limb is turned so that its bend in the modelled pose, slight as it is, lies in the plane
    it bends in: elbows forward, knees backward.
    """
    turns = np.tile(np.eye(3), (len(BONES), 1, 1))
    for side in "lr":
        out = np.array([1.0 if side == "l" else -1.0, 0.0, 0.0])
        _straighten(turns, joints_m, (f"upperarm_{side}", f"lowerarm_{side}", f"hand_{side}"), out, _FORWARD)
        _straighten(turns, joints_m, (f"thigh_{side}", f"calf_{side}", f"foot_{side}"), _DOWN, -_FORWARD)
        _hand(turns, joints_m, side, out)
        _foot(turns, joints_m, side)
    return turns


def _along(joints_m: Floats, start: str, end: str) -> Floats:
    return joints_m[ROW[end]] - joints_m[ROW[start]]


def _straighten(turns: Floats, joints_m: Floats, chain: tuple[str, str, str], to: Floats, bends_to: Floats) -> None:
    upper, lower = _along(joints_m, *chain[:2]), _along(joints_m, *chain[1:])
    turn = shortest_turn(upper, to)
    bend = turn @ lower
    bend -= (bend @ to) * to
    roll = shortest_turn(bend, bends_to) if np.linalg.norm(bend) > 0.02 * np.linalg.norm(lower) else np.eye(3)
    turns[ROW[chain[0]]] = roll @ turn
    turns[ROW[chain[1]]] = shortest_turn(roll @ turn @ lower, to) @ roll @ turn


def _hand(turns: Floats, joints_m: Floats, side: str, out: Floats) -> None:
    """The knuckles level, the middle finger straight out; every finger straight in its own fan."""
    arm = turns[ROW[f"lowerarm_{side}"]]
    turn = shortest_turn(arm @ _along(joints_m, f"hand_{side}", f"middle_01_{side}"), out) @ arm
    knuckles = turn @ _along(joints_m, f"pinky_01_{side}", f"index_01_{side}")
    hand = about(0, float(-np.arctan2(-knuckles[2], -knuckles[1]))) @ turn
    turns[ROW[f"hand_{side}"]] = hand
    for finger in _FINGERS:
        chain = [f"{finger}_{joint:02}_{side}" for joint in (1, 2, 3)]
        level = hand @ _along(joints_m, chain[0], chain[1])
        level[2] = 0.0
        first = shortest_turn(hand @ _along(joints_m, chain[0], chain[1]), level) @ hand
        second = shortest_turn(first @ _along(joints_m, chain[1], chain[2]), level) @ first
        turns[[ROW[name] for name in chain]] = first, second, second
    turns[[ROW[f"thumb_{joint:02}_{side}"] for joint in (1, 2, 3)]] = hand


def _foot(turns: Floats, joints_m: Floats, side: str) -> None:
    ahead = _along(joints_m, f"foot_{side}", f"ball_{side}")
    yaw = about(2, float(np.arctan2(-ahead[0], -ahead[1]))).T
    turns[[ROW[f"foot_{side}"], ROW[f"ball_{side}"]]] = yaw


def distance_to_parent_m(rest_m: Floats) -> Floats:
    """[53] bone lengths; the root's is zero."""
    return np.where(np.array(PARENTS) < 0, 0.0, np.linalg.norm(rest_m, axis=1))
