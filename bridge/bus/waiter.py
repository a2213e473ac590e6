"""Waits on many sockets at once."""

import math
import time
from collections.abc import Iterable
from typing import Any

import zmq


class Waiter:
    """Waits on many sockets at once: the bus's own, and anything with a `fileno`."""

    def __init__(self, readables: Iterable[Any]) -> None:
        self._poller = zmq.Poller()
        for item in readables:
            self._poller.register(item, zmq.POLLIN)

    def wait(self, timeout_s: float) -> set[Any]:
        """Those that can be read now; files as their descriptor number."""
        return {item for item, _ in self._poller.poll(max(0, math.ceil(timeout_s * 1000)))}

    def rest(self, seconds: float) -> None:
        """Wait for nothing."""
        time.sleep(seconds)
