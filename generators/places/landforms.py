"""Shapes of land as height functions, metres: to add up, blend and cut. All are level within the free radius once
`level` has been through them."""

import numpy as np
from numpy.typing import NDArray

from generators.places import noise
from generators.places.materials import step
from generators.places.scenery import Ground

Floats = NDArray[np.float64]


def level(land: Ground, radius_m: float, ease_m: float) -> Ground:
    """0 within the free radius and 0.3 m more, the land itself from `ease_m` further out."""

    return ring(land, radius_m + 0.3, radius_m + 0.3 + ease_m)


def rolling(seed: int, size_m: float, height_m: float, octaves: int = 5) -> Ground:
    """Soft hills about 0."""
    return lambda x, y: height_m * noise.fbm(x, y, seed, size_m, octaves, 0.42)


def dunes(seed: int, size_m: float, height_m: float) -> Ground:
    """Transverse dunes, their crests bent and broken, a gentle side to the wind (-X) and a slip face behind."""

    def ground(x: Floats, y: Floats) -> Floats:
        total = np.zeros(np.broadcast(x, y).shape)
        for layer, (size, part) in enumerate(((1.0, 0.75), (0.37, 0.25))):
            wide = size * size_m
            u, v = noise.warped(x, y, seed + 31 * layer, 2.2 * wide, 0.8 * wide)
            turn = 0.35 + 0.5 * layer
            along = (np.cos(turn) * u + np.sin(turn) * v) / wide
            phase = along - np.floor(along)
            shape = np.where(phase < 0.74, step(phase, 0.0, 0.80) * 1.035, step(phase, 1.0, 0.72))
            swell = 0.55 + 0.6 * noise.fbm(x, y, seed + 5 + layer, 1.7 * wide, 3)
            total += part * height_m * shape * np.clip(swell, 0.05, 1.3)
        return total

    return ground


def mountains(seed: int, size_m: float, height_m: float) -> Ground:
    """A range with crests, spurs and washed-out flanks, from 0 up."""

    def ground(x: Floats, y: Floats) -> Floats:
        u, v = noise.warped(x, y, seed, 0.9 * size_m, 0.22 * size_m)
        crest = noise.ridged(u, v, seed + 11, size_m, 6, 0.46)
        carved = noise.eroded(u, v, seed + 23, 0.55 * size_m, 6, 0.45)
        return height_m * np.maximum(0.9 * crest**1.4 + 0.28 * carved, 0.0)

    return ground


def ring(land: Ground, from_m: float, to_m: float) -> Ground:
    """Nothing nearer than `from_m`, where the land is not even asked for; all of it beyond `to_m`."""

    def ground(x: Floats, y: Floats) -> Floats:
        x, y = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
        part = step(np.hypot(x, y), from_m, to_m)
        there = part > 0.0
        heights = np.zeros(x.shape)
        heights[there] = land(x[there], y[there]) * part[there]
        return heights

    return ground


def mesas(seed: int, size_m: float, height_m: float, share: float) -> Ground:
    """Flat-topped buttes with steep faces, ledges and talus; `share` 0..1 of the land is under them."""

    def ground(x: Floats, y: Floats) -> Floats:
        u, v = noise.warped(x, y, seed, 0.35 * size_m, 0.07 * size_m)
        field = noise.fbm(u, v, seed + 3, size_m, 4, 0.45) + 1.1 * share - 0.62
        fluted = field + 0.05 * noise.ridged(u, v, seed + 9, 0.12 * size_m, 3)
        talus, lower, upper = step(fluted, -0.16, 0.06), step(fluted, 0.04, 0.075), step(fluted, 0.12, 0.15)
        return height_m * (0.26 * talus + 0.46 * lower + 0.28 * upper)

    return ground


def added(*lands: Ground) -> Ground:
    """The sum."""

    def ground(x: Floats, y: Floats) -> Floats:
        return np.sum([np.broadcast_to(land(x, y), np.broadcast(x, y).shape) for land in lands], axis=0)

    return ground


def flat(height_m: float = 0.0) -> Ground:
    """Level everywhere."""
    return lambda x, y: np.full(np.broadcast(x, y).shape, height_m)
