"""How far away things are and where they face, pixel by pixel, of splats taken for what they mostly are: thin discs.

A splat's own depth is its centre's, and the nearest of a floor's overlapping discs is always in front: blended depths
lie up to a disc's size before the floor, and ripple. So the discs' planes are blended instead, normal and distance from
the eye alike, and the ray is met with the plane that comes out (Chen et al. 2024, PGSR).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.camera import Camera
from generators.raster.render import composited
from generators.splats import Splats, solid_colours

Floats32 = NDArray[np.float32]
_FAIR = (0.7, 1.4)
"""Depth over blended depth, beyond which a plane is seen too flat to be trusted."""


class Geometry(NamedTuple):
    """Of a picture."""

    depth_m: Floats32
    """[H, W], along the optical axis; inf where alpha is below one half."""
    normals: Floats32
    """[H, W, 3], unit, stage frame, towards the camera; zero where depth is inf."""


def geometry(things: Splats, camera: Camera) -> Geometry:
    """Of splats without their sky, which would shine through whatever is not quite opaque."""
    width, height = camera.size_px
    if not len(things.means_m):
        return Geometry(np.full((height, width), np.inf, np.float32), np.zeros((height, width, 3), np.float32))
    from_eye = things.means_m - np.asarray(camera.position_m, np.float32)
    facing = _thinnest(things)
    away = np.sum(facing * from_eye, axis=1) > 0
    facing[away] = np.negative(facing[away])
    distance = np.abs(np.sum(facing * from_eye, axis=1))
    seen = composited(things._replace(sh=solid_colours(0.5 + 0.5 * facing)), camera)
    planes = composited(things._replace(sh=solid_colours(np.repeat(distance[:, None], 3, axis=1))), camera)
    alpha = 1.0 - seen.passing_unit
    blended = 2.0 * seen.encoded_unit - alpha[..., None]
    there = alpha >= 0.5
    blended_depth = seen.depth_sum_m / np.maximum(alpha, 1e-6)
    slant = np.maximum(-np.sum(blended * _rays(camera), axis=-1), 1e-6)
    depth = np.clip(planes.encoded_unit[..., 0] / slant, _FAIR[0] * blended_depth, _FAIR[1] * blended_depth)
    length = np.maximum(np.linalg.norm(blended, axis=-1), 1e-6)
    normals = np.where(there[..., None], blended / length[..., None], 0.0)
    return Geometry(np.where(there, depth, np.inf).astype(np.float32), normals.astype(np.float32))


def _thinnest(splats: Splats) -> Floats32:
    """[N, 3], unit: each splat's shortest axis."""
    w, x, y, z = splats.rotations_wxyz.T
    columns = np.stack(
        (
            np.stack((1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)), axis=-1),
            np.stack((2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)), axis=-1),
            np.stack((2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)), axis=-1),
        ),
        axis=1,
    )
    return columns[np.arange(len(columns)), np.argmin(splats.scales_m, axis=1)]


def _rays(camera: Camera) -> NDArray[np.float64]:
    """[H, W, 3], stage frame, one metre long along the optical axis."""
    width, height = camera.size_px
    x = (np.arange(width) + 0.5 - camera.centre_px[0]) / camera.focal_px[0]
    y = (np.arange(height) + 0.5 - camera.centre_px[1]) / camera.focal_px[1]
    plane = np.stack(np.broadcast_arrays(x, y[:, None], np.ones((height, width))), axis=-1)
    return np.asarray(plane @ np.asarray(camera.plane_from_stage))
