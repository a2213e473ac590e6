"""The four-timestamp exchange between our own hosts: one datagram asks, one answers, 48 bytes each, little-endian.

As NTP has it (RFC 5905): t1 leaves the one who asks, t2 arrives, t3 leaves the one who answers, t4 arrives. t1 comes
back as sent; t4 never travels. The stamps are nanoseconds of each host's own monotonic clock.
"""

import struct

import msgspec

from bridge.wire.refusal import Refused

MAGIC, VERSION = b"CYCT", 1
ASK, ANSWER = 1, 2

_PACKET = struct.Struct("<4sBBHIIqqqq")
PACKET_BYTES = _PACKET.size


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One packet of either kind."""

    kind: int
    number: int
    """The asker's own count, so that an answer finds its question."""
    clock_id: int
    """Of who sends it: it changes with a reboot."""
    t1_ns: int
    t2_ns: int = 0
    t3_ns: int = 0


def encode(packet: Exchange) -> bytes:
    """The bytes of a packet."""
    number = packet.number & 0xFFFFFFFF
    stamps = (packet.t1_ns, packet.t2_ns, packet.t3_ns, 0)
    return _PACKET.pack(MAGIC, VERSION, packet.kind, 0, number, packet.clock_id, *stamps)


def decode(data: bytes) -> Exchange:
    """Refused: length, magic, version, type."""
    if len(data) < PACKET_BYTES:
        raise Refused("length", f"clock exchange: expected {PACKET_BYTES} bytes, got {len(data)}")
    magic, version, kind, _, number, clock_id, t1, t2, t3, _ = _PACKET.unpack_from(data)
    if magic != MAGIC:
        raise Refused("magic", f"clock exchange: expected {MAGIC!r}, got {magic!r}")
    if version != VERSION:
        raise Refused("version", f"clock exchange: version {version}, expected {VERSION}; use one release on all hosts")
    if kind not in (ASK, ANSWER):
        raise Refused("type", f"clock exchange: kind {kind}, expected {ASK} or {ANSWER}")
    return Exchange(kind=kind, number=number, clock_id=clock_id, t1_ns=t1, t2_ns=t2, t3_ns=t3)
