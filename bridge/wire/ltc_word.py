"""The 80 bits of one linear timecode frame (SMPTE ST 12-1): label, user bits and flags as an integer, both ways.

Bit i of the integer is bit i of the standard, sent lowest first. Digits are BCD between eight groups of user bits.
"""

from typing import NamedTuple

import msgspec

from bridge.timecode import Timecode, nominal_rate
from bridge.wire.refusal import Refused

BITS = 80
SYNC = 0xBFFC
"""Bits 64 to 79; on the line, lowest first, 0011 1111 1111 1101."""

_DROP, _COLOUR = 10, 11
_USER_AT = (4, 12, 20, 28, 36, 44, 52, 60)
_GROUP_FLAGS_AT = {25: (27, 58, 43), 24: (43, 58, 59), 30: (43, 58, 59)}
_POLARITY_AT = {25: 59, 24: 27, 30: 27}


class Field(NamedTuple):
    """One decimal number: where its units and tens lie, and how many bits the tens have."""

    name: str
    units_at: int
    tens_at: int
    tens_bits: int
    below: int


_FRAMES = Field("frames", 0, 8, 2, 30)
_SECONDS = Field("seconds", 16, 24, 3, 60)
_MINUTES = Field("minutes", 32, 40, 3, 60)
_HOURS = Field("hours", 48, 56, 2, 24)


class Label(NamedTuple):
    """What a word says before its rate is known."""

    hours: int
    minutes: int
    seconds: int
    frames: int
    drop_frame: bool


class Extras(msgspec.Struct, frozen=True, kw_only=True):
    """What rides along with the label."""

    user_bits: int = 0
    """Eight groups of four, the first group lowest."""
    colour_frame: bool = False
    group_flags: int = 0
    """Binary group flags 0, 1, 2, the first lowest: what the user bits hold."""


def pack(timecode: Timecode, extras: Extras | None = None) -> int:
    """The 80 bits, with the polarity bit set so that the ones are even: every frame then starts with the same edge."""
    extras = extras or Extras()
    nominal = nominal_rate(timecode.rate_num, timecode.rate_den)
    if nominal not in _POLARITY_AT:
        raise ValueError(f"LTC counts 24, 25 or 30 labels a second, got {timecode.rate_num}/{timecode.rate_den}")
    if not (0 <= extras.user_bits < 1 << 32 and 0 <= extras.group_flags < 8):
        raise ValueError(f"LTC has 32 user bits and 3 group flags: {extras} does not fit")
    word = SYNC << 64 | timecode.drop_frame << _DROP | extras.colour_frame << _COLOUR
    for field, value in (
        (_FRAMES, timecode.frames),
        (_SECONDS, timecode.seconds),
        (_MINUTES, timecode.minutes),
        (_HOURS, timecode.hours),
    ):
        word |= value % 10 << field.units_at | value // 10 << field.tens_at
    for group, at in enumerate(_USER_AT):
        word |= (extras.user_bits >> 4 * group & 0xF) << at
    for flag, at in enumerate(_GROUP_FLAGS_AT[nominal]):
        word |= (extras.group_flags >> flag & 1) << at
    return word | (word.bit_count() & 1) << _POLARITY_AT[nominal]


def label_of(word: int) -> Label:
    """Refused: magic (the sync word), field (a digit or number that no label has)."""
    if word >> 64 != SYNC:
        raise Refused("magic", f"LTC: sync word 0x{word >> 64:04X}, expected 0x{SYNC:04X}")
    return Label(_number(word, _HOURS), _number(word, _MINUTES), _number(word, _SECONDS), _number(word, _FRAMES),
                 bool(word >> _DROP & 1))  # fmt: skip


def extras_of(word: int, nominal: int) -> Extras:
    """User bits and flags; where the flags lie depends on the labels per second, 24, 25 or 30."""
    return Extras(
        user_bits=sum((word >> at & 0xF) << 4 * group for group, at in enumerate(_USER_AT)),
        colour_frame=bool(word >> _COLOUR & 1),
        group_flags=sum((word >> at & 1) << flag for flag, at in enumerate(_GROUP_FLAGS_AT[nominal])),
    )


def _number(word: int, field: Field) -> int:
    units = word >> field.units_at & 0xF
    value = (word >> field.tens_at & (1 << field.tens_bits) - 1) * 10 + units
    if units > 9 or value >= field.below:
        raise Refused("field", f"LTC {field.name}: {value} with units {units} is no number below {field.below}")
    return value
