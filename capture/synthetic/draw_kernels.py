"""Triangles onto samples: a depth buffer with the nearest triangle's row, and pixels shaded from four samples each."""

import math
from typing import Any

import numpy as np

from bridge.compiled import compiled_loosely, inlined

Number = Any
"""A float32: what numpy, math and numba say it becomes next differs."""
Drawn = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Triangles [F, 3], corner_uv [F, 3, 2], materials [F], light [V, 4]."""

ZERO, HALF, ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)
QUARTER = np.float32(0.25)


@compiled_loosely
def fill(
    screen: np.ndarray, triangles: np.ndarray, two_sided: bool, first: int, nearness: np.ndarray, owners: np.ndarray
) -> None:
    """Keep the nearest triangle of each sample. `screen` [V, 3]: sample column and row, and 1 / depth (or any
    nearness that is linear on the picture); behind the eye it is 0. Row `first` + f goes into `owners` [H, W].
    """
    height, width = nearness.shape
    for f in range(len(triangles)):
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        za, zb, zc = screen[a, 2], screen[b, 2], screen[c, 2]
        if za <= ZERO or zb <= ZERO or zc <= ZERO:
            continue
        ax, ay, bx, by, cx, cy = screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1], screen[c, 0], screen[c, 1]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area == ZERO or not math.isfinite(area) or (area > ZERO and not two_sided):
            continue
        top, bottom = (
            max(0, math.ceil(min(ay, by, cy) - HALF)),
            min(height, math.ceil(max(ay, by, cy) - HALF)),
        )
        left, right = max(0, math.ceil(min(ax, bx, cx) - HALF)), min(width, math.ceil(max(ax, bx, cx) - HALF))
        inverse = ONE / area
        db, dc = (cy - ay) * inverse, (ay - by) * inverse  # what a column adds to b's and c's share
        for row in range(top, bottom):
            y = np.float32(row) + HALF - ay
            x = np.float32(left) + HALF - ax
            sb = (x * (cy - ay) - y * (cx - ax)) * inverse
            sc = (y * (bx - ax) - x * (by - ay)) * inverse
            for column in range(left, right):
                if sb >= ZERO and sc >= ZERO and sb + sc <= ONE:
                    near = za + sb * (zb - za) + sc * (zc - za)
                    if near > nearness[row, column]:
                        nearness[row, column] = near
                        owners[row, column] = first + f
                sb += db
                sc += dc


@inlined
def _texel(texture: np.ndarray, u: Number, v: Number, channel: int) -> Number:
    height, width = texture.shape[0], texture.shape[1]
    x = min(max(u * np.float32(width) - HALF, ZERO), np.float32(width) - np.float32(1.001))
    y = min(max((ONE - v) * np.float32(height) - HALF, ZERO), np.float32(height) - np.float32(1.001))
    column, row = int(x), int(y)
    fx, fy = x - np.float32(column), y - np.float32(row)
    upper = texture[row, column, channel] * (ONE - fx) + texture[row, column + 1, channel] * fx
    lower = texture[row + 1, column, channel] * (ONE - fx) + texture[row + 1, column + 1, channel] * fx
    return upper * (ONE - fy) + lower * fy


@compiled_loosely
def shade(
    nearness: np.ndarray,
    owners: np.ndarray,
    screen: np.ndarray,
    mesh: Drawn,
    texture: np.ndarray,
    colours: np.ndarray,
    first: int,
    out: np.ndarray,
) -> None:
    """Add one mesh's part to linear red, green, blue and coverage [H / 2, W / 2, 4].

    `colours` [3, 3]: iris, hair, shoes. A pixel whose four
    samples lie on one surface is shaded once, at its centre.
    """
    last = first + len(mesh[0])
    height, width = owners.shape
    pixel = np.zeros(3, np.float32)
    for row in range(height // 2):
        for column in range(width // 2):
            mine, steps, lowest, highest = 0, 0, np.float32(1e30), ZERO
            for k in range(4):
                owner = owners[2 * row + k // 2, 2 * column + k % 2]
                if first <= owner < last:
                    mine += 1
                    near = nearness[2 * row + k // 2, 2 * column + k % 2]
                    lowest, highest = min(lowest, near), max(highest, near)
            if mine == 0:
                continue
            whole = mine == 4 and highest < lowest * np.float32(1.01)
            steps = 1 if whole else 4
            for k in range(steps):
                owner = owners[2 * row + k // 2, 2 * column + k % 2]
                if not first <= owner < last:
                    continue
                x = np.float32(2 * column + (1 if whole else k % 2)) + (ZERO if whole else HALF)
                y = np.float32(2 * row + (1 if whole else k // 2)) + (ZERO if whole else HALF)
                share = ONE if whole else QUARTER
                _shaded(owner - first, x, y, screen, mesh, texture, colours, pixel)
                for channel in range(3):
                    out[row, column, channel] += share * pixel[channel]
                out[row, column, 3] += share


@inlined
def _shaded(
    f: int,
    x: Number,
    y: Number,
    screen: np.ndarray,
    mesh: Drawn,
    texture: np.ndarray,
    colours: np.ndarray,
    pixel: np.ndarray,
) -> None:
    """The colour of triangle f at a place on the picture."""
    triangles, corner_uv, materials, light = mesh
    a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
    ax, ay = screen[a, 0], screen[a, 1]
    bx, by, cx, cy = screen[b, 0] - ax, screen[b, 1] - ay, screen[c, 0] - ax, screen[c, 1] - ay
    inverse = ONE / (bx * cy - by * cx)
    sb, sc = ((x - ax) * cy - (y - ay) * cx) * inverse, ((y - ay) * bx - (x - ax) * by) * inverse
    wa, wb, wc = (ONE - sb - sc) * screen[a, 2], sb * screen[b, 2], sc * screen[c, 2]
    total = ONE / (wa + wb + wc)
    wa, wb, wc = wa * total, wb * total, wc * total
    u = wa * corner_uv[f, 0, 0] + wb * corner_uv[f, 1, 0] + wc * corner_uv[f, 2, 0]
    v = wa * corner_uv[f, 0, 1] + wb * corner_uv[f, 1, 1] + wc * corner_uv[f, 2, 1]
    shine = max(ZERO, wa * light[a, 3] + wb * light[b, 3] + wc * light[c, 3])
    material = materials[f]
    gloss = ZERO
    if material == 0:
        for channel in range(3):
            pixel[channel] = _texel(texture, u, v, channel)
        gloss = _texel(texture, u, v, 3)
    elif material == 1:
        gloss = _eye(u, v, colours, pixel)
    elif material == 2:
        pixel[0], pixel[1], pixel[2], gloss = 0.62, 0.58, 0.48, np.float32(0.2)
    elif material == 3:
        pixel[0], pixel[1], pixel[2], gloss = 0.42, 0.13, 0.12, np.float32(0.15)
    elif material == 4:
        sole = v < np.float32(0.02)
        for channel in range(3):
            pixel[channel] = np.float32(0.55) if sole else colours[2, channel]
        gloss = np.float32(0.06)
    else:
        strand = HALF + HALF * np.sin(u * np.float32(900.0)) * np.sin(u * np.float32(371.0) + v * np.float32(7.0))
        for channel in range(3):
            pixel[channel] = colours[1, channel] * (np.float32(0.6) + np.float32(0.8) * strand)
        gloss = np.float32(0.12) * (np.float32(0.3) + strand)
    for channel in range(3):
        arriving = max(ZERO, wa * light[a, channel] + wb * light[b, channel] + wc * light[c, channel])
        pixel[channel] = pixel[channel] * arriving + gloss * shine


@inlined
def _eye(u: Number, v: Number, colours: np.ndarray, pixel: np.ndarray) -> Number:
    """Colours by the direction from the eyeball's middle; the highlight is painted where a key light would put it."""
    radius = np.sqrt(u * u + v * v)
    if radius < np.float32(0.17):
        pixel[0], pixel[1], pixel[2] = 0.005, 0.005, 0.005
    elif radius < np.float32(0.44):
        ring = np.float32(0.35) if radius > np.float32(0.39) else ONE
        rays = np.float32(1.2) + np.float32(0.5) * np.sin(np.arctan2(v, u) * np.float32(37.0))
        for channel in range(3):
            pixel[channel] = colours[0, channel] * ring * rays
    else:
        pixel[0], pixel[1], pixel[2] = 0.66, 0.62, 0.60
    return (
        np.float32(6.0)
        if (u - np.float32(0.13)) ** 2 + (v - np.float32(0.17)) ** 2 < np.float32(0.006)
        else np.float32(0.15)
    )


