"""The board in a whole video: found in each picture, one video on each core."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bridge.calibrate.lens.board import Board
from bridge.calibrate.lens.board_detect import find
from bridge.jobs import JobFailed, run_jobs
from capture.calibrate.clips import Clip, RigFault, View, enough
from capture.calibrate.footage import Picture, pictures
from capture.calibrate.strange import what_instead

_SAMPLES = 12
"""Pictures that are looked at again where a camera hardly saw the board."""
_FEW_UNIT = 0.02


class Job(NamedTuple):
    """One video."""

    name: str
    path: Path
    board: Board
    times_s: dict[int, float] | None
    every: int


def clips(jobs: Sequence[Job], workers: int) -> list[Clip]:
    """In the order of the jobs. RigFault where one cannot be read, or shows another board."""
    try:
        return list(run_jobs(_clip, jobs, workers=min(workers, len(jobs)) if len(jobs) > 1 else 0))
    except JobFailed as failed:
        if isinstance(failed.__cause__, RigFault):
            raise failed.__cause__ from None
        raise


def _clip(job: Job) -> Clip:
    clip = seen(job.name, job.board, pictures(job.path, job.times_s, job.every))
    if len(clip.views) <= _FEW_UNIT * clip.pictures:
        step = max(clip.pictures // _SAMPLES, 1) * job.every
        said = what_instead(job.board, [one.grey for one in pictures(job.path, None, step)])
        if said:
            raise RigFault(f"{job.name}: {said}")
    return clip


def seen(name: str, board: Board, frames: Iterable[Picture]) -> Clip:
    """The board in each of a camera's pictures."""
    views, stamps, size = list[View](), list[float](), (0, 0)
    for picture in frames:
        size = (picture.grey.shape[1], picture.grey.shape[0])
        if not math.isfinite(picture.t_s):
            continue
        stamps.append(picture.t_s)
        view = view_in(board, picture)
        if view is not None:
            views.append(view)
    frame_s = float(np.median(np.diff(stamps))) if len(stamps) > 1 else 1.0
    return Clip(name, size, frame_s, len(stamps), tuple(views))


def view_in(board: Board, picture: Picture) -> View | None:
    """None where too little of the board is seen."""
    found = find(board, picture.grey)
    view = View(picture.frame, picture.t_s, found.ids, found.px, found.blur_px)
    return view if enough(view) else None
