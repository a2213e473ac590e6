"""Where the pictures of `cyc calibrate rig shoot` come from: live cameras, or files read through."""

import argparse
import heapq
import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bridge.calibrate.lens.board import Board
from bridge.clock import NS_PER_S, system_clock
from capture.calibrate.clips import RigFault, WrongWords
from capture.calibrate.footage import Picture, grey_of, pictures, times
from capture.calibrate.gathered import Looked
from capture.calibrate.watching import Eye, Watching
from capture.cameras.address import Address, address
from capture.cameras.pace import Pace
from capture.device import Camera, Play, every_picture
from capture.verbs.calibrate_rig_sources import names_of, some_pictures

_PATIENCE_S = 0.25
Stream = Iterator[tuple[Looked | None, dict[str, str]]]
"""A picture, or None when nothing came for a while; and the cameras that are missing, with why."""


class Shot(NamedTuple):
    """One camera."""

    name: str
    source: Address
    times_s: dict[int, float] | None
    """Of a file's pictures; None: its own."""


def named(args: argparse.Namespace) -> list[Shot]:
    """One for each source. RigFault or CameraFault where they cannot be."""
    some_pictures(args)
    found = [address(text) for text in args.sources]
    usual = [f"cam{number}" if one.live else Path(one.text).stem for number, one in enumerate(found, start=1)]
    names = names_of(args.names, usual)
    live = args.live or any(one.live for one in found)
    if live and (args.timestamps or args.every != 1):
        raise WrongWords("--timestamps and --every are for files that are read through: live pictures have their times")
    if args.seconds is not None and not (live and 0.0 < args.seconds < math.inf):
        raise WrongWords("--seconds: expected more than 0, and live cameras or --live")
    stamps = times(args.timestamps) if args.timestamps else [None] * len(found)
    if len(stamps) != len(found):
        raise RigFault(f"{args.timestamps}: times of {len(stamps)} cameras, expected those of {len(found)}")
    return [Shot(*row) for row in zip(names, found, stamps, strict=True)]


def watched(shots: Sequence[Shot], board: Board, stop: Callable[[], bool], seconds: float | None) -> Stream:
    """Pictures as they come, with the cameras that are missing; until files end, the time is up or `stop()`."""
    play = Play(start_ns=system_clock() + NS_PER_S, pace=Pace())
    watching = Watching([Camera(shot.name, shot.source, play=play) for shot in shots], board)
    end_s = time.monotonic() + (math.inf if seconds is None else seconds)
    try:
        while not (watching.ended or stop() or time.monotonic() > end_s):
            looked = watching.wait(_PATIENCE_S)
            yield looked, dict(watching.missing())
    finally:
        watching.close()


def read_through(shots: Sequence[Shot], board: Board, every: int) -> Stream:
    """All files' pictures in the order of time, none left out."""

    def each(shot: Shot) -> Iterator[tuple[float, str, Looked]]:
        eye = Eye(shot.name, board)
        for picture in _filmed(shot, every):
            if math.isfinite(picture.t_s):
                yield picture.t_s, shot.name, eye.look(*picture)

    for _, _, looked in heapq.merge(*(each(shot) for shot in shots), key=lambda row: row[:2]):
        yield looked, {}


def _filmed(shot: Shot, every: int) -> Iterator[Picture]:
    if shot.source.kind == "video":
        yield from pictures(Path(shot.source.text), shot.times_s, every)
        return
    for one in every_picture(shot.name, shot.source):
        if one.number % every == 0:
            own_s = one.t_ns / NS_PER_S
            t_s = own_s if shot.times_s is None else shot.times_s.get(one.number, math.nan)
            yield Picture(one.number, t_s, grey_of(one.bgr))
