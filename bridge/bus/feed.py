"""Everything that is published, in order per topic: gaps are noticed by number and filled from the publisher's ring.

Twice a second a feed asks each publisher how far it has got (its heads), so that a loss at the very end of a stream is
noticed too, and so that a publisher's restart or a reader's late arrival needs no other protocol.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import zmq

from bridge.bus.address import to_connect
from bridge.bus.frames import Envelope, Reading, Received, Wanted, open_envelope
from bridge.bus.keys import BusKeys
from bridge.bus.ring import Order
from bridge.bus.subscriber import client, subscriber
from bridge.clock import NS_PER_S, Clock, system_clock

Item = tuple[Sequence[bytes], Envelope]
Since = Mapping[str, tuple[int, int]]
"""Topic -> (publisher_boot, sequence): the last one a reader had before it went away."""

_HEADS_EVERY_NS = NS_PER_S // 2
_HELD_LIMIT = 50_000
_TURNS = 4096
_WAIT_MS = 20


class Feed:
    """Every message of some publishers; `missed` counts those that neither arrived nor could be re-sent.

    A gap is waited for `deadline_s` after the publisher last answered. `since` lets a reader that was killed ask for
    what it missed meanwhile: as far as the publisher's ring reaches back.
    """

    def __init__(
        self,
        sources: Iterable[tuple[str, str]],
        topics: Sequence[str],
        clock: Clock = system_clock,
        *,
        since: Since | None = None,
        deadline_s: float = 0.5,
        keys: BusKeys | None = None,
    ) -> None:
        self.reading = Reading(clock)
        wanted, deadline_ns = Wanted(topics), round(deadline_s * NS_PER_S)
        self._sources = [
            _Source(source, wanted, since or {}, (clock, deadline_ns), self.reading, keys) for source in sources
        ]
        self._poller = zmq.Poller()
        for socket in self.sockets():
            self._poller.register(socket, zmq.POLLIN)

    def take(self, timeout_s: float = 0.0) -> list[Received]:
        """What has come, in order per topic; waits up to `timeout_s` for something."""
        until_s = time.monotonic() + timeout_s
        while True:
            items = [item for source in self._sources for item in source.take()]
            left_ms = round((until_s - time.monotonic()) * 1000)
            if items or left_ms <= 0:
                return [received for item in items if (received := self._read(item))]
            self._poller.poll(min(left_ms, _WAIT_MS))

    @property
    def missed(self) -> int:
        """Messages known to have been sent that will not come."""
        return sum(source.missed for source in self._sources)

    @property
    def resent(self) -> int:
        """Messages that came from a publisher's ring."""
        return sum(source.resent for source in self._sources)

    def sockets(self) -> list[Any]:
        """To poll for reading; call `take` now and then even when nothing is readable."""
        return [socket for source in self._sources for socket in (source.sub, source.rpc)]

    def close(self) -> None:
        """Stop listening."""
        for socket in self.sockets():
            socket.close(0)

    def _read(self, item: Item) -> Received | None:
        frames, envelope = item
        message = self.reading.message(frames, envelope)
        if message is None:
            return None
        return Received(envelope.boot, frames[0].decode(), envelope.sequence, envelope.t_sent_ns, message)


