"""Ground floors: shop fronts with fascia, door and a room behind, signs of light, awnings."""

import numpy as np
from numpy.typing import NDArray

from generators.places.evening import Evening
from generators.places.patterns import Pattern
from generators.places.photometry import black_body, emission
from generators.places.quads import Face, Paint, Quads, block, flat, joined, quads
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
    light = emission(70.0 if open_late else 8.0, black_body(rng.choice([2900, 3500, 4300])))
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
    """Stands and figures just behind the glass."""
    left, low, right, _ = box_m
    count = int((right - left) / 1.3)
    u = left + 0.6 + (right - left - 1.2) * (np.arange(count) + rng.uniform(0.2, 0.8, count)) / max(count, 1)
    tall, half, zero = rng.uniform(0.5, 1.25, count), rng.uniform(0.12, 0.35, count), np.zeros(count)
    boxes = np.stack((u - half, zero + low + 0.45, zero - 1.0, u + half, low + 0.45 + tall, zero - 0.7), 1)
    colours = rng.uniform(0.04, 0.55, (count, 3)) * rng.uniform(0.3, 1.0, (count, 1))
    return block(face, boxes, Paint(colours, emission_unit=colours * 0.002), "front left right top")


def sign(face: Face, box_m: Floats, frame: Paint, rng: np.random.Generator, now: Evening) -> Quads:
    """The board over the shop with bars for letters, that glow; sometimes a blade sign, sometimes an awning."""
    left, _, right, high = box_m
    board = Paint(frame.albedo_unit, coarseness_unit=1.5)
    parts = [block(face, [(left, high, 0.0, right, high + 0.85, 0.18)], board, "front left right top bottom")]
    colour = np.array(NEONS[rng.integers(len(NEONS))])
    glow = emission(150.0 if now.lamps_on else 60.0, colour)
    letters = Paint(np.clip(0.2 + 0.6 * colour, 0, 0.8), emission_unit=glow, tag=Tag.LIGHT)
    count = int(rng.integers(4, 9))
    size = rng.uniform(0.34, 0.46)
    start = left + 0.5 + rng.random() * max(right - left - 1.0 - count * size, 0.0)
    shapes: list[tuple[float, float, float, float]] = []
    for k in range(count):
        shapes += _letter(start + k * size, high + 0.2, 0.72 * size, 0.46, int(rng.integers(0, 6)))
    parts.append(flat(face, np.array(shapes), letters, 0.2))
    if rng.random() < 0.3:
        parts.append(blade(face, right - 0.3, high + 1.2, rng, now))
    elif rng.random() < 0.4:
        parts.append(awning(face, (left, high - 0.1, right), np.asarray(frame.albedo_unit)))
    return joined(parts)


def _letter(u: float, v: float, wide: float, tall: float, kind: int) -> list[tuple[float, float, float, float]]:
    """Strokes of something that is no letter, but looks like one from across the street."""
    t = 0.085
    strokes = [
        (u, v, u + t, v + tall),
        (u + wide - t, v, u + wide, v + tall),
        (u + t, v, u + wide - t, v + t),
        (u + t, v + tall - t, u + wide - t, v + tall),
        (u + t, v + 0.5 * (tall - t), u + wide - t, v + 0.5 * (tall + t)),
    ]
    left_out = ((), (1,), (3,), (1, 4), (2,), (0, 4))[kind]
    return [stroke for k, stroke in enumerate(strokes) if k not in left_out]


def blade(face: Face, u: float, v: float, rng: np.random.Generator, now: Evening) -> Quads:
    """A tall sign that stands out over the pavement."""
    tall = rng.uniform(1.6, 4.0)
    colour = np.array(NEONS[rng.integers(len(NEONS))])
    box = [(u, v, 0.2, u + 0.22, v + tall, 1.15)]
    dark = Paint((0.03, 0.03, 0.04))
    parts = [block(face, box, dark, "front left right top bottom")]
    glow = Paint(0.5 * colour, emission_unit=emission(180.0 if now.lamps_on else 70.0, colour), tag=Tag.LIGHT)
    for at in np.arange(v + 0.15, v + tall - 0.4, 0.55):
        for side, up in (("left", 0.004), ("right", 0.004)):
            bars = [(u - up, at, 0.35, u + 0.22 + up, at + 0.33, 1.0)]
            parts.append(block(face, bars, glow, side))
    return joined(parts)


def awning(face: Face, where_m: tuple[float, float, float], albedo_unit: Floats) -> Quads:
    """Striped canvas, sloping."""
    left, high, right = where_m
    sloping = ((left, high - 0.75, 1.3), (right, high - 0.75, 1.3), (right, high, 0.05), (left, high, 0.05))
    hanging = ((left, high - 0.97, 1.3), (right, high - 0.97, 1.3), (right, high - 0.75, 1.3), (left, high - 0.75, 1.3))
    canvas = Paint(np.maximum(albedo_unit, 0.04) * 2.0, Pattern.AWNING)
    return quads([[face.at(*point) for point in shape] for shape in (sloping, hanging)], canvas)
