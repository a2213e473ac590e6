"""The lit surface of an LED wall, exactly: picture coordinate -> point in space, ray -> picture coordinate.

A surface is flat patches (parallelograms or triangles, each with its affine part of the picture), or one smooth arc of
an upright cylinder. Picture coordinates are u right, v DOWN, 0..1, as seen from the front: pixel (column, row) has its
centre at ((column + 0.5) / width, (row + 0.5) / height). All of this is numpy, and the readable twin of
`bridge.wall.kernels`.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.frames import Quaternion, Vector, matrix_from_quat

Floats = NDArray[np.float64]

NITS_PER_UNIT = 100.0
"""What 1.0 of a wall picture means."""
SEAM = 1e-9
"""How far, in parts of a patch, a ray may miss it and still count: no light falls between two patches."""
_CELLS = 64
_SMOOTH_STEP_RAD = math.radians(2.0)


class Arc(NamedTuple):
    """A smooth arc; `radius_m` is 0 where the surface is patches."""

    x_m: float = 0.0
    y_m: float = 0.0
    top_m: float = 0.0
    height_m: float = 1.0
    radius_m: float = 0.0
    left_rad: float = 0.0
    """Where u is 0: from +Y, positive to the left."""
    arc_rad: float = 1.0


class Shape(NamedTuple):
    """A wall's lit surface; N patches, none for a smooth arc. Tuples of arrays, so that kernels take it as it is."""

    origin_m: Floats
    """[N, 3], where a patch's own coordinates (a, b) are 0."""
    a_m: Floats
    b_m: Floats
    """[N, 3], the edges: a patch is origin + a * a_m + b * b_m with a, b in 0..1 (and a + b <= 1 for triangles)."""
    normal: Floats
    """[N, 3], unit, towards whoever sees the light."""
    a_dual: Floats
    b_dual: Floats
    """[N, 3], a = (point - origin) . a_dual."""
    uv_unit: Floats
    """[N, 2], picture coordinate of the origin."""
    uv_from_ab: Floats
    ab_from_uv: Floats
    """[N, 2, 2]."""
    triangular: bool
    cell_start: NDArray[np.int32]
    cell_patch: NDArray[np.int32]
    """Which patches touch which of 64 x 64 parts of the picture: `cell_patch[cell_start[i]:cell_start[i + 1]]`."""
    arc: Arc


class Screen(NamedTuple):
    """A wall as light: its surface, its picture's size, its brightest white (1.0 is 100 nits)."""

    name: str
    shape: Shape
    pixels: tuple[int, int]
    peak_unit: float


class Surface(NamedTuple):
    """A wall as triangles, counter-clockwise seen from the lit side, for drawing it in 3D."""

    vertices_m: Floats
    """[N, 3], stage frame."""
    uv: Floats
    """[N, 2], v down: (0, 0) is the picture's top left corner."""
    triangles: NDArray[np.int32]
    """[M, 3]."""


# --- making shapes ------------------------------------------------------------------------------------------------


def rectangle(centre_m: Vector, rotation: Quaternion, width_m: float, height_m: float) -> Shape:
    """A flat wall. Not turned, its face looks along -Y, its picture's columns along +X, its rows along -Z."""
    turn = matrix_from_quat(rotation)
    right, up = turn[:, 0] * width_m, turn[:, 2] * height_m
    return parallelograms((np.asarray(centre_m) - right / 2 + up / 2)[None], right[None], -up[None], np.array([0.0, 1]))


def arc_of_panels(arc: Arc, columns: int) -> Shape:
    """Flat columns whose vertical edges lie on the arc's cylinder, all equally wide."""
    edges = arc_points(arc, np.stack((np.linspace(0, 1, columns + 1), np.zeros(columns + 1)), axis=1))
    down = np.tile([0.0, 0.0, -arc.height_m], (columns, 1))
    return parallelograms(edges[:-1], np.diff(edges, axis=0), down, np.linspace(0, 1, columns + 1))


def smooth_arc(arc: Arc) -> Shape:
    """The inside of an upright cylinder."""
    none = np.empty((0, 3))
    return _with_cells(none, none, none, np.empty((0, 3, 2)), triangular=False)._replace(arc=arc)


