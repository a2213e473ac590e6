"""Mountain road: it climbs along a flank, rock on the left, a valley on the right behind the rail, peaks beyond."""

import numpy as np
from numpy.typing import NDArray

from generators.places import noise
from generators.places.brief import Brief
from generators.places.crags import craggy
from generators.places.instances import planted, scattered, some
from generators.places.landforms import level, mountains, ring
from generators.places.materials import GRASS, GRASS_DRY, GRAVEL, ROCK, ROCK_DARK, SCREE, SNOW, mixed, step, varied
from generators.places.patches import patches
from generators.places.plan import Plan
from generators.places.roads import Road, cut, lateral
from generators.places.roadside import HALF_M, furnished, middle_m, uncovered, verge
from generators.places.rock_face import rock_face
from generators.places.rocks import strewn
from generators.places.scenery import Ground, Scenery, Surfels, joined, no_lamps
from generators.places.terrain import Cover, covered, thickened
from generators.places.trees import conifer
from generators.splats import Tag

Floats = NDArray[np.float64]
SHOULDER_M = 1.3
FOOT_M = HALF_M + SHOULDER_M + 0.25
"""From the road's middle to the foot of the rock beside it."""


def mountain_road(brief: Brief, plan: Plan) -> Scenery:
    """The road leads the eye round the bend to the far range."""
    seed = int(plan.rng("land").integers(1 << 30))
    road = winding(plan, 26.0, 0.045)
    land = flank(road, seed, 1.0 if brief.has("mountains") or not brief.has("hills") else 0.5)
    ground = level(cut(land, road, SHOULDER_M, 3.0), plan.radius_m, 4.0)

    def wanted(x: Floats, y: Floats) -> Floats:
        off = lateral(road, x, y)
        behind = (off < -FOOT_M - 0.8) & (off > -FOOT_M - 4.0) & (np.abs(y) < 130.0)
        return np.where(uncovered(road, x, y), np.where(behind, 0.2, 1.0), 0.0)

    cover = covered(ground, int(0.42 * plan.count), wanted=wanted)
    parts = [slopes(brief, plan, cover, road, seed)]
    rng = plan.rng("road")
    parts += furnished(rng, brief, road, ground, int(0.15 * plan.count))
    snow = 0.9 if brief.ground == "snow" else 0.0
    parts.append(rock_face(plan.rng("face"), plan, road, ground, FOOT_M, int(0.22 * plan.count), snow))
    parts += growth(brief, plan, ground, road, seed)
    return Scenery(joined(parts), ground, no_lamps())


def winding(plan: Plan, swing_m: float, grade: float) -> Road:
    """A road to the right of whose middle the stage is; it turns right ahead, so that one sees where it goes."""
    rng = plan.rng("route")
    seed = int(rng.integers(1 << 30))
    y = np.arange(-1100.0, 1100.5, 1.0)
    bend = step(np.abs(y), 10.0, 130.0)
    sweep = swing_m * (1.25 * np.exp(-(((y - 125.0) / 62.0) ** 2)) - 0.9 * np.exp(-(((y + 110.0) / 60.0) ** 2)))
    wander = 1.6 * swing_m * noise.fbm(y, np.zeros_like(y), seed, 190.0, 2)
    x = middle_m(plan) + step(np.abs(y), 8.0, 60.0) * sweep + bend * wander
    x += step(np.abs(y), 250.0, 900.0) * (0.25 * np.abs(y))
    climb = grade * (np.sign(y) * np.maximum(np.abs(y) - 14.0, 0.0) ** 2 / (np.abs(y) + 20.0))
    return Road(y, x, climb, HALF_M)


def flank(road: Road, seed: int, wild: float) -> Ground:
    """Rises left of the road, falls right of it, and rises again across the valley."""
    peaks = ring(mountains(seed + 3, 720.0, 560.0 * wild), 430.0, 1200.0)

    def ground(x: Floats, y: Floats) -> Floats:
        off = lateral(road, x, y)
        crags = noise.ridged(*noise.warped(x, y, seed, 30.0, 8.0), seed + 1, 42.0, 5, 0.5) - 0.45
        rough = noise.fbm(x, y, seed + 2, 9.0, 5, 0.55)
        left, right = np.maximum(-off - HALF_M - SHOULDER_M, 0.0), np.maximum(off - HALF_M - SHOULDER_M, 0.0)
        blocks = noise.ridged(x, y, seed + 6, 6.5, 4, 0.55) - 0.4
        wall = 6.5 * step(left, 1.0, 5.2) * (0.85 + 0.5 * crags + 0.5 * blocks) + 0.62 * np.minimum(left, 260.0) * (
            0.9 + 0.3 * crags
        )
        wall += (2.6 * rough + 9.0 * crags * step(left, 6.0, 60.0)) * step(left, 3.0, 12.0)
        drop = -(0.58 * np.minimum(right, 150.0) + 0.12 * np.clip(right - 150.0, 0.0, 200.0))
        drop += (1.8 * rough + 12.0 * crags * step(right, 12.0, 90.0)) * step(right, 0.5, 10.0)
        base = np.interp(y, road.y_m, road.z_m) * np.exp(-right / 120.0)
        return base + wall + drop + np.asarray(peaks(x, y))

    return ground


