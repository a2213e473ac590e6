"""A rig found again from a board whose path is known, people's clocks, and what is refused and why."""

import importlib.util
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from bridge.calibrate.lens.board import Board
from bridge.calibrate.lens.sightings import Sighting
from bridge.frames import IDENTITY, compose, invert, quat_angle_rad, quat_from_pan_tilt_roll
from bridge.lens import lens_table
from bridge.messages import Distortion, LensState
from bridge.stage import LensPoint
from bridge.tracking import Rig as Tracking
from capture.calibrate.clips import Clip, RigFault
from capture.calibrate.health import standing
from capture.calibrate.judgement import notes, refusal
from capture.calibrate.offsets import Track, by_place, by_speed, not_found
from capture.calibrate.placement import laid, lying, rig_of
from capture.calibrate.rescue import rescued
from capture.calibrate.solve import Found, Ways, solved
from capture.calibrate.tracked import board_in_stage
from capture.calibrate.views_file import views_json, views_of
from capture.rig import project

_spec = importlib.util.spec_from_file_location("board_made", Path(__file__).with_name("board_made.py"))
assert _spec and _spec.loader
made = importlib.util.module_from_spec(_spec)
sys.modules["board_made"] = made
_spec.loader.exec_module(made)

LATE_S = (0.0, made.FRAME_S, -made.FRAME_S * 0.6, made.FRAME_S * 0.3)


@pytest.fixture(scope="module")
def found() -> Found:
    """Two of four cameras most of a frame off."""
    return solved(made.clips(made.rig(LATE_S)), made.BOARD)


@pytest.mark.slow
def test_the_rig_is_found_as_it_is(found: Found) -> None:
    truth = made.rig(LATE_S)
    at_m = (0.4, 0.2)
    placed = rig_of(found, laid(lying(found), made.BOARD, at_m, 20.0))
    for one, true in zip(placed.cameras, truth.cameras, strict=True):
        assert math.dist(one.position_m, true.position_m) < 0.05, one.name
        assert math.degrees(quat_angle_rad(one.rotation_wxyz, true.rotation_wxyz)) < 1.0, (
            one.name
        )  # with its optical axis
        assert abs(one.focal_px[0] / true.focal_px[0] - 1) < 0.015
    volume = np.random.Generator(np.random.PCG64(2)).uniform((-1, -1, 0), (1, 1, 2), (200, 3))
    for one, true in zip(placed.cameras, truth.cameras, strict=True):
        assert np.nanmedian(np.linalg.norm(project(one, volume) - made.opencv_px(true, volume), axis=1)) < 1.0
    assert not refusal(found), refusal(found)


@pytest.mark.slow
def test_clocks_are_found_to_a_part_of_a_frame(found: Found) -> None:
    off = (found.late_s - np.array(LATE_S)) / made.FRAME_S
    assert np.abs(off).max() < 0.1
    assert sum("late against" in line for line in notes(found)) >= 1


@pytest.mark.slow
def test_the_noise_is_what_is_left_over(found: Found) -> None:
    assert found.rms_px < 1.6 * 0.15 * math.sqrt(2)
    assert found.spacing.rms_mm < 1.0  # of 110 mm, three metres away
    assert abs(found.spacing.bias_mm) < 0.1


@pytest.mark.slow
def test_people_tell_the_clocks_of_a_rig_that_is_a_little_off() -> None:
    late_s = (0.0, made.FRAME_S, 0.0, made.FRAME_S)
    tracks = list(made.people(made.rig(late_s)).values())
    rough = made.bumped(made.rig(), "", 0.5, 0.010)
    start = [lag.late_s for lag in by_speed(tracks, 0.5)]
    off = (by_place(rough, tracks, start).late_s - np.array(late_s)) / made.FRAME_S
    assert np.abs(off).max() < 0.2, off


