"""An old factory hall, used as a store: the light comes in through tall windows and skylights."""

import numpy as np
from numpy.typing import NDArray

from generators.places.brief import Brief
from generators.places.evening import evening
from generators.places.hall import Hall, columns, end_walls, roof, side_walls, trusses
from generators.places.hall_things import crane, load, office, pendants, pipes, rack
from generators.places.patterns import Pattern
from generators.places.plan import Plan
from generators.places.quads import Face, Paint, Quads, block, flat, ground_face, joined, placed, prism, wall_face
from generators.places.scenery import Lamps, Scenery, no_lamps
from generators.places.streets import FAR_M, strips, surface
from generators.places.surfacing import surfaced

Floats = NDArray[np.float64]

CONCRETE = surface((0.40, 0.385, 0.36), Pattern.FLOOR, 1.2, 0.05)
YELLOW = surface((0.42, 0.31, 0.05), Pattern.PLAIN)
YARD = surface((0.16, 0.155, 0.15), Pattern.ASPHALT, 4.0)


def warehouse(brief: Brief, plan: Plan) -> Scenery:
    """The hall, what stands in it, and what is seen through its windows."""
    now = evening(brief)
    hall = Hall(max(15.0, plan.radius_m + 9.0), -24.0, 11)
    sources = pendants(hall, now.lamps_on)
    parts = [
        _floor(hall),
        side_walls(hall, plan.rng("walls")),
        end_walls(hall, plan.rng("ends")),
        roof(hall),
        trusses(hall),
        columns(hall),
        pipes(hall),
        crane(hall, 25.0),
        office(hall),
        *_stored(hall, plan, racks=not brief.has("no shelves"), loads=not brief.has("no crates")),
        _outside(hall),
        *(source.shape for source in sources),
    ]
    lamps = no_lamps()
    if now.lamps_on:
        lamps = Lamps(
            np.array([source.position_m for source in sources], np.float32),
            np.array([source.light_unit for source in sources], np.float32),
        )
    surfels = surfaced(joined(parts), plan.count, plan.radius_m)
    return Scenery(surfels, _level, lamps, indoors=True)


def _level(x: Floats, y: Floats) -> Floats:
    return np.zeros(np.broadcast(x, y).shape)


def _floor(hall: Hall) -> Quads:
    """Concrete with two painted lines that keep a lane free."""
    lane = max(0.4 * hall.half_m, 5.8)
    along = (hall.back_m, hall.ahead_m)
    lines = [(-lane - 0.1, -lane), (lane, lane + 0.1)]
    rest = [(-hall.half_m, -lane - 0.1), (-lane, lane), (lane + 0.1, hall.half_m)]
    return joined([strips(np.array(rest), along, CONCRETE), strips(np.array(lines), along, YELLOW)])


def _stored(hall: Hall, plan: Plan, *, racks: bool, loads: bool) -> list[Quads]:
    """Racks along one wall, pallets in groups along the other and between the columns."""
    rng = plan.rng("stored")
    away = plan.radius_m + 1.5
    parts = [
        placed(rack(rng, 20.0), (-hall.half_m + 1.6, 8.0, 0.0)),
        placed(rack(rng, 11.0), (-hall.half_m + 1.6, hall.back_m + 2.0, 0.0)),
    ]
    parts = parts if racks else []
    for y in np.arange(hall.back_m + 8.0, hall.ahead_m - 2.0, 1.9):
        for x in (hall.half_m - 1.6, hall.half_m - 3.2, -0.52 * hall.half_m - 0.8, 0.52 * hall.half_m + 0.9):
            here = x + rng.uniform(-0.15, 0.15), y + rng.uniform(-0.3, 0.3)
            crowded = rng.random() < (0.75 if x > hall.half_m - 4 else 0.28)
            if loads and crowded and np.hypot(*here) > away and np.abs(hall.frames_m - y).min() > 0.9:
                parts.append(placed(load(rng), (*here, 0.0), rng.choice([0.0, 90.0]) + rng.uniform(-9, 9)))
    return parts


def _outside(hall: Hall) -> Quads:
    """A yard to the horizon, the neighbours' roofs, a chimney: what stands before the sky in the windows."""
    h, a, b = hall.half_m + 0.4, hall.back_m - 0.4, hall.ahead_m + 0.4
    yard = [(-FAR_M, -FAR_M, FAR_M, a), (-FAR_M, b, FAR_M, FAR_M), (-FAR_M, a, -h, b), (h, a, FAR_M, b)]
    parts = [flat(ground_face(-0.1), np.array(yard), YARD)]
    brick = Paint((0.24, 0.12, 0.08), Pattern.BRICK, coarseness_unit=2.0)
    for x, y, wide, tall, out_deg in (
        (48.0, 46.0, 70.0, 12.0, 180.0),
        (-60.0, -30.0, 80.0, 15.0, 0.0),
        (-20.0, 95.0, 40.0, 14.0, -90.0),
    ):
        parts.append(flat(wall_face((x, y, 0.0), out_deg), [(0.0, 0.0, wide, tall)], brick))
    stack = prism([[(62.0, -18.0, 0.0), (62.0, -18.0, 34.0)]], [[2.2, 1.4]], 12, brick)
    side = Face(np.array([0.0, 0.0, 0.0]), np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    tank = block(
        side, [(-52.0, 40.0, 9.0, -44.0, 48.0, 17.0)], Paint((0.3, 0.3, 0.28), Pattern.RUST, coarseness_unit=2.0)
    )
    return joined([*parts, stack, tank])
