"""Level of detail: fewer splats that look the same from the stage, each level built to an error on the screen.

Splats of one tag are sorted along a curve through space as the eye sees it (angles, and the logarithm of distance), and
a binary tree over that order says which lie together. Each branch has a price: what merging it into one splat would do
to the picture seen from the eye (colour, place, and gaps that would close), in squared error times solid angle. Its
root is the merge's error on the screen: the side, in radians, of the square that would be wholly wrong. A level makes
the largest merges whose error is no more than its own. A merged splat keeps its parts' mean, covariance and colour, and
their mass (opacity times area seen), so that brightness and alpha hold: where a splat cannot be opaque enough for its
mass, it grows.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import transform  # pyright: ignore[reportMissingTypeStubs]

from bridge.frames import Vector
from generators import detail_kernels as kernels
from generators.splat_sets import morton, taken
from generators.splats import SH_C0, Splats, Tag

Floats = NDArray[np.float64]
_kernels: Any = kernels  # compiled, so without types

PIXEL_RAD = 0.65e-3
"""What errors are told against: a pixel of a wall of 2.6 mm pitch, seen from 4 m."""
ERRORS_RAD = (0.0, PIXEL_RAD, 4 * PIXEL_RAD)
"""Of the full, the middle and the coarse level."""
_DEPTH_WEIGHT = 0.35
"""A step away from the eye shows less than one across."""
_PLACE_WEIGHT = 0.0005
"""Squared contrast that a misplaced splat shows against its neighbours, taken the same for all."""
_DOUBT = 2.0
"""Splats overlap, and prices are added as if they did not: a picture may be wrong by so many times the price."""
_MOST_OPACITY = 0.99
_MOST_GROWTH = 1.25
"""Of a merged splat whose mass asks for more than that opacity: more would blur outlines."""
_CARPET_GROWTH = 0.6
_CARPET_CONTRAST = 0.02
"""What is flat, or sky, and even may grow by so much more, which closes it where one merged splat meets the next; even:
colours that stand no more apart than that."""


def levels(splats: Splats, eye_m: Vector, errors_rad: Sequence[float] = ERRORS_RAD) -> tuple[Splats, ...]:
    """One for each error, for an eye on the stage (head height, its middle). An error of zero keeps all splats."""
    if len(splats.means_m) < 2 or max(errors_rad) <= 0.0:
        return tuple(splats for _ in errors_rad)
    keys = _keys(splats, eye_m)
    order = np.argsort(keys)
    along = taken(splats, order)
    measured = _measured(along, eye_m)
    branches = np.empty((len(order) - 1, 4), np.int64)
    _kernels.grow(keys[order], branches)
    prices = np.empty(len(branches))
    _kernels.cost(branches, measured.rows, _PLACE_WEIGHT, prices)
    prices[_mixed(branches, along.tags)] = np.inf
    finest = np.finfo(np.float64).max
    return tuple(
        _merged(along, measured, _starts(branches, prices, min(error**2 / _DOUBT, finest)), eye_m)
        if error > 0.0
        else splats
        for error in errors_rad
    )


def _starts(branches: NDArray[np.int64], prices: Floats, most: float) -> NDArray[np.intp]:
    """Which splats begin a group: of the largest branches that cost no more than `most`."""
    found = np.zeros(len(branches) + 1, np.bool_)
    _kernels.cut(branches, prices, most, found)
    return np.flatnonzero(found)


class _Measured(NamedTuple):
    covariances_m2: Floats
    areas_m2: Floats
    """As the eye sees it, over pi."""
    rows: Floats
    """`detail_kernels.MEASURES` of each."""


def _keys(splats: Splats, eye_m: Vector) -> NDArray[np.uint64]:
    """Along Morton's curve through directions drawn out by the logarithm of distance; the tag above all (it shares the
    lowest bit of what 63 bits resolve)."""
    from_eye = splats.means_m.astype(np.float64) - np.asarray(eye_m)
    far = np.maximum(np.linalg.norm(from_eye, axis=1, keepdims=True), 1e-3)
    curve = morton(from_eye / far * (1.0 + _DEPTH_WEIGHT * np.log(np.maximum(far, 1.0))))
    return (splats.tags.astype(np.uint64) << np.uint64(60)) | (curve >> np.uint64(3))


def _measured(splats: Splats, eye_m: Vector) -> _Measured:
    count = len(splats.means_m)
    found = _Measured(np.empty((count, 6)), np.empty(count), np.empty((count, kernels.MEASURES)))
    shapes = (splats.means_m, splats.rotations_wxyz, splats.scales_m, splats.opacities_unit)
    _kernels.measure(shapes, np.asarray(eye_m, np.float64), _DEPTH_WEIGHT, *found)
    found.rows[:, 1:4] = 0.5 + SH_C0 * splats.sh[:, 0]
    return found


def _mixed(branches: NDArray[np.int64], tags: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Branches with splats of several tags: never merged, so that a tag still means something."""
    return tags[branches[:, 0]] != tags[branches[:, 1]]