@pytest.mark.slow
def test_one_gesture_is_not_enough_for_clocks_and_ten_seconds_are() -> None:
    late_s = (0.0, 0.4 * made.FRAME_S, 0.0, -0.7 * made.FRAME_S)
    tracks = list(made.people(made.rig(late_s), frames=230).values())
    names = ["c0", "c1", "c2", "c3"]
    found = by_place(made.rig(), tracks, np.zeros(4))
    assert not not_found(found, names, made.FRAME_S)
    assert (np.abs(found.late_s - late_s)[1:] < found.sigma_s[1:]).all()
    short = by_place(made.rig(), [Track(one.t_s[:45], one.points[:45]) for one in tracks], np.zeros(4))
    said = not_found(short, names, made.FRAME_S)
    assert said.startswith("not found: how late the cameras are, c1 to +-0.") and "c0" not in said


@pytest.mark.slow
def test_clocks_of_somebody_who_stands_still_are_not_found() -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    tracks = [
        Track(one.t_s, one.points[:1] + rng.normal(0, 3.0, one.points.shape))
        for one in made.people(made.rig(), frames=90).values()
    ]
    found = by_place(made.rig(), tracks, np.zeros(4))
    assert not_found(found, ["c0", "c1", "c2", "c3"], made.FRAME_S)


@pytest.mark.slow
def test_speeds_find_clips_that_started_seconds_apart() -> None:
    late_s = (0.0, 1.3, -0.7, 0.21)
    lags = by_speed(list(made.people(made.rig(late_s), frames=300).values()), 2.0)
    assert all(lag.agreement_unit > 0.15 for lag in lags)
    assert np.abs(np.array([lag.late_s for lag in lags]) - late_s).max() < made.FRAME_S


def test_a_bumped_camera_is_named_and_brought_back_to_about_what_is_promised() -> None:
    tracks = made.people(made.rig(), noise_px=2.0, bias_px=3.0)
    knocked = made.bumped(made.rig(), "c2", 3.0, 0.15)
    health = standing(knocked, tracks)
    assert [one.name for one in health if one.moved] == ["c2"]
    back = rescued(knocked, "c2", tracks)
    true = made.rig().cameras[2]
    assert math.dist(back.rig.cameras[2].position_m, true.position_m) < 0.04
    assert back.moved_m > 0.1
    assert "20 mm" in back.note
    assert not any(one.moved for one in standing(back.rig, tracks))
    with pytest.raises(RigFault, match="takes two other cameras"):
        rescued(knocked, "c2", {name: tracks[name] for name in ("c1", "c2")})


def cut(clip: Clip, **changes: object) -> Clip:
    return clip._replace(**changes)


def test_too_few_views_are_refused_by_name() -> None:
    shot = made.clips(made.rig(), 4.0)[1:]
    shot[0] = cut(shot[0], views=shot[0].views[:4])
    with pytest.raises(RigFault, match=r"c1: the board was found in 4 of \d+ pictures, expected 8 or more: carry"):
        solved(shot, made.BOARD)


@pytest.mark.slow
def test_a_camera_that_shares_no_moment_is_refused_by_name() -> None:
    shot = made.clips(made.rig())
    shot[3] = cut(shot[3], views=tuple(view._replace(t_s=view.t_s + 100.0) for view in shot[3].views))
    with pytest.raises(RigFault, match=r"c3 saw the board together with .* at 0 moments"):
        solved(shot, made.BOARD)


@pytest.mark.slow
def test_a_camera_that_was_moved_is_named_with_its_frame() -> None:
    knocked = made.bumped(made.rig(), "c1", 4.0, 0.08)
    before, after = made.clips(made.rig(), 14.0), made.clips(knocked, 14.0)
    before[1] = cut(
        before[1],
        views=tuple(view for view in before[1].views if view.t_s < 8.0)
        + tuple(view for view in after[1].views if view.t_s >= 8.0),
    )
    why = refusal(solved(before, made.BOARD, Ways(0.0)))
    assert "c1 was turned by about" in why, why
    assert "fix the camera and film again" in why


@pytest.mark.slow
def test_clips_of_different_minutes_are_refused() -> None:
    shot = made.clips(made.rig(), 14.0)
    views = shot[2].views
    swapped = [view._replace(ids=other.ids, px=other.px) for view, other in zip(views, views[::-1], strict=True)]
    shot[2] = cut(shot[2], views=tuple(swapped))
    try:
        why = refusal(solved(shot, made.BOARD))
    except RigFault as fault:
        why = str(fault)
    assert why.startswith("c2"), why


