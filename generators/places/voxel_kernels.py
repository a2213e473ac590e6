"""Ways of light through voxels, compiled."""

import math
from typing import NamedTuple

import numpy as np

from bridge.compiled import compiled

FAINTEST = 0.04
"""What is left of a ray once it is given up."""


class Space(NamedTuple):
    """`voxels.Voxels`, as kernels take it."""

    low: np.ndarray
    cell_m: float
    rows: np.ndarray
    blocks: np.ndarray


class View(NamedTuple):
    """What is seen in it."""

    space: Space
    sent: np.ndarray
    """[C, 6, 3], radiosity of each side of each cell."""
    beyond: np.ndarray
    """[3], of the ground outside."""


@compiled
def gathered(
    view: View,
    ways: np.ndarray,
    places: np.ndarray,
    sides: np.ndarray,
    first: int,
    last: int,
    received: np.ndarray,
) -> None:
    """What receivers first..last get from all that they see: irradiance in received[:, :3], and in received[:, 3] the
    share of their view that is open.

    `ways` [6, K, 3] are spread over a hemisphere by the cosine. Downwards past the box there is ground.
    """
    count = ways.shape[1]
    for n in range(first, last):
        red, green, blue, open_ = 0.0, 0.0, 0.0, 0.0
        for k in range(count):
            way = ways[sides[n], k]
            got = _along(view, places[n], way)
            red, green, blue, open_ = red + got[0], green + got[1], blue + got[2], open_ + got[3]
        received[n, 0], received[n, 1], received[n, 2] = red / count, green / count, blue / count
        received[n, 3] = open_ / count


@compiled
def looked_at(view: View, places: np.ndarray, rays: np.ndarray, first: int, last: int, seen: np.ndarray) -> None:
    """What is seen from places first..last along a ray each: radiosity in seen[:, :3], what goes on to the sky in
    seen[:, 3]."""
    for n in range(first, last):
        got = _along(view, places[n], rays[n])
        for column in range(4):
            seen[n, column] = got[column]


@compiled
def _along(view: View, start: np.ndarray, way: np.ndarray) -> tuple[float, float, float, float]:
    """Radiosity seen along one ray, and what of it leaves the box. Only what faces the ray is in its way: it starts on
    a surface's lit side."""
    space, sent, beyond = view.space, view.sent, view.beyond
    left, red, green, blue = 1.0, 0.0, 0.0, 0.0
    nx, ny, nz = space.rows.shape
    px, py, pz = (
        (start[0] - space.low[0]) / space.cell_m,
        (start[1] - space.low[1]) / space.cell_m,
        (start[2] - space.low[2]) / space.cell_m,
    )
    i, j, k = math.floor(px), math.floor(py), math.floor(pz)
    si, sj, sk = (1 if way[0] > 0 else -1), (1 if way[1] > 0 else -1), (1 if way[2] > 0 else -1)
    wx, wy, wz = max(abs(way[0]), 1e-9), max(abs(way[1]), 1e-9), max(abs(way[2]), 1e-9)
    tx = ((i + 1 - px) if si > 0 else (px - i)) / wx
    ty = ((j + 1 - py) if sj > 0 else (py - j)) / wy
    tz = ((k + 1 - pz) if sk > 0 else (pz - k)) / wz
    # the side of a cell that a ray meets is the one that looks against it
    fx, fy, fz = (1 if si > 0 else 0), (3 if sj > 0 else 2), (5 if sk > 0 else 4)
    t = 0.0
    while left > FAINTEST and 0 <= i < nx and 0 <= j < ny and 0 <= k < nz:
        ahead = min(tx, ty, tz)
        row = space.rows[i, j, k]
        if row >= 0:
            bx, by, bz = wx * space.blocks[row, fx], wy * space.blocks[row, fy], wz * space.blocks[row, fz]
            depth = bx + by + bz
            if depth > 0.0:
                stopped = left * (1.0 - math.exp(-depth * (ahead - t) * space.cell_m))
                left -= stopped
                stopped /= depth
                red += stopped * (bx * sent[row, fx, 0] + by * sent[row, fy, 0] + bz * sent[row, fz, 0])
                green += stopped * (bx * sent[row, fx, 1] + by * sent[row, fy, 1] + bz * sent[row, fz, 1])
                blue += stopped * (bx * sent[row, fx, 2] + by * sent[row, fy, 2] + bz * sent[row, fz, 2])
        t = ahead
        if tx <= ahead:
            i, tx = i + si, tx + 1.0 / wx
        elif ty <= ahead:
            j, ty = j + sj, ty + 1.0 / wy
        else:
            k, tz = k + sk, tz + 1.0 / wz
    if way[2] < 0.0:
        return red + left * beyond[0], green + left * beyond[1], blue + left * beyond[2], 0.0
    return red, green, blue, left


