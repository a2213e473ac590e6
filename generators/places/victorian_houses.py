"""Terraced houses of the 1860s: stock brick and stucco, sash windows, bays, steps, railings, chimneys, slate."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.places.evening import Evening, rooms
from generators.places.furniture import IRON, railing
from generators.places.lots import Lot, shell, side_face
from generators.places.patterns import Pattern
from generators.places.photometry import black_body, emission
from generators.places.quads import Face, Paint, Quads, block, flat, joined, prism, quads
from generators.places.windows import Grid, Sash, glazed, lintels, pierced, reveal, spread, windows

Floats = NDArray[np.float64]

STOCK_BRICKS = ((0.26, 0.18, 0.11), (0.30, 0.13, 0.085), (0.22, 0.14, 0.10), (0.34, 0.25, 0.15))
STUCCOES = ((0.58, 0.55, 0.48), (0.52, 0.50, 0.46), (0.60, 0.54, 0.42))
DOORS = ((0.02, 0.05, 0.03), (0.12, 0.015, 0.015), (0.015, 0.02, 0.06), (0.02, 0.02, 0.02))
SLATE = Paint((0.085, 0.09, 0.105), Pattern.SLATES)
WHITE = Paint((0.55, 0.54, 0.5), coarseness_unit=1.3)
STEP = Paint((0.42, 0.40, 0.36), coarseness_unit=1.3)
POT = Paint((0.32, 0.14, 0.08))
AREA_M = 1.3
"""From the pavement's railings to the wall."""
ENTRY_M = 0.54
"""Of the ground floor above the pavement: three steps."""


class Style(NamedTuple):
    """What the houses of one terrace share."""

    wall: Paint
    trim: Paint
    stucco_below: bool
    bay: bool
    pitched: bool
    shop: bool
    storeys_m: tuple[float, ...]
    """Height of each."""


def terrace_style(rng: np.random.Generator, shop: bool) -> Style:
    """One builder's taste."""
    wall = Paint(STOCK_BRICKS[rng.integers(len(STOCK_BRICKS))], Pattern.BRICK)
    trim = Paint(STUCCOES[rng.integers(len(STUCCOES))], Pattern.STUCCO, coarseness_unit=1.3)
    if rng.random() < 0.2:
        wall = trim
    storeys = ((3.6, 3.3, 3.0), (3.6, 3.5, 3.1, 2.7))[int(rng.random() < 0.45)]
    return Style(wall, trim, rng.random() < 0.5, not shop and rng.random() < 0.45, rng.random() < 0.5, shop, storeys)


def tall_of(style: Style) -> float:
    """From the pavement to the eaves."""
    return ENTRY_M + sum(style.storeys_m)


def victorian_house(lot: Lot, style: Style, rng: np.random.Generator, now: Evening) -> Quads:
    """One house with everything on it."""
    tall, wide, face = tall_of(style), lot.wide_m, lot.face
    door_left = rng.random() < 0.5
    first = ENTRY_M + style.storeys_m[0]
    parts = [_upper(face, wide, first, style, rng, now), _courses(face, wide, first, tall, style)]
    if style.shop:
        parts.append(_shop(face, wide, first, rng, now))
    else:
        parts += [_ground_floor(face, wide, first, style, door_left, rng, now), _front_garden(face, wide, door_left)]
    parts += [shell(lot, tall, style.wall._replace(coarseness_unit=1.6), SLATE), _roof(lot, tall, style)]
    parts.append(_chimney(lot, tall, style, rng))
    for which, beside in (("left", lot.left_m), ("right", lot.right_m)):
        if beside < 1.0:
            parts.append(_gable(lot, which, tall, style))
    return joined(parts)


def _sash(style: Style, panes: tuple[int, int] = (2, 4)) -> Sash:
    return Sash(WHITE, panes, 0.13, 0.055, 0.03, sill=style.trim)


def _upper(face: Face, wide: float, first: float, style: Style, rng: np.random.Generator, now: Evening) -> Quads:
    """The storeys above: two or three sashes each, lower towards the top."""
    count = 3 if wide > 6.2 else 2
    floors = first + np.concatenate(([0.0], np.cumsum(style.storeys_m[1:])))
    heights = np.array(style.storeys_m[1:])
    rows = np.stack((floors[:-1] + 0.6, floors[:-1] + 0.6 + 0.58 * heights), 1)
    grid = Grid(spread(count, 1.05, wide), rows)
    boxes = grid.boxes()
    light = rooms(rng, len(boxes), now.lit_share_unit, 2500, 16)
    parts = [
        pierced(face, (0, first, wide, floors[-1]), grid, style.wall),
        windows(face, boxes, _sash(style), style.trim, light, rng),
        lintels(face, boxes, 0.24, style.trim),
    ]
    if style.stucco_below and style.wall.pattern == Pattern.BRICK:
        parts.append(_surrounds(face, boxes[:count], style.trim))
    return joined(parts)


