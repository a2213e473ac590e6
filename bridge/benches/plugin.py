"""The plugin's core against libzmq: the same bytes over loopback TCP, from before Python encodes to decoded in C++."""

import importlib.util
import os
import random
import socket
import statistics
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bridge.benches import bare_socket
from bridge.benches.row import Row, absent, measured
from bridge.clock import clock_id, system_clock
from bridge.engine import native
from bridge.engine.native import CannotBuild, Running
from bridge.engine.output import EngineOutput
from bridge.engine.report import parsed
from bridge.wire import engine
from bridge.wire.engine_people import PoseFrame
from bridge.wire.engine_picture import PictureFrame

RATE_HZ = 60.0
BONES, CURVES = 75, 52
MATTE_PX = (1920, 1080)
ROUNDS = 4
"""Ours and libzmq in turns, so that a disturbance of the machine meets both."""
RESTARTS = 100
_PATIENCE_S = 10.0


def rows(seconds: float) -> Iterator[Row]:
    """Needs CMake, a compiler and pyzmq's libzmq. The floor of absolute times is a bare socket that sends as much."""
    library = _libzmq()
    try:
        folder = native.BUILT.with_name("cyc_engine_bench")
        ours = native.build(folder, f"-DCYC_LIBZMQ={library or ''}")
    except CannotBuild as error:
        yield absent("the plugin's core", str(error))
        return
    peer = ours.with_name("zmq_peer") if library else None
    turn_s = max(seconds / (4 * ROUNDS), 0.5)
    yield from _case("75-bone pose and 52 curves at 60 Hz", _pose(), (ours, peer), turn_s, at_most_ms=0.3)
    yield from _case("1080p R8 matte at 60 Hz", _matte(), (ours, peer), turn_s, at_most_ms=1.0)
    yield from _restarts(ours)


Make = Callable[[int], Any]
"""A message of this number, now."""


def _pose() -> Make:
    dice = random.Random(1)
    bones = struct.pack(f"<{7 * BONES}f", *(dice.uniform(-1, 1) for _ in range(7 * BONES)))
    curves = struct.pack(f"<{CURVES}f", *(dice.random() for _ in range(CURVES)))

    def make(number: int) -> PoseFrame:
        times = _times()
        return PoseFrame(name="performer", sequence=number, definition=1, bones_f32=bones, curves_f32=curves, **times)

    return make


def _matte() -> Make:
    width, height = MATTE_PX
    pixels = random.Random(2).randbytes(width * height)

    def make(number: int) -> PictureFrame:
        return PictureFrame(
            name="matte",
            sequence=number,
            frame_id=number,
            size_px=MATTE_PX,
            stride_bytes=width,
            format="r8",
            pixels=pixels,
            **_times(),
        )

    return make


def _times() -> dict[str, Any]:
    now_ns = system_clock()
    return {"t_ns": now_ns, "t_arrival_ns": now_ns, "t_sent_ns": now_ns, "clock_id": clock_id()}


def _case(
    what: str, make: Make, programs: tuple[Path, Path | None], turn_s: float, *, at_most_ms: float
) -> Iterator[Row]:
    ours: list[dict[str, Any]] = []
    theirs: list[dict[str, Any]] = []
    bare_ms: list[float] = []
    message_bytes = sum(map(len, engine.encode(make(1))))
    for _ in range(ROUNDS):
        bare_ms.append(bare_socket.median_ms(message_bytes, RATE_HZ, turn_s))
        ours.append(_turn(lambda address: Running(programs[0], address, clock_id(), turn_s), make, turn_s))
        if programs[1] is not None:
            peer = programs[1]
            theirs.append(_turn(lambda address, peer=peer: _Peer(peer, address, turn_s), make, turn_s))
    for at, name in enumerate(("p50", "p99")):
        value_ms, floor_ms = (_median_ms(said, at) if said else None for said in (ours, theirs))
        assert value_ms is not None
        if name == "p50":
            floor = statistics.median(bare_ms)
            yield measured(f"{what}, encoded to decoded, {name}", value_ms, "ms", floor=floor, at_most=at_most_ms)
        yield (
            measured(f"{what}, {name} against libzmq", value_ms, "ms", floor=floor_ms, at_most=1.2, of="ratio")
            if floor_ms
            else absent(f"{what}, {name} against libzmq", "pyzmq brings no shared library of it here")
        )
    lost = sum(subject["lost"] for said in ours for subject in said["subjects"])
    yield measured(f"{what}, lost", float(lost), "", at_most=0)
    most = max(said["allocations"] for said in ours)
    yield measured(f"{what}, memory taken from the system for pictures, times in all", float(most), "", at_most=3)


