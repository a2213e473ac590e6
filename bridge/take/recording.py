"""Writes takes: one MCAP file each, in chunks that reach the system at once, so that a kill loses the open one only.

Each chunk goes out in one write together with the schemas and channels it is first to use and its message indexes.
A file that a killed recorder left behind is cut back to its last whole record and written on (`TakeWriter.resumed`).
"""

import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import NamedTuple

import msgspec
import zstandard
from mcap.records import (
    Attachment,
    Channel,
    Header,
    Metadata,
    MetadataIndex,
    Schema,
)

from bridge.clock import NS_PER_MS, Clock
from bridge.messages import CameraPose, ClockPair, EngineBytes, Message, to_json
from bridge.take.chunks import (
    CHUNK,
    ENTRY,
    MAGIC,
    MESSAGE,
    RECORD,
    Buffer,
    Place,
    TakeFault,
    chunk_data,
    chunk_line,
    mapped,
    packed_messages,
    places,
)
from bridge.take.contents import Contents, attachment_index, contents, facts_of, record_bytes
from bridge.take.format import (
    BOOT_KEY,
    ENGINE_ENCODING,
    FACTS,
    FRAME_TRANSFORM,
    PROFILE,
    TRANSFORM_PREFIX,
    TRANSFORM_SCHEMA,
    frame_transform,
    log_time_ns,
    pack_engine,
    plain_schema,
)
from bridge.take.summary import index_records, summary

CHUNK_NS = 50 * NS_PER_MS
"""A kill costs this, the recorder's turn and a busy machine's delays: 100 ms at most."""
CHUNK_BYTES = 1 << 20
_OPCODE_MESSAGE, _OPCODE_CHUNK = 5, 6


class Beginning(NamedTuple):
    """What is known when a take begins."""

    pair: ClockPair
    """The first (t_ns, UTC): every log time follows from it."""
    facts: Mapping[str, str]
    """Versions, host, slate: the metadata record."""
    attachments: Mapping[str, bytes]
    """Texts that belong inside, such as the stage file."""


@dataclass
class OpenChunk:
    """Messages that are not in the file yet."""

    body: bytearray = field(default_factory=bytearray)
    index: dict[int, bytearray] = field(default_factory=dict[int, bytearray])
    head: bytearray = field(default_factory=bytearray)
    """Schemas and channels that go in front of it."""
    start_ns: int = 0
    end_ns: int = 0
    opened_ns: int = 0

    def add(self, channel_id: int, sequence: int, log_ns: int, publish_ns: int, data: bytes) -> None:
        """Append a message."""
        if not self.body:
            self.start_ns = self.end_ns = log_ns
        elif log_ns < self.start_ns:
            self.start_ns = log_ns
        elif log_ns > self.end_ns:
            self.end_ns = log_ns
        entries = self.index.get(channel_id)
        if entries is None:
            entries = self.index[channel_id] = bytearray()
        entries += ENTRY.pack(log_ns, len(self.body))
        length = MESSAGE.size - RECORD.size + len(data)
        self.body += MESSAGE.pack(_OPCODE_MESSAGE, length, channel_id, sequence & 0xFFFFFFFF, log_ns, publish_ns)
        self.body += data


