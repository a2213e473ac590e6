"""TABLE: every protocol by name, each as one pair of pure functions between bytes and a value."""

import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from bridge.wire import engine, f4, freed, live_link_face, opentrackio, osc
from bridge.wire.refusal import Refused

_SIZE = struct.Struct("<I")


class Codec(NamedTuple):
    """`decode` raises Refused only; `encode` raises ValueError for what the protocol cannot say."""

    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]


def join_parts(parts: tuple[bytes, ...]) -> bytes:
    """A ZeroMQ multipart message as one piece: each part behind its length, u32 little-endian."""
    return b"".join(_SIZE.pack(len(part)) + part for part in parts)


def split_parts(data: bytes) -> tuple[bytes, ...]:
    """The parts of `join_parts`; Refused: length."""
    parts: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "little")
        if at + 4 > len(data) or end > len(data):
            raise Refused("length", f"part {len(parts)} ends at byte {end}, and there are {len(data)}")
        parts.append(data[at + 4 : end])
        at = end
    return tuple(parts)


def _decode_engine(data: bytes) -> engine.EngineFrame:
    parts = split_parts(data)
    if len(parts) != 3:
        raise Refused("length", f"expected topic, header and payload, got {len(parts)} parts")
    return engine.decode(*parts)


def _encode_engine(frame: engine.EngineFrame) -> bytes:
    if isinstance(frame, engine.Unknown):
        raise ValueError(f"a frame of unknown type {frame.type} was skipped and cannot be written again")
    return join_parts(engine.encode(frame))


TABLE: dict[str, Codec] = {
    "freed": Codec(freed.decode, freed.encode),
    "f4": Codec(f4.decode, f4.encode),
    "opentrackio": Codec(opentrackio.decode, opentrackio.encode),
    "osc": Codec(osc.decode, osc.encode),
    "live_link_face": Codec(live_link_face.decode, live_link_face.encode),
    "engine": Codec(_decode_engine, _encode_engine),
}
