"""What is left in a hall: pallets, crates, barrels, racks, pipes, a crane, lamps that hang from the trusses."""

import numpy as np
from numpy.typing import NDArray

from generators.places.furniture import IRON, Source, bar
from generators.places.hall import BAY_M, STEEL, Hall
from generators.places.patterns import Pattern
from generators.places.photometry import black_body, emission, lamp
from generators.places.quads import Paint, Quads, block, ground_face, joined, placed, prism, quads
from generators.splats import Tag

Floats = NDArray[np.float64]

WOOD = Paint((0.30, 0.20, 0.11), Pattern.PLANKS)
OLD_WOOD = Paint((0.22, 0.17, 0.12), Pattern.PLANKS)
EVERYWHERE = "front left right top bottom back"
CARDBOARD = Paint((0.34, 0.24, 0.14), coarseness_unit=1.3)


def pallet(height_m: float = 0.0) -> Quads:
    """1.2 x 0.8 m."""
    up = ground_face(height_m)
    boards = [(-0.6 + 0.1775 * k, -0.4, 0.12, -0.6 + 0.1775 * k + 0.13, 0.4, 0.144) for k in range(7)]
    feet = [(-0.6, y, 0.0, 0.6, y + 0.1, 0.12) for y in (-0.4, -0.05, 0.3)]
    return block(up, boards + feet, OLD_WOOD, EVERYWHERE)


def crate(wide_m: float, deep_m: float, tall_m: float) -> Quads:
    """Boards in a frame of battens."""
    up = ground_face(0.0)
    a, b, t = 0.5 * wide_m, 0.5 * deep_m, 0.03
    body = block(up, [(-a, -b, 0.0, a, b, tall_m)], WOOD, "front left right top bottom")
    battens: list[tuple[float, ...]] = []
    for x in (-a, a - 0.09):
        battens += [(x, -b - t, 0.0, x + 0.09, -b, tall_m), (x, b, 0.0, x + 0.09, b + t, tall_m)]
    for y in (-b, b - 0.09):
        battens += [(-a - t, y, 0.0, -a, y + 0.09, tall_m), (a, y, 0.0, a + t, y + 0.09, tall_m)]
    for z in (0.0, tall_m - 0.09):
        battens += [(-a, -b - t, z, a, -b, z + 0.09), (-a, b, z, a, b + t, z + 0.09)]
        battens += [(-a - t, -b, z, -a, b, z + 0.09), (a, -b, z, a + t, b, z + 0.09)]
    return joined([body, block(up, battens, OLD_WOOD, EVERYWHERE)])


def load(rng: np.random.Generator) -> Quads:
    """A pallet with boxes, crates or barrels."""
    kind = rng.integers(0, 4)
    if kind == 0:
        return joined([pallet(0.144 * k) for k in range(int(rng.integers(4, 10)))])
    if kind == 1:
        tall = rng.uniform(0.7, 1.1)
        parts = [pallet(), placed(crate(1.1, 0.75, tall), (0, 0, 0.144))]
        if rng.random() < 0.5:
            parts.append(placed(crate(0.8, 0.7, 0.6), (0.1, 0.0, 0.144 + tall), rng.uniform(-8, 8)))
        return joined(parts)
    if kind == 2:
        colours = ((0.04, 0.12, 0.25), (0.30, 0.05, 0.03), (0.06, 0.16, 0.10))
        tones = [colours[rng.integers(3)] for _ in range(4)]
        return joined(
            [
                pallet(),
                *(
                    barrel((x, y, 0.144), t)
                    for (x, y), t in zip(((-0.3, -0.2), (0.3, -0.2), (-0.3, 0.22), (0.3, 0.22)), tones, strict=True)
                ),
            ]
        )
    rows = int(rng.integers(2, 5))
    boxes = [
        (
            -0.58 + 0.39 * i,
            -0.38 + 0.385 * j,
            0.144 + 0.36 * k,
            -0.58 + 0.39 * i + 0.375,
            -0.01 + 0.385 * j,
            0.144 + 0.36 * k + 0.35,
        )
        for i in range(3)
        for j in range(2)
        for k in range(rows)
    ]
    return joined([pallet(), block(ground_face(0.0), boxes, CARDBOARD, "front left right top bottom")])


