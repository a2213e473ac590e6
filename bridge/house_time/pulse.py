"""How a source counts: the line through its labels against our clock, and the label it puts on any moment.

A place is a frame number that goes on over midnight. It is whole where a label begins; backwards, too, a label begins
at its own number and goes down to the one below.
"""

from math import ceil, floor
from typing import NamedTuple

from bridge.clock import NS_PER_S
from bridge.timecode import Timecode, frame_number, frames_per_day, timecode_at

Rate = tuple[int, int, bool]
"""Numerator, denominator, drop frame."""


class Pulse(NamedTuple):
    """Where the count was at one moment, and how fast it goes."""

    rate: Rate
    t_ns: int
    place_frames: float
    count_hz: float
    """Labels a second of our clock; negative is backward."""

    def place(self, t_ns: int) -> float:
        """The count at a moment."""
        return self.place_frames + self.count_hz * (t_ns - self.t_ns) / NS_PER_S

    @property
    def nominal_hz(self) -> float:
        """What the rate says."""
        return self.rate[0] / self.rate[1]

    @property
    def speed_unit(self) -> float:
        """Against the rate's own; negative is backward."""
        return self.count_hz / self.nominal_hz

    def label_number(self, t_ns: int) -> int:
        """The frame number shown at a moment."""
        place = self.place(t_ns)
        return floor(place + _HAIR) if self.count_hz >= 0 else ceil(place - _HAIR)

    def label(self, t_ns: int) -> tuple[Timecode, int]:
        """The label shown at a moment, and when it began."""
        number = self.label_number(t_ns)
        began_ns = self.t_ns + round((number - self.place_frames) / self.count_hz * NS_PER_S) if self.count_hz else t_ns
        return timecode_at(number, *self.rate), began_ns


_HAIR = 1e-4
"""Of a frame: a moment that was computed from a label's beginning has that label."""


def rate_of(timecode: Timecode) -> Rate:
    """What two labels must share to be counted between."""
    return timecode.rate_num, timecode.rate_den, timecode.drop_frame


def from_label(timecode: Timecode, t_ns: int, speed_unit: float) -> Pulse:
    """A source that began this label at `t_ns`."""
    rate = rate_of(timecode)
    return Pulse(rate, t_ns, float(frame_number(timecode)), rate[0] / rate[1] * speed_unit)


def ahead_frames(pulse: Pulse, of: Pulse, t_ns: int) -> float | None:
    """By how many of `of`'s frames `pulse` is ahead at a moment, the short way round midnight.

    None where the counts cannot be compared: another pull-down, or drop frame against non-drop.
    """
    if pulse.rate[2] != of.rate[2]:
        return None
    ratio = pulse.nominal_hz / of.nominal_hz
    per_frame = ratio if ratio >= 1 else 1 / ratio
    if abs(per_frame - round(per_frame)) > 1e-9:
        return None
    day = frames_per_day(*of.rate)
    return (pulse.place(t_ns) / ratio - of.place(t_ns) + day / 2) % day - day / 2
