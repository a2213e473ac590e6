"""What each camera saw of the board, and which of its pictures show the same moment."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.board import FEWEST_CORNERS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_TOGETHER_UNIT = 0.5
"""Pictures further apart than this part of a frame are not of one moment."""


class RigFault(ValueError):
    """A calibration that cannot be had from what was filmed: what, where, and what to do."""


class WrongWords(RigFault):
    """What was asked cannot be, whatever was filmed."""


class View(NamedTuple):
    """The board in one picture."""

    frame: int
    t_s: float
    ids: Ints
    """[n], numbers of the corners that were found."""
    px: Floats
    """[n, 2], right and down; the first pixel's centre is (0.5, 0.5)."""
    blur_px: float


class Clip(NamedTuple):
    """One camera's pictures."""

    name: str
    size_px: tuple[int, int]
    frame_s: float
    """From picture to picture."""
    pictures: int
    views: tuple[View, ...]
    """Only of pictures that show enough of the board."""


class Corners(NamedTuple):
    """Every corner of every picture that shares its moment with another camera's."""

    px: Floats
    board_m: Floats
    """[n, 2] and [n, 3]."""
    camera: Ints
    moment: Ints
    corner: Ints
    after_s: Floats
    """[n], the picture's time less its moment's."""
    motion_px_s: Floats
    """[n, 2], how fast the corner moves in its picture."""
    t_s: Floats
    """[M]."""
    frames: Ints
    """[M, C], the picture's number in its clip; -1: the camera saw no board then."""


def enough(view: View) -> bool:
    """Corners that span both ways: a row of them leaves the board free to turn about itself."""
    if len(view.ids) < FEWEST_CORNERS:
        return False
    spread = np.linalg.svd(view.px - view.px.mean(axis=0), compute_uv=False)
    return bool(spread[1] > 0.08 * spread[0])


def together(clips: Sequence[Clip], corners_m: Floats, late_s: Sequence[float]) -> Corners:
    """Pictures of one moment side by side; `late_s` is taken off each camera's times. The moments are those of the
    camera with most pictures, each at the mean of the times that share it."""
    lead = max(range(len(clips)), key=lambda c: len(clips[c].views))
    ticks = np.array([view.t_s for view in clips[lead].views]) - late_s[lead]
    near_s = _TOGETHER_UNIT * max(clip.frame_s for clip in clips)
    ticks = np.concatenate((ticks, _missed(clips, late_s, ticks, near_s)))
    ticks.sort()
    chosen = np.stack([_nearest(clip, late, ticks, near_s) for clip, late in zip(clips, late_s, strict=True)], axis=1)
    chosen = chosen[(chosen >= 0).sum(axis=1) >= min(2, len(clips))]
    return _laid_out(clips, corners_m, late_s, chosen)


def _missed(clips: Sequence[Clip], late_s: Sequence[float], ticks: Floats, near_s: float) -> Floats:
    """Times of pictures that no tick is near to: the lead did not see the board then, others did."""
    times = np.sort([view.t_s - late for clip, late in zip(clips, late_s, strict=True) for view in clip.views])
    added: list[float] = []
    for t in times:
        near = np.abs(ticks - t).min(initial=np.inf)
        if near > near_s and (not added or t - added[-1] > near_s):
            added.append(float(t))
    return np.array(added)


def _nearest(clip: Clip, late_s: float, ticks: Floats, near_s: float) -> Ints:
    """[M], which of the clip's views each tick has; -1 for none. A view serves its nearest tick only."""
    chosen = np.full(len(ticks), -1)
    if not clip.views or not len(ticks):
        return chosen
    times = np.array([view.t_s for view in clip.views]) - late_s
    owner = np.abs(times[:, None] - ticks[None, :]).argmin(axis=1)
    apart = np.abs(times - ticks[owner])
    for row in np.argsort(-apart):
        if apart[row] <= near_s:
            chosen[owner[row]] = row
    return chosen


def _laid_out(clips: Sequence[Clip], corners_m: Floats, late_s: Sequence[float], chosen: Ints) -> Corners:
    rows: list[tuple[int, int, View, float]] = []
    t_s, frames = np.zeros(len(chosen)), np.full(chosen.shape, -1)
    for moment, picked in enumerate(chosen):
        views = [(c, clips[c].views[int(v)]) for c, v in enumerate(picked) if v >= 0]
        t_s[moment] = np.mean([view.t_s - late_s[c] for c, view in views])
        for c, view in views:
            frames[moment, c] = view.frame
            rows.append((c, moment, view, view.t_s - late_s[c] - float(t_s[moment])))
    if not rows:
        none = np.empty(0, np.int64)
        return Corners(np.empty((0, 2)), np.empty((0, 3)), none, none, none, np.empty(0), np.empty((0, 2)), t_s, frames)
    count = [len(view.ids) for _, _, view, _ in rows]
    ids = np.concatenate([view.ids for _, _, view, _ in rows])
    return Corners(
        np.concatenate([view.px for _, _, view, _ in rows]),
        corners_m[ids],
        np.repeat([c for c, _, _, _ in rows], count),
        np.repeat([m for _, m, _, _ in rows], count),
        ids,
        np.repeat([after for _, _, _, after in rows], count),
        np.zeros((len(ids), 2)),
        t_s,
        frames,
    )


def picked(corners: Corners, rows: NDArray[np.bool_] | Ints) -> Corners:
    """Some rows of them; the moments stay."""
    return corners._replace(
        px=corners.px[rows],
        board_m=corners.board_m[rows],
        camera=corners.camera[rows],
        moment=corners.moment[rows],
        corner=corners.corner[rows],
        after_s=corners.after_s[rows],
        motion_px_s=corners.motion_px_s[rows],
    )
