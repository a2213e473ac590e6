"""Ties a lens calibration to the tracker: finds where the board stood and which shots saw it there, then solves whole.

What is found of the entrance pupil is its distance from the sensor's nodal reference along the optical axis, where the
stage file's mount puts that reference: along the axis mount and pupil are one and the same, and it is the pupil that
is turned. Across the axis, and in its turn, the mount is found too, so that a wrong one does not spoil the pupils.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.bundle import Solved, solve
from bridge.calibrate.lens.rig import Corners, Ints, Rig, Told, parted, tie_slopes
from bridge.calibrate.lens.sightings import Sighting
from bridge.calibrate.lens.solve import Alone, corners_of
from bridge.calibrate.rotations import nearest_rotation
from bridge.frames import Quaternion, Vector, axes_matrix, matrix_from_quat

Floats = NDArray[np.float64]

_STEADY_M, _STEADY_RAD = 0.02, math.radians(1.0)  # a tracker is better; who parts by more saw the board elsewhere
_WIDE = (0.05, math.radians(2.0))
_NARROW = (0.005, math.radians(0.2))
_USUAL = (0.0005, math.radians(0.02))
_FINEST = (2e-5, math.radians(0.0005))
_NEAR_M, _NEAR_RAD = 0.15, math.radians(8.0)
_MOVED_M, _MOVED_RAD = 0.02, math.radians(2.0)
_MOST, _FEWEST_AT_A_PLACE = 0.7, 4
_NOISE_ROUNDS = 4


class Tied(NamedTuple):
    """All positions together, or why there is no tracker in it."""

    solved: Solved
    told: Told | None
    """None: the poses told nothing of the board."""
    why: str
    """Why not; empty where shots were tied."""
    loose: tuple[int, ...]
    """Shots that saw the board elsewhere, by their row."""


def together(
    board_m: Floats,
    sightings: Sequence[Sighting],
    found: Sequence[Alone],
    resolution_px: tuple[int, int],
    mount: tuple[Vector, Quaternion],
    pupil_m: Sequence[float],
) -> Tied:
    """One refinement over all positions; `pupil_m` is where each pupil is thought to be, from the nodal reference."""
    corners, rig, shots = _joined(board_m, sightings, found, resolution_px, mount, pupil_m)
    free = [one.solved.free[0] for one in found]
    seen = [sightings[shot] for shot in shots]
    position = np.array([shot.position_m for shot in seen])
    turn = np.array([matrix_from_quat(shot.rotation_wxyz) for shot in seen])
    untied = Tied(solve(corners, rig, free), None, "", ())
    if not _moves(position, turn):
        return untied._replace(why="the shots have no tracker poses, or the camera stood still")
    told = Told(position, turn, np.zeros(len(seen), np.int64), *_WIDE)
    for places in (told.place, _clusters(_boards(rig, told, corners.group))):
        if (places < 0).mean() > 1.0 - _MOST:
            continue
        tied = _tied(corners, rig, free, told._replace(place=places))
        if tied is not None:
            return tied
    return untied._replace(why="the board was moved between shots, or the tracker was not steady")


def _tied(corners: Corners, rig: Rig, free: Sequence[Sequence[int]], told: Told) -> Tied | None:
    """Loosely first, then ever closer, and last as closely as the tracker turns out to be exact."""
    turn, place = _boards(rig, told, corners.group)
    rig = rig._replace(
        board_turn=np.array(
            [nearest_rotation(turn[told.place == each].sum(axis=0)) for each in range(told.place.max() + 1)]
        ),
        board_m=np.array([np.median(place[told.place == each], axis=0) for each in range(told.place.max() + 1)]),
    )
    solved = solve(corners, rig, free, told)
    for sigma_m, sigma_rad in (_NARROW, _USUAL):
        off = parted(solved.rig, told, corners.group)
        astray = np.linalg.norm(off[:, :3], axis=1) > 3 * told.sigma_m
        astray |= np.linalg.norm(off[:, 3:], axis=1) > 3 * told.sigma_rad
        told = told._replace(place=np.where(astray, -1, told.place), sigma_m=sigma_m, sigma_rad=sigma_rad)
        if (told.place < 0).mean() > 1.0 - _MOST:
            return None
        solved = solve(corners, solved.rig, free, told, solved.noise_px)
    for _ in range(_NOISE_ROUNDS):
        told = told._replace(**_exactness(solved, told, corners.group))
        solved = solve(corners, solved.rig, free, told, solved.noise_px)
    off = parted(solved.rig, told, corners.group)
    worst = np.linalg.norm(off[:, :3], axis=1) < _STEADY_M
    worst &= np.linalg.norm(off[:, 3:], axis=1) < _STEADY_RAD
    if worst.mean() < _MOST:
        return None
    return Tied(solved, told, "", tuple(int(row) for row in np.flatnonzero(told.place < 0)))


def _exactness(solved: Solved, told: Told, group: Ints) -> dict[str, float]:
    """How exact the tracker is: what it parts by, and what of that the pictures would not notice (one step of EM)."""
    tied = told.place >= 0
    _, own = tie_slopes(solved.rig, told, group)
    unseen = np.einsum("skp,spq,skq->sk", own, solved.own_covariance, own)
    square = (solved.parted**2 + unseen)[tied]
    sigma = [
        math.sqrt(float(np.mean(np.sort(part.mean(axis=1))[: max(int(0.9 * len(part)), 1)])))
        for part in (square[:, :3], square[:, 3:])
    ]
    return {"sigma_m": max(sigma[0], _FINEST[0]), "sigma_rad": max(sigma[1], _FINEST[1])}


def _joined(
    board_m: Floats,
    sightings: Sequence[Sighting],
    found: Sequence[Alone],
    resolution_px: tuple[int, int],
    mount: tuple[Vector, Quaternion],
    pupil_m: Sequence[float],
) -> tuple[Corners, Rig, list[int]]:
    shots = [shot for one in found for shot in one.position.shots]
    corners = corners_of(board_m, sightings, shots, resolution_px)
    group = np.repeat(np.arange(len(found)), [len(one.position.shots) for one in found])
    rig = Rig(
        lens=np.concatenate([one.solved.rig.lens for one in found]),
        turn=np.concatenate([one.solved.rig.turn for one in found]),
        move_m=np.concatenate([one.solved.rig.move_m for one in found]),
        mount_turn=matrix_from_quat(mount[1]),
        mount_m=np.array(mount[0]),
        pupil_m=np.array(pupil_m, dtype=np.float64),
        board_turn=np.zeros((0, 3, 3)),
        board_m=np.zeros((0, 3)),
    )
    return corners._replace(group=group), rig, shots


# --- where the board stood ------------------------------------------------------------------------------------------


def _moves(position_m: Floats, turn: Floats) -> bool:
    """Whether there is a tracker at all, and a camera that went somewhere."""
    if len(position_m) < _FEWEST_AT_A_PLACE:
        return False
    return bool(np.ptp(position_m, axis=0).max() > _MOVED_M or _angles(turn, turn[0]).max() > _MOVED_RAD)


def _boards(rig: Rig, told: Told, group: Ints) -> tuple[Floats, Floats]:
    """tracker_from_board of each shot, were the mount right."""
    camera = told.turn @ (rig.mount_turn @ axes_matrix("stage", "opencv"))
    arm = rig.mount_m + rig.pupil_m[group][:, None] * rig.mount_turn[:, 1]
    pupil = told.position_m + np.einsum("sij,sj->si", told.turn, arm)
    return camera @ rig.turn, pupil + np.einsum("sij,sj->si", camera, rig.move_m)


def _clusters(boards: tuple[Floats, Floats]) -> Ints:
    """Which place each shot's board was at; -1 where hardly any other shot's was."""
    turn, place_m = boards
    which = np.full(len(place_m), -1, np.int64)
    count = 0
    for first in range(len(place_m)):
        near = np.linalg.norm(place_m - place_m[first], axis=1) < _NEAR_M
        near &= (_angles(turn, turn[first]) < _NEAR_RAD) & (which < 0)
        if which[first] < 0 and near.sum() >= _FEWEST_AT_A_PLACE:
            which[near] = count
            count += 1
    return which


def _angles(turns: Floats, other: Floats) -> Floats:
    return np.arccos(np.clip((np.einsum("sij,ij->s", turns, other) - 1) / 2, -1.0, 1.0))
