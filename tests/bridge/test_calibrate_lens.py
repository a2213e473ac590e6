"""Lens tables from boards: found as they truly are, with faults of the shots named."""

import math
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from bridge.calibrate.lens import model as lens_model
from bridge.calibrate.lens.board import Board, corners_m
from bridge.calibrate.lens.outcome import Asked, NothingFound, Outcome, calibrated
from bridge.calibrate.lens.pictures import corners as corners_picture
from bridge.calibrate.lens.rows import merged
from bridge.calibrate.lens.sightings import Position, Sighting, positions, span_of
from bridge.calibrate.lens.simulated import ASKS, Ask, Setup, board_in_tracker, in_picture, shaken, taken
from bridge.calibrate.lens.solve import Optics, compare, table
from bridge.calibrate.lens.verdicts import FIX, LOOK, is_bad, verdicts
from bridge.frames import compose, quat_from_pan_tilt_roll
from bridge.lens import lens_at, lens_table
from bridge.sight import project
from bridge.stage import LensPoint
from bridge.stage_file import load
from bridge.stage_walls import pose_of

CONFIGS = Path(__file__).parents[2] / "stage_configs"
BOARD, FINE = Board(), Board(squares=(14, 9), square_mm=25.0)
STAGE = load(CONFIGS / "curved_volume.toml")
CAMERA = STAGE.cameras[0]
POINTS = STAGE.lenses[0].points[::2]
SETUP = Setup(CAMERA.sensor_mm, CAMERA.resolution_px, pose_of(CAMERA.body_from_sensor), CAMERA.nodal_offset_m)
OPTICS = Optics(CAMERA.sensor_mm, CAMERA.resolution_px)


def shots(
    points: tuple[LensPoint, ...],
    asks: tuple[Ask, ...] = ASKS,
    *,
    noise_px: float = 0.3,
    seed: int = 5,
    board: Board = BOARD,
) -> list[Sighting]:
    """What an ideal detector sees of each shot, with noise; the tracker has some too."""
    rng, flat, known = np.random.default_rng(seed), corners_m(board), lens_table(points)
    found: list[Sighting] = []
    for place, point in enumerate(points):
        lens = lens_at(known, point.zoom_raw_unit, point.focus_raw_unit)
        for number, ask in enumerate(asks):
            one = taken(board, SETUP, lens, ask)
            px = project(one.sight, board_in_tracker(board, flat) - np.array(one.sight.position_m))
            seen = in_picture(px, SETUP.resolution_px)
            px = px[seen] + rng.normal(0.0, noise_px, (int(seen.sum()), 2))
            pose = shaken(one.tracker_from_body, rng, 0.0003, math.radians(0.01))
            rings = (point.zoom_raw_unit, point.focus_raw_unit)
            found.append(Sighting(f"{place}-{number}", *rings, np.flatnonzero(seen), px, 1.5, *pose))
    return found


def asked(points: tuple[LensPoint, ...], **changes: object) -> Asked:
    return Asked(OPTICS, SETUP.body_from_sensor, CAMERA.nodal_offset_m, points)._replace(**changes)


def lens_of(point: LensPoint) -> np.ndarray:
    return lens_model.lens_of(point, CAMERA.sensor_mm, CAMERA.resolution_px)


@pytest.fixture(scope="module")
def found() -> Outcome:
    """The zoom's three stops; the file knows no distortion, a wrong mount, and pupils 30 mm off."""
    blank = tuple(
        LensPoint(
            zoom_raw_unit=point.zoom_raw_unit,
            focus_raw_unit=point.focus_raw_unit,
            focal_length_mm=point.focal_length_mm * 1.2,
            entrance_pupil_m=point.entrance_pupil_m + 0.03,
        )
        for point in POINTS
    )
    turned = ((0.01, 0.0, -0.015), quat_from_pan_tilt_roll(0.8, -0.5, 0.4))
    mount = compose(SETUP.body_from_sensor, turned)
    return calibrated(FINE, shots(POINTS, board=FINE), asked(blank, body_from_sensor=mount))


