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
from generators.raster.projection_kernels import FOOTPRINT, TILE_X, TILE_Y, Cloud, Seen, View, borders, project
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
    canvas, white = kernels.Canvas(*seen), np.float32(splats.white_unit)
    shared(lambda a, b: finish(canvas, white, a, b), len(seen.passing_unit), threads)
    return Picture(*canvas)


def composited(splats: Splats, camera: Camera, *, threads: int = 0, antialiased: bool = True) -> Composited:
    """Projection, sorting, compositing. `threads` 0 takes all cores."""
    return drawn(cloud_of(splats), view_of(camera, antialiased), threads, way_back=False).canvas


class Drawn(NamedTuple):
    """A picture and what it was made from: what the way back needs."""

    canvas: Composited
    sheet: kernels.Sheet
    places: NDArray[np.int32]
    """[M]: those taken in `sheet.seen`, in the order of the splats."""
    rows: list[kernels.Row]
    looked_at: NDArray[np.int32]
    """[rows, tiles]: how many of a tile's members were drawn."""


def drawn(cloud: Cloud, view: View, threads: int = 0, *, way_back: bool = True) -> Drawn:
    """Splats on a picture, with everything in between; the rows only for who goes the way back: they are as large as
    all else together, and memory that is given up at once is used again for the next."""
    width, height = int(view.width), int(view.height)
    rows, tiles = -(-height // TILE_Y), -(-width // TILE_X)
    seen, places = projected(cloud, view, threads)
    order = kernels.nearest_first(seen.far, places)
    sheet = kernels.Sheet(seen, *kernels.in_rows(seen.spans, places, order, rows), kernels.EDGES)
    canvas = Composited(*(np.empty((height, width, *rest), np.float32) for rest in ((3,), (), ())))
    looked_at, drawing = np.zeros((rows, tiles), np.int32), kernels.Canvas(*canvas)

    def draw(row: int) -> list[kernels.Row]:
        made = kernels.in_tiles(sheet, row, tiles)
        kernels.composite(made, row * TILE_Y, drawing, looked_at[row])
        return [made] if way_back else []

    kept = [row for of_row in per_row(draw, rows, threads) for row in of_row]
    return Drawn(canvas, sheet, places, kept, looked_at)


def projected(cloud: Cloud, view: View, threads: int = 0) -> tuple[Seen, NDArray[np.int32]]:
    """What is seen, and which of its places are taken."""
    count = len(cloud.means)
    seen = Seen(
        np.empty((count, FOOTPRINT), np.float32),
        np.empty(count, np.int32),
        np.empty(count, np.float32),
        np.empty((count, 2), np.int32),
    )
    taken = shared(lambda a, b: np.arange(a, a + project(cloud, view, a, b, seen), dtype=np.int32), count, threads)
    return seen, np.concatenate(taken)


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


def per_row(work: Callable[[int], T], rows: int, threads: int = 0) -> list[T]:
    """`work(row)` for every row of tiles, on all cores; the results in order."""
    return list(_pool(threads).map(work, range(rows)))


def _cores() -> int:
    return os.cpu_count() or 1


@functools.cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads or _cores(), "raster")


def decoded(encoded: NDArray[np.floating]) -> Floats32:
    """IEC 61966-2-1: sRGB-encoded values to linear; above 1 the curve goes on."""
    x = np.asarray(encoded, np.float32)
    return np.where(x <= 0.04045, x / 12.92, ((np.maximum(x, 0) + 0.055) / 1.055) ** 2.4).astype(np.float32)
