"""Reads takes, finished or cut off anywhere: whole chunks count, a torn tail does not."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, TypeVar

import msgspec
from mcap.opcode import Opcode
from mcap.records import Attachment

from bridge.messages import TYPE_BY_NAME, Message
from bridge.take.chunks import Buffer, Place, TakeFault, chunk_data, mapped, packed_messages, places
from bridge.take.contents import Contents, body, contents, facts_of
from bridge.take.format import BOOT_KEY, ENGINE_PREFIX, TRANSFORM_PREFIX

M = TypeVar("M", bound=Message)

_decoders = {name: msgspec.json.Decoder(kind) for name, kind in TYPE_BY_NAME.items()}


class Logged(NamedTuple):
    """One message as the take holds it."""

    topic: str
    boot: int
    """Which run of the publisher numbered it."""
    sequence: int
    log_ns: int
    """UTC of the moment it is about."""
    publish_ns: int
    """UTC of its sending."""
    data: bytes


class Take:
    """A take opened for reading; also while it is being recorded, up to the last whole chunk."""

    def __init__(self, path: Path) -> None:
        """TakeFault for a file that is none; OSError where it cannot be read."""
        self.path = path
        self._file = path.open("rb")
        try:
            self._data: Buffer = mapped(self._file)
            self.contents: Contents = contents(self._data, path.name)
            self.facts: dict[str, str] = facts_of(self._data, self.contents)
        except Exception:
            self._file.close()
            raise
        self.damaged = 0
        """Chunks skipped because their checksum did not hold."""
        self.watch: Callable[[float], None] | None = None
        """Told, chunk by chunk, which part of the file has been read, 0 to 1."""

    def close(self) -> None:
        """Let the file go."""
        if not isinstance(self._data, bytes):
            self._data.close()
        self._file.close()

    def __enter__(self) -> "Take":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        self.close()

    @property
    def finished(self) -> bool:
        """Whether somebody stopped it; if not, it has no summary."""
        return self.contents.finished

    @property
    def topics(self) -> dict[str, int]:
        """Message count of each topic."""
        counts: dict[str, int] = {}
        for channel in self.contents.channels.values():
            counts[channel.topic] = counts.get(channel.topic, 0) + self.contents.counts.get(channel.id, 0)
        return dict(sorted(counts.items()))

    @property
    def cameras(self) -> list[str]:
        """Cameras with poses."""
        return [topic.partition("/")[2] for topic in self.topics if topic.startswith("CameraPose/")]

    def attachment(self, name: str) -> bytes | None:
        """A text that was put inside, such as `stage.toml`."""
        for index in self.contents.attachments:
            if index.name == name:
                place = Place(Opcode.ATTACHMENT, index.offset, index.length - 9)
                return Attachment.read(body(self._data, place)).data
        return None

    def logged(self, wanted: Callable[[str], bool] = lambda _: True) -> Iterator[Logged]:
        """Messages of the topics that are wanted, in the order they were recorded."""
        channels = {
            channel.id: (channel.topic, int(channel.metadata.get(BOOT_KEY, "0")))
            for channel in self.contents.channels.values()
            if wanted(channel.topic)
        }
        for place in places(self._data, stop=self.contents.end):
            for message in packed_messages(self._chunk(place)):
                channel = channels.get(message.channel_id)
                if channel:
                    yield Logged(*channel, message.sequence, message.log_ns, message.publish_ns, message.data)

    def _chunk(self, place: Place) -> bytes:
        if place.opcode != Opcode.CHUNK:
            return b""
        if self.watch:
            self.watch(place.at / self.contents.end)
        try:
            return chunk_data(self._data, place)
        except TakeFault:
            self.damaged += 1
            return b""

    def messages(self, kind: type[M], subject: str | None = None) -> Iterator[M]:
        """All messages of one type, about one subject or about any."""
        prefix, decoder = f"{kind.__name__}/", msgspec.json.Decoder(kind)
        exact = prefix + subject if subject else None
        for logged in self.logged(lambda topic: topic == exact if exact else topic.startswith(prefix)):
            yield decoder.decode(logged.data)


def decode(logged: Logged) -> Message | None:
    """The message; None for transforms, engine bytes and types this version does not know."""
    if logged.topic.startswith((ENGINE_PREFIX, TRANSFORM_PREFIX)):
        return None
    decoder = _decoders.get(logged.topic.partition("/")[0])
    return decoder.decode(logged.data) if decoder else None
