"""The equirectangular panorama: row 0 is up, the centre column looks along +Y, right of it is +X."""

import math

import numpy as np
from numpy.typing import NDArray

from generators.equirectangular import angles

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]


def solid_angles(height_px: int) -> Floats:
    """[H]: of one pixel of each row, steradian."""
    edges = np.sin((0.5 - np.arange(height_px + 1) / height_px) * np.pi)
    return (edges[:-1] - edges[1:]) * np.pi / height_px


def irradiance(light: NDArray[np.floating]) -> Floats:
    """[3]: what the upper half of a panorama gives to level ground."""
    elevation, _ = angles(len(light))
    weight = solid_angles(len(light)) * np.maximum(np.sin(elevation), 0)
    return np.asarray(light, np.float64).sum(axis=1).T @ weight


def sampled(panorama: Floats32, towards: NDArray[np.floating]) -> Floats32:
    """[N, 3] along unit directions [N, 3], bilinear."""
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
