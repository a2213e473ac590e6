"""One camera by itself: its lens, and where the board was before it in each picture."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens import bundle
from bridge.calibrate.lens import model as lenses
from bridge.calibrate.lens.rig import Corners as LensCorners
from bridge.calibrate.lens.rig import Rig as LensRig
from bridge.calibrate.lens.rig import cross_matrices, turns_of
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
_STEPS = 25
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
    turn, move, rms = _seats(lens, clip, corners_m)
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
    solved = _solved(clip, corners_m, rows)
    for _ in range(2):
        far = np.hypot(*solved.residual_px.T) ** 2
        rms = np.sqrt(np.bincount(solved.shot, far, len(rows)) / np.bincount(solved.shot, minlength=len(rows)))
        good = rms <= max(3.0 * float(np.median(rms)), 0.3)
        if good.all() or good.sum() < FEWEST_VIEWS:
            break
        rows = rows[good]
        solved = _solved(clip, corners_m, rows)
    return solved.rig.lens[0], np.asarray(np.linalg.inv(_MODEST**2 * solved.covariance), dtype=np.float64)


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
    views = [clip.views[int(row)] for row in rows]
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


class _Seen(NamedTuple):
    """All views side by side; corners that were not found weigh nothing."""

    px: Floats
    board_m: Floats
    """[V, N, 2] and [N, 3]."""
    weight: Floats
    """[V, N], 1 or 0."""


def _seats(lens: Floats, clip: Clip, corners_m: Floats) -> tuple[Floats, Floats, Floats]:
    """camera_from_board of each view, and its rms: both ways a flat board can stand are tried."""
    seen = _Seen(np.zeros((len(clip.views), len(corners_m), 2)), corners_m, np.zeros((len(clip.views), len(corners_m))))
    first: list[tuple[Floats, Floats]] = []
    for row, view in enumerate(clip.views):
        seen.px[row, view.ids], seen.weight[row, view.ids] = view.px, 1.0
        plane = undistort(lenses.distortion_of(lens), lenses.plane(lens, view.px))
        known = np.isfinite(plane).all(axis=1)
        first.append(board_pose(homography(corners_m[view.ids[known], :2], plane[known]), 1.0, (0, 0), 1.0))
    other = [_other_way(*one) for one in first]
    ways = [
        _settled(lens, seen, np.stack([o[0] for o in way]), np.stack([o[1] for o in way])) for way in (first, other)
    ]
    better = ways[1][2] < ways[0][2]
    turn = np.where(better[:, None, None], ways[1][0], ways[0][0])
    return turn, np.where(better[:, None], ways[1][1], ways[0][1]), np.minimum(ways[0][2], ways[1][2])


def _other_way(turn: Floats, move: Floats) -> tuple[Floats, Floats]:
    """A small or far board looks nearly the same when its normal is mirrored about the line of sight."""
    sight = move / np.linalg.norm(move)
    normal = turn[:, 2]
    mirrored = 2.0 * (normal @ sight) * sight - normal
    axis = np.cross(normal, mirrored)
    sine, cosine = float(np.linalg.norm(axis)), float(normal @ mirrored)
    if sine < 1e-6:
        return turn, move
    return turns_of(axis[None] / sine * math.atan2(sine, cosine))[0] @ turn, move


def _settled(lens: Floats, seen: _Seen, turn: Floats, move: Floats) -> tuple[Floats, Floats, Floats]:
    """Gauss and Newton's way for all views at once, each held back by itself where its step is long."""
    off: Floats
    cost: Floats
    off, cost = _off(lens, seen, turn, move)
    damping: Floats = np.full(len(turn), 1e-3)
    for _ in range(_STEPS):
        turned: Floats = np.einsum("vij,nj->vni", turn, seen.board_m)
        points: Floats = turned + move[:, None]
        flat: Floats = points.reshape(-1, 3)
        _, by_point = lenses.slopes(np.broadcast_to(lens, (len(flat), lenses.SIZE)), flat)
        slope: Floats = np.concatenate((-by_point @ cross_matrices(turned.reshape(-1, 3)), by_point), axis=2)
        slope = (slope * seen.weight.reshape(-1, 1, 1)).reshape(len(turn), -1, 6)
        normal: Floats = slope.transpose(0, 2, 1) @ slope
        held: Floats = normal + damping[:, None, None] * normal * np.eye(6) + 1e-12 * np.eye(6)
        pull: Floats = slope.transpose(0, 2, 1) @ off.reshape(len(turn), -1, 1)
        step: Floats = np.asarray(np.linalg.solve(held, pull), dtype=np.float64)[..., 0]
        tried: tuple[Floats, Floats] = (turns_of(step[:, :3]) @ turn, move + step[:, 3:])
        off_then, then = _off(lens, seen, *tried)
        better: NDArray[np.bool_] = then < cost
        turn = np.where(better[:, None, None], tried[0], turn)
        move, off = np.where(better[:, None], tried[1], move), np.where(better[:, None, None], off_then, off)
        small = bool((cost - then <= 1e-7 * cost).all())
        cost, damping = np.minimum(then, cost), np.where(better, 0.2 * damping, 10.0 * damping)
        if small:
            break
    return turn, move, np.sqrt(cost / seen.weight.sum(axis=1))


def _off(lens: Floats, seen: _Seen, turn: Floats, move: Floats) -> tuple[Floats, Floats]:
    """Seen less meant [V, N, 2], and its squares [V]; inf where a board would be behind the camera."""
    points = np.einsum("vij,nj->vni", turn, seen.board_m) + move[:, None]
    flat = points.reshape(-1, 3)
    meant = lenses.project(np.broadcast_to(lens, (len(flat), lenses.SIZE)), flat).reshape(seen.px.shape)
    off = np.where(seen.weight[..., None] > 0, seen.px - meant, 0.0)
    squares = (off**2).sum(axis=(1, 2))
    before = ((points[..., 2] > 1e-3) | (seen.weight == 0)).all(axis=1)
    return off, np.where(before & np.isfinite(squares), squares, np.inf)
