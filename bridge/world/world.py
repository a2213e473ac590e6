"""A world to show, exact along any ray: a panorama (at infinity), or a set of known things at known depths.

Radiance is scene-linear, 1.0 is 100 nits on the wall. This is the readable numpy twin of `bridge.world.kernels`, which
draws. A ray has a `spread_rad`, the angle one pixel covers: patterns and edges are averaged over it, so nothing
flickers; 0 is the bare truth.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.frames import Vector

Floats = NDArray[np.float64]

HORIZON = (0.62, 0.72, 0.80)
ZENITH = (0.10, 0.24, 0.62)
FLOOR_LIGHT, FLOOR_DARK = (0.62, 0.60, 0.56), (0.20, 0.21, 0.23)
BOARD_LIGHT, BOARD_DARK = 1.10, 0.02
HAZE_M = 70.0
"""The floor fades into the horizon over this distance."""
SUN = (-0.45, -0.60, 0.66)
SKY_SHARE = 0.45
BAND_M, BAND_COUNT, BAND_SHADE = 0.5, 8, 0.45
"""Columns wear a checker: this high, so many round, so dark."""
_LEAST = 1e-7


class Board(NamedTuple):
    """A black and white checker board with a white rim, in the air."""

    corner_m: Floats
    """[3], top left corner of the white rim."""
    across_m: Floats
    down_m: Floats
    """[3], its edges."""
    columns: int
    rows: int
    rim_unit: float
    """The rim's width, in squares."""


class World(NamedTuple):
    """What there is to see. With a panorama that has pixels, only that."""

    panorama: NDArray[np.float32]
    """[H, W, 3]: row 0 is up, the centre column looks along +Y, right of centre is +X. H = 0: there is none."""
    gain_unit: float
    floor_m: float
    square_m: float
    columns_m: Floats
    """[N, 5]: x, y, radius, bottom, top."""
    column_colours: Floats
    """[N, 3]."""
    board: Board


def gain(exposure_ev: float) -> float:
    """Light from stops."""
    return 2.0**exposure_ev


def known_set(exposure_ev: float = 0.0, board_centre_m: Vector = (0.0, 9.0, 1.75)) -> World:
    """A checkered floor, columns all around at 5 to 25 m, and a board of 9 x 6 squares of 36 cm."""
    return World(
        panorama=np.empty((0, 0, 3), np.float32),
        gain_unit=gain(exposure_ev),
        floor_m=0.0,
        square_m=1.0,
        columns_m=_columns(),
        column_colours=np.array([_COLOURS[index % len(_COLOURS)] for index in range(len(_columns()))]),
        board=board(board_centre_m, square_m=0.36),
    )


_COLOURS = ((0.85, 0.30, 0.16), (0.16, 0.52, 0.62), (0.88, 0.62, 0.18), (0.42, 0.62, 0.30), (0.55, 0.34, 0.62))


def _columns() -> Floats:
    near = [(-2.9, 7.0), (3.1, 8.0), (-4.6, 12.0), (4.4, 13.5), (-1.4, 16.0), (1.9, 20.0), (-7.5, 10.0), (7.8, 10.5)]
    ring = [(14.0 * math.sin(a), 14.0 * math.cos(a)) for a in np.radians(np.arange(60.0, 301.0, 24.0))]
    return np.array([(x, y, 0.35, 0.0, 5.0) for x, y in near + ring])


def board(centre_m: Vector, square_m: float, columns: int = 9, rows: int = 6, rim_unit: float = 0.7) -> Board:
    """A board that faces -Y."""
    across = np.array([(columns + 2 * rim_unit) * square_m, 0.0, 0.0])
    down = np.array([0.0, 0.0, -(rows + 2 * rim_unit) * square_m])
    return Board(np.asarray(centre_m) - across / 2 - down / 2, across, down, columns, rows, rim_unit)


def board_corners_m(board: Board) -> Floats:
    """Where four squares meet: [(rows - 1) * (columns - 1), 3], row by row from the top left."""
    a = (np.arange(1, board.columns) + board.rim_unit) / (board.columns + 2 * board.rim_unit)
    b = (np.arange(1, board.rows) + board.rim_unit) / (board.rows + 2 * board.rim_unit)
    return (board.corner_m + b[:, None, None] * board.down_m + a[None, :, None] * board.across_m).reshape(-1, 3)


def panorama_world(panorama: NDArray[np.float32], exposure_ev: float = 0.0) -> World:
    """Nothing but a picture at infinity."""
    height, width, channels = panorama.shape
    if channels != 3 or not height or width != 2 * height:
        raise ValueError(f"panorama: expected [H, 2 H, 3], got [{height}, {width}, {channels}]")
    picture = np.ascontiguousarray(panorama, np.float32)
    return known_set()._replace(panorama=picture, gain_unit=gain(exposure_ev))


