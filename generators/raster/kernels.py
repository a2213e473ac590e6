"""The tile rasteriser's inner loops, compiled. Each call does a range of splats or one row of tiles, with the
interpreter's lock free, so that the caller's threads share the work without a pool of numba's own."""

import math
from typing import NamedTuple

import numpy as np

from bridge.compiled import compiled, compiled_loosely, inlined
from generators.raster.projection_kernels import (
    ACROSS,
    BLUE,
    DEPTH,
    DOWN,
    FOOTPRINT,
    GREEN,
    HALF_X,
    HALF_Y,
    LEAST_ALPHA,
    OPACITY,
    REACH,
    RED,
    SLOPE,
    STEEP,
    TALL,
    TILE_X,
    TILE_Y,
    Number,
    Seen,
    X,
    Y,
)

MOST_ALPHA = np.float32(0.999)
LEAST_LEFT = np.float32(1e-4)
"""Once no more light than that passes anywhere in a tile, nothing behind is drawn."""
_LOOK_EVERY = 16
_0, _1, _7, _HALF = np.float32(0.0), np.float32(1.0), np.float32(7.0), np.float32(0.5)

# A tile is drawn on planes of floats: strips of eight columns, and in a strip one plane after the other, each row by
# row. So a footprint's part of a strip lies together, and eight neighbours are done at once. The distances between
# planes are unsigned, as is the place in them: numba asks of any other index whether it is negative, and then LLVM does
# no eight at once.
STRIPS, STRIP = TILE_X // 8, 8 * TILE_Y
PLANES = tuple(np.uint64(STRIP * plane) for plane in range(9))
_RED, _GREEN, _BLUE, _DEPTH, _PASSING, _COLUMN, _ROW = PLANES[:7]
_DRAWN_ON = 7


class Sheet(NamedTuple):
    """What there is to draw, and in which rows of tiles."""

    seen: Seen
    starts: np.ndarray
    """[rows + 1]."""
    members: np.ndarray
    """The places in `seen` that touch a row of tiles, row by row, nearest first."""
    edges: np.ndarray
    """`EDGES`. Of a constant LLVM would know the length, write the loop over it out, and not do all eight at once."""


class Row(NamedTuple):
    """What a row of tiles draws, copied side by side: to fetch a footprint from afar costs as much as to draw it."""

    footprints: np.ndarray
    """[n, 16], nearest first."""
    starts: np.ndarray
    """[tiles + 1]."""
    members: np.ndarray
    """The rows of `footprints` that touch a tile, tile by tile, nearest first."""
    bounds: np.ndarray
    """[pairs, 2 * STRIPS]: the first row of each strip that a member covers; then up to which."""


EDGES = np.array((2 * [8.0 * strip + 0.5 for strip in range(STRIPS)], STRIPS * [-1.0] + STRIPS * [1.0]), np.float32)
"""[2, 2 * STRIPS]: the first column of each strip of a tile, twice; -1 for the upper bounds there, 1 for the lower."""


class Canvas(NamedTuple):
    """What is drawn on."""

    colour: np.ndarray
    """[H, W, 3] encoded, premultiplied."""
    depth: np.ndarray
    """[H, W] depth times weight."""
    passing: np.ndarray
    """[H, W]: 1 - alpha."""


