"""The room behind the performer: a rehearsal stage of planks, plaster and panels, one ray per sample."""

import math
from typing import Any

import numpy as np

from bridge.compiled import compiled_loosely

Number = Any
"""A float32: what numpy, math and numba say it becomes next differs."""

HALF_WIDTH_M, HEIGHT_M = np.float32(4.6), np.float32(3.3)
ZERO, HALF, ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)


@compiled_loosely
def _hash(i: int, j: int) -> Number:
    n = (i * 374761393 + j * 668265263) & 0x7FFFFFFF
    n = ((n ^ (n >> 13)) * 1274126177) & 0x7FFFFFFF
    return np.float32((n ^ (n >> 16)) & 0xFFFF) / np.float32(65535.0)


@compiled_loosely
def _noise(x: Number, y: Number) -> Number:
    """Value noise 0..1."""
    i, j = math.floor(x), math.floor(y)
    fx, fy = x - np.float32(i), y - np.float32(j)
    fx, fy = fx * fx * (np.float32(3.0) - np.float32(2.0) * fx), fy * fy * (np.float32(3.0) - np.float32(2.0) * fy)
    upper = _hash(i, j) * (ONE - fx) + _hash(i + 1, j) * fx
    lower = _hash(i, j + 1) * (ONE - fx) + _hash(i + 1, j + 1) * fx
    return upper * (ONE - fy) + lower * fy


@compiled_loosely
def _line(value: Number, at: Number, half_width: Number) -> Number:
    """1 on a line, 0 beside it."""
    return max(ZERO, ONE - abs(value - at) / half_width)


@compiled_loosely
def _floor(x: Number, y: Number, out: np.ndarray) -> None:
    plank = math.floor(x / np.float32(0.14))
    along = y / np.float32(1.9) + _hash(plank, 3) * np.float32(7.0)
    board = _hash(plank, math.floor(along))
    grain = _noise(x * np.float32(60.0), y * np.float32(3.0) + np.float32(plank) * np.float32(17.0))
    wood = np.float32(0.75) + np.float32(0.30) * board + np.float32(0.22) * (grain - HALF)
    gap = x / np.float32(0.14) - np.float32(plank)
    joint = along - np.float32(math.floor(along))
    if gap < np.float32(0.025) or joint < np.float32(0.003):
        wood *= np.float32(0.45)
    wood *= np.float32(0.8) + np.float32(0.4) * _noise(x * np.float32(0.9), y * np.float32(0.9))
    out[0], out[1], out[2] = np.float32(0.27) * wood, np.float32(0.175) * wood, np.float32(0.105) * wood
    cross = (abs(x) < np.float32(0.02) and abs(y) < np.float32(0.14)) or (
        abs(y) < np.float32(0.02) and abs(x) < np.float32(0.14)
    )
    square = max(abs(x), abs(y))
    tape = np.float32(1.98) < square < np.float32(2.03) and min(abs(x), abs(y)) > np.float32(1.4)
    if cross or tape:
        out[0], out[1], out[2] = 0.55, 0.52, 0.42


@compiled_loosely
def _wall(side: int, u: Number, z: Number, out: np.ndarray) -> None:
    """`side` 0 ahead (+Y), 1 behind, 2 right (+X), 3 left; u runs along it."""
    worn = np.float32(0.9) + np.float32(0.2) * _noise(u * np.float32(1.3) + np.float32(19 * side), z * np.float32(1.3))
    fine = np.float32(0.97) + np.float32(0.06) * _noise(u * np.float32(40.0), z * np.float32(40.0))
    shade = worn * fine
    out[0], out[1], out[2] = np.float32(0.50) * shade, np.float32(0.48) * shade, np.float32(0.43) * shade
    if z < np.float32(1.05):
        lower = shade * (np.float32(0.9) + np.float32(0.1) * _hash(math.floor(u / np.float32(0.6)), side))
        out[0], out[1], out[2] = np.float32(0.13) * lower, np.float32(0.17) * lower, np.float32(0.18) * lower
        if u / np.float32(0.6) - math.floor(u / np.float32(0.6)) < np.float32(0.02):
            out[0], out[1], out[2] = 0.06, 0.08, 0.085
    if np.float32(1.05) < z < np.float32(1.10) or z < np.float32(0.11):
        out[0], out[1], out[2] = 0.22, 0.19, 0.15
    if side == 0 or side == 3:
        _panels(side, u, z, shade, out)
    elif side == 1:
        _door(u, z, shade, out)
    else:
        _frames(u, z, shade, out)