def barrel(where_m: tuple[float, float, float], tone: tuple[float, float, float]) -> Quads:
    """A steel drum with two hoops."""
    z = np.array([0.0, 0.29, 0.31, 0.57, 0.59, 0.88])
    r = np.array([0.285, 0.285, 0.3, 0.3, 0.285, 0.285])
    zero = np.zeros(6)
    points = np.stack((zero, zero, z), 1)
    skin = prism(
        np.stack((points[:-1], points[1:]), 1),
        np.stack((r[:-1], r[1:]), 1),
        12,
        Paint(tone, Pattern.RUST, shine_unit=0.1),
    )
    lid = prism([[(0, 0, 0.8), (0, 0, 0.86)]], 0.27, 12, Paint(np.array(tone) * 0.8, Pattern.RUST), lids=True)
    return placed(joined([skin, lid]), where_m)


def rack(rng: np.random.Generator, long_m: float) -> Quads:
    """Pallet racking along Y: blue posts, orange beams, loads on three levels."""
    up = ground_face(0.0)
    blue, orange = Paint((0.03, 0.09, 0.25), Pattern.RUST), Paint((0.5, 0.17, 0.02), Pattern.RUST)
    bays = max(1, int(long_m / 2.8))
    posts = [(x, 2.8 * k, 0.0, x + 0.09, 2.8 * k + 0.09, 5.2) for k in range(bays + 1) for x in (-0.5, 0.41)]
    beams = [(x, 0.0, z, x + 0.05, 2.8 * bays, z + 0.12) for z in (1.7, 3.4, 5.0) for x in (-0.5, 0.45)]
    parts = [block(up, posts, blue, EVERYWHERE), block(up, beams, orange, EVERYWHERE)]
    for k in range(bays):
        for z in (0.0, 1.82, 3.52):
            for y in (0.75, 2.05):
                if rng.random() < 0.62:
                    parts.append(placed(load(rng), (0.0, 2.8 * k + y, z), 90.0))
    return joined(parts)


def pipes(hall: Hall) -> Quads:
    """Along both walls and across, and a ventilation duct under the trusses."""
    y0, y1, half = hall.back_m + 0.3, hall.ahead_m - 0.3, hall.half_m
    green, red, zinc = (
        Paint((0.08, 0.18, 0.13), Pattern.RUST),
        Paint((0.28, 0.04, 0.03), Pattern.RUST),
        Paint((0.38, 0.39, 0.4), Pattern.CORRUGATED),
    )
    runs = [
        ((half - 0.35, y0, 7.3), (half - 0.35, y1, 7.3), 0.11, green),
        ((half - 0.3, y0, 1.9), (half - 0.3, y1, 1.9), 0.05, red),
        ((-half + 0.35, y0, 7.3), (-half + 0.35, y1, 7.3), 0.08, red),
        ((-half + 0.3, y0, 7.6), (-half + 0.3, y1, 7.6), 0.05, green),
        ((0.30 * half, y0, 7.35), (0.30 * half, y1, 7.35), 0.36, zinc),
    ]
    drops = [((half - 0.3, y, 0.0), (half - 0.3, y, 7.3), 0.05, red) for y in hall.frames_m[::3] + 0.6]
    return joined([bar(a, b, r, paint, 10 if r > 0.2 else 6) for a, b, r, paint in runs + drops])