def parallelograms(origin_m: Floats, across_m: Floats, down_m: Floats, edges_unit: Floats) -> Shape:
    """Patches side by side: the n-th shows the picture's columns from edges_unit[n] to edges_unit[n + 1]."""
    left, right = edges_unit[:-1], edges_unit[1:]
    zero, one = np.zeros_like(left), np.ones_like(left)
    uv = np.stack([np.stack(pair, axis=1) for pair in ((left, zero), (right, zero), (left, one))], axis=1)
    return _with_cells(origin_m, across_m, down_m, uv, triangular=False)


def triangles(corners_m: Floats, uv_unit: Floats) -> Shape:
    """A mesh: corners [M, 3, 3], uv [M, 3, 2] (v down). ValueError where a triangle or its picture has no area."""
    first = corners_m[:, 0]
    a_m, b_m, turn = corners_m[:, 1] - first, corners_m[:, 2] - first, np.diff(uv_unit, axis=1)
    area = turn[:, 0, 0] * turn[:, 1, 1] - turn[:, 0, 1] * turn[:, 1, 0]
    flat = np.flatnonzero((np.linalg.norm(np.cross(a_m, b_m), axis=1) < 1e-12) | (np.abs(area) < 1e-14))
    if flat.size:
        raise ValueError(f"triangle {flat[0] + 1} has no area in space or in its UVs; {flat.size} such of {len(first)}")
    return _with_cells(first, a_m, b_m, uv_unit, triangular=True)


def _with_cells(origin: Floats, a: Floats, b: Floats, uv: Floats, *, triangular: bool) -> Shape:
    """`uv` [N, 3, 2]: of the origin, of the end of a, of the end of b."""
    across = np.cross(a, b)
    square = np.sum(across * across, axis=1, keepdims=True)
    uv_from_ab = np.stack((uv[:, 1] - uv[:, 0], uv[:, 2] - uv[:, 0]), axis=2)
    # Seen from the front u goes right and v down, so (a, b) turns clockwise there exactly when its picture does not.
    mirrored = np.sign(np.linalg.det(uv_from_ab))[:, None] if len(uv) else np.empty((0, 1))
    start, patch = _cells(uv, triangular)
    return Shape(
        origin_m=np.ascontiguousarray(origin),
        a_m=np.ascontiguousarray(a),
        b_m=np.ascontiguousarray(b),
        normal=-mirrored * across / np.sqrt(square),
        a_dual=np.cross(b, across) / square,
        b_dual=np.cross(across, a) / square,
        uv_unit=np.ascontiguousarray(uv[:, 0]),
        uv_from_ab=np.ascontiguousarray(uv_from_ab),
        ab_from_uv=np.asarray(np.linalg.inv(uv_from_ab), dtype=np.float64),
        triangular=triangular,
        cell_start=start,
        cell_patch=patch,
        arc=Arc(),
    )


def _cells(uv: Floats, triangular: bool) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Bounding boxes of the patches' pictures, sorted into cells."""
    corners = uv if triangular else np.concatenate((uv, uv[:, 1:2] + uv[:, 2:3] - uv[:, :1]), axis=1)
    low = np.clip(np.floor(corners.min(axis=1) * _CELLS - SEAM), 0, _CELLS - 1).astype(int)
    high = np.clip(np.floor(corners.max(axis=1) * _CELLS + SEAM), 0, _CELLS - 1).astype(int)
    members: list[list[int]] = [[] for _ in range(_CELLS * _CELLS)]
    for index, ((left, top), (right, bottom)) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                members[row * _CELLS + column].append(index)
    start = np.cumsum([0, *map(len, members)])
    return start.astype(np.int32), np.array([index for cell in members for index in cell], dtype=np.int32)


# --- picture coordinate -> point ----------------------------------------------------------------------------------


def points(shape: Shape, uv: ArrayLike) -> Floats:
    """Points [..., 3] of picture coordinates [..., 2]; NaN where the surface shows no such part of the picture."""
    spots = np.asarray(uv, dtype=np.float64)
    if shape.arc.radius_m > 0:
        return arc_points(shape.arc, spots)
    flat = spots.reshape(-1, 2)
    found = np.full((len(flat), 3), np.nan)
    for index in range(len(shape.origin_m)):
        ab = (flat - shape.uv_unit[index]) @ shape.ab_from_uv[index].T
        mine = inside(ab, shape.triangular) & np.isnan(found[:, 0])
        found[mine] = shape.origin_m[index] + ab[mine] @ np.stack((shape.a_m[index], shape.b_m[index]))
    return found.reshape(*spots.shape[:-1], 3)


