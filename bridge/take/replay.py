"""Plays a take to the engine again: the very bytes, in order, at the times they were sent, or slower or faster."""

import heapq
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec

from bridge.messages import CameraPose
from bridge.take.format import ENGINE_PREFIX, unpack_engine
from bridge.take.read import Take, decode

_WINDOW = 8192

Frames = tuple[bytes, bytes, bytes]
"""Topic, header, payload: one message to the engine."""


class Played(NamedTuple):
    """Something to send again."""

    sent_ns: int
    """When it was sent, UTC."""
    what: Frames | CameraPose


Send = Callable[[Played, int], object]
"""Called with what to send and when it is due, on the clock of now."""


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


def items(take: Take, poses: bool = False) -> Iterator[Played]:
    """What went to the engine, byte for byte; with `poses`, what the bus was told of cameras too."""
    wanted = (ENGINE_PREFIX, "CameraPose/") if poses else (ENGINE_PREFIX,)
    for logged in take.logged(lambda topic: topic.startswith(wanted)):
        if logged.topic.startswith(ENGINE_PREFIX):
            yield Played(logged.publish_ns, unpack_engine(logged.data))
        elif isinstance(pose := decode(logged), CameraPose):
            yield Played(logged.publish_ns, pose)


def restamped(pose: CameraPose, shift_ns: int) -> CameraPose:
    """The pose as if it were measured now, for readers that judge its age."""
    return msgspec.structs.replace(
        pose,
        t_ns=pose.t_ns + shift_ns,
        t_arrival_ns=pose.t_arrival_ns + shift_ns,
        t_display_ns=pose.t_display_ns + shift_ns,
    )


def in_order(items: Iterable[Played]) -> Iterator[Played]:
    """By time of sending. What a returned recorder got re-sent stands topic by topic in the file, a little late."""
    waiting: list[tuple[int, int, Played]] = []
    for number, item in enumerate(items):
        heapq.heappush(waiting, (item.sent_ns, number, item))
        if len(waiting) > _WINDOW:
            yield heapq.heappop(waiting)[2]
    while waiting:
        yield heapq.heappop(waiting)[2]


class Replay:
    """A take being played. It has no clock: `play(now_ns)` sends what is due, `next_ns` says when to come again."""

    def __init__(self, items: Iterable[Played], send: Send, rate_unit: float = 1.0) -> None:
        if not rate_unit > 0.0:
            raise ValueError(f"replay rate {rate_unit}: expected more than 0; 1 is the take's own speed")
        self._items = in_order(items)
        self._send, self._rate_unit = send, rate_unit
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
        return due_ns(self._timing, self._next.sent_ns) if self._timing and self._next else None

    def play(self, now_ns: int) -> int:
        """Send what is due; -> how many messages that was."""
        if self._next is None:
            return 0
        if self._timing is None:
            self._timing = Timing(now_ns, self._next.sent_ns, self._rate_unit)
        before = self.sent
        while self._next is not None and (due := due_ns(self._timing, self._next.sent_ns)) <= now_ns:
            self._send(self._next, due)
            self.sent += 1
            self.latest_s = max(self.latest_s, (now_ns - due) / 1e9)
            self._next = next(self._items, None)
        return self.sent - before
