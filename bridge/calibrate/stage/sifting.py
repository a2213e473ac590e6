"""Which shots, and which walls in them, cannot be right: solved without them, one after the other, worst first.

A shot whose every wall is off has a wrong tracker pose. A shot where one wall is off and another is not has a right
pose, and a wall that stood somewhere else.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.stage.bundle import Corners, Free, Model, Told, residuals_px, solve

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
        found = _worst(parts(residuals_px(model, corners, told), corners, used))
        gave_up = False
        if found is not None and found[1] is not None:
            moved.append((found[1], found[0]))
            continue
        if found is not None:
            wrong.append(found[0])
            gave_up = len(wrong) > count // 3 or count - len(wrong) < FEWEST_SHOTS
        if found is None or gave_up:
            return _named(Sifted(model, used, sorted(wrong), sorted(moved), gave_up), corners)


def parts(residuals: Floats, corners: Corners, used: NDArray[np.bool_]) -> dict[tuple[int, int], float]:
    """(shot, wall) -> its residual, where enough of that wall is seen."""
    found: dict[tuple[int, int], float] = {}
    shots, walls = set(map(int, corners.shot[used])), set(map(int, corners.wall[used]))
    for shot in sorted(shots):
        for wall in sorted(walls):
            mine = used & (corners.shot == shot) & (corners.wall == wall)
            if np.count_nonzero(mine) >= _TELLING:
                found[shot, wall] = rms(residuals[mine])
    return found


def _worst(by_part: dict[tuple[int, int], float]) -> tuple[int, int | None] | None:
    """The shot where something is most off; and the wall, where another wall of that shot is not."""
    if not by_part:
        return None
    limit = off_limit_px(list(by_part.values()))
    shot, wall = max(by_part, key=by_part.__getitem__)
    if by_part[shot, wall] <= limit:
        return None
    others = [value for (other, beside), value in by_part.items() if other == shot and beside != wall]
    if others and min(others) <= max(limit, 0.25 * by_part[shot, wall]):
        return shot, wall
    return shot, None


def _named(sifted: Sifted, corners: Corners) -> Sifted:
    """A shot that shows nothing but a wall that moved has no wrong pose."""
    walls = {wall for wall, _ in sifted.moved_walls}
    moved = list(sifted.moved_walls)
    wrong: list[int] = []
    for shot in sifted.wrong_shots:
        seen = set(map(int, corners.wall[corners.shot == shot]))
        if len(seen) == 1 and seen <= walls:
            moved.append((seen.pop(), shot))
        else:
            wrong.append(shot)
    return sifted._replace(wrong_shots=wrong, moved_walls=sorted(moved))


def off_limit_px(usual: Sequence[float]) -> float:
    """Above it, something is off: the better half of all is taken for what is usual."""
    return max(OFF_PX, OFF_TIMES * float(np.quantile(usual, 0.25)))


def rms(residuals: Floats) -> float:
    """Root mean square of distances on the picture, per axis; a few wild corners are held to ten times the median."""
    if not residuals.size:
        return math.nan
    square: Floats = np.sum(residuals**2, axis=-1) / 2.0
    most = 100.0 * float(np.median(square)) + 1e-30
    return math.sqrt(float(np.mean(np.clip(square, 0.0, most))))
