"""Coast road: along the top of the cliffs, the sea on the right, headlands one behind the other, grass on the left."""

import numpy as np
from numpy.typing import NDArray

from generators.places import noise
from generators.places.brief import Brief
from generators.places.crags import craggy
from generators.places.instances import planted, scattered, some
from generators.places.landforms import level
from generators.places.materials import (
    GRASS,
    GRASS_DRY,
    GRAVEL,
    LEAVES,
    ROCK,
    ROCK_DARK,
    SAND_PALE,
    SNOW,
    mixed,
    step,
    varied,
)
from generators.places.patches import patches
from generators.places.plan import Plan
from generators.places.plants import bush, grass_tuft
from generators.places.roads import Road, cut, lateral
from generators.places.roadside import HALF_M, furnished, middle_m, uncovered, verge
from generators.places.rocks import strewn
from generators.places.scenery import Ground, Scenery, Surfels, joined, no_lamps
from generators.places.terrain import Cover, covered, thickened
from generators.places.water import sea
from generators.splats import Tag

Floats = NDArray[np.float64]
SEA_M = -17.0
VERGE_M = 3.2
"""Grass between the rail and the edge of the cliff."""


def coast_road(brief: Brief, plan: Plan) -> Scenery:
    """The road swings out to each headland; surf below, stacks in the water."""
    seed = int(plan.rng("land").integers(1 << 30))
    road = bays(plan)
    ground = level(cut(cliffs(road, seed, brief.has("mountains")), road, 1.4, 3.0), plan.radius_m, 4.0)

    def wanted(x: Floats, y: Floats) -> Floats:
        return (uncovered(road, x, y) & (np.asarray(ground(x, y)) >= SEA_M - 2.5)).astype(np.float64)

    cover = covered(ground, int(0.41 * plan.count), wanted=wanted)
    parts = [land(brief, plan, cover, road, seed)]
    rng = plan.rng("road")
    parts += furnished(rng, brief, road, ground, int(0.14 * plan.count))
    parts.append(sea(plan.rng("sea"), ground, SEA_M, int(0.22 * plan.count), 0.5))
    parts += growth(brief, plan, ground, road, seed)
    return Scenery(joined(parts), ground, no_lamps(), water_m=SEA_M)


def bays(plan: Plan) -> Road:
    """Swings from headland to headland, to the right first, and falls a little."""
    rng = plan.rng("route")
    y = np.arange(-1300.0, 1300.5, 1.0)
    bend = step(np.abs(y), 9.0, 110.0)
    phase, length = rng.uniform(-0.35, 0.35), rng.uniform(300.0, 360.0)
    swings = 34.0 * (np.sin(2 * np.pi * y / length + phase) - np.sin(phase)) + 0.06 * np.maximum(y, 0.0)
    x = middle_m(plan) + bend * swings
    dips = 5.0 * step(np.abs(y), 14.0, 160.0) * (1.0 - np.cos(2 * np.pi * y / (1.7 * length)))
    return Road(y, x, dips, HALF_M)


def cliffs(road: Road, seed: int, mountainous: bool) -> Ground:
    """Across the road: hills, the road, a verge, a cliff, the bottom of the sea; stacks stand off it."""

    def ground(x: Floats, y: Floats) -> Floats:
        off = lateral(road, x, y)
        left, right = np.maximum(-off - HALF_M, 0.0), np.maximum(off - HALF_M, 0.0)
        crag = noise.ridged(*noise.warped(x, y, seed, 24.0, 6.0), seed + 1, 30.0, 5, 0.52) - 0.45
        ragged = right + 9.0 * crag + 3.0 * noise.fbm(x, y, seed + 2, 8.0, 4)
        fall = step(ragged, VERGE_M, VERGE_M + 7.0) * 0.62 + step(ragged, VERGE_M + 6.0, VERGE_M + 24.0) * 0.38
        base = np.interp(y, road.y_m, road.z_m)
        hill = 3.5 * step(left, 2.0, 26.0) * (1.0 + 1.4 * noise.fbm(x, y, seed + 3, 30.0, 5))
        hill += 0.20 * np.minimum(left, 500.0) * (1.0 + 0.9 * noise.fbm(x, y, seed + 4, 150.0, 5))
        if mountainous:
            far = noise.ridged(x, y, seed + 9, 500.0, 6, 0.5)
            hill += 330.0 * step(left, 260.0, 900.0) * far**1.4
        stacks = (
            step(noise.fbm(x, y, seed + 5, 46.0, 2), 0.32, 0.42) * step(right, 30.0, 48.0) * step(right, 210.0, 90.0)
        )
        bottom = SEA_M - 1.6 - 0.22 * np.maximum(right - 16.0, 0.0)
        bottom += stacks * (14.0 + 16.0 * crag)
        top = base + hill + 0.4 * noise.fbm(x, y, seed + 6, 6.0, 4) * step(right + left, 1.0, 4.0)
        return top * (1.0 - fall) + np.minimum(bottom, top) * fall

    return ground


