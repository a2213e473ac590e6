"""Lenses, the board's places and what the tracker said, made to agree with all corners at once.

Unknown are a lens per encoder position and where the board was in each shot. Where the tracker's poses are told,
shots are tied to them: then also the mount, an entrance pupil per position, and where the board stood.
Ties are as strong as the tracker is exact. Corners that disagree by far are pulled at less (Huber).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.model import SIZE, beliefs, project, slopes
from bridge.calibrate.lens.rig import (
    MOUNT,
    Corners,
    Ints,
    Rig,
    Told,
    cross_matrices,
    parted,
    shots_moved,
    tie_slopes,
    tied_moved,
)

Floats = NDArray[np.float64]

_HUBER = 2.5
_STEPS, _ENOUGH = 60, 1e-6
_LOOSE_M, _LOOSE_RAD = 0.3, math.radians(10.0)  # how wrong a mount may be, believed only where shots say nothing
FLOOR_PX = 0.02
"""No detector is better."""


class Solved(NamedTuple):
    """An answer and how sure it is."""

    rig: Rig
    residual_px: Floats
    """[n, 2]."""
    shot: Ints
    """[n]."""
    noise_px: float
    covariance: Floats
    """[P, P], of the lenses' free numbers in order, then, where tied: mount 5, pupils G, boards 6 each."""
    free: list[list[int]]
    own_covariance: Floats
    """[S, 6, 6], of each shot's pose, were all else known."""
    parted: Floats
    """[S, 6], what the tracker would have to be moved (m) and turned (rad) by to agree; nan where it is not tied."""


def solve(
    corners: Corners, rig: Rig, free: Sequence[Sequence[int]], told: Told | None = None, noise_px: float = 1.0
) -> Solved:
    """The best `rig`; of each lens only the numbers in `free` are turned. `noise_px` is a first guess."""
    for _ in range(3):
        rig = _descend(corners, rig, free, told, noise_px)
        before, noise_px = noise_px, _noise(residuals(corners, rig))
        if abs(noise_px - before) < 0.02 * before:
            break
    return _said(corners, rig, free, told, noise_px)


def residuals(corners: Corners, rig: Rig) -> Floats:
    """Seen minus meant [n, 2], pixels."""
    return corners.px - project(rig.lens[corners.group[corners.shot]], _before_camera(corners, rig))


def _before_camera(corners: Corners, rig: Rig) -> Floats:
    return np.einsum("nij,nj->ni", rig.turn[corners.shot], corners.board_m) + rig.move_m[corners.shot]


def _noise(residual: Floats) -> float:
    """One sigma of a coordinate, whatever a few corners do."""
    return max(float(np.median(np.hypot(*residual.T))) / 1.1774, FLOOR_PX)


# --- what it costs ------------------------------------------------------------------------------------------------


def _scales(told: Told) -> Floats:
    return np.repeat((1.0 / told.sigma_m, 1.0 / told.sigma_rad), 3)


def _cost(corners: Corners, rig: Rig, free: Sequence[Sequence[int]], told: Told | None, noise_px: float) -> float:
    far = np.hypot(*residuals(corners, rig).T) / noise_px
    if not np.isfinite(far).all() or (_before_camera(corners, rig)[:, 2] <= 0).any():
        return math.inf
    total = _huber(far, _HUBER)
    value, sigma = beliefs(corners.resolution_px)
    for lens, chosen in zip(rig.lens, free, strict=True):
        total += float((((lens - value) / sigma)[list(chosen)] ** 2).sum())
    if told is not None:
        off = np.linalg.norm((parted(rig, told, corners.group) * _scales(told)).reshape(-1, 2, 3), axis=2)
        total += _huber(off, 2 * _HUBER)
    return total


def _huber(far: Floats, limit: float) -> float:
    """Squares, and straight lines from `limit` outwards."""
    near = np.minimum(far, limit)
    return float(np.sum(near * (2.0 * far - near)))


# --- going down ---------------------------------------------------------------------------------------------------


class _Normal(NamedTuple):
    """Normal equations: what shots share, each shot's own six, and what ties both."""

    shared: Floats
    own: Floats
    between: Floats
    shared_pull: Floats
    own_pull: Floats


