"""What is inside a take's file, found by its summary or, where a kill left none, by walking its whole records."""

import mmap
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, NamedTuple

import zstandard
from mcap.data_stream import ReadDataStream, RecordBuilder
from mcap.opcode import Opcode
from mcap.records import (
    Attachment,
    AttachmentIndex,
    Channel,
    ChunkIndex,
    Footer,
    McapRecord,
    Metadata,
    MetadataIndex,
    Schema,
    Statistics,
)

from bridge.take_format import FACTS

Buffer = bytes | mmap.mmap
MAGIC = b"\x89MCAP0\r\n"
RECORD = struct.Struct("<BQ")
CHUNK = struct.Struct("<QQQII")
"""Start, end (ns), uncompressed bytes, their CRC, length of the compression's name."""
INDEX = struct.Struct("<HI")
MESSAGE = struct.Struct("<BQHIQQ")
ENTRY = struct.Struct("<QQ")
_FOOTER_BYTES = RECORD.size + 20 + len(MAGIC)
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


@dataclass
class Contents:
    """A take's table of contents, as the summary at its end holds it."""

    schemas: dict[int, Schema] = field(default_factory=dict[int, Schema])
    channels: dict[int, Channel] = field(default_factory=dict[int, Channel])
    counts: dict[int, int] = field(default_factory=dict[int, int])
    attachments: list[AttachmentIndex] = field(default_factory=list[AttachmentIndex])
    metadata: list[MetadataIndex] = field(default_factory=list[MetadataIndex])
    chunk_index: bytearray = field(default_factory=bytearray)
    """ChunkIndex records as they will be written: a long take must not fill memory with objects."""
    chunks: int = 0
    start_ns: int = 0
    end_ns: int = 0
    end: int = 0
    """First byte after the last whole record of the data section."""
    last_chunk: dict[int, int] = field(default_factory=dict[int, int])
    """Channel id -> where the last chunk with its messages begins. Not in a summary."""
    unindexed: Place | None = None
    """The last chunk, where a kill left it without all of its message indexes."""
    finished: bool = False

    def add_chunk(self, index: ChunkIndex, counts: dict[int, int]) -> None:
        """Note a chunk that is in the file, and how many messages each channel has in it."""
        self.start_ns = min(self.start_ns, index.message_start_time) if self.chunks else index.message_start_time
        self.end_ns = max(self.end_ns, index.message_end_time)
        self.chunks += 1
        self.chunk_index += record_bytes(index)
        for channel_id, count in counts.items():
            self.counts[channel_id] = self.counts.get(channel_id, 0) + count
            self.last_chunk[channel_id] = index.chunk_start_offset

    @property
    def messages(self) -> int:
        """How many messages there are."""
        return sum(self.counts.values())


def record_bytes(*records: McapRecord) -> bytes:
    """Records as they stand in a file."""
    builder = RecordBuilder()
    for record in records:
        record.write(builder)
    return builder.end()


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


def body(data: Buffer, place: Place) -> ReadDataStream:
    """A record's body, ready for the classes of `mcap.records`."""
    return ReadDataStream(BytesIO(data[place.at + RECORD.size : place.end]))


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


def is_finished(file: IO[bytes]) -> bool:
    """Whether a file ends as a finished take does."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _FOOTER_BYTES))
    return _footer(file.read()) is not None


def check_magic(data: Buffer, name: str) -> None:
    """TakeFault for a file that begins as something else; a torn beginning passes."""
    start = data[: len(MAGIC)]
    if start != MAGIC[: len(start)]:
        raise TakeFault(f"{name}: expected a take (an MCAP file), it begins with {start!r}")


def contents(data: Buffer, name: str) -> Contents:
    """By the summary where there is one, else by walking the file."""
    check_magic(data, name)
    return _by_summary(data) or by_walking(data)


def _footer(tail: bytes) -> Footer | None:
    if len(tail) != _FOOTER_BYTES or tail[0] != Opcode.FOOTER or tail[-len(MAGIC) :] != MAGIC:
        return None
    return Footer.read(ReadDataStream(BytesIO(tail[RECORD.size :])))


def _by_summary(data: Buffer) -> Contents | None:
    footer = _footer(data[-_FOOTER_BYTES:])
    if footer is None or not len(MAGIC) < footer.summary_start < len(data):
        return None
    found = Contents(end=footer.summary_start - RECORD.size - 4, finished=True)
    for place in places(data, footer.summary_start):
        _note(found, data, place)
        if place.opcode == Opcode.STATISTICS:
            said = Statistics.read(body(data, place))
            found.counts.update(said.channel_message_counts)
            found.start_ns, found.end_ns, found.chunks = (
                said.message_start_time,
                said.message_end_time,
                said.chunk_count,
            )
    return found


def _note(found: Contents, data: Buffer, place: Place) -> None:
    """A record of the summary, or one that the data section and the summary both have."""
    if place.opcode == Opcode.SCHEMA:
        schema = Schema.read(body(data, place))
        found.schemas[schema.id] = schema
    elif place.opcode == Opcode.CHANNEL:
        channel = Channel.read(body(data, place))
        found.channels[channel.id] = channel
    elif place.opcode == Opcode.ATTACHMENT_INDEX:
        found.attachments.append(AttachmentIndex.read(body(data, place)))
    elif place.opcode == Opcode.METADATA_INDEX:
        found.metadata.append(MetadataIndex.read(body(data, place)))
    elif place.opcode == Opcode.ATTACHMENT:
        read = Attachment.read(body(data, place))
        found.attachments.append(attachment_index(read, place.at, place.end - place.at))
    elif place.opcode == Opcode.METADATA:
        name = Metadata.read(body(data, place)).name
        found.metadata.append(MetadataIndex(place.at, place.end - place.at, name))
    elif place.opcode == Opcode.CHUNK_INDEX:
        found.chunk_index += RECORD.pack(place.opcode, place.length) + body(data, place).read(place.length)


def attachment_index(found: Attachment, at: int, length: int) -> AttachmentIndex:
    """An attachment's line in the summary."""
    return AttachmentIndex(
        offset=at,
        length=length,
        log_time=found.log_time,
        create_time=found.create_time,
        data_size=len(found.data),
        name=found.name,
        media_type=found.media_type,
    )


