"""A performer's pose on a character of other proportions: feet stay where they stand, hands reach what they reached.

All turns are the performer's. The way over the floor and the pelvis's height grow with the legs, so a foot that
stands still stands still on the character too, and its leg is bent to reach that place. A hand goes where it is
against the own chest, as far as the longer or shorter arm goes: two hands that meet, meet. Near the floor it is the
floor that counts.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.bones import PARENTS, ROW
from capture.solve.legs import reach
from capture.solve.pose import Pose, forward

Floats = NDArray[np.float64]

_FLOOR_M = 0.30
"""Below this height of the performer's wrist the floor begins to count."""
_SHOULDERS = np.array([ROW["upperarm_l"], ROW["upperarm_r"]])


class Character(NamedTuple):
    """Whom the performer plays; bones as in `capture.bones`."""

    rest_m: Floats
    """[53, 3]: in the T-pose with the stage's axes, standing on the floor."""
    axes: Floats | None = None
    """[53, 3, 3]: stage_from_bone of the character's own bone axes in that T-pose; None: the stage's."""


def retargeted(rest_m: Floats, pose: Pose, character: Character) -> Pose:
    """The performer's pose, of bones `rest_m`, on the character (in T-pose axes: `in_own_axes` for the rig's)."""
    joints, turns = forward(rest_m, pose)
    grown = _leg_m(character.rest_m) / _leg_m(rest_m)
    lift = character.rest_m[ROW["pelvis"], 2] - _leg_m(character.rest_m), rest_m[ROW["pelvis"], 2] - _leg_m(rest_m)
    pelvis = grown * joints[ROW["pelvis"]] + [0.0, 0.0, lift[0] - grown * lift[1]]
    made = Pose(pose.rotations, pelvis - pose.rotations[0] @ character.rest_m[ROW["pelvis"]])
    for side in "lr":
        foot = ROW[f"foot_{side}"]
        goal = grown * joints[foot] + [0.0, 0.0, _sole_m(character.rest_m) - grown * _sole_m(rest_m)]
        made = reach(character.rest_m, made, side, goal, turns[foot])
    return _hands(rest_m, joints, turns, character, made)


def in_own_axes(character: Character, pose: Pose) -> Pose:
    """The pose as a rig whose bones have other axes wants it: parent_from_bone in those axes."""
    if character.axes is None:
        return pose
    parents = character.axes[np.maximum(np.array(PARENTS), 0)].copy()
    parents[0] = np.eye(3)
    return pose._replace(rotations=np.swapaxes(parents, -1, -2) @ pose.rotations @ character.axes)


def stretched_legs(rest_m: Floats, times: float) -> Floats:
    """[53, 3]: the same body on legs so many times as long: a first creature."""
    rest = rest_m.copy()
    below = [ROW[f"{bone}_{side}"] for bone in ("calf", "foot") for side in "lr"]
    rest[below] *= times
    rest[ROW["pelvis"], 2] += (times - 1.0) * _leg_m(rest_m)
    return rest


def _hands(rest_m: Floats, joints: Floats, turns: Floats, character: Character, made: Pose) -> Pose:
    grown = _arm_m(character.rest_m) / _arm_m(rest_m)
    own, _ = forward(character.rest_m, made)
    chest, own_chest = joints[_SHOULDERS].mean(axis=0), own[_SHOULDERS].mean(axis=0)
    for side in "lr":
        hand = ROW[f"hand_{side}"]
        goal = own_chest + grown * (joints[hand] - chest)
        near = 1.0 - float(np.clip(joints[hand, 2] / _FLOOR_M, 0.0, 1.0))
        goal[2] += near * near * (3.0 - 2.0 * near) * (joints[hand, 2] - goal[2])
        made = reach(character.rest_m, made, side, goal, turns[hand], arm=True)
    return made


def _leg_m(rest_m: Floats) -> float:
    return float(np.linalg.norm(rest_m[[ROW["calf_l"], ROW["foot_l"]]], axis=-1).sum())


def _arm_m(rest_m: Floats) -> float:
    return float(np.linalg.norm(rest_m[[ROW["lowerarm_l"], ROW["hand_l"]]], axis=-1).sum())


def _sole_m(rest_m: Floats) -> float:
    """The ankle's height over the floor in rest."""
    return float(rest_m[[ROW["pelvis"], ROW["thigh_l"], ROW["calf_l"], ROW["foot_l"]], 2].sum())
