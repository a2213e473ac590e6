"""From what each camera saw of the board to cameras in one place and on one clock."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.board import Board, corners_m
from capture.calibrate.bundle import Believed, Net, adjusted, late_sigma_s, residuals
from capture.calibrate.clips import Clip, Corners, RigFault, picked, together
from capture.calibrate.linked import Seats, linked, moved, seats_of
from capture.calibrate.moving import motion_px_s, stilled_turns
from capture.calibrate.neighbours import Spacing, spacing
from capture.calibrate.offsets import LEAST_AGREEMENT_UNIT, Lag, Track, by_speed
from capture.calibrate.one_camera import FREE, Alone, alone

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROUNDS = 3
"""The board's speed, and with it who is late, is told better each time."""
_FAR_SIGMAS, _FAR_PX = 6.0, 2.0
"""A picture of the board this far off as a whole is left out."""
_APART_FRAMES = 0.75
"""Speeds settle whole frames; less than this the bundle tells better."""


class Ways(NamedTuple):
    """How it is to be done."""

    most_late_s: float = 1.0
    """0: the cameras are locked to one clock."""
    lenses: dict[str, Floats] | None = None
    """Of cameras whose lens is known; it is not turned."""


class Found(NamedTuple):
    """The finding, in the first camera's axes (OpenCV's)."""

    board: Board
    clips: tuple[Clip, ...]
    net: Net
    corners: Corners
    residual_px: Floats
    """[n, 2], of every corner that counted."""
    rms_px: float
    camera_rms_px: Floats
    """[C]."""
    late_s: Floats
    late_sigma_s: Floats
    """[C]; sigma inf: nothing moved before it."""
    spacing: Spacing
    alone: tuple[Alone, ...]
    speeds: tuple[Lag, ...]
    left_out: tuple[tuple[str, int], ...]
    """Camera and frame of pictures that disagreed with all others."""
    shared: tuple[int, ...]
    """[C], how many of each camera's pictures shared their moment, left out or not."""
    moved: str
    """Which camera seems to have been moved, and when; empty: none."""


def solved(clips: Sequence[Clip], board: Board, ways: Ways = Ways()) -> Found:  # noqa: B008 (frozen)
    """RigFault where one camera cannot be had, or cameras cannot be tied to each other."""
    places = corners_m(board)
    names = [clip.name for clip in clips]
    known = ways.lenses or {}
    singles = tuple(alone(clip, places, known.get(clip.name)) for clip in clips)
    speeds = tuple(by_speed(_tracks(clips, singles, places), ways.most_late_s)) if ways.most_late_s > 0 else ()
    start_s = np.array(
        [_whole_frames(lag, clip) for lag, clip in zip(speeds, clips, strict=False)] or [0.0] * len(clips)
    )
    corners = together(clips, places, list(start_s))
    believed = _believed(clips, singles, ways)
    net, corners, noise_px = _settled(clips, singles, corners, believed)
    late_s = start_s + net.late_s
    if np.abs(net.late_s).max() > 0.25 * min(clip.frame_s for clip in clips):  # other pictures are nearest now
        corners = together(clips, places, list(late_s))
        start_s = late_s
        net, corners, noise_px = _settled(clips, singles, corners, believed)
        late_s = start_s + net.late_s
    shared = tuple(int(one) for one in (corners.frames >= 0).sum(axis=0))
    corners, left_out = _without_strays(corners, net, noise_px, names)
    net, noise_px = adjusted(corners, net, believed, noise_px)
    seats = _seats(clips, singles, corners)
    seats = seats._replace(turn=stilled_turns(corners, net, max(clip.frame_s for clip in clips), seats.turn))
    off = residuals(corners, net)
    return Found(
        board,
        tuple(clips),
        net,
        corners,
        off,
        _rms(off),
        np.array([_rms(off[corners.camera == camera]) for camera in range(len(clips))]),
        start_s + net.late_s,
        _sigma_s(corners, net, believed, noise_px),
        spacing(corners, net, board),
        singles,
        speeds,
        left_out,
        shared,
        moved(seats, corners, names),
    )


