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
    socket = client(zmq.DEALER, keys)
    try:
        socket.connect(to_connect(rpc_endpoint))
        request_id = os.urandom(8)
        topic = messages.topic(message).encode()
        socket.send_multipart((b"command", request_id, topic, messages.encode(message)))
        return _answer(socket, request_id, time.monotonic() + deadline_s)
    except TimeoutError:
        name = type(message).__name__
        raise TimeoutError(f"{rpc_endpoint} did not answer {name} within {deadline_s:g} s: is it running?") from None
    finally:
        socket.close(0)


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
