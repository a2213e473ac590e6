"""Alien plain: cracked ground, arches and needles of rock, crystals that glow, growths that no botanist knows."""

import math

import numpy as np
from numpy.typing import NDArray

from generators.places import noise
from generators.places.brief import Brief
from generators.places.crags import craggy
from generators.places.instances import Stand, planted, scattered, some
from generators.places.landforms import added, level, mesas, ring, rolling
from generators.places.materials import SNOW, mixed, step, varied
from generators.places.patches import patches, shuffled, unit
from generators.places.photometry import emission, lamp
from generators.places.plan import Plan
from generators.places.plants import sticks
from generators.places.rocks import rock, sphere
from generators.places.scenery import Ground, Lamps, Scenery, Surfels, joined, no_lamps
from generators.places.spires import arches, towers
from generators.places.terrain import Cover, Reach, covered, roughened, thickened
from generators.splats import Tag

Floats = NDArray[np.float64]
UP = np.array((0.0, 0.0, 1.0))
SOILS = (
    ((0.16, 0.075, 0.06), (0.30, 0.17, 0.12)),
    ((0.075, 0.08, 0.115), (0.19, 0.17, 0.24)),
    ((0.14, 0.11, 0.05), (0.28, 0.25, 0.16)),
)
"""From and to, by seed: rust, slate, sulphur."""
GLOWS = ((0.15, 0.9, 1.0), (0.75, 0.3, 1.0), (0.25, 1.0, 0.5), (1.0, 0.45, 0.25))
DAY_NITS, NIGHT_NITS = 90.0, 5.0
"""How bright crystals are: by day enough to be seen, at night not so much that an eye used to the dark sees white."""


def alien_plain(brief: Brief, plan: Plan) -> Scenery:
    """An arch to walk to, needles that lead there, and a far rim of mesas."""
    seed = int(plan.rng("land").integers(1 << 30))
    rng = plan.rng("kind")
    soil, glow = np.array(SOILS[int(rng.integers(3))]), np.array(GLOWS[int(rng.integers(4))])
    land = added(
        rolling(seed, 60.0, 1.3), ring(rolling(seed + 1, 190.0, 12.0), 40.0, 200.0), craters(plan, seed),
        ring(mesas(seed + 2, 380.0, 130.0, 0.52), 420.0, 640.0),
    )  # fmt: skip
    ground = level(land, plan.radius_m, 9.0)
    cover = covered(ground, int(0.68 * plan.count), Reach(far_m=1380.0))
    parts = [crust(brief, plan, cover, seed, soil)]
    parts += arches(plan, ground, soil) + towers(plan, ground, soil)
    rng = plan.rng("stones")
    stones = scattered(rng, ground, plan.radius_m + 1.0, 90.0, 1.9, 0.06)
    stones = stones._replace(scale=np.exp(rng.normal(-1.4, 0.8, len(stones.x_m))))
    parts += planted([rock(rng, 0.7 * soil[1]) for _ in range(4)], 0.7, stones, int(0.06 * plan.count))
    dark = float(step(abs(brief.minutes - 720.0), 380.0, 500.0))
    lit = glow * (DAY_NITS ** (1.0 - dark) * NIGHT_NITS**dark)
    crystals, lamps = clusters(plan, ground, lit)
    parts += crystals + growths(plan, ground, seed, lit)
    return Scenery(joined(parts), ground, lamps)


def craters(plan: Plan, seed: int) -> Ground:
    """Three bowls with rims."""
    rng = plan.rng("craters")
    away, pan = rng.uniform(45.0, 160.0, 3), rng.uniform(0.0, 2.0 * math.pi, 3)
    size = rng.uniform(13.0, 34.0, 3)

    def ground(x: Floats, y: Floats) -> Floats:
        total = np.zeros(np.broadcast(x, y).shape)
        ragged = 0.12 * noise.fbm(x, y, seed + 15, 14.0, 4)
        for a, p, s in zip(away, pan, size, strict=True):
            r = np.hypot(x - a * math.sin(p), y - a * math.cos(p)) / s + ragged
            total += s * (0.16 * np.exp(-(((r - 1.0) / 0.24) ** 2)) - 0.2 * step(r, 1.0, 0.35))
        return total

    return ground


def crust(brief: Brief, plan: Plan, cover: Cover, seed: int, soil: Floats) -> Surfels:
    """Plates with dark cracks between them on the level, banded rock on the steep."""
    rng = plan.rng("crust")
    x, y, z = cover.x_m, cover.y_m, cover.z_m
    patch = noise.fbm(x, y, seed + 20, 12.0, 5)
    u, v = noise.warped(x, y, seed + 21, 1.6, 0.45)

    def plates(a: Floats, b: Floats) -> Floats:
        return noise.ridged(a, b, seed + 22, 1.15, 3, 0.45)

    cracks = step(plates(u, v), 0.70, 0.84) * step(cover.distance_m, 34.0, 12.0)
    flat = mixed(soil[0], soil[1], 0.5 + patch) * (1.0 - 0.72 * cracks)[:, None]
    tilted, shade = craggy(cover, seed + 23, 2.5)
    bands = noise.fbm(0.02 * x + 0.8 * z, 0.02 * y, seed + 24, 5.0, 4)
    stone = mixed(0.55 * soil[0], 1.15 * soil[1], 0.5 + 1.3 * bands) * shade[:, None]
    steep = step(cover.slope_unit, 0.07, 0.2)
    albedo = varied(mixed(flat, stone, steep), len(x), rng, 0.10, 0.03)
    if brief.ground == "snow":
        albedo = mixed(albedo, SNOW, step(cover.slope_unit, 0.3, 0.15) * (0.5 + patch))

    def relief(a: Floats, b: Floats) -> Floats:
        return 0.03 * noise.fbm(a, b, seed + 25, 0.4, 4, 0.6) - 0.03 * step(plates(a, b), 0.68, 0.8)

    near = step(cover.distance_m, 11.0, 5.0) * (1.0 - steep)
    normals = mixed(mixed(cover.normals, roughened(cover, relief, 0.025), near), tilted, steep)
    shine = 0.75 * step(patch, 0.25, 0.4) * (1 - steep) if brief.ground == "wet" else 0.0
    return patches(
        cover.means_m, normals, cover.tangents, thickened(cover, normals), albedo, Tag.TERRAIN, shine_unit=shine
    )


