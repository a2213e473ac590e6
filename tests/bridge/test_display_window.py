"""Windows on a virtual screen: what X really shows, pixel by pixel, read from the file that Xvfb keeps of it.

Xvfb has no refresh of its own and draws in software; everything else is as on a desk.
"""

import contextlib
import json
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("glfw", reason="glfw is not installed: pip install 'cyclorama[stage]'")
pytest.importorskip("moderngl", reason="moderngl is not installed: pip install 'cyclorama[stage]'")
from bridge import png
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.clock import NS_PER_S, system_clock
from bridge.display import card
from bridge.display.place import chosen
from bridge.messages import CameraPose, CameraSettings, DisplayState, Flash, LensState, Mark, SceneSettings
from bridge.services import own_endpoints
from bridge.stage import Stage
from bridge.stage_file import load
from bridge.tone import preview
from bridge.wall.draw import draw
from bridge.wall.heard import Heard, Lit
from bridge.wall.surfaces import screens
from bridge.world.file import world_of

pytestmark = pytest.mark.skipif(not shutil.which("Xvfb"), reason="no Xvfb: apt-get install xvfb libgl1-mesa-dri")

SCREEN_PX = (640, 400)
STAGE = """
schema = 1
name = "windows"
walls = [{ shape = "flat", name = "back", centre_m = [0, 3, 1.5], width_m = 5, height_m = 3, pixels = [900, 360] }]
lenses = [{ name = "prime", points = [{ focal_length_mm = 35 }] }]
trackers = [{ name = "arm", protocol = "freed", port = 42900 }]
[[cameras]]
name = "camA"
tracker = "arm"
lens = "prime"
sensor_mm = [24, 13.5]
resolution_px = [1920, 1080]
[[outputs]]
name = "left"
wall = "back"
rect_px = [0, 0, 450, 360]
[[outputs]]
name = "right"
wall = "back"
rect_px = [450, 0, 450, 360]
[bus]
port = 17800
"""


