"""Floaters: splats that belong to nothing, which trainers and lifted panoramas leave in the air.

Three signs, each told apart in the report: too faint to matter, alone (it touches hardly any other, where a surface's
splats overlap all around), or huge and near (a veil before the lens). The sky and lights are never floaters: a sky's
splats are huge, a lamp hangs alone. Falling snow and rain are alone too: this is for what was trained or lifted.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import spatial  # pyright: ignore[reportMissingTypeStubs]

from bridge.frames import Vector
from generators.splat_sets import tagged
from generators.splats import Splats, Tag

_spatial: Any = spatial
Mask = NDArray[np.bool_]

FAINT_UNIT = 1.5 / 255.0
"""Opacity that an 8-bit picture hardly shows."""
NEIGHBOURS = 8
LEAST_TOUCHED = 2
"""Of those neighbours; a pair of floaters touches one another."""
REACH_SIGMAS = 3.0
"""Two splats touch where they are no farther apart than so many of both's standard deviations."""
VEIL_UNIT = 0.5
"""Standard deviation over distance from the eye: half a radian to either side."""


class Floaters(NamedTuple):
    """Which, and why."""

    which: Mask
    """[N]; `taken(splats, ~floaters.which)` is the place without them."""
    faint: int
    alone: int
    veils: int


def floaters(splats: Splats, eye_m: Vector) -> Floaters:
    """For an eye on the stage. A splat that shows two signs counts once, under the first."""
    never = tagged(splats, (Tag.SKY, Tag.LIGHT))
    faint = (splats.opacities_unit < FAINT_UNIT) & ~never
    veils = _veils(splats, eye_m) & ~never & ~faint
    alone = np.zeros(len(never), np.bool_)
    judged = np.flatnonzero(~never & ~faint & ~veils)
    alone[judged] = _alone(splats.means_m[judged], splats.scales_m[judged])
    return Floaters(faint | veils | alone, int(faint.sum()), int(alone.sum()), int(veils.sum()))


def _veils(splats: Splats, eye_m: Vector) -> Mask:
    """Its middle-sized axis counts: a wall's splat is thin, a twig's is long, a veil is wide two ways."""
    far = np.linalg.norm(splats.means_m - np.asarray(eye_m), axis=1)
    return np.asarray(np.median(splats.scales_m, axis=1) > VEIL_UNIT * far)


def _alone(means_m: NDArray[np.float32], scales_m: NDArray[np.float32]) -> Mask:
    """By the splats' own sizes, so that what is sparse because it is far away is not taken for floating."""
    if len(means_m) <= NEIGHBOURS:
        return np.zeros(len(means_m), np.bool_)
    tree = _spatial.cKDTree(means_m, balanced_tree=False, compact_nodes=False)
    found: tuple[NDArray[np.float64], NDArray[np.intp]] = tree.query(means_m, NEIGHBOURS + 1, workers=-1)
    distances, indices = found
    reach = REACH_SIGMAS * scales_m.max(axis=1)
    touched = distances[:, 1:] <= reach[:, None] + reach[indices[:, 1:]]
    return touched.sum(axis=1) < LEAST_TOUCHED
