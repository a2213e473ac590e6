"""Ruins: what is left of a colonnade, and its drums in the grass."""

import math

import numpy as np
from numpy.typing import NDArray

from generators.places.instances import planted, standing
from generators.places.materials import LIMESTONE
from generators.places.plan import Plan
from generators.places.rocks import rock
from generators.places.scenery import Ground, Surfels
from generators.places.spires import Bone, walled
from generators.splats import Tag

Floats = NDArray[np.float64]
STONE = np.array((np.array(LIMESTONE) * 0.75, np.array(LIMESTONE)))


def ruins(plan: Plan, ground: Ground) -> list[Surfels]:
    """Two rows of columns, each broken at another height, ahead and to one side; blocks around them."""
    rng = plan.rng("ruins")
    side = 1.0 if rng.random() < 0.5 else -1.0
    turn = -side * rng.uniform(0.1, 0.5)
    middle = np.array((side * (plan.radius_m + 7.0), plan.radius_m + 13.0))
    made: list[Surfels] = []
    for row in (-1, 1):
        for at in range(5):
            u, v = 3.1 * row, 3.4 * (at - 2)
            x = middle[0] + math.cos(turn) * u - math.sin(turn) * v
            y = middle[1] + math.sin(turn) * u + math.cos(turn) * v
            if math.hypot(x, y) > plan.radius_m + 1.5:
                tall = float(np.clip(rng.gamma(2.6, 1.6), 1.2, 6.5))
                made.append(column(rng, (x, y, float(ground(np.array([x]), np.array([y]))[0])), tall, plan.count))
    x, y = middle[:, None] + rng.normal(0.0, 5.5, (2, 26))
    away = np.hypot(x, y) > plan.radius_m + 1.3
    blocks = standing(rng, ground, x[away], y[away], 0.45)
    return made + planted([rock(rng, STONE[1] * 0.85, 0.0, 7) for _ in range(3)], 0.7, blocks, int(0.02 * plan.count))


def column(rng: np.random.Generator, foot_m: tuple[float, float, float], tall_m: float, count: int) -> Surfels:
    """A fluted shaft on a round base, its top broken off."""
    patches_used = max(int(0.0011 * count * tall_m), 40)
    t = (np.arange(patches_used) + 0.5) / patches_used
    low = t * tall_m
    thick = 0.42 - 0.012 * low + 0.14 * np.exp(-low / 0.22)
    thick = thick * np.sqrt(np.clip((1.0 - t) / (0.3 / tall_m), 0.05, 1.0))
    middle = np.stack((np.full_like(t, foot_m[0]), np.full_like(t, foot_m[1]), foot_m[2] + low - 0.1), axis=1)
    along = np.broadcast_to((0.0, 0.0, 1.0), middle.shape)
    shaft = walled(rng, Bone(middle, along, thick, tall_m), STONE, 0.10)
    return shaft._replace(tags=np.full(patches_used, int(Tag.STRUCTURE), np.uint8))
