"""Mattes and depth to the engine's nodes beside poses: what they cost the poses, and how long they take themselves.

In turns: poses alone; poses while a matte and a depth go through map, bus and service; poses while the same bytes go
straight to the engine, the floor of the pictures. Poses and pictures each have a cyc-engine, as the plugin has a thread
for each. Part of `cyc bench pictures`.
"""

import contextlib
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import NamedTuple

from bridge.benches import bench_stage
from bridge.benches.engine_logs import CoreLog, Pose
from bridge.benches.picture_peer import PICTURES
from bridge.benches.row import Row, absent, measured
from bridge.benches.tracking import TURN_S, Load, engine_endpoint, percentile_ms, send, sender
from bridge.bus.mailbox import Mailbox
from bridge.engine import native
from bridge.messages import ServiceHealth
from bridge.services import own_endpoints
from bridge.stage import Stage

LOAD = Load(4, 120.0)
STRAIGHT_PORT = 42070
_SIZES = {"matte.cam1": "1080p R8 matte", "depth.cam1": "1080p R16F depth"}
_BESIDE = "beside a 1080p R8 matte and R16F depth at 60 Hz"
_TURNS = "median turn"
SPINE_P99_MS = 5.0


class Turn(NamedTuple):
    """What the engine had in one, in ns."""

    in_spine: list[int]
    whole: list[int]
    lost: int
    pictures: dict[str, list[int]]
    """Of each, from before it was drawn to whole at the engine."""
    missing: int
    """Drawn and not received: newer ones came first."""


def rows(seconds: float) -> Iterator[Row]:
    """Needs the plugin's core."""
    program = native.at_hand()
    if program is None:
        yield absent("pictures to the engine", "there is no cyc-engine and no compiler for it")
        return
    turns: dict[str, list[Turn]] = {"": [], "tickets": [], "straight": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = bench_stage.write(folder, LOAD.cameras, LOAD.rate_hz)
        stage = bench_stage.read(path)
        with (
            bench_stage.service("spine", path) as spine,
            bench_stage.service("pictures", path),
            _painter(stage) as painter,
        ):
            health = Mailbox([own_endpoints(stage, "pictures")[0]], ["ServiceHealth"])
            cores: list[float] = []
            with sender(folder / "sent") as tracker, _logs(program, stage, folder) as logs:
                for process, priority in ((spine, -10), (tracker, -10), *((log, -5) for log in logs)):
                    bench_stage.be_nice(process.pid, priority)  # as the supervisor starts them
                for _ in range(max(2, round(seconds / TURN_S))):
                    for road, some in turns.items():
                        health.take()
                        some.append(_turn(road, (tracker, painter), stage.trackers[0].port, logs))
                        said = [one.cpu_cores_unit for one in health.take() if isinstance(one, ServiceHealth)]
                        cores += said if road == "tickets" else []
            health.close()
    yield from _poses(turns[""], turns["tickets"])
    yield from _pictures(turns["straight"], turns["tickets"])
    yield measured("the service pictures meanwhile", max(cores, default=float("nan")), "cores")


def _poses(alone: list[Turn], beside: list[Turn]) -> Iterator[Row]:
    name = f"{LOAD.cameras} x {LOAD.rate_hz:g} Hz packet received -> pose at cyc-engine {_BESIDE}"
    for what, share in (("p50", 0.5), ("p99", 0.99)):
        ms, floor_ms = (_middle_ms([turn.whole for turn in some], share) for some in (beside, alone))
        yield measured(f"{name}, {what} against none, {_TURNS}", ms, "ms", floor=floor_ms)
    in_spine_ms = _middle_ms([turn.in_spine for turn in beside], 0.99)
    yield measured(f"packet received -> pose sent {_BESIDE}, p99, {_TURNS}", in_spine_ms, "ms", at_most=SPINE_P99_MS)
    yield measured(f"poses lost {_BESIDE}", sum(turn.lost for turn in beside), "", at_most=0)


def _pictures(straight: list[Turn], tickets: list[Turn]) -> Iterator[Row]:
    for subject, name in _SIZES.items():
        for what, share in (("p50", 0.5), ("p99", 0.99)):
            ms, floor_ms = (
                _middle_ms([turn.pictures[subject] for turn in some], share) for some in (tickets, straight)
            )
            text = f"{name} drawn -> whole at cyc-engine, {what} against sent straight, {_TURNS}"
            yield measured(text, ms, "ms", floor=floor_ms)
    missing = sum(turn.missing for turn in tickets)
    drawn = missing + sum(len(times) for turn in tickets for times in turn.pictures.values())
    yield measured(f"pictures passed over, for a newer one was there, of {drawn}", missing, "")


def _middle_ms(turns: list[list[int]], share: float) -> float:
    """The median turn's percentile; NaN where nothing came."""
    return statistics.median(percentile_ms(times, share) for times in turns)


class _Logs(NamedTuple):
    poses: CoreLog
    pictures: CoreLog
    straight: CoreLog


@contextlib.contextmanager
def _logs(program: Path, stage: Stage, folder: Path) -> Generator[_Logs]:
    pictures = f"tcp://127.0.0.1:{stage.engine.pictures_port}"
    logs = _Logs(
        CoreLog(program, engine_endpoint(stage), folder),
        CoreLog(program, pictures, folder),
        CoreLog(program, f"tcp://127.0.0.1:{STRAIGHT_PORT}", folder, greets=False),
    )
    try:
        for log in logs:
            log.settle()
        yield logs
    finally:
        for log in logs:
            log.close()


def _turn(road: str, peers: "tuple[subprocess.Popen[str], subprocess.Popen[str]]", port: int, logs: _Logs) -> Turn:
    tracker, painter = peers
    assert tracker.stdout and painter.stdin and painter.stdout
    pictures = logs.straight if road == "straight" else logs.pictures
    pictures.forget()
    if road:
        painter.stdin.write(f"{road} {TURN_S}\n")
        painter.stdin.flush()
    send(tracker, port, LOAD, TURN_S)
    poses: list[Pose] = logs.poses.hear(TURN_S + 0.3)
    tracker.stdout.readline()
    drawn = int(painter.stdout.readline()) if road else 0
    ages = pictures.pictures()
    times = {subject: ages.get(subject, []) for subject in PICTURES}
    return Turn(
        in_spine=[pose.sent_ns - pose.received_ns for pose in poses],
        whole=[pose.decoded_ns - pose.received_ns for pose in poses],
        lost=round(LOAD.cameras * LOAD.rate_hz * TURN_S) - len({pose.counter for pose in poses}),
        pictures=times,
        missing=drawn * len(PICTURES) - sum(map(len, times.values())),
    )


@contextlib.contextmanager
def _painter(stage: Stage) -> "Generator[subprocess.Popen[str]]":
    words = [*own_endpoints(stage, "calibrate"), str(STRAIGHT_PORT)]
    argv = [sys.executable, "-m", "bridge.benches.picture_peer", *words]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait(10)
