"""`render`: splats and a camera in; light, depth and alpha out."""

import functools
import importlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from generators.camera import Camera
from generators.raster import cuda, kernels
from generators.raster.kernels import finish
from generators.raster.projection_kernels import FOOTPRINT, Cloud, View, borders, project
from generators.splats import Splats

Floats32 = NDArray[np.float32]
T = TypeVar("T")


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


def render(
    splats: Splats,
    camera: Camera,
    *,
    threads: int = 0,
    antialiased: bool = True,
    device: Literal["auto", "cpu", "cuda"] = "auto",
) -> Picture:
    """Scene-linear light: the encoded picture, blended as splats are trained, decoded once at the end.

    `antialiased` off is for splats that were trained without it. `device` auto takes CUDA where it is.
    """
    if device == "cuda" or (device == "auto" and cuda.usable()):
        seen = importlib.import_module("generators.raster.gpu").composited(splats, camera, antialiased=antialiased)
    else:
        seen = composited(splats, camera, threads=threads, antialiased=antialiased)
    height, width = seen.passing_unit.shape
    light, depth = np.empty((height, width, 3), np.float32), np.empty((height, width), np.float32)
    alpha = np.empty((height, width), np.float32)
    canvas, white = kernels.Canvas(*seen), np.float32(splats.white_unit)
    shared(lambda a, b: finish(canvas, white, (a, b), light, depth, alpha), height, threads)
    return Picture(light, depth, alpha)


def composited(splats: Splats, camera: Camera, *, threads: int = 0, antialiased: bool = True) -> Composited:
    """Projection, sorting, compositing. `threads` 0 takes all cores."""
    return drawn(cloud_of(splats), view_of(camera, antialiased), threads).canvas


class Drawn(NamedTuple):
    """A picture and what it was made from: what the way back needs."""

    canvas: Composited
    sheet: kernels.Sheet
    whose: NDArray[np.int32]
    """[M]: the splat of each footprint."""
    looked_at: NDArray[np.int32]
    """[rows, tiles]: how many of a tile's members were drawn."""


def drawn(cloud: Cloud, view: View, threads: int = 0) -> Drawn:
    """Splats on a picture, with everything in between."""
    width, height = int(view.width), int(view.height)
    footprints, whose = projected(cloud, view, threads)
    rows, tiles = -(-height // kernels.TILE_Y), -(-width // kernels.TILE_X)
    sheet = kernels.Sheet(footprints, *kernels.in_rows(footprints, rows))
    canvas = Composited(*(np.empty((height, width, *rest), np.float32) for rest in ((3,), (), ())))
    looked_at, drawing = np.zeros((rows, tiles), np.int32), kernels.Canvas(*canvas)
    per_row(lambda row: kernels.composite(sheet, drawing, row, looked_at), looked_at, threads)
    return Drawn(canvas, sheet, whose, looked_at)


def projected(cloud: Cloud, view: View, threads: int = 0) -> tuple[Floats32, NDArray[np.int32]]:
    """Footprints [M, 16] of what is seen, nearest first, and whose they are."""
    count = len(cloud.means)
    footprints, whose = np.empty((count, FOOTPRINT), np.float32), np.empty(count, np.int32)
    found = shared(lambda a, b: np.arange(a, a + project(cloud, view, a, b, footprints, whose)), count, threads)
    order = kernels.nearest_first(footprints, np.concatenate(found).astype(np.int32))
    ordered = np.empty((len(order), FOOTPRINT), np.float32)
    shared(lambda a, b: kernels.gather(footprints, order, a, b, ordered), len(order), threads)
    return ordered, whose[order]


def view_of(camera: Camera, antialiased: bool = True) -> View:
    """A camera as the kernels want it."""
    (fx, fy), (cx, cy), (width, height) = camera.focal_px, camera.centre_px, camera.size_px
    turn = np.asarray(camera.plane_from_stage).ravel()
    sides = *borders(fx, cx, width), *borders(fy, cy, height)
    numbers = (*camera.position_m, *turn, fx, fy, cx, cy, width, height, camera.near_m, *sides, antialiased)
    return View(*(np.float32(number) for number in numbers))


def cloud_of(splats: Splats) -> Cloud:
    """The arrays the kernels read, as they want them."""
    return Cloud(*(np.ascontiguousarray(array, np.float32) for array in splats[:5]))


def shared(work: Callable[[int, int], T], count: int, threads: int = 0) -> list[T]:
    """`work(first, last)` over parts of 0..count on all cores; the results in order."""
    parts = np.linspace(0, count, min(4 * (threads or _cores()), max(count, 1)) + 1).astype(int).tolist()
    return list(_pool(threads).map(work, parts[:-1], parts[1:]))


def per_row(work: Callable[[int], object], looked_at: NDArray[np.int32], threads: int = 0) -> None:
    """`work(row)` for every row of tiles, on all cores."""
    list(_pool(threads).map(work, range(len(looked_at))))


def _cores() -> int:
    return os.cpu_count() or 1


@functools.cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads or _cores(), "raster")


def decoded(encoded: NDArray[np.floating]) -> Floats32:
    """IEC 61966-2-1: sRGB-encoded values to linear; above 1 the curve goes on."""
    x = np.asarray(encoded, np.float32)
    return np.where(x <= 0.04045, x / 12.92, ((np.maximum(x, 0) + 0.055) / 1.055) ** 2.4).astype(np.float32)
