"""Stone that no height field can hold: towers and arches, as round walls along a path, worn by noise."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.places import noise
from generators.places.instances import planted, scattered, some
from generators.places.materials import mixed, step, varied
from generators.places.patches import patches, shuffled, unit
from generators.places.plan import Plan
from generators.places.scenery import Ground, Surfels
from generators.splats import Tag

Floats = NDArray[np.float64]
TOWER_PATCHES, TOWER_M = 3200, 30.0


class Bone(NamedTuple):
    """The middle of a wall that goes round it: N points in order, one patch at each."""

    middle_m: Floats
    """[N, 3]."""
    along: Floats
    """[N, 3], unit."""
    thick_m: Floats
    """[N]: radius."""
    length_m: float


def walled(rng: np.random.Generator, bone: Bone, soil: Floats, rough: float = 0.4) -> Surfels:
    """Patches in a spiral round the bone, banded by height; `soil` [2, 3] is from and to."""
    count, seed = len(bone.thick_m), int(rng.integers(1 << 30))
    angle = np.arange(count) * 2.399963
    side = unit(np.cross(bone.along, (0.11, 0.97, 0.21)))
    out = np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * np.cross(bone.along, side)
    near = bone.middle_m + bone.thick_m[:, None] * out
    grain = float(np.mean(bone.thick_m))
    u, v, w = (near / grain).T
    worn = noise.fbm(u + 0.5 * w, v - 0.3 * w, seed, 1.3, 5, 0.6) + noise.fbm(w, u + v, seed + 1, 0.8, 4, 0.55)
    points = near + out * (bone.thick_m * rough * worn)[:, None]
    tilt = np.stack((worn, noise.fbm(v, w, seed + 2, 0.5, 3), noise.fbm(w, u, seed + 3, 0.4, 3)), axis=1)
    bands = noise.fbm(points[:, 2] / grain + 0.3 * worn, 0.05 * u, seed + 4, 0.9, 4)
    shade = np.clip(0.95 + 0.7 * worn, 0.4, 1.4)[:, None]
    albedo = varied(mixed(0.6 * soil[0], 1.1 * soil[1], 0.5 + 1.2 * bands) * shade, count, rng, 0.08)
    size = np.sqrt(2.0 * np.pi * np.maximum(bone.thick_m, 0.3 * grain) * bone.length_m / count)
    sizes = np.stack((0.85 * size, 0.85 * size, 0.2 * size), axis=1)
    return patches(points, unit(out + 0.8 * tilt), bone.along, sizes, albedo, Tag.TERRAIN)


def tower(rng: np.random.Generator, soil: Floats) -> Surfels:
    """A needle with a wide foot, waists and a blunt top, 30 m."""
    t = ((np.arange(TOWER_PATCHES) + 0.5) / TOWER_PATCHES) ** 1.15
    seed = int(rng.integers(1 << 30))
    waist = 1.0 + 0.32 * noise.fbm(6.0 * t, np.zeros_like(t), seed, 1.0, 3)
    wide = rng.uniform(2.0, 3.6)
    thick = wide * waist * (0.9 * np.exp(-t / 0.12) + (1.02 - 0.75 * t)) * np.sqrt(np.clip((1.0 - t) / 0.05, 0.03, 1.0))
    lean = rng.uniform(-2.0, 2.0, 2)
    middle = np.stack((lean[0] * t**2, lean[1] * t, TOWER_M * t - 1.5), axis=1)
    along = np.broadcast_to((0.0, 0.0, 1.0), middle.shape)
    return shuffled(walled(rng, Bone(middle, along, thick, TOWER_M), soil, 0.34), rng)


def towers(plan: Plan, ground: Ground, soil: Floats) -> list[Surfels]:
    """In groups in the middle distance, some far off, none in front of the first arch."""
    rng = plan.rng("towers")
    stand = scattered(rng, ground, plan.radius_m + 38.0, 520.0, 11.0, 0.05)
    grouped = noise.fbm(stand.x_m, stand.y_m, int(rng.integers(1 << 30)), 110.0, 2) > 0.17
    ahead = (np.abs(stand.x_m) < 16.0) & (stand.y_m > 0.0) & (stand.y_m < 120.0)
    stand = some(stand, grouped & ~ahead & (stand.z_m < 60.0))
    size = np.exp(rng.normal(-0.55, 0.45, len(stand.x_m)))
    stand = stand._replace(scale=size * (1.0 + 0.0018 * np.hypot(stand.x_m, stand.y_m)))
    return planted([tower(rng, soil) for _ in range(4)], TOWER_M, stand, int(0.11 * plan.count))


def arches(plan: Plan, ground: Ground, soil: Floats) -> list[Surfels]:
    """One ahead to walk to, two further off."""
    rng = plan.rng("arches")
    side = 1.0 if rng.random() < 0.5 else -1.0
    spots = ((side * rng.uniform(4.0, 9.0), 34.0, 9.0), (-side * 48.0, 88.0, 21.0), (side * 75.0, -70.0, 17.0))
    return [
        _arch(rng, ground, (x, y, tall), int(part * plan.count), soil)
        for (x, y, tall), part in zip(spots, (0.05, 0.025, 0.015), strict=True)
    ]


def _arch(
    rng: np.random.Generator, ground: Ground, place_m: tuple[float, float, float], count: int, soil: Floats
) -> Surfels:
    x, y, tall = place_m
    turn = math.atan2(x, y) + rng.uniform(-0.5, 0.5)
    bow = np.pi * (np.arange(count) + 0.5) / count
    rise = tall * np.sin(bow) ** 0.8
    across, lean = 0.82 * tall * np.cos(bow), rng.uniform(-0.25, 0.25) * rise
    cos, sin = math.cos(turn), math.sin(turn)
    base = float(np.min(ground(np.array([x]), np.array([y])))) - 0.06 * tall
    middle = np.stack((x + cos * across + sin * lean, y - sin * across + cos * lean, base + rise), axis=1)
    along = unit(np.stack((-0.82 * cos * np.sin(bow), 0.82 * sin * np.sin(bow), np.cos(bow)), axis=1))
    thick = tall * (0.085 + 0.13 * np.abs(np.cos(bow)) ** 3) * step(np.sin(bow), -0.2, 0.1)
    return walled(rng, Bone(middle, along, thick, 2.6 * tall), soil)
