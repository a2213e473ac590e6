"""A stage's geometry from what was seen: begun at the better of two places, sifted, and judged how sure it is."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.rotations import turn
from bridge.calibrate.stage.bundle import (
    SHARED,
    Corners,
    Free,
    Model,
    Told,
    cost,
    jacobian,
    moved,
    residuals_px,
    size_of,
    weights,
)
from bridge.calibrate.stage.certainty import Certainty, certainty, pose_step
from bridge.calibrate.stage.sifting import Sifted, rms, sift
from bridge.calibrate.stage.start import closed_form

Floats = NDArray[np.float64]


class Solution(NamedTuple):
    """What was found."""

    before: Model
    after: Model
    free: tuple[Free, ...]
    sifted: Sifted
    certainty: Certainty
    residuals: Floats
    """[n, 2], of all corners, left out or not."""
    corners: Corners
    told: Told
    begun: str
    """Where the solver began: at the stage file's values, or from scratch."""
    rms_px: float
    """Of what was used."""


def solution(before: Model, corners: Corners, told: Told, free: Sequence[Free]) -> Solution:
    """The whole of it; there must be corners of at least one shot."""
    candidates = [("the stage file's values", before)]
    fresh = closed_form(before, corners, told, free)
    if fresh is not None:
        candidates.append(("the pictures alone (the stage file was far off)", fresh))
    costs = [cost(residuals_px(model, corners, told)) for _, model in candidates]
    begun, start = candidates[int(np.argmin(costs))]
    sifted = sift(start, corners, told, free)
    used = corners.of(sifted.used)
    residuals = residuals_px(sifted.model, corners, told)
    sure = certainty(sifted.model, used, told, free)
    found = rms(residuals[sifted.used])
    return Solution(before, sifted.model, tuple(free), sifted, sure, residuals, corners, told, begun, found)


class Apart(NamedTuple):
    """How far a shot's tracker pose is from what its picture says."""

    place_m: float
    turn_rad: float


def apart(found: Solution, shot: int) -> Apart | None:
    """Solved from the picture against the walls as found; None where the shot has no corners."""
    corners = found.corners.of(found.corners.shot == shot)
    if not len(corners.shot):
        return None
    told = found.told
    place, about = np.zeros(3), np.zeros(3)
    for _ in range(12):
        step = pose_step(found.after, corners, told)
        positions, rotations = told.position_m.copy(), told.rotation.copy()
        positions[shot] += step[:3]
        rotations[shot] = turn(step[3:]) @ rotations[shot]
        told = told._replace(position_m=positions, rotation=rotations)
        place, about = place + step[:3], about + step[3:]
        if np.linalg.norm(step) < 1e-6:
            break
    return Apart(float(np.linalg.norm(place)), float(np.linalg.norm(about)))


def wall_moved_m(found: Solution, wall: int, shots: Sequence[int], points_m: Floats) -> float:
    """How far the farthest of some points of a wall is, in these shots, from where the solution has it."""
    mine = (found.corners.wall == wall) & np.isin(found.corners.shot, shots)
    free = next(each for each in found.free if each.wall == wall)
    other = _wall_alone(found.after, found.corners.of(mine), found.told, free)
    before = points_m @ found.after.walls[wall].T + found.after.walls_m[wall]
    after = points_m @ other.walls[wall].T + other.walls_m[wall]
    return float(np.linalg.norm(after - before, axis=1).max())


def _wall_alone(model: Model, corners: Corners, told: Told, free: Free) -> Model:
    """One wall from some corners, everything else as it is: Gauss and Newton's steps, wild corners weighed down."""
    size = size_of((free,))
    for _ in range(12):
        by_x = jacobian(model, np.zeros(size), corners, told, (free,))[:, :, SHARED:].reshape(-1, size - SHARED)
        residuals = residuals_px(model, corners, told).ravel()
        weighed = weights(residuals)
        normal, pull = by_x.T @ (weighed[:, None] * by_x), by_x.T @ (weighed * residuals)
        step = -np.asarray(np.linalg.lstsq(normal, pull, rcond=None)[0], dtype=np.float64)
        model = moved(model, np.concatenate((np.zeros(SHARED), step)), (free,))
    return model
