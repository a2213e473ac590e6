"""Stage calibration against stages whose truth is known: what is found, what is named, and what is refused.

Corners come from OpenCV's projectPoints, lens and all, so nothing of our own optics is asked to agree with itself.
"""

import functools
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import msgspec
import numpy as np
import pytest

from bridge.benches.calibrate_stage import against, bumped, off, planted
from bridge.calibrate.rotations import turn
from bridge.calibrate.shots import Shots
from bridge.calibrate.stage.calibration import Asked, Calibrated, CannotCalibrate, calibrate
from bridge.calibrate.stage.detect import Detected
from bridge.calibrate.stage.markers import markers, picture_coordinates
from bridge.calibrate.stage.observed import model_of
from bridge.calibrate.stage.patterns import Patterns, patterns_of
from bridge.calibrate.stage.placement import matrix_of, placed, placement, rigid_of
from bridge.calibrate.stage.simulated import shoot, stage_layouts
from bridge.frames import axes_matrix, matrix_from_quat, quat_from_pan_tilt_roll
from bridge.messages import LensState
from bridge.sight import Sight
from bridge.stage import Stage
from bridge.stage_file import load
from bridge.stage_walls import Pose, pose_of
from bridge.wall.shape import points
from bridge.wall.surfaces import shape_of

CONFIGS = Path(__file__).parents[2] / "stage_configs"
STAGES = ("small_wall", "xr_corner", "curved_volume")


class Made(NamedTuple):
    """A stage, shot."""

    truth: Stage
    patterns: Patterns
    shots: Shots
    sights: Sequence[Sight]


@functools.cache
def made(name: str, poses: int = 12) -> Made:
    truth = load(CONFIGS / f"{name}.toml")
    plan = stage_layouts(truth, CONFIGS)
    shot = shoot(truth, CONFIGS, truth.cameras[0], plan, poses, np.random.default_rng(2))
    return Made(truth, patterns_of(truth.name, plan), shot.shots, shot.sights)


def seen_by_opencv(truth: Stage, patterns: Patterns, sights: Sequence[Sight]) -> list[Detected]:
    """Whole markers in view of each camera, from in front, exactly."""
    walls = {wall.name: wall for wall in truth.walls}
    places = {name: shape_of(wall, CONFIGS) for name, wall in walls.items()}
    corners = {
        drawn.id: points(places[drawn.wall], np.array(drawn.corners_px) / np.array(walls[drawn.wall].pixels))
        for drawn in patterns.markers
    }
    return [Detected(sight.resolution_px, _projected(sight, corners), 0) for sight in sights]


def _projected(sight: Sight, corners: dict[int, np.ndarray]) -> dict[int, np.ndarray]:
    (width, height), lens = sight.resolution_px, sight.lens
    focal = lens.focal_length_mm / np.array(sight.sensor_mm) * np.array([width, height])
    middle = np.array([width, height]) * (0.5 + np.array(lens.projection_offset_mm) / np.array(sight.sensor_mm))
    matrix = np.array([[focal[0], 0, middle[0]], [0, focal[1], middle[1]], [0, 0, 1]])
    turned = axes_matrix("opencv", "stage") @ matrix_from_quat(sight.rotation_wxyz).T
    rvec, tvec = cv2.Rodrigues(turned)[0], -turned @ np.array(sight.position_m)
    every = np.concatenate(list(corners.values()))
    depth = (every @ turned.T + tvec)[:, 2].reshape(-1, 4)
    pixels = cv2.projectPoints(every, rvec, tvec, matrix, np.array(bent(lens)))[0].reshape(-1, 4, 2)
    plane = (every @ turned.T + tvec).reshape(-1, 4, 3)
    near = np.linalg.norm(plane[..., :2] / plane[..., 2:], axis=2).max(axis=1) < 0.8  # the lens model folds beyond
    inside = ((pixels > 4) & (pixels < np.array([width, height]) - 4)).all(axis=(1, 2)) & (depth > 0.5).all(axis=1)
    a, b = pixels[:, 1] - pixels[:, 0], pixels[:, 3] - pixels[:, 0]
    facing = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0] > 400
    return {marker: pixels[i] for i, marker in enumerate(corners) if inside[i] and facing[i] and near[i]}


def bent(lens: LensState) -> tuple[float, ...]:
    return msgspec.structs.astuple(lens.distortion)


