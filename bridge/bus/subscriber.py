"""A socket that listens to publishers, wherever and whenever they start."""

from collections.abc import Iterable
from typing import Any

import zmq

from bridge.bus.address import to_connect
from bridge.bus.frames import Wanted
from bridge.bus.keys import BusKeys, secure_client
from bridge.bus.publisher import QUEUE_MESSAGES, heartbeat

_Context: Any = zmq.Context  # its stubs are generic in ways nobody needs


def new_context() -> Any:
    """A context of one's own: ending it waits until its endpoints are free again."""
    return _Context()


def subscriber(pub_endpoints: Iterable[str], wanted: Wanted, keys: BusKeys | None, queue: int = QUEUE_MESSAGES) -> Any:
    """A SUB socket connected to all of them."""
    socket = client(zmq.SUB, keys, queue)
    for prefix in wanted.prefixes:
        socket.setsockopt(zmq.SUBSCRIBE, prefix)
    for endpoint in pub_endpoints:
        socket.connect(to_connect(endpoint))
    return socket


def client(kind: int, keys: BusKeys | None, queue: int = QUEUE_MESSAGES) -> Any:
    """A connecting socket that comes back soon after its publisher does."""
    socket = _Context.instance().socket(kind)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RCVHWM, queue)
    socket.setsockopt(zmq.SNDHWM, queue)
    socket.setsockopt(zmq.RECONNECT_IVL, 20)
    socket.setsockopt(zmq.RECONNECT_IVL_MAX, 200)
    heartbeat(socket)
    secure_client(socket, keys)
    return socket
