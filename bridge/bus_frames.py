"""What goes over the bus, as bytes: the envelope, which topics a reader wants, and reading messages tolerantly.

A message is three frames: `[topic][envelope][msgpack]`. The topic names the type and only that struct is decoded.
"""

import functools
import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bridge import messages
from bridge.messages import Message

ENVELOPE = struct.Struct("<IIQq")
"""Little-endian: schema_hash, boot (random per start of the publisher), sequence (per topic, from 1), t_sent_ns."""

Frames = tuple[bytes, bytes, bytes]
"""Topic, envelope, payload."""

_COUNTERS_REMEMBERED = 256


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
    that does not fit), `payload` (bad bytes). `news` has one line for the first of each kind and type.
    """

    def __init__(self) -> None:
        self.refused: dict[str, int] = {}
        self.news: list[str] = []

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
        """Count it; the first one of a kind and source is news."""
        key = f"{kind}|{source}"
        if key not in self.refused:
            if len(self.refused) >= _COUNTERS_REMEMBERED:
                key = f"{kind}|others"
            else:
                self.news.append(f"bus: {text}")
        self.refused[key] = self.refused.get(key, 0) + 1

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