@compiled
def spread(
    space: Space,
    area: np.ndarray,
    received: np.ndarray,
    means: np.ndarray,
    normals: np.ndarray,
    first: int,
    last: int,
    light: np.ndarray,
) -> None:
    """Light [N, 5] of patches first..last between the cells about them: irradiance, open share, and whether (0..1) any
    cell there knew. `received` [C, 6, 4] is what the sides of the cells get."""
    nx, ny, nz = space.rows.shape
    for n in range(first, last):
        px = (means[n, 0] - space.low[0]) / space.cell_m - 0.5
        py = (means[n, 1] - space.low[1]) / space.cell_m - 0.5
        pz = (means[n, 2] - space.low[2]) / space.cell_m - 0.5
        i, j, k = math.floor(px), math.floor(py), math.floor(pz)
        a, b, c = px - i, py - j, pz - k
        for axis in range(3):
            side = 2 * axis + (0 if normals[n, axis] > 0 else 1)
            share = normals[n, axis] ** 2
            if share < 0.02:
                continue
            total, got0, got1, got2, got3 = 0.0, 0.0, 0.0, 0.0, 0.0
            for corner in range(8):
                x, y, z = i + (corner & 1), j + ((corner >> 1) & 1), k + (corner >> 2)
                if x < 0 or y < 0 or z < 0 or x >= nx or y >= ny or z >= nz:
                    continue
                row = space.rows[x, y, z]
                if row < 0 or area[row, side] <= 0.0:
                    continue
                weight = (
                    (a if corner & 1 else 1.0 - a) * (b if corner & 2 else 1.0 - b) * (c if corner & 4 else 1.0 - c)
                )
                weight *= area[row, side]
                total += weight
                got0 += weight * received[row, side, 0]
                got1 += weight * received[row, side, 1]
                got2 += weight * received[row, side, 2]
                got3 += weight * received[row, side, 3]
            if total > 1e-9:
                light[n, 0] += share * got0 / total
                light[n, 1] += share * got1 / total
                light[n, 2] += share * got2 / total
                light[n, 3] += share * got3 / total
                light[n, 4] += share
        if light[n, 4] > 0.0:
            for column in range(4):
                light[n, column] /= light[n, 4]


@compiled
def passing(space: Space, start: tuple[float, float, float], end: tuple[float, float, float]) -> float:
    """The share of a small light's rays that gets from start to end; both sides of everything are in the way."""
    left = 1.0
    nx, ny, nz = space.rows.shape
    px, py, pz = (
        (start[0] - space.low[0]) / space.cell_m,
        (start[1] - space.low[1]) / space.cell_m,
        (start[2] - space.low[2]) / space.cell_m,
    )
    dx, dy, dz = (
        (end[0] - start[0]) / space.cell_m,
        (end[1] - start[1]) / space.cell_m,
        (end[2] - start[2]) / space.cell_m,
    )
    length = max(math.sqrt(dx * dx + dy * dy + dz * dz), 1e-6)
    i, j, k = math.floor(px), math.floor(py), math.floor(pz)
    si, sj, sk = (1 if dx > 0 else -1), (1 if dy > 0 else -1), (1 if dz > 0 else -1)
    wx, wy, wz = max(abs(dx), 1e-9) / length, max(abs(dy), 1e-9) / length, max(abs(dz), 1e-9) / length
    tx = ((i + 1 - px) if si > 0 else (px - i)) / wx
    ty = ((j + 1 - py) if sj > 0 else (py - j)) / wy
    tz = ((k + 1 - pz) if sk > 0 else (pz - k)) / wz
    t = 0.0
    while t < length and left > FAINTEST:
        ahead = min(tx, ty, tz, length)
        if 0 <= i < nx and 0 <= j < ny and 0 <= k < nz:
            row = space.rows[i, j, k]
            if row >= 0:
                depth = wx * (space.blocks[row, 0] + space.blocks[row, 1])
                depth += wy * (space.blocks[row, 2] + space.blocks[row, 3])
                depth += wz * (space.blocks[row, 4] + space.blocks[row, 5])
                left *= math.exp(-depth * (ahead - t) * space.cell_m)
        t = ahead
        if tx <= ahead:
            i, tx = i + si, tx + 1.0 / wx
        elif ty <= ahead:
            j, ty = j + sj, ty + 1.0 / wy
        else:
            k, tz = k + sk, tz + 1.0 / wz
    return left
