"""Light's inner loops, compiled: maps of depth seen from a light, and what reaches each patch."""

import math
from typing import NamedTuple

import numpy as np

from bridge.compiled import compiled
from generators.places.voxel_kernels import Space, passing


class Shapes(NamedTuple):
    """What blocks light."""

    means: np.ndarray
    """[N, 3]."""
    first_axes: np.ndarray
    """[N, 3], a patch's own, times its standard deviation."""
    second_axes: np.ndarray
    """[N, 3]."""


class Patches(NamedTuple):
    """What light falls on."""

    means: np.ndarray
    """[N, 3]."""
    normals: np.ndarray
    """[N, 3], turned to the eye: a patch is seen, and lit, from that side."""
    translucency: np.ndarray
    """[N]."""
    thickness: np.ndarray
    """[N], metres towards the light within which nothing shades it."""


class Parts(NamedTuple):
    """Light from a few directions."""

    bases: np.ndarray
    """[K, 3, 3]: right, up, towards the light."""
    light: np.ndarray
    """[K, 3], irradiance on a patch that faces it."""


class Maps(NamedTuple):
    """How far towards each light the outermost patches lie."""

    depths: np.ndarray
    """[K, L, S, S], finest first."""
    halves: np.ndarray
    """[L], metres: half of what each covers."""


class Lights(NamedTuple):
    """Small lamps, all of one make."""

    positions: np.ndarray
    """[M, 3]."""
    strengths: np.ndarray
    """[M, 3], irradiance at one metre."""
    begins_unit: float
    full_unit: float
    """Cosines from straight down between which the light sets in."""


SHADOW_M = 32.0
"""Farther than that from a lamp there is little light to be taken."""
OFF_CELLS, LAMP_M = 1.3, 0.55
REACH = 1.6
"""Standard deviations to which a patch blocks light."""
SOFT_CELLS = 2
"""Half the width of a shadow's edge."""
LARGEST_CELLS = 120.0
"""Larger patches are left to the coarser maps: they are far off, or few."""


@compiled
def depth_map(shapes: Shapes, basis: np.ndarray, half_m: float, coarsest: bool, depths: np.ndarray) -> None:
    """How far towards the light the outermost patch lies, for each cell [S, S] of a square of 2 half_m about the stage.

    `basis` [3, 3]: right, up, towards the light.
    """
    means = shapes.means
    side = depths.shape[0]
    scale = side / (2.0 * half_m)
    for n in range(len(means)):
        x, y, z = means[n, 0], means[n, 1], means[n, 2]
        cx = (basis[0, 0] * x + basis[0, 1] * y + basis[0, 2] * z + half_m) * scale
        cy = (basis[1, 0] * x + basis[1, 1] * y + basis[1, 2] * z + half_m) * scale
        if cx < -LARGEST_CELLS or cy < -LARGEST_CELLS or cx > side + LARGEST_CELLS or cy > side + LARGEST_CELLS:
            continue
        ax, ay, az = _in(basis, shapes.first_axes, n)
        bx, by, bz = _in(basis, shapes.second_axes, n)
        ax, ay, bx, by = ax * scale * REACH, ay * scale * REACH, bx * scale * REACH, by * scale * REACH
        wide, high = math.sqrt(ax * ax + bx * bx), math.sqrt(ay * ay + by * by)
        if max(wide, high) > LARGEST_CELLS and not coarsest:
            continue
        cz = basis[2, 0] * x + basis[2, 1] * y + basis[2, 2] * z
        det = ax * by - ay * bx
        x0, x1 = max(math.ceil(cx - wide - 0.5), 0), min(math.floor(cx + wide - 0.5), side - 1)
        y0, y1 = max(math.ceil(cy - high - 0.5), 0), min(math.floor(cy + high - 0.5), side - 1)
        if abs(det) < 0.05 or x1 < x0 or y1 < y0:  # edge on, or smaller than a cell
            px, py = math.floor(cx), math.floor(cy)
            # it blocks its share of the cell: all of it in that share of all cases
            share = min(max(3.1416 * max(abs(det), 0.2 * wide * high), 0.0), 1.0)
            if 0 <= px < side and 0 <= py < side and _chance(n) < share:
                depths[py, px] = max(depths[py, px], cz)
            continue
        for py in range(y0, y1 + 1):
            dy = py + 0.5 - cy
            for px in range(x0, x1 + 1):
                dx = px + 0.5 - cx
                a, b = (dx * by - dy * bx) / det, (ax * dy - ay * dx) / det
                if a * a + b * b <= 1.0:
                    depths[py, px] = max(depths[py, px], cz + REACH * (a * az + b * bz))


