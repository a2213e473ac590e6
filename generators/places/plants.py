"""Low growth: grass, flowers, bushes, cacti. Prototypes of about a metre, to be set down many times, and blades that
are placed one by one near the stage."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from generators.places import noise
from generators.places.instances import Stand, planted
from generators.places.materials import BARK, GRASS_DRY, LEAVES, SNOW, mixed, varied
from generators.places.patches import patches, shuffled, unit
from generators.places.rocks import sphere
from generators.places.scenery import Ground, Surfels, joined
from generators.splats import Tag

Floats = NDArray[np.float64]
LEAF_UNIT = 0.5
"""What a leaf lets through."""


def sticks(feet_m: Floats, tips_m: Floats, thick_m: ArrayLike, albedo: ArrayLike, tag: Tag = Tag.FOLIAGE) -> Surfels:
    """Thin round things [N]: twigs, stalks, posts. Each is one long ellipsoid."""
    along = tips_m - feet_m
    lengths = np.linalg.norm(along, axis=1)
    thick = np.broadcast_to(np.asarray(thick_m, np.float64), lengths.shape)
    aside = np.cross(along, (0.31, -0.73, 0.61))
    facing = unit(aside + (0.0, 0.0, 0.35) * lengths[:, None])
    sizes = np.stack((0.36 * lengths, 0.5 * thick, 0.5 * thick), axis=1)
    return patches(0.5 * (feet_m + tips_m), facing, along, sizes, albedo, tag)


def blades(rng: np.random.Generator, feet_m: Floats, height_m: Floats, width_m: Floats, albedo: Floats) -> Surfels:
    """Grass [N]: each blade a lower, upright half and a bent tip."""
    count = len(feet_m)
    angle = rng.uniform(0.0, 2.0 * np.pi, count)
    away = np.stack((np.cos(angle), np.sin(angle), np.zeros(count)), axis=1)
    lean = rng.uniform(0.1, 0.45, count)[:, None]
    up = np.array((0.0, 0.0, 1.0))
    middle = feet_m + height_m[:, None] * (0.55 * up + 0.55 * lean * away)
    tip = middle + height_m[:, None] * (0.42 * up + (0.5 * lean + 0.28) * away)
    made: list[Surfels] = []
    for foot, end, wide, shade in ((feet_m, middle, 1.0, 0.72), (middle, tip, 0.65, 1.15)):
        along = end - foot
        lengths = np.linalg.norm(along, axis=1)
        facing = unit(np.cross(np.cross(along, up), along) + 0.25 * rng.standard_normal((count, 3)))
        sizes = np.stack((0.36 * lengths, 0.42 * wide * width_m, 0.05 * width_m), axis=1)
        made.append(
            patches(0.5 * (foot + end), facing, along, sizes, albedo * shade, Tag.FOLIAGE, translucency_unit=LEAF_UNIT)
        )
    return joined(made)


def meadow_grass(
    rng: np.random.Generator, ground: Ground, radius_m: float, count: int, tall_m: float, colour: "Floats"
) -> Surfels:
    """`count` blades around the free radius, as thick as the eye can tell; `colour` [2, 3] is from and to."""
    half = count // 2
    r = np.exp(rng.uniform(np.log(radius_m + 0.25), np.log(42.0), half))
    angle = rng.uniform(0.0, 2.0 * np.pi, half)
    x, y = r * np.sin(angle), r * np.cos(angle)
    spread = np.sqrt(1.0 + r / (radius_m + 1.0))
    ragged = 1.5 * (0.4 + noise.fbm(x, y, 5, 1.6, 3))  # the trodden ground's edge runs in and out
    easing = np.clip((r - radius_m - ragged) / 2.2, 0.12, 1.0)
    height = tall_m * easing * rng.uniform(0.55, 1.25, half)
    width = 0.0055 * spread**2.0 * (0.6 + 0.4 * easing)
    feet = np.stack((x, y, np.asarray(ground(x, y)) - 0.02), axis=1)
    albedo = varied(mixed(colour[0], colour[1], rng.random(half)), half, rng, 0.22, 0.06)
    return blades(rng, feet, height, width, albedo)


def trodden_grass(rng: np.random.Generator, radius_m: float, count: int, colour: Floats) -> Surfels:
    """Short blades pressed flat by feet, within the free ground and a little beyond: at most 3 cm high."""
    r, angle = (radius_m + 1.2) * np.sqrt(rng.random(count)), rng.uniform(0.0, 2.0 * np.pi, count)
    means = np.stack((r * np.sin(angle), r * np.cos(angle), np.full(count, 0.008)), axis=1)
    way = rng.uniform(0.0, 2.0 * np.pi, count)
    along = np.stack((np.cos(way), np.sin(way), np.zeros(count)), axis=1)
    normals = unit((0.0, 0.0, 1.0) + 0.25 * rng.standard_normal((count, 3)))
    sizes = rng.uniform(0.6, 1.3, (count, 1)) * (0.026, 0.0045, 0.002)
    albedo = varied(mixed(colour[0], colour[1], rng.random(count)), count, rng, 0.3, 0.07)
    return patches(means, normals, along, sizes, albedo, Tag.FOLIAGE, translucency_unit=0.3)


def dry_bush(rng: np.random.Generator) -> Surfels:
    """A ball of thin twigs with few leaves, 1 m across."""
    count = 420
    foot = 0.06 * rng.standard_normal((count, 3)) * (1.0, 1.0, 0.2)
    way = unit(sphere(2 * count)[:count] + 0.35 * rng.standard_normal((count, 3)))
    way[:, 2] = np.abs(way[:, 2]) * 0.9 + 0.12
    middle = foot + 0.28 * way * rng.uniform(0.6, 1.2, (count, 1))
    tip = middle + 0.22 * unit(way + 0.7 * rng.standard_normal((count, 3)))
    colour = varied(mixed(BARK, GRASS_DRY, rng.random(count)), count, rng, 0.2)
    leaves = np.concatenate((middle, tip, tip + 0.05 * rng.standard_normal((count, 3))))
    green = varied((0.16, 0.15, 0.075), len(leaves), rng, 0.25, 0.05)
    tufts = patches(
        leaves, rng.standard_normal(leaves.shape) + (0, 0, 0.8), rng.standard_normal(leaves.shape),
        (0.028, 0.011, 0.004), green, Tag.FOLIAGE, translucency_unit=LEAF_UNIT,
    )  # fmt: skip
    return shuffled(joined((sticks(foot, middle, 0.014, colour), sticks(middle, tip, 0.008, colour), tufts)), rng)


def dry_bushes(rng: np.random.Generator, stand: Stand, budget: int) -> list[Surfels]:
    """Three kinds, half to one and a half metres."""
    stand = stand._replace(scale=stand.scale * rng.uniform(0.55, 1.3, len(stand.x_m)))
    return planted([dry_bush(rng) for _ in range(3)], 0.8, stand, budget)


def bush(rng: np.random.Generator, colour: ArrayLike = LEAVES, snow: float = 0.0) -> Surfels:
    """A leafy shrub of 1 m: lobes of leaves, dark within, light on top."""
    lobes = rng.uniform((-0.38, -0.38, 0.2), (0.38, 0.38, 0.62), (9, 3))
    count = 1500
    way = unit(rng.standard_normal((count, 3)))
    depth = rng.uniform(0.55, 1.0, count) ** 0.5
    points = lobes[rng.integers(0, len(lobes), count)] + way * (0.30 * depth)[:, None] * (1.0, 1.0, 0.85)
    points[:, 2] = np.maximum(points[:, 2], 0.03)
    shade = (0.45 + 0.55 * depth) * (0.7 + 0.45 * points[:, 2])
    albedo = varied(np.asarray(colour) * shade[:, None], count, rng, 0.2, 0.07)
    normals = unit(way + (0.0, 0.0, 0.5) + 0.6 * rng.standard_normal((count, 3)))
    if snow:
        albedo = mixed(albedo, SNOW, snow * np.clip(3.0 * (way[:, 2] - 0.25), 0.0, 1.0))
    leaves = patches(
        points, normals, rng.standard_normal((count, 3)), (0.036, 0.024, 0.006), albedo, Tag.FOLIAGE,
        translucency_unit=LEAF_UNIT,
    )  # fmt: skip
    return shuffled(leaves, rng)


def cactus(rng: np.random.Generator) -> Surfels:
    """A saguaro of 5 m with arms, its ribs dark in the grooves."""
    made = [_rib_tube(rng, np.array([(0, 0, -0.2), (0, 0, 2.5), (0.05, 0, 5.0)], np.float64), 0.24, 2600)]
    for _ in range(int(rng.integers(1, 4))):
        angle, low = rng.uniform(0, 2 * np.pi), rng.uniform(1.5, 2.6)
        out = np.array((np.cos(angle), np.sin(angle), 0.0))
        tall = rng.uniform(0.8, 1.9)
        path = np.array([0.15 * out, 0.55 * out, 0.72 * out, 0.74 * out]) + np.array(
            [(0, 0, low), (0, 0, low + 0.08), (0, 0, low + 0.4), (0, 0, low + tall)]
        )
        made.append(_rib_tube(rng, path, 0.16, 1100))
    return shuffled(joined(made), rng)


def cacti(rng: np.random.Generator, stand: Stand, budget: int) -> list[Surfels]:
    """Three kinds."""
    return planted([cactus(rng) for _ in range(3)], 4.0, stand, budget)


def _rib_tube(rng: np.random.Generator, path_m: Floats, radius_m: float, count: int) -> Surfels:
    """A round-ended tube along a path with ribs along it."""
    legs = np.linalg.norm(np.diff(path_m, axis=0), axis=1)
    reach = np.concatenate(([0.0], np.cumsum(legs)))
    at = (np.arange(count) + 0.5) / count * reach[-1]
    points, ahead = _on_path(path_m, reach, at), _on_path(path_m, reach, at + 0.05)
    along = unit(np.where(ahead == points, path_m[-1] - path_m[-2], ahead - points))
    side = unit(np.cross(along, (0.36, 0.93, 0.05)))
    other = np.cross(along, side)
    angle = np.arange(count) * 2.399963
    rib = np.cos(14 * angle)
    rounded = radius_m * np.sqrt(np.clip((reach[-1] - at) / radius_m, 0.02, 1.0)) * (1.0 + 0.06 * rib)
    out = np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * other
    size = 0.9 * np.sqrt(2 * np.pi * radius_m * reach[-1] / count)
    albedo = varied(mixed((0.03, 0.05, 0.022), (0.09, 0.13, 0.055), 0.5 + 0.5 * rib), count, rng, 0.12)
    sizes = (1.7 * size, 0.5 * size, 0.02)
    return patches(points + rounded[:, None] * out, out, along, sizes, albedo, Tag.FOLIAGE, translucency_unit=0.1)


def _on_path(path_m: Floats, reach_m: Floats, at_m: Floats) -> Floats:
    found = np.empty((len(at_m), 3))
    for axis in range(3):
        found[:, axis] = np.interp(at_m, reach_m, path_m[:, axis])
    return found


def litter(rng: np.random.Generator, ground: Ground, count: int, colours: Floats) -> Surfels:
    """Dead leaves that lie on the ground, on the stage too: flat, a few centimetres."""
    r = np.exp(rng.uniform(np.log(0.6), np.log(26.0), count))
    angle = rng.uniform(0.0, 2.0 * np.pi, count)
    x, y = r * np.sin(angle), r * np.cos(angle)
    means = np.stack((x, y, np.asarray(ground(x, y)) + 0.004), axis=1)
    normals = unit((0.0, 0.0, 1.0) + 0.3 * rng.standard_normal((count, 3)))
    size = (0.018 + 0.0016 * r)[:, None] * rng.uniform(0.7, 1.3, (count, 1)) * (1.0, 0.65, 0.08)
    albedo = varied(colours[rng.integers(0, len(colours), count)], count, rng, 0.3, 0.08)
    return patches(means, normals, rng.standard_normal((count, 3)), size, albedo, Tag.FOLIAGE, translucency_unit=0.2)


def grass_tuft(rng: np.random.Generator, colour: Floats) -> Surfels:
    """A clump of long blades, 0.8 m tall; `colour` [2, 3] is from and to."""
    count = 130
    feet = 0.09 * rng.standard_normal((count, 3)) * (1.0, 1.0, 0.0)
    albedo = varied(mixed(colour[0], colour[1], rng.random(count)), count, rng, 0.2, 0.05)
    return shuffled(blades(rng, feet, rng.uniform(0.4, 1.0, count), np.full(count, 0.016), albedo), rng)


FLOWERS = {
    "spring": ((0.75, 0.62, 0.04), (0.78, 0.78, 0.76), (0.42, 0.28, 0.62)),
    "summer": ((0.62, 0.03, 0.025), (0.75, 0.75, 0.72), (0.16, 0.17, 0.6), (0.75, 0.55, 0.03)),
    "autumn": ((0.45, 0.2, 0.45), (0.6, 0.5, 0.25)),
    "winter": ((0.5, 0.45, 0.3),),
}


def flowers(rng: np.random.Generator, ground: Ground, radius_m: float, count: int, seed: int, season: str) -> Surfels:
    """In drifts of one kind each: a stalk, and a head of a few petals."""
    each = count // 4
    r = np.exp(rng.uniform(np.log(radius_m + 0.4), np.log(38.0), each))
    angle = rng.uniform(0.0, 2.0 * np.pi, each)
    x, y = r * np.sin(angle), r * np.cos(angle)
    kinds = np.array(FLOWERS[season])
    drift = noise.fbm(x, y, seed + 90, 5.0, 3)
    kind = np.clip((0.5 + 1.4 * noise.fbm(x, y, seed + 91, 9.0, 2)) * len(kinds), 0, len(kinds) - 1).astype(np.int64)
    keep = drift > -0.02
    x, y, r, kind, each = x[keep], y[keep], r[keep], kind[keep], int(keep.sum())
    easing = np.clip((r - radius_m) / 1.6, 0.15, 1.0)
    tall = rng.uniform(0.28, 0.55, each) * easing
    foot = np.stack((x, y, np.asarray(ground(x, y))), axis=1)
    head = foot + np.stack((0.06 * rng.standard_normal(each), 0.06 * rng.standard_normal(each), tall), axis=1)
    size = (0.014 + 0.0016 * r)[:, None] * (1.0, 0.7, 0.3)
    colour = varied(kinds[kind], each, rng, 0.15, 0.06)
    made = [sticks(foot, head, 0.004 + 0.0006 * r, varied((0.06, 0.11, 0.03), each, rng))]
    for turn in range(2):
        facing = unit((0.0, 0.0, 0.9) + 0.7 * rng.standard_normal((each, 3)))
        petals = patches(
            head + 0.006 * turn * rng.standard_normal((each, 3)), facing, rng.standard_normal((each, 3)), size,
            colour * (1.0 - 0.2 * turn), Tag.FOLIAGE, translucency_unit=LEAF_UNIT,
        )  # fmt: skip
        made.append(petals)
    return joined(made)