def _surrounds(face: Face, boxes: Floats, trim: Paint) -> Quads:
    """Moulded frames and little pediments round the best floor's windows."""
    left, low, right, high = boxes.T
    zero = np.zeros(len(boxes))
    sides = [
        np.stack((left - 0.14, low, zero, left, high, zero + 0.06), 1),
        np.stack((right, low, zero, right + 0.14, high, zero + 0.06), 1),
        np.stack((left - 0.25, high + 0.26, zero, right + 0.25, high + 0.36, zero + 0.22), 1),
    ]
    return block(face, np.concatenate(sides), trim)


def _courses(face: Face, wide: float, first: float, tall: float, style: Style) -> Quads:
    """A string course over the ground floor, cornice with brackets, parapet or eaves."""
    z = np.array([first - 0.12, tall - 0.42, tall - 0.12])
    out, high = np.array([0.08, 0.10, 0.34]), np.array([0.2, 0.1, 0.16])
    zero = np.zeros(3)
    bands = np.stack((zero, z, zero, zero + wide, z + high, out), 1)
    u = np.arange(0.2, wide, 0.55)
    flat_ = np.zeros(len(u))
    brackets = np.stack((u - 0.07, flat_ + tall - 0.34, flat_, u + 0.07, flat_ + tall - 0.12, flat_ + 0.26), 1)
    parts = [
        block(face, bands, style.trim, "front top bottom left right"),
        block(face, brackets, style.trim, "front left right"),
    ]
    if not style.pitched:
        parapet = [(0.0, tall, -0.3, wide, tall + 0.75, 0.0), (0.0, tall + 0.75, -0.34, wide, tall + 0.85, 0.06)]
        parts.append(block(face, parapet, style.trim if style.stucco_below else style.wall))
    return joined(parts)


def _ground_floor(
    face: Face, wide: float, first: float, style: Style, door_left: bool, rng: np.random.Generator, now: Evening
) -> Quads:
    """A door with a fanlight and a wide window or a bay, in brick or in stucco with joints."""
    wall = style.trim._replace(pattern=Pattern.ASHLAR) if style.stucco_below else style.wall
    door = (0.55, 1.65) if door_left else (wide - 1.65, wide - 0.55)
    span = (2.2, wide - 0.6) if door_left else (0.6, wide - 2.2)
    middle, half = 0.5 * (span[0] + span[1]), min(1.1, 0.42 * (span[1] - span[0]))
    window = (middle - half, middle + half)
    columns = np.array(sorted([door, window]))
    sill, head = ENTRY_M + 0.75, ENTRY_M + 2.75
    box = np.array([[window[0], sill, window[1], head]])
    entrance = np.array([[door[0], ENTRY_M, door[1], head]])
    between = columns[0][1], columns[1][0]
    fills = [
        (0.0, 0.0, wide, ENTRY_M),
        (0.0, head, wide, first),
        (0.0, ENTRY_M, columns[0][0], head),
        (between[0], ENTRY_M, between[1], head),
        (columns[1][1], ENTRY_M, wide, head),
        (window[0], ENTRY_M, window[1], sill),
    ]
    light = rooms(rng, 3, min(1.3 * now.lit_share_unit, 0.95), 2500, 18)
    parts = [flat(face, np.array(fills), wall), lintels(face, box, 0.26, style.trim)]
    if style.bay:
        parts.append(_bay(face, (window[0] - 0.25, window[1] + 0.25), first, style, light, rng))
    else:
        parts.append(windows(face, box, _sash(style, (4, 2)), style.trim, light[:1], rng))
    return joined([*parts, _door(face, entrance[0], style, rng, now)])


