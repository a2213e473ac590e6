"""Stones: boulders cut by planes, worn by noise, so that they have faces and edges and still no two are alike."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from generators.places import noise
from generators.places.instances import Stand, planted
from generators.places.materials import SNOW, mixed, step, varied
from generators.places.patches import patches, shuffled, unit
from generators.places.scenery import Surfels
from generators.splats import Tag

Floats = NDArray[np.float64]
ROCK_PATCHES = 3000


def sphere(count: int) -> Floats:
    """Even directions [N, 3]: the golden-angle spiral."""
    at = np.arange(count) + 0.5
    z = 1.0 - 2.0 * at / count
    angle, flat = at * (np.pi * (3.0 - np.sqrt(5.0))), np.sqrt(1.0 - z * z)
    return np.stack((flat * np.cos(angle), flat * np.sin(angle), z), axis=1)


def rock(rng: np.random.Generator, colour: ArrayLike, snow: float = 0.0, cuts: int = 13) -> Surfels:
    """About 1 m across, its lower quarter below the ground."""
    directions = sphere(ROCK_PATCHES)
    planes = unit(rng.standard_normal((cuts, 3)))
    planes[0] = (0.15, 0.1, 1.0)
    offsets = rng.uniform(0.62, 1.0, cuts)
    facing = np.maximum(directions @ unit(planes).T, 0.05)
    reach = np.sort(offsets / facing, axis=1)
    radius = 0.5 * np.minimum(reach[:, 0], 1.0) * (1.0 - 0.05 * step(reach[:, 1] - reach[:, 0], 0.12, 0.0))
    seed = int(rng.integers(1 << 30))
    x, y, z = 2.0 * directions.T
    worn = noise.fbm(x + z, y - z, seed, 1.1, 5, 0.55) + noise.fbm(y + 5, z + x, seed + 9, 0.45, 4, 0.6)
    points = directions * (radius * (1.0 + 0.05 * worn))[:, None] * (1.0, 1.0, 0.72)
    normals = unit(unit(planes)[np.argmin(offsets / facing, axis=1)] * 1.4 + directions)
    normals = unit(normals + 0.35 * np.stack((worn, np.roll(worn, 1), np.roll(worn, 2)), axis=1))
    keep = points[:, 2] > -0.2
    shade = 0.8 + 0.35 * worn + 0.25 * np.clip(points[:, 2], -0.2, 0.3)
    albedo = varied(np.asarray(colour) * np.clip(shade, 0.35, 1.4)[:, None], len(points), rng, 0.10)
    if snow:
        albedo = mixed(albedo, SNOW, snow * step(normals[:, 2] + 0.2 * worn, 0.3, 0.5))
    size = 0.5 * np.sqrt(4.0 * np.pi / ROCK_PATCHES) * 0.95
    points[:, 2] += 0.1
    made = patches(
        points[keep], normals[keep], rng.standard_normal((int(keep.sum()), 3)), (size, size, 0.3 * size), albedo[keep],
        Tag.TERRAIN,
    )  # fmt: skip
    return shuffled(made, rng)


def strewn(rng: np.random.Generator, stand: Stand, colour: ArrayLike, budget: int, snow: float = 0.0) -> list[Surfels]:
    """Rocks of five shapes."""
    return planted([rock(rng, colour, snow) for _ in range(5)], 0.7, stand, budget)
