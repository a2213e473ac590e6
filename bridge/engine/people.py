"""Performers on the engine's wire: their skeletons, poses and faces in Unreal's frame. Pure.

What the recorder keeps of people are the bus messages, which ask for consent; there are no EngineBytes of them.
"""

import numpy as np

from bridge.frames import unreal_pose_from_stage, unreal_rows_from_stage
from bridge.messages import FaceShapes, Message, SkeletonDefinition, SkeletonPose
from bridge.wire import engine
from bridge.wire.engine import Multipart
from bridge.wire.engine_people import FaceFrame, PoseFrame, SkeletonFrame
from bridge.wire.refusal import Refused

TOPICS = ("SkeletonDefinition/", "SkeletonPose/", "FaceShapes/")
_ROW_BYTES = 28


def people_multipart(said: Message, *, clock_id: int, now_ns: int) -> Multipart | None:
    """The plugin's message of one of the bus; None for what is not about people. Refused: rows that are not whole."""
    try:
        match said:
            case SkeletonDefinition():
                return engine.encode(_skeleton(said, clock_id, now_ns))
            case SkeletonPose():
                return engine.encode(_pose(said, clock_id, now_ns))
            case FaceShapes():
                return engine.encode(_face(said, clock_id, now_ns))
            case _:
                return None
    except ValueError as error:
        raise Refused("field", f"{type(said).__name__} of {said.subject}: {error}") from None


def _skeleton(said: SkeletonDefinition, clock_id: int, now_ns: int) -> SkeletonFrame:
    return SkeletonFrame(
        name=said.subject,
        sequence=0,
        t_ns=said.t_ns,
        clock_id=clock_id,
        t_sent_ns=now_ns,
        definition=said.definition,
        bones=said.bones,
        curves=said.curves,
    )


def _pose(said: SkeletonPose, clock_id: int, now_ns: int) -> PoseFrame:
    if len(said.bones_f32) % _ROW_BYTES:
        raise ValueError(f"bones are {len(said.bones_f32)} bytes, expected rows of {_ROW_BYTES}")
    rows = np.frombuffer(said.bones_f32, "<f4").reshape(-1, 7)
    return PoseFrame(
        name=said.subject,
        sequence=said.sequence,
        t_ns=said.t_ns,
        clock_id=clock_id,
        timecode=said.timecode,
        stale=said.stale,
        lost=said.lost,
        t_arrival_ns=said.t_arrival_ns,
        t_sent_ns=now_ns,
        definition=said.definition,
        bones_f32=unreal_rows_from_stage(rows).tobytes(),
        curves_f32=said.curves_f32,
    )


def _face(said: FaceShapes, clock_id: int, now_ns: int) -> FaceFrame:
    position_cm, rotation_xyzw = unreal_pose_from_stage(said.head_position_m, said.head_rotation_wxyz)
    return FaceFrame(
        name=said.subject,
        sequence=said.sequence,
        t_ns=said.t_ns,
        clock_id=clock_id,
        timecode=said.timecode,
        stale=said.stale,
        lost=said.lost,
        t_arrival_ns=said.t_arrival_ns,
        t_sent_ns=now_ns,
        head_rotation_xyzw=rotation_xyzw,
        head_position_cm=position_cm,
        shapes_f32=said.shapes_f32,
    )
