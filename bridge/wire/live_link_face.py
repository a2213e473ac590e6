"""Live Link Face, version 6: the datagram that Unreal's own ARKit source takes on port 11111. Big-endian.

Byte 6; device and subject, each an int32 length and its characters; frame number (int32) and sub-frame (float32);
rate (int32 over int32); a count byte; that many float32. A packet may end before the count: a face that is not seen.
Checked against 3660 recorded packets. The PyPI package PyLiveLinkFace writes another header: do not compare with it.
"""

import math
import struct

import msgspec

from bridge.performed import ARKIT_SHAPES
from bridge.wire.refusal import Refused

VERSION = 6
VALUES: tuple[str, ...] = (
    *(name[0].upper() + name[1:] for name in ARKIT_SHAPES),
    *(f"{part}{turn}" for part in ("Head", "LeftEye", "RightEye") for turn in ("Yaw", "Pitch", "Roll")),
)
"""What the 61 numbers are: shapes 0..1, then turns in radians."""
LONGEST_NAME_BYTES = 256

_LENGTH, _FRAME, _VALUES = struct.Struct(">i"), struct.Struct(">ifii"), struct.Struct(f">{len(VALUES)}f")


class LiveLinkFace(msgspec.Struct, frozen=True, kw_only=True):
    """One face at one moment."""

    device: str
    subject: str
    frame: int
    """Counted from midnight in the rate's frames, as a timecode is."""
    sub_frame_frames: float = 0.0
    rate_num: int = 60
    rate_den: int = 1
    values_unit: tuple[float, ...] = ()
    """61 in the order of VALUES; empty: no face is seen."""


def encode(face: LiveLinkFace) -> bytes:
    """The datagram; ValueError names what the packet cannot hold."""
    if face.values_unit and len(face.values_unit) != len(VALUES):
        raise ValueError(f"values: expected {len(VALUES)} or none, got {len(face.values_unit)}")
    if not all(map(math.isfinite, face.values_unit)):
        raise ValueError("values: a number that is not finite")
    try:
        timing = _FRAME.pack(face.frame, face.sub_frame_frames, face.rate_num, face.rate_den)
    except struct.error as error:
        raise ValueError(f"frame {face.frame}, rate {face.rate_num}/{face.rate_den}: {error}") from None
    head = bytes((VERSION,)) + _named("device", face.device) + _named("subject", face.subject) + timing
    return head + (bytes((len(VALUES),)) + _VALUES.pack(*face.values_unit) if face.values_unit else b"")


def decode(data: bytes) -> LiveLinkFace:
    """Refused: version, length, field, encoding."""
    if not data or data[0] != VERSION:
        raise Refused("version", f"Live Link Face: expected version {VERSION}, got {data[:1].hex() or 'nothing'}")
    device, at = _name("device", data, 1)
    subject, at = _name("subject", data, at)
    if len(data) < at + _FRAME.size:
        raise Refused("length", f"Live Link Face: the frame's time is at byte {at}, the packet has {len(data)}")
    frame, sub_frame, rate_num, rate_den = _FRAME.unpack_from(data, at)
    if rate_num <= 0 or rate_den <= 0 or not math.isfinite(sub_frame):
        raise Refused("field", f"Live Link Face: rate {rate_num}/{rate_den}, sub-frame {sub_frame}")
    return LiveLinkFace(
        device=device,
        subject=subject,
        frame=frame,
        sub_frame_frames=sub_frame,
        rate_num=rate_num,
        rate_den=rate_den,
        values_unit=_face(data, at + _FRAME.size),
    )


def _face(data: bytes, at: int) -> tuple[float, ...]:
    if at == len(data):
        return ()
    if data[at] != len(VALUES):
        raise Refused("field", f"Live Link Face: expected {len(VALUES)} values, got {data[at]}")
    if len(data) != at + 1 + _VALUES.size:
        raise Refused("length", f"Live Link Face: expected {at + 1 + _VALUES.size} bytes, got {len(data)}")
    values = _VALUES.unpack_from(data, at + 1)
    if not all(map(math.isfinite, values)):
        raise Refused("field", "Live Link Face: a value that is not finite")
    return values


def _named(what: str, text: str) -> bytes:
    name = text.encode()
    if not 0 < len(name) <= LONGEST_NAME_BYTES:
        raise ValueError(f"{what}: expected 1 to {LONGEST_NAME_BYTES} bytes, got {len(name)}")
    return _LENGTH.pack(len(name)) + name


def _name(what: str, data: bytes, at: int) -> tuple[str, int]:
    if len(data) < at + _LENGTH.size:
        raise Refused("length", f"Live Link Face: the {what}'s length is at byte {at}, the packet has {len(data)}")
    (length,) = _LENGTH.unpack_from(data, at)
    end = at + _LENGTH.size + length
    if not 0 < length <= LONGEST_NAME_BYTES or end > len(data):
        raise Refused("length", f"Live Link Face: the {what} has {length} bytes, the packet {len(data)}")
    try:
        return data[at + _LENGTH.size : end].decode(), end
    except UnicodeDecodeError:
        raise Refused("encoding", f"Live Link Face: the {what} is not UTF-8") from None
