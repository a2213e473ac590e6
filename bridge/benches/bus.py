"""Messages between processes: latency, throughput, re-sends; against bare ZeroMQ in the same run."""

import json
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import zmq

from bridge import messages
from bridge.benches.bus_peers import LAST
from bridge.benches.row import Row, measured
from bridge.bus.publisher import Publisher
from bridge.clock import system_clock
from bridge.messages import Mark

TEXT = "x" * 300
"""A camera pose is about as long."""
_FLOOD, _RESENT = 50_000, 2400


def rows(seconds: float) -> Iterator[Row]:
    """All on this computer's own endpoints: ipc where there is ipc."""
    with tempfile.TemporaryDirectory(prefix="cyc") as folder:
        pub, rpc, bare, *again = _endpoints(Path(folder), ("pub", "rpc", "bare", "pub2", "rpc2"))
        publisher, floor = Publisher(pub, rpc), _BarePublisher(bare)
        try:
            yield from _latency(publisher, floor, (pub, bare), seconds / 2)
            yield from _sending(publisher, floor)
            yield from _flood(publisher, floor, (pub, rpc, bare))
            yield from _resend(*again)
        finally:
            publisher.close()
            floor.close()


class Peer:
    """Another process that answers in lines of JSON."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bridge.benches.bus_peers", *arguments], stdout=subprocess.PIPE, text=True
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def hear(self, poke: Callable[[], bool | None] | None = None) -> Any:
        """Its next line; meanwhile `poke` is called, without a pause while it says True.

        RuntimeError when the process has ended.
        """
        line, busy = None, False
        while line is None:
            try:
                line = self._lines.get(timeout=None if poke is None else 0.0 if busy else 0.001)
            except queue.Empty:
                busy = bool(poke and poke())
        if not line:
            raise RuntimeError(f"a bench's peer process ended: exit code {self._process.wait()}")
        return json.loads(line)

    def end(self) -> None:
        """It has said all."""
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout
        with self._process.stdout as lines:
            for line in lines:
                self._lines.put(line)
        self._lines.put("")


class _BarePublisher:
    """What our publisher is held against: three frames of the same sizes through a PUB socket."""

    def __init__(self, endpoint: str) -> None:
        context: Any = zmq.Context.instance  # pyright: ignore[reportUnknownVariableType]
        self._socket = context().socket(zmq.PUB)
        self._socket.setsockopt(zmq.SNDHWM, 0)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.bind(endpoint)
        self._payload = messages.encode(Mark(subject="m", t_ns=system_clock(), text=TEXT))

    def send(self, stamp: int) -> None:
        self._socket.send_multipart((b"Mark/m", stamp.to_bytes(24, "little"), self._payload))

    def close(self) -> None:
        self._socket.close(0)


def _endpoints(folder: Path, names: tuple[str, ...]) -> list[str]:
    if sys.platform.startswith("linux"):
        return [f"ipc://{folder}/{name}" for name in names]
    return [f"tcp://127.0.0.1:{5990 + index}" for index in range(len(names))]


def _poke(publisher: Publisher) -> Callable[[], None]:
    def poke() -> None:
        publisher.send(Mark(subject="poke", t_ns=system_clock()))
        publisher.serve()

    return poke


def _latency(publisher: Publisher, floor: _BarePublisher, at: tuple[str, str], seconds: float) -> Iterator[Row]:
    """A message each millisecond, ours and the bare one in turns."""
    ours, bare = Peer("mailbox", at[0]), Peer("bare_latency", at[1])
    ours.hear(_poke(publisher))
    bare.hear(lambda: floor.send(system_clock()))
    end_s = time.perf_counter() + seconds
    while time.perf_counter() < end_s:
        publisher.send(Mark(subject="m", t_ns=system_clock(), text=TEXT))
        time.sleep(0.001)
        floor.send(system_clock())
        time.sleep(0.001)
    publisher.send(Mark(subject="m", t_ns=0, text=LAST))
    floor.send(0)
    ages = [sorted(peer.hear()) for peer in (ours, bare)]
    for peer in (ours, bare):
        peer.end()
    for share, bound in ((0.5, 2.0), (0.99, 3.0)):
        value_us, floor_us = (values[int(share * (len(values) - 1))] / 1e3 for values in ages)
        what = f"message sent to decoded by another process, p{share * 100:.0f}"
        yield measured(what, value_us, "us", floor=floor_us, at_most=bound, of="ratio")


def _sending(publisher: Publisher, floor: _BarePublisher) -> Iterator[Row]:
    message = Mark(subject="m", t_ns=system_clock(), text=TEXT)
    floor_us = _median_us(lambda: floor.send(1))
    yield measured("send: encode, number, keep, publish", _median_us(lambda: publisher.send(message)), "us",
                   floor=floor_us, at_most=15.0)  # fmt: skip


def _median_us(action: Callable[[], None], count: int = 5000) -> float:
    took_ns: list[int] = []
    for _ in range(count):
        start_ns = time.perf_counter_ns()
        action()
        took_ns.append(time.perf_counter_ns() - start_ns)
    return statistics.median(took_ns) / 1e3


def _flood(publisher: Publisher, floor: _BarePublisher, at: tuple[str, str, str]) -> Iterator[Row]:
    bare = Peer("bare_throughput", at[2], str(_FLOOD))
    bare.hear(lambda: floor.send(0))
    for _ in range(_FLOOD):
        floor.send(1)
    floor_hz = _FLOOD / bare.hear()["took_s"]
    bare.end()
    ours = Peer("feed", at[0], at[1], "0", str(_FLOOD))
    ours.hear(_poke(publisher))
    for number in range(_FLOOD):
        publisher.send(Mark(subject="m", t_ns=number, text=TEXT))
        if number % 50 == 0 or publisher.busy:
            publisher.serve()
    told = ours.hear(serving(publisher))
    ours.end()
    what = "messages a second, as fast as they can be sent, in order, none missed"
    yield measured(what, told["got"] / told["took_s"], "1/s", floor=floor_hz, at_least=0.25, of="ratio")
    yield measured("missed of those", float(told["missed"]), "", at_most=0.0)


def _resend(pub: str, rpc: str) -> Iterator[Row]:
    """A reader that returns asks for what four cameras at 120 Hz sent in five seconds."""
    publisher = Publisher(pub, rpc)
    for number in range(_RESENT):
        publisher.send(Mark(subject="m", t_ns=number, text=TEXT))
    peer = Peer("feed", pub, rpc, str(publisher.boot), str(_RESENT))
    told = peer.hear(serving(publisher))
    peer.end()
    publisher.close()
    yield measured(f"{_RESENT} messages re-sent to a reader that returns", told["took_s"], "s", at_most=1.0)
    yield measured("missed of those re-sent", float(told["missed"]), "", at_most=0.0)


def serving(publisher: Publisher) -> Callable[[], bool]:
    """To be called while waiting for a peer."""

    def serve() -> bool:
        publisher.serve()
        return publisher.busy

    return serve