class _Peer(Running):
    """libzmq's, with other words on its command line."""

    def __init__(self, program: Path, address: str, every_s: float) -> None:
        self._start([str(program), address, str(clock_id()), f"{every_s:g}"])


def _turn(start: Callable[[str], Running], make: Make, seconds: float) -> dict[str, Any]:
    """The report of one turn at 60 Hz; the first messages, until one was heard, are not in it."""
    port = _free_port()
    output = EngineOutput("127.0.0.1", port)
    running = start(f"tcp://127.0.0.1:{port}")
    try:
        number = iter(range(1, 1 << 30))
        _until(running, lambda said: said["heartbeats"] > 0, lambda: output.send(_beat()))
        _until(running, bool)
        due_s = time.perf_counter()
        seen: dict[str, Any] = {}
        until_s = due_s + 2.0 * seconds + 0.2
        while time.perf_counter() < until_s:
            output.send(engine.encode(make(next(number))))
            due_s += 1.0 / RATE_HZ
            time.sleep(max(due_s - time.perf_counter(), 0.0))
            for line in running.lines():
                said = parsed(line)
                if said["subjects"] and _hop(said)[3] > (_hop(seen)[3] if seen else 0):
                    seen = said
        if not seen:
            raise RuntimeError("nothing was heard")
        return seen
    finally:
        running.close()
        output.close()


def _hop(said: dict[str, Any]) -> list[int]:
    found = [subject["whole_ns"] for subject in said["subjects"] if subject["kind"] != "heartbeat"]
    return found[0] if found else [0, 0, 0, 0]


def _median_ms(said: list[dict[str, Any]], at: int) -> float:
    return statistics.median(_hop(one)[at] for one in said) / 1e6


def _restarts(program: Path) -> Iterator[Row]:
    """The bridge goes and comes back under a running cyc-engine."""
    port = _free_port()
    running = Running(program, f"tcp://127.0.0.1:{port}", clock_id(), 0.02)
    took_s: list[float] = []
    first = _resources(running.pid)
    try:
        for restart in range(RESTARTS):
            output = EngineOutput("127.0.0.1", port)
            began_s, before = time.perf_counter(), restart
            _until(
                running,
                lambda said, before=before: said["connects"] > before,
                lambda output=output: output.send(_beat()),
            )
            took_s.append(time.perf_counter() - began_s)
            if restart == 10:
                first = _resources(running.pid)
            output.close()
            _until(running, lambda said: said["state"] != "open")
        last = _resources(running.pid)
    finally:
        running.close()
    yield measured(f"{RESTARTS} restarts of the bridge: receiving again after, worst", max(took_s), "s", at_most=1.0)
    if first is None or last is None:
        yield absent("memory and handles over the restarts", "this system does not tell")
        return
    yield measured("the same: memory grown from the tenth on", (last[0] - first[0]) / 1024, "KiB", at_most=64)
    yield measured("the same: open files grown", float(last[1] - first[1]), "", at_most=0)


def _resources(pid: int) -> tuple[int, int] | None:
    """Resident bytes and open files, where Linux tells."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE"), len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return None


def _until(
    running: Running, there: Callable[[dict[str, Any]], object], meanwhile: Callable[[], object] | None = None
) -> None:
    deadline_s = time.perf_counter() + _PATIENCE_S
    while time.perf_counter() < deadline_s:
        if meanwhile:
            meanwhile()
        if any(there(parsed(line)) for line in running.lines()):
            return
        time.sleep(0.002)
    raise RuntimeError(f"a bench's peer said nothing within {_PATIENCE_S:g} s")


def _beat() -> Any:
    now_ns = system_clock()
    return engine.encode(engine.HeartbeatFrame(sequence=1, t_ns=now_ns, t_sent_ns=now_ns, boot=1))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def _libzmq() -> Path | None:
    """The shared library in pyzmq's wheel."""
    spec = importlib.util.find_spec("zmq")
    beside = Path(spec.origin if spec and spec.origin else "").parents[1] / "pyzmq.libs"
    return next(iter(sorted(beside.glob("libzmq*.so*"))), None)
