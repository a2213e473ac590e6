"""Where a solution may begin, however wrong a stage file is: cameras from walls, walls from cameras, then hand-eye."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.rotations import nearest_rotation
from bridge.calibrate.stage.bundle import Corners, Free, Model, Told
from bridge.calibrate.stage.hand_eye import agreeing, hand_eye
from bridge.calibrate.stage.resection import resection

Floats = NDArray[np.float64]

_FEWEST = 8  # corners a camera or a wall is placed by


class Cameras(NamedTuple):
    """Which shots' cameras could be placed, and where they stood: stage_from_camera, at the entrance pupil."""

    shots: list[int]
    rotation: Floats
    position_m: Floats


def closed_form(model: Model, corners: Corners, told: Told, free: Sequence[Free]) -> Model | None:
    """A model from the anchor walls and the pictures alone; None where the shots do not allow one."""
    known = [wall for wall in range(len(model.walls)) if wall not in {each.wall for each in free}]
    walls, walls_m, cameras = _grown(model, corners, known)
    if len(cameras.shots) < 3:
        return None
    seen, seen_m, shots = cameras.rotation, cameras.position_m, cameras.shots
    at_sensor = seen_m - seen[:, :, 1] * told.pupil_m[shots][:, None]
    tells, tells_m = told.rotation[shots], told.position_m[shots]
    fit = agreeing(seen, at_sensor, tells, tells_m)
    if fit.sum() < 3:
        fit[:] = True
    found = hand_eye(seen[fit], at_sensor[fit], tells[fit], tells_m[fit])
    if found is None:
        return None
    right, forward, up = found.body_from_camera.T @ (found.camera_m - model.mount_m)
    return Model(
        tracker=found.stage_from_tracker,
        tracker_m=found.tracker_m,
        mount=found.body_from_camera,
        mount_m=model.mount_m,
        across_m=np.array([right, up]),
        nodal_m=float(forward),
        walls=np.stack([_kind(walls[each], model.walls[each], free, each) for each in range(len(walls))]),
        walls_m=walls_m,
    )


def _grown(model: Model, corners: Corners, known: list[int]) -> tuple[Floats, Floats, Cameras]:
    """From known walls to cameras, from cameras to the walls that they see too, until nothing is added."""
    walls, walls_m = model.walls.copy(), model.walls_m.copy()
    known = list(known)
    while True:
        cameras = _cameras(walls, walls_m, corners, known)
        new = [wall for wall in range(len(walls)) if wall not in known]
        added = [wall for wall in new if _place_wall(walls, walls_m, corners, cameras, wall)]
        if not added:
            return walls, walls_m, cameras
        known += added


def _cameras(walls: Floats, walls_m: Floats, corners: Corners, known: list[int]) -> Cameras:
    shots: list[int] = []
    rotations: list[Floats] = []
    positions: list[Floats] = []
    for shot in np.unique(corners.shot):
        mine = (corners.shot == shot) & np.isin(corners.wall, known)
        part = corners.of(mine)
        points = np.einsum("nij,nj->ni", walls[part.wall], part.local_m) + walls_m[part.wall]
        stood = resection(points, part.plane) if mine.sum() >= _FEWEST else None
        if stood is not None:
            shots.append(int(shot))
            rotations.append(stood.rotation)
            positions.append(stood.position_m)
    return Cameras(shots, np.array(rotations).reshape(-1, 3, 3), np.array(positions).reshape(-1, 3))


def _place_wall(walls: Floats, walls_m: Floats, corners: Corners, cameras: Cameras, wall: int) -> bool:
    """From the shot that sees it best, beside walls that stand already."""
    counts = [np.count_nonzero((corners.shot == shot) & (corners.wall == wall)) for shot in cameras.shots]
    for place in sorted(range(len(counts)), key=lambda index: -counts[index]):
        if counts[place] < _FEWEST:
            return False
        part = corners.of((corners.shot == cameras.shots[place]) & (corners.wall == wall))
        stood = resection(part.local_m, part.plane)  # wall_from_camera
        if stood is not None:
            walls[wall] = cameras.rotation[place] @ stood.rotation.T
            walls_m[wall] = cameras.position_m[place] - walls[wall] @ stood.position_m
            return True
    return False


def _kind(found: Floats, before: Floats, free: Sequence[Free], wall: int) -> Floats:
    """A wall that turns about the vertical only, as its kind allows."""
    if any(each.wall == wall and not each.freely for each in free):
        x, y, _ = found @ before.T @ np.array([1.0, 0.0, 0.0])
        about = nearest_rotation(np.array([[x, -y, 0.0], [y, x, 0.0], [0.0, 0.0, 1.0]]))
        return about @ before
    return found
