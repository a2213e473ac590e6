"""Loops over panoramas: pictures read between their pixels, around the turn or up to an edge."""

import math

import numpy as np
from numpy.typing import NDArray

from bridge.compiled import compiled

Floats32 = NDArray[np.float32]


@compiled
def read_turn(panorama: Floats32, towards: Floats32, into: Floats32) -> None:
    """Bilinear values of an equirectangular picture [H, W, C] in directions [N, 3], any length, into [N, C]."""
    height, width, channels = panorama.shape
    for i in range(len(towards)):
        x, y, z = towards[i, 0], towards[i, 1], towards[i, 2]
        column = (0.5 + math.atan2(x, y) / math.tau) * width - 0.5
        row = (0.5 - math.atan2(z, math.sqrt(x * x + y * y)) / math.pi) * height - 0.5
        left, top = math.floor(column), math.floor(row)
        across, down = np.float32(column - left), np.float32(row - top)
        c0, c1 = int(left) % width, (int(left) + 1) % width
        r0, r1 = min(max(int(top), 0), height - 1), min(max(int(top) + 1, 0), height - 1)
        for c in range(channels):
            upper = panorama[r0, c0, c] * (1 - across) + panorama[r0, c1, c] * across
            lower = panorama[r1, c0, c] * (1 - across) + panorama[r1, c1, c] * across
            into[i, c] = upper * (1 - down) + lower * down


@compiled
def read_flat(picture: Floats32, places_px: Floats32, into: Floats32) -> None:
    """The same of a flat picture [H, W, C] at (column, row) [N, 2], pixel centres at +0.5, its edges held on."""
    height, width, channels = picture.shape
    for i in range(len(places_px)):
        column = min(max(places_px[i, 0] - np.float32(0.5), np.float32(0)), np.float32(width - 1))
        row = min(max(places_px[i, 1] - np.float32(0.5), np.float32(0)), np.float32(height - 1))
        c0, r0 = int(column), int(row)
        across, down = column - c0, row - r0
        c1, r1 = min(c0 + 1, width - 1), min(r0 + 1, height - 1)
        for c in range(channels):
            upper = picture[r0, c0, c] * (1 - across) + picture[r0, c1, c] * across
            lower = picture[r1, c0, c] * (1 - across) + picture[r1, c1, c] * across
            into[i, c] = upper * (1 - down) + lower * down
