"""Waiting on ZeroMQ's sockets, the system's and bare descriptors: what can be read comes back as it was given."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import zmq

from bridge.bus.waiter import Waiter

Ends = tuple[Any, Callable[[], object]]


@pytest.fixture(params=["ZeroMQ's", "the system's", "a descriptor"])
def ends(request: pytest.FixtureRequest) -> Iterator[Ends]:
    """Something to wait on, and what makes it readable."""
    if request.param == "ZeroMQ's":
        reader, writer = zmq.Context.instance().socket(zmq.PAIR), zmq.Context.instance().socket(zmq.PAIR)
        reader.bind("inproc://waiter")
        writer.connect("inproc://waiter")
        yield reader, lambda: writer.send(b"\0")
    else:
        reader, writer = socket.socketpair()
        yield reader if request.param == "the system's" else reader.fileno(), lambda: writer.send(b"\0")
    reader.close()
    writer.close()


def test_what_can_be_read_comes_back_as_it_was_given(ends: Ends) -> None:
    readable, write = ends
    waiter = Waiter([readable])
    assert waiter.wait(0.0) == set()
    write()
    assert waiter.wait(10.0) == {readable}
