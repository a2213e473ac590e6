"""A street of a city of today: four lanes, shops, offices, a crossing, and a tower at its end."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generators.places.brief import Brief
from generators.places.evening import Evening, evening
from generators.places.furniture import (
    CUT_OFF,
    Source,
    bench,
    bin_,
    bollard,
    moved,
    shelter,
    street_lamp,
    traffic_light,
)
from generators.places.lots import filling, row_of_lots
from generators.places.modern_buildings import modern_house
from generators.places.patterns import Pattern
from generators.places.photometry import black_body, emission
from generators.places.plan import Plan
from generators.places.quads import Paint, Quads, flat, joined, placed, wall_face
from generators.places.scenery import Lamps, Scenery, no_lamps
from generators.places.scenery import joined as joined_surfels
from generators.places.street_trees import crowns, skeleton
from generators.places.streets import (
    KERB_M,
    LANE_M,
    Street,
    covers,
    drains,
    land_around,
    lanes_for,
    marked_road,
    pavements,
    side_road,
    surface,
)
from generators.places.surfacing import surfaced
from generators.places.vehicles import car
from generators.places.weathering import weathered

Floats = NDArray[np.float64]

ASPHALT = surface((0.085, 0.085, 0.09), Pattern.ASPHALT, 1.35)
WALK = surface((0.34, 0.33, 0.31), Pattern.SLABS, 1.1)
KERB = surface((0.42, 0.41, 0.39), Pattern.ASHLAR)
LEAF_SHARE = 0.10
STEEL_LID = surface((0.06, 0.058, 0.055), Pattern.PLAIN)


def modern_street(brief: Brief, plan: Plan) -> Scenery:
    """Everything on it, from the ground up."""
    now = evening(brief)
    lanes = lanes_for(plan.radius_m)
    street = Street(lanes * LANE_M, 4.6, -150.0, 190.0, 46.0, 6.6)
    trees, tall = _trees(street, plan)
    bare = brief.season == "winter"
    lamps = _lamps(street, now)
    parts = [
        marked_road(street, lanes, ASPHALT),
        side_road(street, ASPHALT),
        pavements(street, KERB, WALK),
        land_around(street, ASPHALT),
        _lids(street),
        _houses(street, plan.rng("houses"), now),
        _skyline(street, plan.rng("skyline"), now),
        *([] if brief.has("no cars") else [_parked(street, plan, now)]),
        _furniture(street, plan, now),
        *(source.shape for source in lamps),
        *(
            skeleton(plan.rng(f"tree {k}"), where, high, bare)
            for k, (where, high) in enumerate(zip(trees, tall, strict=True))
        ),
    ]
    leaves = 0 if bare else int(LEAF_SHARE * plan.count)
    surfels = surfaced(joined(parts), plan.count - leaves, plan.radius_m)
    if leaves:
        surfels = joined_surfels([surfels, crowns(plan.rng("leaves"), trees, tall, brief.season, leaves)])
    return Scenery(weathered(surfels, brief.ground), street.ground(), _light(lamps, now))


def _houses(street: Street, rng: np.random.Generator, now: Evening) -> Quads:
    low, high = street.corner_m
    line, deep = street.line_m, 22.0
    rows = [  # foot, way it looks, length
        ((line, low), 180.0, low - street.back_m),
        ((line, street.ahead_m), 180.0, street.ahead_m - high),
        ((-line, street.back_m), 0.0, low - street.back_m),
        ((-line, high), 0.0, street.ahead_m - high),
        ((-line - deep, low), 90.0, 70.0),
        ((line + deep + 70.0, low), 90.0, 70.0),
        ((-line - deep - 70.0, high), -90.0, 70.0),
        ((line + deep, high), -90.0, 70.0),
    ]
    houses: list[Quads] = []
    for (x, y), out_deg, long in rows:
        widths = filling(rng, long, 15, 27, 0.5)
        talls = 14 + 44 * rng.beta(1.4, 2.2, len(widths))
        houses += [
            modern_house(lot, tall, rng, now) for lot, tall in row_of_lots((x, y, KERB_M), out_deg, widths, talls, deep)
        ]
    closing = ((-34.0, street.ahead_m + 14.0, -90.0, 88.0), (34.0, street.back_m - 14.0, 90.0, 60.0))
    for x, y, out_deg, tall in closing:
        lots = row_of_lots((x, y, KERB_M), out_deg, np.array([22.0, 24.0, 22.0]), np.array([30.0, tall, 24.0]), 24.0)
        houses += [modern_house(lot, high, rng, now) for lot, high in lots]
    return joined(houses)


def _skyline(street: Street, rng: np.random.Generator, now: Evening) -> Quads:
    """Towers behind the first row, as faces with a grid of windows."""
    towers: list[Quads] = []
    for _ in range(14):
        side, along = 1.0 if rng.random() < 0.5 else -1.0, rng.uniform(-260.0, 330.0)
        away, wide, tall = rng.uniform(60, 170), rng.uniform(24, 40), rng.uniform(60, 150)
        x, y = float(side) * (street.line_m + float(away)), float(along)
        tone = rng.choice([0.12, 0.25, 0.4]) * np.array([0.95, 1.0, 1.06])
        light = emission(700.0 * now.lit_share_unit, black_body(3900))
        paint = Paint(tone, Pattern.WINDOWS, light, 0.2, coarseness_unit=1.5)
        for turn in (0.0, 90.0, 180.0, 270.0):
            face = wall_face((x, y, 0.0), turn)
            face = face._replace(origin_m=face.at(-0.5 * float(wide), 0.0, 0.5 * float(wide)))
            towers.append(flat(face, [(0.0, 16.0, wide, tall)], paint, 0.0, _seed(rng)))
    return joined(towers)


def _lamps(street: Street, now: Evening) -> list[Source]:
    places = [(s, y) for y in np.arange(street.back_m + 10, street.ahead_m, 28.0) for s in (-1, 1)]
    return [
        moved(
            street_lamp(now.lamps_on), (s * (street.half_m + 0.8), y + 14.0 * (s > 0), KERB_M), 180.0 if s > 0 else 0.0
        )
        for s, y in places
        if abs(y + 14.0 * (s > 0) - street.cross_m) > street.cross_half_m + 2
    ]


def _light(lamps: list[Source], now: Evening) -> Lamps:
    if not now.lamps_on:
        return no_lamps()
    where = np.array([source.position_m for source in lamps], np.float32)
    return Lamps(where, np.array([source.light_unit for source in lamps], np.float32), CUT_OFF)


def _trees(street: Street, plan: Plan) -> tuple[Floats, Floats]:
    rng = plan.rng("trees")
    y = np.arange(street.back_m + 6, street.ahead_m, 14.0)
    y = y[(np.abs(y - street.cross_m) > street.cross_half_m + 9) & (rng.random(len(y)) < 0.75)]
    where = np.array([(s * (street.half_m + 1.4), at + 5.0 * (s > 0), KERB_M) for at in y for s in (-1, 1)])
    return where, rng.uniform(6.5, 9.0, len(where))


def _parked(street: Street, plan: Plan, now: Evening) -> Quads:
    """Cars at both kerbs, some that wait at the crossing."""
    rng = plan.rng("cars")
    models = [car(rng, False) for _ in range(30)]
    cars: list[Quads] = []
    x = street.half_m - 1.15
    for side in (-1.0, 1.0):
        for y in np.arange(street.back_m + 4, street.ahead_m - 4, 6.2):
            at = y + rng.uniform(-0.4, 0.4)
            free = abs(at - street.cross_m) < street.cross_half_m + 11 or np.hypot(x - 1, at) < plan.radius_m + 4.5
            if free or rng.random() < 0.35:
                continue
            cars.append(placed(models[rng.integers(len(models))], (side * x, at, 0.0), 0.0 if side > 0 else 180.0))
    stop = street.cross_m - street.cross_half_m - 9.5
    for k, where in enumerate(
        (
            (LANE_M * 0.5, stop),
            (LANE_M * 0.5, stop - 6.4),
            (-LANE_M * 0.5, street.cross_m + 19.0),
            (-1.5 * LANE_M, street.cross_m + 27.0),
            (-LANE_M * 0.5, -32.0),
        )
    ):
        cars.append(placed(car(rng, now.lamps_on), (*where, 0.0), 0.0 if k < 2 else 180.0))
    return joined(cars)


def _furniture(street: Street, plan: Plan, now: Evening) -> Quads:
    rng = plan.rng("furniture")
    h = street.half_m
    low, high = street.cross_m - street.cross_half_m, street.cross_m + street.cross_half_m
    things = [
        placed(traffic_light(2), (h + 0.6, low - 1.2, KERB_M)),
        placed(traffic_light(2), (-h - 0.6, low - 1.2, KERB_M)),
        placed(traffic_light(2), (-h - 0.6, high + 1.2, KERB_M), 180.0),
        placed(traffic_light(0), (h + 0.6, high + 1.2, KERB_M), 90.0),
        placed(shelter(now.lamps_on), (h + 2.0, 17.0, KERB_M), 180.0),
        placed(shelter(now.lamps_on), (-h - 2.0, -24.0, KERB_M)),
    ]
    for y in np.arange(street.back_m + 9, street.ahead_m, 19.0):
        side = rng.choice([-1.0, 1.0])
        if abs(y - street.cross_m) < street.cross_half_m + 8:
            continue
        things.append(placed(bench(), (side * (h + 1.5), y, KERB_M), 0.0 if side < 0 else 180.0))
        things.append(placed(bin_(), (side * (h + 0.7), y + 1.8, KERB_M)))
    corners = [
        (s * (h + 0.45), y) for s in (-1, 1) for k in range(4) for y in (low - 2.5 - 1.4 * k, high + 2.5 + 1.4 * k)
    ]
    things += [placed(bollard(), (x, y, KERB_M)) for x, y in corners]
    return joined(things)


def _lids(street: Street) -> Quads:
    where = np.array(
        [(1.7, 7.5, 0.004), (-1.6, 21.0, 0.004), (2.0, -11.0, 0.004), (-4.8, 9.0, 0.004), (4.9, 30.0, 0.004)]
    )
    return joined([covers(where, 0.34, STEEL_LID), drains(street, 24.0, STEEL_LID)])


def _seed(rng: Any) -> int:
    return int(rng.integers(2**31))
