"""The sending side of the bus: publishes, welcomes late readers with the newest state, re-sends, takes commands."""

import os
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import zmq
from zmq import backend

from bridge import messages
from bridge.bus.address import Seat, stays_here, tcp_busy
from bridge.bus.frames import ENVELOPE, Frames, Reading, Wanted, schema_hash
from bridge.bus.keys import BusKeys, Gate, secure_server
from bridge.bus.ring import Ring
from bridge.clock import NS_PER_S, Clock, system_clock
from bridge.messages import COMMANDS, STATE, Acknowledged, Message

QUEUE_MESSAGES = 20_000
"""Waiting for one reader at most: about two seconds of the busiest stage."""
RING_BYTES = 128 << 20
CHUNK = 64
"""Messages re-sent at a time: about 0.2 ms, so that a returning recorder does not hold up the live stream."""
LINGER_NS = 2_000_000
"""Batches that follow each other faster wait for each other: waking the network's thread costs more than sending."""
_LINGERING_MESSAGES = 256
_WAITING_RESENDS = 4096
_TURNS = 256
_STATE = frozenset(STATE)
# Plain numbers and the plain send: pyzmq's enums and conveniences cost more than libzmq itself (4.6 against 1.2 us).
_NOW, _NOW_AND_MORE = int(zmq.NOBLOCK), int(zmq.NOBLOCK | zmq.SNDMORE)
_LENT_BYTES = 1 << 16
"""From here on libzmq reads the sender's own bytes; a copy of a 1080p matte takes 0.3 ms, lending it 0.1 ms."""
_EVENTS, _READABLE = int(zmq.EVENTS), int(zmq.POLLIN)
_plain_send: Any = backend.Socket.send


class Request(NamedTuple):
    """A command somebody waits on: answer it with `Publisher.reply`."""

    peer: bytes
    request_id: bytes
    message: Message


class _Resend(NamedTuple):
    peer: bytes
    request_id: bytes
    frames: deque[Frames]


