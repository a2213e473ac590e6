"""`compiled`: numba's njit with a cache on disk that knows about every file the kernels are made of.

Numba renews a cached function when its own file changes, but not when a function or constant it took from another
file does. So the cache lives in a folder named after the text of all of them.
"""

import zlib
from pathlib import Path
from typing import Any, cast

import numba
from numba.core import config

_HERE = Path(__file__).parent
_MADE_OF = (
    "compiled.py",
    "wall/*.py",
    "world/*.py",
    "incamera/*kernels.py",
    "incamera/photograph.py",
    "../generators/**/*kernels.py",
    "../capture/**/*kernels.py",
)


def _fingerprint() -> str:
    text = b"".join(path.read_bytes() for pattern in _MADE_OF for path in sorted(_HERE.glob(pattern)))
    return f"{zlib.crc32(text):08x}"


_settings = cast(Any, config)
_settings.CACHE_DIR = str(Path(_settings.CACHE_DIR or _HERE / "__pycache__") / f"kernels-{_fingerprint()}")


def cold(kernel: str) -> bool:
    """Whether a kernel, named `file.function`, was never compiled here."""
    return not any(Path(_settings.CACHE_DIR).glob(f"*/{kernel}-*.nbi"))


_LEAN: Any = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
"""Nobody takes a kernel's address: the wrapper for that is an eighth of what compiling takes."""
compiled = numba.njit(**_LEAN)
compiled_loosely = numba.njit(**_LEAN, fastmath={"contract", "reassoc", "arcp", "nsz", "afn"})
"""For inner loops: sums may be taken in another order and products be fused. NaN and infinity stay what they are."""
inlined = numba.njit(**_LEAN, inline="always")
"""For what small loops call: set into its caller word by word. A call that hands arrays on counts them in and out by
atomic operations, which costs as much as blending fifty pixels."""
