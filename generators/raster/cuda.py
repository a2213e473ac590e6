"""Whether this computer can draw with CUDA, asked of the driver: torch takes seconds to import only to say no."""

import contextlib
import ctypes
import functools
import importlib.util
import sys


@functools.cache
def usable() -> bool:
    """A CUDA device, and the libraries that draw with it."""
    installed = all(importlib.util.find_spec(name) for name in ("torch", "gsplat"))
    return installed and _devices() > 0


def _devices() -> int:
    found = ctypes.c_int(0)
    with contextlib.suppress(OSError, AttributeError):
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(found)) != 0:
            return 0
    return found.value
