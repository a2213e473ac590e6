"""Roads: carriageway with markings, kerbs, gutters, pavements, a side street that crosses."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.places.patterns import Pattern
from generators.places.quads import Face, Paint, Quads, block, flat, ground_face, joined, quads
from generators.places.scenery import Ground
from generators.splats import Tag

Floats = NDArray[np.float64]

LANE_M = 3.3
KERB_M = 0.13
EDGE_M = 0.3
FAR_M = 420.0

WHITE = (0.62, 0.62, 0.6)
YELLOW = (0.55, 0.38, 0.05)


class Street(NamedTuple):
    """A straight street along Y through the stage's centre, and one along X that crosses it."""

    half_m: float
    """From the middle to the kerb."""
    walk_m: float
    """Width of a pavement, kerb and all."""
    back_m: float
    ahead_m: float
    """Where it ends, behind (negative) and ahead."""
    cross_m: float
    """Where the middle of the crossing street is."""
    cross_half_m: float
    aside_m: float = 130.0
    """How far the crossing street goes to both sides."""

    @property
    def line_m(self) -> float:
        """From the middle to the houses."""
        return self.half_m + self.walk_m

    @property
    def corner_m(self) -> tuple[float, float]:
        """Where the houses leave the crossing street open, along Y."""
        wide = self.cross_half_m + self.walk_m
        return self.cross_m - wide, self.cross_m + wide

    def ground(self) -> Ground:
        """0 on the carriageways, the kerb's height on the pavements."""

        def height(x: Floats, y: Floats) -> Floats:
            road = (np.abs(x) <= self.half_m) | (np.abs(y - self.cross_m) <= self.cross_half_m)
            return np.where(road, 0.0, KERB_M)

        return height


def lanes_for(radius_m: float) -> int:
    """On each side of the middle, so that the free ground is all carriageway."""
    return max(2, int(np.ceil((radius_m + 1.0) / LANE_M)))


def surface(tone: tuple[float, float, float], pattern: Pattern, coarse: float = 1.0, shine: float = 0.0) -> Paint:
    """Paint for what one walks on."""
    return Paint(tone, pattern, shine_unit=shine, tag=Tag.TERRAIN, coarseness_unit=coarse)


def strips(across_m: Floats, along_m: tuple[float, float], paint: Paint) -> Quads:
    """Strips of road [N, 2] from left to right, all of one stretch."""
    across = np.asarray(across_m, np.float64).reshape(-1, 2)
    low, high = (np.full(len(across), y) for y in along_m)
    return flat(ground_face(), np.stack((across[:, 0], low, across[:, 1], high), 1), paint)


def marked_road(street: Street, lanes: int, asphalt: Paint) -> Quads:
    """Both stretches of the main carriageway, up to the crossing and on behind it."""
    low, high = street.cross_m - street.cross_half_m, street.cross_m + street.cross_half_m
    parts = [
        _marked(street, lanes, asphalt, (street.back_m, low - 6.5)),
        _marked(street, lanes, asphalt, (high + 6.5, street.ahead_m)),
    ]
    for start, stop_line in ((low - 6.5, low - 6.5), (high + 1.5, high + 6.1)):
        parts.append(zebra(street, asphalt, start + (1.9 if start < low else 0.0)))
        white = surface(WHITE, Pattern.PLAIN)
        parts.append(strips(np.array([[-street.half_m, street.half_m]]), (stop_line, stop_line + 0.4), white))
    whole = np.array([[-street.half_m, street.half_m]])
    for a, b in ((low - 6.1, low - 4.6), (low - 1.5, low), (low, high), (high, high + 1.5), (high + 4.6, high + 6.1)):
        parts.append(strips(whole, (a, b), asphalt))
    return joined(parts)


def _marked(street: Street, lanes: int, asphalt: Paint, along_m: tuple[float, float]) -> Quads:
    """A stretch with a double line in the middle, broken lines between lanes, one at either edge."""
    half = street.half_m
    solid = [(0.08, 0.22), (half - 0.55, half - 0.45)]
    broken = [(LANE_M * k - 0.07, LANE_M * k + 0.07) for k in range(1, lanes)]
    lines = sorted([(-b, -a) for a, b in solid + broken] + solid + broken)
    between: list[tuple[float, float]] = []
    at = -half
    for a, b in lines:
        between.append((at, a))
        at = b
    between.append((at, half))
    dashes: list[tuple[float, float, float, float]] = []
    gaps: list[tuple[float, float, float, float]] = []
    for a, b in [(-b, -a) for a, b in broken] + broken:
        for y in np.arange(along_m[0], along_m[1] - 1.0, 7.0):
            dashes.append((a, y, b, min(y + 2.5, along_m[1])))
            gaps.append((a, y + 2.5, b, min(y + 7.0, along_m[1])))
    signs = [(-b, -a) for a, b in solid] + solid
    white, yellow = surface(WHITE, Pattern.PLAIN, 1.5), surface(YELLOW, Pattern.PLAIN, 1.5)
    edge = np.array([s for s in signs if abs(s[0]) > 1])
    return joined(
        [
            strips(np.array(between), along_m, asphalt),
            strips(np.array([s for s in signs if abs(s[0]) < 1]), along_m, yellow),
            strips(edge, along_m, white),
            flat(ground_face(), np.array(dashes), white),
            flat(ground_face(), np.array([g for g in gaps if g[3] > g[1]]), asphalt),
        ]
    )


