"""Memory of the bus: what a publisher keeps for those who missed it, and how a reader puts things back in order."""

from collections import deque
from typing import Generic, NamedTuple, TypeVar

from bridge.bus.frames import Frames

T = TypeVar("T")


class Kept(NamedTuple):
    """One message in the ring."""

    t_sent_ns: int
    sequence: int
    size_bytes: int
    frames: Frames


class Ring:
    """The last seconds of every topic, bounded in time and in bytes; the oldest go first."""

    def __init__(self, span_ns: int, limit_bytes: int) -> None:
        self.size_bytes = 0
        self._span_ns = span_ns
        self._limit_bytes = limit_bytes
        self._by_topic: dict[bytes, deque[Kept]] = {}
        self._in_order: deque[deque[Kept]] = deque()

    def keep(self, t_ns: int, sequence: int, frames: Frames) -> None:
        """Take one in and let the outlived ones go."""
        queue = self._by_topic.get(frames[0])
        if queue is None:
            queue = self._by_topic[frames[0]] = deque()
        size_bytes = len(frames[0]) + len(frames[1]) + len(frames[2])
        queue.append(Kept(t_ns, sequence, size_bytes, frames))
        self._in_order.append(queue)
        self.size_bytes += size_bytes
        self.expire(t_ns)

    def expire(self, now_ns: int) -> None:
        """Forget what is older than the span or over the limit."""
        oldest_ns, order = now_ns - self._span_ns, self._in_order
        while order and (order[0][0].t_sent_ns < oldest_ns or self.size_bytes > self._limit_bytes):
            self.size_bytes -= order.popleft().popleft().size_bytes

    def between(self, topic: bytes, first: int, last: int) -> list[Frames]:
        """What is still here of `first`..`last` of a topic."""
        return [kept.frames for kept in self._by_topic.get(topic, ()) if first <= kept.sequence <= last]


class Gap(NamedTuple):
    """Sequence numbers that did not arrive, both included."""

    first: int
    last: int


class Order(Generic[T]):
    """Puts one topic's numbered items in order; those behind a gap are held until it is filled or given up."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.missed = 0
        self.deadline_ns = 0
        self._held: dict[int, T] = {}
        self._head = expected - 1

    @property
    def gap(self) -> Gap | None:
        """The first hole before something known to exist."""
        if self.expected > self._head:
            return None
        return Gap(self.expected, min(self._held) - 1 if self._held else self._head)

    @property
    def held(self) -> int:
        """How many wait behind the gap."""
        return len(self._held)

    def exists(self, sequence: int) -> None:
        """The publisher says it has sent up to `sequence`."""
        self._head = max(self._head, sequence)

    def offer(self, sequence: int, item: T) -> list[T]:
        """What can be handed on now; nothing for a duplicate."""
        if sequence < self.expected or sequence in self._held:
            return []
        self.exists(sequence)
        if sequence > self.expected:
            self._held[sequence] = item
            return []
        self.expected += 1
        return [item, *self._release()] if self._held else [item]

    def give_up(self) -> list[T]:
        """Count the first gap as missed, and hand on what waited behind it."""
        gap = self.gap
        if gap is None:
            return []
        self.missed += gap.last - gap.first + 1
        self.expected = gap.last + 1
        return self._release()

    def _release(self) -> list[T]:
        ready: list[T] = []
        while self.expected in self._held:
            ready.append(self._held.pop(self.expected))
            self.expected += 1
        return ready
