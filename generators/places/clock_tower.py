"""A great clock tower over the roofs: shaft, lit dials, belfry, spire."""

import numpy as np
from numpy.typing import NDArray

from generators.places.patterns import Pattern
from generators.places.photometry import black_body, emission
from generators.places.quads import Face, Paint, Quads, block, flat, joined, prism, quads, wall_face
from generators.splats import Tag

Floats = NDArray[np.float64]

STONE = Paint((0.36, 0.30, 0.20), Pattern.ASHLAR, coarseness_unit=1.2)
DARK = Paint((0.03, 0.03, 0.032))
ROOF = Paint((0.07, 0.085, 0.085), Pattern.SLATES)


def clock_tower(where_m: tuple[float, float], minutes: int, dials_lit: bool, tall_m: float = 78.0) -> Quads:
    """It tells the time of day."""
    half, shaft = 0.08 * tall_m, 0.58 * tall_m
    x, y = where_m
    parts: list[Quads] = []
    for turn in (-90.0, 0.0, 90.0, 180.0):
        out = np.radians(turn)
        across = np.array([-np.sin(out), np.cos(out), 0.0])
        foot = np.array([x, y, 0.0]) + half * (np.array([np.cos(out), np.sin(out), 0.0]) - across)
        front = turn == -90.0  # edge on, a lit dial is a stray line in the fog
        parts.append(_side(wall_face(foot, turn), 2 * half, shaft, tall_m, minutes, dials_lit and front))
    parts += [_spire(x, y, half, shaft, tall_m)]
    return joined(parts)


def _side(face: Face, wide: float, shaft: float, tall: float, minutes: int, lit: bool) -> Quads:
    ribs = np.linspace(0.0, wide - 0.9, 6)
    zero = np.zeros(6)
    dial, belfry = shaft + 0.5 * wide, shaft + wide
    slits = np.array(
        [
            (ribs[k] + 1.15, 8 + 7 * j, ribs[k + 1] - 0.25, 12.5 + 7 * j)
            for k in range(5)
            for j in range(int(shaft / 7) - 1)
        ]
    )
    arches = spread_arches(wide, belfry)
    parts = [
        flat(face, [(0.0, 0.0, wide, belfry + 0.09 * tall)], STONE),
        block(face, np.stack((ribs, zero, zero, ribs + 0.9, zero + shaft, zero + 0.45), 1), STONE, "front left right"),
        flat(face, slits, DARK, 0.05),
        flat(face, arches, DARK, 0.05),
        block(
            face, [(-0.4, z, 0.0, wide + 0.4, z + 0.8, 0.9) for z in (shaft - 0.8, belfry, belfry + 0.09 * tall)], STONE
        ),
    ]
    return joined([*parts, _dial(face, 0.5 * wide, dial, 0.4 * wide, minutes, lit)])


def spread_arches(wide: float, low: float) -> Floats:
    """Openings of the belfry."""
    u = np.linspace(0.06 * wide, 0.94 * wide, 8)
    return np.stack((u[:-1] + 0.2, np.full(7, low + 1.6), u[1:] - 0.2, np.full(7, low + 6.0)), axis=1)


def _dial(face: Face, u: float, v: float, radius: float, minutes: int, lit: bool) -> Quads:
    glow = emission(160.0 if lit else 0.0, black_body(2700))
    plate = Paint((0.6, 0.58, 0.5), emission_unit=glow, tag=Tag.LIGHT if lit else Tag.STRUCTURE)
    disc = prism([[face.at(u, v, 0.2), face.at(u, v, 0.55)]], [[radius * 1.1, radius]], 24, DARK)
    edges = np.linspace(-1.0, 1.0, 25)
    half = radius * np.sqrt(1 - (0.5 * (edges[:-1] + edges[1:])) ** 2)
    rows = np.stack((u - half, v + radius * edges[:-1], u + half, v + radius * edges[1:]), 1)
    whole = flat(face, rows, plate, 0.5)
    whole.borders[:, 2:] = False
    marks = [_hand(face, u, v, 2 * np.pi * k / 12, (0.82 * radius, 0.96 * radius), 0.035 * radius) for k in range(12)]
    hour, minute = 2 * np.pi * (minutes % 720) / 720, 2 * np.pi * (minutes % 60) / 60
    hands = [
        _hand(face, u, v, hour, (-0.1 * radius, 0.55 * radius), 0.05 * radius),
        _hand(face, u, v, minute, (-0.1 * radius, 0.85 * radius), 0.035 * radius),
    ]
    return joined([disc, whole, quads(marks + hands, DARK)])


def _hand(face: Face, u: float, v: float, turn: float, reach: tuple[float, float], half: float) -> list[Floats]:
    """A bar from near to far, `turn` clockwise from twelve."""
    sin, cos = np.sin(turn), np.cos(turn)
    corners = ((-half, reach[0]), (half, reach[0]), (half, reach[1]), (-half, reach[1]))
    return [face.at(u + a * cos + b * sin, v - a * sin + b * cos, 0.62) for a, b in corners]


def _spire(x: float, y: float, half: float, shaft: float, tall: float) -> Quads:
    base = shaft + 2 * half + 0.09 * tall + 0.8
    ring = [(-half, -half), (half, -half), (half, half), (-half, half)]
    low = [(x + a, y + b, base) for a, b in ring]
    waist = [(x + 0.45 * a, y + 0.45 * b, base + 0.09 * tall) for a, b in ring]
    neck = [(x + 0.42 * a, y + 0.42 * b, base + 0.12 * tall) for a, b in ring]
    tip = (x, y, tall + 6.0)
    sides = [[low[k], low[(k + 1) % 4], waist[(k + 1) % 4], waist[k]] for k in range(4)]
    sides += [[neck[k], neck[(k + 1) % 4], tip, tip] for k in range(4)]
    lantern = quads([[waist[k], waist[(k + 1) % 4], neck[(k + 1) % 4], neck[k]] for k in range(4)], STONE)
    corners = np.array([[(x + a, y + b, base), (x + a, y + b, base + 7.0)] for a, b in ring])
    pinnacles = prism(corners, [[0.7, 0.05]], 6, STONE)
    return joined([quads(sides, ROOF), lantern, pinnacles])
