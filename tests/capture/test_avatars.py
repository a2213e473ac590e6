"""Performers in other tools' words: a humanoid composed in Unity's axes stands where the stage's does."""

import numpy as np
import pytest

from bridge.clock import FakeClock
from bridge.frames import (
    axes_matrix,
    matrix_from_quat,
    quat_from_matrix,
    quat_from_pan_tilt_roll,
    quat_from_rotation_vector,
)
from bridge.performed import ARKIT_SHAPES, FaceShapes, SkeletonDefinition, SkeletonPose
from bridge.stage_capture import PeopleTarget
from bridge.timecode import Timecode
from bridge.udp import Listener
from bridge.wire import live_link_face, vmc
from capture.bones import BONES, PARENTS, forward
from capture.live import avatars
from capture.live.avatar_sender import Avatars
from capture.live.avatars import HUMANOID, face_datagram, vmc_datagrams

DEFINITION = SkeletonDefinition(
    subject="ana", t_ns=0, definition=1, bones=tuple(zip(BONES, PARENTS, strict=True)), rest_m=((0.0, 0.0, 0.0),) * 53
)


def pose_of(rest_m: "np.ndarray", turns: "np.ndarray", root_m: "np.ndarray", *, lost: bool = False) -> SkeletonPose:
    quaternions = [quat_from_matrix(turn) for turn in turns]
    places = np.vstack((root_m, rest_m[1:]))
    rows = np.column_stack((quaternions, places)).astype("<f4")
    return SkeletonPose(
        subject="ana", t_ns=1, sequence=1, definition=1, bones_f32=rows.tobytes(), t_arrival_ns=1, lost=lost
    )


def test_every_bone_of_a_hand_and_a_leg_has_unitys_name_once() -> None:
    assert set(HUMANOID) == set(BONES) - {"root"}
    assert len(set(HUMANOID.values())) == 52
    assert HUMANOID["pinky_02_r"] == "RightLittleIntermediate"


def test_a_humanoid_composed_in_unity_stands_where_the_stages_does() -> None:
    dice = np.random.default_rng(8)
    rest = np.vstack((np.zeros(3), dice.normal(0, 0.2, (52, 3))))
    turns = np.array([matrix_from_quat(quat_from_rotation_vector(tuple(dice.normal(0, 0.6, 3)))) for _ in BONES])
    root = np.array([0.3, -1.2, 0.1])
    joints, _ = forward(rest, turns, root)
    frames = [vmc.decode(data) for data in vmc_datagrams(DEFINITION, pose_of(rest, turns, root), None, 2.5)]
    assert frames[0].available and frames[0].time_s == 2.5
    by_name = {bone.name: bone for frame in frames for bone in frame.bones}
    x, y, z, w = frames[0].root_rotation_xyzw
    at = {"root": np.array(frames[0].root_position_m)}
    turn = {"root": matrix_from_quat((w, x, y, z))}
    for name, parent in zip(BONES[1:], PARENTS[1:], strict=True):
        above, bone = BONES[parent], by_name[HUMANOID[name]]
        x, y, z, w = bone.rotation_xyzw
        at[name] = at[above] + turn[above] @ bone.position_m
        turn[name] = turn[above] @ matrix_from_quat((w, x, y, z))
    unity = axes_matrix("unity", "stage")
    for row, name in enumerate(BONES):
        assert at[name] == pytest.approx(unity @ joints[row], abs=1e-5), name


def test_nobody_is_said_to_be_nobody() -> None:
    rest, turns = np.zeros((53, 3)), np.tile(np.eye(3), (53, 1, 1))
    (data,) = vmc_datagrams(DEFINITION, pose_of(rest, turns, np.zeros(3), lost=True), None, 1.0)
    frame = vmc.decode(data)
    assert frame.available is False and not frame.bones


def face_of(**changes: object) -> FaceShapes:
    shapes = np.zeros(52, "<f4")
    shapes[ARKIT_SHAPES.index("jawOpen")] = 0.75
    shapes[ARKIT_SHAPES.index("eyeLookOutLeft")] = shapes[ARKIT_SHAPES.index("eyeLookInRight")] = 1.0
    fields = {"subject": "ana", "t_ns": 1, "sequence": 1, "shapes_f32": shapes.tobytes(), "t_arrival_ns": 1}
    return FaceShapes(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_face_has_its_shapes_turns_and_the_labels_frame() -> None:
    """The performer faces -Y: a pan to the left turns the face to the own left, and looking up is a tilt down of +Y."""
    head = quat_from_pan_tilt_roll(30.0, -10.0, 0.0)
    face = live_link_face.decode(
        face_datagram(face_of(head_rotation_wxyz=head, timecode=Timecode(1, 0, 0, 12, 25)), utc_ns=0)
    )
    said = dict(zip(live_link_face.VALUES, face.values_unit, strict=True))
    assert (face.subject, face.frame, face.rate_num) == ("ana", 90012, 25)
    assert said["JawOpen"] == 0.75
    assert np.degrees([said["HeadYaw"], said["HeadPitch"], said["HeadRoll"]]) == pytest.approx([30, 10, 0], abs=1e-4)
    assert np.degrees([said["LeftEyeYaw"], said["RightEyeYaw"]]) == pytest.approx([30, 30], abs=1e-4)
    looks = matrix_from_quat(head) @ np.array([0.0, -1.0, 0.0])
    assert looks[0] > 0.4 and looks[2] > 0.1


def test_without_a_label_the_time_of_day_counts_and_a_lost_face_is_left_out() -> None:
    noon_ns = (86_400 * 20_000 + 43_200) * 1_000_000_000
    face = live_link_face.decode(face_datagram(face_of(lost=True), noon_ns + 8_333_334))
    assert (face.frame, face.rate_num, face.values_unit) == (43_200 * 60, 60, ())
    assert face.sub_frame_frames == pytest.approx(0.5, abs=1e-3)


def test_avatars_get_arkits_names_and_vrms_own() -> None:
    rest, turns = np.zeros((53, 3)), np.tile(np.eye(3), (53, 1, 1))
    frames = [vmc.decode(data) for data in vmc_datagrams(DEFINITION, pose_of(rest, turns, np.zeros(3)), face_of(), 0.0)]
    shapes = dict(pair for frame in frames for pair in frame.shapes_unit)
    assert shapes["A"] == shapes["JawOpen"] == 0.75
    assert len(shapes) == 57


def test_nothing_is_written_for_tools_that_nobody_named(monkeypatch: pytest.MonkeyPatch) -> None:
    listener = Listener("127.0.0.1", 0)
    named = Avatars([PeopleTarget(protocol="vmc", port=listener.port)], ("ana",), FakeClock(), FakeClock())
    said = [DEFINITION, pose_of(np.zeros((53, 3)), np.broadcast_to(np.eye(3), (53, 3, 3)), np.zeros(3))]
    named.send(said)
    heard = listener.take()
    assert heard and all(data.startswith(b"#bundle") for data, _, _ in heard)
    monkeypatch.setattr(avatars, "vmc_datagrams", None)
    Avatars([PeopleTarget(protocol="live_link_face", port=listener.port)], ("ana",), FakeClock(), FakeClock()).send(
        said
    )
    assert listener.take() == []
    named.close()
    listener.close()
