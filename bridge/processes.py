"""A service's own process: started with its share of the machine, its end noticed fast, ended in bounded time."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import IO, Any

import msgspec

_POOLS = ("OMP", "OPENBLAS", "MKL", "NUMBA", "NUMEXPR", "VECLIB_MAXIMUM")
_WINDOWS_CLASSES = ((-5, 0x8000), (5, 0x20), (10, 0x4000))
"""Niceness up to -> priority class: above normal, normal, below normal; idle (0x40) past that."""


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """How to start a service."""

    name: str
    argv: tuple[str, ...]
    """Complete, interpreter first; the service must stop when its standard input ends."""
    threads: int = 1
    priority: int = 5
    """Niceness; given where the system allows it."""
    gpu: int | None = None


class Process:
    """A service's process; its standard input is a pipe that ends when we do. Raises OSError."""

    def __init__(
        self,
        launch: Launch,
        environment: Mapping[str, str],
        *,
        stdout: IO[bytes] | None = None,
        stderr: IO[bytes] | None = None,
    ) -> None:
        """What it says goes where ours goes, or into these files."""
        flags: dict[str, Any] = {"process_group": 0}  # Ctrl-C is ours to pass on, in our order
        if sys.platform == "win32":
            flags = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | _windows_class(launch.priority)}
        self._popen = subprocess.Popen(
            launch.argv,
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=stderr,
            env=shared_environment(launch, environment),
            **flags,
        )
        self.pid = self._popen.pid
        if sys.platform != "win32":
            with contextlib.suppress(OSError):  # below zero is for root
                os.setpriority(os.PRIO_PROCESS, self.pid, launch.priority)
        self.watched = _pidfd(self.pid)
        """A descriptor that becomes readable at its end; -1 where there is no such thing."""

    def ended(self) -> str:
        """How it ended; empty while it runs."""
        code = self._popen.poll()
        if code is None:
            return ""
        self._forget()
        return how_it_ended(code)

    def ask_to_end(self) -> None:
        """Politely."""
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                self._popen.send_signal(signal.CTRL_BREAK_EVENT)
            else:
                self._popen.terminate()

    def kill(self) -> None:
        """Now."""
        with contextlib.suppress(OSError):
            self._popen.kill()

    def wait(self) -> None:
        """Until it has ended; after `kill` that is soon."""
        self._popen.wait()
        self._forget()

    def _forget(self) -> None:
        if self._popen.stdin:
            self._popen.stdin.close()
        if self.watched >= 0:
            os.close(self.watched)
            self.watched = -1


def shared_environment(launch: Launch, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that must keep to its threads and its GPU."""
    limits = {f"{pool}_NUM_THREADS": str(launch.threads) for pool in _POOLS if pool != "VECLIB_MAXIMUM"}
    limits["VECLIB_MAXIMUM_THREADS"] = str(launch.threads)
    if launch.gpu is not None:
        limits |= {"CUDA_VISIBLE_DEVICES": str(launch.gpu), "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
    return {**environment, "PYTHONUNBUFFERED": "1", **limits}


def how_it_ended(code: int) -> str:
    """`killed by SIGKILL`, `exit code 1`."""
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
        return f"killed by signal {-code}"
    return f"exit code {code}"


def _windows_class(priority: int) -> int:
    return next((flag for highest, flag in _WINDOWS_CLASSES if priority <= highest), 0x40)


def _pidfd(pid: int) -> int:
    try:
        return os.pidfd_open(pid)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
    except (AttributeError, OSError):
        return -1
