"""The other processes of the bus and pictures benches: readers that say what reached them and how late.

Run as `python -m bridge.benches.bus_peers ROLE ENDPOINT...`; each answers with lines of JSON on stdout.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import zmq
from numpy.typing import NDArray

from bridge.bus.feed import Feed
from bridge.bus.mailbox import Mailbox
from bridge.messages import Mark, PictureTicket
from bridge.pictures import PictureReader

LAST = "last"
"""Text of the mark after which a reader tells what it has."""


def say(value: Any) -> None:
    """One line of JSON."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def checksum(picture: NDArray[Any]) -> int:
    """Every byte counts, at the speed of memory."""
    return int(picture.reshape(-1).view(np.uint64).sum())


def mailbox(pub: str) -> None:
    """Ages in ns of marks as they are taken, decoded."""
    box, ages = Mailbox([pub], ["Mark"]), list[int]()
    while True:
        for message in box.take(1.0):
            now_ns = time.perf_counter_ns()
            assert isinstance(message, Mark)
            if message.text == LAST:
                say(ages)
                return
            ages.append(now_ns - message.t_ns)
            if len(ages) == 1:
                say("joined")


def bare_latency(endpoint: str) -> None:
    """The floor of `mailbox`: ages of bare ZeroMQ messages that begin with their stamp."""
    socket, ages = _bare(endpoint), list[int]()
    while True:
        if not socket.poll(1000):
            continue
        _, stamp, _ = socket.recv_multipart()
        now_ns, sent_ns = time.perf_counter_ns(), int.from_bytes(stamp[:8], "little")
        if sent_ns == 0:
            say(ages)
            return
        ages.append(now_ns - sent_ns)
        if len(ages) == 1:
            say("joined")


def feed(pub: str, rpc: str, boot: str, count: str) -> None:
    """When the first and the last of `count` marks had come, in order and all; `boot` 0 is from now on."""
    since = {"Mark/m": (int(boot), 0)} if boot != "0" else {}
    asked_ns = time.perf_counter_ns()
    source = Feed([(pub, rpc)], ["Mark"], since=since)
    if not since:
        while not source.take(1.0):
            pass
        say("joined")
    got, first_ns = 0, 0
    while got < int(count):
        marks = [item for item in source.take(1.0) if item.topic == "Mark/m"]
        first_ns = first_ns or (time.perf_counter_ns() if marks else 0)
        got += len(marks)
        if source.missed:
            break
    now_ns = time.perf_counter_ns()
    say({"got": got, "missed": source.missed, "took_s": (now_ns - (asked_ns if since else first_ns)) / 1e9})


def bare_throughput(endpoint: str, count: str) -> None:
    """The floor of `feed`: as many bare messages."""
    socket = _bare(endpoint)
    socket.recv_multipart()
    say("joined")
    while not int.from_bytes(socket.recv_multipart()[1][:8], "little"):
        pass
    start_ns = time.perf_counter_ns()
    for _ in range(int(count) - 1):
        socket.recv_multipart()
    say({"got": int(count), "missed": 0, "took_s": (time.perf_counter_ns() - start_ns) / 1e9})


def pictures(pub: str, folder: str) -> None:
    """For every ticket: when its last byte was in the checksum, and the checksum."""
    box, reader = Mailbox([pub], ["PictureTicket"]), PictureReader(Path(folder))
    while True:
        for ticket in box.take(1.0):
            assert isinstance(ticket, PictureTicket)
            view = reader.view(ticket)
            total = checksum(view) if view is not None else -1
            done_ns = time.perf_counter_ns()
            say([ticket.generation, done_ns, total if reader.unchanged(ticket) else -1])


def _bare(endpoint: str) -> Any:
    context: Any = zmq.Context.instance  # pyright: ignore[reportUnknownVariableType]
    socket = context().socket(zmq.SUB)
    socket.setsockopt(zmq.RCVHWM, 0)
    socket.setsockopt(zmq.SUBSCRIBE, b"")
    socket.connect(endpoint)
    return socket


ROLES = {
    "mailbox": mailbox,
    "bare_latency": bare_latency,
    "feed": feed,
    "bare_throughput": bare_throughput,
    "pictures": pictures,
}

if __name__ == "__main__":
    ROLES[sys.argv[1]](*sys.argv[2:])
