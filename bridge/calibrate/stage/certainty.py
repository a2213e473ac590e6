"""How sure a solution is: one sigma of everything found, where tracker and pictures part, what is not determined.

Two things make it unsure: noise of corners, which averages out over hundreds of them, and noise of the tracker, which
shifts all corners of a shot together and so hardly does. The second is measured here as what each shot's pose would
have to be corrected by, and carried through to the result; without it the sigmas would flatter.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.rotations import skew
from bridge.calibrate.stage.bundle import (
    Corners,
    Free,
    Model,
    Told,
    chain,
    jacobian,
    residuals_px,
    size_of,
    slopes,
    starts,
    weights,
)

Floats = NDArray[np.float64]

_STEP_M, _STEP_RAD = 1e-3, math.radians(0.02)  # steps of like importance, to weigh places against turns
WEAK_STEPS = 10.0
"""A direction is not determined where its sigma is more than so many steps: a centimetre, or a fifth of a degree."""
_NOISE_FLOOR_PX = 0.05


class Parted(NamedTuple):
    """By how much each shot's tracker pose and its picture disagree, in the tracker's axes."""

    place_m: Floats
    """[S, 3]."""
    turn_rad: Floats
    """[S, 3]."""


class Certainty(NamedTuple):
    """Around a solution."""

    covariance: Floats
    """[P, P], of the bundle's parameters."""
    noise_px: float
    tracker_noise_m: float
    tracker_noise_rad: float
    parted: Parted
    weak: list[Floats]
    """Directions [P] that the shots do not determine, in steps of a millimetre or 0.02 degrees, the weakest first."""


def certainty(model: Model, corners: Corners, told: Told, free: Sequence[Free]) -> Certainty:
    """Of corners that were used."""
    size = size_of(free)
    residuals = residuals_px(model, corners, told)
    weighed = weights(residuals)
    by_x = jacobian(model, np.zeros(size), corners, told, free)
    normal = np.einsum("nkp,nk,nkq->pq", by_x, weighed, by_x)
    inverse, eigenvalues, vectors = _inverted(normal, steps_of(free))
    noise_px = _noise(residuals, weighed, size)
    by_pose = _by_pose(model, corners, told)
    corrections, spreads, pulls = _shots(by_pose, by_x, residuals, weighed, corners.shot, len(told.pupil_m))
    seen = np.array([bool(spread.any()) for spread in spreads])
    variances = _tracker_variance(corrections[seen], spreads[seen] * noise_px**2, size)
    covariance = noise_px**2 * inverse
    for pull in pulls[seen]:
        gain = inverse @ pull
        covariance = covariance + gain @ np.diag(variances) @ gain.T
    limit = (max(noise_px, _NOISE_FLOOR_PX) / WEAK_STEPS) ** 2
    weak = [vectors[:, index] for index in np.argsort(eigenvalues) if eigenvalues[index] < limit]
    place, about = math.sqrt(variances[0]), math.sqrt(variances[3])
    return Certainty(covariance, noise_px, place, about, Parted(corrections[:, :3], corrections[:, 3:]), weak)


def steps_of(free: Sequence[Free]) -> Floats:
    """What one step is, for each parameter."""
    steps = [_STEP_M] * 3 + [_STEP_RAD] * 6 + [_STEP_M] * 3
    for wall in free:
        steps += [_STEP_M] * 3 + [_STEP_RAD] * (3 if wall.freely else 1)
    return np.array(steps)


def _inverted(normal: Floats, steps: Floats) -> tuple[Floats, Floats, Floats]:
    """The inverse of the normal equations, and their eigenvalues and directions in steps; singular ones are large."""
    scaled = normal * np.outer(steps, steps)
    eigenvalues, vectors = np.linalg.eigh(scaled)
    held = np.maximum(eigenvalues, 1e-13 * max(float(eigenvalues[-1]), 1e-300))
    inverse = (vectors / held) @ vectors.T * np.outer(steps, steps)
    return inverse, eigenvalues, vectors


