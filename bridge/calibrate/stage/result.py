"""A solution as a stage file says it: the stage afterwards, what to change, and a line for each thing found."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.rotations import angle_rad
from bridge.calibrate.stage.bundle import Model
from bridge.calibrate.stage.certainty import sigma, wall_sigma_m
from bridge.calibrate.stage.observed import edge_points
from bridge.calibrate.stage.placement import angles, placed, rigid_of, rounded
from bridge.calibrate.stage.solution import Solution
from bridge.stage import Camera, Stage, Tracker
from bridge.stage_edit import Change
from bridge.stage_walls import AnyWall, Pose

Floats = NDArray[np.float64]

_WALL_KEYS = ("centre_m", "position_m", "pan_tilt_roll_deg", "pan_deg", "middle_deg")


class Line(NamedTuple):
    """One thing that was found."""

    what: str
    before: str
    after: str
    moved: float
    sigma: float
    unit: str
    """Of the last two: mm or deg."""


class Result(NamedTuple):
    """Ready to be written."""

    stage: Stage
    changes: list[Change]
    lines: list[Line]


def result(stage: Stage, folder: Path, camera: Camera, found: Solution) -> Result:
    """The stage as it was found to be."""
    tracker = next(each for each in stage.trackers if each.name == camera.tracker)
    after = found.after
    origin = _pose(after.tracker, after.tracker_m, tracker.stage_from_tracker)
    right, up = after.across_m
    mount_m = after.mount_m + after.mount @ np.array([right, 0.0, up])
    mount = _pose(after.mount, mount_m, camera.body_from_sensor)
    nodal_m = round(after.nodal_m, 7) + 0.0
    changes = [
        Change("trackers", tracker.name, "stage_from_tracker", origin),
        Change("cameras", camera.name, "body_from_sensor", mount),
        Change("cameras", camera.name, "nodal_offset_m", nodal_m),
    ]
    walls = list(stage.walls)
    for wall in (each.wall for each in found.free):
        walls[wall] = placed(stage.walls[wall], rigid_of(after.walls[wall], after.walls_m[wall]))
        changes += _wall_changes(stage.walls[wall], walls[wall])
    trackers = [
        msgspec.structs.replace(each, stage_from_tracker=origin) if each.name == tracker.name else each
        for each in stage.trackers
    ]
    cameras = [
        msgspec.structs.replace(each, body_from_sensor=mount, nodal_offset_m=nodal_m)
        if each.name == camera.name
        else each
        for each in stage.cameras
    ]
    changed = msgspec.structs.replace(stage, walls=tuple(walls), trackers=tuple(trackers), cameras=tuple(cameras))
    lines = [*_tracker_lines(tracker, origin, found), *_camera_lines(camera, mount, nodal_m, found)]
    lines += [
        _wall_line(stage.walls[each.wall], walls[each.wall], folder, found, index)
        for index, each in enumerate(found.free)
    ]
    return Result(changed, changes, lines)


def _pose(rotation: Floats, position: Floats, like: Pose) -> Pose:
    place, turn = rigid_of(rotation, position)
    return Pose(position_m=rounded(place), pan_tilt_roll_deg=angles(turn, like.pan_tilt_roll_deg))


def _wall_changes(before: AnyWall, after: AnyWall) -> list[Change]:
    pairs = ((key, getattr(before, key, None), getattr(after, key, None)) for key in _WALL_KEYS)
    return [Change("walls", before.name, key, new) for key, old, new in pairs if new != old]


# --- lines ----------------------------------------------------------------------------------------------------------


def _tracker_lines(tracker: Tracker, origin: Pose, found: Solution) -> list[Line]:
    before, after, cov = found.before, found.after, found.certainty.covariance
    old = tracker.stage_from_tracker
    return [
        _place(f"tracker {tracker.name}: origin", old, origin, _length(before.tracker_m, after.tracker_m), cov, 0),
        _turn(f"tracker {tracker.name}: axes", old, origin, (before.tracker, after.tracker), cov, 3),
    ]


def _camera_lines(camera: Camera, mount: Pose, nodal_m: float, found: Solution) -> list[Line]:
    before, after, cov = found.before, found.after, found.certainty.covariance
    old = camera.body_from_sensor
    moved = float(np.linalg.norm(after.across_m))
    across = _place(f"camera {camera.name}: mount, across the lens", old, mount, moved, cov, 9, 2)
    turn = _turn(f"camera {camera.name}: mount, turned", old, mount, (before.mount, after.mount), cov, 6)
    change, unsure = abs(after.nodal_m - before.nodal_m), sigma(cov, [11])
    name = f"camera {camera.name}: nodal offset"
    return [across, turn, Line(name, f"{before.nodal_m:.4f}", f"{nodal_m:.4f}", change * 1e3, unsure * 1e3, "mm")]


def _place(what: str, old: Pose, new: Pose, moved_m: float, cov: Floats, at: int, size: int = 3) -> Line:
    unsure = sigma(cov, slice(at, at + size))
    return Line(what, _three(old.position_m, 4), _three(new.position_m, 4), moved_m * 1e3, unsure * 1e3, "mm")


def _turn(what: str, old: Pose, new: Pose, turns: tuple[Floats, Floats], cov: Floats, at: int) -> Line:
    moved, unsure = math.degrees(angle_rad(turns[0].T @ turns[1])), math.degrees(sigma(cov, slice(at, at + 3)))
    return Line(what, _three(old.pan_tilt_roll_deg, 3), _three(new.pan_tilt_roll_deg, 3), moved, unsure, "deg")


def _wall_line(old: AnyWall, new: AnyWall, folder: Path, found: Solution, which: int) -> Line:
    wall, spots = found.free[which].wall, edge_points(old, folder)
    moved = corners_moved_m(found.before, found.after, wall, spots)
    unsure = wall_sigma_m(found.certainty.covariance, found.after, found.free, which, spots)
    return Line(f"wall {old.name}: worst corner", _said(old), _said(new), moved * 1e3, unsure * 1e3, "mm")


def corners_moved_m(before: Model, after: Model, wall: int, points_m: Floats) -> float:
    """The farthest that one of some points of a wall, in its own frame, has moved."""
    old = points_m @ before.walls[wall].T + before.walls_m[wall]
    new = points_m @ after.walls[wall].T + after.walls_m[wall]
    return float(np.linalg.norm(new - old, axis=1).max())


def _said(wall: AnyWall) -> str:
    place = getattr(wall, "centre_m", None) or getattr(wall, "position_m", (0.0, 0.0, 0.0))
    for key in ("pan_tilt_roll_deg", "pan_deg", "middle_deg"):
        turned = getattr(wall, key, None)
        if turned is not None:
            angles_deg = np.atleast_1d(np.array(turned, dtype=np.float64)).tolist()
            return f"{_three(place, 4)} / {_three(angles_deg, 2)}"
    return _three(place, 4)


def _three(values: Sequence[float], digits: int) -> str:
    return "(" + ", ".join(f"{value:.{digits}f}" for value in values) + ")"


def _length(a: Floats, b: Floats) -> float:
    return float(np.linalg.norm(a - b))
