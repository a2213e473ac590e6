"""MIDI timecode: quarter frames in both directions, and the full-frame message, to and from timecode.

A label takes eight quarter frames, two frames: it was true when piece 0 was sent. Forwards that is seven quarter frames
before its last piece, backwards it is the last piece itself. MTC says 24, 25, 29.97 drop and 30; 23.976 goes as 24 and
29.97 non-drop as 30, and the reader gets those back only from a stage that declares them.
"""

from typing import NamedTuple

import msgspec

from bridge.timecode import Timecode, nominal_rate
from bridge.wire.refusal import Refused

QUARTER_FRAME = 0xF1
PIECES = 8
FULL_FRAME_BYTES = 10
EVERYONE = 0x7F

_RATES: tuple[tuple[int, int, bool], ...] = ((24, 1, False), (25, 1, False), (30000, 1001, True), (30, 1, False))
_CODES = {24: 0, 25: 1, 30: 3}
_DROP_CODE = 2


class MtcFrame(msgspec.Struct, frozen=True, kw_only=True):
    """One label, whole."""

    timecode: Timecode
    reverse: bool = False
    quarter_frames_since: int = 0
    """Between the moment the label was true and the message that completed it: 7 forwards, 0 backwards or in full."""


class MtcState(NamedTuple):
    """What was gathered so far."""

    pieces: tuple[int, ...] = ()
    """The values, in the order they came."""
    newest: int = -1
    """The number of the last piece; -1 is none."""
    reverse: bool = False
    dropped: int = 0
    """Labels that came in part, out of order or as no label that exists."""


def step(state: MtcState, data: bytes) -> tuple[MtcState, MtcFrame | None]:
    """One quarter-frame message further. Refused, the state staying as it was: length, type, field."""
    piece, value = _quarter(data)
    moved = (piece - state.newest) % PIECES if state.newest >= 0 else 0
    backwards = moved == PIECES - 1
    if state.pieces and (moved == 1 or backwards) and backwards == state.reverse:
        gathered = state._replace(pieces=(*state.pieces, value), newest=piece)
        return _whole(gathered) if len(gathered.pieces) == PIECES else (gathered, None)
    dropped = state.dropped + (1 if state.pieces else 0)
    if piece == (PIECES - 1 if backwards else 0) or (piece == PIECES - 1 and moved != 1):
        return MtcState((value,), piece, piece > 0, dropped), None
    return MtcState(newest=piece, dropped=dropped), None


def encode(timecode: Timecode, reverse: bool = False) -> list[bytes]:
    """The eight quarter-frame messages of a label in the order they are sent, a quarter of a frame apart."""
    hours = _code(timecode) << 5 | timecode.hours
    numbers = (timecode.frames, timecode.seconds, timecode.minutes, hours)
    halves = [number >> shift & 0xF for number in numbers for shift in (0, 4)]
    messages = [bytes((QUARTER_FRAME, piece << 4 | half)) for piece, half in enumerate(halves)]
    return messages[::-1] if reverse else messages


def decode_full(data: bytes) -> MtcFrame:
    """A full-frame message: a jump, or where a stopped transport stands. Refused: length, type, field."""
    if len(data) != FULL_FRAME_BYTES:
        raise Refused("length", f"MTC full frame is {FULL_FRAME_BYTES} bytes, got {len(data)}")
    if data[:2] != b"\xf0\x7f" or data[3:5] != b"\x01\x01" or data[9] != 0xF7:
        raise Refused("type", f"MTC full frame: expected F0 7F device 01 01 hh mm ss ff F7, got {data.hex(' ')}")
    hours, minutes, seconds, frames = data[5:9]
    return MtcFrame(timecode=_timecode(hours, minutes, seconds, frames))


def encode_full(timecode: Timecode, device: int = EVERYONE) -> bytes:
    """The full-frame message; ValueError says what MTC cannot hold."""
    if not 0 <= device <= EVERYONE:
        raise ValueError(f"MIDI device {device}: expected 0 to {EVERYONE}")
    hours = _code(timecode) << 5 | timecode.hours
    label = (hours, timecode.minutes, timecode.seconds, timecode.frames)
    return bytes((0xF0, 0x7F, device, 1, 1, *label, 0xF7))


def _quarter(data: bytes) -> tuple[int, int]:
    """(which piece, its four bits)."""
    if len(data) != 2:
        raise Refused("length", f"MTC quarter frame is 2 bytes, got {len(data)}")
    if data[0] != QUARTER_FRAME:
        raise Refused("type", f"MTC quarter frame: status 0x{data[0]:02X}, expected 0xF1")
    if data[1] > 0x7F:
        raise Refused("field", f"MTC quarter frame: 0x{data[1]:02X} is no MIDI data byte")
    return data[1] >> 4, data[1] & 0xF


def _whole(state: MtcState) -> tuple[MtcState, MtcFrame | None]:
    low_first = state.pieces[::-1] if state.reverse else state.pieces
    frames, seconds, minutes, hours = (low_first[at] | low_first[at + 1] << 4 for at in range(0, PIECES, 2))
    empty = state._replace(pieces=())
    try:
        timecode = _timecode(hours, minutes, seconds, frames)
    except Refused:
        return empty._replace(dropped=state.dropped + 1), None
    since = 0 if state.reverse else PIECES - 1
    return empty, MtcFrame(timecode=timecode, reverse=state.reverse, quarter_frames_since=since)


def _timecode(hours: int, minutes: int, seconds: int, frames: int) -> Timecode:
    """Bits that MTC does not define are passed over, as it asks."""
    rate_num, rate_den, drop_frame = _RATES[hours >> 5 & 3]
    try:
        return Timecode(hours & 0x1F, minutes & 0x3F, seconds & 0x3F, frames & 0x1F, rate_num, rate_den, drop_frame)
    except ValueError as error:
        raise Refused("field", f"MTC: {error}") from None


def _code(timecode: Timecode) -> int:
    nominal = nominal_rate(timecode.rate_num, timecode.rate_den)
    if nominal not in _CODES:
        raise ValueError(f"MTC counts 24, 25 or 30 labels a second, got {timecode.rate_num}/{timecode.rate_den}")
    return _DROP_CODE if timecode.drop_frame else _CODES[nominal]
