"""The parts of a stage calibration: walls as placements, tracker poses backed out, closed forms, slopes."""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.calibrate.rotations import angle_rad, left_jacobian, turn, vector_of
from bridge.calibrate.stage.bundle import SHARED, Corners, Free, Model, Told, jacobian, moved, residuals_px, size_of
from bridge.calibrate.stage.hand_eye import agreeing, hand_eye
from bridge.calibrate.stage.markers import MOST_IDS, Face, layouts, markers
from bridge.calibrate.stage.placement import matrix_of, placed, placement, rigid_of, turns_freely
from bridge.calibrate.stillness import Stillness
from bridge.calibrate.tracked import tracker_pose_of
from bridge.frames import compose, quat_from_pan_tilt_roll
from bridge.lens import lens_table
from bridge.messages import TrackerSample
from bridge.stage import LensPoint
from bridge.stage_walls import AnyWall, ArcWall, CeilingWall, FlatWall, MeshWall
from bridge.tracking import Rig, start, step

metres = st.tuples(*[st.floats(-9, 9)] * 3)
degrees = st.tuples(st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180))
FLAT = FlatWall(name="w", pixels=(100, 50), centre_m=(0, 0, 0), width_m=4, height_m=2)
ARC = ArcWall(name="w", pixels=(100, 50), centre_m=(0, 0, 0), radius_m=4, arc_deg=120, height_m=3)
CEILING = CeilingWall(name="w", pixels=(100, 50), centre_m=(0, 0, 0), width_m=4, depth_m=2)
MESH = MeshWall(name="w", pixels=(100, 50), obj="w.obj")


@given(st.sampled_from([FLAT, ARC, CEILING, MESH]), metres, degrees)
@settings(max_examples=80, deadline=None)
def test_any_wall_goes_where_it_is_placed_and_says_so(wall: AnyWall, place: tuple, ptr: tuple) -> None:
    """A floor at tilt -90, where pan and roll are one, included."""
    if turns_freely(wall):
        wanted = (place, quat_from_pan_tilt_roll(*ptr))
    else:  # an arc or a ceiling, about the vertical only
        wanted = compose((place, quat_from_pan_tilt_roll(ptr[0], 0, 0)), ((0, 0, 0), placement(wall)[1]))
    for got in (placement(placed(wall, wanted)), placement(placed(placed(wall, wanted), wanted))):
        (r, p), (s, q) = matrix_of(got), matrix_of(wanted)
        assert np.allclose(p, q, atol=1e-6)
        assert angle_rad(r.T @ s) < 4e-6


def test_angles_stay_in_the_turn_they_were_in() -> None:
    arc = msgspec.structs.replace(ARC, middle_deg=350.0)
    assert placed(arc, ((0, 0, 0), quat_from_pan_tilt_roll(-9.0, 0, 0))).middle_deg == pytest.approx(351.0)
    flat = msgspec.structs.replace(FLAT, pan_tilt_roll_deg=(180.0, 0.0, 0.0))
    turned = placed(flat, ((0, 0, 0), quat_from_pan_tilt_roll(-179.0, 0, 0)))
    assert turned.pan_tilt_roll_deg == pytest.approx((181.0, 0.0, 0.0))


@given(metres, degrees, metres, degrees, st.floats(-0.1, 0.1))
@settings(max_examples=30, deadline=None)
def test_the_trackers_own_pose_comes_back_from_what_the_spine_says(
    place: tuple, ptr: tuple, origin: tuple, axes: tuple, nodal_m: float
) -> None:
    rig = Rig(
        subject="camA",
        tracker="t",
        stage_from_tracker=(origin, quat_from_pan_tilt_roll(*axes)),
        body_from_sensor=((0.03, 0.12, -0.05), quat_from_pan_tilt_roll(3.0, 29.0, -7.0)),
        nodal_offset_m=nodal_m,
        lens=lens_table([LensPoint(focal_length_mm=24.0, entrance_pupil_m=0.168)]),
        sensor_mm=(24.0, 13.5),
        period_s=0.04,
    )
    rotation = quat_from_pan_tilt_roll(*ptr)
    sample = TrackerSample(subject="t", t_ns=0, t_arrival_ns=0, position_m=place, rotation_wxyz=rotation)
    _, (pose,) = step(rig, start(rig), sample)
    (r, p), (s, q) = matrix_of(tracker_pose_of(rig, pose)), matrix_of((place, rotation))
    assert np.allclose(p, q, atol=1e-9)
    assert np.allclose(r, s, atol=1e-9)


