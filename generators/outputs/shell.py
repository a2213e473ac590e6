"""A mesh of what is seen from the stage: panoramas of distances from several points, joined.

Where a panorama's distance jumps, the mesh of what is before ends, and that of what is behind goes on beneath its edge.
From every further point only what the ones before have not seen is added. It needs no library, and from the stage it
hides and shadows what the splats do; behind things it is open.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Vector
from generators.equirectangular import directions

MOST_TRIANGLES = 200_000
ROWS, MORE_ROWS = 200, 110
"""Of the panorama from the stage's middle, and of those from beside it."""
FLOOR_M = 0.03
"""The stage's floor is at zero: what is seen so near to it, within its reach, is it."""
_FLOOR_REACH_M = 6.0
_JUMP = 1.35
"""Neighbours whose distances differ by more than this are two things. On a floor seen flat a step is far longer than
across, so that the limit gives way with the angle."""
_UNEVEN = 0.1
"""Of its nearness: a pixel that differs so from its four neighbours' mean may be half one thing, half another."""
_LEVEL_M = 0.2
_SAME = 0.03
"""Of the distance: a point so near to what was seen before is part of it."""

Floats32 = NDArray[np.float32]
Floats = NDArray[np.float64]


class Mesh(NamedTuple):
    """Triangles, stage frame; they face the point they were seen from."""

    vertices_m: Floats32
    """[V, 3]."""
    triangles: NDArray[np.int32]
    """[T, 3]."""


class Sight(NamedTuple):
    """What is seen from one point."""

    eye_m: Vector
    distances_m: Floats32
    """[H, 2H] along the rays; not finite where there is nothing."""


def joined(sights: Sequence[Sight], most: int = MOST_TRIANGLES) -> Mesh:
    """One mesh of them all, the first whole; of the others what no earlier one has seen, the nearest first."""
    corners = [on_floor(shell(sights[0]))]
    for at, sight in enumerate(sights[1:], 1):
        seen = on_floor(shell(sure(sight)))
        for before in sights[:at]:
            seen = seen[hidden(before, seen)]
        room = most - sum(map(len, corners))
        nearest = np.argsort(np.linalg.norm(seen.mean(axis=1), axis=1), kind="stable")[:room]
        corners.append(seen[np.sort(nearest)])
    return indexed(np.concatenate(corners))


def shell(sight: Sight) -> Floats:
    """Triangles [T, 3, 3] (corner, axis) of one panorama."""
    rows, columns = sight.distances_m.shape
    index: NDArray[np.intp] = np.arange(rows * columns, dtype=np.intp).reshape(rows, columns)
    right = np.roll(index, -1, axis=1)
    corners = np.stack((index[:-1], index[1:], right[1:], right[:-1]), axis=-1).reshape(-1, 4)
    triangles = np.concatenate((corners[:, [0, 1, 2]], corners[:, [0, 2, 3]]))
    rays, far = directions(rows).reshape(-1, 3)[triangles], sight.distances_m.ravel()[triangles].astype(np.float64)
    there = np.isfinite(far).all(axis=1)
    rays, far = rays[there], far[there]
    far = np.where(_one_thing(rays, far)[:, None], far, _behind(rays, far))
    whole = np.isfinite(far).all(axis=1)
    return np.asarray(sight.eye_m) + rays[whole] * far[whole][..., None]


def sure(sight: Sight) -> Sight:
    """Without pixels at an edge: from beside the middle nothing is taken that is not there."""
    near = np.where(np.isfinite(sight.distances_m), 1.0 / sight.distances_m, 0.0)
    rows = np.pad(near, ((1, 1), (0, 0)), mode="edge")
    mean = 0.25 * (rows[:-2] + rows[2:] + np.roll(near, 1, axis=1) + np.roll(near, -1, axis=1))
    even = np.abs(near - mean) <= _UNEVEN * near
    return Sight(sight.eye_m, np.where(even, sight.distances_m, np.inf).astype(np.float32))


def on_floor(corners_m: Floats) -> Floats:
    """The same with the stage's floor at zero."""
    near = np.hypot(corners_m[..., 0], corners_m[..., 1]) < _FLOOR_REACH_M
    floor = near & (np.abs(corners_m[..., 2]) < FLOOR_M)
    laid = corners_m.copy()
    laid[..., 2][floor] = 0.0
    return laid


def hidden(sight: Sight, corners_m: Floats) -> NDArray[np.bool_]:
    """Which triangles [T, 3, 3] lie behind what a panorama shows: not on it with all corners, and none before it, where
    it has looked through."""
    away = corners_m - np.asarray(sight.eye_m)
    length = np.linalg.norm(away, axis=-1)
    nearness = np.where(np.isfinite(sight.distances_m), 1.0 / sight.distances_m, 0.0)
    x, y, z = np.moveaxis(away, -1, 0)
    rows, columns = nearness.shape
    column = (0.5 + np.arctan2(x, y) / (2 * np.pi)) * columns - 0.5
    row = np.clip((0.5 - np.arcsin(z / np.maximum(length, 1e-9)) / np.pi) * rows - 0.5, 0.0, rows - 1.001)
    left, top = np.floor(column).astype(np.intp), row.astype(np.intp)
    across, down = column - left, row - top
    beside = (left + 1) % columns
    upper = nearness[top, left % columns] * (1 - across) + nearness[top, beside] * across
    lower = nearness[top + 1, left % columns] * (1 - across) + nearness[top + 1, beside] * across
    off = (upper * (1 - down) + lower * down) * length - 1.0
    return np.asarray((off > -_SAME).all(axis=1) & (off > _SAME).any(axis=1))


def indexed(corners_m: Floats) -> Mesh:
    """With corners that are the same made one, and triangles without an area left out."""
    flat = np.ascontiguousarray(corners_m.reshape(-1, 3).astype(np.float32)) + np.float32(0.0)
    _, first, whose = np.unique(flat.view(np.dtype((np.void, 12))).ravel(), return_index=True, return_inverse=True)
    triangles = whose.reshape(-1, 3).astype(np.int32)
    a, b, c = triangles.T
    return Mesh(flat[first], triangles[(a != b) & (b != c) & (c != a)])


def normals(mesh: Mesh) -> Floats32:
    """[V, 3], unit, the mean of the triangles' by area."""
    a, b, c = (mesh.vertices_m[mesh.triangles[:, corner]].astype(np.float64) for corner in range(3))
    face = np.cross(b - a, c - a)
    summed = np.zeros((len(mesh.vertices_m), 3))
    for corner in range(3):
        np.add.at(summed, mesh.triangles[:, corner], face)
    length = np.linalg.norm(summed, axis=1, keepdims=True)
    return np.where(length > 1e-20, summed / np.maximum(length, 1e-20), (0.0, 0.0, 1.0)).astype(np.float32)


def _one_thing(rays: Floats, far: Floats) -> NDArray[np.bool_]:
    """Triangles with three corners that belong to one surface."""
    nearest = far.min(axis=1)
    level = np.ptp(rays[..., 2] * far, axis=1) < np.minimum(FLOOR_M * (1 + nearest), _LEVEL_M)
    return (far.max(axis=1) < _JUMP * nearest) | level


def _behind(rays: Floats, far: Floats) -> Floats:
    """Corners on the thing before, put back to the one behind, which goes on beneath the edge. Infinite where one looks
    down: ground would be as far only if it rose."""
    farthest = far.max(axis=1, keepdims=True)
    return np.where(far * _JUMP < farthest, np.where(rays[..., 2] < 0.0, np.inf, farthest), far)
