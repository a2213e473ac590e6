"""OSC 1.0 packets: messages and nested bundles, big-endian, every item padded to four bytes.

Our own codec, because python-osc (the peer in the tests) turns time tags into floats, passes over argument types it
does not know, and does not come back from a bundle element of negative size. Strings are UTF-8: OSC says ASCII, VMC
says UTF-8.
"""

import struct
from collections.abc import Iterator

import msgspec

from bridge.wire.refusal import Refused

IMMEDIATELY = 1
DEEPEST = 8
"""Bundles within bundles; OSC sets no bound, a call stack does."""

OscValue = int | float | str | bytes | bool | None

_BUNDLE = b"#bundle\0"
_INT = struct.Struct(">i")
_TIME = struct.Struct(">Q")
_NUMBERS = {"i": _INT, "f": struct.Struct(">f"), "h": struct.Struct(">q"), "d": struct.Struct(">d"), "t": _TIME}
_WORDS: dict[str, OscValue] = {"T": True, "F": False, "N": None}
_KNOWN = "i f s b h d t T F N"


class OscMessage(msgspec.Struct, frozen=True):
    """One message; `tags` holds one type tag a value, without the comma."""

    address: str
    tags: str = ""
    values: tuple[OscValue, ...] = ()
    """i and h int, f and d float, s str, b bytes, t a 64-bit NTP time tag as int, T True, F False, N None."""


class OscBundle(msgspec.Struct, frozen=True):
    """Messages that apply together, in order."""

    time_tag: int
    """NTP: seconds since 1900 in the high 32 bits, fractions of a second in the low; 1 is at once."""
    elements: tuple["OscMessage | OscBundle", ...] = ()


OscPacket = OscMessage | OscBundle


def message(address: str, *values: OscValue) -> OscMessage:
    """A message with the tags that fit Python's types: i (h beyond 32 bits), f, s, b, T, F, N."""
    return OscMessage(address, "".join(map(_tag_of, values)), values)


def decode(data: bytes) -> OscPacket:
    """Refused: length, magic, type, field, encoding, segment (bundles too deep, or before what encloses them)."""
    return _packet(data, 0, 0)


def encode(packet: OscPacket) -> bytes:
    """The datagram; ValueError names what OSC cannot hold."""
    return _encode_message(packet) if isinstance(packet, OscMessage) else _encode_bundle(packet, 0, 0)


def flat(packet: OscPacket) -> Iterator[OscMessage]:
    """The messages of a packet in order, out of whatever bundles they are in."""
    if isinstance(packet, OscMessage):
        yield packet
        return
    for element in packet.elements:
        yield from flat(element)


# --- decoding -------------------------------------------------------------------------------------------------------


def _packet(data: bytes, depth: int, earliest: int) -> OscPacket:
    if not data or len(data) % 4:
        raise Refused("length", f"OSC: expected a multiple of 4 bytes, got {len(data)}")
    if data[0] == 0x2F:
        return _message(data)
    if data.startswith(_BUNDLE):
        return _bundle(data, depth, earliest)
    raise Refused("magic", f"OSC: expected '/' or '#bundle', got {data[:8]!r}")


def _bundle(data: bytes, depth: int, earliest: int) -> OscBundle:
    if depth >= DEEPEST:
        raise Refused("segment", f"OSC: bundles within bundles, at most {DEEPEST} deep")
    if len(data) < 16:
        raise Refused("length", f"OSC bundle: expected at least 16 bytes, got {len(data)}")
    (time_tag,) = _TIME.unpack_from(data, 8)
    if IMMEDIATELY < time_tag < earliest:
        raise Refused("segment", f"OSC bundle: time tag {time_tag:#x} lies before the enclosing bundle's {earliest:#x}")
    later = max(time_tag, earliest)
    return OscBundle(time_tag, tuple(_packet(element, depth + 1, later) for element in _elements(data)))


def _elements(data: bytes) -> Iterator[bytes]:
    at = 16
    while at < len(data):
        (size,) = _INT.unpack_from(data, at)
        if not 0 < size <= len(data) - at - 4:
            raise Refused("length", f"OSC bundle: an element of {size} bytes, and {len(data) - at - 4} are left")
        yield data[at + 4 : at + 4 + size]
        at += 4 + size


def _message(data: bytes) -> OscMessage:
    address, at = _string(data, 0)
    if at == len(data):
        return OscMessage(address)  # some old senders leave the empty type tags out
    tags, at = _string(data, at)
    if tags[:1] != ",":
        raise Refused("type", f"OSC {address}: type tags start with ',', got {tags[:16]!r}")
    values: list[OscValue] = []
    for tag in tags[1:]:
        value, at = _value(tag, data, at)
        values.append(value)
    if at != len(data):
        raise Refused("length", f"OSC {address}: {len(data) - at} bytes after the last argument")
    return OscMessage(address, tags[1:], tuple(values))


