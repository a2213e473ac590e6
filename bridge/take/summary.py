"""The end of a finished take: message indexes of a chunk, and the summary that lets Foxglove seek."""

import zlib
from collections.abc import Iterable, Mapping

from mcap.opcode import Opcode
from mcap.records import DataEnd, McapRecord, Statistics, SummaryOffset

from bridge.take.chunks import INDEX, MAGIC, RECORD
from bridge.take.contents import Contents, record_bytes


def index_records(entries: Mapping[int, bytes | bytearray], at: int) -> tuple[bytes, dict[int, int]]:
    """Message index records for a chunk that ends at byte `at`; -> bytes, and where each channel's begins."""
    data = bytearray()
    offsets: dict[int, int] = {}
    for channel_id, packed in entries.items():
        offsets[channel_id] = at + len(data)
        data += RECORD.pack(Opcode.MESSAGE_INDEX, INDEX.size + len(packed)) + INDEX.pack(channel_id, len(packed))
        data += packed
    return bytes(data), offsets


def summary(found: Contents, data_crc: int) -> bytes:
    """Everything after the data section that ends at `found.end`. `data_crc` 0 means not known."""
    data = record_bytes(DataEnd(data_section_crc=data_crc))
    start = found.end + len(data)
    groups: list[tuple[Opcode, bytes]] = [
        (Opcode.SCHEMA, _group(found.schemas.values())),
        (Opcode.CHANNEL, _group(found.channels.values())),
        (Opcode.STATISTICS, record_bytes(_statistics(found))),
        (Opcode.CHUNK_INDEX, bytes(found.chunk_index)),
        (Opcode.ATTACHMENT_INDEX, _group(found.attachments)),
        (Opcode.METADATA_INDEX, _group(found.metadata)),
    ]
    body, offsets = bytearray(), bytearray()
    for opcode, group in groups:
        if group:
            offsets += record_bytes(SummaryOffset(opcode, start + len(body), len(group)))
            body += group
    footer = RECORD.pack(Opcode.FOOTER, 20)
    footer += start.to_bytes(8, "little") + (start + len(body)).to_bytes(8, "little")
    checked = bytes(body + offsets) + footer
    return data + checked + zlib.crc32(checked).to_bytes(4, "little") + MAGIC


def _group(records: Iterable[McapRecord]) -> bytes:
    return record_bytes(*records)


def _statistics(found: Contents) -> Statistics:
    return Statistics(
        attachment_count=len(found.attachments),
        channel_count=len(found.channels),
        channel_message_counts=found.counts,
        chunk_count=found.chunks,
        message_count=found.messages,
        message_end_time=found.end_ns,
        message_start_time=found.start_ns,
        metadata_count=len(found.metadata),
        schema_count=len(found.schemas),
    )
