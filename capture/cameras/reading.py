"""Reads an open source: the pictures that come one by one, those that are broken between them counted."""

from collections.abc import Iterator
from typing import NamedTuple

from bridge.clock import Clock
from bridge.timecode import Timecode, frame_number, timecode_at
from capture.cameras.picture import Film
from capture.cameras.tally import Tally

LIVE_PATIENCE, FILE_PATIENCE = 3, 60
"""Pictures in a row that may fail before a live source counts as gone, a file as ended."""


class Grabbed(NamedTuple):
    """A picture that is there, not decoded yet."""

    source_ns: int
    t_arrival_ns: int


def grabbed(film: Film, live: bool, tally: Tally, clock: Clock) -> Iterator[Grabbed]:
    """Until the source ends. A decoder that stumbles is asked again: what follows is usually whole."""
    patience = LIVE_PATIENCE if live else FILE_PATIENCE
    passed = failed = 0
    while failed <= patience:
        if film.grab():
            now_ns = clock()
            if failed:
                tally.spoilt(failed, now_ns)
            passed, failed = passed + failed + 1, 0
            yield Grabbed(film.source_ns(), now_ns)
        else:
            failed += 1
            if 0 < film.frames < passed + failed:
                break
    if film.frames > passed:
        tally.spoilt(film.frames - passed, clock())


def labelled(first: Timecode | None, at_s: float) -> Timecode | None:
    """The label of a moment, so many seconds after the first frame's."""
    if first is None:
        return None
    frames = round(at_s * first.rate_num / first.rate_den)
    return timecode_at(frame_number(first) + frames, first.rate_num, first.rate_den, first.drop_frame)
