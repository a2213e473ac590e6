"""What is inside a take's file, found by its summary or, where a kill left none, by walking its whole records."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO

from mcap.data_stream import ReadDataStream, RecordBuilder
from mcap.opcode import Opcode
from mcap.records import (
    Attachment,
    AttachmentIndex,
    Channel,
    Footer,
    McapRecord,
    Metadata,
    MetadataIndex,
    Schema,
    Statistics,
)

from bridge.take.chunks import (
    MAGIC,
    RECORD,
    Buffer,
    Indexes,
    Place,
    TakeFault,
    chunk_data,
    chunk_line,
    chunk_times,
    indexes_behind,
    packed_messages,
    places,
)
from bridge.take.format import FACTS

_FOOTER_BYTES = RECORD.size + 20 + len(MAGIC)


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

    def add_chunk(self, at: int, times_ns: tuple[int, int], line: bytes, counts: Mapping[int, int]) -> None:
        """Note a chunk that is in the file, its line in the summary, and how many messages each channel has in it."""
        self.start_ns = min(self.start_ns, times_ns[0]) if self.chunks else times_ns[0]
        self.end_ns = max(self.end_ns, times_ns[1])
        self.chunks += 1
        self.chunk_index += line
        for channel_id, count in counts.items():
            self.counts[channel_id] = self.counts.get(channel_id, 0) + count
            self.last_chunk[channel_id] = at

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


def body(data: Buffer, place: Place) -> ReadDataStream:
    """A record's body, ready for the classes of `mcap.records`."""
    return ReadDataStream(BytesIO(data[place.at + RECORD.size : place.end]))


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
    last: tuple[Place, Indexes] | None = None
    while place := next(places(data, found.end), None):
        if place.opcode == Opcode.DATA_END:
            break
        if place.opcode == Opcode.CHUNK:
            if last:
                _add_chunk(found, data, *last)
            last = place, indexes_behind(data, place)
            found.end = last[1].end
        else:
            _note(found, data, place)
            found.end = place.end
    if last:
        _add_last(found, data, *last)
    return found


def _add_chunk(found: Contents, data: Buffer, chunk: Place, indexes: Indexes) -> None:
    line = chunk_line(data, chunk, indexes.offsets, indexes.end - chunk.end)
    found.add_chunk(chunk.at, chunk_times(data, chunk), line, indexes.counts)


def _add_last(found: Contents, data: Buffer, chunk: Place, indexes: Indexes) -> None:
    """The last chunk is the one that a kill or a power cut can have left damaged, or without its indexes."""
    counts: dict[int, int] = {}
    try:
        for message in packed_messages(chunk_data(data, chunk)):
            counts[message.channel_id] = counts.get(message.channel_id, 0) + 1
    except TakeFault:
        found.end = chunk.at
        return
    if len(indexes.counts) < len(counts):
        found.end, found.unindexed = chunk.end, chunk
        indexes = Indexes(chunk.end, counts, {})
    _add_chunk(found, data, chunk, indexes)
