"""Ground floors: shop fronts with fascia, door and a room behind, signs of light, awnings."""

import numpy as np
from numpy.typing import NDArray

from generators.places.evening import Evening
from generators.places.lettering import BLADES, NAMES, lettered
from generators.places.patterns import Pattern
from generators.places.photometry import black_body, emission
from generators.places.quads import Face, Paint, Quads, block, joined, quads
from generators.places.windows import Grid, pierced, shown_room, spread
from generators.splats import Tag

Floats = NDArray[np.float64]

FASCIAS = (
    (0.02, 0.05, 0.16),
    (0.25, 0.02, 0.02),
    (0.02, 0.12, 0.06),
    (0.03, 0.03, 0.035),
    (0.6, 0.58, 0.5),
    (0.5, 0.25, 0.02),
)
NEONS = ((1.0, 0.08, 0.12), (0.05, 0.6, 1.0), (1.0, 0.65, 0.1), (0.1, 1.0, 0.35), (0.9, 0.15, 0.9), (1.0, 0.95, 0.9))
NEON_RIM = (np.array([0.05, 0.6, 1.0]), np.array([1.0, 0.1, 0.35]))
CLOTHS = (
    (0.55, 0.5, 0.42),
    (0.03, 0.04, 0.09),
    (0.3, 0.07, 0.05),
    (0.05, 0.05, 0.055),
    (0.42, 0.3, 0.08),
    (0.07, 0.12, 0.07),
    (0.45, 0.22, 0.18),
    (0.12, 0.2, 0.3),
)
TUBE = 2.2
"""A neon tube, over a letter lit from within."""
HEAD_M = 3.3
CLEAR_M = 60.0
"""Farther than that, nobody sees what is in the window."""


def shop_row(face: Face, wide_m: float, tall_m: float, wall: Paint, rng: np.random.Generator, now: Evening) -> Quads:
    """The ground floor of a house: piers of its own stone, a shop in each bay."""
    count = max(1, round(wide_m / rng.uniform(5.5, 8.0)))
    grid = Grid(spread(count, wide_m / count - 0.7, wide_m), np.array([[0.0, HEAD_M]]))
    pier = wall if wall.pattern != Pattern.PLAIN else Paint((0.3, 0.3, 0.3), Pattern.ASHLAR)
    parts = [pierced(face, (0, 0, wide_m, tall_m), grid, pier)]
    parts += [shop(face, box, rng, now) for box in grid.boxes()]
    return joined(parts)


def shop(face: Face, box_m: Floats, rng: np.random.Generator, now: Evening) -> Quads:
    """One bay: riser, panes in thin frames, a door, a fascia with a sign, the room."""
    left, low, right, high = box_m
    open_late = rng.random() < 0.25 + 0.5 * now.lamps_on
    light = emission(34.0 if open_late else 3.0, black_body(rng.choice([3300, 3800, 4600])))
    frame = Paint(FASCIAS[rng.integers(len(FASCIAS))] if rng.random() < 0.5 else (0.05, 0.05, 0.055), shine_unit=0.1)
    door = left + rng.uniform(0.2, 0.8) * (right - left - 1.1)
    deep = -0.25
    parts = [shown_room(face, (left, low, right, high), 3.2, light * rng.uniform(0.6, 1.3), int(rng.integers(2**31)))]
    risers = [(left, low, deep - 0.1, door, low + 0.45, deep), (door + 1.1, low, deep - 0.1, right, low + 0.45, deep)]
    parts.append(block(face, [r for r in risers if r[3] - r[0] > 0.1], frame, "front top"))
    posts = np.concatenate((np.arange(left, right - 0.8, 1.7), [right - 0.07, door - 0.05, door + 1.1]))
    zero = np.zeros(len(posts))
    bars = np.stack((posts, zero + low, zero + deep - 0.06, posts + 0.07, zero + high, zero + deep + 0.02), 1)
    rails = [(left, high - 0.5, deep - 0.05, right, high - 0.42, deep + 0.02)]
    parts += [block(face, bars, frame, "front left right"), block(face, rails, frame, "front bottom")]
    parts.append(sign(face, box_m, frame, rng, now))
    if np.hypot(*face.at(left, low)[:2]) < CLEAR_M:
        parts.append(things_shown(face, box_m, rng))
    return joined(parts)


