"""Who stands in the engine's place where a bench only counts, however long it takes: the plugin's own core if it can be
had, else Python."""

import time
from pathlib import Path
from typing import Any, Protocol

from bridge.clock import clock_id, system_clock
from bridge.engine import reader as engine_reader
from bridge.engine.input import EngineInput
from bridge.engine.native import Running
from bridge.engine.reader import EngineReading
from bridge.engine.report import parsed

_PATIENCE_S = 20.0
_EVERY_S = 0.1


class Count(Protocol):
    """What an engine hears, in numbers."""

    name: str

    def take(self, timeout_s: float) -> None:
        """Hear on for so long at most."""
        ...

    @property
    def heartbeats(self) -> int: ...

    @property
    def measured(self) -> int: ...

    @property
    def lost(self) -> int: ...

    @property
    def longest_gap_ns(self) -> int:
        """Of any camera, since `forget_gaps`."""
        ...

    def forget_gaps(self) -> None:
        """Start a new measurement of gaps."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


def count_of(program: Path | None, endpoint: str) -> Count:
    """The core's where there is one."""
    return CoreCount(program, endpoint) if program else PythonCount(endpoint)


class CoreCount:
    """cyc-engine's own counts, ten times a second."""

    name = "cyc-engine"

    def __init__(self, program: Path, endpoint: str) -> None:
        self._running = Running(program, endpoint, clock_id(), _EVERY_S)
        self._newest: dict[str, Any] = {"t_ns": 0, "heartbeats": 0, "subjects": []}
        self._gap_ns = 0

    def take(self, timeout_s: float) -> None:
        """Hear on for so long."""
        time.sleep(timeout_s)
        for line in self._running.lines():
            self._newest = parsed(line)
            self._gap_ns = max(self._gap_ns, *(one["gap_ns"] for one in self._cameras()), 0)

    @property
    def heartbeats(self) -> int:
        """Of the bridge."""
        return int(self._newest["heartbeats"])

    @property
    def measured(self) -> int:
        """Poses that come from a packet."""
        return sum(one["measured"] for one in self._cameras())

    @property
    def lost(self) -> int:
        """Missing in the numbers."""
        return sum(one["lost"] for one in self._cameras())

    @property
    def longest_gap_ns(self) -> int:
        """Of any camera, since `forget_gaps`."""
        return self._gap_ns

    def forget_gaps(self) -> None:
        """Start a new measurement of gaps, when all that has come until now was told."""
        now_ns, deadline_s = system_clock(), time.perf_counter() + _PATIENCE_S
        while self._newest["t_ns"] <= now_ns and time.perf_counter() < deadline_s:
            self.take(_EVERY_S / 10)
        self._gap_ns = 0

    def close(self) -> None:
        """Hang up."""
        self._running.close()

    def _cameras(self) -> list[dict[str, Any]]:
        return [one for one in self._newest["subjects"] if one["kind"] == "camera"]


class PythonCount:
    """The stand-in's reader, in the bench's own process."""

    name = "Python"

    def __init__(self, endpoint: str) -> None:
        self._source, self._reading = EngineInput(endpoint, system_clock), EngineReading(clock_id=clock_id())

    def take(self, timeout_s: float) -> None:
        """Hear on for so long at most."""
        for frame in self._source.take(timeout_s):
            engine_reader.step(self._reading, frame[:3], frame.t_received_ns)

    @property
    def heartbeats(self) -> int:
        """Of the bridge."""
        return self._reading.heartbeats

    @property
    def measured(self) -> int:
        """Poses that come from a packet."""
        return sum(camera.measured for camera in self._reading.cameras.values())

    @property
    def lost(self) -> int:
        """Missing in the numbers."""
        return sum(camera.lost for camera in self._reading.cameras.values())

    @property
    def longest_gap_ns(self) -> int:
        """Of any camera, since `forget_gaps`."""
        return max((camera.longest_gap_ns for camera in self._reading.cameras.values()), default=0)

    def forget_gaps(self) -> None:
        """Start a new measurement of gaps."""
        for camera in self._reading.cameras.values():
            camera.longest_gap_ns = 0

    def close(self) -> None:
        """Hang up."""
        self._source.close()