def test_views_are_kept_without_pictures() -> None:
    shot = made.clips(made.rig(), 2.0)
    board, clips = views_of(views_json(made.BOARD, shot), "views.json")
    assert board == made.BOARD
    for one, same in zip(clips, shot, strict=True):
        assert one[:4] == same[:4]
        assert all(np.abs(a.px - b.px).max() < 1e-4 for a, b in zip(one.views, same.views, strict=True))
    broken = views_json(Board(squares=(3, 3)), shot)
    with pytest.raises(RigFault, match="corners that the board does not have"):
        views_of(broken, "views.json")
    with pytest.raises(RigFault, match="not what `cyc calibrate rig shoot` writes"):
        views_of(b"{", "views.json")


def test_the_film_camera_says_where_the_board_lies() -> None:
    """Shots by OpenCV's projection of a tracked camera whose mount, pupil and tracker are all turned and moved."""
    lens = LensState(focal_length_mm=25.0, entrance_pupil_m=0.05, distortion=Distortion(k1_unit=-0.05))
    mount = ((0.02, 0.1, -0.05), quat_from_pan_tilt_roll(2.0, -3.0, 1.0))
    origin = ((3.0, -1.0, 0.4), quat_from_pan_tilt_roll(80.0, 0.0, 0.0))
    size, sensor = (1920, 1080), (24.0, 13.5)
    point = LensPoint(focal_length_mm=25.0, entrance_pupil_m=0.05, opencv_distortion_unit=(-0.05,))
    camera = Tracking(
        subject="camA",
        tracker="t",
        stage_from_tracker=origin,
        body_from_sensor=mount,
        nodal_offset_m=0.03,
        lens=lens_table([point]),
        sensor_mm=sensor,
        period_s=0.02,
    )
    turn, move = made.board_at(16.0)
    shots: list[Sighting] = []
    for number, spot in enumerate(((0.0, -2.0, 1.5), (1.8, -0.5, 1.2), (-1.2, 1.5, 1.7), (0.2, 0.1, 2.2))):
        eye = made.camera("film", spot, 2000.0, 0.0)
        eye = eye._replace(size_px=size, centre_px=(960.0, 540.0), distortion=lens.distortion)
        look = made.camera("film", (spot[0] - 0.4, spot[1] - 0.2, spot[2] + 1.0), 2000.0, 0.0).rotation_wxyz
        eye = eye._replace(rotation_wxyz=look)
        px = made.opencv_px(eye, made.PLACES @ turn.T + move)
        ids = np.flatnonzero(np.isfinite(px[:, 0]))
        pupil = compose(mount, ((0.0, 0.08, 0.0), IDENTITY))
        body = compose(invert(origin), compose((eye.position_m, eye.rotation_wxyz), invert(pupil)))
        shots.append(Sighting(str(number), 0.0, 0.0, ids, px[ids], 1.5, *body))
    assert min(len(shot.ids) for shot in shots) >= 6
    there = board_in_stage(camera, size, shots, made.BOARD)
    assert np.abs(there.turn - turn).max() < 1e-6
    assert np.abs(there.move_m - move).max() < 1e-6
    assert abs(there.scale_unit - 1) < 1e-6
    with pytest.raises(RigFault, match=r"has the board \+10.0% larger than board.json"):
        board_in_stage(camera, size, shots, Board(squares=(6, 5), square_mm=100.0))
    x, y, z = shots[1].position_m
    astray = [shots[0], shots[1]._replace(position_m=(x + 0.2, y, z)), *shots[2:]]
    with pytest.raises(RigFault, match="mm apart, expected 10 or less; without 1 they agree"):
        board_in_stage(camera, size, astray, made.BOARD)
    with pytest.raises(RigFault, match="did the board lie still, was the tracker not zeroed"):
        board_in_stage(camera, size, astray[:3], made.BOARD)
    with pytest.raises(RigFault, match="in 2 shots of camA, expected 3 or more"):
        board_in_stage(camera, size, shots[:2], made.BOARD)
