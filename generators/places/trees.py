"""Trees: conifers in whorls, broadleaf trees that branch, palms. Each prototype is grown in metres, roots at the origin."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from generators.places.materials import (
    AUTUMN,
    BARK,
    BARK_PALE,
    LEAVES,
    LEAVES_FRESH,
    NEEDLES,
    NEEDLES_FRESH,
    SNOW,
    mixed,
    varied,
)
from generators.places.patches import patches, shuffled, unit
from generators.places.plants import LEAF_UNIT, sticks
from generators.places.scenery import Surfels, joined
from generators.splats import Tag

Floats = NDArray[np.float64]
UP = np.array((0.0, 0.0, 1.0))


def conifer(rng: np.random.Generator, snow: float = 0.0, height_m: float = 13.0, bare: float = 0.2) -> Surfels:
    """A spruce: whorls of branches that droop below and rise near the top, twigs to both sides."""
    crown = bare * height_m
    levels = np.cumsum(rng.uniform(0.26, 0.44, 60) * np.linspace(1.2, 0.7, 60)) + crown
    levels = levels[levels < height_m - 0.25]
    each = rng.integers(5, 8, len(levels))
    low = np.repeat(levels, each) + rng.normal(0.0, 0.07, int(each.sum()))
    high = np.clip((low - crown) / (height_m - crown), 0.0, 1.0)
    angle = rng.uniform(0.0, 2.0 * np.pi, len(low))
    length = (0.235 * height_m * (1.0 - high) ** 0.85 + 0.12) * rng.uniform(0.72, 1.1, len(low))
    pitch = -0.38 + 0.95 * high + rng.normal(0.0, 0.09, len(low))
    out = np.stack((np.cos(angle) * np.cos(pitch), np.sin(angle) * np.cos(pitch), np.sin(pitch)), axis=1)
    feet = np.stack((np.zeros_like(low), np.zeros_like(low), low), axis=1)
    twigs = _needles(rng, feet, out, length, snow)
    tips = feet + out * (0.8 * length)[:, None]
    wood = sticks(feet, tips, 0.028, varied(BARK, len(low), rng))
    return shuffled(joined((trunk(rng, height_m * 0.97, 0.018 * height_m, BARK), wood, twigs)), rng)


def _needles(rng: np.random.Generator, feet: Floats, out: Floats, length: Floats, snow: float) -> Surfels:
    """Flat sprays along each branch, darker within."""
    per = np.maximum((length * 13.0).astype(np.int64), 3)
    branch = np.repeat(np.arange(len(length)), per)
    part = np.arange(len(branch)) - np.repeat(np.cumsum(per) - per, per)
    along = (part + 0.6 + rng.uniform(-0.3, 0.3, len(branch))) / per[branch]
    way, reach = out[branch], length[branch]
    side = unit(np.cross(way, UP)) * np.where(part % 2 == 0, 1.0, -1.0)[:, None]
    twig = unit(way * 0.75 + side * rng.uniform(0.3, 0.9, (len(branch), 1)) - 0.12 * UP)
    span = np.clip(0.36 * reach * (1.08 - along), 0.15, 0.42)
    sag = 0.10 * reach * along**2
    root = feet[branch] + way * (along * reach)[:, None] + (0.55 * sag - 0.25 * sag)[:, None] * UP
    centre = root + 0.42 * span[:, None] * twig
    normals = unit(UP + 0.35 * way + 0.35 * rng.standard_normal((len(branch), 3)))
    sizes = np.stack((0.42 * span, 0.13 * span + 0.012, np.full(len(span), 0.012)), axis=1)
    colour = mixed(NEEDLES, NEEDLES_FRESH, along**2 * rng.uniform(0.2, 1.0, len(branch)))
    colour = varied(colour * (0.55 + 0.6 * along)[:, None], len(branch), rng, 0.16, 0.05)
    green = patches(centre, normals, twig, sizes, colour, Tag.FOLIAGE, translucency_unit=0.3)
    if not snow:
        return green
    white = rng.random(len(branch)) < 0.62 * snow
    lifted = centre[white] + 0.045 * UP
    cover = varied(SNOW, int(white.sum()), rng, 0.04, 0.01)
    load = patches(lifted, normals[white] + UP, twig[white], sizes[white] * (0.95, 1.1, 1.6), cover, Tag.FOLIAGE)
    return joined((green, load))


def trunk(rng: np.random.Generator, height_m: float, radius_m: float, colour: ArrayLike, bend: float = 0.0) -> Surfels:
    """A tapered round stem with furrowed bark and a flared foot."""
    count = 520
    low = height_m * (np.arange(count) + 0.5) / count
    angle = np.arange(count) * 2.399963
    radius = radius_m * (1.0 - 0.93 * low / height_m) * (1.0 + 0.5 * np.exp(-low / (2.2 * radius_m)))
    out = np.stack((np.cos(angle), np.sin(angle), np.full(count, 0.05)), axis=1)
    lean = bend * (low / height_m) ** 1.5
    points = out * radius[:, None] * (1.0, 1.0, 0.0) + np.stack((lean, np.zeros(count), low - 0.1), axis=1)
    furrow = 0.75 + 0.4 * np.cos(9.0 * angle) * rng.uniform(0.3, 1.0, count)
    albedo = varied(np.asarray(colour) * furrow[:, None], count, rng, 0.15)
    area = 2.0 * np.pi * radius_m * height_m / count
    wide = np.minimum(0.55 * radius, 0.5 * np.sqrt(area))
    sizes = np.stack((0.9 * area / (2.0 * wide), wide, 0.15 * wide), axis=1)
    sizes[:, 0] = np.minimum(sizes[:, 0], 0.22)
    return patches(points, out, np.broadcast_to(UP, points.shape), sizes, albedo, Tag.FOLIAGE)


def leaf_colours(rng: np.random.Generator, count: int, season: str) -> Floats:
    """Of one tree: its own shade, and what the season makes of it."""
    if season == "autumn":
        base = np.array(AUTUMN[int(rng.integers(len(AUTUMN)))])
        return varied(
            mixed(base, AUTUMN[int(rng.integers(len(AUTUMN)))], rng.random(count) ** 2), count, rng, 0.2, 0.08
        )
    fresh = 0.75 if season == "spring" else 0.35
    return varied(mixed(LEAVES, LEAVES_FRESH, fresh * rng.random(count)), count, rng, 0.18, 0.06)


def broadleaf(rng: np.random.Generator, season: str = "summer", snow: float = 0.0, height_m: float = 11.0) -> Surfels:
    """A stem that forks six times; leaves in clusters around the outer twigs, none in winter."""
    stem = 0.26 * height_m
    feet, ways, lengths, thick = np.zeros((1, 3)), UP[None] + 0.08 * rng.standard_normal((1, 3)), np.array([stem]), 0.02
    wood: list[Surfels] = [trunk(rng, stem * 1.35, 0.021 * height_m, BARK_PALE)]
    nodes: list[Floats] = []
    for fork in range(6):
        tips = feet + unit(ways) * lengths[:, None]
        if fork:
            wood.append(sticks(feet, tips, thick * height_m, varied(BARK_PALE, len(tips), rng, 0.15)))
        if fork >= 3:
            nodes += [tips, 0.5 * (feet + tips)]
        count = (4, 3, 3, 3, 2, 0)[fork]
        feet = np.repeat(tips, count, axis=0)
        spread = (0.62, 0.6, 0.65, 0.75, 0.8, 0.0)[fork]
        ways = unit(np.repeat(unit(ways), count, axis=0) + spread * rng.standard_normal((len(feet), 3)) + 0.16 * UP)
        lengths = (0.27, 0.2, 0.145, 0.1, 0.07, 0.0)[fork] * height_m * rng.uniform(0.75, 1.2, len(feet))
        thick *= 0.58
    if season == "winter":
        bare = joined(wood)
        return shuffled(whitened(bare, snow), rng)
    return shuffled(joined((*wood, _leaves(rng, np.concatenate(nodes), season, 0.052 * height_m))), rng)


def _leaves(rng: np.random.Generator, nodes: Floats, season: str, spread_m: float) -> Surfels:
    """Clusters around twigs, darker inside the crown and below."""
    count = 5200
    middle, reach = nodes.mean(axis=0), nodes.std(axis=0) * 1.9
    points = nodes[rng.integers(0, len(nodes), count)] + spread_m * rng.standard_normal((count, 3))
    rel = (points - middle) / reach
    depth = np.clip(np.linalg.norm(rel, axis=1), 0.0, 1.3)
    shade = (0.40 + 0.55 * depth) * (0.86 + 0.2 * np.clip(rel[:, 2], -1.0, 1.0))
    normals = unit(unit(rel) + 0.7 * rng.standard_normal((count, 3)) + 0.35 * UP)
    size = rng.uniform(0.75, 1.35, (count, 1)) * (0.118, 0.082, 0.02)
    albedo = leaf_colours(rng, count, season) * shade[:, None]
    return patches(
        points, normals, rng.standard_normal((count, 3)), size, albedo, Tag.FOLIAGE, translucency_unit=LEAF_UNIT
    )


def whitened(parts: Surfels, snow: float) -> Surfels:
    """Snow on what faces up."""
    lying = snow * np.clip(2.5 * (parts.normals[:, 2] - 0.15), 0.0, 1.0)
    return parts._replace(albedo_unit=mixed(parts.albedo_unit, SNOW, lying).astype(np.float32))


def palm(rng: np.random.Generator, height_m: float = 8.0) -> Surfels:
    """A leaning stem and a crown of feathered fronds."""
    lean = rng.uniform(0.8, 2.2)
    stem = trunk(rng, height_m, 0.16, BARK_PALE, bend=lean)
    crown = np.array((lean, 0.0, height_m - 0.15))
    made = [stem]
    for angle in np.linspace(0.0, 2.0 * np.pi, 17) + rng.normal(0.0, 0.12, 17):
        rise, span = rng.uniform(-0.15, 0.9), rng.uniform(2.1, 2.9)
        out = np.array((np.cos(angle), np.sin(angle), 0.0))
        t = np.linspace(0.02, 1.0, 34)
        rib = crown + span * (t[:, None] * out + (rise * t - (0.55 + 0.5 * rise) * t * t)[:, None] * UP)
        along = unit(np.gradient(rib, axis=0))
        for hand in (-1.0, 1.0):
            side = hand * unit(np.cross(along, UP))
            leaf = unit(0.75 * side + 0.55 * along - 0.45 * UP)
            long = 0.62 * np.sin(np.pi * np.clip(t, 0.12, 0.97)) ** 0.6
            centre = rib + 0.5 * long[:, None] * leaf
            sizes = np.stack((0.34 * long, np.full(34, 0.028), np.full(34, 0.004)), axis=1)
            colour = varied(mixed((0.05, 0.085, 0.02), (0.12, 0.16, 0.045), t), 34, rng, 0.15)
            facing = np.cross(leaf, along) * hand
            made.append(patches(centre, facing, leaf, sizes, colour, Tag.FOLIAGE, translucency_unit=LEAF_UNIT))
        made.append(sticks(rib[:-1], rib[1:], 0.03, (0.12, 0.12, 0.05)))
    return shuffled(joined(made), rng)
