"""A lifted place set on the stage: its floor found under the eye and laid level at height 0, and the middle freed."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Vector
from generators.panorama import directions
from generators.splat_moves import Move
from generators.splat_sets import taken
from generators.splats import Splats, Tag

Floats = NDArray[np.float64]

EYE_M = 1.6
"""Height of the eye that a panorama is taken to have."""
MOST_TILT_DEG, LEAST_SHARE_UNIT = 12.0, 0.25
"""Beyond these what was found under the eye is no floor."""
FLAT_M, FREE_M = 0.3, 2.5
"""In the free radius what is lower than this is floor; what is between there and here stands in the way."""
_WIDER = 1.35
"""Floor in the free radius, as nothing is behind it: drawn small, anti-aliasing would let 3 % through."""
_ROUNDS = 12


class Floor(NamedTuple):
    """The plane under the eye: normal . p + height_m = 0, with the eye as the origin."""

    normal_unit: Vector
    height_m: float
    share_unit: float
    """How much of what is below agrees."""


def floor_of(distances_m: NDArray[np.floating]) -> Floor | None:
    """From what a panorama [H, 2H] shows 30 degrees and more below level; None where that is no floor."""
    low = distances_m[len(distances_m) * 2 // 3 :]
    towards = directions(len(distances_m))[-len(low) :].astype(np.float64)
    known = np.isfinite(low) & (low > 0)
    if known.sum() < 100:
        return None
    every = max(1, int(known.sum()) // 40_000)
    points = (towards * np.where(known, low, 0)[..., None])[known][::every]
    area = np.hypot(towards[..., 0], towards[..., 1])[known][::every]
    normal, height = np.array((0.0, 0.0, 1.0)), float(np.median(-points[:, 2]))
    for spread in np.geomspace(0.3, 0.02, _ROUNDS):
        off = (points @ normal + height) / height
        weights = area * np.maximum(1.0 - (off / (2.5 * spread)) ** 2, 0.0) ** 2
        if weights.sum() < 1e-3 * area.sum():
            return None
        middle = (weights[:, None] * points).sum(axis=0) / weights.sum()
        centred = points - middle
        normal = np.linalg.eigh((weights[:, None] * centred).T @ centred)[1][:, 0]
        normal = normal if normal[2] > 0 else -normal
        height = -float(normal @ middle)
    share = float(area[np.abs(points @ normal + height) < 0.05 * height].sum() / area.sum())
    tilt_deg = float(np.degrees(np.arccos(min(1.0, normal[2]))))
    if tilt_deg > MOST_TILT_DEG or share < LEAST_SHARE_UNIT or height <= 0:
        return None
    return Floor((float(normal[0]), float(normal[1]), float(normal[2])), height, share)


def stage_from_eye(floor: Floor | None, *, metric: bool, eye_m: float = EYE_M) -> Move:
    """Where distances are `metric` the floor lies as deep as they say, else everything is scaled so that the eye is
    `eye_m` above it; so too where no floor was found."""
    if floor is None:
        return Move(np.eye(3), (0.0, 0.0, eye_m))
    trusted = metric and 0.5 <= floor.height_m <= 4.0
    scale = 1.0 if trusted else eye_m / floor.height_m
    return Move(_upright(np.array(floor.normal_unit)), (0.0, 0.0, floor.height_m * scale), scale)


def _upright(normal: Floats) -> Floats:
    """The least turn that brings `normal` to +Z."""
    axis = np.cross(normal, (0.0, 0.0, 1.0))
    cross = np.array(((0, -axis[2], axis[1]), (axis[2], 0, -axis[0]), (-axis[1], axis[0], 0)))
    return np.eye(3) + cross + cross @ cross / (1.0 + normal[2])


def freed(splats: Splats, radius_m: float) -> tuple[Splats, float]:
    """Floor within the radius laid flat at height 0, and what stood there taken out; and the share of what it hid: how
    much of the view from the middle was taken out."""
    middle = np.hypot(splats.means_m[:, 0], splats.means_m[:, 1])
    reach = splats.scales_m.max(axis=1) * 3
    low = splats.means_m[:, 2] < FLAT_M
    inside = (middle - reach < radius_m) & (splats.tags != Tag.SKY)
    floor = inside & low
    standing = inside & ~floor & (splats.means_m[:, 2] - reach < FREE_M) & (splats.means_m[:, 2] + reach > 0.05)
    means, rotations, scales = splats.means_m.copy(), splats.rotations_wxyz.copy(), splats.scales_m.copy()
    means[floor, 2] = 0
    rotations[floor] = _level(rotations[floor])
    scales[floor, :2] *= _WIDER
    scales[floor, 2] = np.minimum(0.002, 0.1 * scales[floor, 1])
    tags = splats.tags.copy()
    tags[floor] = Tag.TERRAIN
    solid = splats._replace(means_m=means, rotations_wxyz=rotations, scales_m=scales, tags=tags)
    seen = _seen(splats)
    kept = ~standing
    return taken(solid, kept), float(seen[standing].sum() / max(seen.sum(), 1e-9))


def _level(rotations_wxyz: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lying flat, the first axis where it pointed: patches seen aslant are long that way, and touch only so."""
    w, x, y, z = rotations_wxyz.T
    half = 0.5 * np.arctan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z))
    none = np.zeros_like(half)
    return np.stack((np.cos(half), none, none, np.sin(half)), axis=1).astype(np.float32)


def _seen(splats: Splats) -> Floats:
    """About how large each is from head height in the middle."""
    to = splats.means_m - np.array((0, 0, EYE_M), np.float32)
    return (splats.scales_m[:, 1] ** 2 / np.maximum((to**2).sum(axis=1), 1e-3)).astype(np.float64)