def test_points_land_where_opencv_puts_them_and_slopes_are_slopes() -> None:
    rng = np.random.default_rng(3)
    lens = lens_model.start(900.0, (1280, 720), 1.02)
    lens[lens_model.BENT : lens_model.SHAPE] = (-0.2, 0.06, 1e-3, -2e-3, 0.01, 0.02, -0.01, 0.003)
    points = rng.uniform((-0.6, -0.4, 1.0), (0.6, 0.4, 2.0), (40, 3))
    camera = np.array([[900.0, 0, 639.5], [0, 918.0, 359.5], [0, 0, 1]])
    peer, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), camera, lens[lens_model.BENT : lens_model.SHAPE])
    lenses = np.tile(lens, (40, 1))
    np.testing.assert_allclose(lens_model.project(lenses, points), peer.reshape(-1, 2) + 0.5, atol=1e-9)
    by_lens, by_point = lens_model.slopes(lenses, points)
    for index in range(lens_model.SIZE):
        step = np.eye(lens_model.SIZE)[index] * 1e-6
        ends = [lens_model.project(lenses + sign * step, points) for sign in (1, -1)]
        np.testing.assert_allclose(by_lens[:, :, index], (ends[0] - ends[1]) / 2e-6, rtol=1e-4, atol=1e-4)
    for axis in range(3):
        step = np.eye(3)[axis] * 1e-6
        ends = [lens_model.project(lenses, points + sign * step) for sign in (1, -1)]
        np.testing.assert_allclose(by_point[:, :, axis], (ends[0] - ends[1]) / 2e-6, rtol=1e-5, atol=1e-3)


def test_a_row_says_the_same_as_the_lens_it_came_from() -> None:
    for point in POINTS:
        back = lens_model.point_of(lens_of(point), CAMERA.sensor_mm, CAMERA.resolution_px, point)
        assert lens_of(back) == pytest.approx(lens_of(point), abs=1e-6)
        assert back.focus_distance_m == point.focus_distance_m


def test_one_position_agrees_with_opencv() -> None:
    """The same corners and the same formula through cv2.calibrateCamera."""
    seen, flat = shots(POINTS[:1]), corners_m(BOARD)
    ours = table(flat, seen, [Position(0.0, 0.0, tuple(range(len(seen))))], OPTICS)[0]
    objects = [flat[shot.ids].astype(np.float32) for shot in seen]
    pixels = [(shot.px - 0.5).astype(np.float32).reshape(-1, 1, 2) for shot in seen]
    start = np.array([[3300.0, 0, 1919.5], [0, 3300.0, 1079.5], [0, 0, 1]])
    flags = cv2.CALIB_USE_INTRINSIC_GUESS | cv2.CALIB_FIX_ASPECT_RATIO | cv2.CALIB_FIX_K3
    rms, camera, k, *_ = cv2.calibrateCamera(objects, pixels, CAMERA.resolution_px, start, None, flags=flags)
    peer = lens_model.start(float(camera[0, 0]), CAMERA.resolution_px, 1.0)
    peer[[lens_model.ACROSS, lens_model.DOWN]] = camera[:2, 2] + 0.5
    peer[lens_model.BENT : lens_model.BENT + 4] = k.ravel()[:4]
    assert math.sqrt(float((ours.solved.residual_px**2).sum(axis=1).mean())) == pytest.approx(rms, rel=0.02)
    assert ours.solved.rig.lens[0, 0] == pytest.approx(peer[0], abs=3e-4)
    assert compare(peer, ours.solved.rig.lens[0], CAMERA.resolution_px).corner_px < 0.4


