"""A ringed planet in another world's sky: seen through the air, so that it only adds light; lit by that world's sun."""

import hashlib
import math
from typing import NamedTuple

import numpy as np

from bridge.frames import Vector
from generators.equirectangular import directions
from generators.places import cloud_kernels as kernels
from generators.places.panorama import Floats
from generators.places.photometry import luminance

BRIGHTNESS = 1.1
"""Of its lit side, times the sky around it: what looks well at any hour. A true one would outshine the night."""
DARK_SHARE = 0.07
RINGS = (1.45, 2.3)
"""Inner and outer edge in radii."""
COLOURS = np.array([[1.25, 0.95, 0.72], [0.80, 0.98, 1.25], [1.15, 0.85, 1.05]])


class Planet(NamedTuple):
    """Where it stands and how it is turned."""

    axes: tuple[Floats, Floats, Floats]
    """Right, up (both along its rings' long and short axis) and towards it; unit."""
    radius_rad: float
    tilt_unit: float
    """Short axis of its rings over the long one."""
    colour: Floats
    seed: int

    @property
    def reach_rad(self) -> float:
        """To the rings' outer edge."""
        return RINGS[1] * self.radius_rad


def planet_of(sun_azimuth_deg: float, seed: int) -> Planet:
    """On the other side of the forward view than the sun, over the horizon, partly before the land's edge."""
    start = int.from_bytes(hashlib.sha256(f"{seed}/planet".encode()).digest()[:16], "big")
    rng = np.random.Generator(np.random.PCG64(start))
    azimuth = math.radians(-math.copysign(rng.uniform(10.0, 17.0), sun_azimuth_deg))
    elevation, lean = math.radians(rng.uniform(14.0, 17.0)), math.radians(rng.uniform(12.0, 30.0))
    flat = math.cos(elevation)
    towards = np.array([flat * math.sin(azimuth), flat * math.cos(azimuth), math.sin(elevation)])
    right = np.array([math.cos(azimuth), -math.sin(azimuth), 0.0])
    up = np.cross(right, towards)
    turned = math.cos(lean) * right + math.sin(lean) * up, math.cos(lean) * up - math.sin(lean) * right
    colour = COLOURS[int(rng.integers(len(COLOURS)))]
    return Planet(
        (*turned, towards), math.radians(rng.uniform(5.0, 6.5)), rng.uniform(0.22, 0.34), colour, seed % 10_000
    )


def with_planet(light: Floats, planet: Planet, sun: Vector) -> Floats:
    """A panorama [H, 2H, 3] with the planet's light added."""
    right, up, towards = planet.axes
    rays = directions(len(light))
    near = rays @ towards > math.cos(planet.reach_rad * 1.02)
    u, v = (rays[near] @ axis / planet.radius_rad for axis in (right, up))
    level = BRIGHTNESS * float(luminance(light[near]).mean())
    towards_sun = np.array([np.dot(sun, right), np.dot(sun, up), -np.dot(sun, towards)])
    ball, covered = _ball(planet, u, v, towards_sun)
    rings = _rings(planet, u, v)
    behind = (v > 0) & (covered > 0)
    shown = ball[:, None] * planet.colour * (1.0 - 0.75 * np.where(behind, 0.0, rings))[:, None]
    shown += (np.where(behind, rings * (1.0 - covered), rings) * 0.7)[:, None] * (0.4 + 0.6 * planet.colour[::-1])
    out = light.copy()
    out[near] += level * shown
    return out


def _ball(planet: Planet, u: Floats, v: Floats, sun: Floats) -> tuple[Floats, Floats]:
    """Brightness of the disc with its bands, and how much of each ray it covers."""
    away2 = u * u + v * v
    covered = np.clip((1.0 - np.sqrt(away2)) / 0.03, 0.0, 1.0)
    out = np.sqrt(np.maximum(1.0 - away2, 0.0))
    facing = (u * sun[0] + v * sun[1] + out * sun[2]) / max(float(np.linalg.norm(sun)), 1e-9)
    lit = DARK_SHARE + (1.0 - DARK_SHARE) * np.clip(facing + 0.1, 0.0, 1.0) ** 0.8
    bands = np.array([kernels.fractal(9.0 * b + 0.7 * a, 0.6 * a, 5, planet.seed) for a, b in zip(u, v, strict=True)])
    return covered * lit * (0.55 + 0.9 * bands), covered


def _rings(planet: Planet, u: Floats, v: Floats) -> Floats:
    """0..1, by the distance in the rings' plane; gaps where moons swept."""
    at = np.hypot(u, v / planet.tilt_unit)
    inner, outer = RINGS
    within = np.clip((at - inner) / 0.06, 0.0, 1.0) * np.clip((outer - at) / 0.06, 0.0, 1.0)
    grain = np.array([kernels.noise(7.0 * a, 0.5, planet.seed + 3) for a in at])
    return within * (0.25 + 0.75 * grain) * np.where(np.abs(at - 1.95) < 0.05, 0.15, 1.0)
