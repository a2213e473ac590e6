"""Processes of their own for the bus's tests: `python bus_children.py publish|record PUB RPC [RESULTS]`."""

import os
import sys
import time
from pathlib import Path

from bridge.bus.feed import Feed
from bridge.bus.publisher import Publisher
from bridge.bus.waiter import Waiter
from bridge.messages import Mark


def publish(pub: str, rpc: str) -> None:
    """Marks numbered from 0, 200 a second, until killed."""
    publisher = Publisher(pub, rpc)
    waiter, number, due_s = Waiter(publisher.sockets()), 0, time.monotonic()
    while os.getppid() != 1:
        waiter.wait(0.0 if publisher.busy else 0.005)
        publisher.serve()
        while time.monotonic() >= due_s:
            publisher.send(Mark(subject="m", t_ns=number, text=str(publisher.boot)))
            number, due_s = number + 1, due_s + 0.005


def record(pub: str, rpc: str, results: str) -> None:
    """Write `boot sequence number` lines until killed; goes on from what stands there."""
    lines = Path(results).read_text().splitlines() if Path(results).exists() else []
    boot, sequence = (int(word) for word in lines[-1].split()[:2]) if lines else (0, 0)
    feed = Feed([(pub, rpc)], ["Mark"], since={"Mark/m": (boot, sequence)} if lines else {})
    with Path(results).open("a") as file:
        while os.getppid() != 1:
            for got in feed.take(0.1):
                file.write(f"{got.publisher_boot} {got.sequence} {got.message.t_ns}\n")
            file.flush()


if __name__ == "__main__":
    {"publish": publish, "record": record}[sys.argv[1]](*sys.argv[2:])