def slopes(brief: Brief, plan: Plan, cover: Cover, road: Road, seed: int) -> Surfels:
    """Rock where it is steep, scree and grass where it is not, snow on high ledges."""
    rng = plan.rng("slopes")
    x, y, z = cover.x_m, cover.y_m, cover.z_m
    patch = noise.fbm(x, y, seed + 20, 13.0, 5)
    steep = cover.slope_unit + 0.05 * patch
    layers = noise.fbm(0.02 * x + 0.3 * z, 0.35 * z - 0.02 * y, seed + 21, 2.4, 4)
    stone = mixed(ROCK_DARK, ROCK, 0.62 + 0.9 * layers)
    green = mixed(GRASS, GRASS_DRY, 0.3 + 0.8 * patch if brief.season != "autumn" else 0.9)
    low = mixed(green, SCREE, step(patch, 0.18, 0.5) + step(z, 110.0, 220.0))
    tilted, shade = craggy(cover, seed + 23, 1.3, 0.32)
    albedo = mixed(low, stone * shade[:, None] * 0.85, step(steep, 0.10, 0.2))
    wooded = step(noise.fbm(x, y, seed + 22, 60.0, 4), -0.15, 0.15) * step(z, 90.0, 40.0) * step(steep, 0.45, 0.3)
    albedo = mixed(albedo, (0.03, 0.045, 0.022), 0.8 * wooded * step(cover.distance_m, 120.0, 260.0))
    line = 110.0 if brief.season in ("spring", "winter") else 165.0
    white = step(z + 45.0 * patch, line, line + 40.0) * step(cover.slope_unit, 0.5, 0.32)
    if brief.ground == "snow":
        white = np.maximum(white, step(steep, 0.42, 0.24))
    off = np.abs(lateral(road, x, y)) - HALF_M
    albedo = mixed(albedo, GRAVEL, step(off, 2.2, 0.9) * (0.15 if brief.ground == "snow" else 1.0))
    albedo = mixed(varied(albedo, len(x), rng, 0.13, 0.03), SNOW, white)

    normals = mixed(cover.normals, tilted, step(cover.distance_m, 420.0, 60.0))
    return patches(cover.means_m, normals, cover.tangents, thickened(cover, normals), albedo, Tag.TERRAIN)


def growth(brief: Brief, plan: Plan, ground: Ground, road: Road, seed: int) -> list[Surfels]:
    """Conifers below and above the road, stones that came down, grass along the shoulder."""
    snow = 1.0 if brief.ground == "snow" else 0.0
    rng = plan.rng("growth")
    stand = scattered(rng, ground, plan.radius_m + 4.0, 330.0, 4.5, 0.028)
    off = lateral(road, stand.x_m, stand.y_m)
    groups = noise.fbm(stand.x_m, stand.y_m, seed + 30, 34.0, 3) > 0.02
    clear = (off < -HALF_M - 8.0) | (off > HALF_M + 5.0)
    open_view = (np.abs(np.degrees(np.arctan2(stand.x_m, stand.y_m)) - 35.0) > 38.0) | (stand.z_m < -9.0)
    stand = some(stand, groups & clear & open_view & (stand.z_m < 110.0))
    stand = stand._replace(scale=stand.scale * 0.72)
    made = planted([conifer(rng, snow, 13.0, 0.08) for _ in range(4)], 10.0, stand, int(0.14 * plan.count))
    stones = scattered(rng, ground, plan.radius_m + 0.8, 90.0, 1.6, 0.05)
    off = lateral(road, stones.x_m, stones.y_m)
    stones = some(stones, (off > HALF_M + 1.0) | (off < -FOOT_M - 9.0) | ((off < -HALF_M - 0.9) & (off > 0.4 - FOOT_M)))
    stones = stones._replace(scale=np.exp(rng.normal(-1.3, 0.75, len(stones.x_m))))
    made += strewn(rng, stones, np.array(ROCK), int(0.05 * plan.count), snow)
    if not snow:
        made.append(verge(rng, plan, road, ground, 0.06, 0.25))
    return made