def test_the_table_is_found_as_it_is(found: Outcome) -> None:
    assert [row.position.zoom_unit for row in found.rows] == [point.zoom_raw_unit for point in POINTS]
    assert found.noise_px == pytest.approx(0.3, rel=0.05)
    for row, point in zip(found.rows, POINTS, strict=True):
        assert row.point.focal_length_mm == pytest.approx(point.focal_length_mm, rel=1e-3)
        assert compare(lens_of(point), row.lens, CAMERA.resolution_px).corner_px < 0.5
        assert row.pupil_sigma_m is not None
        assert abs(row.point.entrance_pupil_m - point.entrance_pupil_m) < max(4 * row.pupil_sigma_m, 1e-3)
        assert row.covered_unit > 0.8
        assert not row.bare


def test_how_sure_it_says_it_is_is_how_sure_it_is(found: Outcome) -> None:
    for row, point in zip(found.rows, POINTS, strict=True):
        off = math.log(row.point.focal_length_mm / point.focal_length_mm)
        assert abs(off) < 4 * row.focal_sigma_unit
        assert row.focal_sigma_unit < 5e-4


def test_a_good_table_may_be_written_and_a_wrong_mount_is_only_said(found: Outcome) -> None:
    lines = verdicts(found, OPTICS)
    assert not is_bad(lines)
    assert [line.what for line in lines if line.verdict == LOOK] == ["mount"]
    assert found.tracker_sigma_m == pytest.approx(0.0003, rel=0.4)
    assert found.tracker_sigma_rad == pytest.approx(math.radians(0.01), rel=0.4)
    assert found.mount_off_m == pytest.approx(math.hypot(0.01, 0.015), abs=0.004)


def test_a_picture_shows_every_corner(found: Outcome) -> None:
    mine = found.group == 0
    chart = corners_picture(found.rows[0], found.px[mine], found.residual_px[mine], CAMERA.resolution_px)
    assert len(chart.strokes) == 1 + 2 * int(mine.sum())


PRIME = (LensPoint(focal_length_mm=35.0, entrance_pupil_m=0.1, opencv_distortion_unit=(-0.03, 0.01)),)


def said(sightings: list[Sighting], points: tuple[LensPoint, ...] = PRIME, optics: Optics = OPTICS) -> list[str]:
    outcome = calibrated(BOARD, sightings, asked(points, optics=optics))
    return [" | ".join(line) for line in verdicts(outcome, optics)]


def test_a_board_moved_by_hand_leaves_pupils_as_they_were() -> None:
    rng = np.random.default_rng(4)
    moved = []
    for shot in shots(PRIME):
        away = (tuple(rng.uniform(-1, 1, 3)), quat_from_pan_tilt_roll(*rng.uniform(-60, 60, 3)))
        position, rotation = compose(away, (shot.position_m, shot.rotation_wxyz))
        moved.append(shot._replace(position_m=position, rotation_wxyz=rotation))
    outcome = calibrated(BOARD, moved, asked(PRIME))
    assert outcome.rows[0].point.entrance_pupil_m == 0.1
    assert outcome.rows[0].pupil_sigma_m is None
    assert "board was moved between shots" in outcome.no_pupils
    assert outcome.rows[0].point.focal_length_mm == pytest.approx(35.0, rel=1e-3)


def test_shots_without_a_tracker_leave_pupils_as_they_were() -> None:
    bare = [shot._replace(position_m=(0, 0, 0), rotation_wxyz=(1, 0, 0, 0)) for shot in shots(PRIME)]
    assert any("no tracker poses" in line and "as they were" in line for line in said(bare))


@pytest.mark.slow
def test_a_wrong_sensor_size_is_named() -> None:
    width_mm, height_mm = CAMERA.sensor_mm
    lines = said(shots(PRIME), optics=OPTICS._replace(sensor_mm=(width_mm, height_mm * 1.018)))
    percent = float(lines[0].split("the sensor seems ")[1].split("%")[0])
    assert percent == pytest.approx(1.8, abs=0.15)
    assert "wider against its height than sensor_mm says" in lines[0]
    assert float(lines[0].split("would be ")[1].split(" mm")[0]) == pytest.approx(height_mm, rel=1e-3)
    assert f"| {FIX} |" in lines[0]


