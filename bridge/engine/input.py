"""The engine's end of the wire: subscribes to the engine port and hands out frames. What the plugin does in C++."""

from typing import Any, NamedTuple

import zmq

from bridge.clock import Clock


class EngineFrame(NamedTuple):
    """One multipart message as it came."""

    topic: bytes
    header: bytes
    payload: bytes
    t_received_ns: int
    pixels: bytes = b""
    """A picture's fourth part."""


class EngineInput:
    """A subscriber to one engine output. It may connect before the other side exists."""

    def __init__(self, endpoint: str, clock: Clock) -> None:
        self._clock = clock
        self.malformed = 0
        """Messages that had neither three parts nor a picture's four."""
        context = zmq.Context()
        self._socket: Any = context.socket(zmq.SUB)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.RCVHWM, 10_000)
        self._socket.setsockopt(zmq.RECONNECT_IVL, 20)
        self._socket.setsockopt(zmq.RECONNECT_IVL_MAX, 200)
        self._socket.subscribe(b"")
        self._socket.connect(endpoint)

    def sockets(self) -> list[Any]:
        """To poll for reading."""
        return [self._socket]

    def take(self, timeout_s: float = 0.0) -> list[EngineFrame]:
        """All frames that are there, waiting up to `timeout_s` for the first."""
        frames: list[EngineFrame] = []
        if timeout_s and not self._socket.poll(round(timeout_s * 1000)):
            return frames
        while True:
            try:
                parts = self._socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return frames
            if len(parts) in (3, 4):
                pixels = parts[3] if len(parts) == 4 else b""
                frames.append(EngineFrame(parts[0], parts[1], parts[2], self._clock(), pixels))
            else:
                self.malformed += 1

    def close(self) -> None:
        """Unsubscribe."""
        self._socket.close()
