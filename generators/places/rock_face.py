"""A cut face of rock beside a road. A height field cannot stand upright, so the face is laid in its own rows along the
road, and stands out from them: beds that lie one on another, each broken into blocks, each block set back by its own
amount, so that ledges and joints are relief and throw shadows."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.places import noise
from generators.places.materials import GRASS, GRASS_DRY, ROCK, ROCK_DARK, SNOW, mixed, step, varied
from generators.places.patches import patches, unit
from generators.places.plan import Plan
from generators.places.roads import Road, at_length, rows
from generators.places.scenery import Ground, Surfels
from generators.splats import Tag

Floats = NDArray[np.float64]
TALL_M, TAIL_M = 6.4, 3.2
"""Of the face, and how much further up it is led back to the land."""
WIDE_M = TALL_M + TAIL_M + 0.3
"""All of it, from below the ground."""
LEAN_UNIT = 0.36
"""Metres back for each metre up."""
BED_M, BLOCK_M = 1.7, 2.6
FAR_M = 170.0
FREE_M = 0.9
"""From the stage's free ground to the foot."""
OVERLAP = 0.72
"""Standard deviation over spacing; rows need less of it than scattered patches."""


class Lattice(NamedTuple):
    """Places on the face before it is rough: metres along the road and up the face, and how far apart."""

    along_m: Floats
    up_m: Floats
    step_along_m: Floats
    step_up_m: Floats


def rock_face(
    rng: np.random.Generator, plan: Plan, road: Road, ground: Ground, foot_m: float, count: int, snow: float = 0.0
) -> Surfels:
    """Left of the road, `foot_m` from its middle; nothing of it within the stage's free ground."""
    seed = int(rng.integers(1 << 30))
    at = lattice(count, foot_m)

    def place(along: Floats, up: Floats) -> Floats:
        return _placed(road, ground, plan.radius_m, foot_m, seed, along, up)

    means = place(at.along_m, at.up_m)
    e = 0.04
    by_along, by_up = place(at.along_m + e, at.up_m) - means, place(at.along_m, at.up_m + e) - means
    normals = unit(np.cross(by_along, by_up))
    normals *= np.where((normals[:, 0] < 0.0) & (normals[:, 2] < 0.3), -1.0, 1.0)[:, None]
    sizes = np.stack((OVERLAP * at.step_along_m, OVERLAP * at.step_up_m, 0.15 * at.step_up_m), axis=1)
    sizes[:, 0] *= np.clip(np.linalg.norm(by_along, axis=1) / e, 0.8, 1.8)
    sizes[:, 1] *= np.clip(np.linalg.norm(by_up, axis=1) / e, 0.8, 1.8)
    albedo = varied(stone(at.along_m, at.up_m, normals, seed, snow), len(means), rng, 0.10, 0.02)
    return patches(means, normals, unit(by_along), sizes, albedo, Tag.TERRAIN)


def lattice(count: int, near_m: float) -> Lattice:
    """About `count` places, as far apart as their distance asks for."""
    fine = math.sqrt(7.0 / max(count, 100))
    for _ in range(3):
        fine *= math.sqrt(float(_columns(rows(FAR_M, fine), fine, near_m).sum()) / max(count, 100))
    along = rows(FAR_M, fine)
    columns, step_along = _columns(along, fine, near_m), np.gradient(along)
    row = np.repeat(np.arange(len(along)), columns)
    column = np.arange(len(row)) - np.repeat(np.cumsum(columns) - columns, columns)
    up = (column + 0.5) / columns[row] * WIDE_M - 0.3
    return Lattice(along[row], up, step_along[row], WIDE_M / columns[row])


def _columns(along: Floats, fine: float, near_m: float) -> NDArray[np.int64]:
    """In each row."""
    return np.ceil(WIDE_M / (fine * np.maximum(np.abs(along), near_m))).astype(np.int64)


