"""The sky as splats: a shell far outside that closes the whole sphere, a finer one before it where there is something
to see, and before that the sun or moon and the stars."""

import math
from typing import NamedTuple

import numpy as np

from generators.places.panorama import Floats, Floats32, sampled
from generators.places.planet import Planet
from generators.places.sky import DISC_RADIUS_RAD, Sky

FAR_M, NEAR_M, PLANET_M, BODIES_M = 1500.0, 1440.0, 1420.0, 1400.0
"""All within what SPZ's positions hold."""
_WIDE = 0.72
"""Standard deviation over spacing: no hole shows between neighbours."""
_STAR_RAD = 0.0007
LOW = 0.34
"""Sine of the elevation up to which the sky is drawn finest."""


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


def dome(sky: Sky, count: int) -> Dome:
    """Discs for a sky: a sixth of them close the sphere, most draw what is above the horizon, densest low down."""
    levels = _halved(sky.light_unit)
    bodies = _bodies(sky)
    planet = [_planet(levels, sky.planet, count // 14)] if sky.planet else []
    left = count - len(bodies.sizes_m) - sum(len(part.sizes_m) for part in planet)
    closing = _shell(levels, _between(-1.0, 1.0, left // 6), FAR_M)
    drawing = left - len(closing.sizes_m)
    low = _shell(levels, _between(-0.02, LOW, int(0.62 * drawing)), NEAR_M)
    high = _shell(levels, _between(LOW, 1.0, drawing - len(low.sizes_m)), NEAR_M)
    return Dome(*(np.concatenate(parts) for parts in zip(closing, low, high, *planet, bodies, strict=True)))


def _between(lowest: float, highest: float, count: int) -> Floats:
    return lowest + (highest - lowest) * (np.arange(count) + 0.5) / count


def _shell(levels: list[Floats32], up: Floats, distance_m: float) -> Dome:
    """Discs on a golden spiral at these sines of elevation, each as large as its share of the sphere."""
    turn = np.arange(len(up)) * math.pi * (3 - math.sqrt(5))
    flat = np.sqrt(np.maximum(1 - up * up, 0))
    towards = np.stack([flat * np.sin(turn), flat * np.cos(turn), up], axis=1)
    spacing = np.sqrt(2 * math.pi * np.abs(np.gradient(up)))
    return Dome(
        towards.astype(np.float32),
        np.full(len(up), distance_m, np.float32),
        (distance_m * spacing * _WIDE).astype(np.float32),
        _at_size(levels, towards, spacing),
    )


def _planet(levels: list[Floats32], planet: Planet, count: int) -> Dome:
    """Discs over a planet and its rings, close enough to show their edges."""
    at = np.arange(count) + 0.5
    away, turn = 1.04 * planet.reach_rad * np.sqrt(at / count), at * math.pi * (3 - math.sqrt(5))
    right, up, towards = planet.axes
    offset = np.sin(away)[:, None] * (np.cos(turn)[:, None] * right + np.sin(turn)[:, None] * up)
    points = offset + np.cos(away)[:, None] * towards
    points = points[points[:, 2] > -0.01]
    spacing = np.full(len(points), 1.04 * planet.reach_rad * math.sqrt(math.pi / count))
    return Dome(
        points.astype(np.float32),
        np.full(len(points), PLANET_M, np.float32),
        (PLANET_M * spacing * _WIDE).astype(np.float32),
        sampled(levels[0], points),
    )


def _halved(panorama: Floats32) -> list[Floats32]:
    """The panorama, and its halves, quarters, ..."""
    levels = [panorama]
    while len(levels[-1]) > 32:
        height, width = levels[-1].shape[:2]
        levels.append(levels[-1].reshape(height // 2, 2, width // 2, 2, 3).mean(axis=(1, 3)))
    return levels


def _at_size(levels: list[Floats32], towards: Floats, spacing_rad: Floats) -> Floats32:
    """What a disc of each spacing sees: from the level whose pixels are about as large."""
    pixels = 0.6 * spacing_rad * len(levels[0]) / math.pi
    which = np.clip(np.round(np.log2(np.maximum(pixels, 1e-3))), 0, len(levels) - 1).astype(int)
    out = np.empty((len(towards), 3), np.float32)
    for level in range(len(levels)):
        chosen = which == level
        out[chosen] = sampled(levels[level], towards[chosen])
    return out


def _bodies(sky: Sky) -> Dome:
    """Stars that are worth a disc, and the sun's or moon's disc with its true brightness (shown as white)."""
    strength = sky.stars.light_unit.sum(axis=1)
    chosen = np.argsort(-strength, kind="stable")[:900]
    chosen = chosen[strength[chosen] > 0]
    star = sky.stars.light_unit[chosen] / (2 * math.pi * _STAR_RAD**2)
    star = star + sampled(sky.light_unit, sky.stars.towards[chosen])  # a disc hides the sky behind it: add, never dim
    towards, light = [sky.stars.towards[chosen]], [star]
    sizes = [np.full(len(chosen), _STAR_RAD)]
    if max(sky.sun.light_unit) > 0:
        towards.append(np.array([sky.sun.towards_unit]))
        disc = np.array([sky.sun.light_unit]) / (math.pi * DISC_RADIUS_RAD**2)
        light.append(disc + sampled(sky.light_unit, towards[-1]))
        sizes.append(np.array([0.7 * DISC_RADIUS_RAD]))
    size = np.concatenate(sizes)
    return Dome(
        np.concatenate(towards).astype(np.float32),
        np.full(len(size), BODIES_M, np.float32),
        (BODIES_M * size).astype(np.float32),
        np.concatenate(light).astype(np.float32),
    )
