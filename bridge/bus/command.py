"""Asks one service to do something: acknowledged, or refused by a deadline."""

import os
import time
from typing import Any

import zmq

from bridge import messages
from bridge.bus.address import to_connect
from bridge.bus.keys import BusKeys
from bridge.bus.subscriber import client
from bridge.messages import Acknowledged, Message


def command(
    rpc_endpoint: str, message: Message, *, deadline_s: float = 2.0, keys: BusKeys | None = None
) -> Acknowledged:
    """Ask one service to do something and wait for its answer; TimeoutError says who did not answer."""
    asker = Asker(keys)
    try:
        return asker.ask(rpc_endpoint, message, deadline_s=deadline_s)
    finally:
        asker.close()


class Asker:
    """Asks again and again over connections that stay: making one takes longer than an answer."""

    def __init__(self, keys: BusKeys | None = None) -> None:
        self._keys = keys
        self._sockets: dict[str, Any] = {}

    def ask(self, rpc_endpoint: str, message: Message, *, deadline_s: float = 2.0) -> Acknowledged:
        """As `command` does. After a TimeoutError nothing of that command is left on its way from here."""
        socket = self._sockets.get(rpc_endpoint) or self._connected(rpc_endpoint)
        request_id = os.urandom(8)
        topic = messages.topic(message).encode()
        try:
            socket.send_multipart((b"command", request_id, topic, messages.encode(message)))
            return _answer(socket, request_id, time.monotonic() + deadline_s)
        except TimeoutError:
            self._sockets.pop(rpc_endpoint).close(0)
            name = type(message).__name__
            raise TimeoutError(
                f"{rpc_endpoint} did not answer {name} within {deadline_s:g} s: is it running?"
            ) from None

    def close(self) -> None:
        """Leave all services."""
        while self._sockets:
            self._sockets.popitem()[1].close(0)

    def _connected(self, rpc_endpoint: str) -> Any:
        socket = self._sockets[rpc_endpoint] = client(zmq.DEALER, self._keys)
        socket.connect(to_connect(rpc_endpoint))
        return socket


def _answer(socket: Any, request_id: bytes, until_s: float) -> Acknowledged:
    while (left_s := until_s - time.monotonic()) > 0:
        if not socket.poll(left_s * 1000):
            break
        kind, answered, *body = socket.recv_multipart()
        if kind == b"answer" and answered == request_id and body:
            message = messages.decode("Acknowledged", body[0])
            assert isinstance(message, Acknowledged)
            return message
    raise TimeoutError