def solve(
    stage: Stage, shot: Made, seen: list[Detected] | None = None, shots: Shots | None = None, asked: Asked | None = None
) -> Calibrated:
    found = seen if seen is not None else seen_by_opencv(shot.truth, shot.patterns, shot.sights)
    asked = asked or Asked(anchor=shot.truth.walls[0].name)
    return calibrate(stage, CONFIGS, shot.patterns, shots or shot.shots, found, asked)


@pytest.mark.parametrize("name", [STAGES[0], *(pytest.param(name, marks=pytest.mark.slow) for name in STAGES[1:])])
def test_exact_corners_give_the_exact_stage(name: str) -> None:
    shot = made(name)
    wrong = planted(shot.truth, shot.truth.walls[0].name, np.random.default_rng(4))
    found = solve(wrong, shot)
    errors = against(shot.truth, found.result.stage)
    assert not found.judged.faults
    assert errors.corner_mm < 2e-3 and errors.axes_deg < 1e-6 and errors.nodal_mm < 1e-3
    assert found.solution.rms_px < 1e-6
    true, got = model_of(shot.truth, shot.truth.cameras[0]), model_of(found.result.stage, found.result.stage.cameras[0])
    assert np.allclose(got.mount_m, true.mount_m, atol=1e-6) and np.allclose(got.tracker_m, true.tracker_m, atol=1e-6)
    assert np.allclose(got.mount, true.mount, atol=1e-7)


def test_a_stage_file_that_is_wrong_by_metres_and_a_quarter_turn_still_converges() -> None:
    shot = made("xr_corner")
    rng = np.random.default_rng(9)
    camera, tracker = shot.truth.cameras[0], shot.truth.trackers[0]
    origin = off(pose_of(tracker.stage_from_tracker), 4.0, 90.0, rng)
    lost = Pose(position_m=origin[0], pan_tilt_roll_deg=(100.0, 20.0, -40.0))
    walls = [shot.truth.walls[0]] + [
        placed(wall, off(placement(wall), 2.0, 40.0, rng)) for wall in shot.truth.walls[1:]
    ]
    mount = msgspec.structs.replace(
        camera, body_from_sensor=Pose(position_m=(0, 0.05, 0.03), pan_tilt_roll_deg=(60, 10, 5))
    )
    wrong = msgspec.structs.replace(
        shot.truth,
        walls=tuple(walls),
        cameras=(mount,),
        trackers=(msgspec.structs.replace(tracker, stage_from_tracker=lost),),
    )
    errors = against(shot.truth, solve(wrong, shot).result.stage)
    assert errors.corner_mm < 0.01 and errors.axes_deg < 1e-5 and errors.nodal_mm < 0.01


@pytest.mark.slow
def test_the_sigmas_say_how_far_off_it_is() -> None:
    """Errors over sigmas, of many noisy shoots: about one, root mean square."""
    shot = made("xr_corner")
    seen = seen_by_opencv(shot.truth, shot.patterns, shot.sights)
    ratios: list[float] = []
    for seed in range(4):
        asked = Asked(anchor="left", noise_px=0.5, seed=seed)
        found = solve(shot.truth, shot, seen, asked=asked)
        errors = against(shot.truth, found.result.stage)
        nodal = next(line for line in found.result.lines if "nodal" in line.what)
        axes = next(line for line in found.result.lines if "axes" in line.what)
        ratios += [errors.nodal_mm / nodal.sigma, errors.axes_deg / axes.sigma]
        assert found.solution.certainty.noise_px == pytest.approx(0.5, rel=0.15)
    assert 0.4 < math.sqrt(np.mean(np.square(ratios))) < 1.6


def test_a_trackers_own_noise_is_seen_and_widens_the_sigmas() -> None:
    shot, rng = made("curved_volume"), np.random.default_rng(6)
    moved_shots = [
        msgspec.structs.replace(
            each, tracker_position_m=tuple(np.array(each.tracker_position_m) + rng.normal(0, 5e-4, 3))
        )
        for each in shot.shots.shots
    ]
    asked = Asked(anchor="volume", noise_px=0.3)
    seen = seen_by_opencv(shot.truth, shot.patterns, shot.sights)
    clean = solve(shot.truth, shot, seen, asked=asked).solution.certainty
    noisy = solve(shot.truth, shot, seen, Shots(camera="camA", shots=tuple(moved_shots)), asked).solution.certainty
    assert clean.tracker_noise_m < 1.5e-4
    assert 2e-4 < noisy.tracker_noise_m < 1.2e-3
    assert noisy.covariance[0, 0] > 10 * clean.covariance[0, 0]