def _descend(corners: Corners, rig: Rig, free: Sequence[Sequence[int]], told: Told | None, noise_px: float) -> Rig:
    """Levenberg and Marquardt's way."""
    cost, damping = _cost(corners, rig, free, told, noise_px), 1e-4
    normal = _normal(corners, rig, free, told, noise_px)
    for _ in range(_STEPS):
        tried = _moved(rig, free, *_step(normal, damping))
        then = _cost(corners, tried, free, told, noise_px)
        if then < cost:
            gained, rig, cost, damping = cost - then, tried, then, max(damping * 0.2, 1e-12)
            if gained < _ENOUGH * cost:
                break
            normal = _normal(corners, rig, free, told, noise_px)
        else:
            damping *= 10.0
            if damping > 1e8:
                break
    return rig


def _step(normal: _Normal, damping: float) -> tuple[Floats, Floats]:
    """The shots' own unknowns are eliminated first (Schur's complement)."""
    own = normal.own + damping * _diagonals(normal.own)
    shared = normal.shared + damping * np.diag(np.diag(normal.shared))
    solved = np.linalg.solve(own, np.concatenate((normal.between.transpose(0, 2, 1), normal.own_pull[:, :, None]), 2))
    left = shared - np.einsum("spi,siq->pq", normal.between, solved[:, :, :-1])
    pull = normal.shared_pull - np.einsum("spi,si->p", normal.between, solved[:, :, -1])
    scale = 1.0 / np.sqrt(np.maximum(np.diag(left), 1e-300))
    scaled = left * np.outer(scale, scale) + 1e-14 * np.eye(len(left))
    step = scale * np.asarray(np.linalg.solve(scaled, scale * pull), dtype=np.float64)
    return step, solved[:, :, -1] - np.einsum("sip,p->si", solved[:, :, :-1], step)


def _diagonals(blocks: Floats) -> Floats:
    return np.einsum("sii->si", blocks)[:, :, None] * np.eye(blocks.shape[1])


def _normal(corners: Corners, rig: Rig, free: Sequence[Sequence[int]], told: Told | None, noise_px: float) -> _Normal:
    starts, size = _starts(free, rig, told)
    shots = len(corners.group)
    made = _Normal(
        np.zeros((size, size)),
        np.zeros((shots, 6, 6)),
        np.zeros((shots, size, 6)),
        np.zeros(size),
        np.zeros((shots, 6)),
    )
    points, residual = _before_camera(corners, rig), residuals(corners, rig)
    by_lens, by_point = slopes(rig.lens[corners.group[corners.shot]], points)
    turned = points - rig.move_m[corners.shot]
    by_shot = np.concatenate((-by_point @ cross_matrices(turned), by_point), axis=2)
    far = np.hypot(*residual.T) / noise_px
    weight = np.minimum(1.0, _HUBER / np.maximum(far, 1e-12)) / noise_px**2
    for shot in range(shots):
        group = int(corners.group[shot])
        mine, chosen = corners.shot == shot, list(free[group])
        place = slice(starts[group], starts[group] + len(chosen))
        lens, own = by_lens[mine][:, :, chosen].reshape(-1, len(chosen)), by_shot[mine].reshape(-1, 6)
        w, r = np.repeat(weight[mine], 2), residual[mine].ravel()
        weighed, lens_weighed = own.T * w, lens.T * w
        made.own[shot] += weighed @ own
        made.own_pull[shot] += weighed @ r
        made.shared[place, place] += lens_weighed @ lens
        made.shared_pull[place] += lens_weighed @ r
        made.between[shot, place] += lens_weighed @ own
    _add_beliefs(made, rig, free, starts, corners.resolution_px)
    if told is not None:
        _add_ties(made, corners, rig, told, starts[-1])
    return made


def _starts(free: Sequence[Sequence[int]], rig: Rig, told: Told | None) -> tuple[list[int], int]:
    starts = [0]
    for chosen in free:
        starts.append(starts[-1] + len(chosen))
    tied = MOUNT + len(rig.pupil_m) + 6 * len(rig.board_m) if told is not None else 0
    return starts, starts[-1] + tied