def crane(hall: Hall, y: float) -> Quads:
    """A travelling crane: a yellow girder on rails along the inner columns, with trolley, chain and hook."""
    up = ground_face(0.0)
    x = 0.52 * hall.half_m
    yellow = Paint((0.55, 0.38, 0.02), Pattern.RUST)
    girder = block(
        up, [(-x, y - 0.2, 6.1, x, y + 0.2, 6.75), (-x, y - 0.32, 6.75, x, y + 0.32, 6.8)], yellow, EVERYWHERE
    )
    rails = block(
        up,
        [(s * x - 0.14, hall.back_m + 1, 5.75, s * x + 0.14, hall.ahead_m - 1, 6.05) for s in (-1, 1)],
        STEEL,
        EVERYWHERE,
    )
    trolley = block(up, [(1.2, y - 0.45, 5.6, 2.2, y + 0.45, 6.1)], IRON, EVERYWHERE)
    chain = bar((1.7, y, 3.4), (1.7, y, 5.6), 0.025, IRON, 4)
    hook = block(up, [(1.55, y - 0.1, 3.0, 1.85, y + 0.1, 3.4)], yellow, EVERYWHERE)
    return joined([girder, rails, trolley, chain, hook])


def office(hall: Hall) -> Quads:
    """A foreman's box on legs in the back corner, with a window to the hall and a stair."""
    up = ground_face(0.0)
    x0, x1, y0, y1 = hall.half_m - 6.0, hall.half_m - 0.4, hall.back_m + 0.4, hall.back_m + 5.0
    cream, wood = Paint((0.5, 0.46, 0.36), Pattern.PLANKS), OLD_WOOD
    legs = [(x, y, 0.0, x + 0.15, y + 0.15, 3.0) for x in (x0, x1 - 0.2) for y in (y0, y1 - 0.15)]
    walls = [(x0, y0, 3.0, x1, y1, 4.0), (x0, y0, 5.2, x1, y1, 5.8)]
    panes = [(x0 + 0.02, y0, 4.0, x1 - 0.02, y1 - 0.02, 5.2)]
    posts = [(x, y1 - 0.05, 4.0, x + 0.08, y1 + 0.02, 5.2) for x in np.linspace(x0, x1 - 0.08, 5)]
    posts += [(x0 - 0.02, y, 4.0, x0 + 0.05, y + 0.08, 5.2) for y in np.linspace(y0, y1 - 0.08, 4)]
    steps = [
        (x0 - 1.0, y1 + 0.3 * k - 0.2, 3.0 - 0.2 * k - 0.05, x0 - 0.1, y1 + 0.3 * k + 0.08, 3.0 - 0.2 * k)
        for k in range(15)
    ]
    rail = bar((x0 - 1.0, y1, 4.0), (x0 - 1.0, y1 + 4.2, 1.1), 0.03, IRON, 4)
    glass = Paint((0.03, 0.035, 0.04), shine_unit=0.5)
    return joined(
        [
            block(up, legs, STEEL, EVERYWHERE),
            block(up, walls, cream, EVERYWHERE),
            block(up, panes, glass, EVERYWHERE),
            block(up, posts + steps, wood, EVERYWHERE),
            rail,
        ]
    )


def pendants(hall: Hall, on: bool) -> list[Source]:
    """Enamel shades on rods, one in the middle of each bay, in two rows."""
    shade = Paint((0.05, 0.10, 0.08), shine_unit=0.2)
    glow = Paint((0.75, 0.72, 0.66), emission_unit=emission(4500.0 if on else 0.0, black_body(2900)), tag=Tag.LIGHT)
    made: list[Source] = []
    z = 5.6
    for y in hall.back_m + BAY_M * (np.arange(hall.bays) + 0.5):
        for x in (-0.26 * hall.half_m, 0.26 * hall.half_m):
            rod = bar((x, y, z + 0.3), (x, y, hall.eaves_m), 0.012, IRON, 4)
            cone = prism([[(x, y, z), (x, y, z + 0.32)]], [[0.3, 0.06]], 10, shade)
            inner = np.array(
                [[x + 0.28 * np.cos(t), y + 0.28 * np.sin(t), z + 0.01] for t in np.linspace(0, 2 * np.pi, 9)]
            )
            middle = np.broadcast_to([x, y, z + 0.02], (4, 3))
            bulb = quads(np.stack((middle, inner[2::2], inner[1::2], inner[0:-1:2]), 1), glow)
            light = lamp(1800.0 if on else 0.0, black_body(2900))
            made.append(Source(joined([rod, cone, bulb]), np.array([x, y, z - 0.05]), light))
    return made