def _value(tag: str, data: bytes, at: int) -> tuple[OscValue, int]:
    number = _NUMBERS.get(tag)
    if number is not None:
        if at + number.size > len(data):
            raise Refused("length", f"OSC: argument {tag!r} needs {number.size} bytes, got {len(data) - at}")
        return number.unpack_from(data, at)[0], at + number.size
    if tag == "s":
        return _string(data, at)
    if tag == "b":
        return _blob(data, at)
    if tag in _WORDS:
        return _WORDS[tag], at
    raise Refused("type", f"OSC: unknown argument type {tag!r}; known are {_KNOWN}")


def _string(data: bytes, at: int) -> tuple[str, int]:
    end = data.find(0, at)
    if end < 0:
        raise Refused("length", "OSC: a string without its closing zero")
    after = end + 4 - end % 4  # the packet is a multiple of 4 bytes and so has room for the padding
    _check_padding(data[end:after])
    try:
        return data[at:end].decode(), after
    except UnicodeDecodeError:
        raise Refused("encoding", f"OSC: not UTF-8: {data[at:end][:32]!r}") from None


def _blob(data: bytes, at: int) -> tuple[bytes, int]:
    if at + 4 > len(data):
        raise Refused("length", "OSC: a blob without its size")
    (size,) = _INT.unpack_from(data, at)
    start = at + 4
    if not 0 <= size <= len(data) - start:
        raise Refused("length", f"OSC: a blob of {size} bytes, and {len(data) - start} are left")
    after = start + size + -size % 4
    _check_padding(data[start + size : after])
    return data[start : start + size], after


def _check_padding(zeros: bytes) -> None:
    if any(zeros):
        raise Refused("field", f"OSC: padding {zeros.hex()} is not zero")


# --- encoding -------------------------------------------------------------------------------------------------------


def _encode_bundle(bundle: OscBundle, depth: int, earliest: int) -> bytes:
    if depth >= DEEPEST:
        raise ValueError(f"OSC: bundles within bundles, at most {DEEPEST} deep")
    parts = [_BUNDLE, _pack("t", _TIME, bundle.time_tag)]
    if IMMEDIATELY < bundle.time_tag < earliest:
        raise ValueError(f"OSC: bundle of {bundle.time_tag:#x} within a later one, {earliest:#x}")
    later = max(bundle.time_tag, earliest)
    for element in bundle.elements:
        within = isinstance(element, OscBundle)
        body = _encode_bundle(element, depth + 1, later) if within else _encode_message(element)
        parts += (_INT.pack(len(body)), body)
    return b"".join(parts)


def _encode_message(said: OscMessage) -> bytes:
    if said.address[:1] != "/":
        raise ValueError(f"OSC address {said.address!r}: expected it to start with '/'")
    if len(said.tags) != len(said.values):
        raise ValueError(f"OSC {said.address}: {len(said.tags)} type tags for {len(said.values)} values")
    values = (_encode_value(tag, value) for tag, value in zip(said.tags, said.values, strict=True))
    return b"".join((_padded_string(said.address), _padded_string("," + said.tags), *values))


def _encode_value(tag: str, value: OscValue) -> bytes:
    if tag in _NUMBERS:
        return _pack(tag, _NUMBERS[tag], value)
    if tag in _WORDS and value is _WORDS[tag]:
        return b""
    if tag == "s" and isinstance(value, str):
        return _padded_string(value)
    if tag == "b" and isinstance(value, bytes):
        return _INT.pack(len(value)) + value + bytes(-len(value) % 4)
    raise ValueError(f"OSC: type {tag!r} cannot hold {value!r}; known types are {_KNOWN}")


def _pack(tag: str, form: struct.Struct, value: OscValue) -> bytes:
    try:
        return form.pack(value)
    except (struct.error, OverflowError) as error:
        raise ValueError(f"OSC: type {tag!r} cannot hold {value!r}: {error}") from None


def _padded_string(text: str) -> bytes:
    data = text.encode()
    if 0 in data:
        raise ValueError(f"OSC: a string cannot hold a zero byte: {text!r}")
    return data + bytes(4 - len(data) % 4)


def _tag_of(value: OscValue) -> str:
    if value is None:
        return "N"
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, int):
        return "i" if -(1 << 31) <= value < 1 << 31 else "h"
    if isinstance(value, float):
        return "f"
    return "s" if isinstance(value, str) else "b"
