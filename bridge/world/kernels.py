"""`world.trace` compiled, one ray at a time: what draws walls and direct views. The twin is the documentation."""

import math

import numpy as np

from bridge.compiled import compiled
from bridge.world.world import (
    BAND_COUNT,
    BAND_M,
    BAND_SHADE,
    BOARD_DARK,
    BOARD_LIGHT,
    FLOOR_DARK,
    FLOOR_LIGHT,
    HAZE_M,
    HORIZON,
    SKY_SHARE,
    SUN,
    ZENITH,
    World,
)

_LEAST = 1e-7
_TURN = 2.0 * math.pi
_ENOUGH = 1e-3

Three = tuple[float, float, float]


@compiled
def _triangle(x: float) -> float:
    return 1.0 - abs(2.0 * (0.5 * x - math.floor(0.5 * x)) - 1.0)


@compiled
def _stripes(x: float, width: float) -> float:
    half = 0.5 * max(width, _LEAST)
    return (_triangle(x + half) - _triangle(x - half)) / (2.0 * half)


@compiled
def _checker(x: float, y: float, width_x: float, width_y: float) -> float:
    return 0.5 + 0.5 * _stripes(x, width_x) * _stripes(y, width_y)


@compiled
def _window(x: float, count: float, width: float) -> tuple[float, float]:
    half = 0.5 * max(width, _LEAST)
    low, high = min(max(x - half, 0.0), count), min(max(x + half, 0.0), count)
    return (_triangle(high) - _triangle(low)) / (2.0 * half), (high - low) / (2.0 * half)


@compiled
def _part(inside: float, width: float) -> float:
    return min(max(0.5 + inside / width, 0.0), 1.0)


@compiled
def _column_hit(c: np.ndarray, o: Three, d: Three, spread: float) -> tuple[float, float]:
    """Distance and cover; (inf, 0) for a miss."""
    px, py = o[0] - c[0], o[1] - c[1]
    flat = d[0] * d[0] + d[1] * d[1]
    if flat <= 0.0:
        return math.inf, 0.0
    along, aside = -(px * d[0] + py * d[1]) / flat, px * d[1] - py * d[0]
    reach = c[2] + along * spread
    if along <= 0.0 or aside * aside > reach * reach * flat:  # most columns: spare the roots
        return math.inf, 0.0
    off = abs(aside) / math.sqrt(flat)
    t = along - math.sqrt(max(c[2] * c[2] - off * off, 0.0) / flat)
    if t <= 0.0:
        return math.inf, 0.0
    width = t * spread
    z = o[2] + t * d[2]
    cover = _part(c[2] - off, width) * _part(z - c[3], width) * _part(c[4] - z, width)
    return (t, cover) if cover > 0.0 else (math.inf, 0.0)


@compiled
def _column_colour(c: np.ndarray, colour: np.ndarray, o: Three, d: Three, tw: tuple[float, float]) -> Three:
    t, width = tw
    nx, ny = (o[0] - c[0] + t * d[0]) / c[2], (o[1] - c[1] + t * d[1]) / c[2]
    facing = max(abs(nx * d[0] + ny * d[1]), 0.05)
    turn = math.atan2(nx, ny) * (BAND_COUNT / _TURN)
    across = width * BAND_COUNT / (_TURN * c[2]) / facing
    pattern = _checker(turn, (o[2] + t * d[2] - c[3]) / BAND_M, across, width / BAND_M)
    light = SKY_SHARE + (1.0 - SKY_SHARE) * max(nx * SUN[0] + ny * SUN[1], 0.0)
    shade = light * (BAND_SHADE + (1.0 - BAND_SHADE) * pattern)
    return shade * colour[0], shade * colour[1], shade * colour[2]


@compiled
def _board_hit(world: World, o: Three, d: Three, spread: float) -> tuple[float, float, float]:
    """Distance, cover, grey."""
    b = world.board
    a, e, k = b.across_m, b.down_m, b.corner_m
    nx, ny, nz = a[1] * e[2] - a[2] * e[1], a[2] * e[0] - a[0] * e[2], a[0] * e[1] - a[1] * e[0]
    t = ((k[0] - o[0]) * nx + (k[1] - o[1]) * ny + (k[2] - o[2]) * nz) / (d[0] * nx + d[1] * ny + d[2] * nz)
    if not 0.0 < t < math.inf:
        return math.inf, 0.0, 0.0
    sx, sy, sz = o[0] + t * d[0] - k[0], o[1] + t * d[1] - k[1], o[2] + t * d[2] - k[2]
    wide2, high2 = a[0] * a[0] + a[1] * a[1] + a[2] * a[2], e[0] * e[0] + e[1] * e[1] + e[2] * e[2]
    across, down = b.columns + 2.0 * b.rim_unit, b.rows + 2.0 * b.rim_unit
    x, y = (sx * a[0] + sy * a[1] + sz * a[2]) / wide2 * across, (sx * e[0] + sy * e[1] + sz * e[2]) / high2 * down
    width = t * spread * across / math.sqrt(wide2)
    cover = _part(x, width) * _part(across - x, width) * _part(y, width) * _part(down - y, width)
    if cover <= 0.0:
        return math.inf, 0.0, 0.0
    black_x, part_x = _window(x - b.rim_unit, b.columns, width)
    black_y, part_y = _window(y - b.rim_unit, b.rows, width)
    return t, cover, BOARD_LIGHT + (BOARD_DARK - BOARD_LIGHT) * 0.5 * (part_x * part_y + black_x * black_y)


