"""Films with a live device while something else goes on: a stage's poses are heard, or its walls are asked to flash."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from bridge.bus.publisher import Publisher
from bridge.clock import NS_PER_S, Clock
from bridge.messages import Acknowledged, Flash

Grey = NDArray[np.uint8]


class Source(Protocol):
    """A device."""

    @property
    def ended(self) -> bool: ...

    def take(self) -> list[tuple[int, Grey]]: ...


class Filmed(NamedTuple):
    """What came: arrival times [n] and pictures [n, h, w]."""

    t_ns: list[int]
    pictures: NDArray[np.uint8]


def film(source: Source, seconds: float, clock: Clock, meanwhile: Callable[[int], None]) -> Filmed:
    """For so long, or until the device ends; `meanwhile(now)` is called over and over, and is what waits a little."""
    came: list[tuple[int, Grey]] = []
    until_ns = clock() + round(seconds * NS_PER_S)
    while (now_ns := clock()) < until_ns and not source.ended:
        meanwhile(now_ns)
        came += source.take()
    came += source.take()
    return Filmed([t_ns for t_ns, _ in came], np.array([grey for _, grey in came], dtype=np.uint8))


class Asking:
    """Asks for flashes as planned, and notes when it truly did."""

    def __init__(self, publisher: Publisher, plan_s: Sequence[float], wall: str, duration_s: float) -> None:
        self.asked_ns: list[int] = []
        self._publisher, self._plan_s, self._wall, self._duration_s = publisher, plan_s, wall, duration_s
        self._start_ns: int | None = None

    def turn(self, now_ns: int) -> None:
        """Ask for the flash that is due, and serve who listens."""
        if self._start_ns is None:
            self._start_ns = now_ns
        number = len(self.asked_ns)
        if number < len(self._plan_s) and now_ns >= self._start_ns + round(self._plan_s[number] * NS_PER_S):
            self._publisher.send(Flash(subject=self._wall, t_ns=now_ns, duration_s=self._duration_s))
            self.asked_ns.append(now_ns)
        for request in self._publisher.serve():
            text = "a calibration takes no commands"
            self._publisher.reply(request, Acknowledged(subject="calibrate", t_ns=now_ns, ok=False, text=text))
