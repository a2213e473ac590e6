"""Beach: sand that runs down to breaking waves, dunes with grass behind, a headland to one side, driftwood near."""

import numpy as np
from numpy.typing import NDArray

from generators.places import noise
from generators.places.brief import Brief
from generators.places.crags import craggy
from generators.places.instances import planted, scattered, some, standing
from generators.places.landforms import level
from generators.places.materials import (
    DRIFTWOOD,
    GRASS,
    GRASS_DRY,
    ROCK,
    SAND_PALE,
    SAND_WET,
    SNOW,
    mixed,
    step,
    varied,
)
from generators.places.patches import patches, shuffled
from generators.places.plan import Plan
from generators.places.plants import grass_tuft, sticks
from generators.places.rocks import sphere, strewn
from generators.places.scenery import Ground, Scenery, Surfels, joined, no_lamps
from generators.places.terrain import Cover, covered, roughened, thickened
from generators.places.trees import palm, trunk
from generators.places.water import sea
from generators.splats import Tag

Floats = NDArray[np.float64]
SEA_M = -0.55
TIDE_M = 0.48
"""Above the sea: where the last tide left its wrack."""


def beach(brief: Brief, plan: Plan) -> Scenery:
    """The waterline bends from the left front to the right, so that it leads out to the headland."""
    seed = int(plan.rng("land").integers(1 << 30))
    hand = 1.0 if plan.rng("hand").random() < 0.5 else -1.0
    ground = level(shore(plan, seed, hand), plan.radius_m, 5.0)

    def wanted(x: Floats, y: Floats) -> Floats:
        return (np.asarray(ground(x, y)) > SEA_M - 1.6).astype(np.float64)

    cover = covered(ground, int(0.52 * plan.count), wanted=wanted)
    parts = [sand(brief, plan, cover, seed)]
    parts.append(sea(plan.rng("sea"), ground, SEA_M, int(0.3 * plan.count), 0.42))
    parts += things(brief, plan, ground, seed)
    return Scenery(joined(parts), ground, no_lamps(), water_m=SEA_M)


def waterline_y(x_m: Floats, plan: Plan, seed: int, hand: float) -> Floats:
    """Where the dry sand ends, ahead: a bay, open towards the headland."""
    bay = plan.radius_m + 11.0 + 0.0011 * (x_m - 20.0 * hand) ** 2 * (1.0 + 0.3 * np.tanh(x_m / 40.0) * hand)
    return np.minimum(bay, 420.0) + 3.0 * noise.fbm(x_m, np.zeros_like(x_m), seed + 1, 34.0, 3)


def shore(plan: Plan, seed: int, hand: float) -> Ground:
    """Height from the distance to the waterline: foreshore, berm, dunes; a rocky headland far to one side."""

    def ground(x: Floats, y: Floats) -> Floats:
        inland = waterline_y(x, plan, seed, hand) - y
        slope = np.where(inland > 0, 0.052 * np.minimum(inland, 10.5), 0.06 * inland)
        cusps = 0.05 * noise.fbm(x, y, seed + 2, 3.5, 4) * step(inland, 2.0, 10.0)
        hills = 3.4 * (0.45 + noise.fbm(x, y, seed + 3, 17.0, 5, 0.45)) + 2.2 * noise.fbm(x, y, seed + 4, 55.0, 3)
        back = np.maximum(inland - plan.radius_m - 21.0, 0.0)
        dune = step(back, 0.0, 16.0) * (0.8 + np.maximum(hills, -0.3)) + 0.03 * np.minimum(back, 300.0)
        pan = np.arctan2(x * hand, y)
        cape = step(pan, 0.55, 0.95) * step(pan, 1.75, 1.35) * step(np.hypot(x, y), 210.0, 420.0)
        crag = noise.ridged(x, y, seed + 5, 120.0, 6, 0.5)
        rocky = cape * (20.0 + 62.0 * crag) * step(np.hypot(x, y), 1250.0, 700.0)
        return SEA_M + np.maximum(slope, -12.0) + cusps + dune + rocky

    return ground


