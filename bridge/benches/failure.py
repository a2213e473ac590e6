"""What a death costs: services killed with -9 while poses flow, the spine killed, the recorder killed.

A whole supervised stage runs; a process of its own plays the tracker; this one is the engine and measures its gaps.
"""

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bridge.benches import bench_stage
from bridge.benches.row import Row, measured
from bridge.benches.tracking import Load, send, sender
from bridge.bus.command import command
from bridge.bus.mailbox import Mailbox
from bridge.clock import NS_PER_S, clock_id, system_clock
from bridge.engine import reader as engine_reader
from bridge.engine.input import EngineInput
from bridge.engine.reader import EngineReading
from bridge.messages import Message, ServiceState, StartTake, StopTake
from bridge.services import LIVE, own_endpoints
from bridge.stage import Stage
from bridge.take.read import Take
from bridge.take.report import full

LOAD = Load(4, 120.0)
PERIODS = 3
KILLS, KILL_EVERY_S = 20, 3.0


class Watched(NamedTuple):
    """A running stage, seen from the engine."""

    stage: Stage
    source: EngineInput
    states: Mailbox
    reading: EngineReading
    services: dict[str, ServiceState]


def rows(seconds: float) -> Iterator[Row]:
    """20 kills spread over a minute (fewer for a shorter bench), then the spine, then the recorder."""
    kills = KILLS if seconds >= 60 else max(3, round(seconds / KILL_EVERY_S))
    with tempfile.TemporaryDirectory() as folder:
        path, takes = bench_stage.write(Path(folder), LOAD.cameras, LOAD.rate_hz), Path(folder) / "takes"
        with bench_stage.running(path, takes), sender(Path(folder) / "sent") as tracker:
            watched = _watch(bench_stage.read(path))
            if not _until(watched, lambda: _ready(watched), 90.0):
                raise TimeoutError(f"not ready: {watched.services}")
            send(tracker, watched.stage.trackers[0].port, LOAD, kills * KILL_EVERY_S + 60.0)
            _ask(watched, StartTake(subject="recorder", t_ns=system_clock(), take="t"))
            _run(watched, 3.0)
            yield from _others(watched, kills)
            yield from _recorder(watched, takes / "t.mcap")
            yield from _spine(watched)
            tracker.kill()


def _others(watched: Watched, kills: int) -> Iterator[Row]:
    victims = [name for name in LIVE if name != "spine"]
    _forget_gaps(watched)
    for kill in range(kills):
        _kill(watched, victims[kill % len(victims)])
        _run(watched, KILL_EVERY_S)
    gap_ms = _longest_gap_ms(watched)
    period_ms = 1000.0 / LOAD.rate_hz
    name = f"{', '.join(victims)} killed {kills} times, every {KILL_EVERY_S:g} s"
    yield measured(f"{name}: longest gap at the engine", gap_ms, "ms", floor=period_ms, at_most=PERIODS, of="ratio")
    lost = sum(camera.lost for camera in watched.reading.cameras.values())
    yield measured(f"{name}: poses lost", lost, "", at_most=0)


def _spine(watched: Watched) -> Iterator[Row]:
    _run(watched, 1.0)
    _forget_gaps(watched)
    _kill(watched, "spine")
    _run(watched, 4.0)
    yield measured("spine killed: poses back at the engine after", _longest_gap_ms(watched), "ms", at_most=1000.0)


def _recorder(watched: Watched, take: Path) -> Iterator[Row]:
    _until(watched, lambda: _ready(watched), 30.0)
    _run(watched, 2.0)
    _kill(watched, "recorder")
    _run(watched, 5.0)
    _ask(watched, StopTake(subject="recorder", t_ns=system_clock()))
    report = full(Take(take))
    poses = [topic for topic in report.topics if topic.topic.startswith("CameraPose/")]
    missing = sum(topic.missing for topic in poses)
    missing_ms = max((topic.missing for topic in poses), default=0) * 1000.0 / LOAD.rate_hz
    yield measured("recorder killed: poses missing in the take", missing, "")
    yield measured("recorder killed: the worst camera's missing time", missing_ms, "ms", at_most=100.0)


# --- running, watching, killing ---------------------------------------------------------------------------------------


def _watch(stage: Stage) -> Watched:
    source = EngineInput(f"tcp://127.0.0.1:{stage.engine.port}", system_clock)
    states = Mailbox([own_endpoints(stage, "supervisor")[0]], ["ServiceState"])
    return Watched(stage, source, states, EngineReading(clock_id=clock_id()), {})


def _turn(watched: Watched) -> None:
    for frame in watched.source.take(0.02):
        engine_reader.step(watched.reading, frame[:3], frame.t_received_ns)
    for message in watched.states.take():
        if isinstance(message, ServiceState):
            watched.services[message.subject] = message


def _run(watched: Watched, seconds: float) -> None:
    _until(watched, lambda: False, seconds)


def _until(watched: Watched, done: Callable[[], bool], seconds: float) -> bool:
    deadline_ns = system_clock() + round(seconds * NS_PER_S)
    while system_clock() < deadline_ns:
        _turn(watched)
        if done():
            return True
    return False


def _ready(watched: Watched) -> bool:
    return all(name in watched.services and watched.services[name].state == "ready" for name in LIVE)


def _kill(watched: Watched, name: str) -> None:
    _until(watched, lambda: watched.services[name].state in ("ready", "starting"), 10.0)
    os.kill(watched.services[name].pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    watched.services[name] = ServiceState(subject=name, t_ns=system_clock(), state="dead")


def _forget_gaps(watched: Watched) -> None:
    for camera in watched.reading.cameras.values():
        camera.longest_gap_ns = 0


def _longest_gap_ms(watched: Watched) -> float:
    return max(camera.longest_gap_ns for camera in watched.reading.cameras.values()) / 1e6


def _ask(watched: Watched, message: Message) -> None:
    answer = command(own_endpoints(watched.stage, "recorder")[1], message, deadline_s=5.0)
    if not answer.ok:
        raise RuntimeError(f"the recorder says: {answer.text}")
