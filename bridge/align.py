"""Streams matched by time or timecode: what was true at a moment, and whether it is known yet.

A history is a sequence of `Placed`, oldest first. Times are nanoseconds of one clock; frames are timecode frame numbers
(fractions are moments between two frames).
"""

import math
from collections.abc import Callable, Reversible
from typing import Literal, NamedTuple

from bridge.frames import Quaternion, Vector, quat_slerp
from bridge.lens import lens_between
from bridge.messages import LensState
from bridge.timecode import Timecode, frame_number, frames_per_day

Standing = Literal["exact", "between", "lost", "late", "gone"]
"""`between` two neighbours; `lost`: where a sample should be there is a hole; `late`: after the newest, it may yet
come; `gone`: before the oldest."""


class Placed(NamedTuple):
    """One pose of a stream, and where it stands in time."""

    t_ns: int
    place_frames: float
    """Timecode frame number; NaN without timecode."""
    position_m: Vector
    rotation_wxyz: Quaternion
    zoom_raw_unit: float = 0.0
    focus_raw_unit: float = 0.0
    timecode: Timecode | None = None
    iris_raw_unit: float = 0.0
    told_lens: LensState | None = None
    """The lens, where the tracker knows it itself."""


class Match(NamedTuple):
    """The pose at the moment asked for; without one where it is late or gone."""

    standing: Standing
    placed: Placed | None = None


def newest_at(history: Reversible[Placed], t_ns: int) -> Placed | None:
    """The newest at or before a time."""
    return next((placed for placed in reversed(history) if placed.t_ns <= t_ns), None)


def at_time(history: Reversible[Placed], t_ns: int, hole_ns: float = math.inf) -> Match:
    """At a time; neighbours further apart than `hole_ns` have a hole between them, and it is bridged all the same."""
    return _match(history, t_ns, _t_ns, hole_ns)


def at_frame(history: Reversible[Placed], place_frames: float, hole_frames: float = math.inf) -> Match:
    """At a timecode frame number, fractions allowed."""
    return _match(history, place_frames, _frame, hole_frames)


def frame_of(timecode: Timecode | None, offset_frames: float = 0.0) -> float:
    """A label as a place on the frame axis; NaN without one."""
    return math.nan if timecode is None else frame_number(timecode) + offset_frames


def frames_between(earlier: Timecode, later: Timecode) -> int:
    """From one label to the other the short way round midnight. ValueError where their rates differ."""
    rate = (earlier.rate_num, earlier.rate_den, earlier.drop_frame)
    if rate != (later.rate_num, later.rate_den, later.drop_frame):
        raise ValueError(f"timecode {later} and {earlier} count at different rates; convert one first")
    day = frames_per_day(*rate)
    return (frame_number(later) - frame_number(earlier) + day // 2) % day - day // 2


def between(a: Placed, b: Placed, part: float) -> Placed:
    """From `a` (0) to `b` (1): straight in position, the shortest arc in rotation; the label is the older one's."""
    (ax, ay, az), (bx, by, bz) = a.position_m, b.position_m
    return Placed(
        a.t_ns + round((b.t_ns - a.t_ns) * part),
        a.place_frames + (b.place_frames - a.place_frames) * part,
        (ax + (bx - ax) * part, ay + (by - ay) * part, az + (bz - az) * part),
        quat_slerp(a.rotation_wxyz, b.rotation_wxyz, part),
        a.zoom_raw_unit + (b.zoom_raw_unit - a.zoom_raw_unit) * part,
        a.focus_raw_unit + (b.focus_raw_unit - a.focus_raw_unit) * part,
        a.timecode,
        a.iris_raw_unit + (b.iris_raw_unit - a.iris_raw_unit) * part,
        lens_between(a.told_lens, b.told_lens, min(part, 1.0)) if a.told_lens and b.told_lens else a.told_lens,
    )


def _t_ns(placed: Placed) -> float:
    return placed.t_ns


def _frame(placed: Placed) -> float:
    return placed.place_frames


def _match(history: Reversible[Placed], place: float, axis: Callable[[Placed], float], hole: float) -> Match:
    after: Placed | None = None
    for placed in reversed(history):
        here = axis(placed)
        if here == place:
            return Match("exact", placed)
        if here < place:
            if after is None:
                return Match("late")
            span = axis(after) - here
            return Match("lost" if span > hole else "between", between(placed, after, (place - here) / span))
        after = placed
    return Match("gone" if after else "late")
