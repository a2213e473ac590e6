"""Files of other programs are opened in a process of their own: a library in C++ that hangs, crashes or eats the memory
over a file made to harm takes nobody with it.

The child gets the bytes on its standard input and answers with arrays, or with one sentence.
"""

import importlib
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from generators.formats.fault import FormatFault
from generators.splats import Splats

_CHILD = "from generators.formats.apart import answer; answer()"
_SPLATS, _REFUSED = b"S", b"R"
_FIELDS = Splats._fields[:6]


class Limits(NamedTuple):
    """What a child may take."""

    most_s: float
    most_bytes: int
    """Of memory, where the system can hold a process to it (not on Windows)."""


def limits(size: int) -> Limits:
    """For a file of so many bytes: fifty times what good ones take."""
    return Limits(30.0 + size / 10e6, (4 << 30) + 32 * size)


def read(module: str, data: bytes, suffix: str, frame: str = "", within: Limits | None = None) -> Splats:
    """What `module.read(data, suffix, frame)` gives, its FormatFault, or one that says what became of the child."""
    within = within or limits(len(data))
    order = f"{module} {suffix} {frame or '-'} {within.most_bytes}\n".encode()
    try:
        done = subprocess.run(
            [sys.executable, "-c", _CHILD], input=order + data, capture_output=True, timeout=within.most_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise FormatFault(
            f"{suffix}: its reader was ended after {within.most_s:.0f} s: no good file takes that"
        ) from None
    kind, said = done.stdout[:1], done.stdout[1:]
    if kind == _REFUSED:
        raise FormatFault(said.decode(errors="replace"))
    if kind != _SPLATS or done.returncode:
        raise FormatFault(f"{suffix}: its reader crashed, or wanted over {within.most_bytes >> 20} MiB: a damaged file")
    with np.load(io.BytesIO(said), allow_pickle=False) as held:
        arrays = {name: held[name] for name in _FIELDS}
        return Splats(**arrays, white_unit=float(held["white_unit"]))


def answer() -> None:
    """The child: one order on standard input, one answer on standard output, where a library's own words never go."""
    out = os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("wb") as nowhere:
        for stream in (1, 2):
            os.dup2(nowhere.fileno(), stream)
    module, suffix, frame, most_bytes = sys.stdin.buffer.readline().decode().split()
    _hold_to(int(most_bytes))
    try:
        made = importlib.import_module(module).read(sys.stdin.buffer.read(), suffix, "" if frame == "-" else frame)
    except FormatFault as fault:
        out.write(_REFUSED + str(fault).encode())
    else:
        out.write(_SPLATS)
        held = io.BytesIO()
        np.savez(held, **{name: getattr(made, name) for name in _FIELDS}, white_unit=np.float64(made.white_unit))
        out.write(held.getbuffer())
    out.flush()
    os._exit(0)  # without the library's own farewell, which is what hangs where a file has hurt it


def _hold_to(most_bytes: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
