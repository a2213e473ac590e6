"""A factory hall of steel and brick: walls with tall windows, columns, trusses, a roof with rows of skylights."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.places.patterns import Pattern
from generators.places.quads import Face, Paint, Quads, block, flat, joined, prism, quads, reveal, wall_face
from generators.places.windows import Grid, Sash, bars, pierced, spread

Floats = NDArray[np.float64]

WHITEWASH = Paint((0.62, 0.60, 0.54), Pattern.BRICK)
DADO = Paint((0.16, 0.24, 0.21), Pattern.BRICK)
STEEL = Paint((0.10, 0.14, 0.13), Pattern.RUST, shine_unit=0.08)
SHEET = Paint((0.48, 0.48, 0.46), Pattern.CORRUGATED, coarseness_unit=1.15)
SILL_M, HEAD_M = 2.3, 6.9
BAY_M = 6.0


class Hall(NamedTuple):
    """Its inside: level floor, walls at x = +-half."""

    half_m: float
    back_m: float
    bays: int
    eaves_m: float = 8.2
    ridge_m: float = 12.2

    @property
    def ahead_m(self) -> float:
        """The far wall."""
        return self.back_m + self.bays * BAY_M

    @property
    def frames_m(self) -> Floats:
        """Where trusses and columns stand, along Y."""
        return self.back_m + BAY_M * np.arange(1.0, self.bays)


def side_walls(hall: Hall, rng: np.random.Generator) -> Quads:
    """Both long walls: painted brick below, a tall steel window in each bay, some panes blind."""
    long = hall.ahead_m - hall.back_m
    faces = (
        wall_face((hall.half_m, hall.ahead_m, 0.0), 180.0),
        wall_face((-hall.half_m, hall.back_m, 0.0), 0.0),
    )
    grid = Grid(spread(hall.bays, 4.1, long), np.array([[SILL_M, HEAD_M]]))
    parts: list[Quads] = []
    for face in faces:
        parts += [
            pierced(face, (0, 1.5, long, hall.eaves_m), grid, WHITEWASH),
            flat(face, [(0.0, 0.0, long, 1.5)], DADO),
            block(face, [(0.0, 1.46, 0.0, long, 1.54, 0.02)], Paint((0.05, 0.08, 0.07)), "front top"),
            steel_windows(face, grid.boxes(), (5, 7), rng),
            block(face, _sills(grid.boxes()), Paint((0.40, 0.39, 0.36)), "front top left right"),
        ]
    return joined(parts)


def _sills(boxes: Floats) -> Floats:
    left, low, right, _ = boxes.T
    zero = np.zeros(len(boxes))
    return np.stack((left - 0.1, low - 0.12, zero, right + 0.1, low, zero + 0.14), 1)


def steel_windows(face: Face, boxes: Floats, panes: tuple[int, int], rng: np.random.Generator) -> Quads:
    """Thin bars before the open sky; one pane in eight is painted over or boarded up."""
    sash = Sash(Paint((0.06, 0.075, 0.07)), panes, 0.22, 0.07, 0.045)
    across, up = panes
    k = np.flatnonzero(rng.random(len(boxes) * across * up) < 0.12)
    of, cell = boxes[k // (across * up)], k % (across * up)
    wide, high = (of[:, 2] - of[:, 0]) / across, (of[:, 3] - of[:, 1]) / up
    left, low = of[:, 0] + cell % across * wide, of[:, 1] + cell // across * high
    tones = np.array([(0.35, 0.36, 0.34), (0.16, 0.20, 0.18), (0.30, 0.22, 0.13)])[rng.integers(0, 3, len(k))]
    blind = flat(face, np.stack((left, low, left + wide, low + high), 1), Paint(tones, coarseness_unit=1.5), -0.23)
    stone = WHITEWASH._replace(coarseness_unit=1.5)
    return joined([bars(face, boxes, sash), blind, reveal(face, boxes, 0.38, stone)])


def end_walls(hall: Hall, rng: np.random.Generator) -> Quads:
    """Gables: a sliding door, a row of windows over it, louvres under the ridge."""
    parts: list[Quads] = []
    wide = 2 * hall.half_m
    for foot, out_deg, doors in (
        ((-hall.half_m, hall.ahead_m), -90.0, True),
        ((hall.half_m, hall.back_m), 90.0, False),
    ):
        face = wall_face((*foot, 0.0), out_deg)
        grid = Grid(spread(5, 3.2, wide), np.array([[5.3, 7.6]]))
        tip = face.at(0.5 * wide, hall.ridge_m)
        gable = [[face.at(0, hall.eaves_m), face.at(wide, hall.eaves_m), tip, tip]]
        parts += [
            pierced(face, (0, 1.5, wide, hall.eaves_m), grid, WHITEWASH),
            flat(face, [(0.0, 0.0, wide, 1.5)], DADO),
            steel_windows(face, grid.boxes(), (4, 3), rng),
            quads(gable, WHITEWASH),
            _louvres(face, 0.5 * wide, hall.eaves_m + 1.2),
            _sliding_door(face, 0.5 * wide) if doors else _small_doors(face, wide),
        ]
    return joined(parts)


def _louvres(face: Face, middle: float, low: float) -> Quads:
    frame = [(middle - 1.0, low, 0.0, middle + 1.0, low + 1.6, 0.06)]
    blades = [(middle - 0.9, low + 0.1 + 0.16 * k, 0.06, middle + 0.9, low + 0.18 + 0.16 * k, 0.16) for k in range(9)]
    return joined([block(face, frame, Paint((0.03, 0.03, 0.03))), block(face, blades, STEEL)])


def _sliding_door(face: Face, middle: float) -> Quads:
    """Two leaves of sheet metal on a rail, with braces and a wicket."""
    half, high = 2.6, 4.6
    leaves = [
        (middle - half, 0.03, 0.06, middle - 0.01, high, 0.14),
        (middle + 0.01, 0.03, 0.06, middle + half, high, 0.14),
    ]
    blue = SHEET._replace(albedo_unit=(0.07, 0.14, 0.20))
    frame = Paint((0.06, 0.11, 0.16), Pattern.RUST)
    rims: list[tuple[float, ...]] = []
    for a, _, _, b, _, _ in leaves:
        rims += [(a, z, 0.14, b, z + 0.14, 0.18) for z in (0.03, 0.5 * high, high - 0.14)]
        rims += [(u, 0.03, 0.14, u + 0.14, high, 0.18) for u in (a, b - 0.14)]
    rail = [(middle - 2 * half, high + 0.05, 0.0, middle + 2 * half, high + 0.25, 0.22)]
    stripes = [
        (middle + s * (half + 0.22) - 0.12, 0.3 * k, 0.0, middle + s * (half + 0.22) + 0.12, 0.3 * k + 0.3, 0.1)
        for s in (-1, 1)
        for k in range(6)
    ]
    tones = np.array([(0.5, 0.36, 0.03) if k % 2 else (0.02, 0.02, 0.02) for _ in range(2) for k in range(6)])
    return joined(
        [
            block(face, leaves, blue),
            block(face, rims, frame),
            block(face, rail, STEEL),
            block(face, stripes, Paint(tones)),
        ]
    )


def _small_doors(face: Face, wide: float) -> Quads:
    """Two doors for people and a cabinet between."""
    green = Paint((0.05, 0.14, 0.08), Pattern.RUST)
    leaves = [(u, 0.02, 0.0, u + 1.0, 2.1, 0.06) for u in (0.25 * wide, 0.72 * wide)]
    frames = [
        (u + a, 0.0, 0.0, u + b, h, 0.1)
        for u in (0.25 * wide, 0.72 * wide)
        for a, b, h in ((-0.08, 0.0, 2.18), (1.0, 1.08, 2.18))
    ]
    cabinets = [(0.5 * wide - 0.9 + 0.95 * k, 0.4, 0.0, 0.5 * wide - 0.05 + 0.95 * k, 2.1, 0.35) for k in range(2)]
    grey = Paint((0.35, 0.37, 0.36), shine_unit=0.05)
    return joined([block(face, leaves, green), block(face, frames, STEEL), block(face, cabinets, grey)])


def roof(hall: Hall) -> Quads:
    """Two slopes of sheet, seen from below, open along a strip of skylights in every bay."""
    parts: list[Quads] = []
    rise = hall.ridge_m - hall.eaves_m
    slope = float(np.hypot(hall.half_m, rise))
    glass_low, glass_high = 0.36 * slope, 0.80 * slope
    for side in (-1.0, 1.0):
        up = np.array([-side * hall.half_m, 0.0, rise]) / slope
        right = np.array([0.0, -side, 0.0])
        start = hall.ahead_m if side > 0 else hall.back_m
        face = Face(np.array([side * hall.half_m, start, hall.eaves_m]), right, up)
        long = hall.ahead_m - hall.back_m
        grid = Grid(spread(hall.bays, 3.4, long), np.array([[glass_low, glass_high]]))
        sash = Sash(Paint((0.08, 0.09, 0.09)), (5, 3), 0.05, 0.08, 0.06)
        purlins = np.arange(1.4, slope - 0.5, 2.0)
        beams = [(0.0, v, -0.02, long, v + 0.12, 0.2) for v in purlins if not glass_low < v + 0.06 < glass_high]
        parts += [
            pierced(face, (0, 0, long, slope + 0.02), grid, SHEET),
            bars(face, grid.boxes(), sash),
            block(face, beams, STEEL, "front top bottom"),
        ]
    return joined(parts)


def trusses(hall: Hall) -> Quads:
    """A frame every bay: bottom chord, rafters, posts and diagonals of angle steel."""
    half, rise = hall.half_m, hall.ridge_m - hall.eaves_m
    low = hall.eaves_m - 0.15
    x = np.linspace(-half, half, 11)
    top = hall.eaves_m + rise * (1 - np.abs(x) / half) - 0.25
    foot = np.stack((x, np.full(11, low)), 1)
    head = np.stack((x, np.maximum(top, low)), 1)
    chords = [(foot[0], foot[-1], 0.09), (head[0], head[5], 0.09), (head[5], head[-1], 0.09)]
    webs = [(foot[k], head[k], 0.045) for k in range(1, 10)]
    webs += [(foot[k], head[k + 1], 0.05) for k in range(5, 10)]
    webs += [(foot[k], head[k - 1], 0.05) for k in range(1, 6)]
    bars_ = chords + webs
    ends = np.array([[[a[0], 0.0, a[1]], [b[0], 0.0, b[1]]] for a, b, _ in bars_])
    radii = np.array([[r, r] for _, _, r in bars_])
    frames = hall.frames_m
    all_ends = (ends[None] + np.array([0.0, 1.0, 0.0]) * frames[:, None, None, None]).reshape(-1, 2, 3)
    return prism(all_ends, np.tile(radii, (len(frames), 1)), 4, STEEL)


def columns(hall: Hall) -> Quads:
    """H-sections along the walls and in two rows inside, with plates and yellow feet."""
    upright = Face(np.zeros(3), np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    boxes: list[tuple[float, ...]] = []
    feet: list[tuple[float, ...]] = []
    for x in (-hall.half_m + 0.16, -0.52 * hall.half_m, 0.52 * hall.half_m, hall.half_m - 0.16):
        for y in hall.frames_m:
            for a, b, c, d in (
                (-0.15, -0.15, 0.15, -0.125),
                (-0.15, 0.125, 0.15, 0.15),
                (-0.012, -0.125, 0.012, 0.125),
            ):
                boxes.append((x + a, y + b, 1.3, x + c, y + d, hall.eaves_m))
                feet.append((x + a, y + b, 0.0, x + c, y + d, 1.3))
            feet.append((x - 0.25, y - 0.25, 0.0, x + 0.25, y + 0.25, 0.03))
    yellow = Paint((0.48, 0.34, 0.03), Pattern.RUST)
    return joined(
        [
            block(upright, boxes, STEEL, "left right top bottom"),
            block(upright, feet, yellow, "front left right top bottom"),
        ]
    )
