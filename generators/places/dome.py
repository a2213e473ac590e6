"""The sky as splats: a shell far outside that closes the whole sphere, and a finer one before it where there is
something to see."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

FAR_M, NEAR_M = 1500.0, 1420.0
_WIDE = 0.72
"""Standard deviation over spacing: no hole shows between neighbours."""


class Dome(NamedTuple):
    """Discs that face the middle."""

    towards: Floats32
    """[N, 3], unit."""
    distances_m: Floats32
    """[N]."""
    sizes_m: Floats32
    """[N], standard deviation."""
    light_unit: Floats32
    """[N, 3]."""


def dome(panorama: Floats32, count: int) -> Dome:
    """Discs for a panorama: a sixth of them close the sphere, the rest draw what is above the horizon."""
    closing = _shell(panorama, count // 6, -1.0, FAR_M)
    drawing = _shell(panorama, count - count // 6, -0.03, NEAR_M)
    return Dome(*(np.concatenate([a, b]) for a, b in zip(closing, drawing, strict=True)))


def _shell(panorama: Floats32, count: int, lowest: float, distance_m: float) -> Dome:
    k = np.arange(count) + 0.5
    up = lowest + (1 - lowest) * k / count
    turn = k * math.pi * (3 - math.sqrt(5))
    flat = np.sqrt(1 - up * up)
    towards = np.stack([flat * np.sin(turn), flat * np.cos(turn), up], axis=1)
    spacing = math.sqrt(2 * math.pi * (1 - lowest) / count)
    return Dome(
        towards.astype(np.float32),
        np.full(count, distance_m, np.float32),
        np.full(count, distance_m * spacing * _WIDE, np.float32),
        sampled(panorama, towards),
    )


def sampled(panorama: Floats32, towards: NDArray[np.floating]) -> Floats32:
    """[N, 3] of a panorama along unit directions, bilinear."""
    height, width = panorama.shape[:2]
    x, y, z = np.asarray(towards, np.float64).T
    column = (0.5 + np.arctan2(x, y) / (2 * math.pi)) * width - 0.5
    row = np.clip((0.5 - np.arcsin(np.clip(z, -1, 1)) / math.pi) * height - 0.5, 0, height - 1.001)
    i, j = row.astype(int), np.floor(column).astype(int)
    a, b = (row - i)[:, None].astype(np.float32), (column - j)[:, None].astype(np.float32)
    left, right = j % width, (j + 1) % width
    top = panorama[i, left] * (1 - b) + panorama[i, right] * b
    low = panorama[i + 1, left] * (1 - b) + panorama[i + 1, right] * b
    return top * (1 - a) + low * a
