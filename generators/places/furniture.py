"""What stands along streets: lamps, signals, benches, bins, bollards, railings. Each one at the origin, facing +X."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from generators.places.patterns import Pattern
from generators.places.photometry import black_body, emission, lamp
from generators.places.quads import Face, Paint, Quads, block, flat, ground_face, joined, placed, prism, quads
from generators.splats import Tag

Floats = NDArray[np.float64]

IRON = Paint((0.018, 0.02, 0.02), shine_unit=0.08)
GREY_STEEL = Paint((0.22, 0.23, 0.24), shine_unit=0.1)
FINE_M = 18.0
"""As far as single bars are worth their splats."""
WOOD = Paint((0.22, 0.13, 0.07), Pattern.PLANKS)


CUT_OFF, LANTERN = (0.0, 0.34), (-0.75, 0.1)
"""`Lamps.cut_off_unit` of a flat street lamp, and of a lantern under its roof."""


class Source(NamedTuple):
    """A light that stands somewhere."""

    shape: Quads
    position_m: Floats
    light_unit: Floats


def moved(source: Source, where_m: ArrayLike, turn_deg: float) -> Source:
    """The same, elsewhere."""
    turn = np.radians(turn_deg)
    x, y, z = source.position_m
    cos, sin = np.cos(turn), np.sin(turn)
    position = np.array([cos * x - sin * y, sin * x + cos * y, z]) + np.asarray(where_m)
    return Source(placed(source.shape, where_m, turn_deg), position, source.light_unit)


def bar(a: ArrayLike, b: ArrayLike, radius_m: float | tuple[float, float], paint: Paint, sides: int = 6) -> Quads:
    """One round bar."""
    return prism(np.array([[a, b]]), np.broadcast_to(radius_m, (1, 2)), sides, paint)


def turned_post(profile_m: ArrayLike, paint: Paint, sides: int = 8) -> Quads:
    """A post as on a lathe: rows of height, radius."""
    profile = np.asarray(profile_m, np.float64)
    zero = np.zeros(len(profile))
    points = np.stack((zero, zero, profile[:, 0]), 1)
    ends, radii = np.stack((points[:-1], points[1:]), 1), np.stack((profile[:-1, 1], profile[1:, 1]), 1)
    return prism(ends, radii, sides, paint)


def street_lamp(on: bool, tall_m: float = 8.5) -> Source:
    """A steel mast with an arm over the road and a flat head."""
    glow = emission(9000.0 if on else 0.0, black_body(3300))
    mast = turned_post([(0.0, 0.14), (1.0, 0.13), (1.05, 0.09), (tall_m, 0.055)], GREY_STEEL)
    arm = bar((0, 0, tall_m - 0.1), (1.7, 0, tall_m + 0.12), 0.04, GREY_STEEL)
    head = block(
        ground_face(tall_m + 0.06), [(1.5, -0.16, 0.0, 2.35, 0.16, 0.12)], GREY_STEEL, "front left right top bottom"
    )
    under = [
        [
            (1.55, 0.13, tall_m + 0.055),
            (2.3, 0.13, tall_m + 0.055),
            (2.3, -0.13, tall_m + 0.055),
            (1.55, -0.13, tall_m + 0.055),
        ]
    ]
    lens = quads(under, Paint((0.7, 0.7, 0.65), emission_unit=glow, tag=Tag.LIGHT))
    return Source(
        joined([mast, arm, head, lens]),
        np.array([1.9, 0.0, tall_m - 0.1]),
        lamp(2600.0 if on else 0.0, black_body(3300)),
    )


def gas_lamp(on: bool) -> Source:
    """Cast iron with a ladder bar and a four-sided lantern."""
    profile = [
        (0, 0.20),
        (0.25, 0.18),
        (0.3, 0.12),
        (0.8, 0.10),
        (0.9, 0.07),
        (1.0, 0.09),
        (1.08, 0.055),
        (2.85, 0.04),
        (2.95, 0.07),
        (3.05, 0.05),
    ]
    post = turned_post(profile, IRON)
    ladder = bar((0, -0.35, 2.75), (0, 0.35, 2.75), 0.018, IRON)
    half, low, high = np.array([0.13, 0.24]), 3.05, 3.55
    glow = Paint(
        (0.5, 0.45, 0.35),
        emission_unit=emission(5200.0 if on else 0.0, black_body(2300)),
        shine_unit=0.3,
        tag=Tag.LIGHT,
    )
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    at = [[(half[k] * x, half[k] * y, (low, high)[k]) for x, y in corners] for k in (0, 1)]
    panes = quads([[at[0][i], at[0][(i + 1) % 4], at[1][(i + 1) % 4], at[1][i]] for i in range(4)], glow)
    ribs = prism([[at[0][i], at[1][i]] for i in range(4)], 0.016, 4, IRON)
    rims = prism([[at[k][i], at[k][(i + 1) % 4]] for k in (0, 1) for i in range(4)], 0.018, 4, IRON)
    peak = (0.0, 0.0, 3.82)
    roof = quads([[at[1][i], at[1][(i + 1) % 4], peak, peak] for i in range(4)], IRON)
    knob = turned_post([(3.8, 0.05), (3.87, 0.06), (3.95, 0.02), (4.05, 0.0)], IRON, 6)
    return Source(
        joined([post, ladder, panes, ribs, rims, roof, knob]),
        np.array([0.0, 0.0, 3.3]),
        lamp(110.0 if on else 0.0, black_body(2300)),
    )


def traffic_light(lit: int) -> Quads:
    """Red, amber or green (0, 1, 2) towards -Y."""
    pole = bar((0, 0, 0), (0, 0, 3.5), 0.06, IRON, 8)
    face = Face(np.array([-0.17, -0.13, 2.5]), np.array([1.0, 0, 0]), np.array([0, 0, 1.0]))
    case = block(face, [(0, 0, -0.22, 0.34, 1.0, 0.0)], IRON, "front left right top bottom back")
    parts = [pole, case]
    for k, colour in enumerate(((1.0, 0.05, 0.02), (1.0, 0.5, 0.02), (0.05, 1.0, 0.35))):
        v = 0.72 - 0.31 * k
        glow = emission(3000.0, np.array(colour)) if k == lit else np.zeros(3)
        paint = Paint(0.12 * np.array(colour), emission_unit=glow, tag=Tag.LIGHT if k == lit else Tag.STRUCTURE)
        parts.append(block(face, [(0.07, v, 0.0, 0.27, v + 0.2, 0.02)], paint, "front"))
        parts.append(block(face, [(0.05, v + 0.2, 0.0, 0.29, v + 0.225, 0.16)], IRON, "front top bottom"))
    return joined(parts)


def bench() -> Quads:
    """Slats on two iron feet."""
    up = ground_face(0.0)
    slats = [(x, -0.9, 0.42, x + 0.1, 0.9, 0.46) for x in (-0.22, -0.09, 0.04)]
    rest = [(-0.3, -0.9, z, -0.26, 0.9, z + 0.1) for z in (0.58, 0.75)]
    feet = [(-0.27, y, 0.0, 0.14, y + 0.06, 0.42) for y in (-0.7, 0.64)]
    backs = [(-0.31, y, 0.4, -0.27, y + 0.06, 0.86) for y in (-0.7, 0.64)]
    everywhere = "front left right top bottom back"
    return joined([block(up, slats + rest, WOOD, everywhere), block(up, feet + backs, IRON, everywhere)])


def bin_() -> Quads:
    """A round litter bin."""
    return joined(
        [
            turned_post(
                [(0.05, 0.23), (0.8, 0.27), (0.85, 0.29), (0.9, 0.27)], Paint((0.03, 0.05, 0.04), shine_unit=0.1), 10
            ),
            turned_post([(0.88, 0.27), (0.98, 0.2), (1.05, 0.0)], IRON, 10),
        ]
    )


def bollard() -> Quads:
    """Cast iron, waist high."""
    return turned_post(
        [(0, 0.11), (0.12, 0.11), (0.15, 0.07), (0.75, 0.06), (0.8, 0.09), (0.88, 0.08), (0.97, 0.0)], IRON
    )


def shelter(on: bool) -> Quads:
    """Where a bus stops: glass on three sides, a roof, a lit poster."""
    up = ground_face(0.0)
    glass = Paint((0.10, 0.13, 0.13), shine_unit=0.4, opacity_unit=0.45, coarseness_unit=1.6)
    everywhere = "front left right top bottom back"
    posts = [(x, y, 0.0, x + 0.07, y + 0.07, 2.4) for x in (-0.75, 0.65) for y in (-2.0, -0.03, 1.93)]
    parts = [
        block(up, posts, GREY_STEEL, everywhere),
        block(up, [(-0.9, -2.15, 2.4, 0.95, 2.15, 2.52)], GREY_STEEL, everywhere),
        block(up, [(-0.74, -1.9, 0.3, -0.72, 1.9, 2.2)], glass, "left right"),
        block(up, [(-0.6, -1.2, 0.42, -0.25, 1.2, 0.48)], WOOD, everywhere),
        block(up, [(-0.7, 1.9, 0.3, 0.6, 2.06, 2.2)], IRON, everywhere),
    ]
    poster = Paint((0.5, 0.4, 0.3), Pattern.SHELVES, emission(350.0 if on else 40.0, black_body(5000)), tag=Tag.LIGHT)
    return joined([*parts, block(up, [(-0.6, 1.89, 0.45, 0.5, 2.07, 2.05)], poster, "top bottom")])


def railing(face: Face, from_m: float, to_m: float, tall_m: float = 1.1) -> Quads:
    """Iron bars along a face's foot, between u = from and to; from afar a thin veil."""
    if np.hypot(*face.at(0.5 * (from_m + to_m), 0.0)[:2]) > FINE_M:
        haze = IRON._replace(opacity_unit=0.5)
        return joined(
            [flat(face, [(from_m, 0.1, to_m, tall_m)], haze), block(face, _rails(from_m, to_m, tall_m), IRON)]
        )
    u = np.arange(from_m + 0.07, to_m - 0.03, 0.14)
    zero = np.zeros(len(u))
    spears = np.stack((u - 0.011, zero, zero - 0.011, u + 0.011, zero + tall_m, zero + 0.011), 1)
    rails = block(face, _rails(from_m, to_m, tall_m), IRON, "front top back")
    return joined([block(face, spears, IRON, "front left right back"), rails])


def _rails(from_m: float, to_m: float, tall_m: float) -> list[tuple[float, ...]]:
    return [(from_m, z, -0.015, to_m, z + 0.035, 0.015) for z in (0.12, tall_m - 0.17)]