@compiled
def _chance(n: int) -> float:
    """0..1, always the same for n."""
    h = np.uint32(n * 2654435761)
    h = np.uint32((h ^ (h >> np.uint32(15))) * np.uint32(2246822519))
    return float(h ^ (h >> np.uint32(13))) / 4294967295.0


@compiled
def _in(basis: np.ndarray, axes: np.ndarray, n: int) -> tuple[float, float, float]:
    x, y, z = axes[n, 0], axes[n, 1], axes[n, 2]
    return (
        basis[0, 0] * x + basis[0, 1] * y + basis[0, 2] * z,
        basis[1, 0] * x + basis[1, 1] * y + basis[1, 2] * z,
        basis[2, 0] * x + basis[2, 1] * y + basis[2, 2] * z,
    )


@compiled
def gather(
    patches: Patches, parts: Parts, maps: Maps, first: int, last: int, received: np.ndarray, seen: np.ndarray
) -> None:
    """Adds to patches first..last what K directions give: each light's share past all that stands before it, times
    Lambert's cosine (through leaves from behind).

    `seen` [N, 2] sums the cosines of the directions above a patch: of those it sees, and of all.
    """
    for n in range(first, last):
        nx, ny, nz = patches.normals[n, 0], patches.normals[n, 1], patches.normals[n, 2]
        for k in range(len(parts.light)):
            basis = parts.bases[k]
            cosine = nx * basis[2, 0] + ny * basis[2, 1] + nz * basis[2, 2]
            side, weight = 1.0, cosine
            if cosine <= 0.0:
                side, weight = -1.0, -cosine * patches.translucency[n]
            if weight <= 0.0:
                continue
            # how the patch's own plane rises towards the light across the map, so that it does not shade itself
            rise_u = -(nx * basis[0, 0] + ny * basis[0, 1] + nz * basis[0, 2]) * side / max(abs(cosine), 0.02)
            rise_v = -(nx * basis[1, 0] + ny * basis[1, 1] + nz * basis[1, 2]) * side / max(abs(cosine), 0.02)
            # what a finer map has left to a coarser one is large and far off
            share, beyond = 1.0, 0.0
            for level in range(len(maps.halves)):
                cell = 2.0 * maps.halves[level] / maps.depths.shape[2]
                # off the surface by what the map's cells are wrong
                out, up = side * cell, 0.8 * cell + patches.thickness[n]
                x = patches.means[n, 0] + out * nx + up * basis[2, 0]
                y = patches.means[n, 1] + out * ny + up * basis[2, 1]
                z = patches.means[n, 2] + out * nz + up * basis[2, 2]
                at = (x, y, z, rise_u * cell, rise_v * cell)
                seen_there = _unblocked(at, beyond, basis, maps.halves[level], maps.depths[k, level])
                if seen_there < 0.0:
                    continue
                share, beyond = min(share, seen_there), maps.halves[level]
                if share <= 0.0:
                    break
            if cosine > 0.0:
                seen[n, 0] += share * cosine
                seen[n, 1] += cosine
            for c in range(3):
                received[n, c] += share * weight * parts.light[k, c]


@compiled
def _unblocked(
    at: tuple[float, float, float, float, float], beyond_m: float, basis: np.ndarray, half_m: float, depths: np.ndarray
) -> float:
    """The share of a box of 2 SOFT_CELLS cells with nothing before it; it slides smoothly. Outside the map: -1.

    `at`: x, y, z, and how the receiver rises towards the light per cell to the right and up. What is nearer
    than `beyond_m` does not count.
    """
    x, y, z, rise_u, rise_v = at
    side = depths.shape[0]
    scale = side / (2.0 * half_m)
    cx = (basis[0, 0] * x + basis[0, 1] * y + basis[0, 2] * z + half_m) * scale - 0.5
    cy = (basis[1, 0] * x + basis[1, 1] * y + basis[1, 2] * z + half_m) * scale - 0.5
    margin = SOFT_CELLS + 2
    if cx < margin or cy < margin or cx > side - margin - 1 or cy > side - margin - 1:
        return -1.0
    w = beyond_m + basis[2, 0] * x + basis[2, 1] * y + basis[2, 2] * z
    x0, y0 = math.floor(cx), math.floor(cy)
    fx, fy = cx - x0, cy - y0
    total, passing = 0.0, 0.0
    for dy in range(1 - SOFT_CELLS, SOFT_CELLS + 1):
        wy = 1.0
        if dy == 1 - SOFT_CELLS:
            wy = 1.0 - fy
        elif dy == SOFT_CELLS:
            wy = fy
        for dx in range(1 - SOFT_CELLS, SOFT_CELLS + 1):
            wx = 1.0
            if dx == 1 - SOFT_CELLS:
                wx = 1.0 - fx
            elif dx == SOFT_CELLS:
                wx = fx
            total += wx * wy
            if depths[y0 + dy, x0 + dx] <= w + rise_u * (dx - fx) + rise_v * (dy - fy):
                passing += wx * wy
    return passing / total


