"""Pictures of an environment, seen from where cameras stood: walls are painted from them, point by point.

Each picture is a pinhole's. Inside a camera's inner frustum a wall shows what that camera's picture has in the wall
point's direction; elsewhere what the surround (six faces of a cube round the outer viewpoint) has there.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import axes_matrix, matrix_from_quat
from bridge.messages import EnvironmentView

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]


class Views(NamedTuple):
    """V pinhole pictures, their pixels one after the other in one array, as kernels like it."""

    position_m: Floats
    """[V, 3]."""
    plane_from_stage: Floats
    """[V, 3, 3], onto x right, y down, z forward."""
    focal_px: Floats
    centre_px: Floats
    """[V, 2]."""
    size_px: NDArray[np.int64]
    """[V, 2], width and height."""
    start: NDArray[np.int64]
    """[V], each picture's first pixel."""
    light: Floats32
    """[P, 3], scene-linear at 0 EV."""


class Painting(NamedTuple):
    """What walls are painted from besides their world: nothing, where both are empty."""

    inner: Views
    """One for each camera of `Wish.poses` that has one; `row` says which."""
    row: NDArray[np.int64]
    """[C], for the camera with that index its row in `inner`, -1 for none."""
    surround: Views
    gain_unit: float
    """What scene-linear 1.0 becomes on the wall."""


def views(told: Sequence[EnvironmentView], pictures: Sequence[NDArray[np.floating]]) -> Views:
    """The pictures [H, W, 3] of what was told."""
    sizes = np.array([(picture.shape[1], picture.shape[0]) for picture in pictures], np.int64).reshape(-1, 2)
    count = sizes[:, 0] * sizes[:, 1]
    turns = [(matrix_from_quat(one.rotation_wxyz) @ axes_matrix("stage", "opencv")).T for one in told]
    flat = [np.asarray(picture, np.float32).reshape(-1, 3) for picture in pictures]
    return Views(
        position_m=np.array([one.position_m for one in told], np.float64).reshape(-1, 3),
        plane_from_stage=np.array(turns, np.float64).reshape(-1, 3, 3),
        focal_px=np.array([one.focal_px for one in told], np.float64).reshape(-1, 2),
        centre_px=np.array([one.centre_px for one in told], np.float64).reshape(-1, 2),
        size_px=sizes,
        start=np.concatenate((np.zeros(1, np.int64), np.cumsum(count)[:-1]))[: len(told)],
        light=np.ascontiguousarray(np.concatenate(flat)) if flat else np.empty((0, 3), np.float32),
    )


NO_VIEWS = views((), ())
NOTHING_PAINTED = Painting(NO_VIEWS, np.empty(0, np.int64), NO_VIEWS, 1.0)


def sampled(view: Views, row: int, directions: Floats) -> Floats32:
    """Light [n, 3] of one picture along directions [n, 3] from its own place; NaN beyond its edge. The slow twin."""
    x, y, z = view.plane_from_stage[row] @ directions.T
    with np.errstate(all="ignore"):
        column = view.focal_px[row, 0] * x / z + view.centre_px[row, 0] - 0.5
        line = view.focal_px[row, 1] * y / z + view.centre_px[row, 1] - 0.5
    width, height = view.size_px[row]
    inside = (z > 0) & (column >= -0.5) & (column <= width - 0.5) & (line >= -0.5) & (line <= height - 0.5)
    found = np.full((len(directions), 3), np.nan, np.float32)
    c, r = np.clip(column[inside], 0, width - 1), np.clip(line[inside], 0, height - 1)
    left, top = np.minimum(c.astype(int), width - 2), np.minimum(r.astype(int), height - 2)
    picture = view.light[view.start[row] : view.start[row] + width * height].reshape(height, width, 3)
    fc, fr = (c - left)[:, None], (r - top)[:, None]
    above = picture[top, left] * (1 - fc) + picture[top, left + 1] * fc
    below = picture[top + 1, left] * (1 - fc) + picture[top + 1, left + 1] * fc
    found[inside] = above * (1 - fr) + below * fr
    return found