class _Source:
    """One publisher as a feed sees it, across the publisher's restarts."""

    def __init__(
        self,
        source: tuple[str, str],
        wanted: Wanted,
        since: Since,
        timing: tuple[Clock, int],
        reading: Reading,
        keys: BusKeys | None,
    ) -> None:
        self.missed = 0
        self.resent = 0
        self._wanted = wanted
        self._since = {topic.encode(): place for topic, place in since.items()}
        self._clock, self._deadline_ns = timing
        self._reading = reading
        self._boot = 0
        self._former: set[int] = set()
        self._guessing = False  # whether we can know what this boot sent before we came
        self._complete = bool(since)  # whether everything this boot has sent is wanted, not only what comes from now on
        self._heads: dict[bytes, int] | None = None
        self._baseline: dict[bytes, int] = {}
        self._orders: dict[bytes, Order[Item]] = {}
        self._gapped: dict[bytes, int] = {}  # topic -> up to where a re-send was asked for
        self._asked: dict[bytes, tuple[bytes, int]] = {}  # request id -> topic, up to where
        self._next_id = 0
        self._heads_due_ns = 0
        self.sub: Any = subscriber([source[0]], wanted, keys)
        self.rpc: Any = client(zmq.DEALER, keys)
        self.rpc.setsockopt(zmq.IMMEDIATE, 1)  # questions to a publisher that is not there are not kept for later
        self.rpc.connect(to_connect(source[1]))

    def take(self) -> list[Item]:
        ready: list[Item] = []
        for _ in range(_TURNS):
            try:
                frames = self.sub.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            ready += self._offer(frames)
        ready += self._answers()
        now_ns = self._clock()
        if now_ns >= self._heads_due_ns and self._ask(b"heads", msgspec.msgpack.encode(self._wanted.names)):
            self._heads_due_ns = now_ns + _HEADS_EVERY_NS
        return ready + self._mind_gaps(now_ns) if self._gapped else ready

    def _offer(self, frames: Sequence[bytes]) -> list[Item]:
        envelope = open_envelope(frames)
        if envelope is None:
            self._reading.refuse("envelope", "bus", "a message without our envelope came in; skipped")
            return []
        topic = frames[0]
        if topic not in self._wanted or envelope.boot in self._former:
            return []
        ready = self._meet(envelope.boot) if envelope.boot != self._boot else []
        order = self._orders.get(topic) or self._order(topic, envelope.sequence)
        ready += order.offer(envelope.sequence, (frames, envelope))
        self._note_gap(topic, order)
        return ready

    def _meet(self, boot: int) -> list[Item]:
        """The publisher is a new process: its numbers start anew, and we were there from its beginning."""
        left: list[Item] = []
        self._former.add(self._boot)
        for topic, order in self._orders.items():
            order.exists((self._heads or {}).get(topic, 0))
            while order.gap:
                left += order.give_up()
            self.missed += order.missed
        self._guessing = self._boot == 0 and all(boot != known for known, _ in self._since.values())
        self._complete = self._complete or self._boot != 0
        self._boot, self._heads, self._baseline = boot, None, {}
        self._orders.clear()
        self._gapped.clear()
        self._asked.clear()
        self._heads_due_ns = 0
        return left

    def _order(self, topic: bytes, sequence: int) -> Order[Item]:
        """A topic seen for the first time: from which number on do we want it."""
        boot, last = self._since.get(topic, (0, 0))
        if boot == self._boot:
            expected = last + 1
        elif self._complete or (self._heads is not None and topic not in self._baseline):
            expected = 1
        else:
            expected = min(sequence, self._baseline.get(topic, sequence) + 1)
        order = self._orders[topic] = Order(expected)
        return order

    def _note_gap(self, topic: bytes, order: Order[Item]) -> None:
        if order.gap is None:
            self._gapped.pop(topic, None)
        elif topic not in self._gapped:
            order.deadline_ns = self._clock() + self._deadline_ns
            self._gapped[topic] = 0

    def _mind_gaps(self, now_ns: int) -> list[Item]:
        """Ask for what is missing; what does not come in time is given up."""
        ready: list[Item] = []
        for topic in list(self._gapped):
            order = self._orders[topic]
            if order.held > _HELD_LIMIT or now_ns >= order.deadline_ns:
                ready += self._give_up(topic, order)
            elif order.gap and order.gap.last > self._gapped[topic]:
                first = max(order.gap.first, self._gapped[topic] + 1)
                body = msgspec.msgpack.encode((self._boot, topic, first, order.gap.last))
                if request_id := self._ask(b"resend", body):
                    self._gapped[topic] = order.gap.last
                    self._asked[request_id] = (topic, order.gap.last)
        return ready

    def _give_up(self, topic: bytes, order: Order[Item]) -> list[Item]:
        known = not (self._guessing and order.expected == 1)
        ready = order.give_up()
        self.missed += order.missed * known
        order.missed = 0
        self._gapped.pop(topic, None)
        self._note_gap(topic, order)
        return ready

    def _ask(self, kind: bytes, body: bytes) -> bytes | None:
        self._next_id += 1
        request_id = self._next_id.to_bytes(8, "little")
        try:
            self.rpc.send_multipart((kind, request_id, body), zmq.NOBLOCK)
        except zmq.Again:
            return None
        return request_id

    def _answers(self) -> list[Item]:
        ready: list[Item] = []
        for _ in range(_TURNS):
            try:
                kind, request_id, *body = self.rpc.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            if kind == b"heads":
                ready += self._learn_heads(body[0])
            elif kind == b"frames" and request_id in self._asked:
                ready += self._fill(body)
            elif kind == b"done" and request_id in self._asked:
                ready += self._close_gap(*self._asked.pop(request_id))
        return ready

    def _fill(self, body: list[bytes]) -> list[Item]:
        ready: list[Item] = []
        for start in range(0, len(body) - 2, 3):
            found = self._offer(body[start : start + 3])
            ready += found
            self.resent += 1
        until_ns = self._clock() + self._deadline_ns  # it is answering: the others get their time too
        for topic in self._gapped:
            self._orders[topic].deadline_ns = until_ns
        return ready

    def _close_gap(self, topic: bytes, last: int) -> list[Item]:
        """The publisher has sent all it still had up to `last`: what is missing now is lost."""
        order, ready = self._orders.get(topic), list[Item]()
        while order and order.gap and order.gap.last <= last:
            ready += self._give_up(topic, order)
        return ready

    def _learn_heads(self, body: bytes) -> list[Item]:
        boot, pairs = msgspec.msgpack.decode(body, type=tuple[int, list[tuple[bytes, int]]])
        if boot in self._former:  # an answer from before its end
            return []
        ready = self._meet(boot) if boot != self._boot else []
        heads = dict(pairs)
        if self._heads is None:
            self._baseline = {} if self._complete else heads
            known = heads if self._complete else {}
        else:  # what was sent by the last time must have come by now
            known = self._heads
        self._heads = heads
        for topic, head in known.items():
            if topic in self._orders or head > self._baseline.get(topic, 0):
                order = self._orders.get(topic) or self._order(topic, head)
                order.exists(head)
                self._note_gap(topic, order)
        return ready
