"""The clear sky: sunlight scattered by air, haze and ozone (Hillaire 2020, "A scalable and production ready sky and
atmosphere rendering technique"): single scattering along the ray, all further ones as an even light from a table.

Kilometres, red, green and blue taken as three wavelengths. The planet is round, so dusk, the earth's shadow and the
blue hour come by themselves.
"""

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PLANET_KM, TOP_KM = 6360.0, 6460.0
RAYLEIGH_KM = np.array([8.96e-3, 14.06e-3, 27.7e-3])
"""Per kilometre at sea level, at 610, 545 and 460 nm, where Rec.709's primaries have their weight (the usual 680, 550
and 440 make dusk purple)."""
OZONE_KM = np.array([2.48e-3, 1.62e-3, 0.19e-3])
"""The same where ozone is densest: 300 Dobson units."""
MIE_SCATTER_KM = 3.996e-3 * np.array([0.78, 1.0, 1.3])
MIE_ABSORB_KM = 4.4e-3 * np.array([0.6, 1.0, 1.5])
"""Haze scatters more blue than red (Angstrom's exponent about 1.8) and dust eats it: both redden a low sun."""
MIE_FORWARD = 0.78
GROUND_ALBEDO = 0.25
SPACE_LIGHT = np.array([4.42, 4.12, 3.95])
"""The sun's irradiance above the air, in units of which a white surface in full daylight gives back 1: pi at the ground
at noon, sky included."""
_SUN_STEPS, _VIEW_STEPS = 40, 40


class Air(NamedTuple):
    """What the air is like."""

    haze_unit: float = 1.0
    """Times the dust of a clean day."""
    tint_unit: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Times the blue of Rayleigh's scattering, for skies of other worlds."""


class Tables(NamedTuple):
    """What is left of the sun's light, and what comes from all around, by height and the sun's angle."""

    transmittance: Floats
    """[heights, angles, 3]."""
    ambience: Floats
    """[heights, angles, 3]: light scattered more than once, per irradiance of 1."""


_HEIGHTS, _ANGLES = 24, 128


@functools.cache
def tables(air: Air) -> Tables:
    """Both, for one kind of air."""
    heights = PLANET_KM + 0.001 + (TOP_KM - PLANET_KM - 0.01) * np.linspace(0, 1, _HEIGHTS) ** 2
    cosines = _cosine(np.linspace(0, 1, _ANGLES))
    r, mu = np.meshgrid(heights, cosines, indexing="ij")
    transmittance = _transmittance(air, r, mu)
    return Tables(transmittance, _ambience(air, transmittance, heights, cosines))


def _cosine(place: Floats) -> Floats:
    """Of the zenith angle, at 0..1 along a table: densest at the horizon."""
    x = 2 * place - 1
    return np.sign(x) * x * x


def looked_up(table: Floats, height_km: Floats, cosine: Floats) -> Floats:
    """[..., 3] of a table at heights above sea level and cosines of the zenith angle, bilinear."""
    row = np.sqrt(np.clip(height_km / (TOP_KM - PLANET_KM), 0, 1)) * (_HEIGHTS - 1)
    column = (np.sign(cosine) * np.sqrt(np.abs(cosine)) + 1) / 2 * (_ANGLES - 1)
    i, j = np.minimum(row.astype(int), _HEIGHTS - 2), np.minimum(column.astype(int), _ANGLES - 2)
    a, b = (row - i)[..., None], (column - j)[..., None]
    upper = table[i, j] * (1 - b) + table[i, j + 1] * b
    lower = table[i + 1, j] * (1 - b) + table[i + 1, j + 1] * b
    return upper * (1 - a) + lower * a


def _densities(height_km: Floats) -> tuple[Floats, Floats, Floats]:
    """Air, haze, ozone, relative to their densest."""
    return (
        np.exp(-height_km / 8.0),
        np.exp(-height_km / 1.2),
        np.maximum(0.0, 1.0 - np.abs(height_km - 25.0) / 15.0),
    )


def _extinction(air: Air, height_km: Floats) -> Floats:
    rayleigh, mie, ozone = _densities(height_km)
    return (
        rayleigh[..., None] * RAYLEIGH_KM * np.array(air.tint_unit)
        + (mie * air.haze_unit)[..., None] * (MIE_SCATTER_KM + MIE_ABSORB_KM)
        + ozone[..., None] * OZONE_KM
    )


def _to_top(r: Floats, mu: Floats) -> Floats:
    return -r * mu + np.sqrt(np.maximum(r * r * (mu * mu - 1) + TOP_KM**2, 0))


def _to_ground(r: Floats, mu: Floats) -> Floats:
    """Inf where the ray misses the planet."""
    under = r * r * (mu * mu - 1) + PLANET_KM**2
    return np.where((under > 0) & (mu < 0), -r * mu - np.sqrt(np.maximum(under, 0)), np.inf)


def _transmittance(air: Air, r: Floats, mu: Floats) -> Floats:
    """From points at radius r along directions to the top of the air; 0 where the planet is in the way."""
    far = _to_top(r, mu)
    total = np.zeros((*r.shape, 3))
    for step in range(_SUN_STEPS):
        t = far * (step + 0.5) / _SUN_STEPS
        height = np.sqrt(r * r + t * t + 2 * r * mu * t) - PLANET_KM
        total += _extinction(air, np.maximum(height, 0)) * (far / _SUN_STEPS)[..., None]
    return np.exp(-total) * np.isinf(_to_ground(r, mu))[..., None]


