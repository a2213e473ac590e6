"""Built things for open country, on level ground at the origin: a ruin, a fence, a wall of dry stone."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from generators.places.patterns import Pattern
from generators.places.quads import Face, Paint, Quads, block, ground_face, joined, placed, wall_face

Floats = NDArray[np.float64]

STONE = Paint((0.34, 0.32, 0.28), Pattern.ASHLAR)
POST = Paint((0.20, 0.15, 0.10), Pattern.PLANKS)
EVERYWHERE = "front left right top bottom back"


def broken_wall(face: Face, wide_m: float, tall_m: float, rng: np.random.Generator) -> Quads:
    """A wall half a metre thick whose top has fallen in steps, with window holes where it still stands high."""
    edges = np.arange(0.0, wide_m + 0.01, 0.6)
    height = tall_m * np.clip(0.75 + np.cumsum(rng.normal(0, 0.13, len(edges) - 1)), 0.12, 1.0)
    height = np.round(height / 0.4) * 0.4 + 0.2
    boxes: list[tuple[float, ...]] = []
    for k, top in enumerate(height):
        hole = k % 5 in (2, 3) and top > 3.0
        spans = ((0.0, 1.2), (2.6, top)) if hole else ((0.0, top),)
        boxes += [(edges[k], low, -0.5, edges[k + 1], high, 0.0) for low, high in spans]
    return block(face, boxes, STONE, EVERYWHERE)


def ruin(rng: np.random.Generator, wide_m: float = 9.0, deep_m: float = 6.0, tall_m: float = 4.4) -> Quads:
    """Four walls without a roof, and stones that fell."""
    a, b = 0.5 * wide_m, 0.5 * deep_m
    feet = (
        ((a, -b, 0.0), 0.0, deep_m),
        ((a, b, 0.0), 90.0, wide_m),
        ((-a, b, 0.0), 180.0, deep_m),
        ((-a, -b, 0.0), -90.0, wide_m),
    )
    walls = [broken_wall(wall_face(foot, out), wide, tall_m * rng.uniform(0.5, 1.0), rng) for foot, out, wide in feet]
    fallen = [
        placed(
            block(ground_face(0.0), [(-s, -0.7 * s, -0.05, s, 0.7 * s, 0.9 * s)], STONE, EVERYWHERE),
            (rng.uniform(-a - 2, a + 2), rng.uniform(-b - 2, b + 2), 0.0),
            rng.uniform(0, 180),
        )
        for s in rng.uniform(0.15, 0.4, 24)
    ]
    return joined([*walls, *fallen])


def fence(points_m: Floats, rng: np.random.Generator, tall_m: float = 1.1) -> Quads:
    """Posts and two rails along points [N, 3] on the ground, one post at each."""
    points = np.asarray(points_m, np.float64)
    posts = [
        placed(
            block(ground_face(0.0), [(-0.06, -0.06, -0.3, 0.06, 0.06, tall_m)], POST, EVERYWHERE), p, rng.uniform(-9, 9)
        )
        for p in points
    ]
    rails: list[Quads] = []
    for a, b in pairwise(points):
        long = float(np.linalg.norm(b - a))
        along = (b - a) / long
        level = np.array([-along[1], along[0], 0.0]) / max(float(np.hypot(along[0], along[1])), 1e-9)
        face = Face(a, along, _crossed(along, level))
        rails.append(
            block(
                face, [(0.0, z, -0.03, long, z + 0.11, 0.02) for z in (0.45 * tall_m, 0.82 * tall_m)], POST, EVERYWHERE
            )
        )
    return joined([*posts, *rails])


def _crossed(along: Floats, level: Floats) -> Floats:
    """At right angles to both."""
    (a, b, c), (x, y, z) = along, level
    return np.array([b * z - c * y, c * x - a * z, a * y - b * x])


def field_wall(points_m: Floats, rng: np.random.Generator, tall_m: float = 1.0) -> Quads:
    """Stones laid dry along points [N, 3], with a row set on edge on top."""
    points = np.asarray(points_m, np.float64)
    parts: list[Quads] = []
    for a, b in pairwise(points):
        along = (b - a) / max(float(np.linalg.norm(b - a)), 1e-9)
        face = Face(a, along, np.array([0.0, 0.0, 1.0]))
        u = np.arange(0.0, float(np.linalg.norm(b - a)), 0.22)
        zero = np.zeros(len(u))
        caps = np.stack(
            (u, zero + tall_m, zero - 0.28, u + 0.16, tall_m + rng.uniform(0.1, 0.24, len(u)), zero + 0.28), 1
        )
        body = [(0.0, -0.2, -0.25, float(u[-1]) + 0.22, tall_m, 0.25)]
        parts += [
            block(face, body, STONE._replace(pattern=Pattern.BRICK), EVERYWHERE),
            block(face, caps, STONE, EVERYWHERE),
        ]
    return joined(parts)