def things_shown(face: Face, box_m: Floats, rng: np.random.Generator) -> Quads:
    """Dressed figures and stands just behind the glass."""
    left, low, right, _ = box_m
    count = int((right - left) / 1.3)
    u = left + 0.6 + (right - left - 1.2) * (np.arange(count) + rng.uniform(0.2, 0.8, count)) / max(count, 1)
    cloth = np.array(CLOTHS)[rng.integers(len(CLOTHS), size=count)]
    zero, foot = np.zeros(count), np.full(count, low + 0.45)
    figure = rng.random(count) < 0.5
    tall, half = np.where(figure, 0.55, rng.uniform(0.4, 0.9, count)), np.where(figure, 0.2, 0.3)
    parts: list[Quads] = []
    for at, high, wide, deep, colour, which in (
        (foot, tall, half, 0.3, cloth * 0.6, np.full(count, True)),
        (foot + tall, zero + 0.62, zero + 0.23, 0.24, cloth, figure),
        (foot + tall + 0.68, zero + 0.24, zero + 0.09, 0.18, np.tile((0.45, 0.36, 0.3), (count, 1)), figure),
        (foot + tall, zero + 0.3, zero + 0.14, 0.2, np.array(CLOTHS)[rng.integers(len(CLOTHS), size=count)], ~figure),
    ):
        boxes = np.stack((u - wide, at, zero - 0.85 - 0.5 * deep, u + wide, at + high, zero - 0.85 + 0.5 * deep), 1)
        paint = Paint(colour[which], emission_unit=colour[which] * 0.0004)
        parts.append(block(face, boxes[which], paint, "front left right top"))
    return joined(parts)


def sign(face: Face, box_m: Floats, frame: Paint, rng: np.random.Generator, now: Evening) -> Quads:
    """The board over the shop with its name in letters that glow, or in neon tubes; sometimes a blade sign or an
    awning."""
    left, _, right, high = box_m
    board = Paint(frame.albedo_unit)
    parts = [block(face, [(left, high, 0.0, right, high + 0.85, 0.18)], board, "front left right top bottom")]
    colour = np.array(NEONS[rng.integers(len(NEONS))])
    name = NAMES[rng.integers(len(NAMES))]
    size = min(0.44, (right - left - 0.9) / len(name))
    start = left + 0.5 + rng.random() * max(right - left - 1.0 - len(name) * size, 0.0)
    thick, out = (0.05, 0.26) if now.neon else (0.085, 0.2)
    shapes = lettered(name, (0.66 * size, 0.46), 0.34 * size, thick)
    parts.append(_glowing(face, shapes + [start, high + 0.2], out, colour, TUBE if now.neon else 0.4, now))
    if rng.random() < (0.55 if now.neon else 0.3):
        parts.append(blade(face, right - 0.3, high + 1.2, rng, now))
    elif rng.random() < 0.4:
        parts.append(awning(face, (left, high - 0.1, right), np.asarray(frame.albedo_unit)))
    return joined(parts)


def _glowing(face: Face, shapes: Floats, out_m: float, colour: Floats, strength: float, now: Evening) -> Quads:
    """Letters [S, 4, 2] in front of a face, or strokes of a rim."""
    glow = emission(strength * (60.0 if now.lamps_on else 120.0), colour)
    paint = Paint(np.clip(0.2 + 0.6 * colour, 0, 0.8), emission_unit=glow, tag=Tag.LIGHT, coarseness_unit=0.5)
    return quads(face.at(shapes[..., 0], shapes[..., 1], out_m), paint)


def blade(face: Face, u: float, v: float, rng: np.random.Generator, now: Evening) -> Quads:
    """A tall sign that stands out over the pavement, lettered on both sides."""
    name = BLADES[rng.integers(len(BLADES))]
    tall = 0.62 * len(name) + 0.3
    colour = np.array(NEONS[rng.integers(len(NEONS))])
    parts = [
        block(face, [(u, v, 0.2, u + 0.22, v + tall, 0.95)], Paint((0.03, 0.03, 0.04)), "front left right top bottom")
    ]
    shapes = lettered(name, (0.36, 0.44), 0.18, 0.055, down=True)
    for side in (
        Face(face.at(u - 0.01, v, 0.2), face.out, face.up),
        Face(face.at(u + 0.23, v, 0.95), -face.out, face.up),
    ):
        parts.append(_glowing(side, shapes + [0.195, tall - 0.62], 0.0, colour, TUBE if now.neon else 1.0, now))
        if now.neon:
            rim = ((0.06, 0.08, 0.10, tall - 0.08), (0.65, 0.08, 0.69, tall - 0.08))
            lines = np.array([((a, b), (c, b), (c, d), (a, d)) for a, b, c, d in rim])
            parts.append(_glowing(side, lines, 0.0, NEON_RIM[int(rng.integers(2))], TUBE, now))
    return joined(parts)


def awning(face: Face, where_m: tuple[float, float, float], albedo_unit: Floats) -> Quads:
    """Striped canvas, sloping."""
    left, high, right = where_m
    sloping = ((left, high - 0.75, 1.3), (right, high - 0.75, 1.3), (right, high, 0.05), (left, high, 0.05))
    hanging = ((left, high - 0.97, 1.3), (right, high - 0.97, 1.3), (right, high - 0.75, 1.3), (left, high - 0.75, 1.3))
    canvas = Paint(np.maximum(albedo_unit, 0.04) * 2.0, Pattern.AWNING)
    return quads([[face.at(*point) for point in shape] for shape in (sloping, hanging)], canvas)
