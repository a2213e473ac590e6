"""SMPTE ST 12-1 timecode in integers: rational rates, drop frame at 29.97 and 59.94 only.

Frame numbers count from 00:00:00:00 = 0. At drop-frame rates the first two (four at 59.94) labels of every minute
not divisible by ten do not exist; such a label is refused, never mended.
"""

import re
from fractions import Fraction

import msgspec

TimecodeSource = str
"""Who counted: `tracker`, `free-run` or the name of a timecode input; empty where there is no timecode."""

RATES: dict[str, tuple[int, int]] = {
    "23.976": (24000, 1001),
    "24": (24, 1),
    "25": (25, 1),
    "29.97": (30000, 1001),
    "30": (30, 1),
    "47.952": (48000, 1001),
    "48": (48, 1),
    "50": (50, 1),
    "59.94": (60000, 1001),
    "60": (60, 1),
    "95.904": (96000, 1001),
    "96": (96, 1),
    "100": (100, 1),
    "119.88": (120000, 1001),
    "120": (120, 1),
}

_DROP_PER_MINUTE: dict[tuple[int, int], int] = {(30000, 1001): 2, (60000, 1001): 4}
_LABEL = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})([:;])(\d{2,3})")


class Timecode(msgspec.Struct, frozen=True, omit_defaults=True):
    """One frame's label. Compare and subtract through `frame_number`."""

    hours: int
    minutes: int
    seconds: int
    frames: int
    rate_num: int
    rate_den: int = 1
    drop_frame: bool = False

    def __post_init__(self) -> None:
        fault = label_fault(self)
        if fault:
            raise ValueError(fault)

    def __str__(self) -> str:
        mark = ";" if self.drop_frame else ":"
        return f"{self.hours:02d}:{self.minutes:02d}:{self.seconds:02d}{mark}{self.frames:02d}"


def label_fault(tc: Timecode) -> str | None:
    """What is wrong with a label, in one sentence; None when it is a label that exists."""
    if tc.rate_num < 1 or tc.rate_den < 1 or tc.rate_num < tc.rate_den:
        return f"timecode rate {tc.rate_num}/{tc.rate_den} is not a frame rate"
    if not (0 <= tc.hours < 24 and 0 <= tc.minutes < 60 and 0 <= tc.seconds < 60):
        return f"timecode {tc.hours}:{tc.minutes}:{tc.seconds} is not a time of day"
    nominal = nominal_rate(tc.rate_num, tc.rate_den)
    if not 0 <= tc.frames < nominal:
        return f"timecode frame {tc.frames} does not exist at {tc.rate_num}/{tc.rate_den}: expected 0 to {nominal - 1}"
    if not tc.drop_frame:
        return None
    dropped = _DROP_PER_MINUTE.get((tc.rate_num, tc.rate_den))
    if dropped is None:
        return f"drop frame exists only at 30000/1001 and 60000/1001, got {tc.rate_num}/{tc.rate_den}"
    if tc.seconds == 0 and tc.frames < dropped and tc.minutes % 10:
        return f"timecode {tc} does not exist: drop frame skips it"
    return None


def nominal_rate(rate_num: int, rate_den: int) -> int:
    """Labels per second: 24 for 23.976, 30 for 29.97."""
    return -(-rate_num // rate_den)


def frames_per_day(rate_num: int, rate_den: int = 1, drop_frame: bool = False) -> int:
    """How many labels a day has."""
    dropped = _DROP_PER_MINUTE.get((rate_num, rate_den), 0) if drop_frame else 0
    return nominal_rate(rate_num, rate_den) * 86400 - dropped * (1440 - 144)


def frame_number(tc: Timecode) -> int:
    """Frames since 00:00:00:00."""
    minutes = tc.hours * 60 + tc.minutes
    number = (minutes * 60 + tc.seconds) * nominal_rate(tc.rate_num, tc.rate_den) + tc.frames
    if tc.drop_frame:
        number -= _DROP_PER_MINUTE[tc.rate_num, tc.rate_den] * (minutes - minutes // 10)
    return number


def timecode_at(number: int, rate_num: int, rate_den: int = 1, drop_frame: bool = False) -> Timecode:
    """The label of a frame number; wraps at midnight in both directions."""
    number %= frames_per_day(rate_num, rate_den, drop_frame)
    nominal = nominal_rate(rate_num, rate_den)
    if drop_frame:
        dropped = _DROP_PER_MINUTE[rate_num, rate_den]
        per_minute = nominal * 60 - dropped
        tens, rest = divmod(number, per_minute * 10 + dropped)
        number += dropped * 9 * tens
        if rest >= nominal * 60:
            number += dropped * ((rest - nominal * 60) // per_minute + 1)
    seconds, frames = divmod(number, nominal)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return Timecode(hours, minutes, seconds, frames, rate_num, rate_den, drop_frame)


def frame_offset_ns(frames: int, rate_num: int, rate_den: int = 1) -> int:
    """How long `frames` frames last, in nanoseconds, rounded to the nearest (exact rational arithmetic)."""
    return round(Fraction(frames * 1_000_000_000 * rate_den, rate_num))


def parse_timecode(text: str, rate_num: int, rate_den: int = 1) -> Timecode:
    """`15:03:47:02`, or `00:01:00;02` for drop frame. ValueError says what would have worked."""
    match = _LABEL.fullmatch(text.strip())
    if not match:
        raise ValueError(f"timecode {text!r}: expected HH:MM:SS:FF, or HH:MM:SS;FF for drop frame")
    hours, minutes, seconds, mark, frames = match.groups()
    return Timecode(int(hours), int(minutes), int(seconds), int(frames), rate_num, rate_den, mark == ";")


def parse_rate(text: str) -> tuple[int, int]:
    """`25`, `23.976`, `30000/1001` -> (numerator, denominator)."""
    if text in RATES:
        return RATES[text]
    parts = text.split("/")
    if len(parts) == 2 and all(part.isdigit() and int(part) > 0 for part in parts):
        return int(parts[0]), int(parts[1])
    raise ValueError(f"frame rate {text!r}: expected one of {', '.join(RATES)} or a fraction such as 30000/1001")


def free_run(utc_ns: int, rate_num: int, rate_den: int = 1) -> Timecode:
    """The label of a moment by UTC's time of day, locked to nothing. Non-integer rates run non-drop and slip."""
    day_ns = utc_ns % (86_400 * 1_000_000_000)
    return timecode_at(day_ns * rate_num // (rate_den * 1_000_000_000), rate_num, rate_den)
