"""What every message to the engine begins with: eighty bytes, packed and opened by the rules of `engine_table`."""

import struct
import zlib
from typing import Any, NamedTuple

from bridge.timecode import Timecode
from bridge.wire.engine_table import (
    ARRAYS,
    FLAGS,
    HEADER,
    IN_UNREALS_FRAME,
    LEAST_HEADER_BYTES,
    MAGIC,
    MAJOR,
    MINOR,
    PAYLOADS,
    TYPES,
    Field,
    schema_text,
    struct_format,
)
from bridge.wire.refusal import Refused

HEADER_STRUCT = struct.Struct(struct_format(HEADER))
STRUCTS = {kind: struct.Struct(struct_format(fields)) for kind, fields in PAYLOADS.items()}
ROW_BYTES = {
    kind: tuple(struct.calcsize(struct_format(rows.fields)) for rows in arrays) for kind, arrays in ARRAYS.items()
}
SCHEMA_HASH = zlib.crc32(schema_text().encode())
COORDINATES = FLAGS["coordinates_unreal_cm"]
_KINDS = {number: kind for kind, number in TYPES.items()}
_MOST_NAME_BYTES = 23


class Opened(NamedTuple):
    """A header, read and found true."""

    kind: str
    """A key of TYPES; empty: a type this reader does not know."""
    type: int
    flags: int
    name: str
    sequence: int
    t_ns: int
    clock_id: int
    counts: tuple[int, int]
    timecode: Timecode | None


def pack_header(kind: str, frame: Any, flags: int, counts: tuple[int, int], payload_bytes: int) -> bytes:
    """Of a frame with name, sequence, t_ns, clock_id, timecode. ValueError names the field that does not fit."""
    name, tc = frame.name.encode(), getattr(frame, "timecode", None)
    if len(name) > _MOST_NAME_BYTES:
        raise ValueError(f"name {frame.name!r} is {len(name)} bytes, the wire holds {_MOST_NAME_BYTES}")
    label = (0, 0, 0, 0, 0, 0)
    if tc is not None:
        flags |= FLAGS["timecode_valid"] | tc.drop_frame * FLAGS["drop_frame"]
        label = (tc.hours, tc.minutes, tc.seconds, tc.frames, tc.rate_num, tc.rate_den)
    if kind in IN_UNREALS_FRAME:
        flags |= COORDINATES
    values = (
        MAGIC, MAJOR, MINOR, TYPES[kind], HEADER_STRUCT.size, flags, SCHEMA_HASH, frame.sequence, frame.t_ns,
        frame.clock_id, *label, *counts, payload_bytes, name,
    )  # fmt: skip
    return packed(HEADER_STRUCT, HEADER, values)


def open_header(header: bytes, payload: bytes) -> Opened:
    """Refused for what is not ours, cut short, of another major version, or not in Unreal's frame."""
    values = _values(header, payload)
    kind, flags = _KINDS.get(values[3], ""), values[5]
    if kind in IN_UNREALS_FRAME and not flags & COORDINATES:
        raise Refused("frame", "pose is not in Unreal's frame (flag coordinates_unreal_cm is off)")
    counts, name = values[16:18], values[19].rstrip(b"\0")
    try:
        text = name.decode()
    except UnicodeDecodeError:
        raise Refused("field", f"name is not UTF-8: {name!r}") from None
    label = _timecode(values) if kind and flags & FLAGS["timecode_valid"] else None
    least = rows_end(kind, counts) if kind in ARRAYS else 0
    if len(payload) < least:
        raise Refused("length", f"header counts {counts[0]} and {counts[1]} rows: {least} bytes, got {len(payload)}")
    sequence, t_ns, clock_id = values[7:10]
    return Opened(kind, values[3], flags, text, sequence, t_ns, clock_id, counts, label)


def rows_end(kind: str, counts: tuple[int, ...]) -> int:
    """Bytes of a payload up to the end of its rows."""
    return STRUCTS[kind].size + sum(count * size for count, size in zip(counts, ROW_BYTES[kind], strict=False))


def rows(kind: str, counts: tuple[int, int], payload: bytes) -> tuple[bytes, ...]:
    """The bytes of a payload's arrays."""
    at, parts = STRUCTS[kind].size, list[bytes]()
    for count, size in zip(counts, ROW_BYTES[kind], strict=False):
        parts.append(payload[at : at + count * size])
        at += count * size
    return tuple(parts)


def unpacked(kind: str, payload: bytes) -> tuple[Any, ...]:
    """A payload's fields. Longer: a newer sender appended. Shorter: an older one; what it left out reads as 0."""
    form = STRUCTS[kind]
    return form.unpack(_fitted(payload, form.size))


def packed_payload(kind: str, values: tuple[Any, ...]) -> bytes:
    """A payload's fields as bytes."""
    return packed(STRUCTS[kind], PAYLOADS[kind], values)


def packed(form: struct.Struct, fields: tuple[Field, ...], values: tuple[Any, ...]) -> bytes:
    """ValueError names the field that does not fit in its bits."""
    try:
        return form.pack(*values)
    except (struct.error, OverflowError):
        raise ValueError(_misfit(fields, values)) from None


def _misfit(fields: tuple[Field, ...], values: tuple[Any, ...]) -> str:
    """Which field does not fit, found one by one, since struct does not say."""
    places = [field for field in fields for _ in range(1 if field.kind == "char" else field.count)]
    if len(places) != len(values):
        return f"{len(values)} numbers for the table's {len(places)}: an array is too long or too short"
    for field, value in zip(places, values, strict=True):
        try:
            struct.pack(struct_format((Field(field.name, field.kind, 1, ""),)), value)
        except (struct.error, OverflowError):
            return f"{field.name}: {value!r} does not fit in {field.kind}"
    return "a field does not fit"


def _values(header: bytes, payload: bytes) -> tuple[Any, ...]:
    if len(header) < LEAST_HEADER_BYTES:
        raise Refused("length", f"header: expected at least {LEAST_HEADER_BYTES} bytes, got {len(header)}")
    if header[:4] != MAGIC:
        raise Refused("magic", f"header starts with {header[:4]!r}, expected {MAGIC!r}")
    if header[4] != MAJOR:
        raise Refused("version", f"wire version {header[4]}.{header[5]}, this reader speaks {MAJOR}.{MINOR}")
    values = HEADER_STRUCT.unpack(_fitted(header, HEADER_STRUCT.size))
    if values[4] != len(header):
        raise Refused("length", f"header says {values[4]} bytes, got {len(header)}")
    if values[18] != len(payload):
        raise Refused("length", f"header says a payload of {values[18]} bytes, got {len(payload)}")
    return values


def _timecode(h: tuple[Any, ...]) -> Timecode:
    try:
        return Timecode(h[10], h[11], h[12], h[13], h[14], h[15], bool(h[5] & FLAGS["drop_frame"]))
    except ValueError as error:
        raise Refused("field", str(error)) from None


def _fitted(part: bytes, size: int) -> bytes:
    return part[:size] if len(part) >= size else part + bytes(size - len(part))
