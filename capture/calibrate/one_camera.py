"""One camera by itself: its lens, and where the board was before it in each picture."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens import bundle
from bridge.calibrate.lens import model as lenses
from bridge.calibrate.lens.rig import Corners as LensCorners
from bridge.calibrate.lens.rig import Rig as LensRig
from bridge.calibrate.lens.rig import cross_matrices, shots_moved
from bridge.calibrate.lens.start import board_pose, focal_px, homography
from bridge.distortion import undistort
from capture.calibrate.clips import Clip, RigFault

Floats = NDArray[np.float64]

FREE: tuple[int, ...] = (lenses.FOCAL, lenses.ACROSS, lenses.DOWN, lenses.K1, lenses.K2, lenses.P1, lenses.P2)
"""What is turned of a lens: what a webcam or a machine camera has; its pixels are square."""
FEWEST_VIEWS = 8
WORST_RMS_PX = 1.5
_USUAL_WIDTHS = 0.9
"""Focal length in picture widths, where the boards do not say."""
_MODEST = 3.0
"""The solver's sigmas times this: pictures of one clip err alike."""
_MOST_VIEWS = 60
"""More than these add time, not truth: the ones that lie furthest apart in the picture stay."""


class Alone(NamedTuple):
    """What one camera's own pictures say."""

    lens: Floats
    """[12], as bridge.calibrate.lens.model has it."""
    rms_px: float
    turn: Floats
    move_m: Floats
    """[V, 3, 3] and [V, 3]: camera_from_board of each view of the clip."""
    view_rms_px: Floats
    """[V]."""
    certain: Floats
    """[7, 7]: how sure the numbers of FREE are, an inverse covariance; zeros where the lens was known before."""


def alone(clip: Clip, corners_m: Floats, known: Floats | None = None) -> Alone:
    """The lens by least squares over the clip's views (or `known`), then the board's place in each. RigFault where
    the views are too few or do not fit any lens."""
    if len(clip.views) < FEWEST_VIEWS:
        raise RigFault(
            f"{clip.name}: the board was found in {len(clip.views)} of {clip.pictures} pictures, expected "
            f"{FEWEST_VIEWS} or more: carry it where this camera sees all of it, slower, and in good light"
        )
    lens, certain = (known, np.zeros((len(FREE), len(FREE)))) if known is not None else _lens(clip, corners_m)
    found = [_view_pose(lens, view.px, corners_m[view.ids]) for view in clip.views]
    turn, move = np.stack([pose[0] for pose in found]), np.stack([pose[1] for pose in found])
    rms = np.array([pose[2] for pose in found])
    counts = np.array([len(view.ids) for view in clip.views])
    good = rms <= max(3.0 * float(np.median(rms)), 0.5)
    whole = math.sqrt(float((rms[good] ** 2 * counts[good]).sum() / counts[good].sum()))
    if whole > WORST_RMS_PX:
        worst = clip.views[int(rms.argmax())]
        raise RigFault(
            f"{clip.name}: no lens fits its pictures better than {whole:.2f} px rms (worst: frame {worst.frame}, "
            f"{rms.max():.1f} px), expected {WORST_RMS_PX:g}: is the board flat, and square_mm and squares those of "
            "this print? Did the zoom, the focus or a digital stabiliser change while it filmed?"
        )
    return Alone(lens, whole, turn, move, rms, certain)


def _lens(clip: Clip, corners_m: Floats) -> tuple[Floats, Floats]:
    """Views that no lens fits are left out one round later."""
    rows = _spread(clip)
    for _ in range(3):
        solved = _solved(clip, corners_m, rows)
        far = np.hypot(*solved.residual_px.T) ** 2
        rms = np.sqrt(np.bincount(solved.shot, far, len(rows)) / np.bincount(solved.shot, minlength=len(rows)))
        good = rms <= max(3.0 * float(np.median(rms)), 0.3)
        if good.all() or good.sum() < FEWEST_VIEWS:
            break
        rows = rows[good]
    return solved.rig.lens[0], np.linalg.inv(_MODEST**2 * solved.covariance)


def _spread(clip: Clip) -> NDArray[np.int64]:
    """Farthest first, by where the board is in the picture and how large."""
    if len(clip.views) <= _MOST_VIEWS:
        return np.arange(len(clip.views))
    places = np.array([[*view.px.mean(axis=0), *view.px.std(axis=0)] for view in clip.views])
    chosen, apart = [0], np.full(len(places), np.inf)
    while len(chosen) < _MOST_VIEWS:
        apart = np.minimum(apart, np.linalg.norm(places - places[chosen[-1]], axis=1))
        chosen.append(int(apart.argmax()))
    return np.array(sorted(chosen))