class Screen:
    """A virtual screen of 640 x 400."""

    def __init__(self, name: str, memory: Path) -> None:
        self.name, self._memory = name, memory

    def pixels(self) -> np.ndarray:
        """What it shows now [H, W, 3]: Xvfb keeps an XWD file of it."""
        data = self._memory.read_bytes()
        header, *rest = struct.unpack_from(">25I", data)
        width, height, stride, colours = rest[3], rest[4], rest[11], rest[18]
        rows = np.frombuffer(data, np.uint8, height * stride, header + 12 * colours).reshape(height, stride // 4, 4)
        return rows[:, :width, 2::-1]


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    folder = tmp_path_factory.mktemp("screen")
    read, write = os.pipe()
    size = "{}x{}x24".format(*SCREEN_PX)
    words = ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-fbdir", str(folder), "-nolisten", "tcp"]
    server = subprocess.Popen(words, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as said:
        number = said.readline().strip()
    assert number, "Xvfb did not start"
    yield Screen(f":{number}", folder / "Xvfb_screen0")
    server.terminate()
    server.wait(10)


class Shown:
    """`cyc wall show` as a process, and what it says on the bus."""

    def __init__(self, process: "subprocess.Popen[str]", mailbox: Mailbox) -> None:
        self.process, self._mailbox = process, mailbox

    def hear(self, kind: type) -> DisplayState | Mark:
        """The next of a kind; fails when the process ends before."""
        while self.process.poll() is None:
            for message in self._mailbox.take(0.5):
                if isinstance(message, kind):
                    return message
        raise AssertionError(self.process.communicate())

    def state(self, name: str) -> DisplayState:
        """The next state, which shows this."""
        state = self.hear(DisplayState)
        assert isinstance(state, DisplayState)
        assert state.showing == name
        return state


def stage_of(folder: Path) -> Stage:
    path = folder / "windows.toml"
    path.write_text(STAGE)
    return load(path)


@contextlib.contextmanager
def showing(screen: Screen, folder: Path, *words: str) -> Generator[Shown]:
    mailbox = Mailbox([own_endpoints(stage_of(folder), "display")[0]], ["DisplayState", "Mark"])
    argv = [sys.executable, "-m", "bridge", "wall", "show", str(folder / "windows.toml"), "--json", *words]
    environment = {**os.environ, "DISPLAY": screen.name}
    process = subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield Shown(process, mailbox)
    finally:
        process.terminate()
        process.communicate(timeout=20)
        mailbox.close()


def test_a_still_is_shown_pixel_for_pixel_and_a_flash_covers_it_all(screen: Screen, tmp_path: Path) -> None:
    noise = np.random.default_rng(7).integers(0, 256, (360, 900, 3), dtype=np.uint8)
    png.save(tmp_path / "back.png", noise)
    words = ("--pictures", str(tmp_path))
    control = Publisher(*own_endpoints(stage_of(tmp_path), "control"))
    with contextlib.closing(control), showing(screen, tmp_path, "--output", "right", *words) as shown:
        state = shown.hear(DisplayState)
        assert isinstance(state, DisplayState)
        assert (state.subject, state.showing, state.fullscreen) == ("right", "back.png", True)
        assert (state.width_px, state.height_px) == SCREEN_PX
        assert "not genlocked" in state.note
        seen = screen.pixels()
        assert np.array_equal(seen[:360, :450], noise[:, 450:]), "the output's part of the wall, nothing done to it"
        assert not seen[360:].any()
        assert not seen[:, 450:].any()
        due_ns = system_clock() + NS_PER_S // 5
        control.send(Flash(subject="all", t_ns=due_ns, duration_s=3.0, level_unit=0.5))
        mark = shown.hear(Mark)
        assert isinstance(mark, Mark)
        assert (screen.pixels() == 188).all(), "half the light, as sRGB writes it: round(255 * 0.7354)"
        assert mark.subject == "right"
        assert mark.t_ns > due_ns - NS_PER_S // 100
        assert "flash on right: swapped " in mark.text


@pytest.mark.slow
def test_live_follows_the_bus_poses_frusta_and_brightness(screen: Screen, tmp_path: Path) -> None:
    """What is on the screen against the wall drawn here for what was said, as coarsely as the window says it drew."""
    stage = stage_of(tmp_path)
    spine = Publisher(*own_endpoints(stage, "spine"))
    heard = Heard({camera.name: camera for camera in stage.cameras})
    with contextlib.closing(spine), showing(screen, tmp_path, "--output", "right") as shown:
        while shown.state("live").note.startswith(("drawing", "no camera")):
            spine.send(pose())
        for said in (pose(), CameraSettings(subject="camA", t_ns=1, frustum=False), BRIGHTER):
            heard.hear(said)
            spine.send(said)
            expected = right_half(stage, tmp_path, heard)
            while difference(screen.pixels()[:300, :450], expected[:300]) > 8.0:  # above the status line
                shown.state("live")


BRIGHTER = SceneSettings(subject="scene", t_ns=2, exposure_ev=1.0)


def pose() -> CameraPose:
    place = (0.4, -1.5, 1.4)
    lens = LensState(focal_length_mm=28.0)
    fixed = {"lens": lens, "sensor_mm": (24.0, 13.5), "t_arrival_ns": 0, "t_display_ns": 0}
    return CameraPose(subject="camA", t_ns=0, sequence=1, position_m=place, measured_position_m=place, **fixed)


def right_half(stage: Stage, folder: Path, heard: Heard) -> np.ndarray:
    (surface,) = screens(stage, folder)
    wish = heard.wish()
    world = Lit(world_of(stage.world, folder)).world(wish.scene)
    picture = draw(surface, world, wish.inner(), stage.world.viewpoint_m)
    seen = np.zeros((*picture.owner.shape, 4), np.uint8)
    preview(picture.light, seen)
    return seen[:, 450:, :3]


def difference(seen: np.ndarray, expected: np.ndarray) -> float:
    """Of their means over fields of 30 x 30, so that coarse drawing does not count."""
    fields = (seen.astype(float) - expected).reshape(10, 30, 15, 30, 3).mean(axis=(1, 3))
    return float(np.abs(fields).mean())


@pytest.mark.slow
def test_the_test_card_counts_on_and_the_status_line_and_keys_work(screen: Screen, tmp_path: Path) -> None:
    with showing(screen, tmp_path, "--output", "left", "--test") as shown:
        state = shown.hear(DisplayState)
        (place,) = chosen(stage_of(tmp_path), ["left"], "local")
        lines = "450 x 360 of wall back, from 0, 0\nscreen 0, host local"
        expected, top = card.card("left", (450, 360), lines, png.lettering), card.strip_top(360)
        seen = screen.pixels()
        assert place.size_px == (450, 360)
        assert np.array_equal(seen[:top, :450], expected[:top])
        digits = card.digits_of(png.lettering)
        strip = seen[top : top + card.STRIP_PX, :450]
        assert any(np.array_equal(strip, card.strip(count, (450, 360), digits)) for count in range(1, 2000))
        assert not np.array_equal(seen[top + card.STRIP_PX : 360, :450], expected[top + card.STRIP_PX :]), "status"
        if shutil.which("xdotool"):
            press(screen, "s")
            shown.hear(DisplayState)
            seen = screen.pixels()
            assert np.array_equal(seen[top + card.STRIP_PX : 360, :450], expected[top + card.STRIP_PX :])
            press(screen, "f")
            while state.fullscreen:
                state = shown.hear(DisplayState)
                assert isinstance(state, DisplayState)
            assert (state.width_px, state.height_px) == (320, 200)
            press(screen, "q")
            out, _ = shown.process.communicate(timeout=30)
            (told,) = json.loads(out)["outputs"]
            assert told["subject"] == "left"
            assert shown.process.returncode == 0


def press(screen: Screen, key: str) -> None:
    """As somebody at the keyboard would; without a window manager the focus is given by hand."""
    find = ["xdotool", "search", "--name", "cyc wall"]
    environment = {**os.environ, "DISPLAY": screen.name}
    subprocess.run([*find, "windowfocus", "key", key], env=environment, check=True, capture_output=True)


def test_without_a_screen_it_says_so(tmp_path: Path) -> None:
    stage_of(tmp_path)
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    argv = [sys.executable, "-m", "bridge", "wall", "show", str(tmp_path / "windows.toml"), "--test"]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    if sys.platform == "linux":
        assert done.returncode == 1
        assert done.stderr.startswith("no screen here: DISPLAY is not set")
        assert "Traceback" not in done.stderr