@compiled
def lit_by_lamps(patches: Patches, lamps: Lights, space: Space, first: int, last: int, received: np.ndarray) -> None:
    """Adds each lamp's irradiance to patches first..last: by the square of the distance and the angles, past what
    stands between where that is known."""
    for n in range(first, last):
        nx, ny, nz = patches.normals[n, 0], patches.normals[n, 1], patches.normals[n, 2]
        x, y, z = patches.means[n, 0], patches.means[n, 1], patches.means[n, 2]
        for m in range(len(lamps.positions)):
            dx, dy, dz = lamps.positions[m, 0] - x, lamps.positions[m, 1] - y, lamps.positions[m, 2] - z
            far2 = dx * dx + dy * dy + dz * dz + 0.04
            far = math.sqrt(far2)
            cosine = (dx * nx + dy * ny + dz * nz) / far
            side = 1.0
            if cosine < 0.0:
                side, cosine = -1.0, -cosine * patches.translucency[n]
            share = min(max((dz / far - lamps.begins_unit) / (lamps.full_unit - lamps.begins_unit), 0.0), 1.0)
            share *= share * (3.0 - 2.0 * share) * cosine / far2
            if share <= 0.0:
                continue
            if far < SHADOW_M:
                # off its own surface, and not into the lamp's own glass
                out, near = side * OFF_CELLS * space.cell_m, min(LAMP_M / far, 0.5)
                start = (x + out * nx, y + out * ny, z + out * nz)
                end = (x + (1.0 - near) * dx, y + (1.0 - near) * dy, z + (1.0 - near) * dz)
                share *= passing(space, start, end)
            for c in range(3):
                received[n, c] += lamps.strengths[m, c] * share


@compiled
def glow(
    points: np.ndarray,
    eye: np.ndarray,
    positions: np.ndarray,
    strengths: np.ndarray,
    scatter_per_m: float,
    first: int,
    last: int,
    light: np.ndarray,
) -> None:
    """Adds what fog between the eye and points first..last throws towards the eye of each lamp's light.

    Along the ray the lamp's light falls with the square of the distance, which integrates to two arc tangents (Sun et
    al. 2005); what the fog takes on the way is counted once for the lamp's own distance.
    """
    for n in range(first, last):
        dx, dy, dz = points[n, 0] - eye[0], points[n, 1] - eye[1], points[n, 2] - eye[2]
        length = max(math.sqrt(dx * dx + dy * dy + dz * dz), 1e-3)
        dx, dy, dz = dx / length, dy / length, dz / length
        for m in range(len(positions)):
            lx, ly, lz = positions[m, 0] - eye[0], positions[m, 1] - eye[1], positions[m, 2] - eye[2]
            along = lx * dx + ly * dy + lz * dz
            far2 = lx * lx + ly * ly + lz * lz
            aside = max(math.sqrt(max(far2 - along * along, 0.0)), 0.45)
            arc = math.atan((length - along) / aside) + math.atan(along / aside)
            amount = scatter_per_m / (4.0 * math.pi) * arc / aside * math.exp(-scatter_per_m * math.sqrt(far2))
            for c in range(3):
                light[n, c] += strengths[m, c] * amount


@compiled
def look_around(
    means: np.ndarray,
    sizes: np.ndarray,
    light: np.ndarray,
    skip: np.ndarray,
    eye: np.ndarray,
    nearest: np.ndarray,
    colours: np.ndarray,
) -> None:
    """What an eye sees of patches, as a panorama: colours [H, W, 3], the nearest at `nearest` [H, W] wins."""
    rows, columns = nearest.shape
    per_rad = columns / (2.0 * math.pi)
    for n in range(len(means)):
        if skip[n]:
            continue
        x, y, z = means[n, 0] - eye[0], means[n, 1] - eye[1], means[n, 2] - eye[2]
        flat = math.sqrt(x * x + y * y)
        far = math.sqrt(flat * flat + z * z)
        if far < 0.5:
            continue
        up = math.atan2(z, flat)
        reach = min(1.2 * max(sizes[n, 0], sizes[n, 1]) / far * per_rad, 0.1 * columns)
        wide = min(reach / max(math.cos(up), 0.1), 0.1 * columns)
        row, column = (0.5 - up / math.pi) * rows, (0.5 + math.atan2(x, y) / (2.0 * math.pi)) * columns
        for i in range(max(math.floor(row - reach), 0), min(math.floor(row + reach), rows - 1) + 1):
            for j0 in range(math.floor(column - wide), math.floor(column + wide) + 1):
                j = j0 % columns
                if far < nearest[i, j]:
                    nearest[i, j] = far
                    for c in range(3):
                        colours[i, j, c] = light[n, c]