class Publisher:
    """Bound on `pub` and `rpc`; `send` never waits, `serve` does the rest whenever a socket is readable.

    `dropped` counts messages that met a full queue of some reader: the other readers got them, and that reader sees
    the gap in the numbers. Beyond loopback `keys` are required. Raises PortBusy.
    """

    def __init__(
        self,
        pub_endpoint: str,
        rpc_endpoint: str,
        clock: Clock = system_clock,
        *,
        ring_s: float = 5.0,
        keys: BusKeys | None = None,
        queue: int = QUEUE_MESSAGES,
    ) -> None:
        if keys is None and not (stays_here(pub_endpoint) and stays_here(rpc_endpoint)):
            raise ValueError(
                f"{pub_endpoint} can be reached from other computers, so it needs keys: make them with "
                "`cyc stage keys FOLDER` and name the folder as curve_keys in [bus]"
            )
        self.boot = int.from_bytes(os.urandom(4), "little") or 1
        self.sent = 0
        self.dropped = 0
        self.reading = Reading(clock)
        self._clock = clock
        self._ring = Ring(round(ring_s * NS_PER_S), RING_BYTES)
        self._sequences: dict[bytes, int] = {}
        self._newest: dict[bytes, Frames] = {}
        self._resends: deque[_Resend] = deque()
        self._lingering: list[Frames] = []
        self._sent_ns = 0
        self._seats = [Seat(pub_endpoint), Seat(rpc_endpoint)]
        # A context of our own: libzmq asks once per context who may come in, and ending it waits for the endpoints.
        self._context: Any = zmq.Context()
        self._gate = Gate(self._context, keys) if keys else None
        self._pub: Any = _socket(self._context, zmq.XPUB, queue)
        self._rpc: Any = _socket(self._context, zmq.ROUTER, queue)
        self._pub.setsockopt(zmq.XPUB_VERBOSE, 1)
        self._pub.setsockopt(zmq.XPUB_NODROP, 1)
        self._rpc.setsockopt(zmq.ROUTER_MANDATORY, 1)
        if keys:
            secure_server((self._pub, self._rpc), keys)
        try:
            bind(self._pub, pub_endpoint)
            bind(self._rpc, rpc_endpoint)
        except OSError:
            self.close()
            raise

    def send(self, message: Message) -> None:
        """Publish and keep for re-sending, at once."""
        frames = self._numbered(message)
        self.flush()
        self._transmit(frames)

    def send_all(self, batch: Sequence[Message]) -> None:
        """Likewise for what one step had to say; within `LINGER_NS` of the last, it waits for `flush` at `due_ns`."""
        if not batch:
            return
        self._lingering += [self._numbered(message) for message in batch]
        if self._clock() - self._sent_ns >= LINGER_NS or len(self._lingering) >= _LINGERING_MESSAGES:
            self.flush()

    @property
    def due_ns(self) -> int | None:
        """When `flush` should be called; None while nothing waits."""
        return self._sent_ns + LINGER_NS if self._lingering else None

    def flush(self) -> None:
        """Let go what waits."""
        if self._lingering:
            for frames in self._lingering:
                self._transmit(frames)
            self._lingering.clear()
            self._sent_ns = self._clock()

    def _numbered(self, message: Message) -> Frames:
        topic = messages.topic(message).encode()
        sequence = self._sequences.get(topic, 0) + 1
        self._sequences[topic] = sequence
        now_ns = self._clock()
        frames = (
            topic,
            ENVELOPE.pack(schema_hash(), self.boot, sequence, now_ns),
            messages.encode(message),
        )
        self._ring.keep(now_ns, sequence, frames)
        if type(message) in _STATE:
            self._newest[topic] = frames
        self.sent += 1
        return frames

    def serve(self) -> list[Request]:
        """Welcome who joined, re-send what was asked for, and return the commands that came."""
        self.flush()
        if self._gate:
            self._gate.serve()
        self._welcome()
        requests = self._requests()
        self._resend()
        self._ring.expire(self._clock())
        return requests

    def reply(self, request: Request, answer: Acknowledged) -> None:
        """Answer a command; whoever has gone away meanwhile is not missed."""
        self._answer(request.peer, b"answer", request.request_id, messages.encode(answer))

    @property
    def busy(self) -> bool:
        """Whether `serve` has more to re-send, so that the loop should not wait."""
        return bool(self._resends)

    def sockets(self) -> list[Any]:
        """To poll for reading."""
        return [self._pub, self._rpc, *([self._gate.socket] if self._gate else [])]

    def close(self) -> None:
        """Leave the endpoints; what is still queued is dropped."""
        for socket in self.sockets():
            socket.close(0)
        self._context.term()
        for seat in self._seats:
            seat.leave()

    def _transmit(self, frames: Frames) -> None:
        self.dropped += send_to_all(self._pub, frames)

    def _welcome(self) -> None:
        joined: set[bytes] = set()
        for _ in range(_TURNS):
            if not readable(self._pub):
                break
            word = self._pub.recv(zmq.NOBLOCK)
            if word[:1] == b"\x01":
                joined.add(word[1:])
        if joined:
            prefixes = tuple(joined)
            for topic, frames in self._newest.items():
                if topic.startswith(prefixes):
                    self._transmit(frames)

    def _requests(self) -> list[Request]:
        found: list[Request] = []
        for _ in range(_TURNS):
            if not readable(self._rpc):
                break
            request = self._understand(self._rpc.recv_multipart(zmq.NOBLOCK))
            if request:
                found.append(request)
        return found

    def _understand(self, frames: list[bytes]) -> Request | None:
        """heads | resend | command, each `[peer][kind][id][body]...`; the first two are answered here."""
        try:
            peer, kind, request_id, *body = frames
            if kind == b"heads":
                self._tell_heads(peer, request_id, msgspec.msgpack.decode(body[0], type=list[str]))
            elif kind == b"resend":
                boot, topic, first, last = msgspec.msgpack.decode(body[0], type=tuple[int, bytes, int, int])
                self._queue_resend(
                    peer, request_id, self._ring.between(topic, first, last) if boot == self.boot else []
                )
            elif kind == b"command":
                return self._command(peer, request_id, body)
            else:
                self.reading.refuse("request", "kind", f"a peer asked for {kind[:32]!r}, which there is not")
        except (ValueError, IndexError) as error:
            self.reading.refuse("request", "body", f"a request that cannot be read: {error}")
        return None

    def _command(self, peer: bytes, request_id: bytes, body: list[bytes]) -> Request | None:
        problem = "not a command of this version"
        try:
            message = messages.decode(body[0].decode(), body[1])
            if isinstance(message, COMMANDS):
                return Request(peer, request_id, message)
        except ValueError as error:
            problem = str(error)
        self.reading.refuse("command", "body", problem)
        refusal = Acknowledged(subject="bus", t_ns=self._clock(), ok=False, text=problem)
        self._answer(peer, b"answer", request_id, messages.encode(refusal))
        return None

    def _tell_heads(self, peer: bytes, request_id: bytes, names: list[str]) -> None:
        wanted = Wanted(names)
        heads = {topic: sequence for topic, sequence in self._sequences.items() if topic in wanted}
        self._answer(peer, b"heads", request_id, msgspec.msgpack.encode((self.boot, list(heads.items()))))

    def _queue_resend(self, peer: bytes, request_id: bytes, found: list[Frames]) -> None:
        if len(self._resends) >= _WAITING_RESENDS:
            self.reading.refuse("request", "resend", "too many ask for re-sends at once; some are not answered")
            return
        self._resends.append(_Resend(peer, request_id, deque(found)))

    def _resend(self) -> None:
        """One chunk to the first in line, who then goes to the end of it."""
        if not self._resends:
            return
        resend = self._resends.popleft()
        chunk = [resend.frames.popleft() for _ in range(min(CHUNK, len(resend.frames)))]
        if chunk:
            flat = [part for frames in chunk for part in frames]
            if not self._answer(resend.peer, b"frames", resend.request_id, *flat):
                return
        if resend.frames:
            self._resends.append(resend)
        else:
            self._answer(resend.peer, b"done", resend.request_id)

    def _answer(self, peer: bytes, *parts: bytes) -> bool:
        try:
            self._rpc.send_multipart((peer, *parts), zmq.NOBLOCK)
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:  # one that ended, as all do at a planned end, is not missed
                self.reading.refuse("answer", "peer", "somebody asks and does not read its answers")
            return False
        return True


