"""Frames against golden vectors (conventions.md), numpy's matrices and group laws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import frames

angles = st.floats(-720, 720)
metres = st.floats(-100, 100)
vectors = st.tuples(metres, metres, metres)
rotations = st.builds(frames.quat_from_pan_tilt_roll, angles, angles, angles)
poses = st.tuples(vectors, rotations)


def rotation_by_matrices(pan_deg: float, tilt_deg: float, roll_deg: float) -> np.ndarray:
    """Rz(pan) Rx(tilt) Ry(roll), written out independently."""
    (cp, ct, cr), (sp, st_, sr) = (f(np.radians([pan_deg, tilt_deg, roll_deg])) for f in (np.cos, np.sin))
    rz = np.array([[cp, -sp, 0], [sp, cp, 0], [0, 0, 1]])
    rx = np.array([[1, 0, 0], [0, ct, -st_], [0, st_, ct]])
    ry = np.array([[cr, 0, sr], [0, 1, 0], [-sr, 0, cr]])
    return rz @ rx @ ry


def test_golden_unreal_axes() -> None:
    rotation = frames.quat_from_pan_tilt_roll(30, 10, 5)
    position_cm, (x, y, z, w) = frames.unreal_pose_from_stage((1, 2, 3), rotation)
    assert position_cm == (200, 100, 300)
    forward, right, up = (frames.quat_rotate((w, x, y, z), axis) for axis in np.eye(3).tolist())
    assert forward == pytest.approx((0.852869, -0.492404, 0.173648), abs=1e-6)
    assert right == pytest.approx((0.511204, 0.855163, -0.085832), abs=1e-6)
    assert up == pytest.approx((-0.106234, 0.161973, 0.981060), abs=1e-6)


def test_golden_colmap_pose() -> None:
    stage_from_camera = frames.matrix_from_quat(frames.quat_from_pan_tilt_roll(30, 10, 5))
    camera_from_opencv = frames.axes_matrix("stage", "opencv")
    opencv_from_stage = (stage_from_camera @ camera_from_opencv).T
    q = frames.quat_from_matrix(opencv_from_stage)
    assert q == pytest.approx((0.730590, 0.627551, 0.139125, -0.230354), abs=1e-6)
    assert -opencv_from_stage @ [1, 2, 3] == pytest.approx((-1.620076, 2.892686, -1.734278), abs=1e-6)


@pytest.mark.parametrize(
    ("frame", "stage_vector", "there"),
    [
        ("unreal", (1.0, 2.0, 3.0), (200.0, 100.0, 300.0)),
        ("opencv", (1.0, 2.0, 3.0), (1.0, -3.0, 2.0)),
        ("opengl", (1.0, 2.0, 3.0), (1.0, 3.0, -2.0)),
        ("unity", (1.0, 2.0, 3.0), (1.0, 3.0, 2.0)),
        ("freed", (1.0, 2.0, 3.0), (1000.0, 2000.0, 3000.0)),
    ],
)
def test_positions_both_ways(frame: str, stage_vector: tuple, there: tuple) -> None:
    forth = frames.convert_positions(np.array(stage_vector), frame, "stage")
    assert forth == pytest.approx(there)
    assert frames.convert_positions(forth, "stage", frame) == pytest.approx(stage_vector)


def test_handedness_is_the_determinant() -> None:
    hands = {name: round(float(np.linalg.det(frames.axes_matrix("stage", name)))) for name in frames.FRAMES}
    assert {name for name, hand in hands.items() if hand < 0} == {"unreal", "unity", "unity_model", "psn"}


def test_unreal_matrix_path_agrees_with_the_scalar_path() -> None:
    rotation = frames.quat_from_pan_tilt_roll(-77, 33, 12)
    _, (x, y, z, w) = frames.unreal_pose_from_stage((0, 0, 0), rotation)
    by_matrix = frames.convert_rotation(frames.matrix_from_quat(rotation), "unreal", "stage")
    assert frames.matrix_from_quat((w, x, y, z)) == pytest.approx(by_matrix)


@given(angles, angles, angles)
def test_pan_tilt_roll_is_the_matrix_product(pan: float, tilt: float, roll: float) -> None:
    by_quat = frames.matrix_from_quat(frames.quat_from_pan_tilt_roll(pan, tilt, roll))
    assert by_quat == pytest.approx(rotation_by_matrices(pan, tilt, roll), abs=1e-12)


@given(rotations)
def test_angles_and_matrices_come_back(rotation: frames.Quaternion) -> None:
    again = frames.quat_from_pan_tilt_roll(*frames.pan_tilt_roll_from_quat(rotation))
    assert frames.quat_angle_rad(rotation, again) == pytest.approx(0, abs=1e-6)
    assert frames.quat_angle_rad(rotation, frames.quat_from_matrix(frames.matrix_from_quat(rotation))) < 1e-7


@given(poses, poses, vectors)
def test_poses_are_a_group(a: tuple, b: tuple, v: tuple) -> None:
    def apply(pose: tuple, point: tuple) -> np.ndarray:
        return np.add(pose[0], frames.quat_rotate(pose[1], point))

    assert apply(frames.compose(a, b), v) == pytest.approx(apply(a, tuple(apply(b, v))), abs=1e-9)
    assert apply(frames.invert(a), tuple(apply(a, v))) == pytest.approx(v, abs=1e-9)


@given(rotations, st.tuples(*[st.floats(-1.8, 1.8)] * 3))
def test_exponential_and_logarithm(rotation: frames.Quaternion, turn_rad: tuple) -> None:
    q = frames.quat_from_rotation_vector(turn_rad)
    if math.hypot(*turn_rad) < math.pi - 1e-3:
        assert frames.rotation_vector_from_quat(q) == pytest.approx(turn_rad, abs=1e-9)
    half = frames.quat_slerp(rotation, frames.quat_multiply(rotation, q), 0.5)
    assert frames.quat_angle_rad(rotation, half) == pytest.approx(
        frames.quat_angle_rad(rotation, frames.quat_multiply(rotation, q)) / 2, abs=1e-6
    )


@given(poses)
def test_outer_walls_come_back(pose: tuple) -> None:
    position, rotation = pose
    position_mm, angles_deg = frames.freed_pose_from_stage(position, rotation)
    position_cm, angles_f4_deg = frames.mosys_f4_pose_from_stage(position, rotation)
    for back in (
        frames.stage_pose_from_unreal(*frames.unreal_pose_from_stage(position, rotation)),
        frames.stage_pose_from_freed(position_mm, *angles_deg),
        frames.stage_pose_from_mosys_f4(position_cm, *angles_f4_deg),
    ):
        assert back[0] == pytest.approx(position)
        assert frames.quat_angle_rad(back[1], rotation) < 1e-6


def test_freed_pan_is_positive_to_the_right() -> None:
    _, rotation = frames.stage_pose_from_freed((0, 0, 0), 90, 0, 0)
    assert frames.quat_rotate(rotation, (0, 1, 0)) == pytest.approx((1, 0, 0), abs=1e-12)


def test_an_unknown_frame_and_a_zero_quaternion_are_named() -> None:
    with pytest.raises(ValueError, match=r"unknown frame 'blender'; known: stage, freed"):
        frames.axes_matrix("blender", "stage")
    with pytest.raises(ValueError, match="not a rotation"):
        frames.quat_normalise((0, 0, 0, 0))
