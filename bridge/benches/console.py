"""Whether the operator's page costs the spine anything: 16 streams at 240 Hz with it and without, turn by turn.

A watched page is the dear one: a client without a screen keeps its websocket open and reads all of it, as a browser on
another computer would. Turns alternate, without, with, with, without, so that the machine's mood is the same for both.
"""

import contextlib
import http.client
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from bridge.benches import bench_stage
from bridge.benches.engine_logs import Log, log_of
from bridge.benches.row import Row, measured
from bridge.benches.tracking import Load, engine_endpoint, percentile_ms, send, sender
from bridge.bus.mailbox import Mailbox
from bridge.engine import native
from bridge.messages import ServiceHealth
from bridge.services import own_endpoints

LOAD = Load(16, 240.0)
TURN_S = 4.0
STEADY_S = 2.0
"""A page that has just opened sends everything once; that is not what is measured."""
_READY_S = 60.0
KEEPS_UP_MS = 5.0
"""A spine whose median is above this without any page has not enough processor here to be compared."""


class Turn(NamedTuple):
    """What one turn of tracking looked like, in ns."""

    in_spine: list[int]
    to_engine: list[int]
    cores_unit: float
    """What the spine's process took, median second."""


def rows(seconds: float) -> Iterator[Row]:
    """Ratios of p50 and p99 with and without the page; what the page itself takes."""
    without: list[Turn] = []
    watched: list[Turn] = []
    cores: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = bench_stage.write(folder, LOAD.cameras, LOAD.rate_hz)
        stage = bench_stage.read(path)
        with bench_stage.service("spine", path) as spine, sender(folder / "sent") as tracker:
            for process, priority in ((spine, -10), (tracker, -10)):
                bench_stage.be_nice(process.pid, priority)
            states = Mailbox([own_endpoints(stage, "spine")[0]], ["ServiceHealth"])
            log = log_of(native.at_hand(), engine_endpoint(stage), folder, at_once=False)
            log.settle()
            turn(tracker, stage.trackers[0].port, log, states)  # warm
            for _ in range(max(2, round(seconds / 2.0))):
                without.append(turn(tracker, stage.trackers[0].port, log, states))
                with _page(path, folder):
                    health = Mailbox([own_endpoints(stage, "console")[0]], ["ServiceHealth"])
                    for _ in range(2):
                        watched.append(turn(tracker, stage.trackers[0].port, log, states))
                        cores += [m.cpu_cores_unit for m in health.take() if isinstance(m, ServiceHealth)]
                    health.close()
                without.append(turn(tracker, stage.trackers[0].port, log, states))
            log.close()
            states.close()
            tracker.kill()
    yield from _compared(without, watched, log.name)
    busiest = sorted(cores)[len(cores) // 2] if cores else float("nan")
    yield measured(f"{LOAD.cameras} x {LOAD.rate_hz:g} Hz: console with one page open, median", busiest, "cores")


def _compared(without: list[Turn], watched: list[Turn], engine: str) -> Iterator[Row]:
    name = f"{LOAD.cameras} x {LOAD.rate_hz:g} Hz"
    idle_p50_ms = statistics.median(percentile_ms(one.in_spine, 0.5) for one in without)
    for field, what in (("in_spine", "packet received -> pose sent"), ("to_engine", f"packet received -> {engine}")):
        for label, share in (("p50", 0.5), ("p99", 0.99)):
            floor = statistics.median(percentile_ms(getattr(one, field), share) for one in without)
            value = statistics.median(percentile_ms(getattr(one, field), share) for one in watched)
            text = f"{name}: {what}, {label} with a page open, against none, median of {len(watched)} turns"
            judged = label == "p99" and field == "in_spine"
            row = measured(text, value, "ms", floor=floor, at_most=1.1 if judged else None, of="ratio")
            if judged and idle_p50_ms > KEEPS_UP_MS:
                row = msgspec.structs.replace(
                    row, what=f"{text}; not judged: without a page it fell behind too", ok=None
                )
            yield row
    cores = [statistics.median(one.cores_unit for one in turns) for turns in (watched, without)]
    yield measured(f"{name}: spine process, with a page open, against none", cores[0], "cores", floor=cores[1])


def turn(tracker: "subprocess.Popen[str]", port: int, log: Log, states: Mailbox, load: Load = LOAD) -> Turn:
    """Track for so long; every measured pose's way through the spine and to the engine."""
    assert tracker.stdout
    cores: list[float] = []
    states.take()
    send(tracker, port, load, TURN_S)

    def note() -> None:
        cores.extend(message.cpu_cores_unit for message in states.take() if isinstance(message, ServiceHealth))

    poses = log.hear(TURN_S + 0.3, note)
    tracker.stdout.readline()
    return Turn(
        in_spine=[pose.sent_ns - pose.received_ns for pose in poses],
        to_engine=[pose.decoded_ns - pose.received_ns for pose in poses],
        cores_unit=statistics.median(cores) if cores else float("nan"),
    )


@contextlib.contextmanager
def _page(path: Path, folder: Path) -> Generator[None]:
    """The console at the niceness that the supervisor gives it, and somebody who watches."""
    page = f"127.0.0.1:{bench_stage.PAGE_PORT}"
    words = ("--page", page, "--takes", str(folder / "takes"))
    with bench_stage.service("console", path, *words) as console:
        bench_stage.be_nice(console.pid, 10)
        _until_open(page)
        argv = [sys.executable, "-m", "bridge.benches.page_watcher", str(bench_stage.PAGE_PORT)]
        watcher = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        bench_stage.be_nice(watcher.pid, 10)
        try:
            assert watcher.stdout
            if not watcher.stdout.readline():
                raise RuntimeError(f"nobody can watch the page at {page}")
            time.sleep(STEADY_S)
            yield
        finally:
            watcher.kill()
            watcher.wait()


def _until_open(page: str) -> None:
    deadline_s = time.monotonic() + _READY_S
    while time.monotonic() < deadline_s:
        asks = http.client.HTTPConnection(page, timeout=5)
        with contextlib.suppress(OSError):
            asks.request("GET", "/")
            if asks.getresponse().status == http.HTTPStatus.OK:
                return
        asks.close()
        time.sleep(0.1)
    raise TimeoutError(f"no page at {page} within {_READY_S:g} s")
