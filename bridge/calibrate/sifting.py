"""Which shots, and which walls in them, cannot be right: solved without them, one after the other, worst first.

A shot whose every wall is off has a wrong tracker pose. A shot where one wall is off and another is not has a right
pose, and a wall that stood somewhere else.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.bundle import Corners, Free, Model, Told, residuals_px, solve

Floats = NDArray[np.float64]

FEWEST_SHOTS = 6
OFF_TIMES, OFF_PX = 4.0, 1.0
"""A shot is off where its residual is so many times the usual one, and more than so many pixels."""
_TELLING = 12  # corners of a wall in a shot, to judge by


class Sifted(NamedTuple):
    """The solution, and what it leaves out."""

    model: Model
    used: NDArray[np.bool_]
    """[n], the corners that it is made of."""
    wrong_shots: list[int]
    moved_walls: list[tuple[int, int]]
    """(wall, shot) pairs where the wall stood elsewhere."""
    gave_up: bool
    """More than a third of the shots are off: they do not belong together."""


def sift(model: Model, corners: Corners, told: Told, free: Sequence[Free]) -> Sifted:
    """Solve, leave the worst out, solve again, until what is left agrees."""
    count = len(np.unique(corners.shot))
    wrong: list[int] = []
    moved: list[tuple[int, int]] = []
    while True:
        used = ~np.isin(corners.shot, wrong)
        for wall, shot in moved:
            used &= ~((corners.wall == wall) & (corners.shot == shot))
        model = solve(model, corners.of(used), told, free)
        residuals = residuals_px(model, corners, told)
        found = _worst(residuals, corners, used)
        if found is None:
            return Sifted(model, used, sorted(wrong), sorted(moved), gave_up=False)
        shot, wall = found
        if wall is not None:
            moved.append((wall, shot))
        elif len(wrong) + 1 > count // 3 or count - len(wrong) <= FEWEST_SHOTS:
            return Sifted(model, used, sorted([*wrong, shot]), sorted(moved), gave_up=True)
        else:
            wrong.append(shot)


def _worst(residuals: Floats, corners: Corners, used: NDArray[np.bool_]) -> tuple[int, int | None] | None:
    """The shot that is most off; and the wall, where only that one of several is."""
    by_shot = {int(shot): rms(residuals[used & (corners.shot == shot)]) for shot in np.unique(corners.shot[used])}
    limit = off_limit_px(list(by_shot.values()))
    shot = max(by_shot, key=by_shot.__getitem__)
    if by_shot[shot] <= limit:
        return None
    by_wall: dict[int, float] = {}
    for wall in set(map(int, corners.wall[used & (corners.shot == shot)])):
        mine = used & (corners.shot == shot) & (corners.wall == wall)
        if np.count_nonzero(mine) >= _TELLING:
            by_wall[wall] = rms(residuals[mine])
    worst = max(by_wall, key=by_wall.__getitem__, default=None)
    if worst is None or len(by_wall) < 2 or min(by_wall.values()) > max(limit, 0.25 * by_wall[worst]):
        return shot, None
    return shot, worst


def off_limit_px(usual: Sequence[float]) -> float:
    """Above it, a shot is off."""
    return max(OFF_PX, OFF_TIMES * float(np.median(usual)))


def rms(residuals: Floats) -> float:
    """Root mean square of distances on the picture, per axis; a few wild corners are held to ten times the median."""
    if not residuals.size:
        return math.nan
    square: Floats = np.sum(residuals**2, axis=-1) / 2.0
    most = 100.0 * float(np.median(square)) + 1e-30
    return math.sqrt(float(np.mean(np.clip(square, 0.0, most))))
