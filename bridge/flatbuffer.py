"""Where things lie in a flatbuffer: read in place, without its schema's code (flatbuffers.dev, "FlatBuffer Internals").

A table begins with how far back its vtable is; a vtable says where each field lies, counted from the table. Vectors,
strings and tables are told by how far ahead they lie of where that is said. IndexError, struct.error: it leads nowhere.
"""

import struct

Bytes = bytes | bytearray


class FlatbufferFault(ValueError):
    """Bytes that are no flatbuffer of the expected kind."""


def u16(data: Bytes, at: int) -> int:
    """Two bytes."""
    return struct.unpack_from("<H", data, at)[0]


def u32(data: Bytes, at: int) -> int:
    """Four bytes, as offsets and lengths are."""
    return struct.unpack_from("<I", data, at)[0]


def i32(data: Bytes, at: int) -> int:
    """Four bytes, as a vtable's distance is."""
    return struct.unpack_from("<i", data, at)[0]


def root_at(data: Bytes, identifier: bytes) -> int:
    """The root table. FlatbufferFault where the file is of another kind."""
    if data[4:8] != identifier:
        raise FlatbufferFault(f"which says {identifier.decode()}, got {bytes(data[4:8])!r}")
    return u32(data, 0)


def inline_at(data: Bytes, table: int, row: int) -> int:
    """Where a table keeps a field; 0: nowhere."""
    vtable = table - i32(data, table)
    known = u16(data, vtable) >= 6 + 2 * row
    offset = u16(data, vtable + 4 + 2 * row) if known else 0
    return table + offset if offset else 0


def field_at(data: Bytes, table: int, row: int) -> int:
    """Where a field's vector, string or table is; 0: nowhere."""
    at = inline_at(data, table, row)
    return at + u32(data, at) if at else 0


def tables_at(data: Bytes, at: int) -> list[int]:
    """Where each table of a vector is."""
    count = u32(data, at) if at else 0
    return [at + 4 + 4 * row + u32(data, at + 4 + 4 * row) for row in range(count)]


def integers(data: Bytes, at: int) -> list[int]:
    """A vector of 32-bit numbers."""
    return list(struct.unpack_from(f"<{u32(data, at)}i", data, at + 4)) if at else []
