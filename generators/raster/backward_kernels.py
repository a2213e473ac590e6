"""The way back through the tiles, compiled: what each footprint's numbers do to the picture.

Replayed front to back as it was drawn: what lies behind a splat is the final picture less what came before it. Each
(footprint, row of tiles) pair has a place of its own, so that the sums are the same whoever computes them when.
"""

from typing import NamedTuple

import numpy as np

from bridge.compiled import compiled_loosely
from generators.raster.kernels import (
    MOST_ALPHA,
    TILE,
    TILE_X,
    TILE_Y,
    Canvas,
    Sheet,
    box_of,
    eighth_power,
    in_tiles,
    rows_of,
)
from generators.raster.projection_kernels import (
    ACROSS,
    BLUE,
    DEPTH,
    DOWN,
    GREEN,
    LEAST_ALPHA,
    OPACITY,
    RED,
    SLOPE,
    Number,
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
def pull_eight(
    pixels: np.ndarray, off: Number, power: Number, f: np.ndarray
) -> tuple[Number, Number, Number, Number, Number, Number, Number]:
    """One footprint's sums over eight neighbours. Planes: passing, behind, and the five wishes. Sums are returned, not
    stored: LLVM does all eight at once only where it sees that nothing overlaps."""
    across, opacity, r, g, b, z = f[ACROSS], f[OPACITY], f[RED], f[GREEN], f[BLUE], f[DEPTH]
    sum_q, sum_qd, sum_qdd = _0, _0, _0
    sum_r, sum_g, sum_b, sum_z = _0, _0, _0, _0
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
        sum_q += q
        sum_qd += q * d
        sum_qdd += q * d * d
        sum_r += weight * to_r
        sum_g += weight * to_g
        sum_b += weight * to_b
        sum_z += weight * to_z
    return sum_q, sum_qd, sum_qdd, sum_r, sum_g, sum_b, sum_z


@compiled_loosely
def pull(f: np.ndarray, x0: Number, y0: Number, planes: np.ndarray, into: np.ndarray) -> None:
    """The mirror of `lay`."""
    left, right, top, bottom = box_of(f, x0, y0)
    cx, cy, slope, down = f[X] - x0 - _HALF, f[Y] - y0 - _HALF, f[SLOPE], f[DOWN]
    for y in range(top, bottom + 1):
        dy = np.float32(y) - cy
        middle = cx + slope * dy
        for block in range(left, right + 1):
            base, off = y * TILE_X + block * 8, np.float32(block * 8) - middle
            q, qd, qdd, r, g, b, z = pull_eight(planes[base:], off, down * dy * dy, f)
            into[Q] += q
            into[QD] += qd
            into[QE] += q * dy
            into[QDD] += qdd
            into[QDE] += qd * dy
            into[QEE] += q * dy * dy
            into[TO_RED] += r
            into[TO_GREEN] += g
            into[TO_BLUE] += b
            into[TO_DEPTH] += z


@compiled_loosely
def spread_out(canvas: Canvas, wish: Wish, x0: Number, y0: Number, planes: np.ndarray) -> None:
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
def pull_row(sheet: Sheet, canvas: Canvas, wish: Wish, row: int, looked_at: np.ndarray, into: np.ndarray) -> None:
    """One row of tiles; the sums [pairs, 10] of its pairs."""
    rows, tiles = looked_at.shape
    starts, members = in_tiles(sheet, row, tiles)
    planes = np.empty(7 * TILE, np.float32)
    for tile in range(tiles):
        x0, y0 = tile * TILE_X, row * TILE_Y
        spread_out(canvas, wish, x0, y0, planes)
        for at in range(starts[tile], starts[tile] + looked_at[row, tile]):
            member = members[at]
            f = sheet.footprints[member]
            entry = into[sheet.entries[member] + row - rows_of(f, rows)[0]]
            pull(f, np.float32(x0), np.float32(y0), planes, entry)
