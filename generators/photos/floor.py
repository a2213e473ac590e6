"""Which way is up, and where the floor is: from how people hold cameras, and from the points below them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NEAR_UNIT = 0.02
"""Thickness of a floor over the cameras' height above it."""
_TILT = 0.96
"""Cosine of how far a floor may lean from what the cameras call level: 16 degrees."""
_TRIALS = 400
_SETTLING, _CLOSER, _LEAST_UNIT = 6, 2.0, 0.05
_ENOUGH = 40
_LEAST_BELOW_UNIT, _STANDING_UNIT = 0.1, 0.5
"""Of how far away what was seen is."""
_SEED = 11


class Floor(NamedTuple):
    """normal @ p + offset_m = 0, in the points' own unit; the normal points up."""

    normal: Floats
    offset_m: float
    support: int
    """Points on it; 0: no floor was seen, it lies under the lowest thing that was."""


def up_of(turns: Floats) -> Floats:
    """Up [3], of cameras' plane_from_world rotations [V, 3, 3]: across each picture is level, as people hold cameras.

    The direction most nearly at right angles to all the pictures' rows; where the cameras all look one way, the rows do
    not say, and the pictures' columns do.
    """
    across, upwards = turns[:, 0], -turns[:, 1]
    mean_up = upwards.mean(axis=0)
    mean_up /= max(float(np.linalg.norm(mean_up)), 1e-12)
    values, vectors = np.linalg.eigh(across.T @ across / len(across))
    if values[1] < 0.03:
        return mean_up
    level = vectors[:, 0]
    return level if float(level @ mean_up) >= 0 else -level


def floor_of(points: Floats, cameras: Floats, up: Floats) -> Floor:
    """The lowest well-supported level plane below the cameras (points [P, 3], cameras [V, 3])."""
    heights, eye = points @ up, float(np.median(cameras @ up))
    below = points[heights < eye]
    if len(below) >= _ENOUGH:
        found = _lowest_plane(below, eye, up)
        if found is not None and float(np.median(cameras @ found.normal)) + found.offset_m > 0:
            return found
    return Floor(up, -_lowest(points, cameras, up), 0)


def _lowest(points: Floats, cameras: Floats, up: Floats) -> float:
    """How high the lowest point seen is. Where all of it hangs above the cameras, they stand some way below: half as
    far as they were from what they saw, as one stands before a picture on a wall."""
    eye = float(np.median(cameras @ up))
    lowest = float(np.percentile(points @ up, 1.0)) if len(points) else eye
    away = float(np.median(np.linalg.norm(points - cameras.mean(axis=0), axis=1))) if len(points) else 1.0
    return lowest if lowest < eye - _LEAST_BELOW_UNIT * away else eye - _STANDING_UNIT * away


def _lowest_plane(below: Floats, eye: float, up: Floats) -> Floor | None:
    """Planes through three points at random: of those nearly level, the one with most points, a low one before a high
    one (a table has points too)."""
    random = np.random.Generator(np.random.PCG64(_SEED))
    depth = eye - below @ up
    near = _NEAR_UNIT * float(np.percentile(depth, 95))
    best: tuple[float, Floor] | None = None
    for _ in range(_TRIALS):
        a, b, c = below[random.choice(len(below), 3, replace=False)]
        normal = np.cross(b - a, c - a)
        length = float(np.linalg.norm(normal))
        if length < 1e-9:
            continue
        normal *= np.sign(normal @ up) / length
        if float(normal @ up) < _TILT:
            continue
        floor = _refined(below, Floor(normal, -float(normal @ a), 0), near)
        if floor is None or float(floor.normal @ up) < _TILT:
            continue
        under = int((below @ floor.normal + floor.offset_m < -2.0 * near).sum())
        score = floor.support - 2.0 * under
        if floor.support >= max(_ENOUGH, 0.02 * len(below)) and (best is None or score > best[0]):
            best = (score, floor)
    return None if best is None else _settled(below, best[1], near)


def _settled(points: Floats, floor: Floor, near: float) -> Floor:
    """Closer and closer to what lies on it: the feet of walls, taken for floor, would tilt it."""
    for _ in range(_SETTLING):
        away = np.abs(points @ floor.normal + floor.offset_m)
        closer = max(_CLOSER * float(np.median(away[away < near])), _LEAST_UNIT * near)
        tighter = _refined(points, floor, min(closer, near))
        if tighter is None:
            break
        floor, near = tighter, min(closer, near)
    return floor


def _refined(points: Floats, floor: Floor, near: float) -> Floor | None:
    """The plane of best fit through what lies near it."""
    for _ in range(3):
        on = points[np.abs(points @ floor.normal + floor.offset_m) < near]
        if len(on) < 10:
            return None
        middle = on.mean(axis=0)
        _, spreads, axes = np.linalg.svd(on - middle, full_matrices=False)
        if spreads[1] < 5.0 * spreads[2]:
            return None
        normal = axes[2] * np.sign(axes[2] @ floor.normal)
        floor = Floor(normal, -float(normal @ middle), len(on))
    return floor