@compiled_loosely
def compose(
    part: np.ndarray, behind: np.ndarray, shadow: np.ndarray, curve: np.ndarray, gain: np.ndarray, out: np.ndarray
) -> None:
    """Pixels [H, W, 3] of linear `part` [h, w, 4] before `behind` [h, w, 3], whose light `shadow` [h, w] takes
    away; through `curve` (4096 steps of 0..1 to 0..255), blue first as OpenCV has it."""
    height, width = part.shape[0], part.shape[1]
    for row in range(height):
        for column in range(width):
            through = (ONE - part[row, column, 3]) * shadow[row, column]
            for channel in range(3):
                value = gain[channel] * (part[row, column, channel] + through * behind[row, column, channel])
                step = int(min(max(value, ZERO), ONE) * np.float32(4095.0) + HALF)
                out[row, column, 2 - channel] = curve[step]


@compiled_loosely
def grain(picture: np.ndarray, noise: np.ndarray, down: int, across: int) -> None:
    """Add a window of a noise field, its corner at `down`, `across`, to a picture [H, W, 3] in place."""
    for row in range(picture.shape[0]):
        for column in range(picture.shape[1]):
            for channel in range(3):
                value = int(picture[row, column, channel]) + noise[row + down, column + across, channel]
                picture[row, column, channel] = min(max(value, 0), 255)
