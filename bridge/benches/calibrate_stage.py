"""The stage's rows of `cyc bench calibrate`: wrong stage files, rendered shots, and what is found against the truth."""

import math
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bridge.benches.row import Row, absent, measured
from bridge.calibrate.rotations import angle_rad, turn
from bridge.calibrate.shots import Shot, Shots
from bridge.calibrate.shots import load as load_shots
from bridge.calibrate.stage.calibration import Asked, Calibrated, calibrate, look
from bridge.calibrate.stage.detect import Detected
from bridge.calibrate.stage.observed import edge_points, model_of
from bridge.calibrate.stage.patterns import Patterns
from bridge.calibrate.stage.patterns import load as load_patterns
from bridge.calibrate.stage.placement import matrix_of, placed, placement, rigid_of, turns_freely
from bridge.calibrate.stage.simulated import photographed, shoot, stage_layouts
from bridge.frames import compose, pan_tilt_roll_from_quat, quat_from_rotation_vector
from bridge.stage import Stage
from bridge.stage_file import load
from bridge.stage_walls import AnyWall, Pose, pose_of
from bridge.tracking import Rigid

Floats = NDArray[np.float64]

CONFIGS = Path(__file__).parents[2] / "stage_configs"
STAGES = ("small_wall", "xr_corner", "curved_volume")
POSES, NOISE_PX, SEED = 12, 0.3, 1
TRACKER_M, TRACKER_DEG, MOUNT_M, MOUNT_DEG, NODAL_M, WALL_M, WALL_DEG = 0.3, 5.0, 0.02, 1.0, 0.015, 0.05, 1.0
BUMP_M, BUMP_DEG = 0.03, 0.5
"""What a tracker's pose is off by in the shot that must be named."""


class Errors(NamedTuple):
    """A calibration against the truth."""

    corner_mm: float
    """The worst of all walls' corners and edges' middles."""
    axes_deg: float
    nodal_mm: float
    """Of `nodal_offset_m` itself; the mount was planted wrong across the lens only, see `planted`."""


class Made(NamedTuple):
    """One stage, photographed."""

    truth: Stage
    patterns: Patterns
    shots: Shots
    seen: list[Detected]
    anchor: str


def rows() -> Iterator[Row]:
    """Each stage: accuracy, and a planted bad pose."""
    if not CONFIGS.is_dir():
        yield absent("stage calibration", f"no stages at {CONFIGS}")
        return
    for name in STAGES:
        yield from _stage_rows(name)


def _stage_rows(name: str) -> Iterator[Row]:
    made = filmed(name)
    rng = np.random.default_rng(SEED)
    wrong = planted(made.truth, made.anchor, rng)
    found = _calibrate(wrong, made, made.shots)
    errors = against(made.truth, found.result.stage)
    yield measured(f"{name}: worst wall corner", errors.corner_mm, "mm", at_most=2.0)
    yield measured(f"{name}: tracker axes", errors.axes_deg, "deg", at_most=0.02)
    yield measured(f"{name}: nodal offset", errors.nodal_mm, "mm", at_most=1.0)
    yield measured(f"{name}: residual, {NOISE_PX} px of it noise", found.solution.rms_px, "px")
    bad = POSES // 2
    spoiled = _calibrate(wrong, made, bumped(made.shots, bad, rng))
    named = spoiled.solution.sifted.wrong_shots == [bad] and not spoiled.judged.faults
    yield measured(f"{name}: a tracker bumped by {BUMP_M * 1e3:.0f} mm is named", float(named), "", at_least=1.0)
    left = against(made.truth, spoiled.result.stage)
    yield measured(f"{name}: worst wall corner without that shot", left.corner_mm, "mm", at_most=2.0)


def filmed(name: str, width_px: int | None = None) -> Made:
    """A stage's true walls, photographed."""
    path = CONFIGS / f"{name}.toml"
    truth = load(path)
    camera = truth.cameras[0]
    if width_px is not None:
        height_px = round(width_px * camera.resolution_px[1] / camera.resolution_px[0])
        camera = msgspec.structs.replace(camera, resolution_px=(width_px, height_px))
        truth = msgspec.structs.replace(truth, cameras=(camera, *truth.cameras[1:]))
    plan = stage_layouts(truth, path.parent)
    made = shoot(truth, path.parent, camera, plan, POSES, np.random.default_rng(SEED))
    with tempfile.TemporaryDirectory() as folder:
        photographed(truth, path.parent, plan, made, Path(folder), lambda _: None)
        patterns, shots = load_patterns(Path(folder)), load_shots(Path(folder))
        seen = look(shots, Path(folder), patterns, lambda _: None)
    return Made(truth, patterns, shots, seen, truth.walls[0].name)