def zebra(street: Street, asphalt: Paint, start_m: float) -> Quads:
    """A crossing 3.1 m long: bars of half a metre."""
    edges = np.linspace(-street.half_m, street.half_m, 2 * round(street.half_m / 0.55) + 2)
    pieces = np.stack((edges[:-1], edges[1:]), 1)
    along = (start_m, start_m + 3.1)
    bars = strips(pieces[1::2], along, surface(WHITE, Pattern.PLAIN, 1.3))
    return joined([bars, strips(pieces[::2], along, asphalt)])


def side_road(street: Street, paint: Paint) -> Quads:
    """The crossing street's arms."""
    low, high = street.cross_m - street.cross_half_m, street.cross_m + street.cross_half_m
    arms = [(-street.aside_m, low, -street.half_m, high), (street.half_m, low, street.aside_m, high)]
    return flat(ground_face(), np.array(arms), paint)


def pavements(street: Street, kerb: Paint, walk: Paint) -> Quads:
    """Kerbs and pavements along all four corners' sides."""
    low, high = street.cross_m - street.cross_half_m, street.cross_m + street.cross_half_m
    up = Face(np.array([0.0, 0.0, KERB_M]), np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    h, line = street.half_m, street.line_m + 0.3
    tops: list[tuple[float, float, float, float]] = []
    kerbs: list[tuple[float, float, float, float]] = []
    stones: list[list[tuple[float, float, float]]] = []
    for side in (-1.0, 1.0):
        for a, b in ((street.back_m, low), (high, street.ahead_m)):
            near, far = sorted((side * h, side * (h + EDGE_M)))
            kerbs.append((near, a, far, b))
            left, right = sorted((side * (h + EDGE_M), side * line))
            tops.append((left, a, right, b))
            stones.append(_upright((side * h, a), (side * h, b), side > 0))
        left, right = sorted((side * line, side * street.aside_m))
        for y, outward in ((low, False), (high, True)):
            edge, back = (y, y + street.walk_m) if outward else (y - street.walk_m, y)
            tops.append((left, edge, right, back))
            stones.append(
                _upright(
                    (min(side * h, side * street.aside_m), y), (max(side * h, side * street.aside_m), y), not outward
                )
            )
    return joined(
        [
            flat(up, np.array(kerbs), kerb),
            flat(up, np.array(tops), walk),
            quads(np.array(stones), kerb),
        ]
    )


def _upright(a: tuple[float, float], b: tuple[float, float], turned: bool) -> list[tuple[float, float, float]]:
    """A kerb's face from a to b; `turned` where the road is to the left of that way."""
    first, last = (b, a) if turned else (a, b)
    return [(*first, 0.0), (*last, 0.0), (*last, KERB_M), (*first, KERB_M)]


def land_around(street: Street, paint: Paint) -> Quads:
    """Level ground behind the houses, to the horizon."""
    line, low, high = street.line_m, *street.corner_m
    boxes = [(-FAR_M, street.ahead_m, FAR_M, FAR_M), (-FAR_M, -FAR_M, FAR_M, street.back_m)]
    for a, b in ((street.back_m, low), (high, street.ahead_m)):
        boxes += [(-FAR_M, a, -line, b), (line, a, FAR_M, b)]
    boxes += [(-FAR_M, low, -street.aside_m, high), (street.aside_m, low, FAR_M, high)]
    return flat(ground_face(-0.02), np.array(boxes), paint._replace(coarseness_unit=4.0))


def covers(where_m: Floats, radius_m: float, paint: Paint) -> Quads:
    """Round lids in the road at [N, 3]."""
    turns = np.linspace(0.0, 2 * np.pi, 9)
    ring = radius_m * np.stack((np.cos(turns), np.sin(turns), np.zeros(9)), 1)
    centre = np.zeros((4, 3))
    fan = np.stack((centre, ring[0:-1:2], ring[1::2], ring[2::2]), 1)
    return quads((np.asarray(where_m)[:, None, None] + fan).reshape(-1, 4, 3), paint)


def drains(street: Street, every_m: float, paint: Paint) -> Quads:
    """Gratings in the gutter."""
    y = np.arange(street.back_m, street.ahead_m, every_m)
    y = y[np.abs(y - street.cross_m) > street.cross_half_m + 8]
    boxes = [
        (s * (street.half_m - 0.2) - 0.18, at, 0.0, s * (street.half_m - 0.2) + 0.18, at + 0.5, 0.006)
        for at in y
        for s in (-1, 1)
    ]
    return block(ground_face(), np.array(boxes), paint, "front")
