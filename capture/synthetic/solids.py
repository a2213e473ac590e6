"""Round things as meshes, for the mannequin and what stands about: capsules that taper, ellipsoids, drums, boxes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from capture.synthetic.turns import shortest

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Solid(NamedTuple):
    """Front sides out."""

    vertices_m: Floats
    triangles: Rows


def ellipsoid(middle_m: ArrayLike, radii_m: ArrayLike, round_: int = 16, down: int = 10) -> Solid:
    """With its axes along the stage's."""
    unit = _lathe(np.sin(_half_turn(down)), np.cos(_half_turn(down)), round_)
    return Solid(unit.vertices_m * np.asarray(radii_m) + np.asarray(middle_m), unit.triangles)


def capsule(
    start_m: ArrayLike, end_m: ArrayLike, start_radius_m: float, end_radius_m: float, round_: int = 14
) -> Solid:
    """From one point to another, with round ends."""
    start, end = np.asarray(start_m, np.float64), np.asarray(end_m, np.float64)
    if end[2] < start[2]:  # straight down has no shortest turn from straight up
        start, end, start_radius_m, end_radius_m = end, start, end_radius_m, start_radius_m
    length = float(np.linalg.norm(end - start))
    half = _half_turn(12)
    blend = np.concatenate((np.zeros(6), np.ones(6)))
    radii = np.sin(half) * (end_radius_m + blend * (start_radius_m - end_radius_m))
    heights = np.where(blend > 0, np.cos(half) * start_radius_m, length + np.cos(half) * end_radius_m)
    upright = _lathe(radii, heights, round_)
    turn = shortest(2, (end - start) / length)
    return Solid(upright.vertices_m @ turn.T + start, upright.triangles)


def drum(middle_m: ArrayLike, radius_m: float, height_m: float, round_: int = 28) -> Solid:
    """Standing upright on its middle's height."""
    radii = np.array([0.0, radius_m * 0.97, radius_m, radius_m, radius_m * 0.97, 0.0])
    heights = height_m * np.array([1.0, 1.0, 0.98, 0.02, 0.0, 0.0])
    solid = _lathe(radii, heights, round_)
    return Solid(solid.vertices_m + np.asarray(middle_m), solid.triangles)


def box(low_m: ArrayLike, high_m: ArrayLike) -> Solid:
    """Corner to corner, each side with its own corners, so that its edges stay sharp."""
    low, high = np.asarray(low_m, np.float64), np.asarray(high_m, np.float64)
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)
    sides: list[Floats] = []
    for axis in range(3):
        for end in (0.0, 1.0):
            corners = np.insert(square if end else square[::-1], axis, end, axis=1)
            sides.append(corners if axis != 1 else corners[::-1])
    vertices = np.concatenate(sides) * (high - low) + low
    first = 4 * np.arange(6)[:, None]
    return Solid(vertices, np.concatenate((first + [0, 1, 2], first + [0, 2, 3])))


def _half_turn(count: int) -> Floats:
    """From straight up to straight down."""
    return np.linspace(0.0, np.pi, count)


def _lathe(radii: Floats, heights: Floats, round_: int) -> Solid:
    """A profile from the top down, turned about Z."""
    angle = 2.0 * np.pi * np.arange(round_) / round_
    rings = np.stack(
        np.broadcast_arrays(radii[:, None] * np.cos(angle), radii[:, None] * np.sin(angle), heights[:, None]), axis=-1
    )
    here = np.arange(len(radii) * round_).reshape(len(radii), round_)
    next_ = np.roll(here, -1, axis=1)
    upper = np.stack((here[:-1], here[1:], next_[1:]), axis=-1).reshape(-1, 3)
    lower = np.stack((here[:-1], next_[1:], next_[:-1]), axis=-1).reshape(-1, 3)
    return Solid(rings.reshape(-1, 3), np.concatenate((upper, lower)))