def test_a_floor_that_leans_a_little_is_said_near_how_it_was() -> None:
    floor = msgspec.structs.replace(FLAT, pan_tilt_roll_deg=(45.0, -90.0, 0.0))
    leaning = compose(((0, 0, 0), quat_from_pan_tilt_roll(0, 0.003, 0.002)), placement(floor))
    pan, tilt, roll = placed(floor, leaning).pan_tilt_roll_deg
    assert abs(pan - 45.0) < 91 and abs(roll) < 91 and abs(tilt + 90) < 0.01
    (got, _), (wanted, _) = matrix_of(placement(placed(floor, leaning))), matrix_of(leaning)
    assert angle_rad(got.T @ wanted) < 1e-7


# --- rotations, slopes ----------------------------------------------------------------------------------------------


@given(st.tuples(*[st.floats(-2, 2)] * 3))
@settings(deadline=None)
def test_rotation_vectors_go_both_ways_and_change_as_said(vector: tuple) -> None:
    v, step_rad = np.array(vector), np.array([1e-6, -2e-6, 3e-6])
    if np.linalg.norm(v) < math.pi - 0.01:
        assert np.allclose(vector_of(turn(v)), v, atol=1e-7)
    other = turn(left_jacobian(v) @ step_rad) @ turn(v)
    assert np.allclose(turn(v + step_rad), other, atol=1e-10)


def some(rng: np.random.Generator, shots: int = 4, count: int = 60) -> tuple[Model, Corners, Told]:
    def turns(n: int) -> np.ndarray:
        return np.stack([turn(rng.normal(0, 0.2, 3)) for _ in range(n)])

    model = Model(
        turn(rng.normal(0, 0.2, 3)), rng.normal(0, 0.3, 3), turn(rng.normal(0, 0.2, 3)), rng.normal(0, 0.1, 3),
        rng.normal(0, 0.01, 2), 0.02, turns(3), rng.normal(0, 0.3, (3, 3)) + np.array([0, 4, 0]),
    )  # fmt: skip
    corners = Corners(
        rng.integers(0, shots, count), rng.integers(0, 3, count), np.zeros(count, np.int64),
        rng.normal(0, 1, (count, 3)) * [1, 0.1, 1], rng.normal(0, 0.2, (count, 2)), rng.normal(0, 900, (count, 2, 2)),
        np.zeros((count, 2)),
    )  # fmt: skip
    return model, corners, Told(turns(shots), rng.normal(0, 0.3, (shots, 3)), rng.uniform(0.1, 0.2, shots))


def test_the_jacobian_is_what_small_steps_do() -> None:
    rng = np.random.default_rng(3)
    model, corners, told = some(rng)
    free = [Free(0, freely=True), Free(2, freely=False)]
    x = rng.normal(0, 0.1, size_of(free))
    by_x = jacobian(model, x, corners, told, free)
    for index in range(size_of(free)):
        ends = []
        for sign in (1.0, -1.0):
            y = x.copy()
            y[index] += sign * 1e-6
            ends.append(residuals_px(moved(model, y, free), corners, told))
        assert np.allclose((ends[0] - ends[1]) / 2e-6, by_x[:, :, index], rtol=1e-5, atol=2e-3), index
    assert size_of(free) == SHARED + 6 + 4


# --- the closed form ------------------------------------------------------------------------------------------------


def screws(rng: np.random.Generator, count: int = 12) -> tuple[np.ndarray, ...]:
    """Poses told by a tracker and seen by a camera, and the two unknowns between them, anywhere at all."""
    x, y = (turn(rng.normal(0, 1.5, 3)), rng.normal(0, 3, 3)), (turn(rng.normal(0, 1.0, 3)), rng.normal(0, 0.2, 3))
    told = np.stack([turn(rng.normal(0, 0.4, 3)) for _ in range(count)])
    told_m = rng.normal(0, 1, (count, 3))
    seen = np.stack([x[0] @ b @ y[0] for b in told])
    seen_m = np.stack([x[0] @ (b @ y[1] + p) + x[1] for b, p in zip(told, told_m, strict=True)])
    return seen, seen_m, told, told_m, *x, *y