def sand(brief: Brief, plan: Plan, cover: Cover, seed: int) -> Surfels:
    """Pale and rippled above, dark and shining where the last wave was; grass and rock further up."""
    rng = plan.rng("sand")
    x, y, z = cover.x_m, cover.y_m, cover.z_m
    patch = noise.fbm(x, y, seed + 20, 5.0, 5)

    def relief(a: Floats, b: Floats) -> Floats:
        u, v = noise.warped(a, b, seed + 26, 1.8, 0.4)
        rippled = (
            0.007 * np.sin(2 * np.pi * (0.3 * u + v) / 0.21) * step(noise.fbm(a, b, seed + 27, 4.0, 2), -0.15, 0.2)
        )
        steps = 0.045 * noise.billow(a, b, seed + 21, 0.5, 3)
        return rippled + steps + 0.03 * noise.fbm(a, b, seed + 22, 0.9, 3)

    above = z - SEA_M + 0.03 * patch
    wet = step(above, 0.34, 0.12)
    tilted = roughened(cover, relief, 0.03)
    crags, shade = craggy(cover, seed + 23, 3.0)
    near = step(cover.distance_m, 13.0, 5.0) * (1.0 - wet)
    pits = step(cover.distance_m, 34.0, 8.0) * (1.0 - wet)
    normals = mixed(mixed(cover.normals, tilted, near), crags, step(z, 14.0, 26.0))
    albedo = mixed(SAND_PALE, np.array(SAND_PALE) * (0.83, 0.80, 0.76), 0.5 + patch)
    albedo *= (1.0 + 5.0 * pits * (relief(x, y) - 0.02))[:, None]
    damp = step(np.abs(above - TIDE_M - 0.09 * patch), 0.10, 0.0) * step(noise.fbm(x, y, seed + 25, 2.5, 4), -0.1, 0.4)
    albedo = mixed(albedo, np.array(SAND_WET) * 1.5, 0.5 * damp)
    albedo = mixed(albedo, SAND_WET, wet)
    grassy = step(noise.fbm(x, y, seed + 24, 9.0, 4) + 0.10 * (above - 2.4), 0.02, 0.22) * step(above, 1.5, 2.4)
    albedo = mixed(albedo, mixed(GRASS, GRASS_DRY, 0.55 + patch), 0.75 * grassy)
    headland = mixed(np.array(GRASS) * 0.8, np.array(ROCK) * shade[:, None], step(cover.slope_unit, 0.06, 0.16))
    albedo = mixed(albedo, headland, step(z + 3 * patch, 9.0, 14.0))
    if brief.ground == "snow":
        albedo = mixed(albedo, SNOW, step(above, 0.5, 0.8) * step(cover.slope_unit, 0.3, 0.15))
    albedo = varied(albedo, len(x), rng, 0.06, 0.012)
    shine = 0.55 * step(above, 0.16, 0.05)
    return patches(
        cover.means_m, normals, cover.tangents, thickened(cover, normals), albedo, Tag.TERRAIN, shine_unit=shine
    )  # fmt: skip


def things(brief: Brief, plan: Plan, ground: Ground, seed: int) -> list[Surfels]:
    """Driftwood and stones near, a sand fence, marram grass on the dunes, palms where it is warm."""
    rng = plan.rng("things")
    free = plan.radius_m
    tufts = scattered(rng, ground, free + 3.0, 170.0, 0.75, 0.02)
    high = tufts.z_m - SEA_M
    grown = noise.fbm(tufts.x_m, tufts.y_m, seed + 24, 9.0, 4) + 0.10 * (high - 2.4) > 0.05
    tufts = some(tufts, grown & (high > 1.5) & (high < 11.0))
    colour = np.array((GRASS, GRASS_DRY))
    made = planted([grass_tuft(rng, colour) for _ in range(3)], 0.8, tufts, int(0.11 * plan.count))
    made += wrack(plan, ground, seed)
    logs = scattered(rng, ground, free + 1.0, 34.0, 5.5)
    above = logs.z_m - SEA_M
    logs = some(logs, (above > 0.35) & (above < 1.6))
    logs = logs._replace(scale=logs.scale * rng.uniform(0.35, 0.9, len(logs.x_m)))
    made += planted([driftwood(rng) for _ in range(3)], 1.5, logs, int(0.025 * plan.count))
    stones = scattered(rng, ground, free + 0.8, 70.0, 1.7, 0.06)
    stones = some(stones, (stones.z_m > SEA_M - 0.25) & (stones.z_m < 1.2) & (rng.random(len(stones.x_m)) < 0.5))
    size = np.exp(rng.normal(-2.2, 0.7, len(stones.x_m)))
    made += strewn(rng, stones._replace(scale=size), np.array(ROCK) * 1.1, int(0.03 * plan.count))
    if brief.has("palms"):
        trees = scattered(rng, ground, free + 5.0, 120.0, 7.5, 0.02)
        trees = some(trees, (trees.z_m > 0.2) & (trees.y_m < 3.0) & (trees.z_m < 9.0))
        made += planted([palm(rng) for _ in range(3)], 8.0, trees, int(0.08 * plan.count))
    elif not brief.has("no fence"):
        made.append(fence(rng, plan, ground))
    return made


