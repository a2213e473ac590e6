"""What shines at night: stars, the air itself, and towns."""

import hashlib
import math
from typing import NamedTuple

import numpy as np

from generators.equirectangular import angles
from generators.places.brief import Brief
from generators.places.panorama import Floats, solid_angles
from generators.places.photometry import WHITE_NITS, black_body

MOON_SHARE = 2.4e-6 * np.array([0.86, 0.97, 1.16])
"""A high full moon's light, of the sun's: 0.3 lux. Bluer than it is, as eyes and films have it."""
STARS = 2600
BRIGHTEST_STAR_LUX = 3e-6


def airglow(brief: Brief, height_px: int) -> Floats:
    """What a moonless sky gives; over towns, the glow of their lamps near the horizon."""
    up, _ = angles(height_px)
    dim = np.array([0.8, 0.95, 1.3]) * 4e-4 / WHITE_NITS
    light = np.broadcast_to(dim, (height_px, 2 * height_px, 3)).copy()
    town = {"modern_street": 0.8, "victorian_street": 0.05}.get(brief.place, 0.0)
    if town:
        rise = 0.25 + np.exp(-np.degrees(np.maximum(up, 0)) / 14.0)
        light += (town / WHITE_NITS) * rise[:, None, None] * (0.6 * black_body(2600) + 0.4 * black_body(5000))
    return light


class Stars(NamedTuple):
    """Points of light in the sky."""

    towards: Floats
    """[N, 3], unit."""
    light_unit: Floats
    """[N, 3], irradiance on what faces it."""


def no_stars() -> Stars:
    """By day, or behind clouds."""
    return Stars(np.zeros((0, 3)), np.zeros((0, 3)))


def stars(brief: Brief, seed: int, sun_elevation_deg: float) -> Stars:
    """Many faint, few bright; the deeper the night and the fewer the street lamps, the more is left of them."""
    shown = min(max((-sun_elevation_deg - 7.0) / 8.0, 0.0), 1.0) * (0.15 if brief.place == "modern_street" else 1.0)
    start = int.from_bytes(hashlib.sha256(f"{seed}/stars".encode()).digest()[:16], "big")
    rng = np.random.Generator(np.random.PCG64(start))
    up, around = rng.random(STARS), rng.uniform(-math.pi, math.pi, STARS)
    flat = np.sqrt(1 - up * up)
    towards = np.stack([flat * np.sin(around), flat * np.cos(around), up], axis=1)
    lux = shown * BRIGHTEST_STAR_LUX * np.minimum(rng.pareto(1.1, STARS) * 0.012 + 0.004, 1.0)
    kinds = np.stack([black_body(t) for t in (3600, 5200, 7000, 9500, 14000)])[rng.integers(0, 5, STARS)]
    through = np.exp(-0.15 / np.maximum(up, 0.02))
    return Stars(towards, (lux * through / WHITE_NITS)[:, None] * kinds)


def drawn(points: Stars, height_px: int) -> Floats:
    """A panorama [H, 2H, 3] of them, a pixel each."""
    out = np.zeros((height_px, 2 * height_px, 3))
    row = np.minimum(((0.5 - np.arcsin(points.towards[:, 2]) / math.pi) * height_px).astype(int), height_px - 1)
    place = 0.5 + np.arctan2(points.towards[:, 0], points.towards[:, 1]) / (2 * math.pi)
    column = (place * 2 * height_px).astype(int) % (2 * height_px)
    np.add.at(out, (row, column), points.light_unit / solid_angles(height_px)[row][:, None])
    return out