def facts_of(data: Buffer, found: Contents) -> dict[str, str]:
    """The metadata record with versions, host and the first clock pair; empty where the file ends before it."""
    for index in found.metadata:
        if index.name == FACTS:
            return Metadata.read(body(data, Place(Opcode.METADATA, index.offset, index.length - RECORD.size))).metadata
    return {}


# --- without a summary --------------------------------------------------------------------------------------------


def by_walking(data: Buffer) -> Contents:
    """From the whole records of the data section; only the last chunk is unpacked, the others are stepped over."""
    found = Contents(end=min(len(MAGIC), len(data)))
    chunk: Place | None = None
    indexes: list[Place] = []
    for place in places(data):
        if place.opcode == Opcode.DATA_END:
            break
        if place.opcode == Opcode.MESSAGE_INDEX:
            indexes.append(place)
        else:
            if chunk:
                _add_indexed(found, data, chunk, indexes)
            chunk, indexes = (place, []) if place.opcode == Opcode.CHUNK else (None, [])
            _note(found, data, place)
        found.end = place.end
    if chunk:
        _add_last(found, data, chunk, indexes)
    return found


def _add_indexed(found: Contents, data: Buffer, chunk: Place, indexes: list[Place]) -> None:
    counts: dict[int, int] = {}
    offsets: dict[int, int] = {}
    for place in indexes:
        channel_id, length = INDEX.unpack_from(data, place.at + RECORD.size)
        counts[channel_id], offsets[channel_id] = length // ENTRY.size, place.at
    index_bytes = sum(place.length + RECORD.size for place in indexes)
    found.add_chunk(chunk_index(data, chunk, offsets, index_bytes), counts)


def _add_last(found: Contents, data: Buffer, chunk: Place, indexes: list[Place]) -> None:
    """The last chunk is the one that a kill or a power cut can have left damaged, or without its indexes."""
    try:
        counts: dict[int, int] = {}
        for message in packed_messages(chunk_data(data, chunk)):
            counts[message.channel_id] = counts.get(message.channel_id, 0) + 1
    except TakeFault:
        found.end = chunk.at
        return
    if len(indexes) == len(counts):
        _add_indexed(found, data, chunk, indexes)
        return
    found.end, found.unindexed = chunk.end, chunk
    found.add_chunk(chunk_index(data, chunk, {}, 0), counts)


def chunk_index(data: Buffer, chunk: Place, offsets: dict[int, int], index_bytes: int) -> ChunkIndex:
    """A chunk's line in the summary. `offsets` says where each channel's message index is."""
    start_ns, end_ns, size, _, name_bytes = CHUNK.unpack_from(data, chunk.at + RECORD.size)
    name_at = chunk.at + RECORD.size + CHUNK.size
    return ChunkIndex(
        chunk_length=chunk.length + RECORD.size,
        chunk_start_offset=chunk.at,
        compression=data[name_at : name_at + name_bytes].decode(),
        compressed_size=chunk.length - CHUNK.size - name_bytes - 8,
        message_end_time=end_ns,
        message_index_length=index_bytes,
        message_index_offsets=offsets,
        message_start_time=start_ns,
        uncompressed_size=size,
    )
