"""The engine's port for pictures: publishes them beside the poses' port, so that no pose ever waits behind pixels."""

from collections.abc import Sequence
from typing import Any

import zmq
from numpy.typing import NDArray

from bridge.bus.address import bracketed
from bridge.bus.publisher import send_to_all
from bridge.engine.output import bound

_QUEUE_PICTURES = 4
"""Waiting for one node at most: of a matte and a depth the newest, and the one that is on its way."""
_REMEDY = "change the engine's port in the stage file: pictures take the one above it"


class Held:
    """A copy of a picture in the memory it is sent from: whoever made it looks whether it is whole, then sends it."""

    def __init__(self, pixels: NDArray[Any]) -> None:
        self.frame: Any = zmq.Frame(pixels, copy=True)

    @property
    def pixels(self) -> memoryview:
        """Its bytes."""
        return self.frame.buffer


class PictureOutput:
    """PUB bound on tcp; nothing waits for anybody. A node that is slower than its pictures loses those that meet its
    full queue, and `send` says so. Raises bridge.ports.PortBusy.
    """

    def __init__(self, bind: str, port: int) -> None:
        self.endpoint = f"tcp://{bracketed(bind)}:{port}"
        self._context, self._socket = bound(self.endpoint, _QUEUE_PICTURES, _REMEDY)

    def say(self, parts: Sequence[bytes]) -> None:
        """A message without pixels: the heartbeat."""
        send_to_all(self._socket, parts)

    def send(self, parts: Sequence[bytes], held: Held) -> bool:
        """A picture to every node that listens; False where some node's queue was found full, so that it lost this one.

        That is said once: until that node reads on, ZeroMQ passes it over without a word.
        """
        try:
            self._send(parts, held)
        except zmq.Again:  # the others must not lose it
            self._socket.setsockopt(zmq.XPUB_NODROP, 0)
            self._send(parts, held)
            self._socket.setsockopt(zmq.XPUB_NODROP, 1)
            return False
        return True

    def _send(self, parts: Sequence[bytes], held: Held) -> None:
        for part in parts:
            self._socket.send(part, zmq.NOBLOCK | zmq.SNDMORE)
        self._socket.send(held.frame, zmq.NOBLOCK, copy=False)

    def close(self) -> None:
        """Leave the port; what is still queued is dropped."""
        self._socket.close(0)
        self._context.term()
