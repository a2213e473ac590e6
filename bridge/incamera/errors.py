"""What a camera would photograph of the walls, against the world seen directly: the check that the illusion holds.

Camera pixel -> ray -> wall -> what was drawn there, by the pose and the walls it was drawn *with* -> where that world
point truly projects. Faults are differences between what was assumed while drawing and what is true.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Vector
from bridge.incamera.kernels import drawn_along, ends
from bridge.incamera.photograph_kernels import meet_all
from bridge.sight import Sight, project, rays
from bridge.wall.frustum import OUTER, Inner, inner_frusta
from bridge.wall.shape import Screen, Shape
from bridge.world.world import World

Floats = NDArray[np.float64]

COUNTED, OUTSIDE, OTHER, UNLIT, EDGE = 0, 1, 2, 3, 4
"""A point lies in the camera's inner frustum; on a wall but outside it; in another camera's; on no lit wall; on the
line between two of these, or shows something behind the camera."""


class Drawn(NamedTuple):
    """What the walls' pictures were made with."""

    screens: Sequence[Screen]
    inner: Inner
    viewpoint_m: Vector


class Errors(NamedTuple):
    """How far from its true place each point appears."""

    pixels: Floats
    """[n, 2], where the camera sees it."""
    error_px: Floats
    """[n, 2], right and down, from where it is seen to where it truly is; NaN where that cannot be said."""
    kind: NDArray[np.int8]
    """[n]: COUNTED, OUTSIDE, OTHER, UNLIT or EDGE."""
    wall: NDArray[np.int64]
    """[n], index of the wall that is seen, -1 for none."""


class Summary(NamedTuple):
    """Errors in camera pixels over the counted points, and how many points were not counted and why."""

    mean_px: float
    p50_px: float
    p95_px: float
    p99_px: float
    max_px: float
    counted: int
    outside: int
    other: int
    unlit: int
    edge: int


def drawn_for(
    screens: Sequence[Screen], sight: Sight, viewpoint_m: Vector = (0.0, 0.0, 1.6), margin_deg: float = 2.0
) -> Drawn:
    """Walls drawn for one camera."""
    return Drawn(screens, inner_frusta([sight], [margin_deg]), viewpoint_m)


def measure(
    world: World, drawn: Drawn, true_shapes: Sequence[Shape], true_sight: Sight, pixels: Floats, camera: int = 0
) -> Errors:
    """Errors at pixels [n, 2] of a camera that truly is `true_sight`, before walls that truly are `true_shapes`."""
    eye = np.asarray(true_sight.position_m, dtype=np.float64)
    directions = rays(true_sight, pixels)
    t, uv = np.full(len(pixels), math.inf), np.full((len(pixels), 2), math.nan)
    wall = np.full(len(pixels), -1, np.int64)
    for number, shape in enumerate(true_shapes):
        meet_all(shape, eye, directions, number, t, uv, wall)
    light = np.full((len(pixels), 7), math.nan)
    for number, screen in enumerate(drawn.screens):
        mine = wall == number
        rows = np.empty((int(mine.sum()), 7))
        viewpoint = np.asarray(drawn.viewpoint_m, dtype=np.float64)
        drawn_along(screen.shape, drawn.inner, viewpoint, screen.pixels, np.ascontiguousarray(uv[mine]), rows)
        light[mine] = rows
    towards = np.full((len(pixels), 3), math.nan)
    ends(world, light, eye, towards)
    error = project(true_sight, towards) - pixels
    return Errors(pixels, error, _kinds(wall, light[:, 6], error, camera), wall)


def _kinds(wall: NDArray[np.int64], owner: Floats, error: Floats, camera: int) -> NDArray[np.int8]:
    kind = np.full(len(wall), EDGE, np.int8)
    kind[owner >= 0] = OTHER
    kind[owner == OUTER] = OUTSIDE
    kind[(owner == camera) & np.isfinite(error).all(axis=1)] = COUNTED
    kind[wall < 0] = UNLIT
    return kind


def summary(parts: Sequence[Errors]) -> Summary:
    """Over all points of all poses; NaN where nothing was counted."""
    kind = np.concatenate([part.kind for part in parts])
    lengths = np.concatenate([lengths_px(part) for part in parts])[kind == COUNTED]
    counts = [int(np.sum(kind == value)) for value in (COUNTED, OUTSIDE, OTHER, UNLIT, EDGE)]
    if not lengths.size:
        return Summary(math.nan, math.nan, math.nan, math.nan, math.nan, *counts)
    p50, p95, p99 = np.percentile(lengths, (50, 95, 99))
    return Summary(float(lengths.mean()), float(p50), float(p95), float(p99), float(lengths.max()), *counts)


def lengths_px(errors: Errors) -> Floats:
    """Length of each error [n]."""
    return np.hypot(errors.error_px[:, 0], errors.error_px[:, 1])
