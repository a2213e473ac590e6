"""Addresses, readers and messages that tests of the bus share."""

import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

from bridge.messages import ServiceHealth

T = TypeVar("T")


def until(probe: Callable[[], T], seconds: float = 8.0) -> T:
    """Poll until the probe finds something; its last word either way."""
    end = time.monotonic() + seconds
    while not (found := probe()) and time.monotonic() < end:
        pass
    return found


@pytest.fixture(params=["ipc", "tcp"])
def address(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    if request.param == "tcp":
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        ports = [probe.getsockname()[1] for probe in sockets]
        for probe in sockets:
            probe.close()
        yield f"tcp://127.0.0.1:{ports[0]}", f"tcp://127.0.0.1:{ports[1]}"
        return
    if sys.platform == "win32":
        pytest.skip("no ipc on Windows")
    with tempfile.TemporaryDirectory(prefix="cyc") as folder:
        yield f"ipc://{folder}/pub", f"ipc://{folder}/rpc"


@pytest.fixture
def made() -> Iterator[list[Any]]:
    """Whatever is put here is closed."""
    things: list[Any] = []
    yield things
    for thing in things:
        thing.close()


def health(sent: int, subject: str = "spine") -> ServiceHealth:
    return ServiceHealth(subject=subject, t_ns=1, sent=sent)
