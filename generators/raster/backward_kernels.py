"""The way back through the tiles, compiled: what each footprint's numbers do to the picture.

Replayed front to back as it was drawn: what lies behind a splat is the final picture less what came before it. Each
(footprint, row of tiles) pair has a place of its own, so that the sums are the same whoever computes them when.
"""

from typing import NamedTuple

import numpy as np

from bridge.compiled import compiled_loosely, inlined
from generators.raster.kernels import (
    MOST_ALPHA,
    PLANES,
    STRIP,
    STRIPS,
    Canvas,
    Row,
    Sheet,
    eighth_power,
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
    TILE_X,
    TILE_Y,
    X,
    Y,
)

# Sums over pixels of q = dL/d(exponent), with (d, e) the place from the footprint's middle in its row and column; then
# of weight times dL/d(colour, depth)
Q, QD, QE, QDD, QDE, QEE, TO_RED, TO_GREEN, TO_BLUE, TO_DEPTH = range(10)
SUMS = 10
_0, _1, _HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)
_PASSING, _BEHIND, _TO_RED, _TO_GREEN, _TO_BLUE, _TO_DEPTH, _TO_ALPHA, _COLUMN, _ROW = PLANES
_DRAWN_ON = 9


class Wish(NamedTuple):
    """dL/d of each output of `Canvas`, alpha in place of what passes."""

    colour: np.ndarray
    depth: np.ndarray
    alpha: np.ndarray


@inlined
def pull(row: Row, member: int, planes: np.ndarray, into: np.ndarray) -> None:
    """The mirror of `lay`. The sums stay in registers while a strip is done."""
    f, n = row.footprints, row.members[member]
    x, y, slope, across, down, opacity = f[n, X], f[n, Y], f[n, SLOPE], f[n, ACROSS], f[n, DOWN], f[n, OPACITY]
    r, g, b, z = f[n, RED], f[n, GREEN], f[n, BLUE], f[n, DEPTH]
    for strip in range(STRIPS):
        sum_q, sum_qd, sum_qe, sum_qdd, sum_qde, sum_qee = _0, _0, _0, _0, _0, _0
        sum_r, sum_g, sum_b, sum_z = _0, _0, _0, _0
        begin = strip * _DRAWN_ON * STRIP
        first, last = begin + 8 * row.bounds[member, strip], begin + 8 * row.bounds[member, STRIPS + strip]
        for at in range(np.uint64(first), np.uint64(last)):
            e = planes[at + _ROW] - y
            d = planes[at + _COLUMN] - x - slope * e
            raw = opacity * eighth_power(max(-across * d * d - down * e * e, np.float32(-0.75)))
            alpha = min(raw, MOST_ALPHA)
            alpha = alpha if alpha >= LEAST_ALPHA else _0
            passing = planes[at + _PASSING]
            weight = alpha * passing
            to_r, to_g, to_b = planes[at + _TO_RED], planes[at + _TO_GREEN], planes[at + _TO_BLUE]
            to_z = planes[at + _TO_DEPTH]
            value = to_r * r + to_g * g + to_b * b + to_z * z + planes[at + _TO_ALPHA]
            behind = planes[at + _BEHIND] - weight * value
            planes[at + _BEHIND] = behind
            planes[at + _PASSING] = passing - weight
            q = alpha * (passing * value - behind / (_1 - alpha))
            q = q if raw < MOST_ALPHA else _0
            qd, qe = q * d, q * e
            sum_q, sum_qd, sum_qe = sum_q + q, sum_qd + qd, sum_qe + qe
            sum_qdd, sum_qde, sum_qee = sum_qdd + qd * d, sum_qde + qd * e, sum_qee + qe * e
            sum_r, sum_g, sum_b, sum_z = (
                sum_r + weight * to_r,
                sum_g + weight * to_g,
                sum_b + weight * to_b,
                sum_z + weight * to_z,
            )
        into[n, Q] += sum_q
        into[n, QD] += sum_qd
        into[n, QE] += sum_qe
        into[n, QDD] += sum_qdd
        into[n, QDE] += sum_qde
        into[n, QEE] += sum_qee
        into[n, TO_RED] += sum_r
        into[n, TO_GREEN] += sum_g
        into[n, TO_BLUE] += sum_b
        into[n, TO_DEPTH] += sum_z


@inlined
def spread_back(canvas: Canvas, wish: Wish, x0: int, y0: int, planes: np.ndarray) -> None:
    """One tile's planes as the replay begins: all passes, and all of the picture lies behind. Beyond the picture's
    border nobody wishes anything."""
    height, width = canvas.passing.shape
    planes[:] = _0
    for y in range(TILE_Y):
        for x in range(TILE_X):
            at, row, column = np.uint64((x // 8) * _DRAWN_ON * STRIP + y * 8 + x % 8), y0 + y, x0 + x
            planes[at + _PASSING] = _1
            planes[at + _COLUMN], planes[at + _ROW] = np.float32(column) + _HALF, np.float32(row) + _HALF
            if row < height and column < width:
                r, g, b = wish.colour[row, column, 0], wish.colour[row, column, 1], wish.colour[row, column, 2]
                z, a = wish.depth[row, column], wish.alpha[row, column]
                planes[at + _TO_RED], planes[at + _TO_GREEN], planes[at + _TO_BLUE] = r, g, b
                planes[at + _TO_DEPTH], planes[at + _TO_ALPHA] = z, a
                colour = canvas.colour[row, column, 0] * r + canvas.colour[row, column, 1] * g
                colour += canvas.colour[row, column, 2] * b
                others = canvas.depth[row, column] * z + (_1 - canvas.passing[row, column]) * a
                planes[at + _BEHIND] = colour + others


@compiled_loosely
def pull_row(
    sheet: Sheet,
    made: Row,
    canvas: Canvas,
    wish: Wish,
    row: int,
    looked_at: np.ndarray,
    entries: np.ndarray,
    gathered: np.ndarray,
) -> None:
    """One row of tiles; the sums [pairs, 10] of its (footprint, row of tiles) pairs to where they belong."""
    first, y0 = sheet.starts[row], row * TILE_Y
    sums = np.zeros((len(made.footprints), SUMS), np.float32)
    planes = np.empty(_DRAWN_ON * STRIPS * STRIP, np.float32)
    for tile in range(len(looked_at)):
        x0 = tile * TILE_X
        spread_back(canvas, wish, x0, y0, planes)
        for at in range(made.starts[tile], made.starts[tile] + looked_at[tile]):
            pull(made, at, planes, sums)
    for at in range(len(sums)):
        place = sheet.members[first + at]
        entry = entries[place] + row - sheet.seen.spans[place, 0]
        for which in range(SUMS):
            gathered[entry, which] = sums[at, which]