def _placed(road: Road, ground: Ground, free_m: float, foot_m: float, seed: int, along: Floats, up: Floats) -> Floats:
    """[N, 3]: up the leaning face and out by its relief; above its edge, back to the land."""
    on = at_length(road, along)
    top = TALL_M + 1.1 * noise.fbm(along, np.zeros_like(along), seed + 9, 11.0, 3)
    tail = np.clip((up - top) / TAIL_M, 0.0, 1.0)
    back = foot_m + LEAN_UNIT * np.minimum(up, top) + 1.0 * np.maximum(up - top, 0.0)
    beside = np.abs(on.y_m) < free_m + FREE_M
    clear = np.sqrt(np.maximum((free_m + FREE_M) ** 2 - on.y_m**2, 0.0)) + on.x_m
    back = np.where(beside, np.maximum(back, clear + LEAN_UNIT * np.maximum(up, 0.0)), back)
    back -= relief(along, up, seed) * step(up, -0.3, 0.4) * (1.0 - tail)
    x, y = on.x_m - back * on.right[:, 0], on.y_m - back * on.right[:, 1]
    face = on.z_m + np.minimum(up, top) + 0.45 * np.maximum(up - top, 0.0)
    return np.stack((x, y, face * (1.0 - tail) + (np.asarray(ground(x, y)) + 0.05) * tail), axis=1)


def relief(along: Floats, up: Floats, seed: int) -> Floats:
    """Metres out from the even face: blocks within beds, smaller ones within those, joints between them, and grain."""
    bed, part, block, joint = blocks(along, up, seed, 1.0)
    out = 0.75 * noise.fbm(block * 9.1, bed * 7.3, seed + 2, 1.7, 1)
    out -= 0.10 * np.maximum(step(joint, 0.05, 0.0), step(np.minimum(part, 1.0 - part), 0.07, 0.0))
    small_bed, small_part, small, crack = blocks(along + 40.0, up, seed + 20, 0.31)
    out += 0.24 * noise.fbm(small * 9.1, small_bed * 7.3, seed + 4, 1.7, 1)
    out -= 0.04 * np.maximum(step(crack, 0.08, 0.0), step(np.minimum(small_part, 1.0 - small_part), 0.1, 0.0))
    return out + 0.5 * noise.fbm(along, up, seed + 6, 7.0, 3) + 0.16 * noise.fbm(along, up, seed + 7, 0.9, 4, 0.6)


def blocks(along: Floats, up: Floats, seed: int, size: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Which bed and block a place is in, how far up in the bed (0..1) and how far from the next joint (0..0.5)."""
    height = up + 0.24 * along + 1.3 * size * noise.fbm(along, up, seed, 4.5, 4)
    bed = np.floor(height / (BED_M * size))
    part = height / (BED_M * size) - bed
    across = along / (BLOCK_M * size) + 0.41 * bed + 0.5 * noise.fbm(along, up, seed + 1, 3.0 * size, 4)
    block = np.floor(across)
    return bed, part, block, np.minimum(across - block, 1.0 - (across - block))


def stone(along: Floats, up: Floats, normals: Floats, seed: int, snow: float) -> Floats:
    """Each bed and block in its own tone, joints dark, stains where water runs, grass or snow on ledges."""
    bed, part, block, joint = blocks(along, up, seed, 1.0)
    tone = (
        0.62 + 0.5 * noise.fbm(bed * 5.3, block * 3.7, seed + 3, 1.7, 1) + 0.5 * noise.fbm(along, up, seed + 8, 1.8, 5)
    )
    albedo = mixed(np.array(ROCK_DARK) * 1.1, np.array(ROCK) * (1.3, 1.22, 1.1), tone)
    stained = step(noise.fbm(along, 0.1 * up, seed + 10, 1.3, 4), 0.05, 0.4) * step(up, 0.5, 3.0)
    dark = np.maximum(step(joint, 0.05, 0.0), step(np.minimum(part, 1.0 - part), 0.06, 0.0))
    albedo *= (1.0 - 0.35 * stained)[:, None] * (1.0 - 0.5 * dark)[:, None]
    ledge = step(normals[:, 2], 0.62, 0.85)
    green = mixed(GRASS, GRASS_DRY, 0.6 + noise.fbm(along, up, seed + 11, 1.5, 3))
    return mixed(albedo, SNOW, ledge * snow) if snow else mixed(albedo, green, 0.45 * ledge)
