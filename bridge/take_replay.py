"""Plays a take to the engine again: the very bytes, in order, at the times they were sent, or slower or faster."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from bridge.take_read import EngineLog

_WINDOW = 8192


class Output(Protocol):
    """Where frames for the engine go."""

    def send(self, frames: Sequence[bytes], /) -> object:
        """One message: topic, header, payload."""
        ...


class Timing(NamedTuple):
    """When a replay began, and how fast it runs."""

    began_ns: int
    """On the clock of now."""
    first_ns: int
    """When the first message was sent, in the take's time."""
    rate_unit: float = 1.0


def due_ns(timing: Timing, sent_ns: int) -> int:
    """When a message sent at `sent_ns` in the take is to be sent again."""
    return timing.began_ns + round((sent_ns - timing.first_ns) / timing.rate_unit)


def in_order(items: Iterable[EngineLog]) -> Iterator[EngineLog]:
    """By time of sending. What a returned recorder got re-sent stands topic by topic in the file, a little late."""
    waiting: list[tuple[int, int, EngineLog]] = []
    for number, item in enumerate(items):
        heapq.heappush(waiting, (item.publish_ns, number, item))
        if len(waiting) > _WINDOW:
            yield heapq.heappop(waiting)[2]
    while waiting:
        yield heapq.heappop(waiting)[2]


class Replay:
    """A take being played. It has no clock: `play(now_ns)` sends what is due, `next_ns` says when to come again."""

    def __init__(self, items: Iterable[EngineLog], output: Output, rate_unit: float = 1.0) -> None:
        if not rate_unit > 0.0:
            raise ValueError(f"replay rate {rate_unit}: expected more than 0; 1 is the take's own speed")
        self._items = in_order(items)
        self._output, self._rate_unit = output, rate_unit
        self._next = next(self._items, None)
        self._timing: Timing | None = None
        self.sent = 0
        self.latest_s = 0.0
        """The furthest a message was sent after its time."""

    @property
    def done(self) -> bool:
        """Whether everything was sent."""
        return self._next is None

    @property
    def next_ns(self) -> int | None:
        """When the next message is due; None before the first `play` and after the last message."""
        return due_ns(self._timing, self._next.publish_ns) if self._timing and self._next else None

    def play(self, now_ns: int) -> int:
        """Send what is due; -> how many messages that was."""
        if self._next is None:
            return 0
        if self._timing is None:
            self._timing = Timing(now_ns, self._next.publish_ns, self._rate_unit)
        before = self.sent
        while self._next is not None and (due := due_ns(self._timing, self._next.publish_ns)) <= now_ns:
            self._output.send((self._next.topic, self._next.header, self._next.payload))
            self.sent += 1
            self.latest_s = max(self.latest_s, (now_ns - due) / 1e9)
            self._next = next(self._items, None)
        return self.sent - before
