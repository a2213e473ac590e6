"""Everything around one point as a picture: equirectangular, scene-linear; row 0 is up, the centre column looks along
+Y and right of centre is +X."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.camera import Camera

Floats32 = NDArray[np.float32]


class Spots(NamedTuple):
    """Where each pixel of a panorama lies in the six pictures of a cube."""

    face: NDArray[np.uint8]
    """[H, 2H], index into the cube's faces."""
    column_px: Floats32
    row_px: Floats32
    """[H, 2H], in that face; the first pixel's centre is 0.5."""


def directions(rows: int) -> NDArray[np.float64]:
    """Unit vectors [rows, 2 * rows, 3] of the pixels' centres."""
    around = ((np.arange(2 * rows) + 0.5) / (2 * rows) - 0.5) * 2 * np.pi
    height = (0.5 - (np.arange(rows) + 0.5) / rows) * np.pi
    flat = np.cos(height)[:, None]
    up = np.broadcast_to(np.sin(height)[:, None], (rows, 2 * rows))
    return np.stack((flat * np.sin(around), flat * np.cos(around), up), axis=-1)


def spots(faces: Mapping[str, Camera], rows: int) -> Spots:
    """Each pixel in the face whose axis is nearest."""
    seen = directions(rows)
    cameras = list(faces.values())
    axes = np.array([camera.plane_from_stage[2] for camera in cameras])
    face = np.argmax(seen @ axes.T, axis=-1).astype(np.uint8)
    turns = np.array([camera.plane_from_stage for camera in cameras])
    x, y, z = np.moveaxis(np.einsum("hwij,hwj->hwi", turns[face], seen), -1, 0)
    focal, centre = cameras[0].focal_px, cameras[0].centre_px
    column, row = focal[0] * x / z + centre[0], focal[1] * y / z + centre[1]
    return Spots(face, column.astype(np.float32), row.astype(np.float32))


def around(pictures: NDArray[np.float32], at: Spots) -> Floats32:
    """[H, 2H, C] of a cube's pictures [6, side, side, C], linear between pixels."""
    side = pictures.shape[1]
    column = np.clip(at.column_px - 0.5, 0.0, side - 1.001)
    row = np.clip(at.row_px - 0.5, 0.0, side - 1.001)
    left, top = column.astype(np.int32), row.astype(np.int32)
    right, down = (column - left)[..., None], (row - top)[..., None]
    flat, first = pictures.reshape(-1, pictures.shape[-1]), (at.face.astype(np.int32) * side + top) * side + left
    upper = flat[first] * (1 - right) + flat[first + 1] * right
    lower = flat[first + side] * (1 - right) + flat[first + side + 1] * right
    return np.asarray(upper * (1 - down) + lower * down, np.float32)


def over_sky(light: Floats32, alpha: Floats32, sky: Floats32) -> Floats32:
    """Premultiplied light [H, 2H, 3] with alpha [H, 2H] before a sky of the same size."""
    return np.asarray(light + (1 - alpha)[..., None] * sky, np.float32)
