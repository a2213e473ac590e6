"""What both country roads begin with: two lanes beside which one stands, posts, a rail, grass up to its edge."""

import numpy as np
from numpy.typing import NDArray

from generators.places.brief import Brief
from generators.places.materials import GRASS, GRASS_DRY
from generators.places.patches import taken
from generators.places.plan import Plan
from generators.places.plants import meadow_grass
from generators.places.roads import Road, asphalt, delineators, guard_rail, lateral
from generators.places.scenery import Ground, Surfels

Floats = NDArray[np.float64]
HALF_M = 3.5
"""Half of a two-lane road of 7 m; one stands in its right lane."""
RAIL_M = -0.05
"""From the free ground's rim to the asphalt's right edge: the rail stands just outside."""


def middle_m(plan: Plan) -> float:
    """Of the road, across, where one stands."""
    return max(plan.radius_m + RAIL_M - HALF_M, -0.5 * HALF_M)


def uncovered(road: Road, x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Ground that no asphalt hides."""
    return np.abs(lateral(road, x, y)) >= HALF_M - 0.3


def furnished(rng: np.random.Generator, brief: Brief, road: Road, ground: Ground, count: int) -> list[Surfels]:
    """The road itself, of about `count` patches, its rail and its posts."""
    return [
        *asphalt(rng, road, ground, count, brief.ground),
        guard_rail(rng, road, ground, HALF_M + 0.75),
        delineators(road, ground, HALF_M + 0.45),
    ]


def verge(
    rng: np.random.Generator, plan: Plan, road: Road, ground: Ground, share_unit: float, tall_m: float
) -> Surfels:
    """Grass on both sides."""
    colour = np.array((GRASS, GRASS_DRY))
    blades = meadow_grass(rng, ground, plan.radius_m, int(share_unit * plan.count), tall_m, colour)
    x, y, _ = blades.means_m.astype(np.float64).T
    return taken(blades, np.abs(lateral(road, x, y)) > HALF_M + 0.9)
