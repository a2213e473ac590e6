"""The newest message per topic, for readers who care about now."""

from collections.abc import Iterable, Sequence
from typing import Any

import zmq

from bridge.bus.frames import Envelope, Reading, Wanted, open_envelope
from bridge.bus.keys import BusKeys
from bridge.bus.publisher import QUEUE_MESSAGES, readable
from bridge.bus.subscriber import subscriber
from bridge.clock import Clock, system_clock
from bridge.messages import Message


class Mailbox:
    """The newest message per topic, for readers who care about now; older ones are counted in `superseded`."""

    def __init__(
        self,
        pub_endpoints: Iterable[str],
        topics: Sequence[str],
        *,
        clock: Clock = system_clock,
        keys: BusKeys | None = None,
        queue: int = QUEUE_MESSAGES,
    ) -> None:
        self.superseded = 0
        self.received = 0
        self.reading = Reading(clock)
        self._wanted = Wanted(topics)
        self._seen: dict[tuple[int, bytes], int] = {}
        self.socket: Any = subscriber(pub_endpoints, self._wanted, keys, queue)

    def take(self, timeout_s: float = 0.0) -> list[Message]:
        """What is new since the last take, one per topic; waits up to `timeout_s` for something."""
        if timeout_s > 0 and not readable(self.socket):
            self.socket.poll(timeout_s * 1000)
        newest: dict[bytes, tuple[list[bytes], Envelope]] = {}
        for _ in range(QUEUE_MESSAGES):
            try:
                frames = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            envelope = self._open(frames)
            if envelope is not None:
                self.superseded += frames[0] in newest
                newest[frames[0]] = (frames, envelope)
        read = [self.reading.message(frames, envelope) for frames, envelope in newest.values()]
        return [message for message in read if message is not None]

    def sockets(self) -> list[Any]:
        """To poll for reading."""
        return [self.socket]

    def close(self) -> None:
        """Stop listening."""
        self.socket.close(0)

    def _open(self, frames: list[bytes]) -> Envelope | None:
        """None for strangers' bytes, for topics not asked for, and for what was seen already (a snapshot, say)."""
        envelope = open_envelope(frames)
        if envelope is None:
            self.reading.refuse("envelope", "bus", "a message without our envelope came in; skipped")
            return None
        key = (envelope.boot, frames[0])
        if frames[0] not in self._wanted or self._seen.get(key, 0) >= envelope.sequence:
            return None
        if len(self._seen) > QUEUE_MESSAGES:  # many restarts later
            self._seen.clear()
        self._seen[key] = envelope.sequence
        self.received += 1
        return envelope