def test_moving_everything_rigidly_changes_nothing() -> None:
    """The anchor holds the frame: mount, nodal offset and residual do not care where it is."""
    shot = made("xr_corner")
    seen = seen_by_opencv(shot.truth, shot.patterns, shot.sights)
    by = turn(np.array([0.0, 0.0, 0.7])), np.array([3.0, -2.0, 0.5])

    def carried(pose: tuple) -> tuple:
        rotation, position = matrix_of(pose)
        return rigid_of(by[0] @ rotation, by[0] @ position + by[1])

    walls = tuple(placed(wall, carried(placement(wall))) for wall in shot.truth.walls)
    there = msgspec.structs.replace(shot.truth, walls=walls)
    here = solve(shot.truth, shot, seen, asked=Asked("left", noise_px=0.3))
    away = solve(there, shot, seen, asked=Asked("left", noise_px=0.3))
    assert away.solution.rms_px == pytest.approx(here.solution.rms_px, abs=1e-6)
    one, other = here.solution.after, away.solution.after
    assert other.nodal_m == pytest.approx(one.nodal_m, abs=1e-6)
    assert np.allclose(one.mount, other.mount, atol=1e-6)
    assert np.allclose(by[0] @ one.tracker, other.tracker, atol=1e-6)
    assert np.allclose(by[0] @ one.walls_m[1] + by[1], other.walls_m[1], atol=1e-5)


@pytest.mark.parametrize("which", [0, 7])
def test_a_bumped_tracker_is_named_left_out_and_measured(which: int) -> None:
    shot = made("xr_corner")
    wrong = planted(shot.truth, "left", np.random.default_rng(4))
    shots = bumped(shot.shots, which, np.random.default_rng(1))
    found = solve(wrong, shot, shots=shots)
    assert found.solution.sifted.wrong_shots == [which]
    assert not found.judged.faults
    (said,) = [text for text in found.judged.notes if text.startswith(shots.shots[which].picture)]
    assert "bumped" in said and found.shots[which].said == "left out: wrong tracker pose"
    assert found.shots[which].turn_deg == pytest.approx(0.5, abs=0.02)
    assert against(shot.truth, found.result.stage).corner_mm < 0.01


def test_a_wall_that_moved_between_shots_is_named_with_how_far() -> None:
    shot = made("xr_corner")
    moved = [
        placed(wall, (tuple(np.array(placement(wall)[0]) + [0.0, 0.0, 0.02]), placement(wall)[1]))
        if wall.name == "right"
        else wall
        for wall in shot.truth.walls
    ]
    after = msgspec.structs.replace(shot.truth, walls=tuple(moved))
    seen = seen_by_opencv(shot.truth, shot.patterns, shot.sights[:8])
    seen += seen_by_opencv(after, shot.patterns, shot.sights[8:])
    found = solve(shot.truth, shot, seen)
    (fault,) = found.judged.faults
    assert fault.startswith("wall right: stood 20 mm elsewhere in 00")
    assert not found.solution.sifted.wrong_shots


def test_two_cameras_with_one_id_are_refused() -> None:
    shot = made("small_wall")
    other = msgspec.structs.replace(
        shot.truth.cameras[0], body_from_sensor=Pose(position_m=(0.4, 0.1, 0.3), pan_tilt_roll_deg=(20.0, 5.0, 0.0))
    )
    theirs = msgspec.structs.replace(shot.truth, cameras=(other,))
    plan = stage_layouts(shot.truth, CONFIGS)
    strangers = shoot(theirs, CONFIGS, other, plan, 12, np.random.default_rng(8)).shots
    mixed = [
        mine if i % 2 else yours for i, (mine, yours) in enumerate(zip(shot.shots.shots, strangers.shots, strict=True))
    ]
    found = solve(shot.truth, shot, shots=Shots(camera="camA", shots=tuple(mixed)))
    assert any("do two cameras send one camera id" in fault for fault in found.judged.faults)


def test_level_shots_from_one_height_are_not_enough_and_are_told_what_to_add() -> None:
    shot = made("small_wall")
    level = [
        shot.sights[0]._replace(position_m=(x, 0.0, 1.5), rotation_wxyz=quat_from_pan_tilt_roll(pan, 0.0, 0.0))
        for x, pan in zip(np.linspace(-1, 1, 8), np.linspace(-15, 20, 8), strict=True)
    ]
    from bridge.calibrate.tracked import tracker_pose
    from bridge.rigs import rig_of

    rig = rig_of(shot.truth, shot.truth.cameras[0])
    told = [tracker_pose(rig, (s.position_m, s.rotation_wxyz), s.lens.entrance_pupil_m) for s in level]
    shots = tuple(
        msgspec.structs.replace(shot.shots.shots[0], picture=f"{i}.png", tracker_position_m=p, tracker_rotation_wxyz=q)
        for i, (p, q) in enumerate(told)
    )
    seen = seen_by_opencv(shot.truth, shot.patterns, level)
    found = solve(shot.truth, shot, seen, Shots(camera="camA", shots=shots))
    (fault,) = found.judged.faults
    assert fault.startswith("not determined by these shots: ")
    assert "two tilted up and two tilted down" in fault and "two rolled" in fault and "two lower" in fault