def arc_points(arc: Arc, uv: Floats) -> Floats:
    """Points of a smooth arc."""
    angle = arc.left_rad - arc.arc_rad * uv[..., 0]
    x, y = arc.x_m - arc.radius_m * np.sin(angle), arc.y_m + arc.radius_m * np.cos(angle)
    return np.stack((x, y, arc.top_m - arc.height_m * uv[..., 1]), axis=-1)


def inside(ab: Floats, triangular: bool) -> NDArray[np.bool_]:
    """Whether a patch's own coordinates [..., 2] lie in it."""
    a, b = ab[..., 0], ab[..., 1]
    within = (a >= -SEAM) & (b >= -SEAM)
    return within & ((a + b <= 1 + SEAM) if triangular else ((a <= 1 + SEAM) & (b <= 1 + SEAM)))


def pixel_centres(width_px: int, height_px: int) -> Floats:
    """Picture coordinates [H, W, 2] of a picture's pixel centres."""
    u, v = (np.arange(width_px) + 0.5) / width_px, (np.arange(height_px) + 0.5) / height_px
    return np.stack(np.broadcast_arrays(u[None, :], v[:, None]), axis=-1)


# --- ray -> picture coordinate --------------------------------------------------------------------------------------


def intersect(shape: Shape, origin_m: ArrayLike, directions: ArrayLike) -> tuple[Floats, Floats]:
    """Where rays first meet the surface: distance t [n] in lengths of the direction, picture coordinate uv [n, 2].

    `origin_m` [3] or [n, 3], `directions` [n, 3]. t is inf where nothing is met. A wall seen from behind hides what is
    there, but is dark: t is finite and uv NaN.
    """
    rays = np.asarray(directions, dtype=np.float64)
    starts = np.broadcast_to(np.asarray(origin_m, dtype=np.float64), rays.shape)
    nearest, uv = np.full(len(rays), np.inf), np.full((len(rays), 2), np.nan)
    if shape.arc.radius_m > 0:
        for side in (-1.0, 1.0):
            _keep(nearest, uv, *_meet_cylinder(shape.arc, starts, rays, side))
    for index in range(len(shape.origin_m)):
        _keep(nearest, uv, *_meet_patch(shape, index, starts, rays))
    return nearest, uv


def _keep(nearest: Floats, uv: Floats, t: Floats, spots: Floats) -> None:
    closer = t < nearest
    nearest[closer], uv[closer] = t[closer], spots[closer]


@np.errstate(all="ignore")
def _meet_patch(shape: Shape, index: int, starts: Floats, rays: Floats) -> tuple[Floats, Floats]:
    normal, from_start = shape.normal[index], shape.origin_m[index] - starts
    slope = rays @ normal
    t = (from_start @ normal) / slope
    reached = t[:, None] * rays - from_start
    ab = np.stack((reached @ shape.a_dual[index], reached @ shape.b_dual[index]), axis=1)
    t[~((t > 0) & inside(ab, shape.triangular))] = np.inf
    uv = shape.uv_unit[index] + ab @ shape.uv_from_ab[index].T
    uv[slope >= 0] = np.nan
    return t, uv


@np.errstate(all="ignore")
def _meet_cylinder(arc: Arc, starts: Floats, rays: Floats, side: float) -> tuple[Floats, Floats]:
    """The nearer (side -1, struck from outside: dark) or farther (side 1, from inside: lit) of the two crossings."""
    px, py = starts[:, 0] - arc.x_m, starts[:, 1] - arc.y_m
    a = rays[:, 0] ** 2 + rays[:, 1] ** 2
    b = px * rays[:, 0] + py * rays[:, 1]
    t = (-b + side * np.sqrt(b * b - a * (px * px + py * py - arc.radius_m**2))) / a
    x, y, z = px + t * rays[:, 0], py + t * rays[:, 1], starts[:, 2] + t * rays[:, 2]
    behind_left = np.mod(arc.left_rad - np.arctan2(-x, y) + SEAM, 2 * math.pi) - SEAM
    uv = np.stack((behind_left / arc.arc_rad, (arc.top_m - z) / arc.height_m), axis=1)
    t[~((t > 0) & np.all((uv >= -SEAM) & (uv <= 1 + SEAM), axis=1))] = np.inf
    if side < 0:
        uv[:] = np.nan
    return t, uv


# --- what follows from a shape ------------------------------------------------------------------------------------