def _rms(off: Floats) -> float:
    return float(np.sqrt((off**2).sum(axis=1).mean())) if len(off) else float("nan")


def _tracks(clips: Sequence[Clip], singles: Sequence[Alone], places: Floats) -> list[Track]:
    """The board's corners before each camera: their speed is the same before all."""
    return [
        Track(
            np.array([view.t_s for view in clip.views]),
            np.einsum("vij,nj->vni", one.turn, places) + one.move_m[:, None],
        )
        for clip, one in zip(clips, singles, strict=True)
    ]


def _whole_frames(lag: Lag, clip: Clip) -> float:
    sure = lag.agreement_unit >= LEAST_AGREEMENT_UNIT and abs(lag.late_s) > _APART_FRAMES * clip.frame_s
    return lag.late_s if sure else 0.0


def _believed(clips: Sequence[Clip], singles: Sequence[Alone], ways: Ways) -> Believed:
    certain = np.stack([one.certain for one in singles])
    for row, clip in zip(certain, clips, strict=True):
        if ways.lenses and clip.name in ways.lenses:
            row[...] = np.eye(len(FREE)) * 1e12  # it stays what it is
    late_sigma_s = max(clip.frame_s for clip in clips) if ways.most_late_s > 0 else 0.0
    return Believed(FREE, np.stack([one.lens for one in singles]), certain, late_sigma_s)


def _seats(clips: Sequence[Clip], singles: Sequence[Alone], corners: Corners) -> Seats:
    rows = [
        ([view.frame for view in clip.views], one.turn, one.move_m) for clip, one in zip(clips, singles, strict=True)
    ]
    return seats_of(corners, rows)


def _settled(
    clips: Sequence[Clip], singles: Sequence[Alone], corners: Corners, believed: Believed
) -> tuple[Net, Corners, float]:
    """From pairs to a net; the board's own speed is fed back."""
    if not len(corners.px):
        raise RigFault(
            f"no two of {', '.join(clip.name for clip in clips)} saw the board at the same time: were the clips "
            "started together? Give their times (--timestamps), or carry the board where two cameras see it at once"
        )
    links = linked(_seats(clips, singles, corners), corners, [clip.name for clip in clips])
    net = Net(believed.lens.copy(), *links, np.zeros(len(clips)))
    noise_px, frame_s = 1.0, max(clip.frame_s for clip in clips)
    for _ in range(_ROUNDS):
        net, noise_px = adjusted(corners, net, believed, noise_px)
        corners = corners._replace(motion_px_s=motion_px_s(corners, net, frame_s))
    net, noise_px = adjusted(corners, net, believed, noise_px)
    return net, corners, noise_px


def _without_strays(
    corners: Corners, net: Net, noise_px: float, names: Sequence[str]
) -> tuple[Corners, tuple[tuple[str, int], ...]]:
    """Without pictures in which the board, as a whole, is not where all others have it."""
    cameras = len(names)
    view = corners.moment * cameras + corners.camera
    far = np.hypot(*residuals(corners, net).T)
    stray: list[int] = []
    for one in np.unique(view):
        if np.median(far[view == one]) > max(_FAR_SIGMAS * noise_px, _FAR_PX):
            stray.append(int(one))
    kept = ~np.isin(view, stray)
    left = tuple((names[one % cameras], int(corners.frames[one // cameras, one % cameras])) for one in stray)
    frames = corners.frames.copy()
    for one in stray:
        frames[one // cameras, one % cameras] = -1
    return picked(corners, kept)._replace(frames=frames), left


def _sigma_s(corners: Corners, net: Net, believed: Believed, noise_px: float) -> Floats:
    """No finer than a twentieth of what it would be if each picture of the board erred as one."""
    sigma = late_sigma_s(corners, net, believed, noise_px)
    views = max(int((corners.frames >= 0).sum()), 1)
    sigma *= np.sqrt(len(corners.px) / views)
    sigma[0] = 0.0
    return sigma