def _door(face: Face, box: Floats, style: Style, rng: np.random.Generator, now: Evening) -> Quads:
    left, low, right, high = box
    colour = Paint(DOORS[rng.integers(len(DOORS))], shine_unit=0.2)
    leaf_high = high - 0.5
    lit = now.lamps_on and rng.random() < 0.6
    fan = emission(16.0, black_body(2300)) * (1.0 if lit else 0.0)
    panels = [
        (left + a, low + b, -0.24, left + c, low + d, -0.205)
        for a, c in ((0.14, 0.5), (0.6, right - left - 0.14))
        for b, d in ((0.2, 0.95), (1.1, leaf_high - low - 0.15))
    ]
    zero = 0.0
    stones = [
        (left - 0.26, low, zero, left, high, 0.14),
        (right, low, zero, right + 0.26, high, 0.14),
        (left - 0.36, high, zero, right + 0.36, high + 0.32, 0.24),
        (left - 0.44, high + 0.32, zero, right + 0.44, high + 0.44, 0.42),
    ]
    return joined(
        [
            flat(face, [(left, low, right, leaf_high)], colour, -0.24),
            block(face, panels, colour._replace(albedo_unit=np.asarray(colour.albedo_unit) * 1.5 + 0.004)),
            block(face, [(left, leaf_high, -0.26, right, leaf_high + 0.07, -0.16)], WHITE),
            glazed(face, np.array([[left, leaf_high + 0.06, right, high]]), fan[None], 0.24, 3),
            block(face, [(left + 0.5, leaf_high + 0.06, -0.23, left + 0.54, high, -0.2)], WHITE, "front"),
            block(
                face,
                [(right - 0.25, low + 1.0, -0.24, right - 0.18, low + 1.07, -0.15)],
                Paint((0.5, 0.35, 0.1), shine_unit=0.4),
            ),
            reveal(face, [(left, low, right, high)], 0.25, style.trim),
            block(face, stones, style.trim, "front left right top bottom"),
        ]
    )


def _bay(
    face: Face, span: tuple[float, float], tall: float, style: Style, light: Floats, rng: np.random.Generator
) -> Quads:
    """Three sides of a canted bay, a window in each, a little roof of lead."""
    deep = 0.75
    a, b = span
    plan = [(a, 0.0), (a + deep, deep), (b - deep, deep), (b, 0.0)]
    parts: list[Quads] = []
    for k in range(3):
        (u0, d0), (u1, d1) = plan[k], plan[k + 1]
        foot, end = face.at(u0, 0.0, d0), face.at(u1, 0.0, d1)
        wide = float(np.linalg.norm(end - foot))
        side = Face(foot, (end - foot) / wide, face.up)
        grid = Grid(np.array([[0.14, wide - 0.14]]), np.array([[ENTRY_M + 0.75, ENTRY_M + 2.85]]))
        panes = (2, 2) if k == 1 else (1, 2)
        parts += [
            pierced(side, (0, 0, wide, tall), grid, style.trim),
            windows(side, grid.boxes(), _sash(style, panes), style.trim, light[k : k + 1], rng),
            block(side, [(-0.08, tall - 0.2, 0.0, wide + 0.08, tall, 0.14)], style.trim, "front top bottom"),
        ]
    low, top = [face.at(u, tall, d * 1.12) for u, d in plan], [face.at(u, tall + 0.45, 0.0) for u, _ in plan]
    lead = Paint((0.12, 0.125, 0.135), shine_unit=0.1)
    return joined([*parts, quads([[low[k], low[k + 1], top[k + 1], top[k]] for k in range(3)], lead)])


def _front_garden(face: Face, wide: float, door_left: bool) -> Quads:
    """The sunk area behind railings, and steps that bridge it."""
    a, b = (0.4, 1.8) if door_left else (wide - 1.8, wide - 0.4)
    rail = face._replace(origin_m=face.at(0.0, 0.0, AREA_M))
    stones = [(a, 0.0, 0.0, b, 0.18 * (k + 1), AREA_M + 0.1 - 0.32 * k) for k in range(3)]
    curb = [(0.0, 0.0, AREA_M - 0.12, wide, 0.1, AREA_M + 0.12)]
    ground = Paint((0.09, 0.085, 0.08), Pattern.SLABS, coarseness_unit=2.0)
    floor = [[face.at(0, 0.01, AREA_M), face.at(wide, 0.01, AREA_M), face.at(wide, 0.01, 0), face.at(0, 0.01, 0)]]
    runs = [railing(rail, u0, u1) for u0, u1 in ((0.0, a), (b, wide)) if u1 - u0 > 0.2]
    sides = [railing(Face(face.at(u, 0.0, 0.1), face.out, face.up), 0.0, AREA_M - 0.1) for u in (a, b)]
    return joined(
        [*runs, *sides, block(face, stones, STEP), block(face, curb, STEP, "front top back"), quads(floor, ground)]
    )


