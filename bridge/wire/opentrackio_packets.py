"""OpenTrackIO datagrams: the 16-byte header, its Fletcher checksum, and cutting a payload up.

`opentrackio_reassembly` puts the pieces together again.
"""

import struct
from typing import Literal, NamedTuple

import numpy as np

from bridge.wire.refusal import Refused

JSON, CBOR = 1, 2
MAGIC = b"OTrk"
HEADER_BYTES = 16
MAX_SEGMENT_BYTES = 0x7FFF
MAX_PAYLOAD_BYTES = 256 * 1024
SEQUENCE_MODULUS = 65536

Modulus = Literal[256, 255]

_HEADER = struct.Struct(">4sxBHIH")  # without the checksum
_WEIGHTS = (np.arange(MAX_SEGMENT_BYTES + HEADER_BYTES, 0, -1) & 0xFF).astype(np.uint8)
_ONES = np.ones_like(_WEIGHTS)


class Segment(NamedTuple):
    """One datagram's worth: header fields and the piece of the payload that came with them."""

    encoding: int
    sequence: int
    offset: int
    last: bool
    payload: bytes
    modulus: Modulus = 256
    """Of the checksum: 256 since OpenTrackIO 1.0.1, 255 before."""


def fletcher16(data: bytes, modulus: Modulus = 256) -> int:
    """`sum2 << 8 | sum1`, sum2 being the sum of sum1 after each byte."""
    if modulus == 256 and len(data) <= len(_WEIGHTS):  # bytes of numpy wrap at 256 by themselves
        values = np.frombuffer(data, dtype=np.uint8)
        return int(values.dot(_WEIGHTS[len(_WEIGHTS) - len(data) :])) << 8 | int(values.dot(_ONES[: len(data)]))
    sum1 = sum2 = 0
    for value in data:
        sum1 += value
        sum2 += sum1
    return sum2 % modulus << 8 | sum1 % modulus


def encode_segment(segment: Segment) -> bytes:
    """The datagram. ValueError when the piece is too long for the header's 15 bits."""
    length = len(segment.payload)
    if not 0 < length <= MAX_SEGMENT_BYTES:
        raise ValueError(f"OpenTrackIO segment of {length} bytes: expected 1 to {MAX_SEGMENT_BYTES}")
    sizes = segment.last << 15 | length
    head = _HEADER.pack(MAGIC, segment.encoding, segment.sequence % SEQUENCE_MODULUS, segment.offset, sizes)
    checksum = fletcher16(head + segment.payload, segment.modulus)
    return head + checksum.to_bytes(2, "big") + segment.payload


def decode_segment(data: bytes) -> Segment:
    """One datagram. Refused: length, magic, encoding, checksum, segment."""
    if len(data) <= HEADER_BYTES:
        raise Refused("length", f"OpenTrackIO: expected more than {HEADER_BYTES} bytes, got {len(data)}")
    magic, encoding, sequence, offset, sizes = _HEADER.unpack_from(data)
    if magic != MAGIC:
        raise Refused("magic", f"OpenTrackIO: expected it to begin with {MAGIC.hex()}, got {magic.hex()}")
    if encoding not in (JSON, CBOR):
        name = "vendor encoding" if encoding >= 0x80 else "unknown encoding"
        raise Refused("encoding", f"OpenTrackIO: {name} 0x{encoding:02x}; 0x01 (JSON) and 0x02 (CBOR) are read")
    length = sizes & MAX_SEGMENT_BYTES
    if not length or length != len(data) - HEADER_BYTES:
        found = len(data) - HEADER_BYTES
        raise Refused("length", f"OpenTrackIO: the header promises {length} bytes of payload, got {found}")
    if offset + length > MAX_PAYLOAD_BYTES:
        raise Refused("segment", f"OpenTrackIO: a payload of {offset + length} bytes; at most {MAX_PAYLOAD_BYTES}")
    return Segment(encoding, sequence, offset, sizes >= 0x8000, data[HEADER_BYTES:], _modulus(data))


def _modulus(data: bytes) -> Modulus:
    expected, covered = data[14] << 8 | data[15], data[:14] + data[HEADER_BYTES:]
    found = fletcher16(covered)
    if found == expected:
        return 256
    if fletcher16(covered, 255) == expected:
        return 255
    raise Refused("checksum", f"OpenTrackIO: expected checksum {found:04x} (Fletcher-16), got {expected:04x}")


def cut(
    payload: bytes, encoding: int, sequence: int, *, mtu: int = 1500, numbering: Literal["sample", "segment"] = "sample"
) -> list[bytes]:
    """A payload as datagrams of at most `mtu` bytes, numbered per sample or per segment from `sequence` on."""
    room = min(mtu - HEADER_BYTES, MAX_SEGMENT_BYTES)
    if room < 1 or not 0 < len(payload) <= MAX_PAYLOAD_BYTES:
        raise ValueError(
            f"OpenTrackIO payload of {len(payload)} bytes at an MTU of {mtu}: "
            f"expected 1 to {MAX_PAYLOAD_BYTES} bytes and an MTU over {HEADER_BYTES}"
        )
    step = numbering == "segment"
    return [
        encode_segment(
            Segment(
                encoding, sequence + index * step, start, start + room >= len(payload), payload[start : start + room]
            )
        )
        for index, start in enumerate(range(0, len(payload), room))
    ]
