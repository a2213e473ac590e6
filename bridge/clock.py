"""Time: integer nanoseconds of one monotonic clock per host, and clocks that tests can turn.

`t_ns` is `time.perf_counter_ns`: monotonic, and fine on Windows too, where `monotonic` ticks at 15.6 ms before
Python 3.13. A stamp means something only together with the host and boot it was taken on: `clock_id` says which.
"""

import functools
import platform
import time
import zlib
from collections.abc import Callable
from pathlib import Path

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000

_LINUX_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

Clock = Callable[[], int]
"""Anything that returns the time now in nanoseconds."""


def system_clock() -> int:
    """Now, in nanoseconds of this host's monotonic clock."""
    return time.perf_counter_ns()


def utc_ns() -> int:
    """Wall-clock time in nanoseconds since 1970, for the (t_ns, UTC) pairs a take logs each second."""
    return time.time_ns()


@functools.cache
def clock_id() -> int:
    """32 bits that change with the host and with its boot: stamps of equal ids may be subtracted.

    Asked once: reading it anew for every message took 0.16 ms, half of what a pose needs to the engine.
    """
    try:
        boot = _LINUX_BOOT_ID.read_text()
    except OSError:  # elsewhere: the boot time, in steps too coarse for clock adjustments to matter
        boot = f"{platform.node()}:{(time.time_ns() - time.perf_counter_ns()) // (600 * NS_PER_S)}"
    return zlib.crc32(boot.encode())


class FakeClock:
    """A clock that a test turns by hand."""

    def __init__(self, now_ns: int = 0) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        return self.now_ns

    def advance(self, seconds: float) -> int:
        """Turn the clock forward and return the new time."""
        self.now_ns += round(seconds * NS_PER_S)
        return self.now_ns
