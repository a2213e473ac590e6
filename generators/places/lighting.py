"""Light on a place: the sun and its shadows, the sky as far as each patch sees it, lamps, and what bounces."""

import math
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.equirectangular import directions
from generators.places import light_kernels as kernels
from generators.places.bounce import Around, bounced
from generators.places.light_kernels import Lights, Maps, Parts, Patches, Shapes
from generators.places.panorama import Floats, Floats32, solid_angles
from generators.places.scenery import Scenery, Surfels
from generators.places.sharing import shared
from generators.places.sky import Sky
from generators.places.voxels import space_of, voxels

EYE_M = np.array([0.0, 0.0, 1.6], np.float32)
"""Where a visitor stands; what depends on the place of an eye is right for this one."""
SUN_HALVES_M, SUN_SIDE = (14.0, 90.0, 800.0), 2048
SKY_HALVES_M, SKY_SIDE = (14.0, 90.0), 288
SKY_PARTS = 26
UNEVEN = 0.8
"""Of a patch's width."""
LAMPLIGHT_BOX = ((-26.0, -26.0, -1.0), (26.0, 26.0, 11.0), 0.25)
"""Where lamps throw shadows."""


class Lit(NamedTuple):
    """Light that falls, and that leaves."""

    received_unit: Floats32
    """[N, 3], irradiance."""
    light_unit: Floats32
    """[N, 3], what each patch sends out, the same to all sides."""
    sky_seen_unit: Floats32
    """[N], the share of the sky above a patch that nothing hides."""
    around: Around
    """For mirrors."""


def lit(scenery: Scenery, sky: Sky) -> Lit:
    """All light but reflections and fog."""
    surfels = scenery.surfels
    patches = Patches(surfels.means_m, _facing(surfels), surfels.translucency_unit, _unevenness_m(surfels))
    shapes = _shapes(surfels)
    received = np.zeros((len(patches.means), 3), np.float32)
    seen = np.zeros((len(patches.means), 2), np.float32)
    sun_light = np.array([sky.sun.light_unit])
    if sun_light.max() > 0:
        sun = Parts(_basis(np.array(sky.sun.towards_unit))[None], sun_light)
        _gather(shapes, patches, sun, (SUN_HALVES_M, SUN_SIDE), received, seen)
    seen[:] = 0
    _gather(shapes, patches, sky_parts(sky.light_unit), (SKY_HALVES_M, SKY_SIDE), received, seen)
    _add_lamps(scenery, patches, received)
    sky_seen = (seen[:, 0] / np.maximum(seen[:, 1], 1e-3)).astype(np.float32)
    added, around = bounced(surfels, patches.normals, received, sky_seen)
    received += added
    light = surfels.albedo_unit * received / np.float32(math.pi) + surfels.emission_unit
    return Lit(received, light.astype(np.float32), sky_seen, around)


def _add_lamps(scenery: Scenery, patches: Patches, received: Floats32) -> None:
    """With the shadows of what stands near the stage."""
    lamps, surfels = scenery.lamps, scenery.surfels
    if not len(lamps.positions_m):
        return
    near, _ = voxels(surfels.means_m, surfels.normals, surfels.sizes_m, surfels.opacities_unit, LAMPLIGHT_BOX)
    lights = Lights(lamps.positions_m, lamps.light_unit, *lamps.cut_off_unit)
    shared(len(received), lambda a, b: kernels.lit_by_lamps(patches, lights, space_of(near), a, b, received))


def sky_parts(light: Floats32) -> Parts:
    """Every pixel above the horizon is given to the nearest of a few directions, so that no light is lost."""
    height = len(light)
    step = max(height // 64, 1)
    small = light.reshape(height // step, step, 2 * height // step, step, 3).mean(axis=(1, 3))
    upper = len(small) // 2
    towards = directions(len(small))[:upper].reshape(-1, 3)
    energy = (small * solid_angles(len(small))[:, None, None])[:upper].reshape(-1, 3)
    k = np.arange(SKY_PARTS) + 0.5
    up, turn = k / SKY_PARTS, k * math.pi * (3 - math.sqrt(5))
    centres = np.stack([np.sqrt(1 - up**2) * np.cos(turn), np.sqrt(1 - up**2) * np.sin(turn), up], axis=1)
    nearest = np.argmax(towards @ centres.T, axis=1)
    weight = energy.sum(axis=1) + 1e-12
    sums = np.stack([np.bincount(nearest, energy[:, c], SKY_PARTS) for c in range(3)], axis=1)
    middle = np.stack([np.bincount(nearest, towards[:, c] * weight, SKY_PARTS) for c in range(3)], axis=1)
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    return Parts(np.stack([_basis(m) for m in middle]), sums)


def _gather(
    shapes: Shapes,
    patches: Patches,
    parts: Parts,
    grid: tuple[tuple[float, ...], int],
    received: Floats32,
    seen: Floats32,
) -> None:
    """Maps of depth for each direction, half sizes and cells as `grid` says; then all patches past them."""
    halves_m, side = grid
    depths = np.full((len(parts.light), len(halves_m), side, side), -np.inf, np.float32)
    last = len(halves_m) - 1

    def draw(job: int) -> None:
        k, level = divmod(job, len(halves_m))
        kernels.depth_map(shapes, parts.bases[k], halves_m[level], level == last, depths[k, level])

    with ThreadPoolExecutor() as pool:
        list(pool.map(draw, range(len(parts.light) * len(halves_m))))
    maps = Maps(depths, np.array(halves_m))
    shared(len(received), lambda a, b: kernels.gather(patches, parts, maps, a, b, received, seen))


def _shapes(surfels: Surfels) -> Shapes:
    second = np.cross(surfels.normals, surfels.tangents)
    return Shapes(
        surfels.means_m,
        surfels.tangents * surfels.sizes_m[:, :1],
        (second * surfels.sizes_m[:, 1:2]).astype(np.float32),
    )


def _unevenness_m(surfels: Surfels) -> Floats32:
    """How far a patch's neighbours may stand out before it, who lie aslant on the same ground: they are not shade."""
    across = np.sqrt(surfels.sizes_m[:, 0] * surfels.sizes_m[:, 1])
    return np.maximum(surfels.sizes_m[:, 2], np.float32(UNEVEN) * across).astype(np.float32)


def _facing(surfels: Surfels) -> Floats32:
    towards_eye = np.einsum("nc,nc->n", EYE_M - surfels.means_m, surfels.normals) >= 0
    return np.where(towards_eye[:, None], surfels.normals, -surfels.normals)


def _basis(towards: NDArray[np.floating]) -> Floats:
    right = np.cross(towards, [0.0, 0.0, 1.0] if abs(towards[2]) < 0.99 else [0.0, 1.0, 0.0])
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(towards, right), towards])
