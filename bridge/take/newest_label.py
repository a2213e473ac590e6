"""The timecode of this moment, for who marks a moment: of the newest pose, else of the source that labels."""

from math import floor
from typing import Any

from bridge.clock import NS_PER_S
from bridge.messages import CameraPose, Message, TimecodeState
from bridge.timecode import Timecode, frame_number, timecode_at

FRESH_NS = NS_PER_S
"""A label older than this is not of this moment: of a tracker that was switched off it is of any other."""


class NewestLabel:
    """Changes in place as messages come."""

    def __init__(self) -> None:
        self._pose: tuple[Timecode, str, int] | None = None
        self._house: tuple[TimecodeState, int] | None = None

    def hear(self, message: Message, now_ns: int) -> None:
        """Poses and what sources of timecode say; all else is passed over."""
        if type(message) is CameraPose:
            if message.timecode and not (message.stale or message.lost):
                self._pose = message.timecode, message.timecode_source, now_ns
        elif type(message) is TimecodeState and message.chosen:
            self._house = message, now_ns

    def at(self, now_ns: int) -> tuple[Timecode | None, str]:
        """The label, and who counted it; None and nobody where none is fresh."""
        if self._pose and now_ns - self._pose[2] <= FRESH_NS:
            return self._pose[:2]
        if self._house is None:
            return None, ""
        said, heard_ns = self._house
        if now_ns - heard_ns > FRESH_NS or said.timecode is None or said.state in ("silent", "locking"):
            return None, ""
        label = said.timecode
        began_ns = said.t_ns if 0 <= heard_ns - said.t_ns <= FRESH_NS else heard_ns  # another host's clock is not ours
        since = (now_ns - began_ns) * said.speed_unit * label.rate_num / (label.rate_den * NS_PER_S)
        number = frame_number(label) + floor(since)
        return timecode_at(number, label.rate_num, label.rate_den, label.drop_frame), said.subject

    def fields(self, now_ns: int) -> dict[str, Any]:
        """As the take's events have it."""
        timecode, source = self.at(now_ns)
        return {"timecode": timecode, "timecode_source": source}