@compiled
def _ground(world: World, o: Three, d: Three, spread: float) -> tuple[float, float, float, float]:
    """Floor or sky: colour and distance."""
    t = (world.floor_m - o[2]) / d[2] if d[2] != 0.0 else math.inf
    if not (t > 0.0 and d[2] < 0.0):
        up = math.sqrt(min(max(d[2], 0.0), 1.0))
        return (
            HORIZON[0] + up * (ZENITH[0] - HORIZON[0]),
            HORIZON[1] + up * (ZENITH[1] - HORIZON[1]),
            HORIZON[2] + up * (ZENITH[2] - HORIZON[2]),
            math.inf,
        )
    s = world.square_m
    x, y, width = (o[0] + t * d[0]) / s, (o[1] + t * d[1]) / s, t * spread / s
    level, long = max(math.hypot(d[0], d[1]), _LEAST), 1.0 / max(-d[2], _LEAST)
    across, along = abs(d[0]) / level, abs(d[1]) / level
    pattern = _checker(x, y, width * (across * long + along), width * (along * long + across))
    near = math.exp(-t / HAZE_M)
    return (
        HORIZON[0] + near * (FLOOR_DARK[0] + pattern * (FLOOR_LIGHT[0] - FLOOR_DARK[0]) - HORIZON[0]),
        HORIZON[1] + near * (FLOOR_DARK[1] + pattern * (FLOOR_LIGHT[1] - FLOOR_DARK[1]) - HORIZON[1]),
        HORIZON[2] + near * (FLOOR_DARK[2] + pattern * (FLOOR_LIGHT[2] - FLOOR_DARK[2]) - HORIZON[2]),
        t,
    )


@compiled
def _panorama(world: World, d: Three) -> Three:
    height, width = world.panorama.shape[:2]
    column = (0.5 + math.atan2(d[0], d[1]) / _TURN) * width - 0.5
    row = math.acos(min(max(d[2], -1.0), 1.0)) / math.pi * height - 0.5
    left, upper = math.floor(column), math.floor(row)
    fx, fy = column - left, row - upper
    x0, x1 = int(left) % width, (int(left) + 1) % width
    y0, y1 = min(max(int(upper), 0), height - 1), min(max(int(upper) + 1, 0), height - 1)
    p = world.panorama
    a, b, c, e = (1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy
    return (
        p[y0, x0, 0] * a + p[y0, x1, 0] * b + p[y1, x0, 0] * c + p[y1, x1, 0] * e,
        p[y0, x0, 1] * a + p[y0, x1, 1] * b + p[y1, x0, 1] * c + p[y1, x1, 1] * e,
        p[y0, x0, 2] * a + p[y0, x1, 2] * b + p[y1, x0, 2] * c + p[y1, x1, 2] * e,
    )


@compiled
def light_along(world: World, o: Three, d: Three, spread: float) -> Three:
    """Radiance along a ray of unit direction, from nearest to farthest until the pixel is covered."""
    gain = world.gain_unit
    if len(world.panorama):
        r, g, b = _panorama(world, d)
        return r * gain, g * gain, b * gain
    spread = max(spread, _LEAST)
    ground = _ground(world, o, d, spread)
    board = _board_hit(world, o, d, spread)
    red, green, blue, left, passed = 0.0, 0.0, 0.0, 1.0, 0.0
    while left > _ENOUGH:
        nearest, cover, which = board[0] if board[0] > passed else math.inf, board[1], -1
        for index in range(len(world.columns_m)):
            t, part = _column_hit(world.columns_m[index], o, d, spread)
            if passed < t < nearest:
                nearest, cover, which = t, part, index
        if not nearest < ground[3]:
            break
        colour = (board[2], board[2], board[2])
        if which >= 0:
            tw = (nearest, nearest * spread)
            colour = _column_colour(world.columns_m[which], world.column_colours[which], o, d, tw)
        share = left * cover
        red, green, blue = red + share * colour[0], green + share * colour[1], blue + share * colour[2]
        left, passed = left - share, nearest
    if left <= _ENOUGH:
        left = 0.0
    return (red + left * ground[0]) * gain, (green + left * ground[1]) * gain, (blue + left * ground[2]) * gain


@compiled
def distance_along(world: World, o: Three, d: Three) -> float:
    """How far the nearest thing is along a unit direction, sharp edges; inf for the sky and for a panorama."""
    if len(world.panorama):
        return math.inf
    nearest = _ground(world, o, d, _LEAST)[3]
    board = _board_hit(world, o, d, _LEAST)
    if board[1] >= 0.5:
        nearest = min(nearest, board[0])
    for index in range(len(world.columns_m)):
        t, cover = _column_hit(world.columns_m[index], o, d, _LEAST)
        if cover >= 0.5:
            nearest = min(nearest, t)
    return nearest
