"""Air between the eye and things: haze far off, fog close by, and lamps that glow in it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.places import light_kernels as kernels
from generators.places.brief import Brief
from generators.places.panorama import Floats32, sampled
from generators.places.scenery import Lamps
from generators.places.sharing import shared

MULTIPLE = 3.0
"""Light scattered more than once, over that scattered once."""


class Fog(NamedTuple):
    """Air that thins out upwards."""

    extinction_per_m: NDArray[np.float64]
    """[3], at the ground."""
    height_m: float
    """Where it is down to 1/e."""
    light_unit: Floats32
    """[H, 2H, 3]: what it looks like where it is thick; a soft panorama."""
    thick: bool
    """Lamps glow in it."""


def fog(brief: Brief, sky_light: Floats32, sky_seen_unit: float) -> Fog:
    """Of a brief's weather. Fog is lit by the part of the sky that is seen from the ground."""
    small = _soft(sky_light)
    if brief.fog:
        upper = small[: len(small) // 2].mean(axis=(0, 1))
        level = small[len(small) // 2 - 2 : len(small) // 2].mean(axis=0)[None]
        light = np.repeat(0.55 * level + 0.45 * upper, len(small), axis=0) * (0.35 + 0.65 * sky_seen_unit)
        return Fog(np.full(3, 0.020), 28.0, light.astype(np.float32), True)
    horizon = len(small) // 2 - 1
    light = small.copy()
    light[horizon:] = small[horizon][None]
    visible_m = {"overcast": 2800.0, "cloudy": 9000.0, "clear": 14_000.0}[brief.cover]
    visible_m *= {"wet": 0.5, "snow": 0.7, "dry": 1.0}[brief.ground]
    blue = np.array([0.75, 1.0, 1.4]) if brief.cover != "overcast" and brief.place != "alien_plain" else np.ones(3)
    return Fog(blue / visible_m, 900.0, light, False)


def seen_through(air: Fog, light: Floats32, points_m: Floats32, eye_m: Floats32, lamps: Lamps) -> Floats32:
    """Light [N, 3] of points as the eye sees it through the air."""
    to = points_m - eye_m
    far = np.maximum(np.linalg.norm(to, axis=1), 1e-3)
    rise = to[:, 2] / air.height_m
    low = np.exp(-eye_m[2] / air.height_m)
    mean = np.where(np.abs(rise) < 1e-3, 1.0, -np.expm1(-rise) / np.where(np.abs(rise) < 1e-3, 1.0, rise)) * low
    passing = np.exp(-np.minimum(mean, 50.0)[:, None] * far[:, None] * air.extinction_per_m).astype(np.float32)
    out = light * passing + sampled(air.light_unit, to / far[:, None]) * (1 - passing)
    if air.thick and len(lamps.positions_m):
        scatter = float(air.extinction_per_m[0])
        strengths = (lamps.light_unit * np.float32(MULTIPLE * lamps.sphere_share_unit)).astype(np.float32)
        out = np.ascontiguousarray(out, np.float32)
        ends = (eye_m + to * np.minimum(1.0, 250.0 / far)[:, None]).astype(np.float32)
        shared(len(out), lambda a, b: kernels.glow(ends, eye_m, lamps.positions_m, strengths, scatter, a, b, out))
    return out.astype(np.float32)


def _soft(light: Floats32) -> Floats32:
    """Small, and smooth around."""
    height = len(light)
    step = max(height // 32, 1)
    small = light.reshape(height // step, step, 2 * height // step, step, 3).mean(axis=(1, 3))
    return np.asarray(0.5 * small + 0.25 * (np.roll(small, 1, axis=1) + np.roll(small, -1, axis=1)), np.float32)
