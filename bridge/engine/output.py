"""The engine's port: publishes multipart frames, and never reads anything but subscriptions."""

from collections.abc import Sequence
from typing import Any

import zmq

from bridge.bus.address import bracketed, tcp_busy
from bridge.bus.publisher import heartbeat, send_to_all
from bridge.bus.subscriber import new_context

_QUEUE_MESSAGES = 2000
_REMEDY = "change the engine's port in the stage file"


def bound(endpoint: str, queue_messages: int, remedy: str) -> tuple[Any, Any]:
    """A context and its PUB socket, bound: it never waits, and says where the queue of a node is full.

    Raises bridge.ports.PortBusy.
    """
    context = new_context()
    socket: Any = context.socket(zmq.PUB)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.SNDHWM, queue_messages)
    socket.setsockopt(zmq.XPUB_NODROP, 1)
    heartbeat(socket)
    try:
        socket.bind(endpoint)
    except zmq.ZMQError as error:
        socket.close(0)
        context.term()
        if error.errno == zmq.EADDRINUSE:
            raise tcp_busy(endpoint, remedy) from None
        raise OSError(error.errno, f"{endpoint}: {error.strerror}") from None
    return context, socket


class EngineOutput:
    """PUB bound on tcp; `send` never waits. `dropped` counts frames that met a full queue of some engine node.

    Raises bridge.ports.PortBusy.
    """

    def __init__(self, bind: str, port: int) -> None:
        self.sent = 0
        self.dropped = 0
        self.endpoint = f"tcp://{bracketed(bind)}:{port}"
        self._context, self._socket = bound(self.endpoint, _QUEUE_MESSAGES, _REMEDY)

    def send(self, frames: Sequence[bytes]) -> None:
        """One message of one or more frames to every node that listens."""
        self.sent += 1
        self.dropped += send_to_all(self._socket, frames)

    def close(self) -> None:
        """Leave the port; what is still queued is dropped."""
        self._socket.close(0)
        self._context.term()
