"""What a fit starts from: a splat at each point the photos agree on, and a sky far behind them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import spatial  # pyright: ignore[reportMissingTypeStubs]

from generators.photos.guesses import Guesses
from generators.photos.solved import Solved, positions_m
from generators.splat_sets import merged
from generators.splats import Splats, Tag, solid_colours

Floats = NDArray[np.float64]

SKY_SPLATS = 4000
SKY_REACHES = 30.0
"""The sky's distance, in typical distances of what was photographed."""
_NEIGHBOURS, _GUESSED_UNIT = 3, 0.2
_spatial: Any = spatial


def reach_m(solved: Solved) -> float:
    """How far off things typically are from where they were photographed."""
    cameras = np.repeat(positions_m(solved), [len(view.seen) for view in solved.views], axis=0)
    points = solved.points_m[np.concatenate([view.seen for view in solved.views])]
    return float(np.median(np.linalg.norm(points - cameras, axis=1)))


def spacing_m(points_m: Floats, most_m: float) -> Floats:
    """The mean distance [N] of each point's three neighbours."""
    count = min(_NEIGHBOURS + 1, len(points_m))
    away, _ = _spatial.cKDTree(points_m).query(points_m, k=count)
    return np.clip(np.asarray(away).reshape(len(points_m), -1)[:, 1:].mean(axis=1), 1e-4 * most_m, 0.1 * most_m)


def start(solved: Solved, guessed: Guesses, *, sky: bool) -> Splats:
    """Before anything is learned: what was recognised, what is guessed, and a sky."""
    reach = reach_m(solved)
    middle = positions_m(solved).mean(axis=0)
    near = np.linalg.norm(solved.points_m - middle, axis=1) < 0.5 * SKY_REACHES * reach
    points, colours = solved.points_m[near], solved.colours_unit[near]
    made = first_splats(points, colours, spacing_m(points, reach))
    bare = first_splats(*guessed)._replace(opacities_unit=np.full(len(guessed.points_m), _GUESSED_UNIT, np.float32))
    made = merged((made, bare))
    return merged((made, dome(middle, SKY_REACHES * reach, SKY_SPLATS))) if sky else made


def first_splats(
    points_m: NDArray[np.floating], colours_unit: NDArray[np.floating], spacing_m: NDArray[np.floating]
) -> Splats:
    """A round, half-clear splat at each point, as wide as the way to its neighbours."""
    count = len(points_m)
    turns = np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1))
    return Splats(
        np.asarray(points_m, np.float32),
        turns,
        np.repeat(np.asarray(spacing_m, np.float32)[:, None], 3, axis=1),
        np.full(count, 0.4, np.float32),
        solid_colours(colours_unit),
        np.zeros(count, np.uint8),
    )


def dome(middle_m: Floats, radius_m: float, count: int) -> Splats:
    """Grey splats all round, as wide as their spacing, faint: what no photo shows is never made solid."""
    towards = all_round(count)
    wide = radius_m * np.sqrt(4.0 * np.pi / count) * 0.6
    made = first_splats(middle_m + radius_m * towards, np.full((count, 3), 0.6), np.full(count, wide))
    tags = np.full(count, Tag.SKY, np.uint8)
    return made._replace(tags=tags, opacities_unit=np.full(count, 0.1, np.float32))


def all_round(count: int) -> Floats:
    """Directions [count, 3] spread evenly over the sphere (Fibonacci's spiral)."""
    number = np.arange(count) + 0.5
    z = 1.0 - 2.0 * number / count
    turn = np.pi * (1.0 + np.sqrt(5.0)) * number
    flat = np.sqrt(1.0 - z * z)
    return np.stack((flat * np.cos(turn), flat * np.sin(turn), z), axis=1)