def normals(shape: Shape, uv: ArrayLike) -> Floats:
    """Unit normals [n, 3] on the lit side, at picture coordinates [n, 2]; NaN where there is no surface."""
    spots = np.asarray(uv, dtype=np.float64)
    if shape.arc.radius_m > 0:
        angle = shape.arc.left_rad - shape.arc.arc_rad * spots[:, 0]
        return np.stack((np.sin(angle), -np.cos(angle), np.zeros_like(angle)), axis=1)
    found = np.full((len(spots), 3), np.nan)
    for index in range(len(shape.origin_m)):
        ab = (spots - shape.uv_unit[index]) @ shape.ab_from_uv[index].T
        found[inside(ab, shape.triangular) & np.isnan(found[:, 0])] = shape.normal[index]
    return found


def pitch_m(shape: Shape, pixels: tuple[int, int]) -> tuple[float, float]:
    """Distance between neighbouring pixels across and down, the median over the surface."""
    width, height = pixels
    spots = pixel_centres(33, 33).reshape(-1, 2)
    step = 1e-3
    here = points(shape, spots)
    moves = [points(shape, spots + np.array(by)) - here for by in ((step, 0.0), (0.0, step))]
    lengths = [np.nanmedian(np.linalg.norm(move, axis=1)) / step for move in moves]
    return float(lengths[0]) / width, float(lengths[1]) / height


def moved(shape: Shape, by_m: Vector) -> Shape:
    """The same wall somewhere else."""
    x, y, z = by_m
    arc = shape.arc._replace(x_m=shape.arc.x_m + x, y_m=shape.arc.y_m + y, top_m=shape.arc.top_m + z)
    return shape._replace(origin_m=shape.origin_m + np.asarray(by_m), arc=arc)


def picture_moved(shape: Shape, by_unit: tuple[float, float]) -> Shape:
    """The same wall whose processor shows the picture shifted right and down by parts of its width and height."""
    right, down = by_unit
    left_rad = shape.arc.left_rad - right * shape.arc.arc_rad
    arc = shape.arc._replace(left_rad=left_rad, top_m=shape.arc.top_m - down * shape.arc.height_m)
    return shape._replace(uv_unit=shape.uv_unit - np.asarray(by_unit), arc=arc)


def part(shape: Shape, rect_unit: tuple[float, float, float, float]) -> Shape:
    """The same wall, of whose picture only a part (left, top, width, height) is the picture now."""
    left, top, width, height = rect_unit
    corners = [shape.uv_unit, *(shape.uv_unit + shape.uv_from_ab[:, :, side] for side in (0, 1))]
    uv = (np.stack(corners, axis=1) - (left, top)) / (width, height)
    arc = shape.arc._replace(
        left_rad=shape.arc.left_rad - left * shape.arc.arc_rad,
        arc_rad=shape.arc.arc_rad * width,
        top_m=shape.arc.top_m - top * shape.arc.height_m,
        height_m=shape.arc.height_m * height,
    )
    return _with_cells(shape.origin_m, shape.a_m, shape.b_m, uv, triangular=shape.triangular)._replace(arc=arc)


def tessellated(shape: Shape) -> Surface:
    """Triangles of the surface; a smooth arc in steps of two degrees."""
    if shape.arc.radius_m > 0:
        shape = arc_of_panels(shape.arc, max(2, math.ceil(shape.arc.arc_rad / _SMOOTH_STEP_RAD)))
    origin, a, b, uv = shape.origin_m, shape.a_m, shape.b_m, shape.uv_unit
    uv_a, uv_b = shape.uv_from_ab[:, :, 0], shape.uv_from_ab[:, :, 1]
    corners, spots, order = [origin, origin + a, origin + b], [uv, uv + uv_a, uv + uv_b], [[0, 1, 2]]
    if not shape.triangular:
        corners, spots, order = [*corners, origin + a + b], [*spots, uv + uv_a + uv_b], [[0, 1, 2], [2, 1, 3]]
    sides, count = len(corners), len(origin)
    faces = (np.array(order)[None] + sides * np.arange(count)[:, None, None]).reshape(-1, 3)
    wrong = np.sum(np.cross(a, b) * shape.normal, axis=1) < 0
    faces[np.repeat(wrong, len(order))] = faces[np.repeat(wrong, len(order))][:, [0, 2, 1]]
    vertices, uvs = np.stack(corners, axis=1).reshape(-1, 3), np.stack(spots, axis=1).reshape(-1, 2)
    return Surface(vertices, uvs, faces.astype(np.int32))
