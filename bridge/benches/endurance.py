"""A whole stage for a long time: four cameras recorded while an engine listens. Part of `cyc bench record`."""

from collections.abc import Iterator
from pathlib import Path

from bridge.benches import bench_stage
from bridge.benches.row import Row, measured
from bridge.benches.tracking import Load, send, sender
from bridge.benches.whole_stage import Watched, ask, ready, run, until, watch
from bridge.clock import system_clock
from bridge.messages import CameraPose, StartTake, StopTake
from bridge.take.read import Take

LOAD = Load(4, 120.0)
_WARM_S = 5.0


def rows(folder: Path, seconds: float) -> Iterator[Row]:
    """What was sent against what the engine decoded and what the take holds; memory after warm-up and at the end."""
    folder.mkdir()
    path = bench_stage.write(folder, LOAD.cameras, LOAD.rate_hz)
    with bench_stage.running(path, folder / "takes"), sender(folder / "sent") as tracker:
        watched = watch(bench_stage.read(path))
        if not until(watched, lambda: ready(watched), 90.0):
            raise TimeoutError(f"not ready: {watched.services}")
        ask(watched, StartTake(subject="recorder", t_ns=system_clock(), take="long"))
        send(tracker, watched.stage.trackers[0].port, LOAD, seconds)
        run(watched, seconds + 2.0)
        ask(watched, StopTake(subject="recorder", t_ns=system_clock()))
        tracker.kill()
        watched.engine.close()
    sent = round(LOAD.cameras * LOAD.rate_hz * seconds)
    name = f"whole stage, {LOAD.cameras} x {LOAD.rate_hz:g} Hz for {seconds:g} s"
    missing = f"{name}: of {sent} samples, missing at the engine, {watched.engine.name}"
    yield measured(missing, sent - watched.engine.measured, "", at_most=0)
    yield measured(f"{name}: missing in the take", sent - _poses(folder / "takes" / "long.mcap"), "", at_most=0)
    for service in ("spine", "recorder"):
        yield _grown(watched, name, service, seconds)


def _poses(path: Path) -> int:
    with Take(path) as take:
        return sum(not (pose.concealed or pose.stale or pose.lost) for pose in take.messages(CameraPose))


def _grown(watched: Watched, name: str, service: str, seconds: float) -> Row:
    readings = watched.memory_bytes[service]
    first = readings[min(round(_WARM_S) + 5, len(readings) - 1)]  # the bus's ring is full after five seconds
    grown_mb = (readings[-1] - first) / 1e6
    label = f"{name}: {service}, memory {first / 1e6:.1f} MB grew by"
    return measured(label, grown_mb, "MB", at_most=max(4.0, seconds / 60))