def _noise(residuals: Floats, weighed: Floats, size: int) -> float:
    free = max(residuals.size - size, 1)
    return math.sqrt(float(np.sum(weighed * residuals**2)) / free)


def _by_pose(model: Model, corners: Corners, told: Told) -> Floats:
    """[n, 2, 6], residuals by a shift and a turn of the body, in the tracker's axes."""
    seen = chain(model, corners, told)
    camera_from_tracker = np.einsum("ji,skj->sik", model.mount, told.rotation)[corners.shot]
    by_tracker = slopes(seen.at_pupil_m, corners) @ camera_from_tracker
    return np.concatenate((-by_tracker, by_tracker @ skew(seen.from_body_m)), axis=2)


def _shots(
    by_pose: Floats, by_x: Floats, residuals: Floats, weighed: Floats, shot: NDArray[np.int64], count: int
) -> tuple[Floats, Floats, Floats]:
    """Each shot's correction [S, 6], its spread by a pixel of noise [S, 6, 6], and its pull on the answer [S, P, 6]."""
    corrections, spreads = np.zeros((count, 6)), np.zeros((count, 6, 6))
    pulls = np.zeros((count, by_x.shape[2], 6))
    for each in np.unique(shot):
        mine = shot == each
        a, w, r = by_pose[mine].reshape(-1, 6), weighed[mine].ravel(), residuals[mine].ravel()
        spreads[each] = np.linalg.pinv(a.T @ (w[:, None] * a), hermitian=True)
        corrections[each] = -spreads[each] @ (a.T @ (w * r))
        pulls[each] = by_x[mine].reshape(len(r), -1).T @ (w[:, None] * a)
    return corrections, spreads, pulls


def pose_step(model: Model, corners: Corners, told: Told) -> Floats:
    """[6], by how much one shot's body must be shifted and turned, in the tracker's axes, for its corners to fit."""
    residuals = residuals_px(model, corners, told).ravel()
    a, w = _by_pose(model, corners, told).reshape(-1, 6), weights(residuals)
    return -np.linalg.pinv(a.T @ (w[:, None] * a), hermitian=True) @ (a.T @ (w * residuals))


def _tracker_variance(corrections: Floats, spreads: Floats, size: int) -> Floats:
    """[6], of the tracker's places and turns, less what the corners' own noise explains; shots that say it well count.

    Nothing is claimed that chance alone would make too: three times its own standard error.
    """
    count = len(corrections)
    spare = count / max(count - size / 6.0, 1.0)
    own = np.diagonal(spreads, axis1=1, axis2=2)
    found: list[float] = []
    for part in (slice(0, 3), slice(3, 6)):
        weight = 1.0 / np.maximum(own[:, part], 1e-300) ** 2
        value = float(np.sum(weight * (corrections[:, part] ** 2 * spare - own[:, part])) / np.sum(weight))
        by_chance = math.sqrt(2.0 / float(np.sum(weight)))
        found.append(value if value > 3.0 * by_chance else 0.0)
    return np.repeat(found, 3)


# --- sigmas of what people name -------------------------------------------------------------------------------------


def sigma(covariance: Floats, chosen: slice | list[int]) -> float:
    """Of the length of a place or of a turn."""
    part = covariance[chosen, chosen] if isinstance(chosen, slice) else covariance[np.ix_(chosen, chosen)]
    return math.sqrt(max(float(np.trace(part)), 0.0))


def wall_sigma_m(covariance: Floats, model: Model, free: Sequence[Free], which: int, points_m: Floats) -> float:
    """Of the worst of some points [n, 3] of a free wall, in the wall's own frame."""
    start, (wall, freely) = starts(free)[which], free[which]
    turned = points_m @ model.walls[wall].T
    turns = -skew(turned) if freely else -skew(turned)[:, :, 2:]
    by = np.concatenate((np.broadcast_to(np.eye(3), (len(turned), 3, 3)), turns), axis=2)
    part = covariance[start : start + by.shape[2], start : start + by.shape[2]]
    return math.sqrt(max(float(np.einsum("nij,jk,nik->n", by, part, by).max()), 0.0))