def crystal(rng: np.random.Generator, lit: Floats) -> Surfels:
    """A cluster of six-sided prisms 1 m high, brighter towards the tips."""
    glow = lit / lit.max()
    made: list[Surfels] = []
    for _ in range(int(rng.integers(5, 9))):
        tall, wide = rng.uniform(0.35, 1.0), rng.uniform(0.05, 0.10)
        axis = unit(UP + 0.5 * rng.standard_normal(3))
        side = unit(np.cross(axis, (0.3, 0.9, 0.1)))
        other = np.cross(axis, side)
        foot = 0.14 * rng.standard_normal(3) * (1, 1, 0)
        t = np.repeat((np.arange(14) + 0.5) / 14, 6)
        face = np.tile(np.arange(6), 14) * (np.pi / 3)
        out = np.cos(face)[:, None] * side + np.sin(face)[:, None] * other
        taper = wide * np.clip((1.02 - t) / 0.28, 0.05, 1.0)
        points = foot + (t * tall)[:, None] * axis + 0.86 * taper[:, None] * out
        facing = unit(out + 0.35 * (t > 0.75)[:, None] * axis)
        sizes = np.stack((np.full(84, 0.75 * tall / 14), 0.36 * taper + 0.004, np.full(84, 0.004)), axis=1)
        body = patches(points, facing, axis, sizes, 0.25 * glow + 0.1, Tag.LIGHT, translucency_unit=0.5, shine_unit=0.5)
        strength = emission(float(lit.max()), glow)[None] * (0.25 + t**1.5)[:, None] * rng.uniform(0.85, 1.15, (84, 1))
        made.append(body._replace(emission_unit=strength.astype(np.float32)))
    return shuffled(joined(made), rng)


def clusters(plan: Plan, ground: Ground, lit: Floats) -> tuple[list[Surfels], Lamps]:
    """Crystals in loose rows; the nearest light the ground around them."""
    rng = plan.rng("crystals")
    stand = scattered(rng, ground, plan.radius_m + 1.6, 140.0, 4.2, 0.08)
    stand = some(stand, noise.fbm(stand.x_m, stand.y_m, int(rng.integers(1 << 30)), 22.0, 2) > 0.06)
    stand = stand._replace(scale=rng.uniform(0.5, 1.6, len(stand.x_m)) * (1.0 + 0.01 * np.hypot(stand.x_m, stand.y_m)))
    made = planted([crystal(rng, lit) for _ in range(3)], 1.0, stand, int(0.06 * plan.count))
    order = np.argsort(np.hypot(stand.x_m, stand.y_m), kind="stable")[:14]
    if not len(order):
        return made, no_lamps()
    near: Stand = some(stand, order)
    places = np.stack((near.x_m, near.y_m, near.z_m + 0.7 * near.scale), axis=1).astype(np.float32)
    light = (lamp(0.12 * float(lit.max()), lit)[None] * near.scale[:, None] ** 2).astype(np.float32)
    return made, Lamps(places, light)


def growths(plan: Plan, ground: Ground, seed: int, lit: Floats) -> list[Surfels]:
    """Stalks with a lit globe at the end, in groups."""
    rng = plan.rng("growths")
    stand = scattered(rng, ground, plan.radius_m + 1.4, 90.0, 2.3, 0.05)
    stand = some(stand, noise.fbm(stand.x_m, stand.y_m, seed + 60, 13.0, 2) > 0.10)
    return planted([_growth(rng, lit) for _ in range(4)], 1.5, stand, int(0.06 * plan.count))


def _growth(rng: np.random.Generator, lit: Floats) -> Surfels:
    glow = lit / lit.max()
    made: list[Surfels] = []
    for _ in range(int(rng.integers(3, 7))):
        tall, away = rng.uniform(0.5, 1.7), rng.uniform(0.0, 2 * np.pi)
        bend = rng.uniform(0.15, 0.6) * tall
        t = np.linspace(0.0, 1.0, 15)[:, None]
        out = np.array((math.cos(away), math.sin(away), 0.0))
        path = 0.08 * rng.standard_normal(3) * (1, 1, 0) + bend * t**2 * out + tall * (t - 0.12 * t**3) * UP
        stem = varied(mixed((0.05, 0.03, 0.07), 0.18 * glow, t[1:, 0]), 14, rng)
        made.append(sticks(path[:-1], path[1:], 0.05 * (1.2 - t[1:, 0]), stem))
        way = sphere(46)
        globe = rng.uniform(0.04, 0.10)
        bulb = patches(
            path[-1] + globe * way, way, np.roll(way, 1, axis=1), (0.42 * globe, 0.42 * globe, 0.004),
            0.2 * glow + 0.05, Tag.FOLIAGE, translucency_unit=0.5,
        )  # fmt: skip
        light = emission(0.4 * float(lit.max()), glow)[None] * np.clip(0.55 + 0.6 * way[:, 2:], 0.1, 1.2)
        made.append(bulb._replace(emission_unit=light.astype(np.float32)))
    return shuffled(joined(made), rng)
