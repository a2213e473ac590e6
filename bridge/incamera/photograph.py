"""Photographs the lit walls as a camera would, and the world as if there were no walls."""

import math
from collections.abc import Sequence
from typing import NamedTuple, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from bridge.distortion import fold_radius, plane_from_pixel
from bridge.incamera.photograph_kernels import Eight, expose, lattice_rays, look, meet_all
from bridge.sight import Sight, focal_px, stage_from_plane
from bridge.wall.shape import Shape
from bridge.world.world import World

Floats = NDArray[np.float64]


class Photo(NamedTuple):
    """A picture as the sensor gets it."""

    light: NDArray[np.float32]
    """[H, W, 3], linear, 1.0 is 100 nits of wall."""
    lit: NDArray[np.float32]
    """[H, W], how much of the pixel saw a lit wall."""


def photograph(sight: Sight, shapes: Sequence[Shape], pictures: Sequence[NDArray[np.float32]]) -> Photo:
    """Walls showing pictures [h, w, 3], each camera pixel averaged over its footprint on the wall."""
    width, height = sight.resolution_px
    directions = lattice(sight, 0.0, (width + 1, height + 1))
    t, uv = np.full(len(directions), math.inf), np.full((len(directions), 2), math.nan)
    which = np.full(len(directions), -1, np.int64)
    eye = np.array(sight.position_m, dtype=np.float64)
    for number, shape in enumerate(shapes):
        meet_all(shape, eye, directions, number, t, uv, which)
    photo = Photo(np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32))
    uv, which = uv.reshape(height + 1, width + 1, 2), which.reshape(height + 1, width + 1)
    for number, picture in enumerate(pictures):
        expose(picture, number, uv, which, photo.light, photo.lit)
    return photo


def direct(sight: Sight, world: World) -> NDArray[np.float32]:
    """The world itself [H, W, 3], seen from the same place through the same lens."""
    width, height = sight.resolution_px
    directions = lattice(sight, 0.5, (width, height))
    light = np.zeros((len(directions), 3), np.float32)
    look(world, np.array(sight.position_m, dtype=np.float64), directions, 1.0 / focal_px(sight), light)
    return light.reshape(height, width, 3)


def lattice(sight: Sight, start_px: float, size: tuple[int, int]) -> Floats:
    """Unit directions [rows * columns, 3] through points one pixel apart, the first at (start, start)."""
    columns, rows = size
    ends = np.array([(start_px, start_px), (start_px + 1.0, start_px + 1.0)])
    first, second = plane_from_pixel(sight.lens, sight.sensor_mm, sight.resolution_px, ends)
    xy = np.array([first[0], second[0] - first[0], first[1], second[1] - first[1]])
    bent, directions = sight.lens.distortion, np.empty((rows * columns, 3))
    k = cast(Eight, tuple(map(float, msgspec.structs.astuple(bent))))
    lattice_rays(columns, xy, stage_from_plane(sight), k, fold_radius(bent), directions)
    return directions


def resized(sight: Sight, width_px: int) -> Sight:
    """The same view with fewer pixels, for a preview."""
    width, height = sight.resolution_px
    return sight._replace(resolution_px=(width_px, max(1, round(height * width_px / width))))
