"""Desert: dunes that lead to buttes, stones and dry bushes on a floor of sand."""

import numpy as np
from numpy.typing import NDArray

from generators.places import noise
from generators.places.brief import Brief
from generators.places.instances import scattered, some
from generators.places.landforms import added, dunes, level, mesas, mountains, ring, rolling
from generators.places.materials import ROCK_RED, SAND, SAND_PALE, SANDSTONE, SNOW, mixed, step, varied
from generators.places.patches import patches
from generators.places.plan import Plan
from generators.places.plants import cacti, dry_bushes
from generators.places.rocks import strewn
from generators.places.ruins import ruins
from generators.places.scenery import Ground, Scenery, Surfels, joined, no_lamps
from generators.places.terrain import Cover, covered, roughened, thickened
from generators.splats import Tag

Floats = NDArray[np.float64]


def desert(brief: Brief, plan: Plan) -> Scenery:
    """Sand within reach, dunes in the middle, table mountains at the horizon."""
    seed = int(plan.rng("land").integers(1 << 30))
    buttes = ring(mesas(seed + 7, 400.0, 105.0, 0.33), 170.0, 300.0)
    range_m = ring(mountains(seed + 9, 620.0, 75.0 if not brief.has("mountains") else 220.0), 700.0, 1250.0)
    far = added(buttes, range_m) if brief.has("mountains") or not brief.has("dunes") else range_m
    sand = added(rolling(seed + 3, 90.0, 1.6), ring(dunes(seed, 62.0, 6.0), 12.0, 90.0))
    ground = level(added(sand, far), plan.radius_m, 16.0)
    cover = covered(ground, int(0.86 * plan.count))
    parts = [sand_and_stone(brief, plan, cover, seed, far)]
    rng = plan.rng("stones")
    stones = scattered(rng, ground, plan.radius_m + 1.2, 60.0, 2.4, 0.12)
    stones = stones._replace(scale=stones.scale * np.exp(rng.normal(-1.5, 0.75, len(stones.x_m))))
    parts += strewn(rng, stones, np.array(SANDSTONE) * 0.85, int(0.05 * plan.count))
    rng = plan.rng("plants")
    places = scattered(rng, ground, plan.radius_m + 2.5, 110.0, 4.5, 0.05)
    clumped = noise.fbm(places.x_m, places.y_m, seed + 41, 26.0, 2) > -0.02
    parts += dry_bushes(rng, some(places, clumped & (places.z_m < 5.0)), int(0.06 * plan.count))
    if brief.has("cacti"):
        tall = scattered(rng, ground, plan.radius_m + 5.0, 120.0, 11.0, 0.04)
        parts += cacti(rng, some(tall, tall.z_m < 5.0), int(0.05 * plan.count))
    if brief.has("ruins"):
        parts += ruins(plan, ground)
    return Scenery(joined(parts), ground, no_lamps())


def sand_and_stone(brief: Brief, plan: Plan, cover: Cover, seed: int, far: Ground) -> Surfels:
    """Ripples across the wind on the sand, layers on the rock."""
    rng = plan.rng("sand")
    x, y, z = cover.x_m, cover.y_m, cover.z_m
    count = len(x)
    rocky = np.maximum(step(cover.slope_unit, 0.16, 0.3), step(far(x, y), 8.0, 20.0) * 0.8)

    def ripples(a: Floats, b: Floats) -> Floats:
        u, v = noise.warped(a, b, seed + 60, 2.4, 0.5)
        return 0.009 * np.sin(2 * np.pi * (u + 0.22 * v) / 0.17) + 0.02 * noise.fbm(a, b, seed + 61, 0.5, 3)

    near = step(cover.distance_m, 11.0, 5.0)  # further off a ripple is smaller than a patch, and only darkens some
    normals = np.where(near[:, None] > 0, roughened(cover, ripples, 0.02), cover.normals)
    normals = mixed(cover.normals, normals, near * (1.0 - rocky))
    patch = noise.fbm(x, y, seed + 70, 14.0, 4)
    sand = (
        mixed(SAND, SAND_PALE, 0.45 + 0.6 * patch)
        * (1.0 + 7.0 * step(cover.distance_m, 30.0, 8.0) * ripples(x, y))[:, None]
    )
    bands = noise.fbm(z * 0.35 + 0.015 * x, 0.01 * (x + y), seed + 80, 3.0, 4)
    stone = mixed(ROCK_RED, SANDSTONE, 0.5 + 1.1 * bands)
    albedo = varied(mixed(sand, stone, rocky), count, rng, 0.06, 0.015)
    if brief.ground == "snow":
        albedo = mixed(albedo, SNOW, step(cover.slope_unit, 0.3, 0.12) * (0.9 - 0.2 * (patch < 0)))
    return patches(cover.means_m, normals, cover.tangents, thickened(cover, normals), albedo, Tag.TERRAIN)
