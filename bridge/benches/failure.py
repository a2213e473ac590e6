"""What a death costs: services killed with -9 while poses flow, the spine killed, the recorder killed.

A whole supervised stage runs; a process of its own plays the tracker; this one is the engine and measures its gaps.
"""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bridge.benches import bench_stage
from bridge.benches.row import Row, measured
from bridge.benches.tracking import Load, send, sender
from bridge.benches.whole_stage import Watched, ask, longest_gap_ms, ready, run, until, watch
from bridge.clock import system_clock
from bridge.messages import ServiceState, StartTake, StopTake
from bridge.services import live
from bridge.take.read import Take
from bridge.take.report import full

LOAD = Load(4, 120.0)
PERIODS = 3
KILLS, KILL_EVERY_S = 20, 3.0


def rows(seconds: float) -> Iterator[Row]:
    """20 kills spread over a minute (fewer for a shorter bench), then the spine, then the recorder."""
    kills = KILLS if seconds >= 60 else max(3, round(seconds / KILL_EVERY_S))
    with tempfile.TemporaryDirectory() as folder:
        path, takes = bench_stage.write(Path(folder), LOAD.cameras, LOAD.rate_hz), Path(folder) / "takes"
        with bench_stage.running(path, takes), sender(Path(folder) / "sent") as tracker:
            watched = watch(bench_stage.read(path))
            if not until(watched, lambda: ready(watched), 90.0):
                raise TimeoutError(f"not ready: {watched.services}")
            send(tracker, watched.stage.trackers[0].port, LOAD, kills * KILL_EVERY_S + 60.0)
            ask(watched, StartTake(subject="recorder", t_ns=system_clock(), take="t"))
            run(watched, 3.0)
            yield from _others(watched, kills)
            yield from _recorder(watched, takes / "t.mcap")
            yield from _spine(watched)
            tracker.kill()
            watched.engine.close()


def _others(watched: Watched, kills: int) -> Iterator[Row]:
    victims = [name for name in live(watched.stage) if name != "spine"]
    watched.engine.forget_gaps()
    for kill in range(kills):
        _kill(watched, victims[kill % len(victims)])
        run(watched, KILL_EVERY_S)
    gap_ms = longest_gap_ms(watched)
    period_ms = 1000.0 / LOAD.rate_hz
    name = f"{', '.join(victims)} killed {kills} times, every {KILL_EVERY_S:g} s"
    yield measured(
        f"{name}: longest gap at {_engine(watched)}", gap_ms, "ms", floor=period_ms, at_most=PERIODS, of="ratio"
    )
    yield measured(f"{name}: poses lost", watched.engine.lost, "", at_most=0)


def _spine(watched: Watched) -> Iterator[Row]:
    run(watched, 1.0)
    watched.engine.forget_gaps()
    _kill(watched, "spine")
    run(watched, 4.0)
    yield measured(
        f"spine killed: poses back at {_engine(watched)} after", longest_gap_ms(watched), "ms", at_most=1000.0
    )


def _recorder(watched: Watched, take: Path) -> Iterator[Row]:
    until(watched, lambda: ready(watched), 30.0)
    run(watched, 2.0)
    _kill(watched, "recorder")
    run(watched, 5.0)
    ask(watched, StopTake(subject="recorder", t_ns=system_clock()))
    report = full(Take(take))
    poses = [topic for topic in report.topics if topic.topic.startswith("CameraPose/")]
    missing = sum(topic.missing for topic in poses)
    missing_ms = max((topic.missing for topic in poses), default=0) * 1000.0 / LOAD.rate_hz
    yield measured("recorder killed: poses missing in the take", missing, "")
    yield measured("recorder killed: the worst camera's missing time", missing_ms, "ms", at_most=100.0)


def _engine(watched: Watched) -> str:
    return f"the engine, {watched.engine.name}"


def _kill(watched: Watched, name: str) -> None:
    until(watched, lambda: watched.services[name].state in ("ready", "starting"), 10.0)
    os.kill(watched.services[name].pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    watched.services[name] = ServiceState(subject=name, t_ns=system_clock(), state="dead")
