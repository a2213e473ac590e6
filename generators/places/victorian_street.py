"""A London street of the 1860s: setts, gas lamps, terraces, and the great clock over the roofs at its end."""

import numpy as np
from numpy.typing import NDArray

from generators.places.brief import Brief
from generators.places.clock_tower import clock_tower
from generators.places.evening import Evening, evening
from generators.places.furniture import LANTERN, Source, bollard, gas_lamp, moved
from generators.places.lots import row_of_lots
from generators.places.patterns import Pattern
from generators.places.plan import Plan
from generators.places.quads import Quads, flat, ground_face, joined, placed, quads
from generators.places.scenery import Lamps, Scenery, no_lamps
from generators.places.streets import EDGE_M, KERB_M, Street, drains, land_around, pavements, side_road, strips, surface
from generators.places.surfacing import surfaced
from generators.places.vehicles import handcart, hansom
from generators.places.victorian_houses import AREA_M, Style, tall_of, terrace_style, victorian_house
from generators.places.weathering import damp, weathered

Floats = NDArray[np.float64]

SETTS = surface((0.14, 0.132, 0.125), Pattern.COBBLES, 1.1)
FLAGS = surface((0.30, 0.285, 0.26), Pattern.SLABS, 1.1)
KERB = surface((0.36, 0.35, 0.33), Pattern.ASHLAR)
GUTTER = surface((0.10, 0.095, 0.09), Pattern.COBBLES)


def victorian_street(brief: Brief, plan: Plan) -> Scenery:
    """Everything on it, from the ground up."""
    now = evening(brief)
    street = Street(max(5.0, plan.radius_m + 1.0), 3.0, -62.0, 70.0, 63.5, 3.5, 70.0)
    sources = _gas_lamps(street, now)
    rng = plan.rng("houses")
    parts = [
        _carriageway(street),
        side_road(street, SETTS),
        pavements(street, KERB, FLAGS),
        _ends(street),
        land_around(street, SETTS),
        drains(street, 17.0, surface((0.04, 0.04, 0.04), Pattern.PLAIN)),
        _terraces(street, rng, now),
        clock_tower((16.0, 150.0), brief.minutes, now.lamps_on),
        *([] if brief.has("no cars") else [_standing(street, plan, now)]),
        *(source.shape for source in sources),
    ]
    lamps = no_lamps()
    if now.lamps_on:
        lamps = Lamps(
            np.array([source.position_m for source in sources], np.float32),
            np.array([source.light_unit for source in sources], np.float32),
            LANTERN,
        )
    surfels = weathered(surfaced(joined(parts), plan.count, plan.radius_m), brief.ground)
    return Scenery(damp(surfels) if brief.fog else surfels, street.ground(), lamps)


def _carriageway(street: Street) -> Quads:
    h, gutter = street.half_m, 0.35
    along = (street.back_m, street.ahead_m)
    middle = strips(np.array([[-h + gutter, h - gutter]]), along, SETTS)
    return joined([middle, strips(np.array([[-h, -h + gutter], [h - gutter, h]]), along, GUTTER)])


def _ends(street: Street) -> Quads:
    """Pavement across both ends, where the road stops."""
    h = street.half_m
    up = ground_face(KERB_M)
    boxes = [
        (-h, street.ahead_m - street.walk_m + EDGE_M, h, street.ahead_m + 0.3),
        (-h, street.back_m - 0.3, h, street.back_m + 3.0),
    ]
    y0, y1 = street.ahead_m - street.walk_m + EDGE_M, street.back_m + 3.0
    faces = [
        [(-h, y0, 0), (h, y0, 0), (h, y0, KERB_M), (-h, y0, KERB_M)],
        [(h, y1, 0), (-h, y1, 0), (-h, y1, KERB_M), (h, y1, KERB_M)],
    ]
    return joined([flat(up, np.array(boxes), FLAGS), quads(np.array(faces, np.float64), KERB)])


def _terraces(street: Street, rng: np.random.Generator, now: Evening) -> Quads:
    """Rows on both sides, along the cross street, and across both ends."""
    low, _ = street.corner_m
    line, deep = street.line_m + AREA_M, 9.0
    long, gap = low - street.back_m, line + deep
    rows = [  # foot, way it looks, length
        ((line, low - AREA_M), 180.0, long - AREA_M),
        ((-line, street.back_m), 0.0, long - AREA_M),
        ((-60.0, street.ahead_m + AREA_M), -90.0, 120.0),
        ((45.0, street.back_m - AREA_M), 90.0, 90.0),
        ((-gap, low - AREA_M), 90.0, 45.0),
        ((gap + 45.0, low - AREA_M), 90.0, 45.0),
    ]
    houses: list[Quads] = []
    for (x, y), out_deg, length in rows:
        count = round(length / 6.0)
        widths = np.full(count, length / count)
        styles: list[Style] = []
        while len(styles) < count:
            style = terrace_style(rng, shop=rng.random() < 0.3)
            styles += [style] * int(rng.integers(1, 3) if style.shop else rng.integers(3, 6))
        styles = styles[:count]
        talls = np.array([tall_of(style) for style in styles])
        for (lot, _), style in zip(row_of_lots((x, y, KERB_M), out_deg, widths, talls, deep), styles, strict=True):
            if style.shop:  # shops stand at the pavement
                lot = lot._replace(face=lot.face._replace(origin_m=lot.face.at(0, 0, AREA_M)), deep_m=deep + AREA_M)
            houses.append(victorian_house(lot, style, rng, now))
    return joined(houses)


def _gas_lamps(street: Street, now: Evening) -> list[Source]:
    y = np.arange(street.back_m + 7.0, street.corner_m[0], 17.0)
    places = [(s * (street.half_m + 0.5), at + 8.5 * (s > 0)) for at in y for s in (-1, 1)]
    places += [(x, street.ahead_m - 1.5) for x in (-26.0, -9.0, 9.0, 26.0)]
    return [moved(gas_lamp(now.lamps_on), (x, at, KERB_M), 0.0) for x, at in places]


def _standing(street: Street, plan: Plan, now: Evening) -> Quads:
    """A cab at the kerb, carts, crates before the shops, posts at the corners."""
    rng = plan.rng("standing")
    h = street.half_m
    away = max(plan.radius_m, 4.0)
    things = [
        placed(hansom(now.lamps_on), (h - 1.2, away + 9.0, 0.0), 4.0),
        placed(hansom(now.lamps_on), (-h + 1.3, 38.0, 0.0), 177.0),
        placed(handcart(rng), (-h + 0.9, -away - 7.0, 0.0), 8.0),
        placed(handcart(rng), (-h + 1.0, away + 16.0, 0.0), 171.0),
    ]
    low = street.corner_m[0] + street.walk_m
    things += [placed(bollard(), (s * (h + 0.4), low - 0.6 - 1.5 * k, KERB_M)) for s in (-1, 1) for k in range(3)]
    return joined(things)
