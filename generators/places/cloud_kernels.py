"""Clouds and noise, compiled: sheets of cloud over a round earth, lit through themselves by the sun."""

import math
from typing import NamedTuple

import numpy as np

from bridge.compiled import compiled

EARTH_KM = 6360.0


class Sheet(NamedTuple):
    """A layer of cloud and its light."""

    form: np.ndarray
    """Height km, size km, stretch, cover 0..1, optical thickness, forward scattering."""
    sun: np.ndarray
    """[3], unit, towards it."""
    sun_light: np.ndarray
    """[3], irradiance that reaches the sheet."""
    around: np.ndarray
    """[3], the mean light of the sky there."""
    seed: int


@compiled
def _hashed(x: int, y: int, seed: int) -> float:
    h = np.uint32(x * 374761393 + y * 668265263 + seed * 974711)
    h = np.uint32((h ^ (h >> np.uint32(13))) * np.uint32(1274126177))
    return float(h ^ (h >> np.uint32(16))) / 4294967295.0


@compiled
def noise(x: float, y: float, seed: int) -> float:
    """0..1, smooth, one bump per unit."""
    ix, iy = math.floor(x), math.floor(y)
    fx, fy = x - ix, y - iy
    ux, uy = fx * fx * fx * (fx * (fx * 6 - 15) + 10), fy * fy * fy * (fy * (fy * 6 - 15) + 10)
    low = _hashed(ix, iy, seed) * (1 - ux) + _hashed(ix + 1, iy, seed) * ux
    high = _hashed(ix, iy + 1, seed) * (1 - ux) + _hashed(ix + 1, iy + 1, seed) * ux
    return low * (1 - uy) + high * uy


@compiled
def fractal(x: float, y: float, octaves: int, seed: int) -> float:
    """0..1: noise upon noise, each turned, twice as fine and half as strong."""
    total, weight, most = 0.0, 0.5, 0.0
    for k in range(octaves):
        total += weight * noise(x, y, seed + k)
        most += weight
        x, y = 1.6 * x - 1.2 * y + 17.3, 1.2 * x + 1.6 * y + 9.1
        weight *= 0.5
    return total / most


@compiled
def _density(x: float, y: float, form: np.ndarray, octaves: int, seed: int) -> float:
    """Optical depth of a sheet at x, y kilometres. Two scales: where there are clouds, and what they look like."""
    size, stretch, cover, thickness = form[1], form[2], form[3], form[4]
    u, v = x / size, y / (size * stretch)
    bent = 0.6 * fractal(u * 0.9 + 5.2, v * 0.9 + 1.3, 3, seed + 50)
    shape = 0.55 * fractal(u + bent, v - bent, octaves, seed) + 0.45 * fractal(0.35 * u, 0.35 * v, 3, seed + 90)
    inside = (shape - (1.0 - cover)) / 0.22
    if inside <= 0.0:
        return 0.0
    if inside > 1.0:  # the thick of it keeps its bulges, or a large cloud would be one flat slab
        return thickness * (1.0 + 1.6 * (inside - 1.0))
    return thickness * inside * inside * (3.0 - 2.0 * inside)


@compiled
def lay_clouds(
    light: np.ndarray, elevations: np.ndarray, azimuths: np.ndarray, sheet: Sheet, first: int, last: int
) -> None:
    """Draws one sheet over the sky's rows first..last of light [H, W, 3]. Close to the sun it is thinned, so that the
    disc and the shadows stay true to each other."""
    sun, form, seed = sheet.sun, sheet.form, sheet.seed
    height, forward = form[0], form[5]
    flat = max(math.sqrt(sun[0] * sun[0] + sun[1] * sun[1]), 1e-6)
    slope = min(flat / max(abs(sun[2]), 0.08), 6.0)
    step = 0.09 * form[1] * min(slope, 3.0)
    for row in range(first, last):
        up = math.sin(elevations[row])
        if up <= 0.004:
            continue
        far = math.sqrt((EARTH_KM * up) ** 2 + 2 * EARTH_KM * height + height * height) - EARTH_KM * up
        clear = math.exp(-far / 55.0)
        octaves = 6 if far < 25.0 else (5 if far < 60.0 else 4)
        for column in range(len(azimuths)):
            dx = math.cos(elevations[row]) * math.sin(azimuths[column])
            dy = math.cos(elevations[row]) * math.cos(azimuths[column])
            x, y = far * dx, far * dy
            depth = _density(x, y, form, octaves, seed)
            if depth <= 0.0:
                continue
            cosine = dx * sun[0] + dy * sun[1] + up * sun[2]
            if cosine > 0.96:
                depth *= 1.0 - min((cosine - 0.96) / 0.03, 1.0)
            shadow = 0.0
            for k in range(1, 4):
                shadow += _density(x + sun[0] / flat * step * k, y + sun[1] / flat * step * k, form, 4, seed)
            through = math.exp(-0.10 * shadow)
            g = forward
            lobe = 0.0796 * (1 - g * g) / (1 + g * g - 2 * g * cosine) ** 1.5
            solid = 1.0 - math.exp(-depth)
            direct = through * (0.24 * (1.0 - math.exp(-1.5 * depth)) + 0.5 * lobe * math.exp(-0.5 * depth))
            cover = solid * clear
            for c in range(3):
                own = sheet.sun_light[c] * direct + sheet.around[c] * (0.6 + 0.55 * math.exp(-0.16 * depth))
                light[row, column, c] = light[row, column, c] * (1.0 - cover) + own * cover
