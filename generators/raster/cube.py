"""All round at once: a panorama of splats, by six overlapping pictures; and normals from depth."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Vector
from generators.camera import CUBE_FACES, Camera, look
from generators.panorama import directions
from generators.raster.render import Picture, render
from generators.splats import Splats

Floats32 = NDArray[np.float32]
_WIDER = 1.15
"""Each face sees this much more than its sixth, and blends with its neighbours there: a large near splat is a little
different ellipse in each picture, and so no edge shows."""


class Panorama(NamedTuple):
    """Equirectangular: row 0 is up, the centre column looks along +Y, right of it is +X."""

    light_unit: Floats32
    """[H, 2H, 3], scene-linear, premultiplied by alpha."""
    distance_m: Floats32
    """[H, 2H], along the ray; inf where alpha is below one half."""
    alpha_unit: Floats32
    """[H, 2H]."""


def panorama(splats: Splats, position_m: Vector, rows: int, *, threads: int = 0) -> Panorama:
    """What is seen all round from `position_m`, `rows` high and twice as wide."""
    rays = directions(rows)
    side = max(int(0.75 * rows * _WIDER), 8)
    light, near = np.zeros((rows, 2 * rows, 3), np.float32), np.zeros((rows, 2 * rows), np.float32)
    alpha, total, solid = np.zeros_like(near), np.zeros_like(near), np.zeros_like(near)
    for _, pan, tilt in CUBE_FACES:
        camera = look(position_m, pan, tilt, math.degrees(2.0 * math.atan(_WIDER)), (side, side))
        picture = render(splats, camera, threads=threads)
        inside, columns, lines, weight, slant = _places(rays, camera)
        light[inside] += weight[:, None] * _sampled(picture.light_unit, columns, lines)
        alpha[inside] += weight * _sampled(picture.alpha_unit, columns, lines)
        total[inside] += weight
        nearest = _nearest(picture.depth_m, columns, lines)
        known = np.isfinite(nearest)
        near[inside] += np.where(known, weight * np.where(known, nearest, 0.0) * slant, 0.0)
        solid[inside] += np.where(known, weight, 0.0)
    alpha /= total
    distance = np.where((alpha >= 0.5) & (solid > 0), near / np.maximum(solid, 1e-9), np.inf)
    return Panorama(light / total[..., None], distance.astype(np.float32), alpha)


def normals_of(picture: Picture, camera: Camera) -> Floats32:
    """Unit normals [H, W, 3] in the stage frame, towards the camera, of the surface that the depth is; 0 where there is
    none."""
    width, height = camera.size_px
    x = (np.arange(width) + 0.5 - camera.centre_px[0]) / camera.focal_px[0]
    y = (np.arange(height) + 0.5 - camera.centre_px[1]) / camera.focal_px[1]
    rays = np.empty((height, width, 3))
    rays[..., 0], rays[..., 1], rays[..., 2] = x, y[:, None], 1.0
    solid = np.isfinite(picture.depth_m)
    places = rays * np.where(solid, picture.depth_m, 0.0)[..., None]
    normals = np.cross(_smaller_step(places, 0), _smaller_step(places, 1))
    length = np.linalg.norm(normals, axis=2, keepdims=True)
    normals = np.where(solid[..., None] & (length > 0), normals / np.maximum(length, 1e-30), 0.0)
    return (normals @ camera.plane_from_stage).astype(np.float32)


def _smaller_step(places: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """To the neighbour that is less far off: edges stay sharp."""
    forth = np.diff(places, axis=axis, append=np.take(places, [-1], axis))
    back = np.diff(places, axis=axis, prepend=np.take(places, [0], axis))
    far = np.linalg.norm(forth, axis=2), np.linalg.norm(back, axis=2)
    use_forth = (far[0] > 0) & ((far[0] <= far[1]) | (far[1] == 0))
    return np.where(use_forth[..., None], forth, back)


Placed = tuple[NDArray[np.bool_], Floats32, Floats32, Floats32, Floats32]


def _places(rays: Floats32, camera: Camera) -> Placed:
    """Which rays a face sees, where on its picture, with which weight (0 at its border), and the ray's length at unit
    depth."""
    turned: Any = rays @ camera.plane_from_stage.T.astype(np.float32)
    x: Floats32 = turned[..., 0]
    y: Floats32 = turned[..., 1]
    z: Floats32 = turned[..., 2]
    edge = np.maximum(np.abs(x), np.abs(y)) / np.maximum(z, 1e-6)
    inside = (z > 0) & (edge < _WIDER)
    u, v, z = (x[inside] / z[inside]), (y[inside] / z[inside]), z[inside]
    ramp = np.clip((_WIDER - edge[inside]) / (_WIDER - 1.0 / _WIDER), 0.0, 1.0)
    weight = ramp * ramp * (3.0 - 2.0 * ramp)
    columns = u * np.float32(camera.focal_px[0]) + np.float32(camera.centre_px[0])
    lines = v * np.float32(camera.focal_px[1]) + np.float32(camera.centre_px[1])
    return inside, columns, lines, np.maximum(weight, 1e-6).astype(np.float32), 1.0 / z


def _sampled(picture: Floats32, columns: Floats32, lines: Floats32) -> Floats32:
    """Bilinear."""
    height, width = picture.shape[:2]
    x, y = np.clip(columns - 0.5, 0, width - 1.001), np.clip(lines - 0.5, 0, height - 1.001)
    left, upper = x.astype(np.int32), y.astype(np.int32)
    across, down = x - left, y - upper
    if picture.ndim == 3:
        across, down = across[:, None], down[:, None]
    above = picture[upper, left] * (1 - across) + picture[upper, left + 1] * across
    below = picture[upper + 1, left] * (1 - across) + picture[upper + 1, left + 1] * across
    return (above * (1 - down) + below * down).astype(np.float32)


def _nearest(picture: Floats32, columns: Floats32, lines: Floats32) -> Floats32:
    """The pixel it falls in: depths of two things do not mix."""
    height, width = picture.shape
    column, line = columns.astype(np.int32), lines.astype(np.int32)
    return picture[np.clip(line, 0, height - 1), np.clip(column, 0, width - 1)]
