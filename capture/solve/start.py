"""A pose out of nothing: bones by swing and twist from the points alone, near enough for `pose.lay` to finish.

Used where there is no moment before: the first of a performer, and after being lost.
"""

import numpy as np
from numpy.typing import NDArray

from capture.bones import BONES, ROW
from capture.seen import BODY
from capture.solve.pose import Body, Laid, Pose, lay, pelvis_at
from capture.solve.turns import frame, matrices, vectors

Floats = NDArray[np.float64]

_AT = {name: row for row, name in enumerate(BODY)}
_LIMBS = np.array([_AT[f"{side}_{part}"] for part in ("elbow", "wrist", "knee", "ankle") for side in ("left", "right")])
_ASTRAY_M, _AFRESH = 0.12, 15
_NEEDED = tuple(_AT[f"{side}_{part}"] for side in ("left", "right") for part in ("shoulder", "hip"))


def possible(points_m: Floats) -> bool:
    """Whether shoulders and hips are there: without them nobody is."""
    return bool(np.isfinite(points_m[list(_NEEDED)]).all())


def begin(body: Body, points_m: Floats) -> Pose:
    """The pose of landmarks [33 or more, 3]; limbs that are not seen hang as in rest."""
    rotations = np.tile(np.eye(3), (len(BONES), 1, 1))
    hips = _point(points_m, "left_hip"), _point(points_m, "right_hip")
    shoulders = _point(points_m, "left_shoulder"), _point(points_m, "right_shoulder")
    up = (shoulders[0] + shoulders[1] - hips[0] - hips[1]) / 2.0
    pelvis = _upright(hips[0] - hips[1], up)
    chest = _upright(shoulders[0] - shoulders[1], up)
    rotations[ROW["pelvis"]] = pelvis
    rotations[ROW["spine_03"]] = pelvis.T @ chest
    for side, letter in (("left", "l"), ("right", "r")):
        _lay_limb(rotations, chest, points_m, _Limb.arm(side, letter))
        _lay_limb(rotations, pelvis, points_m, _Limb.leg(side, letter))
    shared = _shared(rotations[ROW["spine_03"]])
    for bone in ("spine_01", "spine_02", "spine_03"):
        rotations[ROW[bone]] = shared
    middle = (hips[0] + hips[1]) / 2.0 - pelvis @ _middle(body)
    return pelvis_at(body, Pose(rotations, np.zeros(3)), middle)


def follow(body: Body, pose: Pose, points_m: Floats, information: Floats, steps: int) -> Laid:
    """The pose laid on from the moment before; a limb that has lost its points is laid afresh.

    Far from its points a limb takes them for wild ones, and would stay lost.
    """
    laid = lay(body, pose, points_m, information, steps)
    if not possible(points_m) or not (_aside_m(laid) > _ASTRAY_M).any():
        return laid
    again = lay(body, begin(body, points_m), points_m, information, _AFRESH)
    return again if _aside_m(again).sum() < 0.8 * _aside_m(laid).sum() else laid


def _aside_m(laid: Laid) -> Floats:
    """How far elbows, wrists, knees and ankles are from their points; 0 where there is none."""
    return np.nan_to_num(np.linalg.norm(laid.off_m[_LIMBS], axis=-1))


class _Limb:
    """Two bones and the hinge between them."""

    def __init__(self, points: tuple[str, str, str], bones: tuple[str, str], along: Floats, hinge: Floats) -> None:
        self.points, self.bones, self.along, self.hinge = points, bones, along, hinge

    @classmethod
    def arm(cls, side: str, letter: str) -> "_Limb":
        out = 1.0 if letter == "l" else -1.0
        points = (f"{side}_shoulder", f"{side}_elbow", f"{side}_wrist")
        bones = (f"upperarm_{letter}", f"lowerarm_{letter}")
        return cls(points, bones, np.array([out, 0.0, 0.0]), np.array([0.0, 0.0, -out]))

    @classmethod
    def leg(cls, side: str, letter: str) -> "_Limb":
        points = (f"{side}_hip", f"{side}_knee", f"{side}_ankle")
        return cls(points, (f"thigh_{letter}", f"calf_{letter}"), np.array([0.0, 0.0, -1.0]), np.array([1.0, 0.0, 0.0]))


def _lay_limb(rotations: Floats, parent: Floats, points_m: Floats, limb: _Limb) -> None:
    first, middle, last = (points_m[_AT[name]] for name in limb.points)
    above, below = middle - first, last - middle
    if not np.isfinite(above).all():
        return
    hinge = np.cross(above, below)
    bent = float(np.linalg.norm(hinge)) / max(float(np.linalg.norm(above) * np.linalg.norm(below)), 1e-9)
    if not np.isfinite(bent) or bent < 0.1:
        hinge = parent @ limb.hinge
    turn = frame(above, hinge) @ frame(limb.along, limb.hinge).T
    rotations[ROW[limb.bones[0]]] = parent.T @ turn
    if np.isfinite(below).all():
        local = turn.T @ below
        angle = float(np.arctan2(np.cross(limb.along, local) @ limb.hinge, limb.along @ local))
        rotations[ROW[limb.bones[1]]] = _about(limb.hinge, angle)


def _about(axis: Floats, angle: float) -> Floats:
    first = frame(axis, np.array([0.3, 0.5, 0.7]))
    cos, sin = np.cos(angle), np.sin(angle)
    return first @ np.array([[1.0, 0.0, 0.0], [0.0, cos, -sin], [0.0, sin, cos]]) @ first.T


def _upright(left: Floats, up: Floats) -> Floats:
    """stage_from_bone of a bone whose X is to the left and whose Z goes up the trunk."""
    turned = frame(up, left)  # columns: up, left, up x left = back
    return np.column_stack((turned[:, 1], turned[:, 2], turned[:, 0]))


def _shared(whole: Floats) -> Floats:
    """A third of a turn."""
    return matrices(vectors(whole) / 3.0)


def _middle(body: Body) -> Floats:
    thighs = (body.rest_m[ROW["thigh_l"]] + body.rest_m[ROW["thigh_r"]]) / 2.0
    hip = body.markers.offset_m[_AT["left_hip"]] + body.markers.offset_m[_AT["right_hip"]]
    return thighs + body.size_unit * hip / 2.0


def _point(points_m: Floats, name: str) -> Floats:
    return points_m[_AT[name]]
