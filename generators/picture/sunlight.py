"""Where a picture's light comes from: the sun itself, or the way the sky pales and darkens round where it must be."""

import functools
import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs]

from generators.places.atmosphere import Air, sky_light

_images: Any = ndimage
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_AZIMUTHS_DEG = np.arange(-180.0, 180.0, 6.0)
_HEIGHTS_DEG = np.array((2.0, 5.0, 9.0, 14.0, 20.0, 27.0, 35.0, 45.0, 55.0, 65.0))
_GRID = (24, 36)
"""Of the sky's template: heights, closer at the horizon, and turns away from the sun."""
_SAMPLES, _TINT_WEIGHS = 500, 0.3
_WHITE, _WIDEST_RAD = 2.0, 0.2
"""Light from which on it may be the sun itself; and how far from its middle the glare may reach."""
_LEAST_SURE = 0.4
"""Less, and azimuths are as often wrong as right."""
_MOST_CUT = 0.02
_RING, _IN_SKY = 6, 0.75
"""Glare stands in the sky: that share of what is so near is sky. A white wall or a gap between trees does not."""
_FALLS = 0.8
"""And it falls off to less than that; white haze does not."""


class SunGuess(NamedTuple):
    """Where the sun is, in the picture's own stage: the picture looks along +Y."""

    azimuth_deg: float
    """From +Y towards +X."""
    height_deg: float
    sure_unit: float
    """1: the sun is in the picture; 0.95: its glare is cut by the picture's side; less: the sky pales towards it."""


def sun_of(light: NDArray[np.floating], towards: NDArray[np.floating], sky: Mask) -> SunGuess | None:
    """From linear light [H, W, 3], where its pixels look [H, W, 3] and which are sky; None where that does not tell."""
    if sky.mean() < 0.01:
        return None
    in_order = np.sort(np.asarray(light, np.float64), axis=-1)
    for least in (in_order[..., 0], in_order[..., 1]):  # a low sun is yellow: two of its three colours tell
        if (seen := _seen_sun(sky & (least > _WHITE), least, towards, sky)) is not None:
            return seen
    clear = sky & _blue(light, sky)
    if clear.sum() < 0.15 * sky.sum() or clear.sum() < 200:
        return None
    picks = np.flatnonzero(clear.ravel())[:: max(1, int(clear.sum()) // _SAMPLES)]
    to = np.asarray(towards, np.float64).reshape(-1, 3)[picks]
    seen = np.log(np.maximum(np.asarray(light, np.float64).reshape(-1, 3)[picks], 1e-4))
    found = _fitted(to, seen)
    return found if found.sure_unit >= _LEAST_SURE else None


def _seen_sun(white: Mask, light: Floats, towards: NDArray[np.floating], sky: Mask) -> SunGuess | None:
    """A white spot in the sky that is brighter than all around it."""
    if not white.any() or white.sum() > 0.06 * white.size:
        return None
    labels, count = _images.label(white)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    where = np.asarray(labels == 1 + int(np.argmax(sizes)), np.bool_)
    ring = _images.binary_dilation(where, iterations=_RING) & ~where
    if sky[ring].mean() < _IN_SKY or light[ring].mean() > _FALLS * light[where].mean():
        return None
    if (side := _cut_at(where)) is not None:
        if where.mean() > _MOST_CUT:
            return None  # a bright haze on that side
        where = _only_column(where, side)
    middle = np.asarray(towards, np.float64)[where].mean(axis=0)
    middle /= np.linalg.norm(middle)
    if float((np.asarray(towards)[where] @ middle).min()) < math.cos(_WIDEST_RAD):
        return None  # a bright cloud, or the haze along the horizon
    azimuth_deg = math.degrees(math.atan2(middle[0], middle[1]))
    return SunGuess(azimuth_deg, math.degrees(math.asin(middle[2])), 1.0 if side is None else 0.95)


def _only_column(mask: Mask, column: int) -> Mask:
    found = np.zeros_like(mask)
    found[:, column] = mask[:, column]
    return found


def _cut_at(glare: Mask) -> int | None:
    """The column of the picture's side that cuts through it: the sun is there or beyond."""
    left, right = int(glare[:, 0].sum()), int(glare[:, -1].sum())
    return None if not left and not right else 0 if left > right else glare.shape[1] - 1


def _blue(light: NDArray[np.floating], sky: Mask) -> Mask:
    """Sky without cloud: bluer than the middle of what is there."""
    blueness = np.asarray(light[..., 2] - light[..., 0]) / np.maximum(np.asarray(light).sum(axis=-1), 1e-6)
    return blueness >= np.median(blueness[sky])


def _fitted(to: Floats, seen: Floats) -> SunGuess:
    """The sun for which a clear sky is most like the one seen [N, 3] (logarithms), up to its brightness."""
    errors = np.array([_errors(to, seen, float(height)) for height in np.radians(_HEIGHTS_DEG)])
    weights = np.exp(-(errors - errors.min()) / max(0.08 * float(errors.min()), 1e-4))
    height, azimuth = np.meshgrid(np.radians(_HEIGHTS_DEG), np.radians(_AZIMUTHS_DEG), indexing="ij")
    suns = np.stack((np.cos(height) * np.sin(azimuth), np.cos(height) * np.cos(azimuth), np.sin(height)), axis=-1)
    mean = (weights[..., None] * suns).sum(axis=(0, 1))
    mean /= np.linalg.norm(mean)
    even = float(np.abs(seen - np.median(seen, axis=0)).mean())
    sure = float(np.clip(1.0 - errors.min() / max(even, 1e-3), 0, 0.9))
    return SunGuess(math.degrees(math.atan2(mean[0], mean[1])), math.degrees(math.asin(mean[2])), sure)


def _errors(to: Floats, seen: Floats, height_rad: float) -> Floats:
    """For each azimuth of a sun at that height: how unlike its sky is. A tint of the whole counts less."""
    template = _template(height_rad)
    up = np.sqrt(np.arcsin(np.clip(to[:, 2], 0, 1)) / (0.5 * np.pi)) * (_GRID[0] - 1)
    azimuth = np.arctan2(to[:, 0], to[:, 1])
    found: list[float] = []
    for turn in np.radians(_AZIMUTHS_DEG):
        away = np.abs((azimuth - turn + np.pi) % (2 * np.pi) - np.pi) / np.pi * (_GRID[1] - 1)
        expected = [_images.map_coordinates(template[..., k], (up, away), order=1, mode="nearest") for k in range(3)]
        left = np.stack(expected, axis=-1) - seen
        tint = np.median(left, axis=0)
        course = np.minimum(np.abs(left - tint), 0.3).mean()
        found.append(float(course + _TINT_WEIGHS * np.abs(tint - tint.mean()).mean()))
    return np.array(found)


@functools.cache
def _template(height_rad: float) -> Floats:
    """The logarithm of a clear sky's light, by height and turn from the sun."""
    rows = np.linspace(0, 1, _GRID[0]) ** 2 * (0.5 * np.pi)
    turns = np.linspace(0, np.pi, _GRID[1])
    return np.log(np.maximum(sky_light(Air(), *np.meshgrid(rows, turns, indexing="ij"), height_rad), 1e-6))
