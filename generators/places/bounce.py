"""Light from patch to patch, roughly: what hides the sky shines in the mean colour of its neighbourhood."""

from typing import Any, cast

import numpy as np
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs]

from generators.places.panorama import Floats32
from generators.places.scenery import Surfels

CELL_M, HALF_CELLS, LOW_CELLS, HIGH_CELLS = 1.5, 26, 2, 12
SPREAD_CELLS = 1.6


def bounced(surfels: Surfels, normals: Floats32, received: Floats32, sky_seen: Floats32, *, times: int) -> Floats32:
    """Irradiance [N, 3] from the ground below and from whatever hides the sky, after so many bounces.

    Each patch's outgoing light goes into a coarse grid about the stage; the grid is blurred, and read where patches
    are. Beyond it the mean of the grid's rim stands in.
    """
    cells, inside = _cells(surfels.means_m)
    shape = (2 * HALF_CELLS, 2 * HALF_CELLS, LOW_CELLS + HIGH_CELLS)
    size = int(np.prod(shape))
    area = (surfels.sizes_m[:, 0] * surfels.sizes_m[:, 1] * surfels.opacities_unit).astype(np.float64)
    area = np.where(inside, area, 0.0)
    solid = _blurred(np.bincount(cells, area, size).reshape(shape))
    from_below = 0.5 * (1.0 - normals[:, 2])
    hidden = (from_below + (1.0 - from_below) * (1.0 - np.clip(sky_seen, 0, 1))).astype(np.float32)
    added = np.zeros_like(received)
    for _ in range(times):
        sent = surfels.albedo_unit * (received + added)
        for c in range(3):
            total = _blurred(np.bincount(cells, area * sent[:, c], size).reshape(shape))
            everywhere = total.sum() / max(solid.sum(), 1e-12)
            mean = np.where(solid > 1e-9, total / np.maximum(solid, 1e-9), everywhere).ravel()
            added[:, c] = hidden * np.where(inside, mean[cells], everywhere)
    return added


def _cells(means_m: Floats32) -> tuple[np.ndarray, np.ndarray]:
    """The grid's cell of each patch (the nearest where it is outside), and who is inside."""
    place = np.floor(means_m / CELL_M).astype(np.int64) + [HALF_CELLS, HALF_CELLS, LOW_CELLS]
    most = np.array([2 * HALF_CELLS, 2 * HALF_CELLS, LOW_CELLS + HIGH_CELLS]) - 1
    held = np.clip(place, 0, most)
    inside = (place == held).all(axis=1)
    return (held[:, 0] * (most[1] + 1) + held[:, 1]) * (most[2] + 1) + held[:, 2], inside


def _blurred(grid: np.ndarray) -> np.ndarray:
    return cast(Any, ndimage).gaussian_filter(grid, SPREAD_CELLS, mode="constant", truncate=2.5)
