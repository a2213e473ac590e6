"""What goes over the bus, as bytes: the envelope, which topics a reader wants, and reading messages tolerantly.

A message is three frames: `[topic][envelope][msgpack]`. The topic names the type and only that struct is decoded.
"""

import functools
import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bridge import messages
from bridge.clock import Clock
from bridge.messages import Message
from bridge.refusals import RefusalLog

ENVELOPE = struct.Struct("<IIQq")
"""Little-endian: schema_hash, boot (random per start of the publisher), sequence (per topic, from 1), t_sent_ns."""

Frames = tuple[bytes, bytes, bytes]
"""Topic, envelope, payload."""

_NEWS_KEPT = 100


class Envelope(NamedTuple):
    """The envelope's numbers."""

    schema_hash: int
    boot: int
    sequence: int
    t_sent_ns: int


class Received(NamedTuple):
    """A message as it came: `sequence` counts per topic within one `publisher_boot`."""

    publisher_boot: int
    topic: str
    sequence: int
    t_sent_ns: int
    message: Message


@functools.cache
def schema_hash() -> int:
    """Of all messages; computed when the first socket opens, not at import."""
    return messages.schema_hash()


def open_envelope(frames: Sequence[bytes]) -> Envelope | None:
    """None where this is not a message of the bus."""
    if len(frames) != 3 or len(frames[1]) < ENVELOPE.size:
        return None
    return Envelope(*ENVELOPE.unpack_from(frames[1]))


class Wanted:
    """The topics a reader asked for: `CameraPose`, `CameraPose/camA`, or "" for everything."""

    def __init__(self, topics: Iterable[str]) -> None:
        self.names = tuple(topics)
        self._answers: dict[bytes, bool] = {}

    @property
    def prefixes(self) -> tuple[bytes, ...]:
        """To subscribe with; wider than what is wanted, as ZeroMQ matches prefixes only."""
        return tuple(name.encode() for name in self.names)

    def __contains__(self, topic: bytes) -> bool:
        answer = self._answers.get(topic)
        if answer is None:
            if len(self._answers) > 4096:
                self._answers.clear()
            text = topic.decode(errors="replace")
            answer = any(not name or text == name or text.startswith(name.rstrip("/") + "/") for name in self.names)
            self._answers[topic] = answer
        return answer


class Reading:
    """Decodes messages, and counts by kind what it could not.

    Kinds: `envelope` (not ours), `unknown` (a type this version does not have), `schema` (another version's struct
    that does not fit), `payload` (bad bytes). `news` are the lines to say, once per type and minute.
    """

    def __init__(self, clock: Clock) -> None:
        self.log = RefusalLog()
        self.news: list[str] = []
        self._clock = clock

    @property
    def refused(self) -> dict[str, int]:
        """Counts by `kind|type`."""
        return self.log.counts

    def message(self, frames: Sequence[bytes], envelope: Envelope) -> Message | None:
        """None for what cannot be read."""
        topic = frames[0].decode(errors="replace")
        try:
            message = messages.decode(topic, frames[2])
        except ValueError as error:
            return self._refuse_payload(topic, envelope, str(error))
        if message is None:
            kind = topic.split("/", 1)[0][:64]
            self.refuse("unknown", kind, f"{kind}: no message of this version has that name; skipped")
        return message

    def refuse(self, kind: str, source: str, text: str) -> None:
        """Count it, and make it news where it is."""
        line = self.log.note(self._clock(), kind, source, text)
        if line:
            self.news = [*self.news[-_NEWS_KEPT:], line]

    def _refuse_payload(self, topic: str, envelope: Envelope, why: str) -> None:
        kind = topic.split("/", 1)[0]
        if envelope.schema_hash == schema_hash():
            self.refuse("payload", kind, f"bad bytes: {why}")
        else:
            ours, theirs = f"{schema_hash():08x}", f"{envelope.schema_hash:08x}"
            self.refuse(
                "schema",
                kind,
                f"{why}. The sender's messages are {theirs}, ours are {ours}: run one version everywhere",
            )
