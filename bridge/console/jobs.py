"""Programs the page runs for an operator, each a process of its own at a low priority: never two of a kind.

They are `cyc` itself, asked for JSON. What they need of processor and memory is not the page's, and none of it is
the spine's.
"""

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec

from bridge.clock import NS_PER_S, Clock
from bridge.console.view import JobView
from bridge.processes import Launch, Process

PRIORITY = 19
"""Niceness, as low as it goes: unless somebody waits for it, or it must keep time."""
LONGEST_NS = 1800 * NS_PER_S
_END_NS = 3 * NS_PER_S
_TAIL_BYTES = 2000


class _Running(NamedTuple):
    process: Process
    out: IO[bytes]
    err: IO[bytes]


class Jobs:
    """Starts, watches and ends them; nothing here waits. `start` and `poll` belong to one thread."""

    def __init__(self, clock: Clock, command: Sequence[str] = (sys.executable, "-m", "bridge")) -> None:
        self._clock, self._command = clock, tuple(command)
        self._running: dict[str, _Running] = {}
        self._views: dict[str, JobView] = {}
        self._kill_ns: dict[str, int] = {}

    def start(self, name: str, words: Sequence[str | Path], about: str = "", priority: int = PRIORITY) -> JobView:
        """Run `cyc WORDS`. ValueError where one of this name runs still, OSError where it cannot be started."""
        if name in self._running:
            raise ValueError(f"{name} is running already: wait for it, or cancel it")
        out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115  closed when it ends
        argv = (*self._command, *map(str, words))
        launch = Launch(name=name, argv=argv, priority=priority)
        try:
            process = Process(launch, os.environ, stdout=out, stderr=err)
        except OSError:
            out.close()
            err.close()
            raise
        self._running[name] = _Running(process, out, err)
        self._views[name] = JobView(name=name, about=about, since_ns=self._clock())
        return self._views[name]

    def poll(self) -> list[JobView]:
        """Those that have ended since."""
        ended: list[JobView] = []
        for name, running in list(self._running.items()):
            how = running.process.ended()
            if how:
                del self._running[name]
                ended.append(self._ended(self._views.pop(name), running, how, cancelled=name in self._kill_ns))
                self._kill_ns.pop(name, None)
            elif name in self._kill_ns and self._clock() > self._kill_ns[name]:
                running.process.kill()
            elif self._clock() - self._views[name].since_ns > LONGEST_NS:
                self.cancel(name)
        return ended

    def cancel(self, name: str) -> bool:
        """Ask it to end, and kill it three seconds later; -> whether it ran."""
        if name not in self._running:
            return False
        self._kill_ns.setdefault(name, self._clock() + _END_NS)
        self._running[name].process.ask_to_end()
        return True

    def close(self) -> None:
        """End all at once: whoever asked is gone."""
        for running in self._running.values():
            running.process.kill()
            running.process.wait()
            running.out.close()
            running.err.close()
        self._running.clear()

    def _ended(self, view: JobView, running: _Running, how: str, cancelled: bool) -> JobView:
        said, complaint = _read(running.out), _tail(running.err)
        report: Any = None
        with contextlib.suppress(ValueError):
            report = json.loads(said)
        state = "cancelled" if cancelled else "done" if report is not None else "failed"
        text = "" if state == "done" else "cancelled" if cancelled else complaint or how
        return msgspec.structs.replace(view, state=state, ended_ns=self._clock(), text=text, report=report)


def _read(file: IO[bytes]) -> bytes:
    with file:
        file.seek(0)
        return file.read()


def _tail(file: IO[bytes]) -> str:
    """The last line that says something."""
    with file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
        lines = [line.strip() for line in file.read().decode(errors="replace").splitlines() if line.strip()]
        return lines[-1] if lines else ""
