"""Meadow: tall grass and flowers, a fence that leads to a lone tree, woods on the hills, mountains far off."""

import numpy as np
from numpy.typing import NDArray

from generators.places import noise
from generators.places.brief import Brief
from generators.places.instances import Stand, planted, scattered, some, standing
from generators.places.landforms import added, level, mountains, ring, rolling
from generators.places.materials import (
    DRIFTWOOD,
    GRASS,
    GRASS_DRY,
    GRASS_FRESH,
    LEAVES,
    ROCK,
    SNOW,
    SOIL,
    mixed,
    step,
    varied,
)
from generators.places.patches import patches
from generators.places.plan import Plan
from generators.places.plants import bush, flowers, grass_tuft, meadow_grass, sticks, trodden_grass
from generators.places.rocks import strewn
from generators.places.ruins import ruins
from generators.places.scenery import Ground, Scenery, Surfels, joined, no_lamps
from generators.places.terrain import Cover, covered, roughened, thickened
from generators.places.trees import broadleaf, conifer
from generators.places.water import sea
from generators.splats import Tag

Floats = NDArray[np.float64]
LAKE_M = -2.2


def meadow(brief: Brief, plan: Plan) -> Scenery:
    """Trodden short where one stands, tall around it; the land rolls up to woods."""
    seed = int(plan.rng("land").integers(1 << 30))
    land = added(rolling(seed, 46.0, 1.5), ring(rolling(seed + 1, 210.0, 24.0), 25.0, 190.0))
    far = ring(mountains(seed + 2, 640.0, 260.0 if not brief.has("mountains") else 430.0), 560.0, 1250.0)
    land = added(land, far)
    water = brief.has("lake") or brief.has("river")
    if water:
        land = hollow(land, plan, brief.has("river"), seed)
    ground = level(land, plan.radius_m, 7.0)
    cover = covered(ground, int(0.44 * plan.count))
    parts = [turf(brief, plan, cover, seed)]
    if water:
        parts.append(sea(plan.rng("lake"), ground, LAKE_M, int(0.08 * plan.count), 0.03))
    parts += growth(brief, plan, ground, seed)
    if brief.has("ruins"):
        parts += ruins(plan, ground)
    return Scenery(joined(parts), ground, no_lamps(), water_m=LAKE_M if water else None)


def hollow(land: Ground, plan: Plan, river: bool, seed: int) -> Ground:
    """The land, with a bed for water in front."""

    def ground(x: Floats, y: Floats) -> Floats:
        if river:
            middle = plan.radius_m + 16.0 + 9.0 * noise.fbm(x, np.zeros_like(x), seed + 50, 60.0, 3) + 0.12 * x
            inside = step(np.abs(y - middle), 11.0, 4.0)
        else:
            inside = step(
                np.hypot(x / 1.7, y - plan.radius_m - 48.0) + 6.0 * noise.fbm(x, y, seed + 51, 24.0, 3), 44.0, 28.0
            )
        high = np.asarray(land(x, y))
        return high * (1.0 - inside) + (LAKE_M - 0.9) * inside

    return ground


def turf(brief: Brief, plan: Plan, cover: Cover, seed: int) -> Surfels:
    """Grass in shades, worn spots, fields and woods in the distance, rock and snow at the top."""
    rng = plan.rng("turf")
    x, y, z = cover.x_m, cover.y_m, cover.z_m
    patch = noise.fbm(x, y, seed + 20, 11.0, 5)
    dry = {"spring": 0.02, "summer": 0.2, "autumn": 0.6, "winter": 0.7}[brief.season]
    green = mixed(mixed(GRASS, GRASS_FRESH, 0.5 + patch), GRASS_DRY, dry + 0.5 * noise.fbm(x, y, seed + 21, 4.0, 4))
    trodden = step(
        cover.distance_m + 3.0 * noise.fbm(x, y, seed + 26, 2.2, 4), plan.radius_m + 2.2, plan.radius_m - 0.8
    )
    worn = trodden * step(noise.fbm(x, y, seed + 27, 1.5, 5), -0.05, 0.35)
    green = mixed(mixed(green, np.array(GRASS_DRY) * 0.42, 0.55 * trodden), np.array(SOIL) * 1.3, 0.75 * worn)
    fields = noise.fbm(np.round(x / 70.0 + 0.3 * patch) * 9.1, np.round(y / 90.0) * 7.3, seed + 22, 1.7, 1)
    green = mixed(green, mixed(GRASS_DRY, GRASS_FRESH, 0.5 + 1.4 * fields), 0.55 * step(cover.distance_m, 70.0, 160.0))
    woods = step(noise.fbm(x, y, seed + 23, 120.0, 4) + 0.003 * z, 0.12, 0.2) * step(cover.distance_m, 230.0, 330.0)
    canopy = np.array((0.03, 0.05, 0.02)) * (1.0 + 0.5 * noise.fbm(x, y, seed + 24, 9.0, 3))[:, None]
    albedo = mixed(green, canopy, woods * step(z, 190.0, 130.0))
    stone = np.array(ROCK) * (1.0 + 0.3 * patch)[:, None]
    albedo = mixed(albedo, stone, step(z + 50 * cover.slope_unit + 20 * patch, 95.0, 150.0))
    albedo = mixed(albedo, SNOW, step(z + 30 * patch, 165.0, 200.0) * step(cover.slope_unit, 0.5, 0.3))
    albedo = mixed(albedo, (0.06, 0.05, 0.035), step(z, LAKE_M + 0.25, LAKE_M) if brief.has("lake") else 0.0 * z)
    if brief.ground == "snow":
        albedo = mixed(albedo, SNOW, (1.0 - 0.75 * woods) * (0.97 - 0.25 * (patch > 0.3)))
    albedo = varied(
        albedo, len(x), rng, 0.2 if brief.ground != "snow" else 0.04, 0.05 if brief.ground != "snow" else 0.01
    )

    def relief(a: Floats, b: Floats) -> Floats:
        return 0.05 * noise.fbm(a, b, seed + 25, 0.35, 3, 0.6)

    normals = mixed(cover.normals, roughened(cover, relief, 0.03), step(cover.distance_m, 40.0, 10.0))
    return patches(cover.means_m, normals, cover.tangents, thickened(cover, normals), albedo, Tag.TERRAIN)