def _solved(clip: Clip, corners_m: Floats, rows: NDArray[np.int64]) -> bundle.Solved:
    views = [clip.views[row] for row in rows]
    sheets = [homography(corners_m[view.ids, :2], view.px) for view in views]
    focal = focal_px(sheets, clip.size_px, 1.0, _USUAL_WIDTHS * max(clip.size_px))
    poses = [board_pose(sheet, focal, clip.size_px, 1.0) for sheet in sheets]
    shots = len(views)
    rig = LensRig(
        lenses.start(focal, clip.size_px, 1.0)[None],
        np.stack([turn for turn, _ in poses]),
        np.stack([move for _, move in poses]),
        np.eye(3),
        np.zeros(3),
        np.zeros(1),
        np.empty((0, 3, 3)),
        np.empty((0, 3)),
    )
    corners = LensCorners(
        np.concatenate([view.px for view in views]),
        corners_m[np.concatenate([view.ids for view in views])],
        np.repeat(np.arange(shots), [len(view.ids) for view in views]),
        np.zeros(shots, np.int64),
        clip.size_px,
    )
    return bundle.solve(corners, rig, [FREE])


def _view_pose(lens: Floats, px: Floats, board_m: Floats) -> tuple[Floats, Floats, float]:
    """camera_from_board of one picture, and its rms: both ways a flat board can stand are tried."""
    plane = undistort(lenses.distortion_of(lens), lenses.plane(lens, px))
    known = np.isfinite(plane).all(axis=1)
    sheet = homography(board_m[known, :2], plane[known])
    first = board_pose(sheet, 1.0, (0, 0), 1.0)
    return min((_settled(lens, px, board_m, *way) for way in (first, _other_way(*first))), key=lambda one: one[2])


def _other_way(turn: Floats, move: Floats) -> tuple[Floats, Floats]:
    """A small or far board looks nearly the same when its normal is mirrored about the line of sight."""
    sight = move / np.linalg.norm(move)
    normal = turn[:, 2]
    mirrored = 2.0 * (normal @ sight) * sight - normal
    axis = np.cross(normal, mirrored)
    sine, cosine = float(np.linalg.norm(axis)), float(normal @ mirrored)
    if sine < 1e-6:
        return turn, move
    k = axis / sine
    cross = np.array([[0, -k[2], k[1]], [k[2], 0, -k[0]], [-k[1], k[0], 0]])
    return (np.eye(3) + sine * cross + (1 - cosine) * cross @ cross) @ turn, move


def _settled(lens: Floats, px: Floats, board_m: Floats, turn: Floats, move: Floats) -> tuple[Floats, Floats, float]:
    """Gauss and Newton's way, a dozen steps, held back where they are long."""
    corners = LensCorners(px, board_m, np.zeros(len(px), np.int64), np.zeros(1, np.int64), (1, 1))
    rig = LensRig(lens[None], turn[None], move[None], np.eye(3), np.zeros(3), np.zeros(1), np.empty(0), np.empty(0))
    return pose_of(corners, rig)


def pose_of(corners: LensCorners, rig: LensRig) -> tuple[Floats, Floats, float]:
    """The pose of a single shot through a lens that is known."""
    damping, cost = 1e-3, _cost(corners, rig)
    for _ in range(25):
        turned = corners.board_m @ rig.turn[0].T
        points = turned + rig.move_m[0]
        _, by_point = lenses.slopes(np.tile(rig.lens[0], (len(points), 1)), points)
        slope = np.concatenate((-by_point @ cross_matrices(turned), by_point), axis=2).reshape(-1, 6)
        normal, pull = slope.T @ slope, slope.T @ bundle.residuals(corners, rig).ravel()
        step = np.linalg.solve(normal + damping * np.diag(np.diag(normal)) + 1e-12 * np.eye(6), pull)
        tried = shots_moved(rig, step[None])
        then = _cost(corners, tried)
        if then >= cost:
            damping *= 10.0
            if damping > 1e6:
                break
            continue
        small, rig, cost, damping = cost - then < 1e-7 * cost, tried, then, damping * 0.2
        if small:
            break
    return rig.turn[0], rig.move_m[0], math.sqrt(cost / len(corners.px))


def _cost(corners: LensCorners, rig: LensRig) -> float:
    if (corners.board_m @ rig.turn[0].T + rig.move_m[0])[:, 2].min() <= 0:
        return math.inf
    return float((bundle.residuals(corners, rig) ** 2).sum())
