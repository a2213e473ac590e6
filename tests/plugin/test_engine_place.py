"""The engine's place on a stage: the plugin's core in a process of its own, and what the bus is told of it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.clock import clock_id
from bridge.engine import native
from bridge.engine.native import Running
from bridge.engine.output import EngineOutput
from bridge.engine.reader import HOPS
from bridge.engine.report import latencies, losses, parsed
from bridge.wire import engine
from tests.plugin.test_cyc_engine import PATIENCE_S, beat, camera, port

__all__ = ["port"]


@pytest.fixture
def running(checked: Path, port: int) -> Iterator[Running]:
    one = Running(checked / "cyc-engine", f"tcp://127.0.0.1:{port}", clock_id(), every_s=0.05)
    yield one
    one.close()


def test_the_bus_hears_every_hop_and_every_loss(running: Running, port: int) -> None:
    output = EngineOutput("127.0.0.1", port)
    until(running, lambda report: report["heartbeats"], lambda: output.send(beat()))
    for sequence in (1, 2, 4):
        output.send(engine.encode(camera(sequence)))
    output.send((b"cam/x", b"short", b""))
    report = until(running, lambda report: report["refused"]["length"])
    output.close()
    assert losses(report) == {'A "cam" lost': 1, "refused length": 1}


def test_a_report_is_said_as_the_stand_in_says_it() -> None:
    subject = {
        "kind": "camera",
        "name": "A",
        "received": 3,
        "lost": 0,
        "measured": 3,
        "on_wire_ns": [1000, 2000, 3000, 3],
    }
    face = {**subject, "kind": "face", "name": "f"}
    said = latencies({"subjects": [subject, face]}, now_ns=5)
    assert [(hop.subject, hop.t_ns, hop.hop, hop.count) for hop in said] == [("A", 5, list(HOPS)[1], 3)]
    assert (said[0].p50_s, said[0].p99_s, said[0].max_s) == pytest.approx((1e-6, 2e-6, 3e-6))


def test_it_ends_with_whoever_started_it(running: Running) -> None:
    process: Any = running.__dict__["_process"]
    process.stdin.close()
    assert process.wait(PATIENCE_S) == 0
    with pytest.raises(OSError, match="cyc-engine ended with exit code 0"):
        until(running, lambda report: not report)


def until(running: Running, there: Any, meanwhile: Any = lambda: None) -> dict[str, Any]:
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        meanwhile()
        for line in running.lines():
            report = parsed(line)
            if there(report):
                return report
    raise AssertionError(f"not said within {PATIENCE_S} s")


def test_without_cmake_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(native.shutil, "which", lambda _: None)
    with pytest.raises(native.CannotBuild, match=r"^no cmake here: install CMake and a C\+\+ compiler$"):
        native.build(tmp_path)
    monkeypatch.setattr(native, "SOURCE", tmp_path / "none")
    with pytest.raises(native.CannotBuild, match="is built from a checkout of Cyclorama"):
        native.build(tmp_path)


def test_a_program_older_than_its_sources_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(native, "BUILT", tmp_path)
    monkeypatch.setattr(native.shutil, "which", lambda _: None)
    program = tmp_path / "cyc-engine"
    program.touch()
    monkeypatch.setattr(native, "_NAME", "cyc-engine")
    assert native.found() == program
    native.os.utime(program, (1.0, 1.0))
    assert native.found() is None
