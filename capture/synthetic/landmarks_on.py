"""Where a landmark detector's points lie on a made body, fixed to its bones."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.bones import ROW
from capture.seen import BODY
from capture.synthetic.body import Anchors

Floats = NDArray[np.float64]


class Features(NamedTuple):
    """A body in its binding pose."""

    joints_m: Floats
    bindings: Floats
    skin_m: Floats
    """[V, 3]"""
    eyes_m: Floats
    """[2, 3] left, right."""
    ends_m: dict[str, Floats]
    mouth_m: Floats
    """[2, 3] left, right corner."""


_AT_JOINTS = {
    "shoulder": "upperarm",
    "elbow": "lowerarm",
    "wrist": "hand",
    "pinky": "pinky_01",
    "index": "index_01",
    "thumb": "thumb_02",
    "hip": "thigh",
    "knee": "calf",
    "ankle": "foot",
}


def body_anchors(features: Features) -> Anchors:
    """BlazePose's 33: shoulders, hips and limbs at the joint centres, the rest on the skin."""
    points: dict[str, tuple[str, Floats]] = {"nose": ("head", _nose(features))}
    for side, eye, mouth in zip(("left", "right"), features.eyes_m, features.mouth_m, strict=True):
        out = 1.0 if side == "left" else -1.0
        for name, across in (("eye_inner", -0.015), ("eye", 0.0), ("eye_outer", 0.015)):
            points[f"{side}_{name}"] = ("head", eye + [out * across, -0.011, -0.001])
        points[f"{side}_ear"] = ("head", _ear(features, out))
        points[f"mouth_{side}"] = ("head", mouth)
        for name, bone in _AT_JOINTS.items():
            points[f"{side}_{name}"] = (f"{bone}_{side[0]}", features.joints_m[ROW[f"{bone}_{side[0]}"]])
        points[f"{side}_heel"] = (f"foot_{side[0]}", _heel(features, side[0]))
        points[f"{side}_foot_index"] = (f"ball_{side[0]}", features.ends_m[f"{side[0]}-toe-2-4"])
    return fixed(features, [points[name] for name in BODY])


def hand_anchors(features: Features, side: str) -> Anchors:
    """MediaPipe's 21: wrist, then four each of thumb, index, middle, ring and little finger."""
    points: list[tuple[str, Floats]] = [(f"hand_{side}", features.joints_m[ROW[f"hand_{side}"]])]
    for number, finger in enumerate(("thumb", "index", "middle", "ring", "pinky"), start=1):
        chain = [f"{finger}_{joint:02}_{side}" for joint in (1, 2, 3)]
        points += [(bone, features.joints_m[ROW[bone]]) for bone in chain]
        points.append((chain[-1], features.ends_m[f"{side}-finger-{number}-4"]))
    return fixed(features, points)


def fixed(features: Features, points: list[tuple[str, Floats]]) -> Anchors:
    """Each point in the binding pose as its bone carries it."""
    bones = np.array([ROW[bone] for bone, _ in points])
    offsets = np.array([point for _, point in points]) - features.joints_m[bones]
    return Anchors(bones, np.einsum("nij,nj->ni", features.bindings[bones], offsets))


def _nose(features: Features) -> Floats:
    near = features.skin_m - features.eyes_m.mean(axis=0)
    face = (np.abs(near[:, 0]) < 0.012) & (near[:, 2] < -0.015) & (near[:, 2] > -0.07)
    return features.skin_m[face][np.argmin(near[face, 1])]


def _ear(features: Features, out: float) -> Floats:
    near = features.skin_m - features.eyes_m.mean(axis=0)
    head = (np.abs(near[:, 2]) < 0.04) & (near[:, 1] > 0.05) & (near[:, 1] < 0.16)
    return features.skin_m[head][np.argmax(out * near[head, 0])]


def _heel(features: Features, side: str) -> Floats:
    ankle = features.joints_m[ROW[f"foot_{side}"]]
    near = features.skin_m - ankle
    foot = (np.abs(near[:, 0]) < 0.06) & (near[:, 2] < -0.03) & (near[:, 1] < 0.12)
    return features.skin_m[foot][np.argmax(near[foot, 1])]
