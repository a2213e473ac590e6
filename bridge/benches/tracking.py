"""Packet in to pose decoded at the engine, through the real spine process, against a bare UDP -> ZeroMQ forwarder.

The same sender and the same receiver take turns with both, so that the machine's mood is the same for both. The
packets carry a counter in FreeD's focus field, and every one is accounted for.
"""

import subprocess
import sys
import tempfile
import timeit
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import zmq

from bridge.benches import bench_stage
from bridge.benches.peers import counter_of
from bridge.benches.row import Row, measured
from bridge.bus.mailbox import Mailbox
from bridge.clock import NS_PER_S, clock_id, system_clock
from bridge.engine import reader as engine_reader
from bridge.engine.input import EngineInput
from bridge.engine.reader import EngineReading
from bridge.messages import ServiceHealth
from bridge.services import own_endpoints
from bridge.wire import engine, freed, opentrackio

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
    stage_path = bench_stage.write(folder, load.cameras, load.rate_hz)
    stage = bench_stage.read(stage_path)
    ours: list[int] = []
    bare: list[int] = []
    lost = 0
    with bench_stage.service("spine", stage_path), _forwarder(), sender(folder / "sent") as tracker:
        source = EngineInput(f"tcp://127.0.0.1:{stage.engine.port}", system_clock)
        floor = _bare_input()
        settle(source)
        for _ in range(max(1, round(seconds / (2 * TURN_S)))):
            got, missing = turn(tracker, folder / "sent", stage.trackers[0].port, load, lambda: poses_of(source))
            ours += got
            lost += missing
            got, _ = turn(tracker, folder / "sent", FORWARD_UDP, load, lambda: _bare(floor))
            bare += got
        source.close()
        floor.close(0)
    name = f"{load.cameras} x {load.rate_hz:g} Hz packet sent -> pose decoded"
    for what, share, at_most in (("p50", 0.5, 3.0), ("p99", 0.99, 4.0)):
        ms, floor_ms = percentile_ms(ours, share), percentile_ms(bare, share)
        yield measured(f"{name}, {what}", ms, "ms", floor=floor_ms, at_most=at_most, of="ratio")
    yield measured(f"{name}, p99", percentile_ms(ours, 0.99), "ms", at_most=3.0)
    yield measured(f"{name}, packets lost of {len(ours) + lost}", lost, "", at_most=0)


def send(tracker: "subprocess.Popen[str]", port: int, load: Load, seconds: float) -> None:
    """Have the tracker play for so long; it writes `sent` when done."""
    assert tracker.stdin
    tracker.stdin.write(f"{port} {load.rate_hz} {load.cameras} {seconds}\n")
    tracker.stdin.flush()


def turn(
    tracker: "subprocess.Popen[str]", stamps: Path, port: int, load: Load, take: Callable[[], list[tuple[int, int]]]
) -> tuple[list[int], int]:
    """Send for one turn and pair what arrived with when it left -> latencies in ns, packets missing."""
    assert tracker.stdout
    while take():
        pass
    send(tracker, port, load, TURN_S)
    arrived: dict[int, int] = {}
    until_ns = system_clock() + round((TURN_S + 0.3) * NS_PER_S)
    while system_clock() < until_ns:
        arrived.update(take())
    tracker.stdout.readline()
    sent = array("q", stamps.read_bytes())
    return [t_ns - sent[counter] for counter, t_ns in arrived.items() if counter < len(sent)], len(sent) - len(arrived)


def poses_of(source: EngineInput) -> list[tuple[int, int]]:
    """What the engine got: counter of the packet, when it was decoded."""
    arrived: list[tuple[int, int]] = []
    for frame in source.take(0.05):
        pose = engine.decode(*frame[:3])
        if isinstance(pose, engine.CameraFrame) and not (pose.concealed or pose.stale or pose.lost):
            arrived.append((round(pose.focus_raw_unit), system_clock()))
    return arrived


def _bare(socket: Any) -> list[tuple[int, int]]:
    arrived: list[tuple[int, int]] = []
    if socket.poll(50):
        while True:
            try:
                _, packet = socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            arrived.append((counter_of(packet), system_clock()))
    return arrived


def _bare_input() -> Any:
    context = zmq.Context()
    socket: Any = context.socket(zmq.SUB)
    socket.subscribe(b"")
    socket.connect(f"tcp://127.0.0.1:{FORWARD_ZMQ}")
    return socket


def settle(source: EngineInput) -> None:
    """Until the spine's heartbeat is heard."""
    deadline_ns = system_clock() + 10 * NS_PER_S
    while not source.take(0.1) and system_clock() < deadline_ns:
        pass


def percentile_ms(times_ns: Sequence[int], share: float) -> float:
    """NaN where there are none."""
    ordered = sorted(times_ns)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1e6 if ordered else float("nan")


# --- appetite -------------------------------------------------------------------------------------------------------


def _appetite(folder: Path, load: Load, seconds: float) -> Iterator[Row]:
    stage_path = bench_stage.write(folder, load.cameras, load.rate_hz)
    stage = bench_stage.read(stage_path)
    reading, cores = EngineReading(clock_id=clock_id()), list[float]()
    with bench_stage.service("spine", stage_path), sender(folder / "sent") as tracker:
        source = EngineInput(f"tcp://127.0.0.1:{stage.engine.port}", system_clock)
        mailbox = Mailbox([own_endpoints(stage, "spine")[0]], ["ServiceHealth"])
        settle(source)
        send(tracker, stage.trackers[0].port, load, seconds)
        until_ns, sent = system_clock() + round(seconds * NS_PER_S), round(load.rate_hz * load.cameras * seconds)
        while system_clock() < until_ns + 2 * NS_PER_S and _decoded(reading) < sent:  # two seconds for stragglers
            for frame in source.take(0.05):
                engine_reader.step(reading, frame[:3], frame.t_received_ns)
            cores += [m.cpu_cores_unit for m in mailbox.take() if isinstance(m, ServiceHealth)]
        source.close()
        mailbox.close()
    name = f"{load.cameras} x {load.rate_hz:g} Hz for {seconds:g} s"
    yield measured(f"{name}, poses lost of {sent}", sent - _decoded(reading), "", at_most=0)
    busiest = sorted(cores)[len(cores) // 2] if cores else float("nan")
    yield measured(f"{name}, spine process, median second", busiest, "cores", at_most=0.8)


def _decoded(reading: EngineReading) -> int:
    return sum(camera.measured for camera in reading.cameras.values())


# --- peers ----------------------------------------------------------------------------------------------------------


def sender(stamps: Path) -> "subprocess.Popen[str]":
    """A tracker process; `send` tells it what to play."""
    return _peer("send", str(stamps))


def _peer(*words: str) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-m", "bridge.benches.peers", *words]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


class _forwarder:  # noqa: N801  a context, used like a function
    def __enter__(self) -> None:
        self._process = _peer("forward", str(FORWARD_UDP), str(FORWARD_ZMQ))
        assert self._process.stdout
        self._process.stdout.readline()

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
