"""The tile rasteriser's inner loops, compiled. Each call does a range of splats or one row of tiles, with the
interpreter's lock free, so that the caller's threads share the work without a pool of numba's own."""

import math
from typing import NamedTuple

import numpy as np

from bridge.compiled import compiled, compiled_loosely
from generators.raster.projection_kernels import (
    ACROSS,
    BLUE,
    DEPTH,
    DOWN,
    FAR,
    GREEN,
    HALF_X,
    HALF_Y,
    LEAST_ALPHA,
    OPACITY,
    REACH,
    RED,
    SLOPE,
    Number,
    X,
    Y,
)

TILE_X, TILE_Y = 32, 16
TILE = TILE_X * TILE_Y
MOST_ALPHA = np.float32(0.999)
LEAST_LEFT = np.float32(1e-4)
"""Once no more light than that passes anywhere in a tile, nothing behind is drawn."""
_LOOK_EVERY = 16
_0, _1, _HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)


class Sheet(NamedTuple):
    """What there is to draw, nearest first, and in which rows of tiles."""

    footprints: np.ndarray
    """[M, 16] float32."""
    row_starts: np.ndarray
    """[rows + 1]."""
    members: np.ndarray
    """The footprints that touch a row of tiles, row by row, nearest first."""
    entries: np.ndarray
    """[M + 1]: where the rows of a footprint begin among all (footprint, row) pairs; there its gradients gather."""


class Canvas(NamedTuple):
    """What is drawn on."""

    colour: np.ndarray
    """[H, W, 3] encoded, premultiplied."""
    depth: np.ndarray
    """[H, W] depth times weight."""
    passing: np.ndarray
    """[H, W]: 1 - alpha."""


@compiled
def nearest_first(footprints: np.ndarray, places: np.ndarray) -> np.ndarray:
    """`places` by their distance from the eye, not by depth: so the order is the same in whatever direction the camera
    looks, nothing pops when it pans, and the faces of a cube and the tiles of a wall agree. Radix, three rounds of 11
    bits; a positive float sorts as its bits."""
    count = len(places)
    keys, other_keys = np.empty(count, np.uint32), np.empty(count, np.uint32)
    bits = footprints.view(np.uint32)
    for at in range(count):
        keys[at] = bits[places[at], FAR]
    order, other = places.copy(), np.empty(count, places.dtype)
    for shift in (0, 11, 22):
        starts = np.zeros(2049, np.int64)
        for at in range(count):
            starts[((keys[at] >> shift) & 2047) + 1] += 1
        for digit in range(2048):
            starts[digit + 1] += starts[digit]
        for at in range(count):
            digit = (keys[at] >> shift) & 2047
            to = starts[digit]
            starts[digit] = to + 1
            other_keys[to], other[to] = keys[at], order[at]
        keys, other_keys, order, other = other_keys, keys, other, order
    return order


@compiled
def gather(footprints: np.ndarray, order: np.ndarray, first: int, last: int, into: np.ndarray) -> None:
    """Footprints first..last in their order, side by side."""
    for at in range(first, last):
        into[at] = footprints[order[at]]


@compiled
def rows_of(f: np.ndarray, rows: int) -> tuple[int, int]:
    """First and last row of tiles that a footprint touches."""
    return max(int((f[Y] - f[HALF_Y]) / TILE_Y), 0), min(int((f[Y] + f[HALF_Y]) / TILE_Y), rows - 1)


