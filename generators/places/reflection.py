"""Mirrors: still water, wet streets and glass show the sky and what stands over them to an eye at the centre."""

import math

import numpy as np

from generators.places import light_kernels as kernels
from generators.places.bounce import Around
from generators.places.panorama import Floats32, sampled
from generators.places.scenery import Surfels

WIDTH_PX = 1024
LEVEL = 0.85
"""A patch whose normal points up that much is a floor or water."""
WATER_F0, GLASS_F0 = 0.02, 0.10
"""Two panes of glass mirror a tenth."""
SHARP_M, SOFT_ROWS = (4.0, 10.0), 16
"""Wet ground nearer than that shows no sharp picture, but one of so many rows."""
DULL = (0.7, 0.82)
"""Ground rougher than that, as damp stones are, shows such a soft picture only, however far it is."""
TALL_ROWS = 4
"""So many of a panorama's rows are one for rough floors, or each lamp would be a row of dots."""
OFF_M = 0.3
"""In front of a mirror, where its rays begin."""


def with_reflections(
    surfels: Surfels, light: Floats32, sky_light: Floats32, level_m: float, eye_m: Floats32, around: Around
) -> Floats32:
    """Light [N, 3] with Fresnel's share of what is mirrored, by Schlick's formula.

    Floors and water look into a panorama drawn from the eye's mirror image below `level_m`; windows and paint see what
    stands about them, softly, and the sky over it.
    """
    shiny = np.flatnonzero(surfels.shine_unit > 0.01)
    if len(shiny) == 0:
        return light
    normals, to = surfels.normals[shiny], surfels.means_m[shiny] - eye_m
    far = np.maximum(np.linalg.norm(to, axis=1), 1e-6)
    to = to / far[:, None]
    facing = np.einsum("nc,nc->n", to, normals)
    normals = np.where(facing[:, None] > 0, -normals, normals)
    cosine = np.abs(facing)
    ray = to + 2 * cosine[:, None] * normals
    floor = normals[:, 2] > LEVEL
    shine = surfels.shine_unit[shiny]
    seen = np.empty((len(shiny), 3), np.float32)
    under = np.array([eye_m[0], eye_m[1], 2 * level_m - eye_m[2]], np.float32)
    below = surroundings(surfels, light, sky_light, under, level_m + 0.06)
    seen[floor] = _smeared(below, ray[floor], 1.0 - shine[floor], far[floor])
    upright = shiny[~floor]
    off = surfels.means_m[upright] + np.float32(OFF_M) * normals[~floor]
    found = around.seen(off.astype(np.float32), ray[~floor].astype(np.float32))
    seen[~floor] = found[:, :3] + found[:, 3:] * sampled(sky_light, ray[~floor])
    least = np.where(floor, WATER_F0, GLASS_F0)
    share = (shine * (least + (1 - least) * (1 - cosine) ** 5)).astype(np.float32)[:, None]
    out = light.copy()
    out[shiny] = light[shiny] * (1 - share) + seen * share
    return out


def surroundings(surfels: Surfels, light: Floats32, sky_light: Floats32, eye_m: Floats32, above_m: float) -> Floats32:
    """A panorama [W/2, W, 3] of patches above a height, before the sky, from an eye anywhere."""
    step = max(sky_light.shape[1] // WIDTH_PX, 1)
    seen = np.ascontiguousarray(sky_light[::step, ::step], np.float32).copy()
    nearest = np.full(seen.shape[:2], np.inf, np.float32)
    skip = (surfels.means_m[:, 2] < above_m) | (surfels.opacities_unit < 0.3)
    kernels.look_around(surfels.means_m, surfels.sizes_m, light, skip, eye_m, nearest, seen)
    return seen


def _smeared(panorama: Floats32, rays: Floats32, rough: Floats32, far_m: Floats32) -> Floats32:
    """Rough floors draw lights out lengthwise: the mean over a stretch of elevation. Close by, where others look on
    than the eye that this is right for, all is soft."""
    total = np.zeros((len(rays), 3), np.float32)
    flat = np.hypot(rays[:, 0], rays[:, 1])
    elevation, around = np.arctan2(np.abs(rays[:, 2]), flat), np.arctan2(rays[:, 0], rays[:, 1])
    tall = panorama.reshape(-1, TALL_ROWS, *panorama.shape[1:]).mean(axis=1)
    offsets = np.linspace(-1, 1, 7)
    for offset in offsets:
        up = np.clip(elevation + offset * rough * math.radians(9.0), 0.003, 1.5)
        towards = np.stack([np.cos(up) * np.sin(around), np.cos(up) * np.cos(around), np.sin(up)], axis=1)
        total += sampled(tall, towards)
    step = len(panorama) // SOFT_ROWS
    soft = panorama.reshape(SOFT_ROWS, step, 2 * SOFT_ROWS, step, 3).mean(axis=(1, 3))
    near = np.clip((SHARP_M[1] - far_m) / (SHARP_M[1] - SHARP_M[0]), 0.0, 1.0) * np.minimum(1.0, 4 * rough)
    dull = np.clip((rough - DULL[0]) / (DULL[1] - DULL[0]), 0.0, 1.0)
    share = np.maximum(near, dull)[:, None]
    return (total / len(offsets) * (1 - share) + sampled(soft, rays) * share).astype(np.float32)
