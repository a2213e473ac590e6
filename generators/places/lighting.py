"""Light on a place: the sun and its shadows, the sky as far as each patch sees it, what bounces, and lamps."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.places import light_kernels as kernels
from generators.places.scenery import Scenery, Surfels
from generators.places.sky import Sky, angles, solid_angles

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

SUN_HALVES_M, SUN_SIDE = (14.0, 90.0, 700.0), 2048
SKY_HALVES_M, SKY_SIDE = (14.0, 90.0), 320
SKY_PARTS = 28


class SkyParts(NamedTuple):
    """The sky as a few directions."""

    towards: Floats
    """[K, 3], unit."""
    light_unit: Floats
    """[K, 3], irradiance on a patch that faces it."""


def lit(scenery: Scenery, sky: Sky) -> Floats32:
    """Scene-linear light [N, 3] that leaves each patch towards an eye at the stage's centre."""
    surfels = scenery.surfels
    normals = _facing(surfels)
    parts = sky_parts(sky.light_unit)
    sun_light = np.array(sky.sun.light_unit)
    received = np.zeros((len(normals), 3), np.float32)
    if sun_light.max() > 0:
        towards = np.array(sky.sun.towards)
        share = visible(surfels, normals, towards, SUN_HALVES_M, SUN_SIDE, soft_cells=2)
        received += _turned(surfels, normals, towards, share)[:, None] * sun_light.astype(np.float32)
    seen_sky = np.zeros(len(normals), np.float32)
    for towards, light in zip(parts.towards, parts.light_unit, strict=True):
        share = visible(surfels, normals, towards, SKY_HALVES_M, SKY_SIDE, soft_cells=1)
        received += _turned(surfels, normals, towards, share)[:, None] * light.astype(np.float32)
        seen_sky += share / len(parts.towards)
    received += bounced(surfels, normals, received, seen_sky)
    lamps = scenery.lamps
    _shared(
        len(normals),
        lambda a, b: kernels.lit_by_lamps(
            surfels.means_m, normals, surfels.translucency_unit, lamps.positions_m, lamps.light_unit, a, b, received
        ),
    )
    return surfels.albedo_unit * received / np.float32(np.pi) + surfels.emission_unit


def sky_parts(light: Floats32) -> SkyParts:
    """Every pixel above the horizon is given to the nearest of a few directions, so that no light is lost."""
    height = len(light)
    step = max(height // 64, 1)
    small = light.reshape(height // step, step, 2 * height // step, step, 3).mean(axis=(1, 3))
    rows, columns = angles(len(small))
    flat = np.cos(rows)[:, None]
    towards = np.stack(
        [flat * np.sin(columns), flat * np.cos(columns), np.repeat(np.sin(rows)[:, None], len(columns), axis=1)], -1
    )[: len(small) // 2].reshape(-1, 3)
    energy = (small * solid_angles(len(small))[:, None, None])[: len(small) // 2].reshape(-1, 3)
    k = np.arange(SKY_PARTS) + 0.5
    up, turn = k / SKY_PARTS, k * np.pi * (3 - np.sqrt(5))
    centres = np.stack([np.sqrt(1 - up**2) * np.cos(turn), np.sqrt(1 - up**2) * np.sin(turn), up], axis=1)
    nearest = np.argmax(towards @ centres.T, axis=1)
    sums = np.stack([np.bincount(nearest, energy[:, c], SKY_PARTS) for c in range(3)], axis=1)
    weight = energy.sum(axis=1)
    middle = np.stack([np.bincount(nearest, towards[:, c] * weight, SKY_PARTS) for c in range(3)], axis=1)
    return SkyParts(middle / np.linalg.norm(middle, axis=1, keepdims=True), sums)


def visible(
    surfels: Surfels, normals: Floats32, towards: Floats, halves_m: tuple[float, ...], side: int, *, soft_cells: int
) -> Floats32:
    """The share [N] of a light in a direction that each patch sees past all others."""
    basis = _basis(towards)
    first, second = _axes(surfels)
    maps = np.full((len(halves_m), side, side), -np.inf, np.float32)
    with ThreadPoolExecutor(len(halves_m)) as pool:
        list(
            pool.map(
                lambda level: kernels.depth_map(surfels.means_m, first, second, basis, halves_m[level], maps[level]),
                range(len(halves_m)),
            )
        )
    cell = 2 * halves_m[0] / side
    far = np.linalg.norm(surfels.means_m[:, :2], axis=1)
    lift = np.full(len(normals), 2.0 * cell, np.float32)
    for half, finer in zip(halves_m[1:], halves_m[:-1], strict=True):
        lift[far > 0.7 * finer] = 2.0 * 2 * half / side
    lift += surfels.sizes_m[:, 2]
    facing = np.sign(normals @ towards.astype(np.float32))[:, None] * normals
    points = surfels.means_m + lift[:, None] * (0.7 * facing + 0.7 * towards.astype(np.float32))
    shares = np.empty(len(normals), np.float32)
    halves = np.array(halves_m)
    _shared(len(normals), lambda a, b: kernels.unblocked(points, basis, halves, maps, soft_cells, a, b, shares))
    return shares


def bounced(surfels: Surfels, normals: Floats32, received: Floats32, seen_sky: Floats32) -> Floats32:
    """Irradiance from the ground below and from whatever hides the sky, in the mean colour of what is lit."""
    near = np.linalg.norm(surfels.means_m[:, :2], axis=1) < 40.0
    chosen = near if near.any() else slice(None)
    mean = (surfels.albedo_unit[chosen] * received[chosen]).mean(axis=0)
    from_below = 0.5 * (1.0 - normals[:, 2])
    hidden = np.clip(1.0 - seen_sky, 0.0, 1.0) * (1.0 - from_below)
    return (from_below + 0.5 * hidden)[:, None] * mean


def _turned(surfels: Surfels, normals: Floats32, towards: Floats, share: Floats32) -> Floats32:
    """Lambert's cosine, and through leaves from behind."""
    cosine = normals @ towards.astype(np.float32)
    return share * np.where(cosine > 0, cosine, -cosine * surfels.translucency_unit)


def _facing(surfels: Surfels) -> Floats32:
    """Normals turned to the eye: a patch is seen, and lit, from that side."""
    to_eye = np.array([0, 0, 1.6], np.float32) - surfels.means_m
    return surfels.normals * np.where(np.einsum("nc,nc->n", to_eye, surfels.normals) < 0, -1, 1)[:, None].astype(
        np.float32
    )


def _axes(surfels: Surfels) -> tuple[Floats32, Floats32]:
    second = np.cross(surfels.normals, surfels.tangents)
    return surfels.tangents * surfels.sizes_m[:, :1], (second * surfels.sizes_m[:, 1:2]).astype(np.float32)


def _basis(towards: Floats) -> Floats:
    right = np.cross(towards, [0.0, 0.0, 1.0] if abs(towards[2]) < 0.99 else [0.0, 1.0, 0.0])
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(towards, right), towards])


def _shared(count: int, work: Callable[[int, int], None]) -> None:
    """Ranges of patches over the machine's cores; each patch is done once, so the order does not matter."""
    workers = os.cpu_count() or 1
    edges = np.linspace(0, count, 4 * workers + 1).astype(int)
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, edges[:-1], edges[1:]))