@compiled
def in_rows(footprints: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which footprints touch which row of tiles: starts, members, entries of `Sheet`."""
    count = len(footprints)
    starts, entries = np.zeros(rows + 1, np.int64), np.zeros(count + 1, np.int64)
    for at in range(count):
        top, bottom = rows_of(footprints[at], rows)
        entries[at + 1] = entries[at] + bottom + 1 - top
        for row in range(top, bottom + 1):
            starts[row + 1] += 1
    for row in range(rows):
        starts[row + 1] += starts[row]
    ends, members = starts[:-1].copy(), np.empty(starts[rows], np.int32)
    for at in range(count):
        top, bottom = rows_of(footprints[at], rows)
        for row in range(top, bottom + 1):
            members[ends[row]] = at
            ends[row] += 1
    return starts, members, entries


@compiled
def columns_of(f: np.ndarray, top: float, tiles: int) -> tuple[int, int]:
    """First and last tile that a footprint touches in the row of tiles that begins at `top`."""
    left, right = f[X] - f[HALF_X], f[X] + f[HALF_X]
    if right - left > TILE_X:  # the box is generous where an ellipse is long and aslant
        lean = f[SLOPE] * f[HALF_Y] * f[HALF_Y] / f[HALF_X]
        begin, end = max(top - f[Y], -f[HALF_Y]), min(top + TILE_Y - f[Y], f[HALF_Y])
        at_right, at_left = min(max(lean, begin), end), min(max(-lean, begin), end)
        right = f[X] + f[SLOPE] * at_right + math.sqrt(max(f[REACH] - f[DOWN] * at_right * at_right, 0.0) / f[ACROSS])
        left = f[X] + f[SLOPE] * at_left - math.sqrt(max(f[REACH] - f[DOWN] * at_left * at_left, 0.0) / f[ACROSS])
    return max(int(left / TILE_X), 0), min(int(right / TILE_X), tiles - 1)


@compiled
def in_tiles(sheet: Sheet, row: int, tiles: int) -> tuple[np.ndarray, np.ndarray]:
    """The members of one row of tiles by tile, nearest first: starts [tiles + 1] and members."""
    first, last = sheet.row_starts[row], sheet.row_starts[row + 1]
    spans = np.empty((last - first, 2), np.int32)
    starts = np.zeros(tiles + 1, np.int64)
    for at in range(first, last):
        left, right = columns_of(sheet.footprints[sheet.members[at]], row * TILE_Y, tiles)
        spans[at - first, 0], spans[at - first, 1] = left, right
        for tile in range(left, right + 1):
            starts[tile + 1] += 1
    for tile in range(tiles):
        starts[tile + 1] += starts[tile]
    ends, members = starts[:-1].copy(), np.empty(starts[tiles], np.int32)
    for at in range(first, last):
        for tile in range(spans[at - first, 0], spans[at - first, 1] + 1):
            members[ends[tile]] = sheet.members[at]
            ends[tile] += 1
    return starts, members


@compiled_loosely
def eighth_power(x: Number) -> Number:
    """exp(8 x) for x in -0.75..0, relative error 3e-6: a polynomial of exp(x), squared three times."""
    e = np.float32(0.005803795844142368) * x + np.float32(0.03972620536675944)
    e = e * x + np.float32(0.16596822957507754)
    e = e * x + np.float32(0.4998891744163485)
    e = e * x + np.float32(0.9999943320110988)
    e = e * x + _1
    e *= e
    e *= e
    return e * e


@compiled_loosely
def lay_eight(pixels: np.ndarray, off: Number, power: Number, f: np.ndarray) -> None:
    """One footprint on eight neighbours. One array at fixed distances, sliced beforehand: only so does LLVM see that
    nothing overlaps and does all eight at once."""
    across, opacity, r, g, b, z = f[ACROSS], f[OPACITY], f[RED], f[GREEN], f[BLUE], f[DEPTH]
    for lane in range(8):
        d = off + np.float32(lane)
        e = eighth_power(max(-power - across * d * d, np.float32(-0.75)))
        alpha = min(opacity * e, MOST_ALPHA)
        alpha = alpha if alpha >= LEAST_ALPHA else _0
        weight = alpha * pixels[lane + 4 * TILE]
        pixels[lane] += weight * r
        pixels[lane + TILE] += weight * g
        pixels[lane + 2 * TILE] += weight * b
        pixels[lane + 3 * TILE] += weight * z
        pixels[lane + 4 * TILE] -= weight


@compiled_loosely
def box_of(f: np.ndarray, x0: Number, y0: Number) -> tuple[int, int, int, int]:
    """First and last block of eight, first and last row of a tile that a footprint's box touches. All of the box is
    drawn: to find where the ellipse begins in each row costs more than the few blocks it would spare."""
    left, right = f[X] - f[HALF_X] - x0 - _HALF, f[X] + f[HALF_X] - x0 - _HALF
    top, bottom = f[Y] - f[HALF_Y] - y0 - _HALF, f[Y] + f[HALF_Y] - y0 - _HALF
    return (
        max(math.ceil(left), 0) >> 3,
        min(math.floor(right), TILE_X - 1) >> 3,
        max(math.ceil(top), 0),
        min(math.floor(bottom), TILE_Y - 1),
    )


@compiled_loosely
def lay(f: np.ndarray, x0: Number, y0: Number, planes: np.ndarray) -> None:
    """One footprint onto one tile's planes [5 * TILE]: red, green, blue, depth, what passes."""
    left, right, top, bottom = box_of(f, x0, y0)
    cx, cy, slope, down = f[X] - x0 - _HALF, f[Y] - y0 - _HALF, f[SLOPE], f[DOWN]
    for y in range(top, bottom + 1):
        dy = np.float32(y) - cy
        middle = cx + slope * dy
        for block in range(left, right + 1):
            lay_eight(planes[y * TILE_X + block * 8 :], np.float32(block * 8) - middle, down * dy * dy, f)


@compiled_loosely
def still_open(passing: np.ndarray) -> bool:
    """Whether light passes anywhere in a tile."""
    count = 0
    for at in range(len(passing)):
        count += 1 if passing[at] > LEAST_LEFT else 0
    return count > 0


@compiled_loosely
def composite(sheet: Sheet, canvas: Canvas, row: int, looked_at: np.ndarray) -> None:
    """One row of tiles, front to back. `looked_at` [rows, tiles]: how many members each tile needed."""
    height, width = canvas.passing.shape
    tiles, y0 = looked_at.shape[1], row * TILE_Y
    starts, members = in_tiles(sheet, row, tiles)
    planes = np.empty(5 * TILE, np.float32)
    for tile in range(tiles):
        planes[: 4 * TILE] = _0
        planes[4 * TILE :] = _1
        done = starts[tile + 1] - starts[tile]
        x0 = tile * TILE_X
        for at in range(starts[tile], starts[tile + 1]):
            lay(sheet.footprints[members[at]], np.float32(x0), np.float32(y0), planes)
            if (at - starts[tile]) % _LOOK_EVERY == _LOOK_EVERY - 1 and not still_open(planes[4 * TILE :]):
                done = at + 1 - starts[tile]
                break
        looked_at[row, tile] = done
        for y in range(min(TILE_Y, height - y0)):
            for x in range(min(TILE_X, width - x0)):
                at = y * TILE_X + x
                canvas.colour[y0 + y, x0 + x, 0] = planes[at]
                canvas.colour[y0 + y, x0 + x, 1] = planes[at + TILE]
                canvas.colour[y0 + y, x0 + x, 2] = planes[at + 2 * TILE]
                canvas.depth[y0 + y, x0 + x] = planes[at + 3 * TILE]
                canvas.passing[y0 + y, x0 + x] = planes[at + 4 * TILE]


@compiled_loosely
def finish(
    canvas: Canvas, white: Number, rows: tuple[int, int], light: np.ndarray, depth: np.ndarray, alpha: np.ndarray
) -> None:
    """What was composited in rows a..b as scene-linear light (IEC 61966-2-1 decoded), mean depth and alpha."""
    for y in range(rows[0], rows[1]):
        for x in range(canvas.passing.shape[1]):
            a = _1 - canvas.passing[y, x]
            share = _1 / max(a, np.float32(1e-6))
            for c in range(3):
                light[y, x, c] = decode(canvas.colour[y, x, c] * share) * a * white
            depth[y, x] = canvas.depth[y, x] * share if a >= _HALF else np.float32(math.inf)
            alpha[y, x] = a


@compiled_loosely
def decode(v: Number) -> Number:
    """An sRGB-encoded value to linear; above 1 the curve goes on."""
    if v <= np.float32(0.04045):
        return v / np.float32(12.92)
    return ((v + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