def _ambience(air: Air, transmittance: Floats, heights: Floats, cosines: Floats) -> Floats:
    """Hillaire's second-order light and its geometric series, for every height and sun angle."""
    directions = _sphere(48)
    r, mu_sun = np.meshgrid(heights, cosines[::4], indexing="ij")
    second, again = np.zeros((*r.shape, 3)), np.zeros((*r.shape, 3))
    sun = np.stack([np.sqrt(1 - mu_sun**2), np.zeros_like(mu_sun), mu_sun], axis=-1)
    for direction in directions:
        light, share = _march(air, transmittance, r, np.full_like(r, direction[2]), sun @ direction, mu_sun)
        second += light / len(directions)
        again += share / len(directions)
    coarse = second / (1 - again)
    places = np.linspace(0, 1, _ANGLES)
    out: Floats = np.empty((len(heights), _ANGLES, 3))
    for i, row in enumerate(coarse):
        for c in range(3):
            out[i, :, c] = np.interp(places, places[::4], row[:, c])
    return out


def _march(air: Air, transmittance: Floats, r: Floats, mu: Floats, nu: Floats, mu_sun: Floats) -> tuple[Floats, Floats]:
    """Along one direction from many points: light scattered once, evenly, and the share scattered again."""
    ground = _to_ground(r, mu)
    far = np.minimum(_to_top(r, mu), ground)
    light, share, left = np.zeros((*r.shape, 3)), np.zeros((*r.shape, 3)), np.ones((*r.shape, 3))
    steps = 16
    for step in range(steps):
        t = far * (step + 0.5) / steps
        here = np.sqrt(np.maximum(r * r + t * t + 2 * r * mu * t, PLANET_KM**2))
        height, sun_cosine = here - PLANET_KM, np.clip((r * mu_sun + t * nu) / here, -1, 1)
        rayleigh, mie, _ = _densities(height)
        scatter = (
            rayleigh[..., None] * RAYLEIGH_KM * np.array(air.tint_unit)
            + (mie * air.haze_unit)[..., None] * MIE_SCATTER_KM
        )
        extinction = _extinction(air, height)
        passed = np.exp(-extinction * (far / steps)[..., None])
        weight = left * scatter * (1 - passed) / extinction
        light += weight * looked_up(transmittance, height, sun_cosine) / (4 * np.pi)
        share += weight
        left = left * passed
    hit = np.isfinite(ground)
    cosine = np.clip((r * mu_sun + far * nu) / PLANET_KM, 0, 1)
    bounced = looked_up(transmittance, np.zeros_like(r), cosine) * (cosine * GROUND_ALBEDO / np.pi)[..., None]
    return light + left * bounced * hit[..., None], share


def _sphere(count: int) -> Floats:
    k = np.arange(count) + 0.5
    z, turn = 1 - 2 * k / count, k * np.pi * (3 - np.sqrt(5))
    return np.stack([np.sqrt(1 - z * z) * np.cos(turn), np.sqrt(1 - z * z) * np.sin(turn), z], axis=1)


def sky_light(air: Air, elevations_rad: Floats, from_sun_rad: Floats, sun_elevation_rad: float) -> Floats:
    """Radiance [..., 3] of the sky at elevations >= 0 and azimuths from the sun's, for a sun of SPACE_LIGHT."""
    found = tables(air)
    mu, mu_sun = np.sin(elevations_rad), np.sin(sun_elevation_rad)
    nu = mu * mu_sun + np.cos(elevations_rad) * np.cos(sun_elevation_rad) * np.cos(from_sun_rad)
    r = PLANET_KM + 0.05
    far = np.minimum(_to_top(np.full_like(mu, r), mu), _to_ground(np.full_like(mu, r), mu))
    phase_air = (3 / (16 * np.pi) * (1 + nu * nu))[..., None]
    phase_haze = (_forward(nu) * air.haze_unit)[..., None] * MIE_SCATTER_KM
    light, left, before = np.zeros((*mu.shape, 3)), np.ones((*mu.shape, 3)), np.zeros_like(mu)
    for step in range(_VIEW_STEPS):
        after = far * ((step + 1) / _VIEW_STEPS) ** 2
        t, length, before = 0.5 * (before + after), (after - before)[..., None], after
        here = np.sqrt(r * r + t * t + 2 * r * mu * t)
        height, sun_cosine = np.maximum(here - PLANET_KM, 0), np.clip((r * mu_sun + t * nu) / here, -1, 1)
        rayleigh, mie, _ = _densities(height)
        blue = rayleigh[..., None] * RAYLEIGH_KM * np.array(air.tint_unit)
        dust = (mie * air.haze_unit)[..., None] * MIE_SCATTER_KM
        extinction = _extinction(air, height)
        passed = np.exp(-extinction * length)
        once = looked_up(found.transmittance, height, sun_cosine) * (blue * phase_air + mie[..., None] * phase_haze)
        often = looked_up(found.ambience, height, sun_cosine) * (blue + dust)
        light += left * (once + often) * (1 - passed) / extinction
        left = left * passed
    return light * SPACE_LIGHT


def _forward(cosine: Floats) -> Floats:
    """Cornette and Shanks 1992: haze scatters forward."""
    g = MIE_FORWARD
    return 3 / (8 * np.pi) * (1 - g * g) * (1 + cosine**2) / ((2 + g * g) * (1 + g * g - 2 * g * cosine) ** 1.5)


def direct(air: Air, sun_elevation_rad: float, height_km: float = 0.0) -> Floats:
    """The sun's irradiance [3] at a height, facing it; the part of the disc above the horizon is counted."""
    radius = 0.00465
    offsets = np.linspace(-0.8, 0.8, 5) * radius
    cosines = np.sin(sun_elevation_rad + offsets)
    return SPACE_LIGHT * looked_up(tables(air).transmittance, np.full(5, height_km), cosines).mean(axis=0)
