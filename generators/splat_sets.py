"""Sets of splats: parts of them by place or tag, several made one, their bounds and a good order.

Every choice is a mask [N], so choices combine with & | ~ before `taken` copies anything.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Vector
from generators.exposure import exposed
from generators.splats import Splats, Tag

Mask = NDArray[np.bool_]
_NEVER = (-np.inf, np.inf)


class Bounds(NamedTuple):
    """A box along the axes."""

    low_m: Vector
    high_m: Vector


def taken(splats: Splats, which: Mask | NDArray[np.integer]) -> Splats:
    """Those of a mask, or by index and in that order."""
    return Splats(
        means_m=splats.means_m[which],
        rotations_wxyz=splats.rotations_wxyz[which],
        scales_m=splats.scales_m[which],
        opacities_unit=splats.opacities_unit[which],
        sh=splats.sh[which],
        tags=splats.tags[which],
        white_unit=splats.white_unit,
    )


def in_box(splats: Splats, low_m: Vector, high_m: Vector) -> Mask:
    """Means within the box, its faces included."""
    inside = (splats.means_m >= np.asarray(low_m)) & (splats.means_m <= np.asarray(high_m))
    return np.all(inside, axis=1)


def in_sphere(splats: Splats, centre_m: Vector, radius_m: float) -> Mask:
    """Means within the ball."""
    return np.asarray(np.linalg.norm(splats.means_m - np.asarray(centre_m), axis=1) <= radius_m)


def in_cylinder(splats: Splats, centre_m: Vector, radius_m: float, heights_m: tuple[float, float] = _NEVER) -> Mask:
    """Means within an upright cylinder: the stage, between two heights."""
    low, high = heights_m
    from_axis = np.linalg.norm(splats.means_m[:, :2] - np.asarray(centre_m)[:2], axis=1)
    return (from_axis <= radius_m) & (splats.means_m[:, 2] >= low) & (splats.means_m[:, 2] <= high)


def tagged(splats: Splats, tags: Iterable[Tag]) -> Mask:
    """Those that are part of one of these; `~tagged(splats, [Tag.SKY])` is a place without its sky."""
    return np.isin(splats.tags, [int(tag) for tag in tags])


def merged(parts: Sequence[Splats]) -> Splats:
    """All of them, in order, at the largest white and the highest degree of harmonics. ValueError for none.

    Parts of another exposure are re-encoded (`generators.exposure`): mean colours are exact.
    """
    if not parts:
        raise ValueError("merging splats: expected at least one set, got none")
    white = max(part.white_unit for part in parts)
    count = max(part.sh.shape[1] for part in parts)
    told = [exposed(part, white) for part in parts]
    return Splats(
        means_m=np.concatenate([part.means_m for part in told]),
        rotations_wxyz=np.concatenate([part.rotations_wxyz for part in told]),
        scales_m=np.concatenate([part.scales_m for part in told]),
        opacities_unit=np.concatenate([part.opacities_unit for part in told]),
        sh=np.concatenate([of_degree(part, count).sh for part in told]),
        tags=np.concatenate([part.tags for part in told]),
        white_unit=white,
    )


def of_degree(splats: Splats, count: int) -> Splats:
    """With `count` (1, 4, 9, 16) coefficients: cut off, or filled up with zeros."""
    there = splats.sh.shape[1]
    if there >= count:
        return splats._replace(sh=np.ascontiguousarray(splats.sh[:, :count]))
    filled = np.zeros((len(splats.sh), count, 3), np.float32)
    filled[:, :there] = splats.sh
    return splats._replace(sh=filled)


def bounds(splats: Splats, sigmas: float = 3.0) -> Bounds:
    """Of every splat out to so many standard deviations. ValueError for no splats."""
    w, x, y, z = splats.rotations_wxyz.astype(np.float64).T
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    reach = sigmas * np.stack(
        [np.sqrt(sum((row[k] * splats.scales_m[:, k]) ** 2 for k in range(3))) for row in rows], 1
    )
    return _box(splats.means_m - reach, splats.means_m + reach, 0.0)


def robust_bounds(splats: Splats, share_unit: float = 0.01) -> Bounds:
    """Of the means, without the sky and without that share at either end: where the place is, not its stray splats."""
    ground = splats.means_m[~tagged(splats, [Tag.SKY])]
    means = ground if len(ground) else splats.means_m
    return _box(means, means, share_unit)


def spatial_order(splats: Splats) -> NDArray[np.intp]:
    """Neighbours in space beside each other (Morton's curve): `taken(splats, spatial_order(splats))` packs smaller."""
    return np.argsort(morton(splats.means_m.astype(np.float64)), kind="stable")


def morton(points: NDArray[np.float64]) -> NDArray[np.uint64]:
    """[N, 3] -> keys of 63 bits, 21 an axis, over the points' own box."""
    low = points.min(axis=0, initial=np.inf)
    size = max(float((points - low).max(initial=0.0)), 1e-12)
    cells = ((points - low) * ((2**21 - 1) / size)).astype(np.uint64)
    spread = [_spread(cells[:, axis]) << np.uint64(axis) for axis in range(3)]
    return spread[0] | spread[1] | spread[2]


def _spread(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Two zero bits between each two of 21."""
    steps = ((32, 0x1F00000000FFFF), (16, 0x1F0000FF0000FF), (8, 0x100F00F00F00F00F), (4, 0x10C30C30C30C30C3))
    for shift, mask in (*steps, (2, 0x1249249249249249)):
        x = (x | (x << np.uint64(shift))) & np.uint64(mask)
    return x


def _box(low: NDArray[np.floating], high: NDArray[np.floating], share: float) -> Bounds:
    if not len(low):
        raise ValueError("bounds: expected at least one splat, got none")
    a, b = np.quantile(low, share, axis=0), np.quantile(high, 1.0 - share, axis=0)
    return Bounds((float(a[0]), float(a[1]), float(a[2])), (float(b[0]), float(b[1]), float(b[2])))
