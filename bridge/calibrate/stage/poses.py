"""From where to shoot: of many places a camera could stand, those that together determine a calibration best.

Each shot adds to what is known by its Jacobian; the next one is whichever makes the whole known best (the determinant
of the information). That asks for pans, tilts, rolls, distances and overlaps by itself, and it is what an operator is
told when something is not determined.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.stage.bundle import Corners, Free, Model, Told, jacobian, size_of
from bridge.calibrate.stage.certainty import steps_of
from bridge.frames import Quaternion, Vector, matrix_from_quat, quat_from_pan_tilt_roll
from bridge.messages import LensState
from bridge.sight import Sight, project
from bridge.wall.shape import Screen, intersect, normals, points

Floats = NDArray[np.float64]

ROLL_DEG = 20.0
_REACH_M = (1.4, 1.3, 0.8)  # around the stage's viewpoint
_LOWEST_M = 0.35
_NEAR_M, _FEWEST, _SMALLEST_PX, _FACING, _EDGE = 1.0, 10, 28.0, 0.35, 0.02


class Target(NamedTuple):
    """Every marker of a stage, in the stage and in its wall's own frame."""

    wall: NDArray[np.int64]
    """[m]."""
    points_m: Floats
    """[m, 4, 3]."""
    local_m: Floats
    normal: Floats
    """[m, 3], of the lit side."""


class View(NamedTuple):
    """A place to shoot from, and what would be seen."""

    sight: Sight
    pan_tilt_roll_deg: Vector
    corners: Corners


def target(screens: Sequence[Screen], coordinates: Sequence[Floats], model: Model) -> Target:
    """Of picture coordinates [m, 4, 2] for each wall."""
    wall: list[NDArray[np.int64]] = []
    places: list[Floats] = []
    local: list[Floats] = []
    facing: list[Floats] = []
    for index, (screen, spots) in enumerate(zip(screens, coordinates, strict=True)):
        found = points(screen.shape, spots.reshape(-1, 2))
        wall.append(np.full(len(spots), index))
        places.append(found.reshape(-1, 4, 3))
        local.append(((found - model.walls_m[index]) @ model.walls[index]).reshape(-1, 4, 3))
        facing.append(normals(screen.shape, spots.mean(axis=1)))
    return Target(np.concatenate(wall), np.concatenate(places), np.concatenate(local), np.concatenate(facing))


def views(
    screens: Sequence[Screen], marks: Target, camera: Sight, centre_m: Vector, rng: np.random.Generator, count: int
) -> list[View]:
    """Random places round `centre_m`, each looking at some spot of some wall, where enough can be seen."""
    found: list[View] = []
    for _ in range(8 * count):
        if len(found) == count:
            break
        eye = np.array(centre_m) + rng.uniform(-1.0, 1.0, 3) * np.array(_REACH_M)
        eye[2] = max(eye[2], _LOWEST_M)
        which = int(rng.integers(len(screens)))
        aim = points(screens[which].shape, rng.uniform(0.12, 0.88, (1, 2)))[0]
        away = aim - eye
        far = float(np.linalg.norm(away))
        if not far > _NEAR_M:  # not a number, too
            continue
        pan, tilt = math.degrees(math.atan2(-away[0], away[1])), math.degrees(math.asin(away[2] / far))
        turned = (pan, tilt, float(rng.uniform(-ROLL_DEG, ROLL_DEG)))
        sight = camera._replace(position_m=_vector(eye), rotation_wxyz=quat_from_pan_tilt_roll(*turned))
        corners = seen(screens, marks, sight, len(found))
        if len(corners.shot) >= 4 * _FEWEST:
            found.append(View(sight, turned, corners))
    return found


def _vector(values: Floats) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z


def seen(screens: Sequence[Screen], marks: Target, sight: Sight, shot: int) -> Corners:
    """The markers that a camera sees whole, large enough, not too much from the side, and not behind another wall."""
    eye = np.array(sight.position_m)
    middle = marks.points_m.mean(axis=1) - eye
    distance = np.linalg.norm(middle, axis=1)
    width, height = sight.resolution_px
    pixels = project(sight, (marks.points_m - eye).reshape(-1, 3)).reshape(-1, 4, 2)
    inside = np.all((pixels > _EDGE * height) & (pixels < np.array([width, height]) - _EDGE * height), axis=(1, 2))
    smallest = np.linalg.norm(pixels - np.roll(pixels, 1, axis=1), axis=2).min(axis=1)
    facing = -np.sum(middle * marks.normal, axis=1) / distance
    good = inside & (smallest > _SMALLEST_PX) & (facing > _FACING)
    for index in np.unique(marks.wall[good]):
        mine = np.flatnonzero(good & (marks.wall == index))
        for other, screen in enumerate(screens):
            if other != index:
                hit, _ = intersect(screen.shape, eye, middle[mine] / distance[mine, None])
                good[mine[hit < distance[mine] - 0.01]] = False
    return _corners(marks, sight, np.flatnonzero(good), shot)


def _corners(marks: Target, sight: Sight, chosen: NDArray[np.int64], shot: int) -> Corners:
    """Where the lens bends nothing: near enough to plan by."""
    focal_px = sight.lens.focal_length_mm / sight.sensor_mm[0] * sight.resolution_px[0]
    turn = matrix_from_quat(sight.rotation_wxyz)
    x, y, z = ((marks.points_m[chosen].reshape(-1, 3) - np.array(sight.position_m)) @ turn).T
    count = 4 * len(chosen)
    return Corners(
        shot=np.full(count, shot),
        wall=np.repeat(marks.wall[chosen], 4),
        marker=np.repeat(chosen, 4),
        local_m=marks.local_m[chosen].reshape(-1, 3),
        plane=np.stack((x / y, -z / y), axis=1),
        to_px=np.broadcast_to(focal_px * np.eye(2), (count, 2, 2)),
        seen_px=np.zeros((count, 2)),
    )


# --- choosing -------------------------------------------------------------------------------------------------------


def information(model: Model, view: View, told: tuple[Vector, Quaternion], free: Sequence[Free]) -> Floats:
    """What a shot from there would add [P, P], in steps; `told` is what the tracker would say, tracker_from_body."""
    corners = view.corners._replace(shot=np.zeros(len(view.corners.shot), np.int64))
    rotation, place = matrix_from_quat(told[1])[None], np.array(told[0])[None]
    pupil_m = np.array([view.sight.lens.entrance_pupil_m])
    by_x = jacobian(model, np.zeros(size_of(free)), corners, Told(rotation, place, pupil_m), free)
    steps = steps_of(free)
    flat = by_x.reshape(-1, len(steps)) * steps
    return flat.T @ flat


def best(gains: Sequence[Floats], known: Floats, count: int) -> list[int]:
    """So many of the views, one after the other, each the one that adds most to what is known [P, P]."""
    total = known + 1e-3 * np.eye(len(known))
    chosen: list[int] = []
    for _ in range(min(count, len(gains))):
        scores = [
            -math.inf if index in chosen else float(np.linalg.slogdet(total + gain)[1])
            for index, gain in enumerate(gains)
        ]
        chosen.append(int(np.argmax(scores)))
        total = total + gains[chosen[-1]]
    return chosen


def widest(lens_states: Sequence[LensState]) -> int:
    """Which of some lens positions sees most."""
    return min(range(len(lens_states)), key=lambda index: lens_states[index].focal_length_mm)