@compiled_loosely
def _panels(side: int, u: Number, z: Number, shade: Number, out: np.ndarray) -> None:
    """Acoustic panels, in two colours."""
    cell = u / np.float32(1.5) + HALF
    k = math.floor(cell)
    x = (cell - np.float32(k)) * np.float32(1.5)
    if np.float32(0.2) < x < np.float32(1.3) and np.float32(1.45) < z < np.float32(2.75):
        ribs = np.float32(0.8) + np.float32(0.2) * np.sin(x * np.float32(75.0))
        if (k + side) % 2 == 0:
            out[0], out[1], out[2] = (
                np.float32(0.10) * shade * ribs,
                np.float32(0.13) * shade * ribs,
                np.float32(0.16) * shade * ribs,
            )
        else:
            out[0], out[1], out[2] = (
                np.float32(0.34) * shade * ribs,
                np.float32(0.21) * shade * ribs,
                np.float32(0.10) * shade * ribs,
            )


@compiled_loosely
def _door(u: Number, z: Number, shade: Number, out: np.ndarray) -> None:
    if np.float32(-2.6) < u < np.float32(-1.5) and z < np.float32(2.1):
        inner = np.float32(-2.5) < u < np.float32(-1.6) and z < np.float32(2.02)
        tone = np.float32(0.16) if inner else np.float32(0.30)
        out[0], out[1], out[2] = tone * shade, tone * np.float32(0.95) * shade, tone * np.float32(0.9) * shade
    if np.float32(0.2) < u < np.float32(3.4) and np.float32(1.3) < z < np.float32(2.7):  # a window, blinds down
        slat = z / np.float32(0.07) - math.floor(z / np.float32(0.07))
        bright = np.float32(0.95) if slat > np.float32(0.25) else np.float32(0.5)
        bar = _line(u, np.float32(1.8), np.float32(0.03)) > ZERO
        bright = np.float32(0.3) if bar else bright
        out[0], out[1], out[2] = bright * np.float32(0.9), bright * np.float32(0.96), bright


@compiled_loosely
def _frames(u: Number, z: Number, shade: Number, out: np.ndarray) -> None:
    """Posters and a clock."""
    for k in range(4):
        left = np.float32(-3.6) + np.float32(k) * np.float32(1.9)
        wide = np.float32(0.7) + np.float32(0.3) * _hash(k, 91)
        x, y = u - left, z - np.float32(1.4)
        if ZERO < x < wide and ZERO < y < np.float32(1.0):
            blotch = _noise(x * np.float32(4.0) + np.float32(k * 31), y * np.float32(4.0))
            for channel in range(3):
                out[channel] = (np.float32(0.06) + np.float32(0.45) * _hash(k, channel) * blotch) * shade
            if min(x, wide - x, y, ONE - y) < np.float32(0.04):
                out[0], out[1], out[2] = 0.035, 0.032, 0.03


