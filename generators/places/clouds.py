"""Clouds over a clear sky, and the sky that is nothing but cloud."""

import math
from collections.abc import Sequence

import numpy as np

from bridge.frames import Vector
from generators.equirectangular import angles
from generators.places import cloud_kernels as kernels
from generators.places.brief import Cover
from generators.places.panorama import Floats, irradiance
from generators.places.sharing import shared

# Height km, size km, stretch, cover, optical thickness, forward scattering.
CUMULUS: dict[Cover, tuple[float, ...]] = {"cloudy": (1.4, 1.7, 1.0, 0.485, 6.0, 0.55)}
CIRRUS: dict[Cover, tuple[float, ...]] = {
    "clear": (8.0, 14.0, 3.2, 0.44, 0.5, 0.7),
    "cloudy": (8.0, 16.0, 3.0, 0.50, 0.7, 0.7),
}
OVERCAST_SHARE = 0.32
"""Of the clear day's light that comes through a closed layer."""


def cover_with_clouds(light: Floats, sun: Vector, at_cloud: Sequence[Floats], cover: Cover, seed: int) -> Floats:
    """High thin streaks, and before them heaps where it is cloudy; `at_cloud`: the sun's light at 1.4 and 8 km."""
    elevations, azimuths = angles(len(light))
    out = np.ascontiguousarray(light)
    around = 0.9 * irradiance(light) / np.pi
    layers = [(CIRRUS.get(cover), at_cloud[1], 0.8), (CUMULUS.get(cover), at_cloud[0], 1.0)]
    for number, (layer, sun_light, share) in enumerate(layers):
        if layer is None:
            continue
        start = seed % 10_000 * 7 + 31 * number
        sheet = kernels.Sheet(np.array(layer), np.array(sun), sun_light, share * around, start)
        shared(
            len(light) // 2,
            lambda a, b, sheet=sheet: kernels.lay_clouds(out, elevations, azimuths, sheet, a, b),
        )
    return out


def overcast(light: Floats, sun_light: Floats, elevation_rad: float, seed: int) -> Floats:
    """CIE's overcast sky, (1 + 2 sin) / 3, with the bellies of its clouds: a share of what sun and clear sky would
    give, most of the hue gone."""
    height = len(light)
    up, around = angles(height)
    shape = np.repeat(((1 + 2 * np.maximum(np.sin(up), 0)) / 3)[:, None], 2 * height, axis=1)
    shape[: height // 2] *= 0.86 + 0.28 * _bellies(up[: height // 2], around, seed)
    total = irradiance(light) + sun_light * max(math.sin(elevation_rad), 0.0)
    grey = 0.4 * total.mean() + 0.6 * total
    return shape[..., None] * (OVERCAST_SHARE * grey / irradiance(shape[..., None])[0])


def _bellies(up: Floats, around: Floats, seed: int) -> Floats:
    """0..1, from the noise of a sheet: drawn on a coarse grid and enlarged, for they are soft."""
    rows, columns = up[::4], around[::4]
    field = np.empty((len(rows), len(columns)))
    for i, elevation in enumerate(rows):
        far = 1.2 / (math.sin(elevation) + 0.12)
        for j, azimuth in enumerate(columns):
            field[i, j] = kernels.fractal(far * math.sin(azimuth), far * math.cos(azimuth), 5, seed % 10_000)
    return np.repeat(np.repeat(field, 4, axis=0), 4, axis=1)[: len(up), : len(around)]
