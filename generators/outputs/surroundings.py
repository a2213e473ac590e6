"""What surrounds the stage's middle: its light, before the real sky, and how far away everything is."""

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Vector
from generators.camera import cube_faces
from generators.outputs.geometry import geometry
from generators.outputs.panorama import Spots, spots
from generators.raster import cube
from generators.splat_sets import tagged, taken
from generators.splats import Splats, Tag

Floats32 = NDArray[np.float32]
SKYLESS_ROWS = 1024
_EDGE = 1.3
"""Between pixels whose depths differ by more."""


def panorama(splats: Splats, sky: Floats32 | None, eye_m: Vector) -> Floats32:
    """Light [H, 2H, 3], scene-linear Rec.709.

    As many rows as the sky has, for its sun must not be smeared; without one the splats' own sky is drawn.
    """
    rows = SKYLESS_ROWS if sky is None else len(sky)
    things = cube.panorama(without_sky(splats), eye_m, rows)
    behind = cube.panorama(only_sky(splats), eye_m, rows).light_unit if sky is None else sky
    return np.asarray(things.light_unit + (1 - things.alpha_unit)[..., None] * behind, np.float32)


def distances(things: Splats, eye_m: Vector, rows: int) -> Floats32:
    """[rows, 2 * rows] metres along the rays to whatever is no sky; inf where there is nothing."""
    faces = cube_faces(eye_m, rows)
    depths = np.stack([geometry(things, camera).depth_m for camera in faces.values()])
    return _along_rays(depths, spots(faces, rows))


def without_sky(splats: Splats) -> Splats:
    """All that is on the ground."""
    return _picked(splats, ~tagged(splats, [Tag.SKY]))


def only_sky(splats: Splats) -> Splats:
    """What can be taken off."""
    return _picked(splats, tagged(splats, [Tag.SKY]))


def _picked(splats: Splats, which: NDArray[np.bool_]) -> Splats:
    return splats if which.all() else taken(splats, which)


def _along_rays(depths_m: Floats32, at: Spots) -> Floats32:
    """Along the ray instead of the axis. A plane's nearness is even across a picture, so that it is read between four
    pixels; over an edge the mean would be nowhere, and the nearest pixel counts."""
    side = depths_m.shape[1]
    nearness = np.where(np.isfinite(depths_m), 1.0 / depths_m, 0.0).astype(np.float32)
    column, row = at.column_px - 0.5, at.row_px - 0.5
    left, top = (np.clip(np.floor(one).astype(np.int32), 0, side - 2) for one in (column, row))
    across, down = (np.clip(one, 0.0, 1.0) for one in (column - left, row - top))
    four = np.stack([nearness[at.face, top + j, left + i] for j in (0, 1) for i in (0, 1)])
    shares = np.stack([(1 - across) * (1 - down), across * (1 - down), (1 - across) * down, across * down])
    even = four.min(axis=0) * _EDGE > four.max(axis=0)
    closest = np.take_along_axis(four, shares.argmax(axis=0)[None], axis=0)[0]
    near = np.asarray(np.where(even, (four * shares).sum(axis=0), closest), np.float32)
    half = 0.5 * side
    longer = np.sqrt(1 + ((at.column_px - half) / half) ** 2 + ((at.row_px - half) / half) ** 2)
    with np.errstate(divide="ignore"):
        return np.asarray(longer / near, np.float32)
