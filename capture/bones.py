"""The skeleton: Unreal's mannequin by name, its rest pose, and forward kinematics.

In rest every bone's axes are the stage's and the performer stands in a T-pose facing -Y, the own left hand towards +X.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def _side(side: str) -> list[tuple[str, str]]:
    fingers = [
        (f"{finger}_{joint:02}_{side}", f"{finger}_{joint - 1:02}_{side}" if joint > 1 else f"hand_{side}")
        for finger in ("thumb", "index", "middle", "ring", "pinky")
        for joint in (1, 2, 3)
    ]
    return [
        (f"clavicle_{side}", "spine_03"),
        (f"upperarm_{side}", f"clavicle_{side}"),
        (f"lowerarm_{side}", f"upperarm_{side}"),
        (f"hand_{side}", f"lowerarm_{side}"),
        *fingers,
    ]


def _leg(side: str) -> list[tuple[str, str]]:
    return [
        (f"thigh_{side}", "pelvis"),
        (f"calf_{side}", f"thigh_{side}"),
        (f"foot_{side}", f"calf_{side}"),
        (f"ball_{side}", f"foot_{side}"),
    ]


_TREE: list[tuple[str, str]] = [
    ("root", ""),
    ("pelvis", "root"),
    ("spine_01", "pelvis"),
    ("spine_02", "spine_01"),
    ("spine_03", "spine_02"),
    ("neck_01", "spine_03"),
    ("head", "neck_01"),
    *_side("l"),
    *_side("r"),
    *_leg("l"),
    *_leg("r"),
]

BONES: tuple[str, ...] = tuple(name for name, _ in _TREE)
"""Unreal's (UE4) mannequin without twist and ik bones: the 53 that a performer has."""
ROW: dict[str, int] = {name: row for row, name in enumerate(BONES)}
PARENTS: tuple[int, ...] = tuple(ROW.get(parent, -1) for _, parent in _TREE)


class Skeleton(NamedTuple):
    """One performer's, or one character's."""

    rest_m: Floats
    """[53, 3]: each joint in its parent's axes in rest; the root's row is zero."""


def forward(rest_m: Floats, rotations: Floats, root_m: Floats) -> tuple[Floats, Floats]:
    """Joints [..., 53, 3] in the stage and each bone's stage_from_bone [..., 53, 3, 3].

    `rotations` [..., 53, 3, 3] are parent_from_bone, `root_m` [..., 3] is the root in the stage.
    """
    joints = np.empty(rotations.shape[:-1])
    turns = np.empty(rotations.shape)
    for row, parent in enumerate(PARENTS):
        if parent < 0:
            joints[..., row, :], turns[..., row, :, :] = root_m, rotations[..., row, :, :]
            continue
        turns[..., row, :, :] = turns[..., parent, :, :] @ rotations[..., row, :, :]
        joints[..., row, :] = joints[..., parent, :] + turns[..., parent, :, :] @ rest_m[row]
    return joints, turns