class TakeWriter:
    """One take being recorded. Not safe for several threads."""

    def __init__(self, path: Path, beginning: Beginning, clock: Clock) -> None:
        """A new file; FileExistsError rather than write over one."""
        self._open(path, "xb+", clock)
        self.utc_offset_ns = beginning.pair.utc_ns - beginning.pair.t_ns
        self.facts = facts = {**beginning.facts, "utc_offset_ns": str(self.utc_offset_ns)}
        utc = beginning.pair.utc_ns
        self._push(MAGIC + record_bytes(Header(profile=PROFILE, library=f"cyclorama {facts.get('cyclorama', '')}")))
        self._note_metadata(Metadata(name=FACTS, metadata=facts))
        for name, data in beginning.attachments.items():
            kind = "application/toml" if name.endswith(".toml") else "application/octet-stream"
            self._note_attachment(Attachment(create_time=utc, log_time=utc, name=name, media_type=kind, data=data))

    @classmethod
    def resumed(cls, path: Path, clock: Clock) -> "TakeWriter":
        """Go on with a file that has no summary: the torn tail is cut off. TakeFault, or BlockingIOError if in use."""
        writer = cls.__new__(cls)
        writer._open(path, "rb+", clock)
        writer._take_over(path.name)
        return writer

    def _open(self, path: Path, mode: str, clock: Clock) -> None:
        self.path, self._clock = path, clock
        self._file = FileIO(path, mode)
        self._contents = Contents()
        self._chunk = OpenChunk()
        self._channel_ids: dict[tuple[str, int], int] = {}
        self._schema_ids: dict[str, int] = {}
        self._packer = zstandard.ZstdCompressor(level=1)
        self._crc: int | None = 0
        self._sequences: dict[tuple[str, int], int] = {}
        self.facts: dict[str, str] = {}
        try:
            lock(self._file)
        except OSError:
            self._file.close()
            raise

    def _take_over(self, name: str) -> None:
        data = mapped(self._file)
        try:
            found = contents(data, name)
            self.facts = facts_of(data, found)
            if found.finished:
                raise TakeFault(f"{name}: is finished already")
            if "utc_offset_ns" not in self.facts:
                raise TakeFault(f"{name}: was cut off before its first message; there is nothing to go on with")
            self._sequences = last_sequences(data, found)
            again = indexed_again(data, found) if found.unindexed else b""
        except TakeFault:
            self._file.close()
            raise
        finally:
            if not isinstance(data, bytes):
                data.close()
        self.utc_offset_ns = int(self.facts["utc_offset_ns"])
        self._contents, self._crc = found, None
        self._schema_ids = {schema.name: schema.id for schema in found.schemas.values()}
        self._channel_ids = {(c.topic, int(c.metadata[BOOT_KEY])): c.id for c in found.channels.values()}
        self._file.truncate(found.end)
        self._file.seek(found.end)
        self._push(again)

    # --- while it runs ---

    def write(self, topic: str, message: Message, *, boot: int, sequence: int, t_sent_ns: int) -> None:
        """Append a message; a CameraPose is there as a frame transform too. OSError when the disk does not take it."""
        at_ns = log_time_ns(message.t_ns, t_sent_ns, self.utc_offset_ns)
        sent_ns = max(0, t_sent_ns + self.utc_offset_ns)
        data = pack_engine(message) if isinstance(message, EngineBytes) else to_json(message)
        channel_id = self._channel_ids.get((topic, boot)) or self._add_channel(topic, boot, type(message))
        chunk = self._chunk
        if not chunk.body:
            chunk.opened_ns = self._clock()
        chunk.add(channel_id, sequence, at_ns, sent_ns, data)
        if isinstance(message, CameraPose):
            topic = TRANSFORM_PREFIX + message.subject
            channel_id = self._channel_ids.get((topic, boot)) or self._add_channel(topic, boot, None)
            chunk.add(channel_id, sequence, at_ns, sent_ns, frame_transform(message, at_ns))
        if len(chunk.body) >= CHUNK_BYTES:
            self.flush()

    def tick(self) -> None:
        """Call every few milliseconds: closes the chunk that has been open long enough."""
        if self._chunk.body and self._clock() - self._chunk.opened_ns >= CHUNK_NS:
            self.flush()

    def flush(self) -> None:
        """Hand the open chunk to the system, whole or not at all."""
        chunk, self._chunk = self._chunk, OpenChunk()
        if not chunk.body:
            return
        packed = self._packer.compress(chunk.body)
        head = CHUNK.pack(chunk.start_ns, chunk.end_ns, len(chunk.body), zlib.crc32(chunk.body), 4) + b"zstd"
        place = Place(_OPCODE_CHUNK, len(chunk.head), len(head) + 8 + len(packed))
        record = RECORD.pack(_OPCODE_CHUNK, place.length) + head + len(packed).to_bytes(8, "little") + packed
        data = bytes(chunk.head) + record
        start = self._contents.end
        indexes, offsets = index_records(chunk.index, start + place.end)
        self._push(data + indexes)
        line = chunk_line(data, place, offsets, len(indexes), shift=start)
        counts = {channel_id: len(entries) // ENTRY.size for channel_id, entries in chunk.index.items()}
        self._contents.add_chunk(start + place.at, (chunk.start_ns, chunk.end_ns), line, counts)

    @property
    def messages(self) -> int:
        """In the file and in the open chunk; frame transforms are messages too."""
        return self._contents.messages + sum(len(e) for e in self._chunk.index.values()) // ENTRY.size

    @property
    def bytes_written(self) -> int:
        """Size of the file."""
        return self._contents.end

    def last_sequences(self) -> dict[tuple[str, int], int]:
        """(topic, publisher boot) -> last sequence, as this file was taken over: what to ask the bus to go on from."""
        return dict(self._sequences)

    @property
    def last_ns(self) -> int:
        """`t_ns` of the newest message in the file."""
        return self._contents.end_ns - self.utc_offset_ns

    # --- the end ---

    def finish(self) -> None:
        """Write the summary and close. OSError leaves a file without one: readable, and it can be finished later."""
        try:
            self.flush()
            self._push(summary(self._contents, self._crc or 0))
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close as it is; the open chunk is lost."""
        self._file.close()

    # --- inside ---

    def _push(self, data: bytes | bytearray) -> None:
        """All of `data` to the system, or none of it."""
        left = memoryview(data)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError:
            self._file.truncate(self._contents.end)
            self._file.seek(self._contents.end)
            raise
        self._contents.end += len(data)
        self._crc = None if self._crc is None else zlib.crc32(data, self._crc)

    def _add_channel(self, topic: str, boot: int, kind: type[Message] | None) -> int:
        """`kind` None is a frame transform. Its record goes in front of the open chunk."""
        channel_id = len(self._contents.channels) + 1
        opaque = kind is EngineBytes
        channel = Channel(
            id=channel_id,
            topic=topic,
            message_encoding=ENGINE_ENCODING if opaque else "json",
            metadata={BOOT_KEY: str(boot)},
            schema_id=0 if opaque else self._schema(kind),
        )
        self._chunk.head += record_bytes(channel)
        self._contents.channels[channel_id] = channel
        self._channel_ids[topic, boot] = channel_id
        return channel_id

    def _schema(self, kind: type[Message] | None) -> int:
        name = TRANSFORM_SCHEMA if kind is None else kind.__name__
        if name not in self._schema_ids:
            text = FRAME_TRANSFORM if kind is None else plain_schema(kind)
            schema = Schema(len(self._schema_ids) + 1, msgspec.json.encode(text), "jsonschema", name)
            self._chunk.head += record_bytes(schema)
            self._contents.schemas[schema.id] = schema
            self._schema_ids[name] = schema.id
        return self._schema_ids[name]

    def _note_metadata(self, record: Metadata) -> None:
        data, at = record_bytes(record), self._contents.end
        self._push(data)
        self._contents.metadata.append(MetadataIndex(at, len(data), record.name))

    def _note_attachment(self, record: Attachment) -> None:
        data, at = record_bytes(record), self._contents.end
        self._push(data)
        self._contents.attachments.append(attachment_index(record, at, len(data)))


def last_sequences(data: Buffer, found: Contents) -> dict[tuple[str, int], int]:
    """(topic, publisher boot) -> sequence of the last message; unpacks only the chunks that hold one."""
    last: dict[int, int] = {}
    for start in sorted(set(found.last_chunk.values())):
        for message in packed_messages(chunk_data(data, next(places(data, start)))):
            last[message.channel_id] = message.sequence
    channels = found.channels
    return {(channels[n].topic, int(channels[n].metadata[BOOT_KEY])): sequence for n, sequence in last.items()}


def indexed_again(data: Buffer, found: Contents) -> bytes:
    """The message indexes that a kill kept from the last chunk; `found` learns of them."""
    assert found.unindexed
    entries: dict[int, bytearray] = {}
    for message in packed_messages(chunk_data(data, found.unindexed)):
        entries.setdefault(message.channel_id, bytearray()).extend(ENTRY.pack(message.log_ns, message.at))
    indexes, offsets = index_records(entries, found.end)
    del found.chunk_index[-len(chunk_line(data, found.unindexed, {}, 0)) :]
    found.chunk_index += chunk_line(data, found.unindexed, offsets, len(indexes))
    return indexes


def finish_orphan(path: Path, clock: Clock) -> bool:
    """Give a take that nobody stopped its summary. False where it is finished, empty or still being recorded."""
    try:
        TakeWriter.resumed(path, clock).finish()
    except (TakeFault, BlockingIOError):
        return False
    return True


def lock(file: FileIO) -> None:
    """BlockingIOError while another process records to this file; a killed one's lock is gone with it."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(1 << 60)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            raise BlockingIOError(f"{file.name} is being recorded") from None
        finally:
            file.seek(0)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
