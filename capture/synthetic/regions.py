"""Where on a body a point lies: along the arms and legs, towards the neck, about the face. Clothes are cut by these."""

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.bones import BONES, ROW

Floats = NDArray[np.floating]


class Regions(NamedTuple):
    """Per point, all [N]."""

    arm: Floats
    """-1: no arm; 0 shoulder, 1 elbow, 2 wrist, 3 fingertips."""
    leg: Floats
    """-1: no leg; 0 hip, 1 knee, 2 ankle, 3 toes."""
    neck: Floats
    """0 shoulder, 1 head."""
    height_m: Floats
    """Above the pelvis joint."""
    collar_m: Floats
    """From the middle of the neck's base."""
    ear: Floats
    """1 on an ear."""
    place_m: Floats
    """[N, 3] from between the eyes."""


def regions(vertices_m: Floats, weights: Floats, joints_m: Floats, eyes_m: Floats, ear: Floats) -> Regions:
    """Of the binding pose."""
    arm = np.maximum(*(_along(vertices_m, weights, joints_m, _arm(side)) for side in "lr"))
    leg = np.maximum(*(_along(vertices_m, weights, joints_m, _leg(side)) for side in "lr"))
    neck = weights[:, [ROW["neck_01"], ROW["head"]]].sum(axis=1)
    collar = np.linalg.norm(vertices_m - (joints_m[ROW["neck_01"]] + [0.0, -0.012, -0.012]), axis=1)
    return Regions(arm, leg, neck, vertices_m[:, 2] - joints_m[ROW["pelvis"], 2], collar, ear, vertices_m - eyes_m)


def _arm(side: str) -> tuple[str, ...]:
    return tuple(f"{bone}_{side}" for bone in ("upperarm", "lowerarm", "hand", "middle_03"))


def _leg(side: str) -> tuple[str, ...]:
    return tuple(f"{bone}_{side}" for bone in ("thigh", "calf", "foot", "ball"))


def _along(vertices_m: Floats, weights: Floats, joints_m: Floats, chain: tuple[str, ...]) -> Floats:
    """How many bones down the chain each point is; beside the limb it falls off towards -1."""
    side = chain[0][-2:]
    fingers = [ROW[bone] for bone in BONES if bone.endswith(side) and bone[:-2].endswith(("_01", "_02", "_03"))]
    share = [weights[:, ROW[bone]] for bone in chain[:3]]
    share.append(weights[:, fingers].sum(axis=1) if chain[0].startswith("upper") else weights[:, ROW[chain[3]]])
    total = np.sum(share, axis=0)
    down = np.zeros(len(vertices_m))
    for step, (start, end) in enumerate(itertools.pairwise(chain)):
        first, along = joints_m[ROW[start]], joints_m[ROW[end]] - joints_m[ROW[start]]
        passed = np.clip((vertices_m - first) @ along / (along @ along), 0.0, 1.0)
        later = np.sum(share[step:], axis=0) / np.maximum(total, 1e-9)
        down += passed * np.clip(4.0 * later, 0.0, 1.0)
    return np.where(total > 0, down * total - (1.0 - total), -1.0)
