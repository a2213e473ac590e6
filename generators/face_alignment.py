"""Depth estimated face by face, brought to one scale: faces that see the same thing must say the same distance.

Each face's estimate is right up to a factor, and, where the model is not metric, an offset. Where two faces overlap
their factors are tied; all ties together are a small linear problem, solved robustly, because estimates disagree most
at outlines. Distances are along the ray throughout.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.camera import Camera, look
from generators.panorama import at_places, directions, places

Floats = NDArray[np.float64]
_linalg: Any = np.linalg  # its own types are too wide
Floats32 = NDArray[np.float32]

WIDTH_DEG = 90.0
RINGS: tuple[tuple[float, int], ...] = ((0.0, 8), (50.0, 4), (-50.0, 4), (90.0, 1), (-90.0, 1))
"""Tilt in degrees, and how many faces go round at it: 18, each seen by its neighbours over a third or more."""
_COARSE_PX = 96
_ROUNDS = 20
_HUBER = 0.02


class Correction(NamedTuple):
    """What makes a face's estimate m a distance: factor * m + offset."""

    factors: Floats
    """[F]."""
    offsets: Floats
    """[F], in the estimate's unit."""
    misfit_unit: float
    """Median relative disagreement of overlapping faces that is left."""


def faces(side_px: int) -> list[Camera]:
    """Overlapping cameras that see everything, from the origin."""
    return [
        look((0.0, 0.0, 0.0), 360.0 * index / count, tilt, WIDTH_DEG, (side_px, side_px))
        for tilt, count in RINGS
        for index in range(count)
    ]


def aligned(estimates: list[Floats32], cameras: list[Camera], *, offsets: bool) -> Correction:
    """From estimates [h, w], NaN where a face knows nothing (sky). The factors' mean is 1 and the offsets' 0.

    ValueError where faces do not overlap enough to be tied together.
    """
    seen = _sampled(estimates, cameras)
    one, other, pixel = _pairs(seen)
    if len(np.unique(np.concatenate((one, other)))) < len(cameras) and len(one) == 0:
        raise ValueError(f"faces: {len(cameras)} of them, and no two see the same thing")
    count = len(cameras)
    factors, shifts = np.ones(count), np.zeros(count)
    mine, theirs = seen[one, pixel], seen[other, pixel]
    size = 0.5 * (np.abs(mine) + np.abs(theirs))
    weights, relative = np.ones(len(one)), np.zeros(len(one))
    for _ in range(_ROUNDS):
        solution = _solved((one, other), mine / size, theirs / size, 1.0 / size if offsets else None, weights, count)
        factors, shifts = solution[:count], solution[count:] if offsets else shifts
        left = factors[one] * mine + shifts[one] - factors[other] * theirs - shifts[other]
        relative = np.abs(left) / size
        weights = 1.0 / np.maximum(relative, _HUBER) ** 2 * _HUBER**2
    misfit = float(np.median(np.abs(relative))) if len(one) else 0.0
    return Correction(factors, shifts, misfit)


def _sampled(estimates: list[Floats32], cameras: list[Camera]) -> Floats:
    """[F, P] on an even sphere, NaN where a face does not look or know, or where it has an outline."""
    towards = directions(_COARSE_PX)
    latitude = np.arange(_COARSE_PX)[:, None]
    even = (np.arange(2 * _COARSE_PX)[None, :] * np.sin(np.pi * (latitude + 0.5) / _COARSE_PX)) % 1.0
    thin = np.sin(np.pi * (latitude + 0.5) / _COARSE_PX)
    towards = towards[even < thin]
    found = np.full((len(cameras), len(towards)), np.nan)
    for index, (estimate, camera) in enumerate(zip(estimates, cameras, strict=True)):
        where, inside = places(camera, towards)
        column, row = where[inside].T.astype(int)
        height, width = estimate.shape
        column, row = np.minimum(column, width - 1), np.minimum(row, height - 1)
        smooth = at_places(estimate[..., None], where[inside])[:, 0]
        nearest = estimate[row, column]
        found[index, inside] = np.where(np.abs(smooth - nearest) < 0.05 * np.abs(nearest), smooth, np.nan)
    return found


def _pairs(seen: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Face, other face and sample, of everything that two faces know."""
    known = np.isfinite(seen)
    one: list[NDArray[np.int64]] = []
    other: list[NDArray[np.int64]] = []
    pixel: list[NDArray[np.int64]] = []
    for a in range(len(seen)):
        for b in range(a + 1, len(seen)):
            both = np.flatnonzero(known[a] & known[b])
            one.append(np.full(len(both), a))
            other.append(np.full(len(both), b))
            pixel.append(both)
    return np.concatenate(one), np.concatenate(other), np.concatenate(pixel)


def _solved(
    ends: tuple[NDArray[np.int64], NDArray[np.int64]],
    mine: Floats,
    theirs: Floats,
    shift: Floats | None,
    weights: Floats,
    count: int,
) -> Floats:
    """Factors [F] and, with `shift`, offsets [F] of least weighted disagreement; a gauge for each."""
    size = count * (1 if shift is None else 2)
    matrix, right = np.zeros((size, size)), np.zeros(size)
    one, other = ends
    columns = [(one, mine), (other, -theirs)]
    if shift is not None:
        columns += [(one + count, shift), (other + count, -shift)]
    for i, a in columns:
        for j, b in columns:
            np.add.at(matrix, (i, j), weights * a * b)
    strong = np.trace(matrix) / size + 1e-12
    matrix[:count, :count] += strong / count
    right[:count] += strong
    if shift is not None:
        matrix[count:, count:] += strong / count
    return _linalg.lstsq(matrix + 1e-9 * strong * np.eye(size), right, rcond=None)[0]


def blended(distances: list[Floats32], cameras: list[Camera], height_px: int) -> Floats32:
    """One panorama [H, 2H] of faces [h, w], each fading out towards its edges; NaN where no face knows."""
    towards = directions(height_px)
    total, weight = np.zeros(towards.shape[:2], np.float32), np.zeros(towards.shape[:2], np.float32)
    for distance, camera in zip(distances, cameras, strict=True):
        where, inside = places(camera, towards)
        at = where[inside]
        width, height = camera.size_px
        edge = np.minimum(
            np.minimum(at[:, 0], width - at[:, 0]) / width, np.minimum(at[:, 1], height - at[:, 1]) / height
        )
        found = at_places(distance[..., None], at)[:, 0]
        known = np.isfinite(found) & (found > 0)
        share = np.where(known, np.maximum(edge, 1e-4) ** 2, 0).astype(np.float32)
        total[inside] += share * np.log(np.where(known, found, 1.0))
        weight[inside] += share
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight > 0, np.exp(total / weight), np.nan).astype(np.float32)