# --- along a ray --------------------------------------------------------------------------------------------------


class _Layer(NamedTuple):
    """One thing along n rays."""

    distance_m: Floats
    cover: Floats
    colour: Floats


def trace(
    world: World, origin_m: ArrayLike, directions: ArrayLike, spread_rad: ArrayLike = 0.0
) -> tuple[NDArray[np.float32], Floats]:
    """Radiance [n, 3] and distance [n] (in lengths of the direction; inf for the sky) along rays.

    `origin_m` [3] or [n, 3], `directions` [n, 3], `spread_rad` a number or [n].
    """
    rays = np.asarray(directions, dtype=np.float64)
    lengths = np.linalg.norm(rays, axis=1)
    rays = rays / lengths[:, None]
    starts = np.broadcast_to(np.asarray(origin_m, dtype=np.float64), rays.shape)
    spread = np.maximum(np.broadcast_to(np.asarray(spread_rad, dtype=np.float64), lengths.shape), _LEAST)
    if len(world.panorama):
        return (sample_panorama(world.panorama, rays) * world.gain_unit).astype(np.float32), np.full(len(rays), np.inf)
    with np.errstate(all="ignore"):
        things = [_column(world, index, starts, rays, spread) for index in range(len(world.columns_m))]
        things.append(_board(world.board, starts, rays, spread))
        ground = _background(world, starts, rays, spread)
    light, distance = _composite(things, ground)
    return (light * world.gain_unit).astype(np.float32), distance / lengths


def _composite(things: list[_Layer], ground: _Layer) -> tuple[Floats, Floats]:
    """The nearest first; what it does not cover shows the next."""
    distances = np.stack([thing.distance_m for thing in things])
    covers, colours = np.stack([thing.cover for thing in things]), np.stack([thing.colour for thing in things])
    light, left = np.zeros_like(ground.colour), np.ones(len(ground.cover))
    solid = np.where(covers >= 0.5, distances, np.inf).min(axis=0)
    order = np.argsort(distances, axis=0)
    sorted_colours = np.take_along_axis(colours, order[..., None], axis=0)
    shares = np.where(distances < ground.distance_m, covers, 0.0)
    for share, colour in zip(np.take_along_axis(shares, order, axis=0), sorted_colours, strict=True):
        light += (left * share)[:, None] * np.where(share[:, None] > 0, colour, 0.0)
        left = left * (1.0 - share)
    return light + left[:, None] * ground.colour, np.minimum(solid, ground.distance_m)


def _column(world: World, index: int, starts: Floats, rays: Floats, spread: Floats) -> _Layer:
    """The front of an upright tube; at its silhouette, the part of the pixel it covers."""
    x, y, radius, bottom, top = world.columns_m[index]
    px, py, (dx, dy, dz) = starts[:, 0] - x, starts[:, 1] - y, rays.T
    flat = dx * dx + dy * dy
    middle = -(px * dx + py * dy) / flat
    off = np.abs(px * dy - py * dx) / np.sqrt(flat)
    depth = np.sqrt(np.maximum(radius * radius - off * off, 0.0) / flat)
    t = middle - depth
    width = t * spread
    z = starts[:, 2] + t * dz
    cover = np.clip(0.5 + (radius - off) / width, 0, 1) * np.clip(0.5 + (z - bottom) / width, 0, 1)
    cover = np.where((t > 0) & (flat > 0), cover * np.clip(0.5 + (top - z) / width, 0, 1), 0.0)
    nx, ny = (px + t * dx) / radius, (py + t * dy) / radius
    facing = np.maximum(np.abs(nx * dx + ny * dy), 0.05)
    turn = np.arctan2(nx, ny) * (BAND_COUNT / (2 * math.pi))
    pattern = checker(turn, (z - bottom) / BAND_M, width * BAND_COUNT / (2 * math.pi * radius) / facing, width / BAND_M)
    light = SKY_SHARE + (1 - SKY_SHARE) * np.maximum(nx * SUN[0] + ny * SUN[1], 0.0)
    shade = light * (BAND_SHADE + (1 - BAND_SHADE) * pattern)
    colour = shade[:, None] * world.column_colours[index]
    return _Layer(np.where(cover > 0, t, np.inf), np.nan_to_num(cover), colour)


