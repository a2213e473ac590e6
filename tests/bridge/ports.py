"""Ports for services that a test starts: below those which the system gives to whoever opens a connection."""

import os
import random
import socket

_ANY = random.Random(os.getpid())
_GIVEN: set[int] = set()


def free_port() -> int:
    """Free for TCP and UDP on this host, and never given twice."""
    while True:
        port = _ANY.randrange(20000, 32000)
        if port not in _GIVEN and _free(port):
            _GIVEN.add(port)
            return port


def _free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
