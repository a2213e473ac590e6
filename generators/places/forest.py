"""Forest: a clearing with an old path through it, in any season; needles and leaves, ferns, fallen trunks, snow."""

import numpy as np
from numpy.typing import NDArray

from generators.places import noise
from generators.places.brief import Brief
from generators.places.instances import Stand, planted, scattered, some
from generators.places.landforms import added, level, mountains, ring, rolling
from generators.places.materials import (
    AUTUMN,
    BARK,
    BARK_BIRCH,
    BARK_PALE,
    GRASS,
    GRASS_FRESH,
    LITTER,
    MOSS,
    ROCK,
    SNOW,
    SOIL,
    mixed,
    step,
    varied,
)
from generators.places.meadow import LAKE_M, hollow
from generators.places.patches import patches
from generators.places.plan import Plan
from generators.places.plants import bush, litter, meadow_grass
from generators.places.rocks import strewn
from generators.places.ruins import ruins
from generators.places.scenery import Ground, Scenery, Surfels, joined, no_lamps
from generators.places.terrain import Cover, Reach, covered, roughened, thickened
from generators.places.trees import broadleaf, conifer, trunk
from generators.places.water import sea
from generators.splats import Tag

Floats = NDArray[np.float64]
PATH_M = 1.3
"""Half the width of the path that is kept clear."""
LARGEST_STONE = 0.07
"""Metres for each metre away: a boulder at arm's length shows how few splats it is made of."""
GLADE_M = 4.8
"""From the free ground to the first tree: light comes in, and the eye sees trunks rather than needles."""
LEAFY_M = 8.5
"""And to the first leafy one: over the stage, its leaves would be loose dots before the sky."""


def forest(brief: Brief, plan: Plan) -> Scenery:
    """The path bends away ahead; trunks left and right of it, the crowns close further off."""
    seed = int(plan.rng("land").integers(1 << 30))
    land = added(rolling(seed, 38.0, 1.3, 6), ring(rolling(seed + 1, 160.0, 14.0), 30.0, 120.0))
    if brief.has("mountains"):
        land = added(land, ring(mountains(seed + 2, 620.0, 330.0), 420.0, 1200.0))
    water = brief.has("lake") or brief.has("river")
    if water:
        land = hollow(land, plan, brief.has("river"), seed)
    ground = level(land, plan.radius_m, 9.0)
    snow = 1.0 if brief.ground == "snow" else 0.0
    cover = covered(ground, int(0.34 * plan.count), Reach(far_m=1350.0))
    parts = [forest_floor(brief, plan, cover, seed)]
    parts += trees(brief, plan, ground, seed, snow)
    parts += undergrowth(brief, plan, ground, seed, snow)
    if water:
        parts.append(sea(plan.rng("lake"), ground, LAKE_M, int(0.08 * plan.count), 0.03))
    if brief.has("ruins"):
        parts += ruins(plan, ground)
    return Scenery(joined(parts), ground, no_lamps(), water_m=LAKE_M if water else None)


def path_x(y_m: Floats, seed: int) -> Floats:
    """Where the middle of the path is, across: it goes through the stage and bends."""
    away = step(np.abs(y_m), 4.0, 40.0)
    return 13.0 * away * noise.fbm(y_m, np.zeros_like(y_m), seed + 77, 75.0, 2) + 0.4


def off_path(x_m: Floats, y_m: Floats, seed: int) -> Floats:
    """Metres from the path's middle, about."""
    return np.abs(x_m - path_x(y_m, seed))


def trees(brief: Brief, plan: Plan, ground: Ground, seed: int, snow: float) -> list[Surfels]:
    """Near ones one by one, far ones as a cover of crowns; conifers and leafy ones in groups."""
    rng = plan.rng("trees")
    stand = scattered(rng, ground, plan.radius_m + GLADE_M, 260.0, 4.4, 0.042)
    clear = off_path(stand.x_m, stand.y_m, seed) > PATH_M + 1.4
    ahead = (np.abs(stand.x_m) > 3.0 + 0.10 * stand.y_m) | (stand.y_m < 0.0) | (stand.y_m > 48.0)
    stand = some(stand, clear & ahead & (stand.z_m < 120.0) & (stand.z_m > LAKE_M + 0.4))
    stand = stand._replace(scale=stand.scale * (1.0 + 0.0011 * np.hypot(stand.x_m, stand.y_m)))
    leafy_part = (
        -1.0
        if brief.has("pines")
        else 2.0
        if brief.has("birches")
        else 0.8
        if brief.season == "autumn" or brief.has("broadleaf")
        else 0.22
        if snow
        else 0.45
    )
    mix = 0.5 + 0.75 * noise.fbm(stand.x_m, stand.y_m, seed + 5, 38.0, 2) + rng.normal(0.0, 0.16, len(stand.x_m))
    leafy = mix < leafy_part
    under = np.hypot(stand.x_m, stand.y_m) > plan.radius_m + (0.0 if snow else LEAFY_M)
    stand, leafy = some(stand, under | ~leafy), leafy[under | ~leafy]
    budget = int(0.47 * plan.count)
    share = float(leafy.mean())
    season = "winter" if snow else brief.season
    made = planted(
        [conifer(rng, snow, rng.uniform(11.0, 15.0)) for _ in range(4)], 13.0, some(stand, ~leafy),
        int(budget * (1 - share)),
    )  # fmt: skip
    bark = BARK_BIRCH if brief.has("birches") else BARK_PALE
    broad = [broadleaf(rng, season, snow, rng.uniform(9.5, 13.0), bark) for _ in range(5)]
    return made + planted(broad, 12.0, some(stand, leafy), int(budget * share))


