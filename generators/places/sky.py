"""The sky over a place: one panorama of light, and the sun or moon in it."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Vector
from generators.environment import Sun
from generators.places import astronomy, atmosphere
from generators.places.brief import Brief

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

DISC_RADIUS_RAD = math.radians(0.2666)


class Sky(NamedTuple):
    """What is over and around a place, before fog."""

    light_unit: Floats32
    """[H, 2H, 3], scene-linear Rec.709, equirectangular, without the sun's disc. Below the horizon: what distant ground
    gives back."""
    sun: Sun
    """The body that casts shadows; dark where there is none."""
    sun_aspect: astronomy.Aspect
    """The true one."""
    heading_deg: float
    """Which way +Y looks, from north over east."""
    air: atmosphere.Air


def sky(brief: Brief, seed: int, height_px: int = 512) -> Sky:
    """By the hour and season, turned so that the sun stands well for a camera that looks along +Y."""
    aspect = astronomy.sun(brief.minutes, brief.season)
    azimuth = math.radians(stage_azimuth_deg(aspect.elevation_deg, seed))
    elevation = math.radians(aspect.elevation_deg)
    air = atmosphere.Air(haze=1.4)
    light = _clear(air, elevation, azimuth, height_px)
    light += np.array([0.6e-7, 0.8e-7, 1.2e-7])  # what a moonless night still gives
    sun_light = atmosphere.direct(air, elevation)
    if brief.cover == "overcast" or brief.fog:
        light, sun_light = _overcast(light, sun_light, elevation), sun_light * 0.0
    light = _with_ground(light, sun_light * max(math.sin(elevation), 0.0))
    towards = direction(elevation, azimuth)
    lit = (float(sun_light[0]), float(sun_light[1]), float(sun_light[2]))
    heading = (aspect.azimuth_deg - math.degrees(azimuth)) % 360.0
    return Sky(light.astype(np.float32), Sun(towards, lit), aspect, heading, air)


def stage_azimuth_deg(elevation_deg: float, seed: int) -> float:
    """Where the sun stands from +Y towards +X: low, it is in the picture; high, it comes from the side."""
    side = 1.0 if seed % 2 else -1.0
    return side * (24.0 if elevation_deg < 8.0 else 55.0)


def direction(elevation_rad: float, azimuth_rad: float) -> Vector:
    """Unit, stage frame; azimuth from +Y towards +X."""
    flat = math.cos(elevation_rad)
    return (flat * math.sin(azimuth_rad), flat * math.cos(azimuth_rad), math.sin(elevation_rad))


def angles(height_px: int) -> tuple[Floats, Floats]:
    """Elevation [H] and azimuth [2H] of a panorama's rows and columns, radians."""
    elevation = (0.5 - (np.arange(height_px) + 0.5) / height_px) * np.pi
    azimuth = ((np.arange(2 * height_px) + 0.5) / (2 * height_px) - 0.5) * 2 * np.pi
    return elevation, azimuth


def solid_angles(height_px: int) -> Floats:
    """[H]: of one pixel of each row, steradian."""
    edges = np.sin((0.5 - np.arange(height_px + 1) / height_px) * np.pi)
    return (edges[:-1] - edges[1:]) * np.pi / height_px


def irradiance(light: NDArray[np.floating], height_px: int) -> Floats:
    """[3]: what the upper half of a panorama gives to level ground."""
    elevation, _ = angles(height_px)
    weight = solid_angles(height_px) * np.maximum(np.sin(elevation), 0)
    return np.einsum("hwc,h->c", np.asarray(light, np.float64), weight)


def with_disc(above: Sky) -> Floats32:
    """The panorama with the sun in it: as large as it is (larger where half floats could not hold it), its integral the
    sun's irradiance."""
    light = above.light_unit.astype(np.float64)
    height = len(light)
    strength = np.array(above.sun.light_unit)
    if strength.max() <= 0:
        return above.light_unit
    radius = max(DISC_RADIUS_RAD, math.sqrt(strength.max() / (math.pi * 30_000.0)))
    elevation, azimuth = angles(height)
    pixel = math.pi / height
    flat = np.cos(elevation)[:, None]
    towards = np.stack(
        [flat * np.sin(azimuth), flat * np.cos(azimuth), np.repeat(np.sin(elevation)[:, None], 2 * height, axis=1)], -1
    )
    away = 2 * np.arcsin(np.minimum(np.linalg.norm(towards - np.array(above.sun.towards), axis=-1) / 2, 1))
    cover = np.clip((radius - away) / pixel + 0.5, 0, 1)
    weight = float((cover * solid_angles(height)[:, None]).sum())
    return (light + cover[..., None] * strength / weight).astype(np.float32)


def _clear(air: atmosphere.Air, elevation: float, azimuth: float, height_px: int) -> Floats:
    """Computed on a coarse grid, denser at the horizon, and drawn out."""
    rows = np.linspace(0, 1, 49) ** 2 * (np.pi / 2)
    around = np.linspace(0, 1, 49) ** 1.5 * np.pi
    grid = atmosphere.sky_light(air, *np.meshgrid(rows, around, indexing="ij"), elevation)
    row_of, column_of = angles(height_px)
    up = np.sqrt(np.abs(row_of) / (np.pi / 2)) * 48
    away = np.abs((column_of - azimuth + np.pi) % (2 * np.pi) - np.pi)
    across = (away / np.pi) ** (1 / 1.5) * 48
    i, j = np.minimum(up.astype(int), 47), np.minimum(across.astype(int), 47)
    a, b = (up - i)[:, None, None], (across - j)[None, :, None]
    i, j = i[:, None], j[None, :]
    return (grid[i, j] * (1 - b) + grid[i, j + 1] * b) * (1 - a) + (
        grid[i + 1, j] * (1 - b) + grid[i + 1, j + 1] * b
    ) * a


def _overcast(light: Floats, sun_light: Floats, elevation: float) -> Floats:
    """CIE's overcast sky, (1 + 2 sin) / 3: a third of what the clear sky and sun give to level ground, without hue."""
    height = len(light)
    up, _ = angles(height)
    shape = np.repeat(((1 + 2 * np.maximum(np.sin(up), 0)) / 3)[:, None], 2 * height, axis=1)[..., None]
    total = irradiance(light, height) + sun_light * max(math.sin(elevation), 0.0)
    grey = 0.6 * total.mean() + 0.4 * total
    return shape * (0.35 * grey / irradiance(shape, height))


def _with_ground(light: Floats, sun_on_ground: Floats) -> Floats:
    """Below the horizon: the horizon's haze, and soon the ground's own light."""
    height = len(light)
    up, _ = angles(height)
    ground = atmosphere.GROUND_ALBEDO / np.pi * (irradiance(light, height) + sun_on_ground)
    below = height // 2
    share = np.exp(np.degrees(np.minimum(up[below:], 0)) / 3.0)[:, None, None]
    horizon = light[below - 1][None]
    out = light.copy()
    out[below:] = ground * (1 - share) + horizon * share
    return out
