"""A picture becomes splats in the sector that it shows: ground by perspective, what stands on it as a backdrop, sky.

No depth is known, so the simplest stage set is built: the ground runs level to the backdrop's foot, the backdrop is a
wall round the eye, the sky is far. From the middle of the stage it is the picture itself.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.lift import SKY_M, patches, splats_of
from generators.panorama import directions, painted
from generators.picture.view import EYE_M, View
from generators.push_pull import filled
from generators.splat_moves import Move, moved
from generators.splat_sets import merged, taken
from generators.splats import Splats, Tag

Floats32 = NDArray[np.float32]

BACKDROP_M = 30.0
_BEHIND_RAD = 0.08
"""How far below the horizon the sky goes on behind the backdrop: a camera on a crane looks over its foot."""
_HIGHEST_PX, _FEATHER = 1536, 0.12
"""Rows of the panorama that it is painted into; and the share of the picture over which it fades out at its rim."""


class Sector(NamedTuple):
    """The picture's splats and where the place behind has to give way."""

    splats: Splats
    camera_share: Floats32
    """[H, 2H]: how much of the picture there is in each direction from the eye, 0..1."""


def sector_of(view: View, most: int) -> Sector:
    """Of about so many splats at most."""
    rows = _rows(view, most)
    encoded, inside = painted(view.encoded, view.camera, rows)
    share = _share(view, rows) * inside
    sky = painted(view.sky[..., None].astype(np.float32), view.camera, rows)[0][..., 0] > 0.5
    towards = directions(rows)
    flat = np.maximum(np.hypot(towards[..., 0], towards[..., 1]), 1e-4)
    floor = np.where(towards[..., 2] < -1e-4, EYE_M / np.maximum(-towards[..., 2], 1e-4), np.inf)
    backdrop = BACKDROP_M / flat
    shown = share > 0.01
    standing = np.where(shown & ~sky, np.minimum(floor, backdrop), 0).astype(np.float32)
    found = patches(encoded, standing)
    solid = splats_of(found, Tag.STRUCTURE)
    on_floor = solid.means_m[:, 2] < 0.01 - EYE_M
    parts = [solid._replace(tags=np.where(on_floor, np.uint8(Tag.TERRAIN), np.uint8(Tag.STRUCTURE)))]
    if (shown & sky).any():
        open_sky = filled(encoded, sky & inside)  # it goes on behind what stands before it
        above = np.where(shown & (sky | (towards[..., 2] > -_BEHIND_RAD)), SKY_M, 0).astype(np.float32)
        parts.append(splats_of(patches(open_sky, above, flat=True), Tag.SKY))
    faded = [part._replace(opacities_unit=_faded(part, share)) for part in parts]
    return Sector(moved(merged(faded), Move(np.eye(3), (0.0, 0.0, EYE_M))), share.astype(np.float32))


def _faded(splats: Splats, share: Floats32) -> Floats32:
    return (splats.opacities_unit * _at(share, splats.means_m)).astype(np.float32)


def given_way(splats: Splats, sector: Sector) -> Splats:
    """A place without what stands where the picture is; what is under the picture's fading rim stays."""
    from_eye = splats.means_m - np.array((0, 0, EYE_M), np.float32)
    covered = _at(sector.camera_share, from_eye)
    return taken(splats, covered < 0.98)


def _rows(view: View, most: int) -> int:
    """As fine as the picture, or as the number of splats allows."""
    width, _ = view.camera.size_px
    fine = math.pi * view.camera.focal_px[0]
    share = 4 * math.pi / max(1e-3, _solid_angle(view))
    return max(64, round(min(_HIGHEST_PX, fine, math.sqrt(most * share * math.pi / 4), math.pi * width)))


def _solid_angle(view: View) -> float:
    width, height = view.camera.size_px
    a, b = 0.5 * width / view.camera.focal_px[0], 0.5 * height / view.camera.focal_px[1]
    return 4 * math.asin(a * b / math.sqrt((1 + a * a) * (1 + b * b)))


def _share(view: View, rows: int) -> Floats32:
    """1 in the picture, fading to 0 over its rim."""
    width, height = view.camera.size_px
    x, y = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height
    across = np.minimum(x, 1 - x)[None, :] / _FEATHER
    down = np.minimum(y, 1 - y)[:, None] * (height / width) / _FEATHER
    fade = np.clip(np.minimum(across, down), 0, 1)
    smooth = (fade * fade * (3 - 2 * fade)).astype(np.float32)
    return painted(smooth[..., None], view.camera, rows)[0][..., 0]


def _at(share: Floats32, from_eye: Floats32) -> Floats32:
    """A panorama's values where splats are seen."""
    height, width = share.shape
    x, y, z = from_eye.T
    column = (((0.5 + np.arctan2(x, y) / math.tau) * width).astype(int)) % width
    row = np.clip(((0.5 - np.arctan2(z, np.hypot(x, y)) / math.pi) * height).astype(int), 0, height - 1)
    return share[row, column]
