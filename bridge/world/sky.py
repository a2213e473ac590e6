"""A sky to show when there is no picture: a clear late afternoon with sun, thin clouds, hills and a plain.

At another hour the sun stands elsewhere: up at six, down at eighteen. It is a sketch of the light, no almanac.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SUN_AZIMUTH_DEG, SUN_HEIGHT_DEG, HOUR = 38.0, 24.0, 16.5
"""Azimuth from +Y, positive to the right; both at the hour that this sky has unless it is told another."""
_NOON_DEG = SUN_HEIGHT_DEG / math.sin(math.tau * (HOUR - 6.0) / 24.0)
_DARKEST = 0.015
_LOW = np.array((1.0, 0.70, 0.48))  # what is left of the light when the sun stands on the horizon
SUN_UNIT, SUN_RADIUS_DEG = 900.0, 0.6
_HILLS = ((0.075, (0.13, 0.17, 0.24), 3.0, 0.0), (0.042, (0.07, 0.10, 0.12), 7.0, 2.0))
"""Height in radians, colour, waves round the horizon, phase: the farther ridge first."""


def sky(rows: int, hour: float = HOUR) -> NDArray[np.float32]:
    """Equirectangular [rows, 2 rows, 3], scene-linear, row 0 up, the centre column along +Y."""
    sun_azimuth_deg, sun_height_deg = sun(hour)
    sx, sy, sz = _direction(sun_azimuth_deg, sun_height_deg)
    height = math.pi * (0.5 - (np.arange(rows) + 0.5) / rows)[:, None]
    azimuth = math.pi * (2.0 * (np.arange(2 * rows) + 0.5) / (2 * rows) - 1.0)[None, :]
    x, y = np.cos(height) * np.sin(azimuth), np.cos(height) * np.cos(azimuth)
    z = np.sin(height) * np.ones_like(azimuth)
    toward = np.clip(x * sx + y * sy + z * sz, -1.0, 1.0)
    light = _air(z, toward)
    cover = _clouds(x, y, z)[..., None]
    bright = 0.75 + 1.6 * np.exp((toward - 1.0) * 6.0)[..., None] * np.array((1.0, 0.86, 0.66))
    light += cover * (bright - light)
    disc = np.clip((math.radians(SUN_RADIUS_DEG) - np.arccos(toward)) * rows / math.pi + 0.5, 0.0, 1.0)
    light += disc[..., None] * SUN_UNIT * np.array((1.0, 0.86, 0.66))
    light = _plain(light, x, y, z, rows)
    for size, colour, waves, phase in _HILLS:
        ridge = size * _ridge(azimuth, waves, phase)
        part = np.clip((ridge - height) * rows / math.pi + 0.5, 0.0, 1.0) * (height > -0.5 * math.pi / rows)
        light += part[..., None] * (np.array(colour) - light)
    light *= _daylight(sun_height_deg)
    return light.astype(np.float32)


def sun(hour: float) -> tuple[float, float]:
    """Azimuth from +Y, positive to the right, and height, in degrees: 15 an hour, highest at noon."""
    height_deg = _NOON_DEG * math.sin(math.tau * (hour - 6.0) / 24.0)
    return SUN_AZIMUTH_DEG + 15.0 * (hour - HOUR), height_deg


def _daylight(sun_height_deg: float) -> Floats:
    """[3]: all of it from a while after sunrise on, reddened on the horizon, next to nothing at night."""
    part = min(max((sun_height_deg + 10.0) / 18.0, 0.0), 1.0)
    low = max(0.0, 1.0 - abs(sun_height_deg) / 12.0)
    return (_DARKEST + (1.0 - _DARKEST) * part * part * (3.0 - 2.0 * part)) * (1.0 + low * (_LOW - 1.0))


def _direction(azimuth_deg: float, height_deg: float) -> tuple[float, float, float]:
    azimuth, height = math.radians(azimuth_deg), math.radians(height_deg)
    return math.cos(height) * math.sin(azimuth), math.cos(height) * math.cos(azimuth), math.sin(height)


def _air(z: Floats, toward: Floats) -> Floats:
    """Blue above, pale at the horizon, warm round the sun."""
    low = np.exp(-np.maximum(z, 0.0) * 5.0)[..., None]
    blue = np.array((0.10, 0.25, 0.62)) + low * (np.array((0.80, 0.82, 0.84)) - np.array((0.10, 0.25, 0.62)))
    glow = np.exp((toward - 1.0) * 14.0) * 1.4 + np.exp((toward - 1.0) * 220.0) * 5.0
    return blue + glow[..., None] * np.array((1.0, 0.80, 0.55))


def _clouds(x: Floats, y: Floats, z: Floats) -> Floats:
    """Streaks on a level sheet: how much of the sky they hide."""
    high = np.maximum(z, 0.02)
    u, v = x / high * 0.55, y / high * 0.55
    sheet = np.zeros_like(u)
    for octave in range(5):
        f = 1.9**octave
        warp = 0.8 * np.sin(0.7 * f * v + 1.3 * octave)
        sheet += np.sin(f * u * 0.9 + warp + 2.1 * octave) * np.cos(f * v * 1.7 + 0.6 * np.sin(f * u) + octave) / f
    fade = np.clip((z - 0.03) / 0.15, 0.0, 1.0)
    return np.clip((sheet - 0.15) * 0.8, 0.0, 0.85) * fade


def _plain(light: Floats, x: Floats, y: Floats, z: Floats, rows: int) -> Floats:
    """Below the horizon: fields, hazy far off."""
    down = np.maximum(-z, 1e-3)
    u, v = x / down, y / down
    fields = 0.5 + 0.25 * np.sin(1.3 * u + np.sin(0.9 * v)) + 0.25 * np.sin(2.1 * v + np.sin(1.7 * u))
    near = np.clip(down * 6.0, 0.0, 1.0)
    fields = 0.5 + (fields - 0.5) * near
    low, high = np.array((0.10, 0.13, 0.06)), np.array((0.24, 0.22, 0.12))
    ground = low + fields[..., None] * (high - low)
    ground += (1.0 - near)[..., None] * 0.5 * (np.array((0.30, 0.34, 0.36)) - ground)
    part = np.clip(-z * rows / math.pi + 0.5, 0.0, 1.0)[..., None]
    return light + part * (ground - light)


def _ridge(azimuth: Floats, waves: float, phase: float) -> Floats:
    """A ridge's height, 0..1, the same at both ends of the picture."""
    sums = [np.sin(waves * k * azimuth + phase * k + k * k) / k for k in range(1, 9)]
    return np.clip(0.55 + 0.3 * np.sum(sums, axis=0), 0.1, 1.0)
