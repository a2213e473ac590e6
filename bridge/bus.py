"""The bus: brokerless ZeroMQ. What a service needs to speak and listen; endpoints come from the stage file.

Publisher and Feed do their own bookkeeping in `bus_publisher` and `bus_feed`; here are the newest-only Mailbox, the
command client, and the one place to import from.
"""

import math
import os
import time
from collections.abc import Iterable, Sequence
from typing import Any

import zmq

from bridge import messages
from bridge.bus_address import endpoints, to_connect
from bridge.bus_feed import Feed
from bridge.bus_frames import Envelope, Reading, Received, Wanted, open_envelope
from bridge.bus_keys import BusKeys, load_keys, make_keys
from bridge.bus_publisher import QUEUE_MESSAGES, Publisher, Request, readable
from bridge.bus_subscriber import client, subscriber
from bridge.clock import Clock, system_clock
from bridge.messages import Acknowledged, Message
from bridge.ports import PortBusy

__all__ = [
    "BusKeys",
    "Feed",
    "Mailbox",
    "PortBusy",
    "Publisher",
    "Received",
    "Request",
    "Waiter",
    "command",
    "endpoints",
    "load_keys",
    "make_keys",
]


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


class Waiter:
    """Waits on many sockets at once: the bus's own, and anything with a `fileno`."""

    def __init__(self, readables: Iterable[Any]) -> None:
        self._poller = zmq.Poller()
        for item in readables:
            self._poller.register(item, zmq.POLLIN)

    def wait(self, timeout_s: float) -> set[Any]:
        """Those that can be read now; files as their descriptor number."""
        return {item for item, _ in self._poller.poll(max(0, math.ceil(timeout_s * 1000)))}


def command(
    rpc_endpoint: str, message: Message, *, deadline_s: float = 2.0, keys: BusKeys | None = None
) -> Acknowledged:
    """Ask one service to do something and wait for its answer; TimeoutError says who did not answer."""
    socket = client(zmq.DEALER, keys)
    try:
        socket.connect(to_connect(rpc_endpoint))
        request_id = os.urandom(8)
        topic = messages.topic(message).encode()
        socket.send_multipart((b"command", request_id, topic, messages.encode(message)))
        return _answer(socket, request_id, time.monotonic() + deadline_s)
    except TimeoutError:
        name = type(message).__name__
        raise TimeoutError(f"{rpc_endpoint} did not answer {name} within {deadline_s:g} s: is it running?") from None
    finally:
        socket.close(0)


def _answer(socket: Any, request_id: bytes, until_s: float) -> Acknowledged:
    while (left_s := until_s - time.monotonic()) > 0:
        if not socket.poll(left_s * 1000):
            break
        kind, answered, *body = socket.recv_multipart()
        if kind == b"answer" and answered == request_id and body:
            message = messages.decode("Acknowledged", body[0])
            assert isinstance(message, Acknowledged)
            return message
    raise TimeoutError
