"""Draws a wall's picture: each camera's perspective inside its frustum, the outer viewpoint's elsewhere."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Vector
from bridge.wall.frustum import DARK, Inner, shown_to
from bridge.wall.kernels import paint
from bridge.wall.shape import Screen, Shape, pitch_m, pixel_centres, points
from bridge.wall.view_kernels import paint_views
from bridge.wall.views import Painting, sampled
from bridge.world.world import World, trace


class WallPicture(NamedTuple):
    """What a wall shows."""

    light: NDArray[np.float32]
    """[H, W, 3], linear, 1.0 is 100 nits, never above the wall's peak."""
    owner: NDArray[np.int8]
    """[H, W]: the camera whose frustum shows there, or OUTER, or DARK where there is no LED."""


def draw(
    screen: Screen, world: World, inner: Inner, viewpoint_m: Vector, size_px: tuple[int, int] | None = None
) -> WallPicture:
    """The whole picture, in the wall's own pixels or any other size."""
    picture = blank(size_px or screen.pixels)
    draw_rows(screen, world, inner, viewpoint_m, picture, (0, len(picture.owner)))
    return picture


def blank(size_px: tuple[int, int]) -> WallPicture:
    """Room for a picture of (width, height)."""
    width, height = size_px
    return WallPicture(np.empty((height, width, 3), np.float32), np.empty((height, width), np.int8))


def draw_rows(
    screen: Screen, world: World, inner: Inner, viewpoint_m: Vector, into: WallPicture, rows: tuple[int, int]
) -> None:
    """Some rows only. The lock of the interpreter is free meanwhile: a caller with cores gives each thread its rows."""
    eye = np.asarray(viewpoint_m, dtype=np.float64)
    numbers = (_pitch_m(screen.shape, into), screen.peak_unit)
    paint(screen.shape, world, inner, eye, numbers, rows, into.light, into.owner)


def paint_rows(
    screen: Screen,
    world: World,
    inner: Inner,
    painting: Painting,
    viewpoint_m: Vector,
    into: WallPicture,
    rows: tuple[int, int],
) -> None:
    """As `draw_rows`, from views of an environment; what they do not show, the world does."""
    if not len(painting.surround.start) and not len(painting.inner.start):
        return draw_rows(screen, world, inner, viewpoint_m, into, rows)
    x_m, y_m, z_m = viewpoint_m
    eye_peak = (x_m, y_m, z_m, screen.peak_unit)
    paint_views(screen.shape, inner, painting, eye_peak, rows, into.light, into.owner)
    band = slice(*rows)
    bare = np.isnan(into.light[band])
    if bare.any():  # before the surround has come
        own = WallPicture(np.empty_like(into.light), into.owner)
        draw_rows(screen, world, inner, viewpoint_m, own, rows)
        into.light[band][bare] = own.light[band][bare]
    return None


def paint_plain(
    screen: Screen, inner: Inner, painting: Painting, viewpoint_m: Vector, size_px: tuple[int, int]
) -> WallPicture:
    """The same, readable and slow; NaN where no view shows anything."""
    picture = blank(size_px)
    spots = points(screen.shape, pixel_centres(*size_px)).reshape(-1, 3)
    owner = shown_to(inner, spots)
    light = np.full((len(spots), 3), np.nan, np.float32)
    for row, camera in enumerate(inner.camera):
        mine = (owner == camera) & (painting.row[camera] >= 0)
        light[mine] = sampled(painting.inner, int(painting.row[camera]), spots[mine] - inner.pupil_m[row])
    eyes = np.broadcast_to(np.asarray(viewpoint_m, dtype=np.float64), spots.shape).copy()
    for row, camera in enumerate(inner.camera):
        eyes[owner == camera] = inner.pupil_m[row]
    for row in range(len(painting.surround.start)):
        bare = np.isnan(light[:, 0]) & (owner != DARK)
        light[bare] = sampled(painting.surround, row, (spots - eyes)[bare])
    light *= painting.gain_unit
    light[owner == DARK] = 0.0
    picture.light[:] = np.minimum(light, screen.peak_unit).reshape(picture.light.shape)
    picture.owner[:] = owner.reshape(picture.owner.shape)
    return picture


def draw_plain(
    screen: Screen, world: World, inner: Inner, viewpoint_m: Vector, size_px: tuple[int, int]
) -> WallPicture:
    """The same, readable and slow."""
    picture = blank(size_px)
    spots = points(screen.shape, pixel_centres(*size_px)).reshape(-1, 3)
    owner = shown_to(inner, spots)
    eyes = np.broadcast_to(np.asarray(viewpoint_m, dtype=np.float64), spots.shape).copy()
    for row, camera in enumerate(inner.camera):
        eyes[owner == camera] = inner.pupil_m[row]
    rays = spots - eyes
    far = np.linalg.norm(rays, axis=1)
    light, _ = trace(world, eyes, rays, _pitch_m(screen.shape, picture) / far)
    light[owner == DARK] = 0.0
    picture.light[:] = np.minimum(light, screen.peak_unit).reshape(picture.light.shape)
    picture.owner[:] = owner.reshape(picture.owner.shape)
    return picture


def _pitch_m(shape: Shape, picture: WallPicture) -> float:
    height, width = picture.owner.shape
    return math.sqrt(math.prod(pitch_m(shape, (width, height))))
