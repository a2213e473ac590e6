"""Light's inner loops, compiled: maps of depth seen from a light, and what reaches each patch."""

import math

from bridge.compiled import compiled

REACH = 1.6
"""Standard deviations to which a patch blocks light."""


@compiled
def depth_map(means, first_axes, second_axes, basis, half_m, depths):
    """How far towards the light the outermost patch lies, for each cell [S, S] of a square of 2 half_m about the stage.

    `basis` [3, 3]: right, up, towards the light. `first_axes`, `second_axes` [N, 3]: a patch's own, times its size.
    """
    side = depths.shape[0]
    scale = side / (2.0 * half_m)
    for n in range(len(means)):
        x, y, z = means[n, 0], means[n, 1], means[n, 2]
        cx = (basis[0, 0] * x + basis[0, 1] * y + basis[0, 2] * z + half_m) * scale
        cy = (basis[1, 0] * x + basis[1, 1] * y + basis[1, 2] * z + half_m) * scale
        if cx < -64 or cy < -64 or cx > side + 64 or cy > side + 64:
            continue
        cz = basis[2, 0] * x + basis[2, 1] * y + basis[2, 2] * z
        ax, ay, az = _in(basis, first_axes, n)
        bx, by, bz = _in(basis, second_axes, n)
        ax, ay, bx, by = ax * scale * REACH, ay * scale * REACH, bx * scale * REACH, by * scale * REACH
        det = ax * by - ay * bx
        wide, high = math.sqrt(ax * ax + bx * bx), math.sqrt(ay * ay + by * by)
        x0, x1 = max(int(math.ceil(cx - wide - 0.5)), 0), min(int(math.floor(cx + wide - 0.5)), side - 1)
        y0, y1 = max(int(math.ceil(cy - high - 0.5)), 0), min(int(math.floor(cy + high - 0.5)), side - 1)
        if abs(det) < 0.05 or x1 < x0 or y1 < y0:  # edge on, or smaller than a cell
            px, py = int(math.floor(cx)), int(math.floor(cy))
            if 0 <= px < side and 0 <= py < side and wide * high > 0.02:
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
def _in(basis, axes, n):
    x, y, z = axes[n, 0], axes[n, 1], axes[n, 2]
    return (
        basis[0, 0] * x + basis[0, 1] * y + basis[0, 2] * z,
        basis[1, 0] * x + basis[1, 1] * y + basis[1, 2] * z,
        basis[2, 0] * x + basis[2, 1] * y + basis[2, 2] * z,
    )


@compiled
def unblocked(points, basis, halves_m, maps, soft_cells, first, last, shares):
    """The share of a light seen from points first..last: by the finest map [L, S, S] that reaches there, the mean over
    a square of cells; where none reaches, all of it."""
    side = maps.shape[1]
    for n in range(first, last):
        x, y, z = points[n, 0], points[n, 1], points[n, 2]
        u = basis[0, 0] * x + basis[0, 1] * y + basis[0, 2] * z
        v = basis[1, 0] * x + basis[1, 1] * y + basis[1, 2] * z
        w = basis[2, 0] * x + basis[2, 1] * y + basis[2, 2] * z
        shares[n] = 1.0
        for level in range(len(halves_m)):
            half = halves_m[level]
            cx, cy = (u + half) * side / (2.0 * half) - 0.5, (v + half) * side / (2.0 * half) - 0.5
            if cx < soft_cells + 1 or cy < soft_cells + 1 or cx > side - soft_cells - 3 or cy > side - soft_cells - 3:
                continue
            shares[n] = _open_share(maps[level], cx, cy, w, soft_cells)
            break


@compiled
def _open_share(depths, cx, cy, w, soft_cells):
    """A box of 2 soft_cells cells that slides smoothly: cells at its rim count by how far they are inside."""
    x0, y0 = int(math.floor(cx)), int(math.floor(cy))
    fx, fy = cx - x0, cy - y0
    total, open_ = 0.0, 0.0
    for dy in range(1 - soft_cells, soft_cells + 1):
        wy = 1.0 - fy if dy == 1 - soft_cells else (fy if dy == soft_cells else 1.0)
        for dx in range(1 - soft_cells, soft_cells + 1):
            wx = 1.0 - fx if dx == 1 - soft_cells else (fx if dx == soft_cells else 1.0)
            total += wx * wy
            if depths[y0 + dy, x0 + dx] <= w:
                open_ += wx * wy
    return open_ / total


@compiled
def lit_by_lamps(means, normals, translucency, positions, strengths, first, last, light):
    """Adds each lamp's irradiance to patches first..last: by the square of the distance and the angle."""
    for n in range(first, last):
        for m in range(len(positions)):
            dx, dy, dz = (
                positions[m, 0] - means[n, 0],
                positions[m, 1] - means[n, 1],
                positions[m, 2] - means[n, 2],
            )
            far2 = dx * dx + dy * dy + dz * dz + 0.04
            far = math.sqrt(far2)
            cosine = (dx * normals[n, 0] + dy * normals[n, 1] + dz * normals[n, 2]) / far
            if cosine < 0.0:
                cosine *= -translucency[n]
            if cosine > 0.0:
                for c in range(3):
                    light[n, c] += strengths[m, c] * cosine / far2
