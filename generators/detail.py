"""Level of detail: fewer splats that look the same from the stage.

Splats of one tag are sorted along a curve through space as the eye sees it (angles, and the logarithm of distance), and
a binary tree over that order says which lie together. Each branch has a price: what merging it into one splat would do
to the picture seen from the eye, colour and place, in squared error times solid angle. The cheapest merges are made
until the wanted number is left. A merged splat keeps its parts' mean, covariance and colour, and their mass (opacity
times area seen), so that brightness and alpha hold: where a splat cannot be opaque enough for its mass, it grows.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import transform  # pyright: ignore[reportMissingTypeStubs]

from bridge.frames import Vector
from generators import detail_kernels as kernels
from generators.splat_sets import morton, taken
from generators.splats import SH_C0, Splats

Floats = NDArray[np.float64]
_kernels: Any = kernels  # compiled, so without types

SHARES = (1 / 3, 1 / 10)
"""Of the full count: the middle and the coarse level."""
_DEPTH_WEIGHT = 0.35
"""A step away from the eye shows less than one across."""
_PLACE_WEIGHT = 0.012
"""Squared contrast that a misplaced splat shows against what is behind it, taken the same for all."""
_MOST_OPACITY = 0.99
_MOST_GROWTH = 1.35


def levels(splats: Splats, eye_m: Vector, shares: tuple[float, float] = SHARES) -> tuple[Splats, Splats, Splats]:
    """Full, middle and coarse, for an eye on the stage (head height, its middle)."""
    count = len(splats.means_m)
    middle = thinned(splats, eye_m, round(count * shares[0]))
    return splats, middle, thinned(middle, eye_m, round(count * shares[1]))


def thinned(splats: Splats, eye_m: Vector, count: int) -> Splats:
    """`count` splats (one for each tag at least) that look most like all of them from `eye_m`."""
    if max(count, 1) >= len(splats.means_m):
        return splats
    keys = _keys(splats, eye_m)
    order = np.argsort(keys)
    sorted_splats, measured = taken(splats, order), _measured(taken(splats, order), eye_m)
    branches = np.empty((len(order) - 1, 4), np.int64)
    _kernels.grow(keys[order], branches)
    errors = np.empty(len(branches))
    _kernels.cost(branches, measured.rows, _PLACE_WEIGHT, errors)
    errors[_mixed(branches, sorted_splats.tags)] = np.inf
    starts = np.zeros(len(order), np.bool_)
    merges = min(len(order) - max(count, 1), int(np.isfinite(errors).sum()))
    _kernels.cut(branches, errors, np.partition(errors, merges - 1)[merges - 1] if merges else -1.0, starts)
    return _merged(sorted_splats, measured, np.flatnonzero(starts), eye_m)


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
    opacity = mass / _areas(covariances, means - np.asarray(eye_m))
    growth = np.clip(np.sqrt(opacity / _MOST_OPACITY), 1.0, _MOST_GROWTH)
    kept.means_m[several], kept.rotations_wxyz[several], kept.sh[several] = means, rotations, sh
    kept.scales_m[several] = scales * growth[:, None]
    kept.opacities_unit[several] = np.minimum(opacity, _MOST_OPACITY)
    return kept


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
