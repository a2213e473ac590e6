"""The board's neighbouring corners, triangulated from the pictures alone: their distance is known, so it judges."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.board import Board
from bridge.calibrate.lens.model import distortion_of, plane
from bridge.distortion import undistort
from capture.calibrate.bundle import Net, stilled_px
from capture.calibrate.clips import Corners

Floats = NDArray[np.float64]


class Spacing(NamedTuple):
    """By how much neighbours are not a square's edge apart."""

    bias_mm: float
    rms_mm: float
    p95_mm: float
    pairs: int


def spacing(corners: Corners, net: Net, board: Board) -> Spacing:
    """Over all moments; nans where no two neighbours were seen by two cameras."""
    across = board.squares[0] - 1
    moments, cameras = corners.frames.shape
    count, stilled = across * (board.squares[1] - 1), stilled_px(corners, net.late_s)
    seen = np.full((cameras, moments * count, 2), np.nan)
    for camera in range(cameras):
        mine = corners.camera == camera
        lens = net.lens[camera]
        flat = undistort(distortion_of(lens), plane(lens, stilled[mine]))
        seen[camera, corners.moment[mine] * count + corners.corner[mine]] = flat
    points = triangulated(np.concatenate((net.turn, net.move_m[:, :, None]), axis=2), seen)
    grid = points.reshape(moments, board.squares[1] - 1, across, 3)
    sides = [np.linalg.norm(np.diff(grid, axis=axis), axis=-1).ravel() for axis in (1, 2)]
    off_m = np.concatenate(sides) - board.square_mm * 1e-3
    off_mm = off_m[np.isfinite(off_m)] * 1e3
    if not off_mm.size:
        return Spacing(np.nan, np.nan, np.nan, 0)
    p95 = float(np.percentile(np.abs(off_mm), 95))
    return Spacing(float(off_mm.mean()), float(np.sqrt((off_mm**2).mean())), p95, len(off_mm))


def triangulated(plane_from_rig: Floats, seen: Floats) -> Floats:
    """Points [n, 3] of image plane points [C, n, 2] (nan: not seen), [C, 3, 4] matrices; nan from fewer than two.

    The plain linear answer first, then twice with each camera's rows over its depth: what is least is then an angle.
    """
    known = np.asarray(np.isfinite(seen).all(axis=2))
    enough = np.flatnonzero(known.sum(axis=0) >= 2)
    out = np.full((seen.shape[1], 3), np.nan)
    if not enough.size:
        return out
    uv = np.where(known[..., None], seen, 0.0)[:, enough]
    rows = uv[..., None] * plane_from_rig[:, None, None, 2] - plane_from_rig[:, None, :2]
    weight = known[:, enough].astype(np.float64)
    depth = np.ones_like(weight)
    points: Floats = np.empty((len(enough), 3))
    for _ in range(3):
        weighed = rows * (weight / depth)[..., None, None]
        a, b = weighed[..., :3], -weighed[..., 3]
        normal = np.einsum("cnki,cnkj->nij", a, a) + 1e-12 * np.eye(3)
        pull = np.einsum("cnki,cnk->ni", a, b)[..., None]
        points = np.asarray(np.linalg.solve(normal, pull), dtype=np.float64)[..., 0]
        depth = np.maximum(points @ plane_from_rig[:, 2, :3].T + plane_from_rig[:, 2, 3], 1e-3).T
    out[enough] = points
    return out
