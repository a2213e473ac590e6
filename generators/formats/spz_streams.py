"""SPZ version 4, read only: the same sections as version 3, each a zstd stream of its own behind a table of sizes."""

import struct

import numpy as np
import zstandard

from generators.formats.fault import FormatFault
from generators.formats.spz import MAGIC, check_counts, from_sections, sections
from generators.splats import Splats

VERSION = 4
_HEADER = struct.Struct("<IIIBBBBI12x")
_ROW = struct.Struct("<QQ")
_ZSTD_MOST = 40_000
"""A repeated byte packs 128 KiB into four bytes, and no tighter."""


def read(data: bytes) -> Splats:
    """Splats in the stage frame. FormatFault with the reason."""
    if len(data) < _HEADER.size:
        raise FormatFault(f"SPZ 4: expected a header of {_HEADER.size} bytes, got {len(data)}")
    magic, version, count, degree, bits, _, streams, table = _HEADER.unpack_from(data)
    if magic != MAGIC or version != VERSION:
        raise FormatFault(f"SPZ 4: expected magic {MAGIC:#x} and version {VERSION}, got {magic:#x} and {version}")
    check_counts(count, degree, bits)
    sizes = [count * size for size in sections(VERSION, degree)]
    announced = [size for size in sizes if size]
    at = table + len(announced) * _ROW.size
    if streams != len(announced) or table < _HEADER.size or at > len(data):
        raise FormatFault(f"SPZ 4: expected {len(announced)} streams and their table, got {streams} at byte {table}")
    parts: list[bytes] = []
    for index, size in enumerate(announced):
        packed, unpacked = _ROW.unpack_from(data, table + index * _ROW.size)
        if unpacked != size or at + packed > len(data) or size > packed * _ZSTD_MOST:
            raise FormatFault(f"SPZ 4: stream {index}: expected {size} bytes, got {unpacked} packed in {packed}")
        parts.append(_unpacked(data[at : at + packed], size))
        at += packed
    whole = iter(parts)
    rows = [np.frombuffer(next(whole) if size else b"", np.uint8) for size in sizes]
    return from_sections(rows, VERSION, count, bits)


def _unpacked(data: bytes, size: int) -> bytes:
    try:
        with zstandard.ZstdDecompressor().stream_reader(data) as stream:
            found = stream.read(size)
    except zstandard.ZstdError as error:
        raise FormatFault(f"SPZ 4: a stream cannot be unpacked: {error}") from None
    if len(found) != size:
        raise FormatFault(f"SPZ 4: expected a stream of {size} bytes, got {len(found)}: the file is cut short")
    return found
