"""A wall as flat rectangles with their part of its picture, because that is what the page can show live.

Flat walls are one rectangle, arcs a few chords. A wall that is not made of rectangles has none: it is drawn whole, and
its picture renewed less often.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Quaternion, Vector, quat_from_matrix

BEND_DEG = 12.0
"""Neighbouring rectangles that turn less than this become one chord."""
_LOOSE_UNIT = 0.02
_GRID = 1e-6


class Facet(NamedTuple):
    """A rectangle whose own axes are x right and y down in the picture; `rect_unit` is u0, v0, u1, v1, v down."""

    centre_m: Vector
    rotation_wxyz: Quaternion
    width_m: float
    height_m: float
    rect_unit: tuple[float, float, float, float]


class _Quad(NamedTuple):
    """Corners [2, 2, 3]: row v, column u."""

    rect_unit: tuple[float, float, float, float]
    corners_m: NDArray[np.float64]


def facets(
    vertices_m: NDArray[np.float64], uv_unit: NDArray[np.float64], triangles: NDArray[np.integer]
) -> list[Facet] | None:
    """Of a surface: vertices [N, 3], uv [N, 2] (v down), triangles [M, 3]. None when it is not made of rectangles."""
    quads = _quads(vertices_m, uv_unit, triangles)
    if quads is None:
        return None
    quads = _merged(_merged(quads, along=0), along=1)
    found = [_facet(quad) for quad in quads]
    return None if any(facet is None for facet in found) else [facet for facet in found if facet is not None]


def pixels(rect_unit: tuple[float, float, float, float], width_px: int, height_px: int) -> tuple[slice, slice]:
    """Rows and columns of a picture that a facet shows, at least one of each."""
    u0, v0, u1, v1 = rect_unit
    left, top = min(round(u0 * width_px), width_px - 1), min(round(v0 * height_px), height_px - 1)
    return slice(top, max(round(v1 * height_px), top + 1)), slice(left, max(round(u1 * width_px), left + 1))


def _quads(
    vertices_m: NDArray[np.float64], uv_unit: NDArray[np.float64], triangles: NDArray[np.integer]
) -> list[_Quad] | None:
    """Two triangles with one bounding box in the picture are its corners' rectangle."""
    by_box: dict[tuple[int, ...], dict[tuple[int, int], int]] = {}
    grid = np.round(uv_unit / _GRID).astype(np.int64)
    for triangle in triangles:
        spots = grid[triangle]
        box = (*map(int, spots.min(axis=0)), *map(int, spots.max(axis=0)))
        corners = by_box.setdefault(box, {})
        corners.update({(int(u), int(v)): int(index) for (u, v), index in zip(spots, triangle, strict=True)})
    found: list[_Quad] = []
    for (u0, v0, u1, v1), corners in by_box.items():
        wanted = ((u0, v0), (u1, v0), (u0, v1), (u1, v1))
        if u0 == u1 or v0 == v1 or set(corners) != set(wanted):
            return None
        points = np.asarray(vertices_m[[corners[spot] for spot in wanted]], dtype=np.float64).reshape(2, 2, 3)
        found.append(_Quad((u0 * _GRID, v0 * _GRID, u1 * _GRID, v1 * _GRID), points))
    return found


def _merged(quads: list[_Quad], along: int) -> list[_Quad]:
    """Join neighbours along u (0) or v (1) while the turn since the first one stays small."""
    low, high, other = along, along + 2, (1 - along, 3 - along)
    done: list[_Quad] = []
    first: _Quad | None = None
    for quad in sorted(quads, key=lambda q: (round(q.rect_unit[other[0]], 5), q.rect_unit[low])):
        last = done[-1] if done else None
        if (
            last is not None
            and first is not None
            and all(abs(last.rect_unit[i] - quad.rect_unit[i]) < 1e-5 for i in other)
            and abs(last.rect_unit[high] - quad.rect_unit[low]) < 1e-5
            and float(_normal(first) @ _normal(quad)) > np.cos(BEND_DEG / 180 * np.pi)
        ):
            done[-1] = _joined(last, quad, along)
        else:
            first = quad
            done.append(quad)
    return done


def _joined(a: _Quad, b: _Quad, along: int) -> _Quad:
    axis = 1 - along
    corners = np.concatenate((np.take(a.corners_m, [0], axis), np.take(b.corners_m, [1], axis)), axis)
    return _Quad((a.rect_unit[0], a.rect_unit[1], b.rect_unit[2], b.rect_unit[3]), corners)


def _normal(quad: _Quad) -> NDArray[np.float64]:
    across = np.cross(quad.corners_m[0, 1] - quad.corners_m[0, 0], quad.corners_m[1, 0] - quad.corners_m[0, 0])
    return across / max(float(np.linalg.norm(across)), 1e-12)


def _facet(quad: _Quad) -> Facet | None:
    (top_left, top_right), (bottom_left, bottom_right) = quad.corners_m
    right, down = top_right - top_left, bottom_left - top_left
    width_m, height_m = float(np.linalg.norm(right)), float(np.linalg.norm(down))
    size_m = max(width_m, height_m)
    if min(width_m, height_m) < 1e-6 or np.linalg.norm(top_left + right + down - bottom_right) > _LOOSE_UNIT * size_m:
        return None
    right, down = np.asarray(right / width_m), np.asarray(down / height_m)
    if abs(float(right @ down)) > _LOOSE_UNIT:
        return None
    down = down - right * float(right @ down)
    down = np.asarray(down / float(np.linalg.norm(down)))
    x, y, z = (float(value) for value in quad.corners_m.reshape(4, 3).mean(axis=0))
    axes: NDArray[np.float64] = np.stack((right, down, np.cross(right, down)), axis=1)
    rotation = quat_from_matrix(axes)
    return Facet((x, y, z), rotation, width_m, height_m, quad.rect_unit)