def undergrowth(brief: Brief, plan: Plan, ground: Ground, seed: int, snow: float) -> list[Surfels]:
    """Shrubs, stones, fallen trunks, leaves on the ground; grass where it is light."""
    rng = plan.rng("undergrowth")
    free = plan.radius_m
    shrubs = scattered(rng, ground, free + 1.2, 60.0, 2.2, 0.05)
    kept = noise.fbm(shrubs.x_m, shrubs.y_m, seed + 8, 9.0, 3) > 0.08
    shrubs = _clear_of_path(some(shrubs, kept), seed, 0.6)
    shrubs = shrubs._replace(scale=shrubs.scale * rng.uniform(0.45, 1.15, len(shrubs.x_m)))
    colour = AUTUMN[1] if brief.season == "autumn" and not snow else MOSS
    made = planted([bush(rng, np.array(colour) * 1.3, snow) for _ in range(3)], 0.8, shrubs, int(0.05 * plan.count))
    stones = _clear_of_path(scattered(rng, ground, free + 0.9, 45.0, 3.4, 0.06), seed, 0.4)
    away = np.hypot(stones.x_m, stones.y_m)
    size = np.exp(rng.normal(-0.9, 0.6, len(stones.x_m)))
    stones = stones._replace(scale=np.minimum(size, LARGEST_STONE * away))
    made += strewn(rng, stones, np.array(ROCK) * 0.9, int(0.025 * plan.count), snow)
    logs = _clear_of_path(scattered(rng, ground, free + 2.0, 40.0, 8.5), seed, 2.2)
    made += planted([fallen(rng, snow) for _ in range(2)], 2.2, logs, int(0.02 * plan.count))
    if not snow:
        tall = 0.22 if brief.season != "autumn" else 0.14
        made.append(meadow_grass(rng, ground, free, int(0.07 * plan.count), tall, np.array((GRASS, GRASS_FRESH))))
        fallen_colours = np.array(AUTUMN if brief.season == "autumn" else (LITTER, SOIL))
        made.append(litter(rng, ground, int(0.025 * plan.count), fallen_colours))
    return made


def _clear_of_path(stand: Stand, seed: int, more_m: float) -> Stand:
    dry = stand.z_m > LAKE_M + 0.3
    return some(stand, dry & (off_path(stand.x_m, stand.y_m, seed) > PATH_M + more_m))


def fallen(rng: np.random.Generator, snow: float) -> Surfels:
    """A trunk that lies, moss or snow on top."""
    stem = trunk(rng, rng.uniform(3.5, 6.0), 0.2, BARK)
    means, normals, tangents = (v[:, [2, 0, 1]] for v in (stem.means_m, stem.normals, stem.tangents))
    means = means + np.array((-2.2, 0.0, 0.16), np.float32)
    top = np.clip(normals[:, 2] - 0.1, 0.0, 1.0) * 1.4
    albedo = mixed(stem.albedo_unit, SNOW if snow else MOSS, top).astype(np.float32)
    return stem._replace(means_m=means, normals=normals, tangents=tangents, albedo_unit=albedo)


def forest_floor(brief: Brief, plan: Plan, cover: Cover, seed: int) -> Surfels:
    """Litter, moss and grass; trodden earth on the path; or snow with a rut."""
    rng = plan.rng("floor")
    x, y = cover.x_m, cover.y_m
    moss = step(noise.fbm(x, y, seed + 20, 6.0, 4), 0.0, 0.4)
    grassy = step(noise.fbm(x, y, seed + 21, 14.0, 4), -0.1, 0.35)
    bottom = mixed(mixed(LITTER, MOSS, moss), np.array(GRASS) * 0.9, 0.75 * grassy)
    if brief.season == "autumn":
        bottom = mixed(bottom, np.array(AUTUMN)[rng.integers(0, len(AUTUMN), len(x))], 0.62 * (1 - 0.4 * moss))
    bottom = mixed(bottom, (0.03, 0.048, 0.018), step(cover.distance_m, 60.0, 200.0))
    worn = step(off_path(x, y, seed) + 0.35 * noise.fbm(x, y, seed + 22, 1.6, 3), PATH_M, 0.45)
    albedo = varied(mixed(bottom, np.array(SOIL) * 1.25, worn * 0.9), len(x), rng, 0.22, 0.05)
    normals = cover.normals
    near = step(cover.distance_m, 30.0, 8.0)
    if brief.ground == "snow":
        white = varied(SNOW, len(x), rng, 0.03, 0.006)
        showing = step(noise.fbm(x, y, seed + 23, 1.3, 4), 0.34, 0.55) * 0.35 * near
        albedo = mixed(white, albedo, np.maximum(showing, 0.25 * worn * step(noise.fbm(x, y, seed, 0.5, 3), 0.1, 0.5)))
        albedo = mixed(albedo, NEEDLES_FAR, 0.55 * step(cover.distance_m, 250.0, 420.0) * step(cover.z_m, 160.0, 90.0))

    def relief(a: Floats, b: Floats) -> Floats:
        lumps = 0.05 * noise.fbm(a, b, seed + 24, 0.7, 4)
        return lumps - 0.05 * step(off_path(a, b, seed), 0.9, 0.5)

    tilted = roughened(cover, relief, 0.04)
    normals = mixed(cover.normals, tilted, near)
    return patches(cover.means_m, normals, cover.tangents, thickened(cover, normals), albedo, Tag.TERRAIN)


NEEDLES_FAR = (0.05, 0.065, 0.06)
"""A wooded slope from far off."""
