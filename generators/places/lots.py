"""Plots along a street, and the plain parts every house on one has: sides, roof, back, and a dark core."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.places.quads import Face, Paint, Quads, block, joined, quads, wall_face

Floats = NDArray[np.float64]


class Lot(NamedTuple):
    """Where one house stands."""

    face: Face
    """Its front: origin at the lower left corner as the street sees it."""
    wide_m: float
    deep_m: float
    left_m: float = 0.0
    right_m: float = 0.0
    """How tall the neighbours are: what they hide need not be built. 0 is an open side."""


def row_of_lots(
    foot_m: tuple[float, float, float], out_deg: float, widths_m: Floats, talls_m: Floats, deep_m: float
) -> Iterator[tuple[Lot, float]]:
    """Lots side by side from `foot_m` to the right, and how tall each house is to be."""
    face = wall_face(foot_m, out_deg)
    at = 0.0
    beside = np.concatenate(([0.0], talls_m, [0.0]))
    for k, (wide, tall) in enumerate(zip(widths_m, talls_m, strict=True)):
        corner = face._replace(origin_m=face.at(at, 0.0))
        yield Lot(corner, float(wide), deep_m, float(beside[k]), float(beside[k + 2])), float(tall)
        at += wide


def filling(rng: np.random.Generator, long_m: float, least_m: float, most_m: float, grid_m: float) -> Floats:
    """Widths between least and most, multiples of `grid_m` where they can be, that add up to `long_m`."""
    count = max(1, round(long_m / (0.5 * (least_m + most_m))))
    widths = np.round(rng.uniform(least_m, most_m, count) / grid_m) * grid_m
    return widths * (long_m / widths.sum())


def side_face(lot: Lot, which: str) -> Face:
    """The left or the right side wall, as seen from outside."""
    face = lot.face
    if which == "left":
        return Face(face.at(0.0, 0.0, -lot.deep_m), face.out, face.up)
    return Face(face.at(lot.wide_m, 0.0), -face.out, face.up)


def shell(lot: Lot, tall_m: float, side: Paint, roof: Paint) -> Quads:
    """Sides above the neighbours, a flat roof, the back, and a core that closes what splats leave open."""
    face, w, d = lot.face, lot.wide_m, lot.deep_m
    corners = [
        [face.at(u, tall_m - 0.1, -v) for u, v in ((1.5, 1.5), (w - 1.5, 1.5), (w - 1.5, d - 1.5), (1.5, d - 1.5))],
        [face.at(w, 0, -d), face.at(0, 0, -d), face.at(0, tall_m, -d), face.at(w, tall_m, -d)],
    ]
    parts = [quads(corners, roof._replace(coarseness_unit=3.0))]
    for which, beside in (("left", lot.left_m), ("right", lot.right_m)):
        if beside < tall_m - 0.1:
            wall = side_face(lot, which)
            box = [wall.at(0, beside), wall.at(d, beside), wall.at(d, tall_m), wall.at(0, tall_m)]
            parts.append(quads([box], side, [(0.0, beside, d, tall_m)]))
    dark = Paint((0.05, 0.05, 0.05), coarseness_unit=4.0)
    parts.append(block(face, [(0.6, 0.0, 0.8 - d, w - 0.6, tall_m - 0.4, -3.6)], dark, "front top"))
    return joined(parts)
