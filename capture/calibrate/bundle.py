"""All cameras, their lenses and every place of the board, made to agree with all corners at once.

The board's places are eliminated from each step (Schur's complement), so a step costs what the cameras cost. Corners
that disagree by far are pulled at less, and never not at all (soft L1). The first camera stays where it is, and its
clock is the one that the others are late by. What a camera's own pictures said of its lens is believed as far as they
were sure: pictures of a moving board that were not taken at quite the same time bend lenses otherwise.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.bundle import FLOOR_PX
from bridge.calibrate.lens.model import project, slopes
from bridge.calibrate.lens.rig import cross_matrices, turns_of
from capture.calibrate.clips import Corners

Floats = NDArray[np.float64]

_STEPS, _ENOUGH = 60, 1e-7
_SOFT = 2.0
"""Sigmas from which on a corner counts by its distance, no longer by its square."""


class Net(NamedTuple):
    """Everything unknown."""

    lens: Floats
    """[C, 12]."""
    turn: Floats
    move_m: Floats
    """[C, 3, 3] and [C, 3]: camera_from_rig."""
    board_turn: Floats
    board_m: Floats
    """[M, 3, 3] and [M, 3]: rig_from_board."""
    late_s: Floats
    """[C]."""


class _Normal(NamedTuple):
    """Normal equations: what the cameras share, each moment's own six, and what ties both."""

    shared: Floats
    own: Floats
    between: Floats
    shared_pull: Floats
    own_pull: Floats


class Believed(NamedTuple):
    """What is known before, of each camera."""

    free: tuple[int, ...]
    """Numbers of each lens that are turned."""
    lens: Floats
    """[C, 12]."""
    certain: Floats
    """[C, F, F], inverse covariance of the free numbers."""
    late_sigma_s: float
    """0: the clocks are known to be one."""


_HELD = 1e12


def adjusted(corners: Corners, net: Net, believed: Believed, noise_px: float = 1.0) -> tuple[Net, float]:
    """The best net, and one sigma of a corner's coordinate."""
    for _ in range(4):
        net = _descend(corners, net, believed, noise_px)
        before, noise_px = noise_px, noise(residuals(corners, net))
        if abs(noise_px - before) < 0.02 * before:
            break
    return net, noise_px


def residuals(corners: Corners, net: Net) -> Floats:
    """Seen minus meant [n, 2], pixels."""
    return stilled_px(corners, net.late_s) - project(net.lens[corners.camera], before_camera(corners, net)[1])


def stilled_px(corners: Corners, late_s: Floats) -> Floats:
    """Where each corner would have been seen at its moment itself [n, 2]."""
    return corners.px - corners.motion_px_s * (corners.after_s - late_s[corners.camera])[:, None]


def noise(residual: Floats) -> float:
    """One sigma of a coordinate, whatever a few corners do."""
    return max(float(np.median(np.hypot(*residual.T))) / 1.1774, FLOOR_PX)


def before_camera(corners: Corners, net: Net) -> tuple[Floats, Floats]:
    """Corners in the rig's axes and in their camera's [n, 3]."""
    rig = np.einsum("nij,nj->ni", net.board_turn[corners.moment], corners.board_m) + net.board_m[corners.moment]
    return rig, np.einsum("nij,nj->ni", net.turn[corners.camera], rig) + net.move_m[corners.camera]


def _cost(corners: Corners, net: Net, believed: Believed, noise_px: float) -> float:
    points = before_camera(corners, net)[1]
    seen = stilled_px(corners, net.late_s) - project(net.lens[corners.camera], points)
    far = np.hypot(*seen.T) / (_SOFT * noise_px)
    if not np.isfinite(far).all() or (points[:, 2] <= 0).any():
        return math.inf
    total = 2.0 * _SOFT**2 * float((np.sqrt(1.0 + far**2) - 1.0).sum())
    off = (net.lens - believed.lens)[:, list(believed.free)]
    total += float(np.einsum("ci,cij,cj->", off, believed.certain, off))
    return total + float((net.late_s**2).sum()) * _late_certain(believed)


def _late_certain(believed: Believed) -> float:
    return min(1.0 / max(believed.late_sigma_s, 1e-9) ** 2, _HELD)


def _descend(corners: Corners, net: Net, believed: Believed, noise_px: float) -> Net:
    """Levenberg and Marquardt's way."""
    cost, damping = _cost(corners, net, believed, noise_px), 1e-4
    normal = _normal(corners, net, believed, noise_px)
    for _ in range(_STEPS):
        tried = _moved(net, believed, *_step(normal, damping))
        then = _cost(corners, tried, believed, noise_px)
        if then < cost:
            gained, net, cost, damping = cost - then, tried, then, max(damping * 0.2, 1e-12)
            if gained < _ENOUGH * cost:
                break
            normal = _normal(corners, net, believed, noise_px)
        else:
            damping *= 10.0
            if damping > 1e8:
                break
    return net


