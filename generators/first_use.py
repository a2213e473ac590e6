"""The first environment made after an installation: what draws it is compiled while it is being built.

Compiling takes some twenty seconds of one core, once. numba does one function at a time in a process, so a second
process takes the half that is needed last, and leaves it in the cache on disk.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

import numpy as np

from bridge import compiled
from generators.camera import look
from generators.detail import levels
from generators.raster.render import render
from generators.splats import Splats, Tag, solid_colours


@contextmanager
def compiled_meanwhile() -> Generator[Callable[[], object]]:
    """While this lasts, another process compiles; call what it gives before anything is drawn. Where there is a cache,
    or only one core, nothing happens."""
    if not compiled.cold("kernels.composite") or (os.cpu_count() or 1) < 2:
        yield lambda: None
        return
    words = "from generators.first_use import draw_a_little; draw_a_little()"
    quiet = subprocess.DEVNULL  # where it fails, the first picture compiles by itself and says why
    process = subprocess.Popen([sys.executable, "-c", words], stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        yield process.wait
    finally:
        process.kill()
        process.wait()


def draw_a_little() -> None:
    """Numba compiles what is called: so do as `outputs.write` does, with next to nothing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started us, and ends us
    eye, few = (0.0, 0.0, 1.7), 16
    along = np.linspace(-1.0, 1.0, few)
    means = np.column_stack((along, np.full(few, 3.0), 1.7 + along)).astype(np.float32)
    turns = np.tile(np.array((1.0, 0.0, 0.0, 0.0), np.float32), (few, 1))
    sizes, opacities = np.full((few, 3), 0.1, np.float32), np.full(few, 0.9, np.float32)
    colours, tags = solid_colours(np.full((few, 3), 0.5)), np.full(few, Tag.TERRAIN, np.uint8)
    splats = Splats(means, turns, sizes, opacities, colours, tags)
    levels(splats, eye)
    render(splats, look(eye, 0.0, 0.0, 60.0, (32, 16)), device="cpu")
