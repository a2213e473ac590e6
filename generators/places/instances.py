"""Many from a few: prototypes set down with a turn, a size and a tint of their own, each as fine as it looks from the
stage. A prototype is in random order, so its first n patches, made larger, are the whole seen from further off."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.places import noise_kernels
from generators.places.patches import taken
from generators.places.scenery import Ground, Surfels

Floats = NDArray[np.float64]
LEAST_PATCHES = 12
LARGEST_PATCH = 0.75
"""Of a thing's own spread across: more, and a stone far off is a smudge three times its size."""


class Stand(NamedTuple):
    """Where things stand."""

    x_m: Floats
    y_m: Floats
    z_m: Floats
    turn_rad: Floats
    scale: NDArray[np.float64]
    tint: Floats
    """[N, 3], factors on the albedo."""


def scattered(
    rng: np.random.Generator, ground: Ground, near_m: float, far_m: float, apart_m: float, grow: float = 0.0
) -> Stand:
    """Poisson-disc: nothing nearer to another than `apart_m`, and `grow` more per metre from the stage."""
    full_m = apart_m + grow * far_m
    tries = int(min(2.2 * (far_m / (apart_m + 0.5 * grow * far_m)) ** 2 * (4.0 if grow else 1.6), 120_000))
    if grow:
        r = np.exp(rng.uniform(np.log(max(near_m, 0.5)), np.log(far_m), tries))
    else:
        r = np.sqrt(rng.uniform(near_m**2, far_m**2, tries))
    angle = rng.uniform(0.0, 2.0 * np.pi, tries)
    x, y = r * np.sin(angle), r * np.cos(angle)
    columns = int(2.0 * far_m / full_m) + 2
    heads, nexts = np.full(columns * columns, -1, np.int64), np.full(tries, -1, np.int64)
    keep = np.zeros(tries, np.bool_)
    noise_kernels.thinned((x + far_m, y + far_m), apart_m + grow * r, full_m, columns, heads, nexts, keep)
    return standing(rng, ground, x[keep], y[keep])


def standing(rng: np.random.Generator, ground: Ground, x_m: Floats, y_m: Floats, by: float = 0.16) -> Stand:
    """At these places, each its own size and tint."""
    count = len(x_m)
    return Stand(
        x_m,
        y_m,
        np.asarray(ground(x_m, y_m), np.float64),
        rng.uniform(0.0, 2.0 * np.pi, count),
        np.exp(by * rng.standard_normal(count)),
        np.exp(0.12 * rng.standard_normal((count, 1)) + 0.05 * rng.standard_normal((count, 3))),
    )


def some(stand: Stand, which: NDArray[np.bool_] | NDArray[np.integer]) -> Stand:
    """A part of them."""
    return Stand(*(field[which] for field in stand))


def shares(stand: Stand, height_m: float, full: int, budget: int) -> NDArray[np.int64]:
    """Patches for each, by how large it looks, of `full` at most and `budget` in all."""
    if len(stand.x_m) == 0:
        return np.zeros(0, np.int64)
    looks = (height_m * stand.scale / np.maximum(np.hypot(stand.x_m, stand.y_m), 1.0)) ** 1.8
    low, high = 0.0, 1e9
    for _ in range(60):
        factor = 0.5 * (low + high)
        if np.clip(factor * looks, LEAST_PATCHES, full).sum() > budget:
            high = factor
        else:
            low = factor
    return np.clip(low * looks, LEAST_PATCHES, full).astype(np.int64)


def set_down(prototype: Surfels, stand: Stand, patches: NDArray[np.int64]) -> Surfels:
    """The prototype at each place, with `patches` of its own each."""
    full = len(prototype.means_m)
    thing = np.repeat(np.arange(len(patches)), patches)
    part = np.arange(len(thing)) - np.repeat(np.cumsum(patches) - patches, patches)
    turn = stand.turn_rad.astype(np.float32)[thing]
    cos, sin = np.cos(turn), np.sin(turn)
    scale = stand.scale.astype(np.float32)[thing]
    largest_m = LARGEST_PATCH * float(prototype.means_m[:, :2].std(axis=0).max())
    coarser = np.sqrt(full / np.maximum(patches, 1)).astype(np.float32)[thing]

    def turned(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        x, y, z = vectors[part].T
        return np.stack((cos * x - sin * y, sin * x + cos * y, z), axis=1)

    place = np.stack((stand.x_m, stand.y_m, stand.z_m), axis=1).astype(np.float32)[thing]
    made = taken(prototype, part)
    return made._replace(
        means_m=turned(prototype.means_m) * scale[:, None] + place,
        normals=turned(prototype.normals),
        tangents=turned(prototype.tangents),
        sizes_m=_coarser(made.sizes_m, coarser, largest_m) * scale[:, None],
        albedo_unit=_tinted(made.albedo_unit, stand.tint.astype(np.float32)[thing]),
    )


def _tinted(albedo_unit: NDArray[np.float32], tint: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each thing in its own shade; snow and paint stay what they are."""
    pale = np.clip((albedo_unit.min(axis=1, keepdims=True) - 0.35) / 0.3, 0.0, 1.0)
    return np.clip(albedo_unit * (tint + (1.0 - tint) * pale), 0.0, 0.95)


def _coarser(sizes_m: NDArray[np.float32], by: NDArray[np.float32], largest_m: float) -> NDArray[np.float32]:
    """The same area from fewer patches: long ones get rounder, not longer, or every thinned tree would bristle; none so
    large that the thing loses its outline."""
    long, wide, thin = sizes_m.T
    mean = np.sqrt(long * wide)
    mean = np.minimum(mean * by, np.maximum(mean, np.float32(largest_m)))
    aspect = np.sqrt(np.maximum(long / wide / by, np.minimum(long / wide, 1.0)))
    return np.stack((mean * aspect, mean / aspect, thin * by), axis=1)


def planted(prototypes: list[Surfels], height_m: float, stand: Stand, budget: int) -> list[Surfels]:
    """The prototypes in turn over the stand, `budget` patches in all; the furthest are left out where that is few."""
    most = budget // LEAST_PATCHES
    if len(stand.x_m) > most:
        stand = some(stand, np.sort(np.argsort(np.hypot(stand.x_m, stand.y_m), kind="stable")[:most]))
    patches = shares(stand, height_m, max(len(p.means_m) for p in prototypes), budget)
    made: list[Surfels] = []
    for at, prototype in enumerate(prototypes):
        mine = np.arange(at, len(stand.x_m), len(prototypes))
        made.append(set_down(prototype, some(stand, mine), np.minimum(patches[mine], len(prototype.means_m))))
    return made