def _calibrate(wrong: Stage, made: Made, shots: Shots) -> Calibrated:
    asked = Asked(anchor=made.anchor, noise_px=NOISE_PX, seed=SEED)
    return calibrate(wrong, CONFIGS, made.patterns, shots, made.seen, asked)


# --- faults ---------------------------------------------------------------------------------------------------------


def planted(truth: Stage, anchor: str, rng: np.random.Generator) -> Stage:
    """A stage file that is wrong everywhere, except for its anchor.

    The mount is wrong across the lens: along it, it cannot be told from the nodal offset, by no picture at all.
    """
    camera = truth.cameras[0]
    walls = [wall if wall.name == anchor else placed(wall, _wall_off(wall, rng)) for wall in truth.walls]
    trackers = [
        msgspec.structs.replace(
            each, stage_from_tracker=_pose(off(pose_of(each.stage_from_tracker), TRACKER_M, TRACKER_DEG, rng))
        )
        if each.name == camera.tracker
        else each
        for each in truth.trackers
    ]
    rotation, position = matrix_of(pose_of(camera.body_from_sensor))
    angle = rng.uniform(0.0, 2.0 * math.pi)
    across = rotation @ np.array([math.cos(angle), 0.0, math.sin(angle)]) * MOUNT_M
    mount = rigid_of(rotation @ turn(direction(rng) * math.radians(MOUNT_DEG)), position + across)
    wrong = msgspec.structs.replace(
        camera, body_from_sensor=_pose(mount), nodal_offset_m=camera.nodal_offset_m + NODAL_M
    )
    cameras = (wrong, *truth.cameras[1:])
    return msgspec.structs.replace(truth, walls=tuple(walls), trackers=tuple(trackers), cameras=cameras)


def _wall_off(wall: AnyWall, rng: np.random.Generator) -> Rigid:
    about = direction(rng) if turns_freely(wall) else np.array([0.0, 0.0, 1.0])
    rotation, position = matrix_of(placement(wall))
    return rigid_of(turn(about * math.radians(WALL_DEG)) @ rotation, position + direction(rng) * WALL_M)


def off(pose: Rigid, by_m: float, by_deg: float, rng: np.random.Generator) -> Rigid:
    """A pose moved and turned by so much, some way."""
    rotation, position = matrix_of(pose)
    return rigid_of(turn(direction(rng) * math.radians(by_deg)) @ rotation, position + direction(rng) * by_m)


def direction(rng: np.random.Generator) -> Floats:
    """Some unit vector."""
    vector = rng.normal(size=3)
    return vector / float(np.linalg.norm(vector))


def bumped(shots: Shots, which: int, rng: np.random.Generator) -> Shots:
    """The same list with one tracker pose that is wrong."""
    shot = shots.shots[which]
    x, y, z = (float(value) for value in direction(rng) * math.radians(BUMP_DEG))
    place, rotation = compose(
        (shot.tracker_position_m, shot.tracker_rotation_wxyz), ((0.0, 0.0, 0.0), quat_from_rotation_vector((x, y, z)))
    )
    a, b, c = (float(value) for value in np.array(place) + direction(rng) * BUMP_M)
    wrong: Shot = msgspec.structs.replace(shot, tracker_position_m=(a, b, c), tracker_rotation_wxyz=rotation)
    every = (*shots.shots[:which], wrong, *shots.shots[which + 1 :])
    return Shots(camera=shots.camera, note=shots.note, shots=every)


def _pose(rigid: Rigid) -> Pose:
    return Pose(position_m=rigid[0], pan_tilt_roll_deg=pan_tilt_roll_from_quat(rigid[1]))


def against(truth: Stage, found: Stage) -> Errors:
    """As the stage file would say it."""
    true, got = model_of(truth, truth.cameras[0]), model_of(found, found.cameras[0])
    worst = 0.0
    for index, wall in enumerate(truth.walls):
        edge = edge_points(wall, CONFIGS)
        gap = edge @ (got.walls[index] - true.walls[index]).T + got.walls_m[index] - true.walls_m[index]
        worst = max(worst, float(np.linalg.norm(gap, axis=1).max()))
    axes_deg = math.degrees(angle_rad(true.tracker.T @ got.tracker))
    return Errors(worst * 1e3, axes_deg, abs(got.nodal_m - true.nodal_m) * 1e3)
