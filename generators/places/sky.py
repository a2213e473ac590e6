"""The sky over a place: one panorama of light, and the sun or moon in it."""

import math
from typing import NamedTuple

import numpy as np

from bridge.frames import Vector
from generators.environment import Sun
from generators.equirectangular import angles, directions
from generators.places import astronomy, atmosphere
from generators.places.brief import Brief
from generators.places.clouds import cover_with_clouds, overcast
from generators.places.night import MOON_SHARE, Stars, airglow, drawn, no_stars, stars
from generators.places.panorama import Floats, Floats32, irradiance, solid_angles
from generators.places.planet import Planet, planet_of, with_planet

DISC_RADIUS_RAD = math.radians(0.2666)
BRIGHTEST_UNIT = 30_000.0
"""What a half float holds with room to spare; the disc is drawn larger where it would be brighter."""
MOON_FROM_DEG = -7.0
"""Once the sun is lower than that, the moon lights the place."""


class Sky(NamedTuple):
    """What is over and around a place, before fog."""

    light_unit: Floats32
    """[H, 2H, 3], scene-linear Rec.709, equirectangular, without the sun's disc. Below the horizon: what distant ground
    gives back."""
    sun: Sun
    """The body that casts shadows; dark where there is none."""
    sun_aspect: astronomy.Aspect
    """The true one of the sun, also where the moon shines."""
    heading_deg: float
    """Which way +Y looks, from north over east."""
    stars: Stars
    """Not in `light_unit`."""
    planet: Planet | None = None
    """In `light_unit`, and worth finer splats."""


def sky(brief: Brief, azimuth_deg: float, seed: int, height_px: int = 512) -> Sky:
    """By the hour, season and weather, the sun at that azimuth of the stage (from +Y towards +X)."""
    aspect = astronomy.sun(brief.minutes, brief.season)
    azimuth = math.radians(azimuth_deg)
    elevation = math.radians(aspect.elevation_deg)
    air = air_of(brief)
    light = _clear(air, elevation, azimuth, height_px) + airglow(brief, height_px)
    planet = planet_of(azimuth_deg, seed) if brief.place == "alien_plain" else None
    body, strength, shining = elevation, 1.0, no_stars()
    if aspect.elevation_deg < MOON_FROM_DEG:
        body, strength = math.radians(34.0), MOON_SHARE
        azimuth_of_body = math.radians(math.copysign(58.0, azimuth_deg))
        light += _clear(air, body, azimuth_of_body, height_px) * strength
        shining = stars(brief, seed, aspect.elevation_deg)
    else:
        azimuth_of_body = azimuth
    towards = direction(body, azimuth_of_body)
    sun_light = atmosphere.direct(air, body) * strength
    if planet is not None:
        light = with_planet(light, planet, towards)
    if brief.cover == "overcast" or brief.fog:
        light, sun_light = overcast(light, sun_light, body, seed), sun_light * 0.0
        shining, planet = no_stars(), None
    else:
        at_cloud = [atmosphere.direct(air, body, height) * strength for height in (1.4, 8.0)]
        light = cover_with_clouds(light, towards, at_cloud, brief.cover, seed)
    light = _with_ground(light, sun_light * max(math.sin(body), 0.0))
    lit = (float(sun_light[0]), float(sun_light[1]), float(sun_light[2]))
    heading = (aspect.azimuth_deg - math.degrees(azimuth)) % 360.0
    return Sky(light.astype(np.float32), Sun(towards, lit), aspect, heading, shining, planet)


def air_of(brief: Brief) -> atmosphere.Air:
    """Dustier over cities and sand; on another planet, of another colour."""
    if brief.place == "alien_plain":
        return atmosphere.Air(haze_unit=0.9, tint_unit=(1.5, 0.5, 0.22))
    return atmosphere.Air(
        haze_unit={"modern_street": 3.2, "victorian_street": 3.2, "desert": 6.0}.get(brief.place, 2.2)
    )


def direction(elevation_rad: float, azimuth_rad: float) -> Vector:
    """Unit, stage frame; azimuth from +Y towards +X."""
    flat = math.cos(elevation_rad)
    return (flat * math.sin(azimuth_rad), flat * math.cos(azimuth_rad), math.sin(elevation_rad))


def with_bodies(above: Sky) -> Floats32:
    """The panorama with stars and the sun in it: as large as it is (larger where half floats could not hold it), its
    integral the sun's irradiance."""
    height = len(above.light_unit)
    light = above.light_unit + drawn(above.stars, height)
    strength = np.array(above.sun.light_unit)
    if strength.max() <= 0:
        return light.astype(np.float32)
    radius = max(DISC_RADIUS_RAD, math.sqrt(strength.max() / (math.pi * BRIGHTEST_UNIT)))
    towards = directions(height)
    away = 2 * np.arcsin(np.minimum(np.linalg.norm(towards - np.array(above.sun.towards_unit), axis=-1) / 2, 1))
    cover = np.clip((radius - away) / (math.pi / height) + 0.5, 0, 1)
    weight = float((cover * solid_angles(height)[:, None]).sum())
    return (light + cover[..., None] * strength / max(weight, 1e-12)).astype(np.float32)


def _clear(air: atmosphere.Air, elevation: float, azimuth: float, height_px: int) -> Floats:
    """Computed on a coarse grid, denser at the horizon and the sun, and drawn out."""
    count = 48
    rows = np.linspace(0, 1, count + 1) ** 2 * (np.pi / 2)
    around = np.linspace(0, 1, count + 1) ** 1.5 * np.pi
    grid = atmosphere.sky_light(air, *np.meshgrid(rows, around, indexing="ij"), elevation)
    row_of, column_of = angles(height_px)
    up = np.sqrt(np.abs(row_of) / (np.pi / 2)) * count
    away = np.abs((column_of - azimuth + np.pi) % (2 * np.pi) - np.pi)
    across = (away / np.pi) ** (1 / 1.5) * count
    i, j = np.minimum(up.astype(int), count - 1), np.minimum(across.astype(int), count - 1)
    a, b = (up - i)[:, None, None], (across - j)[None, :, None]
    along = grid[:, j] * (1 - b) + grid[:, j + 1] * b
    return along[i] * (1 - a) + along[i + 1] * a


def _with_ground(light: Floats, sun_on_ground: Floats) -> Floats:
    """Below the horizon: the horizon's haze, and soon the ground's own light."""
    height = len(light)
    up, _ = angles(height)
    ground = atmosphere.GROUND_ALBEDO / np.pi * (irradiance(light) + sun_on_ground)
    below = height // 2
    share = np.exp(np.degrees(np.minimum(up[below:], 0)) / 3.0)[:, None, None]
    out = light.copy()
    out[below:] = ground * (1 - share) + light[below - 1][None] * share
    return out