def test_hand_eye_finds_any_origin_and_mount() -> None:
    """OpenCV 5 has no calibrateRobotWorldHandEye any more to hold it against; what was planted is."""
    rng = np.random.default_rng(5)
    for _ in range(10):
        seen, seen_m, told, told_m, x, x_m, y, y_m = screws(rng)
        found = hand_eye(seen, seen_m, told, told_m)
        assert found is not None
        assert np.allclose(found.stage_from_tracker, x, atol=1e-9) and np.allclose(found.tracker_m, x_m, atol=1e-8)
        assert np.allclose(found.body_from_camera, y, atol=1e-9) and np.allclose(found.camera_m, y_m, atol=1e-8)


def test_poses_about_one_axis_have_no_closed_form() -> None:
    seen, seen_m, *_ = screws(np.random.default_rng(1))
    pans = np.stack([turn(np.array([0, 0, a])) for a in np.linspace(-0.5, 0.5, len(seen))])
    assert hand_eye(seen, seen_m, pans, seen_m) is None


@pytest.mark.parametrize("what", ["turned", "moved"])
def test_a_wrong_pose_fits_no_other_whatever_the_calibration(what: str) -> None:
    seen, seen_m, told, told_m, *_ = screws(np.random.default_rng(7))
    assert agreeing(seen, seen_m, told, told_m).all()
    told, told_m = told.copy(), told_m.copy()
    if what == "turned":
        told[4] = told[4] @ turn(np.array([0.02, 0.03, 0.0]))
    else:
        told_m[4] += np.array([0.3, -0.3, 0.3])
    assert np.flatnonzero(~agreeing(seen, seen_m, told, told_m)).tolist() == [4]


# --- layouts, stillness ---------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(200, 8000), st.integers(200, 3000)), min_size=1, max_size=5), st.floats(0.1, 2))
@settings(max_examples=25, deadline=None)
def test_markers_are_whole_leds_apart_from_each_other_and_few_enough(sizes: list, cell_m: float) -> None:
    plan = layouts([Face(f"w{i}", size, (0.0026, 0.0026)) for i, size in enumerate(sizes)], cell_m)
    every = [marker for layout in plan for marker in markers(layout)]
    assert sorted(marker.id for marker in every) == list(range(len(every))) and len(every) <= MOST_IDS
    for layout in plan:
        width, height = layout.face.pixels
        boxes = np.array([marker.corners_px for marker in markers(layout)])
        assert (boxes == np.round(boxes)).all() and (boxes >= 0).all()
        assert (boxes <= np.array([width, height])).all()
        white = 2 * layout.module_px
        centres = boxes.mean(axis=1)
        for one in range(min(len(centres), 30)):
            gap = np.abs(centres - centres[one]).max(axis=1)
            gap[one] = math.inf
            assert gap.min() >= 7 * layout.module_px + white


def test_no_marker_lies_across_a_fold() -> None:
    (plan,) = layouts([Face("arc", (6912, 1920), (0.0026, 0.0026), columns=36)], 0.3)
    for marker in markers(plan):
        left, right = marker.corners_px[0][0], marker.corners_px[1][0]
        assert left // 192 == (right - 1) // 192


def test_a_camera_is_still_after_half_a_second_and_somewhere_new_after_a_move() -> None:
    watch, here, there = Stillness(), ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0)), ((0.5, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0))
    assert not watch.take(0, here).still
    assert not watch.take(300_000_000, here).still
    held = watch.take(600_000_000, here)
    assert held.still and watch.somewhere_new(held.pose)
    watch.shot(held.pose)
    assert not watch.somewhere_new(here) and watch.somewhere_new(there)
    moving = watch.take(700_000_000, there)
    assert not moving.still and moving.moved_m == pytest.approx(0.5)
    assert watch.take(1_300_000_000, there).still


def test_placements_are_matrices_and_back() -> None:
    rigid = (1.0, 2.0, 3.0), quat_from_pan_tilt_roll(30, 10, 5)
    again = rigid_of(*matrix_of(rigid))
    assert again[0] == pytest.approx(rigid[0]) and again[1] == pytest.approx(rigid[1])
