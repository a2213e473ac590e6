"""What is said on the bus about takes: what the recorder does, where a take begins and ends, marks in it."""

from bridge.envelope import Message
from bridge.timecode import Timecode, TimecodeSource


class TakeState(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What the recorder is doing; `subject` is `recorder`."""

    recording: bool
    take: str = ""
    path: str = ""
    messages: int = 0
    bytes_written: int = 0
    missed: int = 0
    """Messages that neither arrived nor could be re-sent."""
    fault: str = ""
    slate: str = ""
    """Of the take that runs: the scene that consents speak of."""


class ClockPair(Message, frozen=True, kw_only=True):
    """Logged once a second in every take: the same moment on the monotonic clock (`t_ns`) and in UTC."""

    utc_ns: int
    clock_id: int


class TakeStarted(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A take began; `subject` is the take's name."""

    slate: str = ""
    timecode: Timecode | None = None
    timecode_source: TimecodeSource = ""


class TakeStopped(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A take ended; `subject` is the take's name."""

    timecode: Timecode | None = None
    timecode_source: TimecodeSource = ""


class Mark(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody pointed at this moment."""

    text: str = ""
    timecode: Timecode | None = None
