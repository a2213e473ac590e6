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
    """Along the ray instead of the axis, of the nearest pixel: a mean over an edge would be nowhere."""
    side = depths_m.shape[1]
    column = np.clip(at.column_px.astype(np.int32), 0, side - 1)
    row = np.clip(at.row_px.astype(np.int32), 0, side - 1)
    half = 0.5 * side
    longer = np.sqrt(1 + ((at.column_px - half) / half) ** 2 + ((at.row_px - half) / half) ** 2)
    return (depths_m[at.face, row, column] * longer).astype(np.float32)