def _merged(splats: Splats, measured: _Measured, starts: NDArray[np.intp], eye_m: Vector) -> Splats:
    """Groups begin at `starts`. A splat that stays alone stays as it is."""
    ends = np.append(starts[1:], len(splats.means_m))
    kept, several = taken(splats, starts), np.flatnonzero(ends - starts > 1)
    weights = np.maximum(splats.opacities_unit * measured.areas_m2, 1e-30)
    means, covariances = np.empty((len(several), 3)), np.empty((len(several), 6))
    sh = np.empty((len(several), *splats.sh.shape[1:]))
    parts = (splats.means_m, measured.covariances_m2, splats.sh)
    _kernels.merge(starts[several], ends[several], weights, parts, (means, covariances, sh))
    scales, rotations = _axes(covariances)
    mass = np.add.reduceat(weights, starts)[several]
    squares = np.add.reduceat(weights[:, None] * measured.rows[:, 1:4] ** 2, starts)[several]
    opacity = mass / _areas(covariances, means - np.asarray(eye_m))
    flat = np.where(kept.tags[several] == Tag.SKY, 1.0, np.clip(2.0 - 8.0 * scales[:, 0] / scales[:, 1], 0.0, 1.0))
    carpet = flat * _evenness(0.5 + SH_C0 * sh[:, 0], squares / mass[:, None])
    growth = np.clip(np.sqrt(opacity / _MOST_OPACITY), 1.0, _MOST_GROWTH + _CARPET_GROWTH * carpet)
    kept.means_m[several], kept.rotations_wxyz[several], kept.sh[several] = means, rotations, sh
    kept.scales_m[several] = scales * growth[:, None]
    kept.opacities_unit[several] = np.minimum(opacity, _MOST_OPACITY)
    return kept


def _evenness(colours: Floats, squares: Floats) -> Floats:
    """0..1 for each group, from the mean of its colours and of their squares [N, 3]."""
    return 1.0 / (1.0 + np.maximum(squares - colours**2, 0.0).mean(axis=1) / _CARPET_CONTRAST**2)


def _areas(covariances: Floats, from_eye: Floats) -> Floats:
    """Of each ellipse seen, over pi."""
    direction = from_eye / np.maximum(np.linalg.norm(from_eye, axis=1, keepdims=True), 1e-3)
    whole = covariances[:, [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(-1, 3, 3)
    # the root of d' adj(C) d, adj(C) from products of rows
    adjugate = np.stack([np.cross(whole[:, (k + 1) % 3], whole[:, (k + 2) % 3]) for k in range(3)], axis=1)
    return np.sqrt(np.maximum(np.einsum("ni,nij,nj->n", direction, adjugate, direction), 1e-30))


def _axes(covariances: Floats) -> tuple[Floats, Floats]:
    """Standard deviations [N, 3] and rotations wxyz [N, 4]."""
    values, vectors = np.linalg.eigh(covariances[:, [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(-1, 3, 3))
    vectors[:, :, 0] *= np.sign(np.linalg.det(vectors))[:, None]  # right-handed
    return np.sqrt(np.maximum(values, 1e-12)), np.roll(transform.Rotation.from_matrix(vectors).as_quat(), 1, axis=1)
