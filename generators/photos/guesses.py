"""Places nothing was recognised in: bare walls, floors and hedges, guessed to lie as far off as what is seen beside
them. A fit that starts from these need not cover the bare parts from their rims."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import spatial  # pyright: ignore[reportMissingTypeStubs]

from generators.camera import Camera

Floats = NDArray[np.float64]

_spatial: Any = spatial
_CELLS = 16
"""Along the picture's longer side."""
_NEIGHBOURS = 4
_MOST_PHOTOS = 24


class Guesses(NamedTuple):
    """Points to start from."""

    points_m: Floats
    """[G, 3]."""
    colours_unit: Floats
    """[G, 3]."""
    spacing_m: Floats
    """[G], the size of what each stands for."""


class Shown(NamedTuple):
    """One photo: its camera, its picture [H, W, 3], and the points [n, 3] that were recognised in it."""

    camera: Camera
    picture: NDArray[np.float32]
    points_m: Floats


def guesses(photos: list[Shown]) -> Guesses:
    """From a couple of dozen photos, evenly taken."""
    taken = sorted({int(index) for index in np.linspace(0, len(photos) - 1, min(_MOST_PHOTOS, len(photos)))})
    parts = [_of_one(photos[index]) for index in taken if len(photos[index].points_m) >= _NEIGHBOURS]
    if not parts:
        return Guesses(np.empty((0, 3)), np.empty((0, 3)), np.empty(0))
    return Guesses(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _of_one(shown: Shown) -> Guesses:
    camera, (width, height) = shown.camera, shown.camera.size_px
    focal, centre = np.asarray(camera.focal_px), np.asarray(camera.centre_px)
    ahead = (shown.points_m - np.asarray(camera.position_m)) @ camera.plane_from_stage.T
    ahead = ahead[ahead[:, 2] > 0]
    cell_px = max(width, height) / _CELLS
    across, down = np.meshgrid(np.arange(0.5 * cell_px, width, cell_px), np.arange(0.5 * cell_px, height, cell_px))
    middles = np.stack((across.ravel(), down.ravel()), axis=1)
    away, which = _spatial.cKDTree(ahead[:, :2] / ahead[:, 2:] * focal + centre).query(middles, k=_NEIGHBOURS)
    bare = np.asarray(away)[:, 0] > 0.6 * cell_px
    away, which, middles = np.asarray(away)[bare], np.asarray(which)[bare], middles[bare]
    nearness = 1.0 / (away + 1.0)
    depth = nearness.sum(axis=1) / (nearness / ahead[which, 2]).sum(axis=1)
    rays = np.column_stack(((middles - centre) / focal, np.ones(len(middles))))
    points = (rays * depth[:, None]) @ camera.plane_from_stage + np.asarray(camera.position_m)
    return Guesses(points, _colours(shown.picture, middles, cell_px), 0.4 * cell_px / focal[0] * depth)


def _colours(picture: NDArray[np.float32], middles: Floats, cell_px: float) -> Floats:
    """The mean [n, 3] around places of a picture."""
    half = max(1, int(0.5 * cell_px))
    at = middles.astype(int)
    found = [picture[max(y - half, 0) : y + half, max(x - half, 0) : x + half].mean(axis=(0, 1)) for x, y in at]
    return np.array(found, dtype=np.float64).reshape(-1, 3)
