"""Performers through the spine's thought: bus messages in, the plugin's bytes out, in Unreal's frame."""

from pathlib import Path

import numpy as np
import pytest

from bridge import spine
from bridge.frames import axes_matrix, matrix_from_quat, quat_normalise, unreal_pose_from_stage
from bridge.messages import EngineBytes, FaceShapes, Mark, Message, SkeletonDefinition, SkeletonPose
from bridge.spine import SpineState
from bridge.spine_process import settings_of
from bridge.stage_file import load
from bridge.wire import engine
from bridge.wire.engine_people import FaceFrame, PoseFrame, SkeletonFrame

SETTINGS = settings_of(load(Path(__file__).parents[2] / "stage_configs" / "small_wall.toml"), lambda: 0, boot=7)
BONES = (("root", -1), ("pelvis", 0), ("spine_01", 1))


def heard(said: Message) -> spine.Outgoing:
    _, out = spine.hear(SETTINGS, SpineState(SETTINGS), said, 2_000)
    return out


def rows(count: int) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    dice = np.random.default_rng(3)
    turns = [quat_normalise(tuple(dice.normal(size=4))) for _ in range(count)]
    return np.column_stack((turns, dice.normal(size=(count, 3)))).astype("<f4")


def test_a_skeleton_and_its_pose_carry_the_same_bones() -> None:
    rest = ((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, 0.1))
    definition = SkeletonDefinition(subject="ana", t_ns=1, definition=9, bones=BONES, rest_m=rest, curves=("jawOpen",))
    frame = engine.decode(*heard(definition).engine[0])
    assert isinstance(frame, SkeletonFrame)
    assert (frame.name, frame.bones, frame.curves, frame.definition) == ("ana", BONES, ("jawOpen",), 9)


def test_a_bone_chain_ends_where_the_stages_does() -> None:
    """Composed in Unreal's axes, the chain's end is the stage's end, converted: a law the conversion must keep."""
    said = rows(3)
    pose = SkeletonPose(
        subject="ana", t_ns=1_000, sequence=4, definition=9, bones_f32=said.tobytes(), t_arrival_ns=1_500
    )
    out = heard(pose)
    frame = engine.decode(*out.engine[0])
    assert isinstance(frame, PoseFrame)
    assert (frame.t_ns, frame.t_arrival_ns, frame.t_sent_ns, frame.sequence) == (1_000, 1_500, 2_000, 4)
    unreal = np.frombuffer(frame.bones_f32, "<f4").reshape(-1, 7)
    at, turn = np.zeros(3), np.eye(3)
    at_cm, turn_cm = np.zeros(3), np.eye(3)
    for stage_row, unreal_row in zip(said, unreal, strict=True):
        at, turn = at + turn @ stage_row[4:], turn @ matrix_from_quat(tuple(stage_row[:4]))
        x, y, z, w = unreal_row[:4]
        # Unreal's quaternion formula is the usual one, read in its own left-handed axes.
        at_cm, turn_cm = at_cm + turn_cm @ unreal_row[4:], turn_cm @ matrix_from_quat((w, x, y, z))
    axes = axes_matrix("unreal", "stage")
    assert at_cm == pytest.approx(100.0 * axes @ at, abs=1e-3)
    assert turn_cm == pytest.approx(axes @ turn @ axes.T, abs=1e-5)
    assert not [said for said in out.bus if isinstance(said, EngineBytes)], "people are recorded where consent is asked"


def test_a_face_has_its_shapes_and_its_head() -> None:
    shapes = np.linspace(0, 1, 52, dtype="<f4").tobytes()
    turn = quat_normalise((0.9, 0.1, 0.2, 0.3))
    face = FaceShapes(
        subject="ana",
        t_ns=1,
        sequence=2,
        shapes_f32=shapes,
        head_position_m=(0.1, 0.2, 1.7),
        head_rotation_wxyz=turn,
        t_arrival_ns=1,
        lost=True,
    )
    frame = engine.decode(*heard(face).engine[0])
    assert isinstance(frame, FaceFrame)
    position_cm, rotation_xyzw = unreal_pose_from_stage((0.1, 0.2, 1.7), turn)
    assert frame.head_position_cm == pytest.approx(position_cm)
    assert frame.head_rotation_xyzw == pytest.approx(rotation_xyzw)
    assert (frame.shapes_f32, frame.lost, frame.name) == (shapes, True, "ana")


def test_rows_cut_short_are_refused_and_others_messages_pass_by() -> None:
    pose = SkeletonPose(subject="ana", t_ns=1, sequence=4, definition=9, bones_f32=b"\0" * 27, t_arrival_ns=1)
    out = heard(pose)
    assert not out.engine
    assert out.refused == [("field", "capture ana", "SkeletonPose of ana: bones are 27 bytes, expected rows of 28")]
    assert heard(Mark(subject="stage", t_ns=1)).engine == []