@compiled
def nearest_first(far: np.ndarray, places: np.ndarray) -> np.ndarray:
    """`places` by their distance from the eye, not by depth: so the order is the same in whatever direction the camera
    looks, nothing pops when it pans, and the faces of a cube and the tiles of a wall agree. Radix, three rounds of 11
    bits; a positive float sorts as its bits."""
    count = len(places)
    keys, other_keys = np.empty(count, np.uint32), np.empty(count, np.uint32)
    bits = far.view(np.uint32)
    for at in range(count):
        keys[at] = bits[places[at]]
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
def in_rows(spans: np.ndarray, places: np.ndarray, order: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Which of `order` touch which row of tiles: starts, members of `Sheet`. `places`: the same as they lie."""
    starts = np.zeros(rows + 1, np.int64)
    for at in range(len(places)):
        for row in range(spans[places[at], 0], spans[places[at], 1]):
            starts[row + 1] += 1
    for row in range(rows):
        starts[row + 1] += starts[row]
    ends, members = starts[:-1].copy(), np.empty(starts[rows], np.int32)
    for at in range(len(order)):
        for row in range(spans[order[at], 0], spans[order[at], 1]):
            members[ends[row]] = order[at]
            ends[row] += 1
    return starts, members


@inlined
def columns_of(f: np.ndarray, n: int, top: Number, tiles: int) -> tuple[int, int]:
    """First tile that footprint n touches in the row of tiles that begins at `top`, and up to which."""
    left, right = f[n, X] - f[n, HALF_X], f[n, X] + f[n, HALF_X]
    if right - left > TILE_X:  # the box is generous where an ellipse is long and aslant
        lean = f[n, SLOPE] * f[n, HALF_Y] * f[n, HALF_Y] / f[n, HALF_X]
        begin, end = max(top - f[n, Y], -f[n, HALF_Y]), min(top + TILE_Y - f[n, Y], f[n, HALF_Y])
        low, high = min(max(-lean, begin), end), min(max(lean, begin), end)
        left = f[n, X] + f[n, SLOPE] * low
        left -= math.sqrt(max(f[n, REACH] - f[n, DOWN] * low * low, _0) / f[n, ACROSS])
        right = f[n, X] + f[n, SLOPE] * high
        right += math.sqrt(max(f[n, REACH] - f[n, DOWN] * high * high, _0) / f[n, ACROSS])
    return int(max(left, _0)) // TILE_X, min(int(max(right, _0)) // TILE_X + 1, tiles)


@inlined
def cover(f: np.ndarray, n: int, x0: Number, y0: Number, edges: np.ndarray, bounds: np.ndarray, pair: int) -> None:
    """Between which rows the ellipse of footprint n crosses the strips of a tile: where it is highest there, and where
    lowest. A pixel is where its centre is."""
    x, y, lean, narrow = f[n, X] - x0, f[n, Y] - y0 + _HALF, f[n, SLOPE] * f[n, HALF_Y], _1 / f[n, HALF_X]
    steep, tall, place = f[n, STEEP], f[n, TALL], np.uint64(pair)
    for which in range(np.uint64(edges.shape[1])):
        begin, side = edges[0, which] - x, edges[1, which]
        at = min(max(side * lean, begin), begin + _7)
        high = np.float32(math.sqrt(max(_1 - (at * narrow) * (at * narrow), _0)))
        bounds[place, which] = np.uint8(min(max(y + steep * at + side * tall * high, _0), np.float32(TILE_Y)))


@compiled_loosely
def in_tiles(sheet: Sheet, row: int, tiles: int) -> Row:
    """One row of tiles, made ready."""
    first, count = sheet.starts[row], sheet.starts[row + 1] - sheet.starts[row]
    footprints, spans = np.empty((count, FOOTPRINT), np.float32), np.empty((count, 2), np.int32)
    starts, top = np.zeros(tiles + 1, np.int64), np.float32(row * TILE_Y)
    for at in range(count):
        place = sheet.members[first + at]
        for which in range(FOOTPRINT):
            footprints[at, which] = sheet.seen.footprints[place, which]
    for at in range(count):
        left, right = columns_of(footprints, at, top, tiles)
        spans[at, 0], spans[at, 1] = left, right
        for tile in range(left, right):
            starts[tile + 1] += 1
    for tile in range(tiles):
        starts[tile + 1] += starts[tile]
    ends, members = starts[:-1].copy(), np.empty(starts[tiles], np.int32)
    for at in range(count):
        for tile in range(spans[at, 0], spans[at, 1]):
            members[ends[tile]] = at
            ends[tile] += 1
    bounds = np.empty((len(members), 2 * STRIPS), np.uint8)
    for tile in range(tiles):
        for at in range(starts[tile], starts[tile + 1]):
            cover(footprints, members[at], np.float32(tile * TILE_X), top, sheet.edges, bounds, at)
    return Row(footprints, starts, members, bounds)


@inlined
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


@inlined
def lay(row: Row, member: int, planes: np.ndarray) -> None:
    """A member onto its tile."""
    f, n = row.footprints, row.members[member]
    x, y, slope, across, down, opacity = f[n, X], f[n, Y], f[n, SLOPE], f[n, ACROSS], f[n, DOWN], f[n, OPACITY]
    r, g, b, z = f[n, RED], f[n, GREEN], f[n, BLUE], f[n, DEPTH]
    for strip in range(STRIPS):
        begin = strip * _DRAWN_ON * STRIP
        first, last = begin + 8 * row.bounds[member, strip], begin + 8 * row.bounds[member, STRIPS + strip]
        for at in range(np.uint64(first), np.uint64(last)):
            e = planes[at + _ROW] - y
            d = planes[at + _COLUMN] - x - slope * e
            alpha = min(opacity * eighth_power(max(-across * d * d - down * e * e, np.float32(-0.75))), MOST_ALPHA)
            alpha = alpha if alpha >= LEAST_ALPHA else _0
            passing = planes[at + _PASSING]
            weight = alpha * passing
            planes[at + _RED] += weight * r
            planes[at + _GREEN] += weight * g
            planes[at + _BLUE] += weight * b
            planes[at + _DEPTH] += weight * z
            planes[at + _PASSING] = passing - weight


@inlined
def spread_out(planes: np.ndarray, x0: int, y0: int) -> None:
    """A tile with nothing on it."""
    for strip in range(STRIPS):
        for at in range(STRIP):
            place = np.uint64(strip * _DRAWN_ON * STRIP + at)
            planes[place + _RED], planes[place + _GREEN], planes[place + _BLUE] = _0, _0, _0
            planes[place + _DEPTH], planes[place + _PASSING] = _0, _1
            planes[place + _COLUMN] = np.float32(x0 + 8 * strip + at % 8) + _HALF
            planes[place + _ROW] = np.float32(y0 + at // 8) + _HALF


@inlined
def take_down(planes: np.ndarray, x0: int, y0: int, canvas: Canvas) -> None:
    """A tile onto its place in the picture."""
    height, width = canvas.passing.shape
    for y in range(min(TILE_Y, height - y0)):
        for x in range(min(TILE_X, width - x0)):
            at = np.uint64((x // 8) * _DRAWN_ON * STRIP + y * 8 + x % 8)
            canvas.colour[y0 + y, x0 + x, 0] = planes[at + _RED]
            canvas.colour[y0 + y, x0 + x, 1] = planes[at + _GREEN]
            canvas.colour[y0 + y, x0 + x, 2] = planes[at + _BLUE]
            canvas.depth[y0 + y, x0 + x] = planes[at + _DEPTH]
            canvas.passing[y0 + y, x0 + x] = planes[at + _PASSING]


@inlined
def still_open(planes: np.ndarray) -> bool:
    """Whether light passes anywhere in a tile."""
    count = 0
    for strip in range(STRIPS):
        begin = strip * _DRAWN_ON * STRIP
        for at in range(np.uint64(begin), np.uint64(begin + STRIP)):
            count += 1 if planes[at + _PASSING] > LEAST_LEFT else 0
    return count > 0


@compiled_loosely
def composite(row: Row, y0: int, canvas: Canvas, looked_at: np.ndarray) -> None:
    """One row of tiles, front to back. `looked_at` [tiles]: how many members each tile needed."""
    planes = np.empty(_DRAWN_ON * STRIPS * STRIP, np.float32)
    for tile in range(len(looked_at)):
        x0, first, last = tile * TILE_X, row.starts[tile], row.starts[tile + 1]
        spread_out(planes, x0, y0)
        looked_at[tile] = last - first
        for at in range(first, last):
            lay(row, at, planes)
            if (at - first) % _LOOK_EVERY == _LOOK_EVERY - 1 and not still_open(planes):
                looked_at[tile] = at + 1 - first
                break
        take_down(planes, x0, y0, canvas)


@compiled_loosely
def finish(canvas: Canvas, white: Number, first: int, last: int) -> None:
    """What was composited in rows first..last becomes, where it lies, scene-linear light (IEC 61966-2-1 decoded), mean
    depth and alpha."""
    for y in range(first, last):
        for x in range(canvas.passing.shape[1]):
            a = _1 - canvas.passing[y, x]
            share = _1 / max(a, np.float32(1e-6))
            for c in range(3):
                canvas.colour[y, x, c] = decode(canvas.colour[y, x, c] * share) * a * white
            canvas.depth[y, x] = canvas.depth[y, x] * share if a >= _HALF else np.float32(math.inf)
            canvas.passing[y, x] = a


_STEPS = 4096
_ENCODED = np.arange(_STEPS + 2) / _STEPS
_DECODED = np.where(_ENCODED <= 0.04045, _ENCODED / 12.92, ((_ENCODED + 0.055) / 1.055) ** 2.4).astype(np.float32)


@inlined
def decode(v: Number) -> Number:
    """An sRGB-encoded value to linear, by a table; above 1 the curve goes on."""
    if v > _1:
        return ((v + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    place = max(v, _0) * np.float32(_STEPS)
    at = int(place)
    return _DECODED[at] + (place - np.float32(at)) * (_DECODED[at + 1] - _DECODED[at])
