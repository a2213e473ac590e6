"""Ports for services that a test starts: below those which the system gives to whoever opens a connection."""

import os
import random
import socket

_ANY = random.Random(os.getpid())
_GIVEN: set[int] = set()


def free_port(wide: int = 1) -> int:
    """Free for TCP and UDP on this host, as are those above it up to `wide` of them, and never given twice."""
    while True:
        first = _ANY.randrange(20000, 32000)
        ports = range(first, first + wide)
        if _GIVEN.isdisjoint(ports) and all(map(_free, ports)):
            _GIVEN.update(ports)
            return first


def _free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
