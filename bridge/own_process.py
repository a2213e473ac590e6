"""What a process knows of itself: processor time, memory, and whether it has been asked to end."""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType

_STATM = Path("/proc/self/statm")
_ENDS_WITHIN_S = 3.0


def cpu_s() -> float:
    """Processor time used so far, all threads."""
    return time.process_time()


def memory_bytes() -> int:
    """Resident memory; 0 where the system does not tell."""
    if sys.platform == "win32":
        return _windows_memory_bytes()
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


class Stopping:
    """Whether to stop: asked by a signal, by a call, or by the death of whoever started us.

    `bool(stopping)`, or `stopping()`, is True from then on. A second signal ends the process at once.
    """

    def __init__(self) -> None:
        self.reason = ""

    def __bool__(self) -> bool:
        return bool(self.reason)

    def __call__(self) -> bool:
        return bool(self.reason)

    def ask(self, reason: str) -> None:
        """Stop soon; the first reason stays."""
        self.reason = self.reason or reason

    def on_signals(self) -> None:
        """Listen to SIGINT and SIGTERM, and to Ctrl-Break on Windows. From the main thread only."""
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._hear)

    def on_parents_end(self) -> None:
        """Stop when standard input ends: the supervisor holds its other end, and never writes.

        A loop that does not notice within three seconds is ended: no orphan may hold a port.
        """
        threading.Thread(target=self._watch_input, name="parent", daemon=True).start()

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if self.reason:
            os._exit(130)
        self.ask(signal.Signals(number).name)

    def _watch_input(self) -> None:
        try:
            while os.read(0, 4096):
                pass
        except OSError:
            pass
        self.ask("the supervisor is gone")
        time.sleep(_ENDS_WITHIN_S)
        os._exit(1)


def _windows_memory_bytes() -> int:
    if sys.platform != "win32":
        return 0
    import ctypes
    from ctypes import wintypes

    class Counters(ctypes.Structure):
        _fields_ = (
            ("cb", wintypes.DWORD),
            ("page_faults", wintypes.DWORD),
            *((name, ctypes.c_size_t) for name in ("peak", "working_set", "a", "b", "c", "d", "pagefile", "e")),
        )

    counters = Counters(cb=ctypes.sizeof(Counters))
    current = ctypes.windll.kernel32.GetCurrentProcess
    current.restype = wintypes.HANDLE
    ask = ctypes.windll.psapi.GetProcessMemoryInfo
    ask.argtypes = (wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD)
    return int(counters.working_set) if ask(current(), ctypes.byref(counters), counters.cb) else 0