def growth(brief: Brief, plan: Plan, ground: Ground, seed: int) -> list[Surfels]:
    """Blades near, tufts further off, flowers in drifts; tree, fence, hedges, woods."""
    rng = plan.rng("growth")
    snow = 1.0 if brief.ground == "snow" else 0.0
    free = plan.radius_m
    made: list[Surfels] = []
    dry = {"spring": 0.0, "summer": 0.25, "autumn": 0.7, "winter": 0.8}[brief.season]
    colour = np.array((mixed(GRASS, GRASS_DRY, dry * 0.6), mixed(GRASS_FRESH, GRASS_DRY, dry)))
    if not snow:
        made.append(meadow_grass(rng, ground, free, int(0.2 * plan.count), 0.42, colour))
        made.append(trodden_grass(rng, free, int(0.035 * plan.count), np.array((GRASS, GRASS_DRY)) * 1.15))
    if not snow and not brief.has("no flowers"):
        made.append(flowers(rng, ground, free, int(0.05 * plan.count), seed, brief.season))
    tufts = _dry_land(scattered(rng, ground, free + 1.6, 90.0, 0.9, 0.03))
    tufts = tufts._replace(scale=tufts.scale * 0.55)
    made += planted([grass_tuft(rng, colour) for _ in range(3)], 0.6, tufts, int((0.03 if snow else 0.07) * plan.count))
    made += lone_tree(brief, plan, ground, snow)
    made += [] if brief.has("no fence") else [fence(rng, plan, ground)]
    woods = _dry_land(scattered(rng, ground, free + 38.0, 420.0, 5.5, 0.016))
    wooded = noise.fbm(woods.x_m, woods.y_m, seed + 23, 120.0, 4) + 0.003 * woods.z_m > 0.15
    hedge = np.abs(noise.fbm(woods.x_m, woods.y_m, seed + 31, 95.0, 2)) < 0.018
    woods = some(woods, wooded | hedge)
    season = "winter" if snow else brief.season
    kinds = [broadleaf(rng, season, snow, 9.5) for _ in range(3)] + [conifer(rng, snow, 12.0, 0.05)]
    made += planted(kinds, 10.0, woods, int(0.12 * plan.count))
    shrubs = _dry_land(scattered(rng, ground, free + 7.0, 130.0, 7.0, 0.05))
    made += planted([bush(rng, LEAVES, snow) for _ in range(3)], 1.0, shrubs, int(0.03 * plan.count))
    if brief.has("rocks"):
        stones = _dry_land(scattered(rng, ground, free + 1.0, 60.0, 4.0, 0.08))
        made += strewn(rng, stones, ROCK, int(0.03 * plan.count), snow)
    return made


def _dry_land(stand: Stand) -> Stand:
    return some(stand, (stand.z_m > LAKE_M + 0.3) & (stand.z_m < 110.0))


def lone_tree(brief: Brief, plan: Plan, ground: Ground, snow: float) -> list[Surfels]:
    """One old tree, ahead and to one side, where a picture wants it."""
    rng = plan.rng("tree")
    side = 1.0 if rng.random() < 0.5 else -1.0
    x, y = np.array([side * rng.uniform(7.0, 10.0)]), np.array([plan.radius_m + rng.uniform(17.0, 22.0)])
    stand = standing(rng, ground, x, y, 0.05)
    season = "winter" if snow else brief.season
    return planted([broadleaf(rng, season, snow, 13.0)], 400.0, stand, int(0.03 * plan.count))


def fence(rng: np.random.Generator, plan: Plan, ground: Ground) -> Surfels:
    """Split rails that pass the stage on one side and run over the hill."""
    side = 1.0 if plan.rng("tree").random() >= 0.5 else -1.0
    t = np.arange(-14.0, 34.0)
    x = side * (plan.radius_m + 1.6 - 0.02 * (t - 2) + 0.012 * (t - 2) ** 2)
    y = 2.4 * t
    foot = np.stack((x, y, np.asarray(ground(x, y))), axis=1)
    foot = foot[foot[:, 2] > LAKE_M]
    made: list[Surfels] = []
    wood = varied(np.array(DRIFTWOOD) * 0.55, len(foot), rng)
    for low, high in ((-0.2, 0.3), (0.25, 0.75), (0.7, 1.2)):
        made.append(sticks(foot + (0, 0, low), foot + (0, 0, high), 0.13, wood, Tag.STRUCTURE))
    for rail in (0.45, 0.98):
        a, b = foot[:-1] + (0, 0, rail), foot[1:] + (0, 0, rail) + 0.05 * rng.standard_normal((len(foot) - 1, 3))
        for start in np.linspace(0.0, 0.9, 8):
            p, q = a + start * (b - a), a + min(start + 0.16, 1.0) * (b - a)
            made.append(sticks(p, q, 0.085, wood[:-1] * 1.1, Tag.STRUCTURE))
    return joined(made)