def few(seen: list[Detected]) -> list[Detected]:
    return [
        each._replace(corners_px=dict(list(each.corners_px.items())[: 2 if i > 3 else 99]))
        for i, each in enumerate(seen)
    ]


def mirrored(seen: list[Detected]) -> list[Detected]:
    return [*seen[:-1], Detected(seen[-1].size_px, {}, mirrored=31)]


def cropped(seen: list[Detected]) -> list[Detected]:
    return [*seen[:-1], seen[-1]._replace(size_px=(1440, 1080))]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (few, "4 usable shots, expected at least 6: 0005.png shows 2 markers"),
        (mirrored, r"0012.png: it is mirrored \(31 markers read only backwards\): turn the flip off"),
        (cropped, "0012.png: 1440 x 1080 pixels, expected the shape of camera camA's resolution_px 1920 x 1080"),
    ],
)
def test_what_cannot_work_is_refused_by_name(change: Callable[[list[Detected]], list[Detected]], said: str) -> None:
    shot = made("small_wall")
    with pytest.raises(CannotCalibrate, match=said):
        solve(shot.truth, shot, change(seen_by_opencv(shot.truth, shot.patterns, shot.sights)))


def test_old_patterns_are_refused_and_strange_markers_counted() -> None:
    shot = made("small_wall")
    other = msgspec.structs.replace(shot.patterns, pixels={"back": (3840, 2160)})
    seen = seen_by_opencv(shot.truth, shot.patterns, shot.sights)
    with pytest.raises(CannotCalibrate, match="wall back: the patterns were drawn for 3840 x 2160 pixels"):
        calibrate(shot.truth, CONFIGS, other, shot.shots, seen, Asked())
    strange = [each._replace(corners_px={**each.corners_px, 999: np.zeros((4, 2))}) for each in seen]
    assert (
        "12 markers are not of these patterns: old ones on some wall?" in solve(shot.truth, shot, strange).judged.notes
    )


def test_a_lens_table_of_another_lens_is_not_written() -> None:
    shot = made("small_wall")
    lens = shot.truth.lenses[0]
    bad = [msgspec.structs.replace(p, opencv_distortion_unit=(0.05,)) for p in lens.points]
    wrong = msgspec.structs.replace(shot.truth, lenses=(msgspec.structs.replace(lens, points=tuple(bad)),))
    faults = " ".join(solve(wrong, shot).judged.faults)
    assert "cyc calibrate lens" in faults or "do not belong together" in faults


def test_walls_that_are_held_stay_and_a_second_camera_is_found_on_them() -> None:
    shot = made("xr_corner")
    every = tuple(wall.name for wall in shot.truth.walls)
    wrong = planted(shot.truth, "left", np.random.default_rng(4))
    wrong = msgspec.structs.replace(wrong, walls=shot.truth.walls)
    found = solve(wrong, shot, asked=Asked(held=every))
    assert found.result.stage.walls == shot.truth.walls and not found.solution.free
    assert against(shot.truth, found.result.stage).axes_deg < 1e-6
    with pytest.raises(
        CannotCalibrate, match=r"--hold: expected walls of the stage \(left, right, floor\), got 'roof'"
    ):
        solve(wrong, shot, asked=Asked(held=("roof",)))


def test_a_wall_that_is_not_where_the_file_has_it_is_said() -> None:
    shot = made("xr_corner")
    wrong = planted(shot.truth, "left", np.random.default_rng(4))
    notes = solve(wrong, shot).judged.notes
    assert any(note.startswith("wall right is up to ") for note in notes)
    assert not any(note.startswith("wall left") for note in notes)


def test_layout_of_patterns_and_of_the_solver_are_one() -> None:
    shot = made("xr_corner")
    plan = stage_layouts(shot.truth, CONFIGS)
    drawn = {each.id: each.corners_px for each in shot.patterns.markers}
    for layout in plan:
        for marker in markers(layout):
            assert drawn[marker.id] == marker.corners_px
            assert (picture_coordinates(marker, layout.face.pixels) <= 1).all()
