"""Packet in to pose decoded at the engine, through the real spine process, against a bare UDP -> ZeroMQ forwarder.

The same sender and the same receiver take turns with both, so that the machine's mood is the same for both, and a ratio
says what the spine adds and nothing of the receiver. The packets carry a counter in FreeD's focus field, and every one
is accounted for.
"""

import contextlib
import subprocess
import sys
import tempfile
import time
import timeit
from array import array
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import zmq

from bridge.benches import bench_stage
from bridge.benches.engine_counts import count_of
from bridge.benches.engine_logs import CoreLog, Log, Pose, log_of
from bridge.benches.peers import counter_of
from bridge.benches.row import Row, measured
from bridge.bus.mailbox import Mailbox
from bridge.clock import NS_PER_S, system_clock
from bridge.engine import native
from bridge.messages import ServiceHealth
from bridge.services import own_endpoints
from bridge.stage import Stage
from bridge.wire import freed, opentrackio

FORWARD_UDP, FORWARD_ZMQ = 42998, 42999
TURN_S = 2.0


class Load(NamedTuple):
    """How many cameras, how fast."""

    cameras: int
    rate_hz: float


def rows(seconds: float) -> Iterator[Row]:
    """4 x 120 Hz against the floor, 16 x 240 Hz for the spine's appetite, decoders by themselves."""
    yield from _decoders()
    with tempfile.TemporaryDirectory() as folder:
        yield from _latency(Path(folder), Load(4, 120.0), seconds)
        yield from _appetite(Path(folder), Load(16, 240.0), max(seconds, 5.0))


# --- decoders -----------------------------------------------------------------------------------------------------


def _decoders() -> Iterator[Row]:
    packet = bytes.fromhex("d101a600002d0000ffc000ff060001f42001b590000555000fff000014")
    sample = opentrackio.encode(bench_stage.recommended_sample())
    for what, decode, data, target_us in (
        ("FreeD decode", freed.decode, packet, 5.0),
        ("OpenTrackIO JSON decode", opentrackio.decode, sample, 40.0),
    ):
        floor_us = _us(lambda data=data: bytes(data[:-1]))
        yield measured(what, _us(lambda d=decode, data=data: d(data)), "us", floor=floor_us, at_most=target_us)


def _us(call: Callable[[], object], repeats: int = 5, number: int = 5000) -> float:
    return min(timeit.repeat(call, number=number, repeat=repeats)) / number * 1e6


# --- latency --------------------------------------------------------------------------------------------------------


def _latency(folder: Path, load: Load, seconds: float) -> Iterator[Row]:
    """Received by the plugin's core, and again in Python: of each the floor is what the same receiver had of a bare
    forwarder. The core's are judged where there is one."""
    program = native.at_hand()
    stage_path = bench_stage.write(folder, load.cameras, load.rate_hz)
    with bench_stage.service("spine", stage_path), sender(folder / "sent") as tracker:
        for way in dict.fromkeys((program, None)):
            yield from _received(
                way, bench_stage.read(stage_path), (tracker, folder), load, seconds, judged=way == program
            )


def _received(
    program: Path | None,
    stage: Stage,
    tracker: "tuple[subprocess.Popen[str], Path]",
    load: Load,
    seconds: float,
    *,
    judged: bool,
) -> Iterator[Row]:
    """Rows of one receiver. It listens to one of the two at a time, and each gets its turns."""
    ours: list[int] = []
    bare: list[int] = []
    lost, folder = 0, tracker[1]

    def played(port: int, log: Log) -> tuple[list[int], int]:
        with contextlib.closing(log):
            log.settle()
            return turn(tracker[0], folder / "sent", port, load, log)

    with _forwarder("wire" if program else "bare"):
        for _ in range(max(1, round(seconds / (2 * TURN_S)))):
            got, missing = played(stage.trackers[0].port, log_of(program, engine_endpoint(stage), folder))
            ours += got
            lost += missing
            bare += played(FORWARD_UDP, _floor_log(program, folder))[0]
    name = (
        f"{load.cameras} x {load.rate_hz:g} Hz packet sent -> pose decoded by {(program and program.name) or 'Python'}"
    )
    for what, share, at_most in (("p50", 0.5, 3.0), ("p99", 0.99, 4.0)):
        ms, floor_ms = percentile_ms(ours, share), percentile_ms(bare, share)
        yield measured(f"{name}, {what}", ms, "ms", floor=floor_ms, at_most=at_most if judged else None, of="ratio")
    if judged:
        yield measured(f"{name}, p99", percentile_ms(ours, 0.99), "ms", at_most=3.0)
    yield measured(f"{name}, packets lost of {len(ours) + lost}", lost, "", at_most=0)


