"""Walls with openings in rows and columns, and what stands in them: frames, bars, sills, rooms behind glass."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from generators.places.patterns import Pattern
from generators.places.quads import Face, Paint, Quads, block, flat, joined, quads, reveal
from generators.splats import Tag

Floats = NDArray[np.float64]

GLASS_UNIT = (0.035, 0.042, 0.05)
GLASS_SHINE = 0.9


class Grid(NamedTuple):
    """Openings on a wall: every column crosses every row."""

    columns_m: Floats
    """[C, 2], left and right, from left to right."""
    rows_m: Floats
    """[R, 2], low and high, from low to high."""

    def boxes(self) -> Floats:
        """[R * C, 4] left, low, right, high; row by row."""
        rows, columns = np.repeat(self.rows_m, len(self.columns_m), 0), np.tile(self.columns_m, (len(self.rows_m), 1))
        return np.column_stack((columns[:, 0], rows[:, 0], columns[:, 1], rows[:, 1]))


class Sash(NamedTuple):
    """How a window is made."""

    frame: Paint
    panes: tuple[int, int] = (1, 1)
    """Across and up, between bars."""
    deep_m: float = 0.14
    """How far the glass lies behind the wall's face."""
    frame_m: float = 0.06
    bar_m: float = 0.035
    sill: Paint | None = None


def spread(count: int, wide_m: float, along_m: float, start_m: float = 0.0) -> Floats:
    """[count, 2]: openings `wide_m` wide in the middle of equal parts of `along_m`."""
    middle = start_m + (np.arange(count) + 0.5) * (along_m / max(count, 1))
    return np.stack((middle - 0.5 * wide_m, middle + 0.5 * wide_m), axis=1).astype(np.float64)


def storeys(count: int, sill_m: float, head_m: float, each_m: float, start_m: float = 0.0) -> Floats:
    """[count, 2]: sill and head of each storey's windows."""
    floor = start_m + each_m * np.arange(count)
    return np.stack((floor + sill_m, floor + head_m), axis=1).astype(np.float64)


def pierced(face: Face, box_m: ArrayLike, grid: Grid, paint: Paint, seed: int = 0) -> Quads:
    """The wall `box_m` (left, low, right, high) without its openings: bands between rows, piers between columns."""
    left, low, right, high = np.asarray(box_m, np.float64)
    edges = np.concatenate(([low], grid.rows_m.ravel(), [high])).reshape(-1, 2)
    bands = [(left, a, right, b) for a, b in edges if b > a + 1e-6]
    sides = np.concatenate(([left], grid.columns_m.ravel(), [right])).reshape(-1, 2)
    piers = [(a, v0, b, v1) for v0, v1 in grid.rows_m for a, b in sides if b > a + 1e-6]
    return flat(face, np.array(bands + piers), paint, 0.0, seed)


def bars(face: Face, boxes_m: Floats, sash: Sash) -> Quads:
    """The frame around each opening and the bars across it, seen from the front."""
    left, low, right, high = boxes_m.T
    f, half = sash.frame_m, 0.5 * sash.bar_m
    frame = [
        (left, low, left + f, high),
        (right - f, low, right, high),
        (left + f, low, right - f, low + f),
        (left + f, high - f, right - f, high),
    ]
    across, up = sash.panes
    for k in range(1, across):
        u = left + (right - left) * k / across
        frame.append((u - half, low + f, u + half, high - f))
    for k in range(1, up):
        v = low + (high - low) * k / up
        frame.append((left + f, v - half, right - f, v + half))
    boxes = np.concatenate([np.stack(sides, axis=1) for sides in frame])
    return flat(face, boxes, sash.frame, -sash.deep_m + 0.03)


def glazed(face: Face, boxes_m: Floats, light_unit: Floats, deep_m: float, seeds: ArrayLike) -> Quads:
    """Panes with a room behind each. They reach a little behind the wall, whose edge is the one that is seen."""
    wide = np.asarray(boxes_m) + np.array([-0.04, -0.04, 0.04, 0.04])
    panes = flat(
        face,
        wide,
        Paint(GLASS_UNIT, Pattern.ROOM, light_unit, GLASS_SHINE, coarseness_unit=1.3),
        -deep_m,
        seeds,
    )
    return panes._replace(texture=np.tile([0.0, 0.0, 1.0, 1.0], (len(wide), 1)))


def windows(
    face: Face, boxes_m: Floats, sash: Sash, wall: Paint, light_unit: Floats, rng: np.random.Generator
) -> Quads:
    """Everything that fills openings."""
    seeds = rng.integers(0, 2**31, len(boxes_m))
    parts = [
        glazed(face, boxes_m, light_unit, sash.deep_m, seeds),
        bars(face, boxes_m, sash),
        reveal(face, boxes_m, sash.deep_m, wall._replace(coarseness_unit=1.5)),
    ]
    if sash.sill is not None:
        left, low, right, _ = boxes_m.T
        zero = np.zeros(len(boxes_m))
        stones = np.stack((left - 0.08, low - 0.11, zero, right + 0.08, low + 0.005, zero + 0.09), axis=1)
        parts.append(block(face, stones, sash.sill, "front top left right bottom"))
    return joined(parts)


def lintels(face: Face, boxes_m: Floats, tall_m: float, paint: Paint) -> Quads:
    """A stone over each opening, a hand wider on both sides."""
    left, _, right, high = boxes_m.T
    zero = np.zeros(len(boxes_m))
    stones = np.stack((left - 0.12, high, zero, right + 0.12, high + tall_m, zero + 0.05), axis=1)
    return block(face, stones, paint, "front left right bottom")


def shown_room(face: Face, box_m: ArrayLike, deep_m: float, light_unit: Floats, seed: int) -> Quads:
    """A lit shop behind an opening: shelves at the back, ceiling, floor, sides; real depth, so that it shifts as one
    walks past."""
    left, low, right, high = np.asarray(box_m, np.float64)
    back = Face(face.at(left, low, -deep_m), face.right, face.up)
    shelves = flat(
        back,
        [(0.0, 0.0, right - left, high - low)],
        Paint((0.5, 0.48, 0.45), Pattern.SHELVES, light_unit),
        0.0,
        seed,
    )
    shell = [
        ((left, low, 0), (left, low, -deep_m), (left, high, -deep_m), (left, high, 0)),
        ((right, low, -deep_m), (right, low, 0), (right, high, 0), (right, high, -deep_m)),
        ((left, low, 0), (right, low, 0), (right, low, -deep_m), (left, low, -deep_m)),
        ((left, high, -deep_m), (right, high, -deep_m), (right, high, 0), (left, high, 0)),
    ]
    corners = np.stack([[face.at(*point) for point in side] for side in shell])
    glow = np.array([0.35, 0.35, 0.25, 0.8])[:, None] * light_unit
    rest = quads(corners, Paint((0.5, 0.48, 0.44), emission_unit=glow, coarseness_unit=2.0))
    # lamps in the ceiling
    u, d = np.meshgrid(np.arange(left + 0.6, right - 0.3, 1.2), (-0.8, -0.55 * deep_m))
    zero = np.zeros(u.size)
    spots = np.stack(
        (u.ravel() - 0.09, zero + high - 0.05, d.ravel() - 0.09, u.ravel() + 0.09, zero + high, d.ravel() + 0.09), 1
    )
    bright = Paint((0.6, 0.6, 0.6), emission_unit=12.0 * np.asarray(light_unit), tag=Tag.LIGHT)
    return joined([shelves, rest, block(face, spots, bright, "bottom front")])