def readable(socket: Any) -> bool:
    """Whether a receive would succeed now."""
    return bool(socket.getsockopt(_EVENTS) & _READABLE)


def send_to_all(socket: Any, frames: Sequence[bytes]) -> bool:
    """Publish on a socket with XPUB_NODROP set; True where some reader's queue was full, so that it lost this one."""
    try:
        _send(socket, frames)
    except zmq.Again:  # the others must not lose it
        socket.setsockopt(zmq.XPUB_NODROP, 0)
        _send(socket, frames)
        socket.setsockopt(zmq.XPUB_NODROP, 1)
        return True
    return False


def _send(socket: Any, frames: Sequence[bytes]) -> None:
    for frame in frames[:-1]:
        _plain_send(socket, frame, _NOW_AND_MORE)
    last = frames[-1]
    _plain_send(socket, last, _NOW, len(last) < _LENT_BYTES)


def bind(socket: Any, endpoint: str) -> None:
    """Bind, with an error that an operator understands."""
    try:
        socket.bind(endpoint)
    except zmq.ZMQError as error:
        if error.errno == zmq.EADDRINUSE:
            raise tcp_busy(endpoint) from None
        raise OSError(error.errno, f"{endpoint}: {error.strerror}") from None


def _socket(context: Any, kind: int, queue: int) -> Any:
    socket = context.socket(kind)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.SNDHWM, queue)
    socket.setsockopt(zmq.RCVHWM, queue)
    heartbeat(socket)
    return socket


def heartbeat(socket: Any) -> None:
    """Notice within three seconds a peer whose computer or cable went away."""
    socket.setsockopt(zmq.HEARTBEAT_IVL, 1000)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 3000)
