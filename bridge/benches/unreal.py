"""Remote Control: a setting through our client and through the whole service, against bare HTTP in the same run.

The server is the stand-in, in a process of its own: figures are of our side and of loopback, not of Unreal, which
answers once a frame. Then poses flow while the service talks to a server that takes requests and answers none.
"""

import contextlib
import http.client
import json
import select
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

from bridge.benches import bench_stage
from bridge.benches.engine_logs import log_of
from bridge.benches.row import Row, measured
from bridge.benches.tracking import Load, engine_endpoint, percentile_ms, sender, turn
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.clock import NS_PER_S, system_clock
from bridge.engine import native
from bridge.messages import SceneSettings, ServiceHealth, UnrealState
from bridge.services import own_endpoints
from bridge.stage import Stage
from bridge.unreal.http_line import HttpLine
from bridge.wire import remote_control as rc

HTTP, WEBSOCKET = 42190, 42191
PRESET, LABEL = "Cyclorama", "CycloramaExposure"
ASKS_A_S, AT_MOST_TIMES = 100, 3.0
LOAD = Load(4, 120.0)
IDLE_CORES = 0.05
UNHELD_TIMES = {0.5: 1.5, 0.99: 2.0}
"""So far may turns of the same run lie apart on a shared machine, with nothing different between them."""


def rows(seconds: float) -> Iterator[Row]:
    """A setting against its floor; bus to Unreal; poses beside a dead server."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _standin():
            count = max(20, round(seconds * ASKS_A_S / 2))
            bare_s, ours_s = _alternating(count)
            path = _stage(folder, HTTP)
            with bench_stage.service("unreal", path):
                through_s = _through_the_service(bench_stage.read(path), max(20, count // 4))
        what = "setting a property, request to answer"
        for name, share in (("p50", 0.5), ("p99", 0.99)):
            floor_s, ours = _at(bare_s, share), _at(ours_s, share)
            bound = AT_MOST_TIMES if share == 0.5 else None
            yield measured(f"{what}, {name}", ours * 1e3, "ms", floor=floor_s * 1e3, at_most=bound, of="ratio")
        yield measured("state said on the bus -> set in the stand-in, p50", statistics.median(through_s) * 1e3, "ms")
        yield measured("the same, p99", _at(through_s, 0.99) * 1e3, "ms")
        yield from _beside_a_dead_server(folder, seconds)


def _at(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _stage(folder: Path, http_port: int) -> Path:
    path = bench_stage.write(folder, LOAD.cameras, LOAD.rate_hz)
    table = f'[unreal]\nhttp_port = {http_port}\nwebsocket_port = {WEBSOCKET}\npresets = ["{PRESET}"]\n'
    path.write_text(f"{path.read_text()}\n{table}")
    return path


@contextlib.contextmanager
def _standin() -> Generator[None]:
    words = ["unreal", "standin", "--http-port", str(HTTP), "--websocket-port", str(WEBSOCKET), "--quiet"]
    process = subprocess.Popen([sys.executable, "-m", "bridge", *words], stderr=subprocess.PIPE)
    try:
        assert process.stderr
        process.stderr.readline()
        yield
    finally:
        process.kill()
        process.wait()


def _alternating(count: int) -> tuple[list[float], list[float]]:
    """The same property, bare and through our line in turns -> seconds each."""
    bare, line = http.client.HTTPConnection("127.0.0.1", HTTP), HttpLine("127.0.0.1", HTTP, 2.0)
    bare_s: list[float] = []
    ours_s: list[float] = []
    for number in range(count):
        began_ns = system_clock()
        body = json.dumps({"PropertyValue": number, "GenerateTransaction": True})
        bare.request("PUT", f"/remote/preset/{PRESET}/property/{LABEL}", body, {"Content-Type": "application/json"})
        bare.getresponse().read()
        between_ns = system_clock()
        line.send(number, rc.set_field(PRESET, LABEL, number), 2.0)
        while not (results := line.take()):
            select.select(line.sockets(), [], [], 1.0)
        assert results[0].answer and not results[0].answer.fault
        bare_s.append((between_ns - began_ns) / NS_PER_S)
        ours_s.append((system_clock() - between_ns) / NS_PER_S)
    bare.close()
    line.close()
    return bare_s, ours_s


def _through_the_service(stage: Stage, count: int) -> list[float]:
    """A new exposure on the bus, until the property has it."""
    spine = Publisher(*own_endpoints(stage, "spine"), system_clock)
    states = Mailbox([own_endpoints(stage, "unreal")[0]], ["UnrealState"])
    asks = http.client.HTTPConnection("127.0.0.1", HTTP)
    while not any(isinstance(said, UnrealState) and said.state == "connected" for said in states.take(5.0)):
        pass
    took_s: list[float] = []
    for number in range(1, count + 1):
        began_ns = system_clock()
        spine.send(SceneSettings(subject="scene", t_ns=began_ns, exposure_ev=float(number)))
        while _exposure(asks) != number:
            pass
        took_s.append((system_clock() - began_ns) / NS_PER_S)
    for part in (spine, states, asks):
        part.close()
    return took_s


def _exposure(asks: http.client.HTTPConnection) -> float:
    asks.request("GET", f"/remote/preset/{PRESET}/property/{LABEL}")
    return float(rc.field_of(json.loads(asks.getresponse().read())))


# --- poses ----------------------------------------------------------------------------------------------------------


def _beside_a_dead_server(folder: Path, seconds: float) -> Iterator[Row]:
    """The spine with nobody beside it, then with the service and a server that takes requests and answers none."""
    turns = max(2, round(seconds / 5))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        path = _stage(folder, silent.getsockname()[1])
        stage = bench_stage.read(path)
        alone: list[list[int]] = []
        beside: list[list[int]] = []
        lost, cores = 0, list[float]()
        with bench_stage.service("spine", path), sender(folder / "sent") as tracker:
            log, port = log_of(native.at_hand(), engine_endpoint(stage), folder), stage.trackers[0].port

            def play() -> tuple[list[int], int]:
                return turn(tracker, folder / "sent", port, LOAD, log)

            log.settle()
            play()  # the first one is cold
            for _ in range(turns):
                alone.append(play()[0])
                with bench_stage.service("unreal", path):
                    health = Mailbox([own_endpoints(stage, "unreal")[0]], ["ServiceHealth"])
                    held, _ = silent.accept()  # it has asked, and waits
                    health.take(5.0)
                    got, missing = play()
                    cores += [said.cpu_cores_unit for said in health.take(2.0) if isinstance(said, ServiceHealth)]
                    health.close()
                    held.close()
                beside.append(got)
                lost += missing
            log.close()
    what = f"{LOAD.cameras} x {LOAD.rate_hz:g} Hz packet sent -> pose decoded by {log.name}, server dead"
    for share, times in UNHELD_TIMES.items():
        ms, floor_ms = (statistics.median(percentile_ms(turn, share) for turn in some) for some in (beside, alone))
        name = f"{what}, p{share * 100:g}, median of {turns} turns"
        yield measured(name, ms, "ms", floor=floor_ms, at_most=times, of="ratio")
    yield measured(f"{what}, lost of {sum(map(len, beside)) + lost}", lost, "", at_most=0)
    busy = statistics.median(cores) if cores else float("nan")
    yield measured("the service beside a dead server, median second", busy, "cores", at_most=IDLE_CORES)
