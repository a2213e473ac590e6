"""What shows up when an eye steps aside: holes in what it sees, closed from what lies behind them.

A hole beside something near belongs to what is farther: the near thing's rim does not spread into it. Inside the free
radius it is floor and nothing else. Angles and rows are those of a panorama taken where the eye stands.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs]

from bridge.frames import Vector
from generators.lift import SKY_M, no_front, patches, splats_of
from generators.panorama import directions
from generators.push_pull import filled
from generators.splat_sets import taken
from generators.splats import Splats, Tag

_images: Any = ndimage

Floats32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

OPEN_UNIT = 0.5
"""What passes, at least, where nothing solid is."""
_LEVEL = 0.1
"""What is as far as the floor would be, within so much, is floor."""
_FAR_M = 300.0
"""What a hole this deep shows is sky."""
_SPREAD = 1.4
"""Patches in holes are this much wider than their spacing asks for: what is guessed may be soft, but not porous."""


class Sight(NamedTuple):
    """A panorama from somewhere on the stage."""

    from_m: Vector
    colours: Floats32
    """[H, 2H, 3], sRGB-encoded."""
    distances_m: Floats32
    """[H, 2H], along the ray; anything where it is open."""
    open: Mask
    """[H, 2H]: nothing solid is there."""


def behind(sight: Sight, radius_m: float) -> Sight:
    """The same with nothing open: colours and distances of what is around, of the farther side."""
    known = ~sight.open
    if not known.any() or known.all():
        return sight._replace(open=np.zeros_like(sight.open))
    nearness = np.where(known, 1.0 / np.maximum(sight.distances_m, 1e-3), 0.0)
    nearest: Any = _images.distance_transform_edt(~known, return_distances=False, return_indices=True)
    source = known & no_front(1.0 / np.maximum(nearness[tuple(nearest)], 1e-4))
    told = np.concatenate((sight.colours, nearness[..., None]), axis=2).astype(np.float32)
    guess = filled(told, source if source.any() else known)
    distances, colours = 1.0 / np.maximum(guess[..., 3], 1.0 / SKY_M), guess[..., :3]
    floor_m, inside = _floor(sight.from_m, len(known), radius_m)
    level = np.abs(sight.distances_m / floor_m - 1.0) < _LEVEL
    to_floor = inside | (distances > (1.0 - _LEVEL) * floor_m)
    if (known & level).any():
        colours = np.where(to_floor[..., None], filled(sight.colours, known & level), colours)
    distances = np.where(to_floor, floor_m, distances)
    return Sight(
        sight.from_m,
        np.where(known[..., None], sight.colours, colours).astype(np.float32),
        np.where(known, sight.distances_m, distances).astype(np.float32),
        np.zeros_like(sight.open),
    )


def _floor(from_m: Vector, height: int, radius_m: float) -> tuple[NDArray[np.floating], Mask]:
    """How far the plane at height 0 is [H, 2H], and where that is within the free radius, which is floor and nothing
    else."""
    towards = directions(height)
    down = np.maximum(-towards[..., 2], 1e-6)
    floor = from_m[2] / down
    x, y = from_m[0] + floor * towards[..., 0], from_m[1] + floor * towards[..., 1]
    return floor, (towards[..., 2] < 0) & (np.hypot(x, y) < radius_m)


def closing(whole: Sight, holes: Mask, radius_m: float) -> Splats:
    """Splats in the holes [H, 2H] of a sight that has been closed by `behind`; none where there are none."""
    height = len(holes)
    wanted: Mask = _images.binary_dilation(holes, iterations=1)
    found = patches(whole.colours, whole.distances_m)
    columns, rows = _pixels(found.means_m, height)
    made = taken(splats_of(found, Tag.OTHER), wanted[rows, columns])
    far = np.linalg.norm(made.means_m, axis=1)
    tags = np.where(far > _FAR_M, np.uint8(Tag.SKY), np.uint8(Tag.OTHER)).astype(np.uint8)
    means = (made.means_m + np.asarray(whole.from_m, np.float32)).astype(np.float32)
    floor = (np.hypot(means[:, 0], means[:, 1]) < radius_m) & (means[:, 2] < 0.05)
    tags[floor] = Tag.TERRAIN
    means[floor, 2] = 0.0
    scales = made.scales_m * np.array((_SPREAD, _SPREAD, 1.0), np.float32)
    return made._replace(means_m=means, scales_m=scales, tags=tags)


def _pixels(means_m: Floats32, height: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    x, y, z = means_m.astype(np.float64).T
    columns = ((np.arctan2(x, y) / np.pi + 1.0) * height).astype(np.intp) % (2 * height)
    rows = ((0.5 - np.arctan2(z, np.hypot(x, y)) / np.pi) * height).astype(np.intp)
    return columns, np.clip(rows, 0, height - 1)
