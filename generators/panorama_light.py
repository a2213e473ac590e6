"""The light that a displayed panorama stands for: an estimate, and said to be one.

A picture for a screen ends at white. Its shoulder is undone, its brightest part is stretched to where the sky's light
must have been for the shadows to look as they do, and where a sun is seen it becomes a disc of the sun's own size.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs]

from bridge.tone import LINEAR_UNIT
from generators.environment import Sun
from generators.panorama import directions
from generators.raster.harmonics import Floats32

_images: Any = ndimage

Mask = NDArray[np.bool_]

SUN_RADIUS_DEG = 0.6
"""Twice the real one, so that a panorama of 1024 rows holds it."""
_TOP_UNIT = 0.985
_LARGEST_GLARE_SR = 0.35


class SeenLight(NamedTuple):
    """A panorama's light."""

    sky: Floats32
    """[H, 2H, 3], scene-linear."""
    sun: Sun | None


def light_of(encoded: NDArray[np.floating], sky: Mask) -> SeenLight:
    """From sRGB-encoded colours [H, 2H, 3] and where their sky is."""
    light = undone(encoded)
    glare = _glare(light, sky)
    if glare is None:
        return SeenLight(light, None)
    height = len(light)
    towards = directions(height)
    middle = (towards * (glare * _areas(height))[..., None]).sum(axis=(0, 1))
    middle = middle / np.linalg.norm(middle)
    colour = light[glare].mean(axis=0)
    colour = colour / max(float(colour.max()), 1e-6)
    irradiance = colour * _sunlight(light, sky)
    disc = np.clip(
        (math.radians(SUN_RADIUS_DEG) - np.arccos(np.clip(towards @ middle, -1, 1))) * height / math.pi + 0.5, 0, 1
    )
    area = float((disc * _areas(height)).sum())
    light = light + disc[..., None] * (irradiance / max(area, 1e-9))
    to = (float(middle[0]), float(middle[1]), float(middle[2]))
    return SeenLight(
        light.astype(np.float32), Sun(to, (float(irradiance[0]), float(irradiance[1]), float(irradiance[2])))
    )


def undone(encoded: NDArray[np.floating]) -> Floats32:
    """Linear light of sRGB-encoded colours with `bridge.tone.shoulder` undone; white is about three times paper."""
    x = np.clip(np.asarray(encoded, np.float32), 0, 1)
    linear = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    room = 1.0 - LINEAR_UNIT
    steep = LINEAR_UNIT - room * np.log(np.maximum((1.0 - np.minimum(linear, 0.9995)) / room, 1e-6))
    return np.where(linear <= LINEAR_UNIT, linear, steep).astype(np.float32)


def _sunlight(light: Floats32, sky: Mask) -> float:
    """Irradiance of a sun: outdoors about four times the sky's, which the picture shows."""
    areas = _areas(len(light))
    up = np.maximum(directions(len(light))[..., 2], 0)
    from_sky = float((light.mean(axis=-1) * areas * up * sky).sum())
    return 4.0 * max(from_sky, 0.2)


def _glare(light: Floats32, sky: Mask) -> Mask | None:
    """The brightest patch of the sky, where one is white, compact and small."""
    grey = np.where(sky, light.min(axis=-1), 0)
    top = float(np.quantile(grey[sky], 0.999)) if sky.any() else 0.0
    white = grey >= max(float(undone(np.array(_TOP_UNIT))), 0.9 * top)
    labels, count = _images.label(white)
    if not count:
        return None
    areas = _images.sum_labels(np.broadcast_to(_areas(len(light)), white.shape), labels, np.arange(1, count + 1))
    largest = int(np.argmax(areas))
    if float(np.asarray(areas)[largest]) > _LARGEST_GLARE_SR or float(np.asarray(areas)[largest]) < 1e-5:
        return None
    return labels == largest + 1


def _areas(height_px: int) -> Floats32:
    """Steradians [H, 1] of each row's pixels."""
    latitude = np.pi * (0.5 - (np.arange(height_px) + 0.5) / height_px)
    return ((np.pi / height_px) ** 2 * np.cos(latitude)).astype(np.float32)[:, None]