@pytest.mark.slow
def test_boards_that_all_face_the_camera_are_refused() -> None:
    facing = tuple(Ask(x, y, 0.0, 0.0, 0.0, 1.0) for x in (0.45, 0.5, 0.55) for y in (0.4, 0.5, 0.6))
    lines = said(shots(PRIME, facing))
    assert any("board tilted by" in line and f"| {FIX} |" in line for line in lines)


@pytest.mark.slow
def test_a_board_that_stays_in_the_middle_is_sent_to_the_corners() -> None:
    middle = tuple(ask._replace(across_unit=0.5, down_unit=0.5, further_unit=1.8) for ask in ASKS)
    assert any("bring the board into the top left and the top right" in line for line in said(shots(PRIME, middle)))


def test_a_shot_with_the_zoom_elsewhere_is_left_out_and_named() -> None:
    good = shots(PRIME)
    other = shots((msgspec.structs.replace(PRIME[0], focal_length_mm=42.0),))
    good[4] = other[4]._replace(name="bumped.png")
    lines = said(good)
    assert any("shots left out | bumped.png" in line for line in lines)


def test_few_shots_and_no_board_are_said() -> None:
    few = shots(POINTS[:2])[: len(ASKS) + 2]
    few[0] = few[0]._replace(ids=few[0].ids[:3], px=few[0].px[:3], name="dark.png")
    few[1] = few[1]._replace(blur_px=12.0, name="soft.png")
    lines = said(few, POINTS[:2])
    assert any("zoom 24000" in line and "usable shots | 2" in line and f"| {FIX} |" in line for line in lines)
    assert any("no board found | dark.png" in line for line in lines)
    assert any("blurred or moving | soft.png" in line for line in lines)
    with pytest.raises(NothingFound, match="the board was seen in 2 of 2 pictures"):
        calibrated(BOARD, few[1:3], asked(PRIME))


def test_a_row_that_sticks_out_of_the_table_is_named(found: Outcome) -> None:
    counts = np.arange(7) * 1000.0
    rows = [
        found.rows[0]._replace(
            position=Position(count, 0.0, tuple(range(9))),
            point=msgspec.structs.replace(found.rows[0].point, focal_length_mm=20.0 * math.exp(count / 5000)),
        )
        for count in counts
    ]
    assert not [line for line in verdicts(found._replace(rows=rows), OPTICS) if "sticks out" in line.advice]
    rows[3] = rows[3]._replace(point=msgspec.structs.replace(rows[3].point, focal_length_mm=38.0))
    strays = [line for line in verdicts(found._replace(rows=rows), OPTICS) if "sticks out" in line.advice]
    assert strays[0].where == "zoom 3000, focus 0"


def test_counts_that_jitter_are_one_position() -> None:
    rings = [(0, 10), (3, 9), (1, 11), (24000, 10), (24002, 65000), (24001, 65003)]
    seen = [Sighting("", zoom, focus, np.arange(0), np.empty((0, 2))) for zoom, focus in rings]
    spans = (span_of([zoom for zoom, _ in rings]), span_of([focus for _, focus in rings]))
    assert [place.shots for place in positions(seen, *spans)] == [(0, 1, 2), (3,), (4, 5)]


def test_new_rows_take_the_place_of_old_ones() -> None:
    new = (LensPoint(zoom_raw_unit=24010, focal_length_mm=36.0),)
    assert merged(POINTS, new, add=False) == new
    both = merged(POINTS, new, add=True)
    assert [point.zoom_raw_unit for point in both] == [0, 24010, 65535]
    assert all(point.focus_distance_m is None for point in both), "a table knows all of its distances or none"
