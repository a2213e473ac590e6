"""What is behind everything, so that no eye on the stage looks through: ground that goes on under what stands on it,
and, where there is no sky, walls behind the walls. Soft, and hidden wherever something better is known.

A lifted surface is one layer of small splats; drawn smaller than it was seen, anti-aliasing lets a few percent
through, and behind an outline there may be nothing at all.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs]

from generators.lift import Panorama, patches, splats_of
from generators.panorama import directions, in_directions
from generators.push_pull import filled
from generators.splat_moves import Move, moved
from generators.splat_sets import merged
from generators.splats import Splats, Tag, solid_colours

_images: Any = ndimage

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

ROUND = 160
"""Patches of ground on each ring; rings are as far apart."""
NEAREST_M, FARTHEST_M = 0.25, 900.0
SUNK_M, DEEP_M = 0.004, 0.3
"""Below the floor: within the free radius, and some way beyond, where ground lies everywhere and what was seen shall
hide it."""
_OVERLAP = 1.0
"""Standard deviation over spacing: closed by itself."""
_DEEPER = 1.15
"""Where the panorama sees so much farther than the ground is, the ground ends: a cliff, a stair down."""
_EVERY = 4


class Placed(NamedTuple):
    """A panorama and where on the stage it was seen from."""

    panorama: Panorama
    stage_from_eye: Move


def backdrop(placed: Placed, radius_m: float) -> Splats:
    """Stage frame."""
    ground = _ground(placed, radius_m)
    if placed.panorama.sky.any():
        return ground
    return merged((ground, moved(_walls(placed.panorama), placed.stage_from_eye)))


def _ground(placed: Placed, radius_m: float) -> Splats:
    """Rings of level patches at height 0, as wide as they are apart."""
    rings = int(np.log(FARTHEST_M / NEAREST_M) * ROUND / (2.0 * np.pi))
    radius = NEAREST_M * np.exp(np.arange(rings) * 2.0 * np.pi / ROUND)
    turn = 2.0 * np.pi * (np.arange(ROUND)[None, :] + 0.5 * (np.arange(rings)[:, None] % 2)) / ROUND
    points = np.stack((radius[:, None] * np.sin(turn), radius[:, None] * np.cos(turn), np.zeros(turn.shape)), axis=-1)
    wide = np.repeat(_OVERLAP * 2.0 * np.pi / ROUND * radius, ROUND)
    points = points.reshape(-1, 3)
    colours, wanted, well_seen = _floor_colours(placed, points)
    outside = np.clip((np.repeat(radius, ROUND) - radius_m) / 2.0, 0.0, 1.0)
    there = wanted & ~(well_seen & (outside == 0.0))
    points[:, 2] = -SUNK_M - outside * (DEEP_M - SUNK_M)
    count = int(there.sum())
    return Splats(
        points[there].astype(np.float32),
        np.tile(np.array((1, 0, 0, 0), np.float32), (count, 1)),
        np.stack((wide, wide, np.minimum(0.002, 0.1 * wide)), axis=1)[there].astype(np.float32),
        np.full(count, 0.999, np.float32),
        solid_colours(colours[there]),
        np.full(count, Tag.TERRAIN, np.uint8),
    )


def _floor_colours(placed: Placed, points_m: Floats) -> tuple[Floats32, Mask, Mask]:
    """Of places [N, 3] at height 0: what colour the panorama has there, or round about; whether there can be ground,
    which is not where something deeper is seen; and whether it is seen."""
    panorama, move = placed.panorama, placed.stage_from_eye
    towards = directions(len(panorama.colours)).astype(np.float64) @ np.asarray(move.turn).T
    down = -towards[..., 2]
    plane = np.where(down > 0, move.offset_m[2] / np.maximum(down, 1e-9), np.inf)
    distances = np.where(panorama.sky, np.inf, panorama.distances_m * move.scale_unit)
    known = (plane < FARTHEST_M) & (distances < _DEEPER * plane) & (distances * _DEEPER > plane)
    deeper = panorama.sky | ((distances > _DEEPER * plane) & (down > 0.1))
    below = (down > 0) & ~panorama.sky
    source = known if known.any() else below
    told = np.concatenate((filled(panorama.colours, source), np.stack((deeper, known), axis=-1)), axis=2)
    away = points_m - np.asarray(move.offset_m)
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    seen = in_directions(told.astype(np.float32), (away @ np.asarray(move.turn)).astype(np.float32))
    return seen[:, :3], seen[:, 3] < 0.5, seen[:, 4] > 0.5


def _walls(panorama: Panorama) -> Splats:
    """Beyond the farthest that is seen, in the colours that are seen."""
    colours, distances = panorama.colours[::_EVERY, ::_EVERY], panorama.distances_m[::_EVERY, ::_EVERY]
    soft = _images.uniform_filter(colours, (5, 5, 1), mode=("nearest", "wrap", "nearest"))
    far = np.full(distances.shape, 1.1 * float(distances.max()), np.float32)
    made = splats_of(patches(soft, far, flat=True), Tag.OTHER)
    return made._replace(scales_m=made.scales_m * np.float32(1.3))
