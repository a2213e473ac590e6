"""The inside of a take's data section: records, chunks, the messages in a chunk, and a chunk's line in the summary.

Packed and unpacked by hand where it happens per message or per chunk; everything else goes through `mcap.records`.
"""

import mmap
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import IO, NamedTuple

import zstandard
from mcap.opcode import Opcode

Buffer = bytes | mmap.mmap
MAGIC = b"\x89MCAP0\r\n"
RECORD = struct.Struct("<BQ")
CHUNK = struct.Struct("<QQQII")
"""Start, end (ns), uncompressed bytes, their CRC, length of the compression's name."""
INDEX = struct.Struct("<HI")
MESSAGE = struct.Struct("<BQHIQQ")
ENTRY = struct.Struct("<QQ")
_INDEX_RECORD = struct.Struct("<BQHI")
_LINE = struct.Struct("<BQQQQQI")
_OFFSET = struct.Struct("<HQ")
_LARGEST_RECORD = 1 << 30


class TakeFault(ValueError):
    """A file that is no take, in one sentence."""


class Packed(NamedTuple):
    """One message inside a chunk's data."""

    channel_id: int
    sequence: int
    log_ns: int
    publish_ns: int
    at: int
    """Of its record, in the chunk's data."""
    data: bytes


class Place(NamedTuple):
    """A whole record in the file."""

    opcode: int
    at: int
    length: int
    """Of the body; the record is 9 bytes longer."""

    @property
    def end(self) -> int:
        """First byte after it."""
        return self.at + RECORD.size + self.length


def mapped(file: IO[bytes]) -> Buffer:
    """A file's bytes without reading them all."""
    size = file.seek(0, os.SEEK_END)
    return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) if size else b""


def places(data: Buffer, at: int = len(MAGIC), stop: int | None = None) -> Iterator[Place]:
    """Whole records from `at` to `stop`; ends before the first torn one."""
    size = len(data) if stop is None else min(stop, len(data))
    while at + RECORD.size <= size:
        opcode, length = RECORD.unpack_from(data, at)
        place = Place(opcode, at, length)
        if not 1 <= opcode <= 15 or length > _LARGEST_RECORD or place.end > size:
            return
        yield place
        at = place.end


def chunk_data(data: Buffer, place: Place) -> bytes:
    """A chunk's records, unpacked and checked. TakeFault where they are damaged."""
    raw = data[place.at + RECORD.size : place.end]
    _, _, size, crc, name_bytes = CHUNK.unpack_from(raw)
    name = raw[CHUNK.size : CHUNK.size + name_bytes]
    packed = memoryview(raw)[CHUNK.size + name_bytes + 8 :]
    try:
        records = _unpacked(name, packed, size)
    except zstandard.ZstdError as error:
        raise TakeFault(f"the chunk at byte {place.at} is damaged: {error}") from None
    if crc and zlib.crc32(records) != crc:
        raise TakeFault(f"the chunk at byte {place.at} is damaged: its checksum does not hold")
    return records


def _unpacked(name: bytes, packed: memoryview, size: int) -> bytes:
    if name == b"":
        return bytes(packed)
    if name == b"zstd":
        return zstandard.decompress(packed, size)
    raise TakeFault(f"chunks packed as {name!r}: expected zstd or none; `mcap compress --compression zstd` converts")


def packed_messages(data: bytes) -> Iterator[Packed]:
    """Messages of a chunk's data, in the order they were written."""
    at = 0
    while at + RECORD.size <= len(data):
        opcode, length = RECORD.unpack_from(data, at)
        if opcode == Opcode.MESSAGE:
            _, _, channel_id, sequence, log_ns, publish_ns = MESSAGE.unpack_from(data, at)
            yield Packed(channel_id, sequence, log_ns, publish_ns, at, data[at + MESSAGE.size : at + 9 + length])
        at += RECORD.size + length


class Indexes(NamedTuple):
    """The message indexes behind a chunk."""

    end: int
    counts: dict[int, int]
    """Channel id -> messages."""
    offsets: dict[int, int]
    """Channel id -> where its index begins."""


def indexes_behind(data: Buffer, chunk: Place) -> Indexes:
    """The whole message index records that follow a chunk."""
    at, size = chunk.end, len(data)
    counts: dict[int, int] = {}
    offsets: dict[int, int] = {}
    while at + _INDEX_RECORD.size <= size:
        opcode, length, channel_id, entries_bytes = _INDEX_RECORD.unpack_from(data, at)
        if opcode != Opcode.MESSAGE_INDEX or at + RECORD.size + length > size:
            break
        counts[channel_id], offsets[channel_id] = entries_bytes // ENTRY.size, at
        at += RECORD.size + length
    return Indexes(at, counts, offsets)


def chunk_times(data: Buffer, chunk: Place) -> tuple[int, int]:
    """First and last log time."""
    start_ns, end_ns, *_ = CHUNK.unpack_from(data, chunk.at + RECORD.size)
    return start_ns, end_ns


def chunk_line(data: Buffer, chunk: Place, offsets: Mapping[int, int], index_bytes: int, shift: int = 0) -> bytes:
    """A chunk's line in the summary (ChunkIndex). `shift`: how much later in the file `data` begins."""
    start_ns, end_ns, size, _, name_bytes = CHUNK.unpack_from(data, chunk.at + RECORD.size)
    name_at = chunk.at + RECORD.size + CHUNK.size
    packed_bytes = chunk.length - CHUNK.size - name_bytes - 8
    length = _LINE.size - RECORD.size + _OFFSET.size * len(offsets) + 8 + 4 + name_bytes + 16
    chunk_bytes = chunk.length + RECORD.size
    at, offsets_bytes = chunk.at + shift, _OFFSET.size * len(offsets)
    line = [_LINE.pack(Opcode.CHUNK_INDEX, length, start_ns, end_ns, at, chunk_bytes, offsets_bytes)]
    line += [_OFFSET.pack(channel_id, offset) for channel_id, offset in offsets.items()]
    line += [struct.pack("<QI", index_bytes, name_bytes), data[name_at : name_at + name_bytes]]
    line.append(struct.pack("<QQ", packed_bytes, size))
    return b"".join(line)
