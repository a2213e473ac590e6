"""Which timecode a pose carries: its tracker's, a house source's, or the time of day, locked to nothing.

The timecode service says ten times a second where its chosen source's count is and how fast it goes; between two such
sayings, and after the last should it die, poses are labelled along that line. Where the house's label replaces the
tracker's, the pose keeps both.
"""

from math import floor
from typing import NamedTuple

import msgspec

from bridge.clock import NS_PER_S
from bridge.messages import Alarm, CameraPose, TimecodeState
from bridge.timecode import Timecode, frame_number, free_run, timecode_at

TRACKER, FREE_RUN = "tracker", "free-run"
SILENT_NS, STARTING_NS = 2 * NS_PER_S, 15 * NS_PER_S
FOREIGN_NS = 10 * NS_PER_S
"""A label that was true so long ago, or will be, is of another computer's clock."""
_EARLY_FRAMES = 0.1
"""A pose this little before a frame begins was meant to be its first: genlocked cameras expose as frames begin."""
_SLACK_FRAMES = 0.25
"""A pose this far beside its label's frame still has it: labels do not flicker at a border."""


class Labels:
    """How to label; what was heard of the house's source changes in place."""

    __slots__ = ("_dead", "_foreign", "_last", "_line", "chosen", "heard_ns", "utc_minus_clock_ns")

    def __init__(self, chosen: str, utc_minus_clock_ns: int) -> None:
        self.chosen = chosen
        """As the stage file says."""
        self.utc_minus_clock_ns = utc_minus_clock_ns
        self.heard_ns: int | None = None
        self._line: _Line | None = None
        self._last: dict[str, tuple[float, int]] = {}
        self._dead = self._foreign = False

    def hear(self, said: TimecodeState, now_ns: int) -> None:
        """A source's state; others than the chosen one are passed over.

        While it locks, and where it has never heard a label (it was started anew), the line of before goes on.
        """
        if said.subject != self.chosen:
            return
        self._foreign = abs(now_ns - said.t_ns) > FOREIGN_NS
        if self._foreign:  # its moments are none of ours: a label put on ours would be wrong, and look right
            return
        self.heard_ns = now_ns
        if said.timecode and said.state in ("locked", "jammed"):
            self._line = _line(said)
        elif said.timecode and said.state == "silent":  # it stopped, or went where no clock of ours can follow
            self._line = None

    def tick(self, now_ns: int) -> list[Alarm]:
        """Says when the timecode service is not heard, and when it is again."""
        if self.chosen in (TRACKER, FREE_RUN):
            return []
        if self.heard_ns is None:
            self.heard_ns = now_ns + STARTING_NS - SILENT_NS
        dead = now_ns - self.heard_ns > SILENT_NS
        if dead == self._dead:
            return []
        self._dead = dead
        if not dead:
            return [Alarm(subject="spine", t_ns=now_ns, severity="notice", text="the timecode service is heard again")]
        how = "keep their trackers' own timecode" if self._line is None else "are labelled by running on from its last"
        text = f"the timecode service is silent, poses {how}; restart it"
        if self._foreign:
            text = (
                f"the timecode service is on another computer, whose clock is another one, so poses {how}; run it here"
            )
        return [Alarm(subject="spine", t_ns=now_ns, severity="warning", text=text)]

    def label(self, pose: CameraPose, rate: tuple[int, int]) -> CameraPose:
        """With a timecode, and who counted it; `rate` is the camera's."""
        if self._line is not None:
            label = self._line.label(pose, rate, self._last)
            return msgspec.structs.replace(
                pose, timecode=label, timecode_source=self.chosen, tracker_timecode=pose.timecode
            )
        if pose.timecode is not None:
            return msgspec.structs.replace(pose, timecode_source=TRACKER)
        if self.chosen != FREE_RUN:
            return pose
        label = free_run(pose.t_ns + self.utc_minus_clock_ns, *rate)
        return msgspec.structs.replace(pose, timecode=label, timecode_source=FREE_RUN)


class _Line(NamedTuple):
    """The count of the house's source: `number` began at `t_ns`."""

    number: int
    t_ns: int
    rate: tuple[int, int, bool]
    count_hz: float

    def label(self, pose: CameraPose, camera_rate: tuple[int, int], last: dict[str, tuple[float, int]]) -> Timecode:
        """The frame that the pose lies in. Steps are counted in the camera's frames, so that poses which lie on the
        border between two labels get one each. Backward, the count is looked at in a mirror."""
        place = self.number + self.count_hz * (pose.t_ns - self.t_ns) / NS_PER_S
        place, mirrored = (place, 1) if self.count_hz >= 0 else (-place, -1)
        parts = max(1, round(camera_rate[0] * self.rate[1] / (camera_rate[1] * self.rate[0])))
        fresh = floor(place * parts + _EARLY_FRAMES)
        before_frames, before = last.get(pose.subject, (place, fresh))
        part = before + round((place - before_frames) * parts)
        if not -_SLACK_FRAMES <= place * parts - part < 1.0 + _SLACK_FRAMES:
            part = fresh
        last[pose.subject] = (place, part)
        return timecode_at(mirrored * (part // parts), *self.rate)


def _line(said: TimecodeState) -> _Line:
    label = said.timecode
    assert label
    rate = (label.rate_num, label.rate_den, label.drop_frame)
    return _Line(frame_number(label), said.t_ns, rate, said.speed_unit * label.rate_num / label.rate_den)