def wrack(plan: Plan, ground: Ground, seed: int) -> list[Surfels]:
    """Along the tide's line, in clumps with gaps between: weed, shells, bits of wood."""
    rng = plan.rng("wrack")
    drop = scattered(rng, ground, plan.radius_m + 0.5, 60.0, 0.28, 0.022)
    line = drop.z_m - SEA_M - TIDE_M - 0.05 * noise.fbm(drop.x_m, drop.y_m, seed + 25, 3.0, 3)
    clumps = noise.fbm(drop.x_m, drop.y_m, seed + 28, 2.6, 3) > 0.16
    kind = rng.random(len(drop.x_m))
    weeds = some(drop, (np.abs(line) < 0.025) & clumps & (kind < 0.7))
    weeds = weeds._replace(scale=weeds.scale * rng.uniform(0.35, 1.1, len(weeds.x_m)))
    shells = some(drop, (np.abs(line) < 0.1) & (kind > 0.86))
    shells = shells._replace(scale=shells.scale * rng.uniform(0.6, 1.5, len(shells.x_m)))
    made = planted([weed(rng) for _ in range(3)], 0.35, weeds, int(0.016 * plan.count))
    return made + planted([shell(rng, colour) for colour in SHELLS], 0.12, shells, int(0.006 * plan.count))


SHELLS = ((0.72, 0.68, 0.62), (0.55, 0.40, 0.34), (0.16, 0.16, 0.2))


def weed(rng: np.random.Generator) -> Surfels:
    """A flat tangle of brown and olive ribbons, half a metre across, some of them dry."""
    count = 90
    feet = rng.standard_normal((count, 3)) * (0.13, 0.07, 0.0) + (0.0, 0.0, 0.015)
    angle = 0.8 * rng.standard_normal(count)
    along = np.stack((np.cos(angle), np.sin(angle), 0.15 * rng.random(count)), axis=1)
    tips = feet + rng.uniform(0.06, 0.22, (count, 1)) * along
    colour = mixed((0.045, 0.032, 0.012), (0.17, 0.11, 0.045), rng.random(count) ** 2)
    return shuffled(sticks(feet, tips, 0.022, varied(colour, count, rng, 0.25, 0.06)), rng)


def shell(rng: np.random.Generator, colour: tuple[float, float, float]) -> Surfels:
    """One half of a mussel or clam, 6 cm."""
    way = sphere(48)
    way = way[way[:, 2] > 0.0]
    points = way * (0.034, 0.026, 0.014)
    ribs = 0.8 + 0.25 * np.cos(9.0 * np.arctan2(way[:, 1], way[:, 0]))
    albedo = varied(np.array(colour) * ribs[:, None], len(way), rng, 0.08)
    return shuffled(patches(points, way, np.roll(way, 1, axis=1), (0.007, 0.007, 0.002), albedo, Tag.TERRAIN), rng)


def driftwood(rng: np.random.Generator) -> Surfels:
    """A bleached trunk with stumps of branches."""
    stem = trunk(rng, 2.6, 0.11, DRIFTWOOD)
    means, normals, tangents = (v[:, [2, 0, 1]] for v in (stem.means_m, stem.normals, stem.tangents))
    lying = stem._replace(means_m=means + np.array((-1.1, 0.0, 0.08), np.float32), normals=normals, tangents=tangents)
    feet = np.stack((rng.uniform(-0.8, 0.9, 6), np.zeros(6), np.full(6, 0.1)), axis=1)
    tips = feet + rng.uniform((-0.1, -0.5, 0.0), (0.5, 0.5, 0.45), (6, 3))
    return joined((lying, sticks(feet, tips, 0.05, varied(DRIFTWOOD, 6, rng))))


def fence(rng: np.random.Generator, plan: Plan, ground: Ground) -> Surfels:
    """A line of grey posts and two ropes up to the dunes, behind and to one side."""
    side = -1.0 if rng.random() < 0.5 else 1.0
    t = np.arange(22.0)
    x = side * (plan.radius_m + 3.0 + 1.1 * t + 0.25 * rng.standard_normal(22))
    y = -1.0 - 1.5 * t + 0.4 * np.sin(0.7 * t)
    stand = standing(rng, ground, x, y)
    foot = np.stack((stand.x_m, stand.y_m, stand.z_m), axis=1)
    lean = 0.07 * rng.standard_normal((22, 3)) * (1, 1, 0)
    top = foot + (0, 0, 1.1) + lean
    made: list[Surfels] = []
    for low, high in ((-0.15, 0.3), (0.25, 0.7), (0.65, 1.0)):
        made.append(
            sticks(foot + low * (top - foot), foot + high * (top - foot), 0.1, np.array(DRIFTWOOD) * 0.8, Tag.STRUCTURE)
        )
    for share in (0.55, 0.9):
        tied = foot + share * (top - foot)
        middle = 0.5 * (tied[1:] + tied[:-1]) - (0, 0, 0.09)
        for a, b in ((tied[:-1], middle), (middle, tied[1:])):
            made.append(sticks(a, b, 0.025, (0.25, 0.21, 0.15), Tag.STRUCTURE))
    return joined(made)
