"""Houses of a city of today: glass towers, cast concrete, ribbon windows, older brick, all with shops below."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.places.evening import Evening, floors_of_rooms, rooms
from generators.places.lots import Lot, shell, side_face
from generators.places.patterns import Pattern
from generators.places.quads import Face, Paint, Quads, block, flat, joined
from generators.places.shops import shop_row
from generators.places.windows import GLASS_SHINE, GLASS_UNIT, Grid, Sash, lintels, pierced, spread, storeys, windows

Floats = NDArray[np.float64]

GROUND_M = 4.5
STOREY_M = 3.5
ROOF = Paint((0.16, 0.16, 0.16))
STEEL = Paint((0.10, 0.105, 0.11), shine_unit=0.15, coarseness_unit=1.5)
WHITE = Paint((0.62, 0.62, 0.6), coarseness_unit=1.5)
STONES = ((0.45, 0.42, 0.37), (0.52, 0.49, 0.44), (0.36, 0.35, 0.33), (0.42, 0.36, 0.29))
CONCRETES = ((0.40, 0.40, 0.39), (0.48, 0.46, 0.43), (0.33, 0.33, 0.34))
BRICKS = ((0.30, 0.12, 0.075), (0.36, 0.18, 0.11), (0.24, 0.13, 0.10), (0.40, 0.30, 0.20))


class Wall(NamedTuple):
    """One upright part of a house with storeys."""

    face: Face
    wide_m: float
    low_m: float
    storeys: int

    @property
    def tall_m(self) -> float:
        """Its upper edge."""
        return self.low_m + self.storeys * STOREY_M


Style = Callable[[Wall, np.random.Generator, Evening], tuple[Quads, Paint]]
"""A wall with everything on it, and the paint for its plain sides."""


def curtain_wall(wall: Wall, rng: np.random.Generator, now: Evening) -> tuple[Quads, Paint]:
    """Glass from floor to floor, spandrels between, thin mullions in front."""
    columns = max(2, round(wall.wide_m / rng.choice([1.5, 1.8, 3.0])))
    tint = np.array(GLASS_UNIT) * rng.choice([0.8, 1.3, 1.8]) * np.array([0.9, 1.0, 1.0 + 0.25 * rng.random()])
    spandrel = Paint(tint * 2.2 + 0.015, shine_unit=0.35, coarseness_unit=1.4)
    metal = STEEL if rng.random() < 0.6 else WHITE._replace(albedo_unit=(0.45, 0.46, 0.47))
    edges = np.linspace(0.0, wall.wide_m, columns + 1)
    grid = Grid(np.stack((edges[:-1], edges[1:]), 1), storeys(wall.storeys, 0.95, STOREY_M, STOREY_M, wall.low_m))
    light = floors_of_rooms(rng, (wall.storeys, columns), now.lit_share_unit, 4200, 32)
    panes = flat(
        wall.face,
        grid.boxes(),
        Paint(tint, Pattern.ROOM, light, GLASS_SHINE, coarseness_unit=1.2),
        0.0,
        rng.integers(0, 2**31, columns * wall.storeys),
    )
    panes = panes._replace(texture=np.tile([0.0, 0.0, 1.0, 1.0], (len(panes.seeds), 1)))
    bands = np.column_stack(
        (np.zeros(wall.storeys), grid.rows_m[:, 0] - 0.95, np.full(wall.storeys, wall.wide_m), grid.rows_m[:, 0])
    )
    zero = np.zeros(columns + 1)
    fins = np.stack((edges - 0.03, zero + wall.low_m, zero, edges + 0.03, zero + wall.tall_m, zero + 0.12), 1)
    rails = np.column_stack((bands[:, 0], bands[:, 3] - 0.03, zero[0] * bands[:, 0], bands[:, 2], bands[:, 3] + 0.03))
    rails = np.column_stack((rails, np.full(wall.storeys, 0.05)))
    made = [panes, flat(wall.face, bands, spandrel), block(wall.face, fins, metal, "front left right")]
    return joined([*made, block(wall.face, rails, metal, "front top")]), spandrel


def punched(wall: Wall, rng: np.random.Generator, now: Evening) -> tuple[Quads, Paint]:
    """Upright windows in a wall of stone, concrete or brick, with sills and lintels."""
    kind = rng.integers(0, 3)
    tone, pattern = (
        (STONES[rng.integers(len(STONES))], Pattern.ASHLAR),
        (CONCRETES[rng.integers(len(CONCRETES))], Pattern.CONCRETE),
        (BRICKS[rng.integers(len(BRICKS))], Pattern.BRICK),
    )[kind]
    paint = Paint(tone, pattern)
    columns = max(2, round(wall.wide_m / rng.uniform(2.6, 3.4)))
    wide = rng.choice([1.2, 1.5, 1.8])
    grid = Grid(spread(columns, wide, wall.wide_m), storeys(wall.storeys, 0.85, 2.75, STOREY_M, wall.low_m))
    trim = Paint(np.minimum(np.array(tone) * 1.5 + 0.05, 0.7), coarseness_unit=1.5)
    sash = Sash(STEEL if rng.random() < 0.6 else WHITE, (2, 1), 0.22, 0.07, sill=trim)
    light = rooms(rng, len(grid.boxes()), now.lit_share_unit, 2900, 28)
    parts = [
        pierced(wall.face, (0, wall.low_m, wall.wide_m, wall.tall_m), grid, paint),
        windows(wall.face, grid.boxes(), sash, paint, light, rng),
    ]
    if kind == 2:
        parts.append(lintels(wall.face, grid.boxes(), 0.22, trim))
    if rng.random() < 0.4:
        parts.append(balconies(wall, grid, rng))
    return joined(parts), paint


def ribbons(wall: Wall, rng: np.random.Generator, now: Evening) -> tuple[Quads, Paint]:
    """Bands of glass between bands of wall."""
    tone = CONCRETES[rng.integers(len(CONCRETES))] if rng.random() < 0.6 else (0.55, 0.54, 0.5)
    paint = Paint(tone, Pattern.CONCRETE, coarseness_unit=1.2)
    rows = storeys(wall.storeys, 1.05, 2.85, STOREY_M, wall.low_m)
    edge = 0.45
    grid = Grid(np.array([[edge, wall.wide_m - edge]]), rows)
    columns = max(2, round((wall.wide_m - 2 * edge) / 1.6))
    edges = np.linspace(edge, wall.wide_m - edge, columns + 1)
    panes = Grid(np.stack((edges[:-1], edges[1:]), 1), rows)
    light = floors_of_rooms(rng, (wall.storeys, columns), now.lit_share_unit, 4000, 30)
    sash = Sash(STEEL, (1, 1), 0.18, 0.045)
    parts = [
        pierced(wall.face, (0, wall.low_m, wall.wide_m, wall.tall_m), grid, paint),
        windows(wall.face, panes.boxes(), sash, paint, light, rng),
    ]
    return joined(parts), paint


def balconies(wall: Wall, grid: Grid, rng: np.random.Generator) -> Quads:
    """Slabs with glass or bars before them, at every second column."""
    columns = grid.columns_m[int(rng.integers(0, 2)) :: 2]
    floors = grid.rows_m[1:, 0] - 0.8
    n, m = len(floors), len(columns)
    left, right = np.tile(columns[:, 0], n) - 0.4, np.tile(columns[:, 1], n) + 0.4
    z, zero = np.repeat(floors, m), np.zeros(n * m)
    slabs = block(
        wall.face, np.stack((left, z - 0.18, zero, right, z, zero + 1.3), 1), WHITE, "front left right bottom top"
    )
    rail = np.stack((left, z, zero + 1.22, right, z + 1.05, zero + 1.27), 1)
    glass = Paint((0.12, 0.15, 0.15), shine_unit=0.45, opacity_unit=0.55, coarseness_unit=1.5)
    top = np.stack((left, z + 1.02, zero + 1.2, right, z + 1.08, zero + 1.3), 1)
    return joined([slabs, block(wall.face, rail, glass, "front"), block(wall.face, top, STEEL, "front top")])


STYLES: tuple[Style, ...] = (curtain_wall, punched, ribbons, punched, curtain_wall)


def modern_house(lot: Lot, tall_m: float, rng: np.random.Generator, now: Evening) -> Quads:
    """A shop row, storeys in one style, a parapet; tall ones step back on the way up."""
    style = STYLES[rng.integers(len(STYLES))]
    count = max(2, round((tall_m - GROUND_M) / STOREY_M))
    lower = count if count < 9 else int(rng.integers(5, 8))
    wall = Wall(lot.face, lot.wide_m, GROUND_M, lower)
    front, paint = style(wall, rng, now)
    parts = [front, shop_row(lot.face, lot.wide_m, GROUND_M, paint, rng, now), crown(wall, paint)]
    parts.append(shell(lot, wall.tall_m, paint._replace(coarseness_unit=2.0), ROOF))
    for which, beside in (("left", lot.left_m), ("right", lot.right_m)):
        if beside < GROUND_M:  # an open side is a front too
            side = Wall(side_face(lot, which), lot.deep_m, GROUND_M, lower)
            parts += [style(side, rng, now)[0]._replace(), shop_row(side.face, lot.deep_m, GROUND_M, paint, rng, now)]
    if count > lower:
        back = 3.0
        inner = Lot(
            lot.face._replace(origin_m=lot.face.at(back, 0.0, -back)), lot.wide_m - 2 * back, lot.deep_m - 2 * back
        )
        upper = Wall(inner.face, inner.wide_m, wall.tall_m, count - lower)
        parts += [style(upper, rng, now)[0], crown(upper, paint)]
        parts += [style(upper._replace(face=side_face(inner, k), wide_m=inner.deep_m), rng, now)[0] for k in _SIDES]
        covered = inner._replace(left_m=upper.tall_m, right_m=upper.tall_m)
        parts.append(shell(covered, upper.tall_m, paint, ROOF))
    return joined(parts)


_SIDES = ("left", "right")


def crown(wall: Wall, paint: Paint) -> Quads:
    """The parapet and its coping."""
    w, z = wall.wide_m, wall.tall_m
    boxes = [(0.0, z, -0.3, w, z + 0.9, 0.06), (-0.05, z + 0.9, -0.35, w + 0.05, z + 1.02, 0.14)]
    return block(wall.face, boxes, paint._replace(pattern=Pattern.PLAIN), "front left right top bottom")
