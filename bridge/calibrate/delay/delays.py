"""What a measured lag or latency says about the stage file's settings, by how the pictures were timed.

A lag is how much later the picture shows a movement than the tracking says; positive means tracking is early. With w
the true motion, a picture stamped `c` shows w(c - late), and a pose stamped `t` shows w(t + latency set - latency
true); so lag = late + set - true. What that determines:

- stamps of the exposure itself (late = 0, as with a known capture latency taken off): the tracker's true latency is
  the one set minus the lag;
- stamps of arrival: whatever the capture latency is, pictures come (lag + pose's own way from stamp to arrival) after
  the packets, and by that much tracking must be held back to meet them;
- timecode: only how far the labels of packets and of pictures are apart. If the tracker labels a packet as it leaves,
  that is its latency; if the picture's label is what is late, it is a delay. Which of them, the operator must say.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.align import frames_between
from bridge.clock import NS_PER_S
from bridge.messages import CameraPose
from bridge.timecode import Timecode

Floats = NDArray[np.float64]
Stamped = Literal["exposure", "arrival", "timecode"]

LONGEST_S = 10.0
_NOTHING_FRAMES = 0.1
"""A negative latency as small as this is none."""


class DelayFault(ValueError):
    """Something a stage file cannot say; the text says why and what would help."""


class Tracking(NamedTuple):
    """What was set and seen of the tracker while it was measured."""

    latency_s: float
    """As set then."""
    arrival_after_s: float
    """From a pose's stamp to its packet's arrival."""
    rate_hz: float
    """The camera's."""


def tracker_latency_s(lag_s: float, stamped: Stamped, tracking: Tracking) -> float:
    """From exposure to the packet's arrival."""
    found_s = -lag_s if stamped == "timecode" else tracking.latency_s - lag_s
    if found_s < 0.0 and -found_s * tracking.rate_hz <= _NOTHING_FRAMES:
        found_s = 0.0
    if found_s < 0.0:
        text = f"the tracker would have to know {-found_s * 1e3:.1f} ms in advance: it is the picture that is late by"
        raise DelayFault(
            f"{text} that or more. State what of it is the capture's (--capture-latency), or hold tracking "
            "back to meet the picture (--into delay)"
        )
    return _bounded(found_s)


def delay_frames(lag_s: float, capture_s: float, stamped: Stamped, tracking: Tracking) -> float:
    """By how many camera frames tracking must be held back to meet the picture as it arrives."""
    apart_s = lag_s if stamped == "timecode" else lag_s + capture_s - tracking.arrival_after_s
    frames = apart_s * tracking.rate_hz
    if -_NOTHING_FRAMES <= frames < 0.0:
        frames = 0.0
    if frames < 0.0:
        text = f"the picture comes {-frames:.2f} frames before its tracking does, and nothing can be held back by less"
        raise DelayFault(f"{text} than nothing: delay the picture by that much where it is put together")
    _bounded(apart_s)
    return frames


def processor_latency_s(light_s: float, rest_s: float, rest: str) -> float:
    """Of the time from being asked to light, the part that is not `rest_s`, which `rest` names."""
    found_s = light_s - rest_s
    if -0.002 <= found_s < 0.0:
        return 0.0
    if found_s < 0.0:
        text = f"light came {light_s * 1e3:.1f} ms after it was asked for, but {rest} is set to {rest_s * 1e3:.1f} ms"
        raise DelayFault(f"{text}: put the finding there instead (--into), or set that one right first")
    return _bounded(found_s)


def _bounded(value_s: float) -> float:
    if value_s > LONGEST_S:
        raise DelayFault(f"{value_s:.2f} s is more than a stage file may say ({LONGEST_S:g}): are the times right?")
    return value_s


def lag_words(lag_s: float, rate_hz: float) -> str:
    """The sign, in words."""
    size = f"{abs(lag_s) * rate_hz:.2f} frames ({abs(lag_s) * 1e3:.1f} ms)"
    if lag_s >= 0.0:
        return f"tracking is early: the picture shows a movement {size} later than tracking says"
    return f"tracking is late: the picture shows a movement {size} earlier than tracking says"


# --- times ------------------------------------------------------------------------------------------------------------


def middles_s(stamps_s: Floats, stamp: Literal["start", "middle", "end"], open_s: float) -> Floats:
    """Middles of exposures from stamps of their start, middle or end."""
    return stamps_s + {"start": 0.5, "middle": 0.0, "end": -0.5}[stamp] * open_s


def arrival_after_s(poses: Sequence[CameraPose], latency_s: float, delay_s: float) -> float:
    """From a pose's stamp to its packet's arrival: the latency set, or what a sender's own stamps show."""
    if poses[0].time_source == "arrival":
        return latency_s
    return float(np.median([pose.t_arrival_ns - pose.t_ns for pose in poses])) / NS_PER_S - delay_s


def label_places_s(poses: Sequence[CameraPose], origin_ns: int, start: Timecode) -> Floats | None:
    """Where poses lie on the axis of their own labels, seconds after the label `start`; None where they have none.

    Labels repeat where a tracker is faster than its timecode: the first of each is where its frame begins, and between
    them poses lie as their times do.
    """
    t_s = np.array([(pose.t_ns - origin_ns) / NS_PER_S for pose in poses])
    firsts = [
        (index, pose.timecode)
        for index, pose in enumerate(poses)
        if pose.timecode and (index == 0 or poses[index - 1].timecode != pose.timecode)
    ][1:]
    if not firsts:
        return None
    frame_s = start.rate_den / start.rate_num
    ahead = [frames_between(start, label) * frame_s - t_s[index] for index, label in firsts]
    return t_s + float(np.median(ahead))
