"""Waits on many sockets at once."""

import math
import time
from collections.abc import Iterable
from typing import Any

import zmq


class Waiter:
    """Waits on many sockets at once: the bus's own, and anything with a `fileno`."""

    def __init__(self, readables: Iterable[Any]) -> None:
        self._poller, self._given = zmq.Poller(), dict[int, Any]()
        for item in readables:
            self._poller.register(item, zmq.POLLIN)
            if not isinstance(item, zmq.Socket | int):
                self._given[item.fileno()] = item

    def wait(self, timeout_s: float) -> set[Any]:
        """Those that can be read now, as they were given: of files ZeroMQ itself tells only the descriptor's number."""
        return {self._given.get(item, item) for item, _ in self._poller.poll(max(0, math.ceil(timeout_s * 1000)))}

    def rest(self, seconds: float) -> None:
        """Wait for nothing."""
        time.sleep(seconds)
