"""A performer's pose as what the page draws of it: bones, joints and head in the stage, each as sure as it is.

Bones go by their names as on Unreal's mannequin; what another skeleton has is drawn too, and called the body.
"""

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Quaternion, Vector, matrix_from_quat, quat_from_matrix, quat_rotate
from bridge.messages import FaceShapes, SkeletonDefinition, SkeletonPose

Floats = NDArray[np.float64]

SURE_U8, UNSURE_U8 = 140.0, 24.0
"""From here on a joint is drawn as sure; below the other it was not seen."""
BRIGHT, ORANGE, UNSEEN = (116, 211, 164), (255, 150, 60), (112, 118, 128)
PARTS = ("head", "torso", "left arm", "right arm", "left hand", "right hand", "left leg", "right leg")
_ARM, _LEG = ("clavicle", "upperarm", "lowerarm"), ("thigh", "calf", "foot", "ball")
_FINGERS = ("hand", "thumb", "index", "middle", "ring", "pinky")
_THICK_M = {"thigh": 0.055, "calf": 0.045, "spine": 0.075, "pelvis": 0.08, "neck": 0.045, "head": 0.04}
_LIMB_M, _FINGER_M = 0.034, 0.01
_HEAD_M, _NOSE_M = (0.0, -0.01, 0.09), (0.0, -0.11, 0.07)
"""From the head's joint: the skull's middle, and the nose's tip; the face looks along -Y."""


class Drawn(NamedTuple):
    """One moment of one performer, in the stage."""

    joints_m: Floats
    """[J, 3]."""
    bones_m: Floats
    """[B, 3]: where each begins."""
    turns_wxyz: Floats
    """[B, 4]: its own Z runs along it."""
    sizes_m: Floats
    """[B, 3]: thick, thick, long."""
    joint_colours: NDArray[np.uint8]
    bone_colours: NDArray[np.uint8]
    head_m: Vector
    head_wxyz: Quaternion
    nose_m: Vector
    top_m: Vector
    """Where the name goes."""


def part_of(bone: str) -> str:
    """Which part of the body a bone belongs to."""
    stem, side = re.sub(r"_\d+", "", bone), ""
    if stem.endswith(("_l", "_r")):
        stem, side = stem[:-2], {"l": "left", "r": "right"}[stem[-1]]
    for names, part in ((_ARM, "arm"), (_LEG, "leg"), (_FINGERS, "hand")):
        if side and stem in names:
            return f"{side} {part}"
    return "head" if stem in ("neck", "head") else "torso"


def part_quality(definition: SkeletonDefinition, pose: SkeletonPose) -> dict[str, float]:
    """0..1 of each part of the body, the mean over its joints; parts without joints are left out."""
    sure = np.frombuffer(pose.quality_u8, np.uint8)
    if len(sure) != len(definition.bones):
        return {}
    parts = [part_of(name) if parent >= 0 else "" for name, parent in definition.bones]
    means = {part: [float(sure[row]) for row, mine in enumerate(parts) if mine == part] for part in PARTS}
    return {part: sum(values) / len(values) / 255.0 for part, values in means.items() if values}


def drawn(definition: SkeletonDefinition, pose: SkeletonPose, face: FaceShapes | None = None) -> Drawn | None:
    """None for a pose that is of another definition or not whole. A face that is lost turns no head."""
    count = len(definition.bones)
    if pose.definition != definition.definition or len(pose.bones_f32) != 28 * count or count < 2:
        return None
    joints, turns = _placed(definition, pose)
    rows = [row for row, (_, parent) in enumerate(definition.bones) if parent >= 0 and definition.bones[parent][1] >= 0]
    parents = [definition.bones[row][1] for row in rows]
    along = joints[rows] - joints[parents]
    long_m = np.linalg.norm(along, axis=1)
    thick = np.array([_thick_m(definition.bones[parent][0]) for parent in parents])
    sure = np.frombuffer(pose.quality_u8, np.uint8).astype(float) if len(pose.quality_u8) == count else np.zeros(count)
    shown = [row for row, (_, parent) in enumerate(definition.bones) if parent >= 0]
    head = next((row for row, (name, _) in enumerate(definition.bones) if name == "head"), shown[-1])
    turned = quat_from_matrix(turns[head])
    if face is not None and not face.lost:
        turned = face.head_rotation_wxyz
    return Drawn(
        joints[shown],
        joints[parents],
        _towards(along),
        np.stack((thick, thick, np.maximum(long_m, 1e-3)), axis=1),
        colours(sure[shown]),
        colours(np.minimum(sure[rows], sure[parents])),
        _from_head(joints[head], turned, _HEAD_M),
        turned,
        _from_head(joints[head], turned, _NOSE_M),
        _from_head(joints[head], (1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.32)),
    )


def colours(sure_u8: Floats) -> NDArray[np.uint8]:
    """[n, 3]: bright where it is sure, through orange where it is not, grey where nothing was seen."""
    share = np.clip((sure_u8 - UNSURE_U8) / (SURE_U8 - UNSURE_U8), 0.0, 1.0)[:, None]
    mixed = np.array(ORANGE) + share * (np.array(BRIGHT) - np.array(ORANGE))
    return np.where((sure_u8 < UNSURE_U8)[:, None], np.array(UNSEEN), mixed).round().astype(np.uint8)


def _placed(definition: SkeletonDefinition, pose: SkeletonPose) -> tuple[Floats, Floats]:
    """Joints [N, 3] and stage_from_bone [N, 3, 3]; parents lie above their children."""
    rows = np.frombuffer(pose.bones_f32, "<f4").reshape(-1, 7).astype(np.float64)
    joints, turns = np.empty((len(rows), 3)), np.empty((len(rows), 3, 3))
    for row, (_, parent) in enumerate(definition.bones):
        w, x, y, z = rows[row, :4].tolist()
        own = matrix_from_quat((w, x, y, z))
        if not 0 <= parent < row:
            joints[row], turns[row] = rows[row, 4:], own
        else:
            joints[row], turns[row] = joints[parent] + turns[parent] @ rows[row, 4:], turns[parent] @ own
    return joints, turns


def _towards(along: Floats) -> Floats:
    """[n, 4]: the shortest turn of +Z onto each direction."""
    unit = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    turns = np.column_stack((1.0 + unit[:, 2], -unit[:, 1], unit[:, 0], np.zeros(len(unit))))
    turns[turns[:, 0] < 1e-6] = (0.0, 1.0, 0.0, 0.0)
    return turns / np.linalg.norm(turns, axis=1, keepdims=True)


def _thick_m(bone: str) -> float:
    if part_of(bone).endswith("hand"):
        return _FINGER_M
    return _THICK_M.get(bone.partition("_")[0], _LIMB_M)


def _from_head(joint_m: Floats, turned: Quaternion, offset_m: Vector) -> Vector:
    x, y, z = quat_rotate(turned, offset_m)
    return (float(joint_m[0]) + x, float(joint_m[1]) + y, float(joint_m[2]) + z)
