"""A mesh of what is seen from one point: a panorama of distances, cut where it jumps.

It needs no library, and from the stage it hides and shadows what the splats do; behind things it is open.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Vector
from generators.outputs.panorama import directions

MOST_TRIANGLES = 200_000
ROWS = 220
FLOOR_M = 0.03
_JUMP = 1.35
"""Neighbours whose distances differ by more than this are two things. On a floor seen flat a step is far longer than
across, so that the limit gives way with the angle."""


class Mesh(NamedTuple):
    """Triangles, stage frame; counter-clockwise from outside, where one can be."""

    vertices_m: NDArray[np.float32]
    """[V, 3]."""
    triangles: NDArray[np.int32]
    """[T, 3]."""


def shell(distances_m: NDArray[np.float32], eye_m: Vector) -> Mesh:
    """Of a panorama of distances [H, 2H] along the rays; not finite where there is nothing."""
    rows, columns = distances_m.shape
    rays = directions(rows)
    points = np.asarray(eye_m) + rays * np.where(np.isfinite(distances_m), distances_m, 0.0)[..., None]
    index = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    right = np.roll(index, -1, axis=1)
    corners = np.stack((index[:-1], index[1:], right[1:], right[:-1]), axis=-1).reshape(-1, 4)
    triangles = np.concatenate((corners[:, [0, 1, 2]], corners[:, [0, 2, 3]]))
    triangles = triangles[_whole(triangles, distances_m.ravel(), points.reshape(-1, 3))]
    return compacted(Mesh(points.reshape(-1, 3).astype(np.float32), triangles))


def compacted(mesh: Mesh) -> Mesh:
    """Without the vertices that no triangle uses."""
    used, renamed = np.unique(mesh.triangles, return_inverse=True)
    return Mesh(mesh.vertices_m[used], renamed.reshape(-1, 3).astype(np.int32))


def normals(mesh: Mesh) -> NDArray[np.float32]:
    """[V, 3], unit, the mean of the triangles' by area."""
    a, b, c = (mesh.vertices_m[mesh.triangles[:, corner]].astype(np.float64) for corner in range(3))
    face = np.cross(b - a, c - a)
    summed = np.zeros((len(mesh.vertices_m), 3))
    for corner in range(3):
        np.add.at(summed, mesh.triangles[:, corner], face)
    length = np.linalg.norm(summed, axis=1, keepdims=True)
    return np.where(length > 1e-20, summed / np.maximum(length, 1e-20), (0.0, 0.0, 1.0)).astype(np.float32)


def _whole(
    triangles: NDArray[np.int32], distance: NDArray[np.float32], points: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Triangles with three corners that belong to one surface."""
    three = distance[triangles]
    there = np.isfinite(three).all(axis=1)
    near, far = np.where(there, three.min(axis=1), 1.0), np.where(there, three.max(axis=1), 1.0)
    level = np.ptp(points[triangles, 2], axis=1) < FLOOR_M * (1 + near)
    return there & ((far < _JUMP * near) | level)