def _shop(face: Face, wide: float, first: float, rng: np.random.Generator, now: Evening) -> Quads:
    """A painted shop front of small panes between pilasters, under a board."""
    tone = np.array(DOORS[rng.integers(len(DOORS))]) * 1.6
    wood = Paint(tone, shine_unit=0.15)
    head = first - 0.75
    door = (0.5 * wide - 0.55, 0.5 * wide + 0.55)
    glass = np.array([[0.35, 0.75, door[0] - 0.15, head], [door[1] + 0.15, 0.75, wide - 0.35, head]])
    light = rooms(rng, 3, 0.95 if now.lamps_on else 0.1, 2400, 34)
    sash = Sash(wood, (5, 4), 0.1, 0.06, 0.035)
    entrance = np.array([[door[0], 0.0, door[1], head]])
    fills = [
        (0.0, 0.0, 0.35, head),
        (wide - 0.35, 0.0, wide, head),
        (glass[0, 2], 0.0, door[0], head),
        (door[1], 0.0, glass[1, 0], head),
        (glass[0, 0], 0.0, glass[0, 2], 0.75),
        (glass[1, 0], 0.0, glass[1, 2], 0.75),
        (0.0, head, wide, first),
    ]
    board = np.array(
        [[0.1, head + 0.1, 0.0, wide - 0.1, head + 0.62, 0.14], [0.0, head + 0.62, 0.0, wide, head + 0.72, 0.3]]
    )
    gilt = Paint((0.55, 0.38, 0.10), shine_unit=0.2)
    strokes: list[tuple[float, float, float, float]] = []
    for k in range(int(rng.integers(7, 11))):
        u = 0.5 * wide - 1.6 + 0.36 * k
        strokes += [
            (u, head + 0.2, u + 0.06, head + 0.5),
            (u + 0.06, head + 0.44 - 0.12 * (k % 3), u + 0.24, head + 0.5 - 0.12 * (k % 3)),
        ]
    pillars = [(u, 0.0, 0.0, u + 0.25, head + 0.1, 0.12) for u in (0.05, wide - 0.3)]
    parts = [
        flat(face, np.array(fills), wood),
        windows(face, glass, sash, wood, light[:2], rng),
        windows(face, entrance + [[0.0, 0.9, 0.0, 0.0]], Sash(wood, (2, 3), 0.5, 0.1), wood, light[2:], rng),
        flat(face, entrance * [1, 1, 1, 0] + [[0, 0, 0, 0.9]], wood, -0.5),
        block(face, board, wood, "front left right top bottom"),
        block(face, pillars, wood._replace(albedo_unit=tone * 1.3), "front left right"),
        flat(face, np.array(strokes), gilt, 0.16),
    ]
    return joined(parts)


def _roof(lot: Lot, tall: float, style: Style) -> Quads:
    """Slate from the eaves to the ridge; behind a parapet it is only seen from afar."""
    face, w, d = lot.face, lot.wide_m, lot.deep_m
    eave, rise = (0.35, 0.46 * d) if style.pitched else (-0.5, 0.36 * d)
    foot = tall + (0.06 if style.pitched else 0.1)
    slopes = [
        [
            face.at(0, foot, eave),
            face.at(w, foot, eave),
            face.at(w, foot + rise, -d / 2),
            face.at(0, foot + rise, -d / 2),
        ],
        [face.at(w, foot, -d), face.at(0, foot, -d), face.at(0, foot + rise, -d / 2), face.at(w, foot + rise, -d / 2)],
    ]
    gutter = block(face, [(0.0, foot - 0.08, eave - 0.02, w, foot + 0.04, eave + 0.1)], IRON, "front bottom top")
    return joined([quads(slopes, SLATE), *([gutter] if style.pitched else [])])


def _gable(lot: Lot, which: str, tall: float, style: Style) -> Quads:
    """The triangle that closes a roof at a terrace's end."""
    side = side_face(lot, which)
    d = lot.deep_m
    rise = (0.46 if style.pitched else 0.36) * d
    tip = side.at(d / 2, tall + rise)
    return quads([[side.at(0, tall), side.at(d, tall), tip, tip]], style.wall)


def _chimney(lot: Lot, tall: float, style: Style, rng: np.random.Generator) -> Quads:
    """A stack on the party wall with a row of pots."""
    d = lot.deep_m
    at, high = -0.5 * d, tall + 0.46 * d + rng.uniform(0.9, 1.5)
    stack = [
        (-0.35, tall, at - 0.9, 0.35, high, at + 0.9),
        (-0.42, high - 0.3, at - 0.97, 0.42, high - 0.12, at + 0.97),
    ]
    pots = np.array([at + k * 0.42 for k in (-1.5, -0.5, 0.5, 1.5)])
    ends = np.stack([lot.face.at(0.0, z, pots) for z in (high, high + 0.75)], axis=1)
    brick = style.wall if style.wall.pattern == Pattern.BRICK else Paint(STOCK_BRICKS[0], Pattern.BRICK)
    return joined([block(lot.face, stack, brick), prism(ends, [[0.15, 0.11]], 7, POT)])
