"""The way back through the tiles, compiled: what each footprint's numbers do to the picture.

Replayed front to back as it was drawn: what lies behind a splat is the final picture less what came before it. Each
(footprint, row of tiles) pair has a place of its own, so that the sums are the same whoever computes them when.
"""

import math
from typing import NamedTuple

import numpy as np

from bridge.compiled import compiled_loosely
from generators.raster.kernels import MOST_ALPHA, TILE, TILE_X, TILE_Y, eighth_power, in_tiles, rows_of
from generators.raster.projection_kernels import (
    ACROSS,
    BLUE,
    DEPTH,
    DOWN,
    GREEN,
    HALF_Y,
    LEAST_ALPHA,
    OPACITY,
    REACH,
    RED,
    SLOPE,
    X,
    Y,
)

# Sums over pixels of q = dL/d(exponent), with (d, e) the place from the footprint's middle in its row and column; then
# of weight times dL/d(colour, depth)
Q, QD, QE, QDD, QDE, QEE, TO_RED, TO_GREEN, TO_BLUE, TO_DEPTH = range(10)
SUMS = 10
_0, _1, _HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)


class Wish(NamedTuple):
    """dL/d of each output of `Canvas`, alpha in place of what passes."""

    colour: np.ndarray
    depth: np.ndarray
    alpha: np.ndarray


@compiled_loosely
def pull_eight(pixels, sums, off, dy, power, f):
    """One footprint's sums over eight neighbours, lane by lane. Planes: passing, behind, and the five wishes."""
    across, opacity, r, g, b, z = f[ACROSS], f[OPACITY], f[RED], f[GREEN], f[BLUE], f[DEPTH]
    for lane in range(8):
        d = off + np.float32(lane)
        raw = opacity * eighth_power(max(-power - across * d * d, np.float32(-0.75)))
        alpha = min(raw, MOST_ALPHA)
        alpha = alpha if alpha >= LEAST_ALPHA else _0
        passing = pixels[lane]
        weight = alpha * passing
        to_r, to_g, to_b = pixels[lane + 2 * TILE], pixels[lane + 3 * TILE], pixels[lane + 4 * TILE]
        to_z = pixels[lane + 5 * TILE]
        value = to_r * r + to_g * g + to_b * b + to_z * z + pixels[lane + 6 * TILE]
        behind = pixels[lane + TILE] - weight * value
        pixels[lane + TILE] = behind
        pixels[lane] = passing - weight
        q = alpha * (passing * value - behind / (_1 - alpha))
        q = q if raw < MOST_ALPHA else _0
        qd = q * d
        sums[lane] += q
        sums[lane + 8] += qd
        sums[lane + 16] += q * dy
        sums[lane + 24] += qd * d
        sums[lane + 32] += qd * dy
        sums[lane + 40] += q * dy * dy
        sums[lane + 48] += weight * to_r
        sums[lane + 56] += weight * to_g
        sums[lane + 64] += weight * to_b
        sums[lane + 72] += weight * to_z


@compiled_loosely
def pull(f, x0, y0, planes, sums):
    """The mirror of `lay`."""
    cx, cy, half = f[X] - x0 - _HALF, f[Y] - y0 - _HALF, f[HALF_Y]
    slope, down, reach, thin = f[SLOPE], f[DOWN], f[REACH], _1 / f[ACROSS]
    for y in range(max(math.ceil(cy - half), 0), min(math.floor(cy + half), TILE_Y - 1) + 1):
        dy = np.float32(y) - cy
        power = down * dy * dy
        room = reach - power
        if not room > _0:
            continue
        root, middle = math.sqrt(room * thin), cx + slope * dy
        begin, end = max(math.ceil(middle - root), 0), min(math.floor(middle + root), TILE_X - 1)
        if end < begin:
            continue
        for block in range(begin >> 3, (end >> 3) + 1):
            base, off = y * TILE_X + block * 8, np.float32(block * 8) - middle
            pull_eight(planes[base:], sums, off, dy, power, f)


@compiled_loosely
def spread_out(canvas, wish, x0, y0, planes):
    """One tile's planes as the replay begins: all passes, and all of the picture lies behind."""
    height, width = canvas.passing.shape
    planes[:TILE] = _1
    planes[TILE:] = _0
    for y in range(min(TILE_Y, height - y0)):
        for x in range(min(TILE_X, width - x0)):
            at, row, column = y * TILE_X + x, y0 + y, x0 + x
            behind = canvas.depth[row, column] * wish.depth[row, column]
            behind += (_1 - canvas.passing[row, column]) * wish.alpha[row, column]
            for c in range(3):
                behind += canvas.colour[row, column, c] * wish.colour[row, column, c]
                planes[at + (2 + c) * TILE] = wish.colour[row, column, c]
            planes[at + TILE] = behind
            planes[at + 5 * TILE] = wish.depth[row, column]
            planes[at + 6 * TILE] = wish.alpha[row, column]


@compiled_loosely
def pull_row(sheet, canvas, wish, row, looked_at, into):
    """One row of tiles; the sums [pairs, 10] of its pairs."""
    rows, tiles = looked_at.shape
    starts, members = in_tiles(sheet, row, tiles)
    planes, sums = np.empty(7 * TILE, np.float32), np.zeros(8 * SUMS, np.float32)
    for tile in range(tiles):
        x0, y0 = tile * TILE_X, row * TILE_Y
        spread_out(canvas, wish, x0, y0, planes)
        for at in range(starts[tile], starts[tile] + looked_at[row, tile]):
            member = members[at]
            f = sheet.footprints[member]
            pull(f, np.float32(x0), np.float32(y0), planes, sums)
            entry = into[sheet.entries[member] + row - rows_of(f, rows)[0]]
            for which in range(SUMS):
                total = _0
                for lane in range(8):
                    total += sums[which * 8 + lane]
                entry[which] += total
            sums[:] = _0
