"""Where a panorama's pixels look, and where they lie in a cube's pictures: equirectangular, row 0 is up, the centre
column looks along +Y and right of centre is +X."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.camera import Camera
from generators.equirectangular import directions

Floats32 = NDArray[np.float32]


class Spots(NamedTuple):
    """Where each pixel of a panorama lies in the six pictures of a cube."""

    face: NDArray[np.uint8]
    """[H, 2H], index into the cube's faces."""
    column_px: Floats32
    row_px: Floats32
    """[H, 2H], in that face; the first pixel's centre is 0.5."""


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