def land(brief: Brief, plan: Plan, cover: Cover, road: Road, seed: int) -> Surfels:
    """Grass above, rock on the cliffs, dark and wet near the water."""
    rng = plan.rng("slopes")
    x, y, z = cover.x_m, cover.y_m, cover.z_m
    patch = noise.fbm(x, y, seed + 20, 15.0, 5)
    normals, shade = craggy(cover, seed + 23, 1.6)
    layers = noise.fbm(0.05 * x + 0.9 * z, 0.8 * z - 0.05 * y, seed + 21, 3.0, 4)
    stone = mixed(ROCK, np.array(SAND_PALE) * 0.62, 0.45 + 0.9 * layers) * shade[:, None]
    stone = mixed(stone, np.array(ROCK_DARK) * 0.7, step(z, SEA_M + 3.2, SEA_M + 0.8))
    dry = {"summer": 0.32, "autumn": 0.7, "winter": 0.6, "spring": 0.05}[brief.season]
    green = mixed(GRASS, GRASS_DRY, dry + 0.8 * patch)
    scrub = step(noise.fbm(x, y, seed + 22, 7.0, 4), 0.12, 0.3) * step(cover.distance_m, 35.0, 110.0)
    green = mixed(green, (0.045, 0.06, 0.025), 0.8 * scrub)
    albedo = mixed(green, stone, np.maximum(step(cover.slope_unit + 0.04 * patch, 0.12, 0.22), step(z, -9.0, -12.0)))
    off = np.abs(lateral(road, x, y)) - HALF_M
    albedo = mixed(albedo, GRAVEL, step(off, 1.3, 0.7))
    if brief.ground == "snow":
        albedo = mixed(albedo, SNOW, step(cover.slope_unit, 0.3, 0.16) * step(z, SEA_M + 1.0, SEA_M + 4.0))
    near = step(cover.distance_m, 500.0, 60.0) * (0.25 + 0.75 * step(cover.slope_unit, 0.05, 0.2))
    albedo = varied(albedo, len(x), rng, 0.15, 0.035)
    normals = mixed(cover.normals, normals, near)
    return patches(cover.means_m, normals, cover.tangents, thickened(cover, normals), albedo, Tag.TERRAIN)


def growth(brief: Brief, plan: Plan, ground: Ground, road: Road, seed: int) -> list[Surfels]:
    """Wind-cut shrubs, stones, grass along the verge."""
    snow = 1.0 if brief.ground == "snow" else 0.0
    rng = plan.rng("growth")
    shrubs = scattered(rng, ground, plan.radius_m + 2.5, 150.0, 2.6, 0.035)
    off = lateral(road, shrubs.x_m, shrubs.y_m)
    patchy = noise.fbm(shrubs.x_m, shrubs.y_m, seed + 30, 14.0, 3) > 0.05
    shrubs = some(shrubs, patchy & ((off < -HALF_M - 3.0) | (off > HALF_M + 2.4)) & (shrubs.z_m > -4.0))
    shrubs = shrubs._replace(scale=shrubs.scale * rng.uniform(0.5, 1.5, len(shrubs.x_m)))
    made = planted(
        [bush(rng, np.array(LEAVES) * (1.0, 0.85, 1.1), snow) for _ in range(3)], 0.9, shrubs, int(0.07 * plan.count)
    )
    stones = scattered(rng, ground, plan.radius_m + 1.0, 160.0, 3.0, 0.05)
    off = np.abs(lateral(road, stones.x_m, stones.y_m))
    stones = some(stones, off > HALF_M + 1.6)
    low = stones.z_m < -8.0
    stones = stones._replace(scale=np.exp(rng.normal(-1.1, 0.7, len(stones.x_m))) * np.where(low, 5.0, 1.0))
    made += strewn(rng, stones, np.array(ROCK), int(0.05 * plan.count), snow)
    if not snow:
        tufts = scattered(rng, ground, plan.radius_m + 2.0, 90.0, 1.3, 0.025)
        clumped = noise.fbm(tufts.x_m, tufts.y_m, seed + 31, 6.0, 3) > 0.0
        tufts = some(tufts, clumped & (np.abs(lateral(road, tufts.x_m, tufts.y_m)) > HALF_M + 1.8) & (tufts.z_m > -6.0))
        tufts = tufts._replace(scale=tufts.scale * rng.uniform(0.35, 0.8, len(tufts.x_m)))
        colour = np.array((GRASS, GRASS_DRY))
        made += planted([grass_tuft(rng, colour) for _ in range(3)], 0.5, tufts, int(0.06 * plan.count))
        made.append(verge(rng, plan, road, ground, 0.09, 0.3))
    return made