def _add_beliefs(
    made: _Normal, rig: Rig, free: Sequence[Sequence[int]], starts: Sequence[int], resolution_px: tuple[int, int]
) -> None:
    value, sigma = beliefs(resolution_px)
    for group, chosen in enumerate(free):
        at = np.arange(starts[group], starts[group] + len(chosen))
        certain = 1.0 / sigma[list(chosen)] ** 2
        made.shared[at, at] += certain
        made.shared_pull[at] += certain * (value - rig.lens[group])[list(chosen)]


def _moved(rig: Rig, free: Sequence[Sequence[int]], shared: Floats, own: Floats) -> Rig:
    lens, at = rig.lens.copy(), 0
    for group, chosen in enumerate(free):
        lens[group, list(chosen)] += shared[at : at + len(chosen)]
        at += len(chosen)
    rig = shots_moved(rig._replace(lens=lens), own)
    return tied_moved(rig, shared[at:]) if at < len(shared) else rig


def _add_ties(made: _Normal, corners: Corners, rig: Rig, told: Told, start: int) -> None:
    off, scale = parted(rig, told, corners.group), _scales(told)
    far = np.linalg.norm((off * scale).reshape(-1, 2, 3), axis=2)
    weight = np.repeat(np.minimum(1.0, 2 * _HUBER / np.maximum(far, 1e-12)), 3, axis=1) * scale**2
    wide, own = tie_slopes(rig, told, corners.group)
    at = slice(start, start + wide.shape[2])
    made.shared[at, at] += np.einsum("skp,sk,skq->pq", wide, weight, wide)
    made.shared_pull[at] -= np.einsum("skp,sk->p", wide, weight * off)
    made.own[...] += np.einsum("skp,sk,skq->spq", own, weight, own)
    made.own_pull[...] -= np.einsum("skp,sk->sp", own, weight * off)
    made.between[:, at] += np.einsum("skp,sk,skq->spq", wide, weight, own)
    loose = np.array([_LOOSE_RAD] * 3 + [_LOOSE_M] * 2)
    every = np.arange(start, start + int(wide.shape[2]))
    mount, others = every[:MOUNT], every[MOUNT:]
    made.shared[mount, mount] += 1.0 / loose**2
    made.shared[others, others] += 1e-6  # of a position whose shots are all untied


# --- the answer ---------------------------------------------------------------------------------------------------


def _said(corners: Corners, rig: Rig, free: Sequence[Sequence[int]], told: Told | None, noise_px: float) -> Solved:
    normal = _normal(corners, rig, free, told, noise_px)
    solved = np.linalg.solve(normal.own, normal.between.transpose(0, 2, 1))
    left = normal.shared - np.einsum("spi,siq->pq", normal.between, solved)
    covariance = np.asarray(np.linalg.pinv(left, rcond=1e-15, hermitian=True), dtype=np.float64)
    spare = max(2 * len(corners.px) - 6 * len(corners.group) - sum(map(len, free)), 1)
    covariance *= 2 * len(corners.px) / spare
    off = parted(rig, told, corners.group) if told is not None else np.full((len(corners.group), 6), np.nan)
    if told is not None:
        off[told.place < 0] = np.nan
    return Solved(
        rig,
        residuals(corners, rig),
        corners.shot,
        noise_px,
        covariance,
        [list(f) for f in free],
        np.asarray(np.linalg.inv(normal.own), dtype=np.float64),
        off,
    )


def lens_covariance(solved: Solved, group: int) -> Floats:
    """[12, 12] of one lens; zeros where nothing was turned."""
    start, chosen = sum(map(len, solved.free[:group])), solved.free[group]
    full = np.zeros((SIZE, SIZE))
    full[np.ix_(chosen, chosen)] = solved.covariance[start : start + len(chosen), start : start + len(chosen)]
    return full


def pupil_sigma_m(solved: Solved, group: int) -> float:
    """One sigma of a position's entrance pupil, where shots were tied."""
    at = sum(map(len, solved.free)) + MOUNT + group
    return math.sqrt(max(float(solved.covariance[at, at]), 0.0))
