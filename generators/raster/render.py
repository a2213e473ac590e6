"""`render`: splats and a camera in; light, depth and alpha out."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.camera import Camera
from generators.raster import kernels
from generators.raster.harmonics import colours_seen
from generators.splats import Splats

Floats32 = NDArray[np.float32]


class Picture(NamedTuple):
    """What a camera sees of splats."""

    light_unit: Floats32
    """[H, W, 3], scene-linear, premultiplied by alpha."""
    depth_m: Floats32
    """[H, W], along the optical axis, the mean of what is seen; inf where alpha is below one half."""
    alpha_unit: Floats32
    """[H, W]."""


class Composited(NamedTuple):
    """What the loops give, before it is light."""

    encoded_unit: Floats32
    """[H, W, 3], sRGB-encoded, premultiplied."""
    depth_sum_m: Floats32
    """[H, W], depth times weight."""
    passing_unit: Floats32
    """[H, W]: 1 - alpha."""


def render(splats: Splats, camera: Camera, *, threads: int = 0) -> Picture:
    """Scene-linear light: the encoded picture, blended as splats are trained, decoded once at the end."""
    seen = composited(splats, camera, threads=threads)
    alpha = 1.0 - seen.passing_unit
    solid = np.maximum(alpha, 1e-6)
    light = decoded(seen.encoded_unit / solid[..., None]) * (alpha * np.float32(splats.white_unit))[..., None]
    depth = np.where(alpha >= 0.5, seen.depth_sum_m / solid, np.inf).astype(np.float32)
    return Picture(light, depth, alpha)


def composited(splats: Splats, camera: Camera, *, threads: int = 0) -> Composited:
    """Projection, binning, compositing. `threads` 0 takes all cores."""
    width, height = camera.size_px
    count, workers = len(splats.means_m), threads or os.cpu_count() or 1
    row = np.array(
        [
            *camera.position_m,
            *np.asarray(camera.plane_from_stage).ravel(),
            *camera.focal_px,
            *camera.centre_px,
            width,
            height,
            camera.near_m,
        ],
        np.float32,
    )
    seen, conics = np.empty((count, 3), np.float32), np.empty((count, 3), np.float32)
    depths, boxes = np.full(count, np.inf, np.float32), np.empty((count, 4), np.int32)
    tiles_x, tiles_y = -(-width // kernels.TILE_PX), -(-height // kernels.TILE_PX)
    light, left = np.zeros((height, width, 3), np.float32), np.ones((height, width), np.float32)
    depth = np.zeros((height, width), np.float32)
    with ThreadPoolExecutor(workers) as pool:
        parts = np.linspace(0, count, 4 * workers + 1).astype(int)
        args = (splats.means_m, splats.rotations_wxyz, splats.scales_m, splats.opacities_unit, row)
        list(pool.map(lambda a, b: kernels.project(*args, a, b, seen, conics, depths, boxes), parts[:-1], parts[1:]))
        visible = np.flatnonzero(boxes[:, 1] > boxes[:, 0])
        order = visible[np.argsort(depths[visible], kind="stable")].astype(np.int32)
        colours = np.zeros((count, 3), np.float32)
        colours[visible] = colours_seen(splats.sh[visible], splats.means_m[visible], row[:3])
        counts, starts, none = np.zeros(tiles_x * tiles_y, np.int32), np.zeros(1, np.int32), np.empty(0, np.int32)
        bands = np.linspace(0, tiles_y, min(4 * workers, tiles_y) + 1).astype(int)
        tops, ends = bands[:-1], bands[1:]
        list(pool.map(lambda a, b: kernels.bin_rows(order, boxes, tiles_x, a, b, counts, starts, none), tops, ends))
        starts = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
        members = np.empty(max(int(starts[-1]), 1), np.int32)
        counts[:] = 0
        list(pool.map(lambda a, b: kernels.bin_rows(order, boxes, tiles_x, a, b, counts, starts, members), tops, ends))
        drawn = (tiles_x, starts, members, seen, conics, depths, colours, light, depth, left)
        list(pool.map(lambda tile_row: kernels.composite(tile_row, *drawn), range(tiles_y)))
    return Composited(light, depth, left)


def decoded(encoded: NDArray[np.floating]) -> Floats32:
    """IEC 61966-2-1: sRGB-encoded values to linear; above 1 the curve goes on."""
    x = np.asarray(encoded, np.float32)
    return np.where(x <= 0.04045, x / 12.92, ((np.maximum(x, 0) + 0.055) / 1.055) ** 2.4).astype(np.float32)