def _step(normal: _Normal, damping: float) -> tuple[Floats, Floats]:
    own = normal.own + damping * np.einsum("mii->mi", normal.own)[:, :, None] * np.eye(6) + 1e-9 * np.eye(6)
    shared = normal.shared + damping * np.diag(np.diag(normal.shared))
    sides = np.concatenate((normal.between.transpose(0, 2, 1), normal.own_pull[:, :, None]), 2)
    solved = np.asarray(np.linalg.solve(own, sides), dtype=np.float64)
    left = shared - np.einsum("mpi,miq->pq", normal.between, solved[:, :, :-1])
    pull = normal.shared_pull - np.einsum("mpi,mi->p", normal.between, solved[:, :, -1])
    scale = 1.0 / np.sqrt(np.maximum(np.diag(left), 1e-12))
    scaled = left * np.outer(scale, scale) + 1e-12 * np.eye(len(left))
    step = scale * np.asarray(np.linalg.solve(scaled, scale * pull), dtype=np.float64)
    return step, solved[:, :, -1] - np.einsum("mip,p->mi", solved[:, :, :-1], step)


def _normal(corners: Corners, net: Net, believed: Believed, noise_px: float) -> _Normal:
    cameras, moments, width = len(net.lens), len(net.board_m), 7 + len(believed.free)
    rig, points = before_camera(corners, net)
    seen = stilled_px(corners, net.late_s) - project(net.lens[corners.camera], points)
    by_lens, by_point = slopes(net.lens[corners.camera], points)
    arm = points - net.move_m[corners.camera]
    turned, bent = -by_point @ cross_matrices(arm), by_lens[:, :, list(believed.free)]
    by_camera = np.concatenate((turned, by_point, -corners.motion_px_s[:, :, None], bent), axis=2)
    by_rig = by_point @ net.turn[corners.camera]
    by_board = np.concatenate((-by_rig @ cross_matrices(rig - net.board_m[corners.moment]), by_rig), axis=2)
    weight = 1.0 / np.sqrt(1.0 + (np.hypot(*seen.T) / (_SOFT * noise_px)) ** 2) / noise_px**2
    pulled = by_board.transpose(0, 2, 1) * weight[:, None, None]
    made = _Normal(
        np.zeros((cameras * width, cameras * width)),
        _summed(pulled @ by_board, corners.moment, moments),
        np.zeros((moments, cameras * width, 6)),
        np.zeros(cameras * width),
        _summed((pulled @ seen[:, :, None])[:, :, 0], corners.moment, moments),
    )
    for camera in range(cameras):
        mine, at = corners.camera == camera, slice(camera * width, (camera + 1) * width)
        slope = by_camera[mine].copy()
        if camera == 0:
            slope[:, :, :7] = 0.0
        flat = (slope * weight[mine, None, None]).reshape(-1, width)
        made.shared[at, at] += flat.T @ slope.reshape(-1, width)
        made.shared_pull[at] += flat.T @ seen[mine].ravel()
        cross = slope.transpose(0, 2, 1) @ (by_board[mine] * weight[mine, None, None])
        made.between[:, at] += _summed(cross, corners.moment[mine], moments)
    _believe(made, net, believed, width)
    return made


def _summed(rows: Floats, place: NDArray[np.int64], count: int) -> Floats:
    """Rows of one place added up; places never fall, as corners come moment by moment."""
    made = np.zeros((count, *rows.shape[1:]))
    if len(place):
        first = np.flatnonzero(np.diff(place, prepend=-1))
        made[place[first]] = np.add.reduceat(rows, first, axis=0)
    return made


def _believe(made: _Normal, net: Net, believed: Believed, width: int) -> None:
    off, certain = (believed.lens - net.lens)[:, list(believed.free)], _late_certain(believed)
    for camera in range(len(net.lens)):
        at = slice(camera * width + 7, (camera + 1) * width)
        made.shared[at, at] += believed.certain[camera]
        made.shared_pull[at] += believed.certain[camera] @ off[camera]
        made.shared[at.start - 1, at.start - 1] += certain
        made.shared_pull[at.start - 1] -= certain * net.late_s[camera]


def _moved(net: Net, believed: Believed, shared: Floats, own: Floats) -> Net:
    steps = shared.reshape(len(net.lens), -1)
    lens = net.lens.copy()
    lens[:, list(believed.free)] += steps[:, 7:]
    camera_turn = turns_of(steps[:, :3])
    return Net(
        lens,
        camera_turn @ net.turn,
        net.move_m + steps[:, 3:6],
        turns_of(own[:, :3]) @ net.board_turn,
        net.board_m + own[:, 3:],
        net.late_s + steps[:, 6],
    )


def late_sigma_s(corners: Corners, net: Net, believed: Believed, noise_px: float) -> Floats:
    """[C], how sure each camera's lateness is."""
    normal = _normal(corners, net, believed, noise_px)
    own = normal.own + 1e-9 * np.eye(6)
    left = normal.shared - np.einsum(
        "mpi,miq->pq", normal.between, np.linalg.solve(own, normal.between.transpose(0, 2, 1))
    )
    width = 7 + len(believed.free)
    left[:6, :6] += np.eye(6)  # the first camera is held
    scale = 1.0 / np.sqrt(np.maximum(np.diag(left), 1e-12))
    inverse = np.asarray(np.linalg.pinv(left * np.outer(scale, scale), hermitian=True), dtype=np.float64)
    spread = np.diag(inverse) * scale**2
    return np.sqrt(np.maximum(spread[6::width], 0.0))
