"""The walls on this computer's screen: refreshes, missed ones, and when a flash is really swapped.

On the screen that DISPLAY names, else on a virtual one of 1920 x 1080 (Xvfb, drawn in software), else not at all.
Floor: a bare window of the same size that only draws and swaps, never faster than the screen.
"""

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bridge.benches import bench_stage
from bridge.benches.row import Row, absent, measured
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.clock import NS_PER_S, system_clock
from bridge.display.screen import NoScreen, Window, monitors
from bridge.messages import DisplayState, Flash, Mark
from bridge.services import own_endpoints

RATE_UNIT, MISSED_UNIT, LATE_REFRESHES = 0.95, 0.02, 1.5
_SIZE, _PORTS_ON = (1920, 1080), 800
_OUTPUT = '[[outputs]]\nname = "out1"\nwall = "back"\nrect_px = [0, 0, 1920, 1080]\n'


class Bare(NamedTuple):
    """What the screen and whoever draws can do without us."""

    rate_hz: float
    missed_unit: float
    """Of the screen's refreshes it misses this share, drawing nothing new: more than a computer without a graphics card
    can do is asked of nobody."""
    where: str


def rows(seconds: float) -> Iterator[Row]:
    """Test card, live and flashes; rows without a figure where there is no screen."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(_some_screen())
            bare = _bare(seconds / 4)
        except NoScreen as fault:
            yield absent("wall on a screen", str(fault))
            return
        path = bench_stage.write(Path(stack.enter_context(tempfile.TemporaryDirectory())), 1, 25.0)
        path.write_text(_on_ports_of_its_own(path.read_text()) + _OUTPUT)
        yield from _counted(f"test card, {bare.where}", _show(path, seconds, "--test"), bare)
        yield from _flashes(path, seconds, bare)
        stack.enter_context(bench_stage.service("spine", path))
        stack.enter_context(bench_stage.service("tracker", path))
        yield from _counted("live, 1 camera at 25 Hz", _show(path, seconds + 4.0), bare)


def _on_ports_of_its_own(text: str) -> str:
    """Another bench may be running."""
    for port in (bench_stage.UDP_PORT, bench_stage.ENGINE_PORT, bench_stage.BUS_PORT):
        text = text.replace(f"port = {port}", f"port = {port + _PORTS_ON}")
    return text + "\n"


@contextlib.contextmanager
def _some_screen() -> Generator[None]:
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or not shutil.which("Xvfb"):
        yield
        return
    size = "{}x{}x24".format(*_SIZE)
    words = ["Xvfb", "-displayfd", "1", "-screen", "0", size, "-nolisten", "tcp"]
    server = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    os.environ["DISPLAY"] = f":{server.stdout.readline().strip()}"
    try:
        yield
    finally:
        del os.environ["DISPLAY"]
        server.terminate()
        server.wait(10)


def _bare(seconds: float) -> Bare:
    """Draws one picture as often as it can."""
    (monitor, *_) = monitors()
    window = Window("cyc bench wall", monitor, None)
    width, height = window.size_px
    window.load(np.full((height, width, 4), 90, np.uint8), smooth=False)
    count, began_s = 0, time.perf_counter()
    while time.perf_counter() < began_s + seconds:
        window.draw((0, 0, width, height), None)
        window.swap()
        count += 1
    hz = count / (time.perf_counter() - began_s)
    where = f"{width} x {height}, {window.renderer.split(' (')[0]}"
    window.close()
    screen_hz = monitor.refresh_hz or 60.0
    return Bare(min(hz, screen_hz), max(0.0, 1.0 - hz / screen_hz), where)


def _show(path: Path, seconds: float, *words: str) -> dict[str, Any]:
    """The last state that `cyc wall show` tells; empty where it was not up within a second of its end."""
    argv = [sys.executable, "-m", "bridge", "wall", "show", str(path), "--json", "--seconds", str(seconds), *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    outputs = json.loads(done.stdout)["outputs"]
    return outputs[0] if outputs else {}


def _counted(what: str, state: dict[str, Any], bare: Bare) -> Iterator[Row]:
    if not state:
        yield absent(what, "the window was not up in time: give it more --seconds")
        return
    rate, missed = state["refresh_hz"], state.get("missed", 0) / state["shown"]
    yield measured(f"{what}: refreshes", rate, "Hz", floor=bare.rate_hz, at_least=RATE_UNIT, of="ratio")
    target = MISSED_UNIT if bare.missed_unit < MISSED_UNIT else None
    yield measured(f"{what}: missed of {state['shown']}", missed, "share", floor=bare.missed_unit, at_most=target)


def _flashes(path: Path, seconds: float, bare: Bare) -> Iterator[Row]:
    """From when it was due to when it was swapped, in refreshes of the bare window."""
    stage = bench_stage.read(path)
    control = Publisher(*own_endpoints(stage, "control"))
    display = Mailbox([own_endpoints(stage, "display")[0]], ["DisplayState", "Mark"])
    argv = [sys.executable, "-m", "bridge", "wall", "show", str(path), "--test"]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    late_s: list[float] = []
    try:
        while not any(isinstance(said, DisplayState) for said in display.take(1.0)):
            if process.poll() is not None:
                raise ChildProcessError("`cyc wall show` ended before it showed anything")
        for _ in range(max(3, round(seconds * 2))):
            due_ns = system_clock() + NS_PER_S // 5
            control.send(Flash(subject="all", t_ns=due_ns))
            late_s += [abs(mark.t_ns - due_ns) / NS_PER_S for mark in _marks(display)]
    finally:
        process.terminate()
        process.wait(10)
        control.close()
        display.close()
    if not late_s:
        yield absent("flash: due to swapped", "no flash was swapped")
        return
    yield measured("flash: due to swapped, p50", statistics.median(late_s) * bare.rate_hz, "refreshes")
    worst = max(late_s) * bare.rate_hz
    yield measured(f"flash: due to swapped, worst of {len(late_s)}", worst, "refreshes", at_most=LATE_REFRESHES)


def _marks(display: Mailbox) -> list[Mark]:
    """The next flash swapped, within a second."""
    until_ns = system_clock() + NS_PER_S
    while system_clock() < until_ns:
        if marks := [said for said in display.take(0.1) if isinstance(said, Mark)]:
            return marks
    return []