def engine_endpoint(stage: Stage) -> str:
    """Where poses come out."""
    return f"tcp://127.0.0.1:{stage.engine.port}"


def send(tracker: "subprocess.Popen[str]", port: int, load: Load, seconds: float) -> None:
    """Have the tracker play for so long; it writes `sent` when done."""
    assert tracker.stdin
    tracker.stdin.write(f"{port} {load.rate_hz} {load.cameras} {seconds}\n")
    tracker.stdin.flush()


def turn(tracker: "subprocess.Popen[str]", stamps: Path, port: int, load: Load, log: Log) -> tuple[list[int], int]:
    """Send for one turn and pair what arrived with when it left -> latencies in ns, packets missing."""
    assert tracker.stdout
    send(tracker, port, load, TURN_S)
    arrived = {pose.counter: pose.decoded_ns for pose in log.hear(TURN_S + 0.3)}
    tracker.stdout.readline()
    sent = array("q", stamps.read_bytes())
    return [t_ns - sent[counter] for counter, t_ns in arrived.items() if counter < len(sent)], len(sent) - len(arrived)


class _BareLog:
    """The floor of a receiver in Python: nothing of a packet is decoded but its counter."""

    name = "Python"

    def __init__(self) -> None:
        self._context: Any = zmq.Context()
        self._socket: Any = self._context.socket(zmq.SUB)
        self._socket.subscribe(b"")
        self._socket.connect(f"tcp://127.0.0.1:{FORWARD_ZMQ}")

    def settle(self) -> None:
        """A forwarder says nothing by itself."""
        time.sleep(0.3)

    def hear(self, seconds: float, meanwhile: Callable[[], object] = lambda: None) -> list[Pose]:
        """What comes in so long."""
        poses: list[Pose] = []
        until_ns = system_clock() + round(seconds * NS_PER_S)
        while system_clock() < until_ns:
            meanwhile()
            while self._socket.poll(50):
                _, packet = self._socket.recv_multipart()
                poses.append(Pose(counter_of(packet), 0, 0, system_clock()))
        return poses

    def close(self) -> None:
        """Hang up."""
        self._socket.close(0)
        self._context.term()


def _floor_log(program: Path | None, folder: Path) -> Log:
    if program is None:
        return _BareLog()
    return CoreLog(program, f"tcp://127.0.0.1:{FORWARD_ZMQ}", folder, greets=False)


def percentile_ms(times_ns: Sequence[int], share: float) -> float:
    """NaN where there are none."""
    ordered = sorted(times_ns)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1e6 if ordered else float("nan")


# --- appetite -------------------------------------------------------------------------------------------------------


def _appetite(folder: Path, load: Load, seconds: float) -> Iterator[Row]:
    stage_path = bench_stage.write(folder, load.cameras, load.rate_hz)
    stage = bench_stage.read(stage_path)
    cores = list[float]()
    with bench_stage.service("spine", stage_path), sender(folder / "sent") as tracker:
        count = count_of(native.at_hand(), engine_endpoint(stage))
        mailbox = Mailbox([own_endpoints(stage, "spine")[0]], ["ServiceHealth"])
        while not count.heartbeats:
            count.take(0.1)
        send(tracker, stage.trackers[0].port, load, seconds)
        until_ns, sent = system_clock() + round(seconds * NS_PER_S), round(load.rate_hz * load.cameras * seconds)
        while system_clock() < until_ns + 2 * NS_PER_S and count.measured < sent:  # two seconds for stragglers
            count.take(0.05)
            cores += [m.cpu_cores_unit for m in mailbox.take() if isinstance(m, ServiceHealth)]
        count.close()
        mailbox.close()
    name = f"{load.cameras} x {load.rate_hz:g} Hz for {seconds:g} s"
    yield measured(f"{name}, received by {count.name}, poses lost of {sent}", sent - count.measured, "", at_most=0)
    busiest = sorted(cores)[len(cores) // 2] if cores else float("nan")
    yield measured(f"{name}, spine process, median second", busiest, "cores", at_most=0.8)


# --- peers ----------------------------------------------------------------------------------------------------------


def sender(stamps: Path) -> "subprocess.Popen[str]":
    """A tracker process; `send` tells it what to play."""
    return _peer("send", str(stamps))


def _peer(*words: str) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-m", "bridge.benches.peers", *words]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@contextlib.contextmanager
def _forwarder(shape: str) -> Generator[None]:
    process = _peer("forward", str(FORWARD_UDP), str(FORWARD_ZMQ), shape)
    try:
        assert process.stdout
        process.stdout.readline()
        yield
    finally:
        process.kill()
        process.wait()
