"""Who stands in the engine's place where a bench wants every pose: the plugin's own core if it can be had, else Python.

The core writes what it hears to a file, which is read afterwards, so that reading takes no time from what is measured.
"""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from bridge.clock import NS_PER_S, clock_id, system_clock
from bridge.engine.input import EngineFrame, EngineInput
from bridge.wire import engine

_PATIENCE_S = 20.0
_GLANCE_S = 0.05
_EVERY_S = 0.1


class Pose(NamedTuple):
    """One that comes from a packet: not concealed, stale or lost."""

    counter: int
    """Its packet's, which the bench's tracker counts in the focus encoder."""
    received_ns: int
    sent_ns: int
    decoded_ns: int


class Log(Protocol):
    """What an engine hears, pose by pose."""

    name: str

    def settle(self) -> None:
        """Until the other side is heard. RuntimeError where it is not."""
        ...

    def hear(self, seconds: float, meanwhile: Callable[[], object] = lambda: None) -> list[Pose]:
        """What comes in so long; what came before is forgotten."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


def log_of(program: Path | None, endpoint: str, folder: Path, *, at_once: bool = True) -> Log:
    """The core's where there is one; it writes into `folder`. `at_once`: in Python, decoding is timed too."""
    return CoreLog(program, endpoint, folder) if program else PythonLog(endpoint, at_once=at_once)


class CoreLog:
    """cyc-engine, which writes a line for each message into a file of its own in `folder`."""

    name = "cyc-engine"

    def __init__(self, program: Path, endpoint: str, folder: Path, *, greets: bool = True) -> None:
        """`greets`: the other side says a heartbeat; else being connected must do."""
        self._greets = greets
        path = folder / f"heard-{time.perf_counter_ns()}"
        call = [str(program), endpoint, "--frames", "--every", f"{_EVERY_S:g}", "--clock-id", str(clock_id())]
        with path.open("wb") as file:
            self._process = subprocess.Popen([*call, "--until-eof"], stdin=subprocess.PIPE, stdout=file)
        self._file = path.open(encoding="utf-8")
        self._begun = ""

    def settle(self) -> None:
        """Until the other side is heard. RuntimeError where it is not."""
        deadline_s = time.perf_counter() + _PATIENCE_S
        while time.perf_counter() < deadline_s:
            reports = [line for line in self._lines() if "subjects" in line]
            if any(said["heartbeats"] if self._greets else said["state"] == "open" for said in reports):
                return
            time.sleep(_GLANCE_S)
        raise RuntimeError(f"cyc-engine heard nobody within {_PATIENCE_S:g} s")

    def hear(self, seconds: float, meanwhile: Callable[[], object] = lambda: None) -> list[Pose]:
        """What comes in so long; what came before is forgotten."""
        self._lines()
        until_s = time.perf_counter() + seconds
        while time.perf_counter() < until_s:
            time.sleep(_GLANCE_S)
            meanwhile()
        return [
            Pose(round(line["encoders_raw"][1]), line["received_ns"], line["sent_ns"], line["arrived_ns"])
            for line in self._lines()
            if line.get("frame") == "camera" and line["measured"]
        ]

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def pictures(self) -> dict[str, list[int]]:
        """Of each picture that came since `forget`: from when it was drawn to whole here, in ns."""
        ages: dict[str, list[int]] = {}
        for line in self._lines():
            if line.get("frame") == "picture":
                ages.setdefault(line["name"], []).append(line["arrived_ns"] - line["t_ns"])
        return ages

    def forget(self) -> None:
        """What came until now."""
        self._lines()

    def close(self) -> None:
        """Hang up."""
        self._process.terminate()
        self._process.wait()
        self._file.close()

    def _lines(self) -> list[dict[str, Any]]:
        """That are whole by now."""
        *whole, self._begun = (self._begun + self._file.read()).split("\n")
        return [json.loads(line) for line in whole]


class PythonLog:
    """A SUB socket of libzmq's and our decoder, in the bench's own process; decodes what it hears at once, or later."""

    name = "Python"

    def __init__(self, endpoint: str, *, at_once: bool = True) -> None:
        self._source = EngineInput(endpoint, system_clock)
        self._at_once = at_once

    def settle(self) -> None:
        """Until the other side is heard. RuntimeError where it is not."""
        if not self._source.take(_PATIENCE_S):
            raise RuntimeError(f"nobody was heard within {_PATIENCE_S:g} s")

    def hear(self, seconds: float, meanwhile: Callable[[], object] = lambda: None) -> list[Pose]:
        """What comes in so long; what came before is forgotten."""
        while self._source.take():
            pass
        poses: list[Pose] = []
        later: list[EngineFrame] = []
        until_ns = system_clock() + round(seconds * NS_PER_S)
        while system_clock() < until_ns:
            frames = self._source.take(_GLANCE_S)
            if self._at_once:
                for frame in frames:
                    _add(poses, frame, system_clock)
            else:
                later += frames
            meanwhile()
        for frame in later:
            _add(poses, frame, lambda frame=frame: frame.t_received_ns)
        return poses

    def close(self) -> None:
        """Hang up."""
        self._source.close()


def _add(poses: list[Pose], frame: EngineFrame, when_ns: Callable[[], int]) -> None:
    pose = engine.decode(*frame[:3], frame.pixels)
    if isinstance(pose, engine.CameraFrame) and not (pose.concealed or pose.stale or pose.lost):
        poses.append(Pose(round(pose.focus_raw_unit), pose.t_arrival_ns, pose.t_sent_ns, when_ns()))
