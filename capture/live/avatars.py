"""Performers for tools without the plugin: VMC for avatars, Live Link Face for Unreal's own ARKit source. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.clock import NS_PER_S
from bridge.frames import Quaternion, Vector, pan_tilt_roll_from_quat, unity_bone_from_stage, unity_root_from_stage
from bridge.performed import ARKIT_SHAPES, FaceShapes, SkeletonDefinition, SkeletonPose
from bridge.timecode import Timecode, frame_number
from bridge.wire import live_link_face, vmc
from bridge.wire.live_link_face import LiveLinkFace
from bridge.wire.vmc import VmcBone, VmcFrame

Floats32 = NDArray[np.float32]

DEVICE = "CYCLORAMA"
_FACE_RATE = (60, 1)

_SIDES = {"l": "Left", "r": "Right"}
_LIMBS = {
    "clavicle": "Shoulder",
    "upperarm": "UpperArm",
    "lowerarm": "LowerArm",
    "hand": "Hand",
    "thigh": "UpperLeg",
    "calf": "LowerLeg",
    "foot": "Foot",
    "ball": "Toes",
}
_FINGERS = {"thumb": "Thumb", "index": "Index", "middle": "Middle", "ring": "Ring", "pinky": "Little"}
_JOINTS = {"01": "Proximal", "02": "Intermediate", "03": "Distal"}

HUMANOID: dict[str, str] = {
    "pelvis": "Hips",
    "spine_01": "Spine",
    "spine_02": "Chest",
    "spine_03": "UpperChest",
    "neck_01": "Neck",
    "head": "Head",
    **{f"{ours}_{side}": f"{name}{theirs}" for side, name in _SIDES.items() for ours, theirs in _LIMBS.items()},
    **{
        f"{ours}_{number}_{side}": f"{name}{theirs}{joint}"
        for side, name in _SIDES.items()
        for ours, theirs in _FINGERS.items()
        for number, joint in _JOINTS.items()
    },
}
"""The mannequin's bones -> Unity's HumanBodyBones."""

_SIMPLE = {
    "A": "jawOpen",
    "U": "mouthPucker",
    "O": "mouthFunnel",
    "Blink_L": "eyeBlinkLeft",
    "Blink_R": "eyeBlinkRight",
}
"""VRM 0's own shapes, for models without ARKit's."""


def vmc_datagrams(
    bones: SkeletonDefinition, pose: SkeletonPose, face: FaceShapes | None, since_start_s: float
) -> list[bytes]:
    """One moment of a performer. Nobody is seen: only that nothing is available, so that the avatar holds still."""
    if pose.lost:
        return vmc.encode(VmcFrame(available=False, time_s=since_start_s))
    rows = np.frombuffer(pose.bones_f32, "<f4").reshape(-1, 7)
    root = unity_root_from_stage(_vector(rows[0, 4:]), _quaternion(rows[0, :4]))
    return vmc.encode(
        VmcFrame(
            available=True,
            time_s=since_start_s,
            root_position_m=root[0],
            root_rotation_xyzw=root[1],
            bones=tuple(
                VmcBone(HUMANOID[name], *unity_bone_from_stage(_vector(row[4:]), _quaternion(row[:4])))
                for (name, _), row in zip(bones.bones, rows, strict=True)
                if name in HUMANOID
            ),
            shapes_unit=_shapes(face) if face and not face.lost else (),
        )
    )


def face_datagram(face: FaceShapes, utc_ns: int) -> bytes:
    """Head and eye turns in radians: yaw positive to the performer's left, pitch up, as Unreal's source sends them on.

    That the turns are radians and so signed is how others read the packet; Apple's and Epic's pages do not say.
    """
    shapes = np.frombuffer(face.shapes_f32, "<f4")
    pan, tilt, roll = np.radians(pan_tilt_roll_from_quat(face.head_rotation_wxyz))
    frame, sub, rate = _counted(face.timecode, utc_ns)
    return live_link_face.encode(
        LiveLinkFace(
            device=DEVICE,
            subject=face.subject,
            frame=frame,
            sub_frame_frames=sub,
            rate_num=rate[0],
            rate_den=rate[1],
            values_unit=() if face.lost else (*map(float, shapes), *map(float, (pan, -tilt, -roll)), *_eyes(shapes)),
        )
    )


def _counted(timecode: Timecode | None, utc_ns: int) -> tuple[int, float, tuple[int, int]]:
    """Frames since midnight: by timecode, else by the time of day."""
    if timecode is not None:
        return frame_number(timecode), 0.0, (timecode.rate_num, timecode.rate_den)
    since_midnight = utc_ns % (86_400 * NS_PER_S) * _FACE_RATE[0] / NS_PER_S
    return int(since_midnight), since_midnight % 1.0, _FACE_RATE


def _eyes(shapes: Floats32) -> Sequence[float]:
    """Yaw, pitch, roll of the left and the right eye, out of their look shapes; 30 degrees is a full look."""
    turned: list[float] = []
    for side, inward in (("Left", -1.0), ("Right", 1.0)):
        look = {to: float(shapes[ARKIT_SHAPES.index(f"eyeLook{to}{side}")]) for to in ("In", "Out", "Up", "Down")}
        full = np.radians(30.0)
        turned += [inward * (look["In"] - look["Out"]) * full, (look["Up"] - look["Down"]) * full, 0.0]
    return turned


def _shapes(face: FaceShapes) -> tuple[tuple[str, float], ...]:
    shapes = np.frombuffer(face.shapes_f32, "<f4")
    by_name = dict(zip(ARKIT_SHAPES, map(float, shapes), strict=True))
    simple = tuple((name, by_name[shape]) for name, shape in _SIMPLE.items())
    return simple + tuple((name[0].upper() + name[1:], value) for name, value in by_name.items())


def _vector(row: Floats32) -> Vector:
    x, y, z = map(float, row)
    return (x, y, z)


def _quaternion(row: Floats32) -> Quaternion:
    w, x, y, z = map(float, row)
    return (w, x, y, z)