@compiled_loosely
def room(rays: np.ndarray, eye: np.ndarray, floor_m: np.ndarray, behind: np.ndarray) -> None:
    """Linear colours `behind` [H, W, 3] and where on the floor each pixel lies, `floor_m` [H, W, 2], NaN: nowhere.

    `rays` [2H, 2W, 3] are the directions of four samples per pixel.
    """
    colour = np.zeros(3, np.float32)
    for row in range(behind.shape[0]):
        for column in range(behind.shape[1]):
            behind[row, column, 0] = behind[row, column, 1] = behind[row, column, 2] = ZERO
            for k in range(4):
                ray = rays[2 * row + k // 2, 2 * column + k % 2]
                _seen(ray[0], ray[1], ray[2], eye, colour)
                for channel in range(3):
                    behind[row, column, channel] += np.float32(0.25) * colour[channel]
            ray = rays[2 * row, 2 * column]
            floor_m[row, column, 0] = floor_m[row, column, 1] = np.float32(np.nan)
            if ray[2] < ZERO:
                far = -eye[2] / ray[2]
                x, y = eye[0] + far * ray[0], eye[1] + far * ray[1]
                if abs(x) < HALF_WIDTH_M and abs(y) < HALF_WIDTH_M:
                    floor_m[row, column, 0], floor_m[row, column, 1] = x, y


@compiled_loosely
def _seen(rx: Number, ry: Number, rz: Number, eye: np.ndarray, colour: np.ndarray) -> None:
    far, side = np.float32(1e9), -1
    for k in range(4):
        toward = ry if k < 2 else rx
        toward = toward if k % 2 == 0 else -toward
        from_ = eye[1] if k < 2 else eye[0]
        from_ = from_ if k % 2 == 0 else -from_
        if toward > ZERO:
            distance = (HALF_WIDTH_M - from_) / toward
            if ZERO < distance < far:
                far, side = distance, k
    x, y, z = eye[0] + far * rx, eye[1] + far * ry, eye[2] + far * rz
    if z < ZERO:
        far = -eye[2] / rz
        x, y = eye[0] + far * rx, eye[1] + far * ry
        _floor(x, y, colour)
        edge = min(HALF_WIDTH_M - abs(x), HALF_WIDTH_M - abs(y))
        lit = (np.float32(1.15) - np.float32(0.035) * (x * x + y * y)) * min(ONE, np.float32(0.6) + edge)
    elif z > HEIGHT_M:
        far = (HEIGHT_M - eye[2]) / rz
        x, y = eye[0] + far * rx, eye[1] + far * ry
        tile = abs(x - np.float32(1.2)) < np.float32(0.6) and abs(y) < np.float32(1.5)
        tone = np.float32(2.5) if tile else np.float32(0.30)
        colour[0], colour[1], colour[2] = tone, tone, tone * np.float32(0.97)
        lit = ONE
    else:
        _wall(side, x if side < 2 else y, z, colour)
        along = x if side < 2 else y
        corner = min(ONE, np.float32(0.65) + HALF * min(HALF_WIDTH_M - abs(along), min(z, HEIGHT_M - z)))
        lit = corner * (np.float32(0.75) + np.float32(0.08) * z)
    for channel in range(3):
        colour[channel] *= max(np.float32(0.1), lit)


@compiled_loosely
def floor_shade(floor_m: np.ndarray, grid: np.ndarray, half_m: float, out: np.ndarray) -> None:
    """How much light the floor keeps at each pixel [h, w]: `grid` [N, N, 2] holds what is taken, square about 0."""
    count = grid.shape[0]
    scale = np.float32(count) / (np.float32(2.0) * np.float32(half_m))
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            out[row, column] = ONE
            x = (floor_m[row, column, 0] + np.float32(half_m)) * scale - HALF
            y = (floor_m[row, column, 1] + np.float32(half_m)) * scale - HALF
            if x >= ZERO and y >= ZERO and x < count - 1 and y < count - 1:
                c, r = int(x), int(y)
                fx, fy = x - np.float32(c), y - np.float32(r)
                for layer in range(2):
                    upper = grid[r, c, layer] * (ONE - fx) + grid[r, c + 1, layer] * fx
                    lower = grid[r + 1, c, layer] * (ONE - fx) + grid[r + 1, c + 1, layer] * fx
                    out[row, column] *= ONE - (upper * (ONE - fy) + lower * fy)