def _board(board: Board, starts: Floats, rays: Floats, spread: Floats) -> _Layer:
    """Both sides show the board; seen from behind it is mirrored."""
    normal = np.cross(board.across_m, board.down_m)
    t = ((board.corner_m - starts) @ normal) / (rays @ normal)
    spot = starts + t[:, None] * rays - board.corner_m
    wide, high = np.linalg.norm(board.across_m), np.linalg.norm(board.down_m)
    squares_x, squares_y = board.columns + 2 * board.rim_unit, board.rows + 2 * board.rim_unit
    x = (spot @ board.across_m) / (wide * wide) * squares_x
    y = (spot @ board.down_m) / (high * high) * squares_y
    width = t * spread * squares_x / wide
    cover = _between(x, 0.0, squares_x, width) * _between(y, 0.0, squares_y, width)
    black_x, part_x = _window(x - board.rim_unit, board.columns, width)
    black_y, part_y = _window(y - board.rim_unit, board.rows, width)
    pattern = 0.5 * (part_x * part_y + black_x * black_y)  # 1 is black: the corner squares are
    colour = np.repeat((BOARD_LIGHT + (BOARD_DARK - BOARD_LIGHT) * pattern)[:, None], 3, axis=1)
    cover = np.where(t > 0, cover, 0.0)
    return _Layer(np.where(cover > 0, t, np.inf), np.nan_to_num(cover), colour)


def _background(world: World, starts: Floats, rays: Floats, spread: Floats) -> _Layer:
    """The floor, and the sky above the horizon."""
    dx, dy, dz = rays.T
    t = (world.floor_m - starts[:, 2]) / dz
    hit = (t > 0) & (dz < 0)
    t = np.where(hit, t, np.inf)
    x, y = (starts[:, 0] + t * dx) / world.square_m, (starts[:, 1] + t * dy) / world.square_m
    width = t * spread / world.square_m
    level = np.maximum(np.hypot(dx, dy), _LEAST)
    long = 1.0 / np.maximum(-dz, _LEAST)
    across, along = np.abs(dx) / level, np.abs(dy) / level
    pattern = checker(x, y, width * (across * long + along), width * (along * long + across))
    near = np.exp(-t / HAZE_M)
    floor = np.array(FLOOR_DARK) + pattern[:, None] * (np.array(FLOOR_LIGHT) - np.array(FLOOR_DARK))
    up = np.sqrt(np.clip(dz, 0.0, 1.0))
    sky = np.array(HORIZON) + up[:, None] * (np.array(ZENITH) - np.array(HORIZON))
    seen = np.array(HORIZON) + near[:, None] * (floor - np.array(HORIZON))
    return _Layer(t, np.ones_like(t), np.where(hit[:, None], seen, sky))


def checker(x: Floats, y: Floats, width_x: Floats, width_y: Floats) -> Floats:
    """A checker's mean over a box, 1 where floor(x) + floor(y) is even, 0 where it is odd."""
    return 0.5 + 0.5 * _stripes(x, width_x) * _stripes(y, width_y)


def _stripes(x: Floats, width: Floats) -> Floats:
    """Mean over a width of +1 (floor(x) even) and -1 (odd): the difference of its integral, a triangle wave."""
    half = 0.5 * np.maximum(width, _LEAST)
    return (_triangle(x + half) - _triangle(x - half)) / (2 * half)


def _window(x: Floats, count: int, width: Floats) -> tuple[Floats, Floats]:
    """Mean over a width of `_stripes`' +1 and -1, and of 1, only within 0..count."""
    half = 0.5 * np.maximum(width, _LEAST)
    low, high = np.clip(x - half, 0, count), np.clip(x + half, 0, count)
    return (_triangle(high) - _triangle(low)) / (2 * half), (high - low) / (2 * half)


def _triangle(x: Floats) -> Floats:
    return 1.0 - np.abs(2.0 * (0.5 * x - np.floor(0.5 * x)) - 1.0)


def _between(x: Floats, low: float, high: float, width: Floats) -> Floats:
    """How much of a pixel `width` wide lies between two edges."""
    return np.clip(0.5 + (x - low) / width, 0, 1) * np.clip(0.5 + (high - x) / width, 0, 1)


def sample_panorama(panorama: NDArray[np.float32], directions: Floats) -> Floats:
    """Bilinear light [n, 3] along unit directions [n, 3]; u = 0.5 + atan2(x, y) / 2 pi, row 0 is up."""
    height, width = panorama.shape[:2]
    x, y, z = directions.T
    column = (0.5 + np.arctan2(x, y) / (2 * math.pi)) * width - 0.5
    row = np.arccos(np.clip(z, -1.0, 1.0)) / math.pi * height - 0.5
    left, upper = np.floor(column), np.floor(row)
    right_share, lower_share = (column - left)[:, None], (row - upper)[:, None]
    columns = [(left.astype(int) + step) % width for step in (0, 1)]
    rows = [np.clip(upper.astype(int) + step, 0, height - 1) for step in (0, 1)]
    above, below = (panorama[r, columns[0]] * (1 - right_share) + panorama[r, columns[1]] * right_share for r in rows)
    return above * (1 - lower_share) + below * lower_share
