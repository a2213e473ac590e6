"""The page in a real browser: it loads, talks, draws, and a press of a button reaches the recorder."""

import hashlib
import importlib.util
import math
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

pytest.importorskip("viser", reason="viser is not installed: pip install 'cyclorama[stage]'")
from bridge.bus.address import endpoints
from bridge.bus.publisher import Publisher
from bridge.clock import NS_PER_S, system_clock
from bridge.console import service as console
from bridge.library.manifest import ICON, Manifest
from bridge.library.shelf import Library
from bridge.messages import (
    Acknowledged,
    CameraPose,
    CameraSettings,
    CaptureCamera,
    Freeze,
    LensState,
    LoadEnvironment,
    Message,
    PerformerState,
    PictureTicket,
    RestartService,
    ServiceState,
    ShowOverlay,
    SkeletonDefinition,
    SkeletonPose,
    StartTake,
    StreamHealth,
    TakeState,
)
from bridge.pictures import PictureWriter
from bridge.stage_file import load
from tests.bridge.ports import free_port

_spec = importlib.util.spec_from_file_location("chromium", Path(__file__).with_name("chromium.py"))
assert _spec is not None
assert _spec.loader is not None
chromium = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(chromium)

STAGE = Path(__file__).parents[2] / "stage_configs" / "small_wall.toml"
BUS_PORT = 17600
COLOUR = (200, 40, 150)
ENDS = ("spine", "supervisor", "recorder", "wall", "capture")
SLATE = "[...document.querySelectorAll('.mantine-TextInput-input')].at(-1)"  # the first is the library's own
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium.WHERE is None, reason="no Chromium on this computer"),
]


class StandIn(threading.Thread):
    """Spine, recorder, wall and capture in one: 50 poses a second, a wall of one colour, and commands obeyed."""

    def __init__(self, ends: dict[str, tuple[str, str]], wall: str) -> None:
        super().__init__(daemon=True)
        self.commands: list[Message] = []
        self.silent, self.done = threading.Event(), threading.Event()
        self._out = {name: Publisher(*ends[name]) for name in ENDS}
        self._writer = PictureWriter("browser-test", (36, 64, 4), "uint8")
        self._wall, self._take, self._turn = wall, "", 0
        self._settings = CameraSettings(subject="camA", t_ns=0)
        self._overlay = False

    def run(self) -> None:
        while not self.done.wait(0.02):
            self._turn += 1
            now_ns = system_clock()
            if not self.silent.is_set():
                self._out["spine"].send(pose(now_ns, self._turn))
                self._out["capture"].send_all(performer(now_ns, self._turn, overlay=self._overlay))
            if self._turn % 10 == 0:
                self._slowly(now_ns)
            for publisher in self._out.values():
                for request in publisher.serve():
                    self.commands.append(request.message)
                    self._settings = self._settings_after(request.message)
                    starts = isinstance(request.message, StartTake)
                    self._take = f"{request.message.slate}_001" if starts else ""
                    publisher.reply(request, Acknowledged(subject="recorder", t_ns=now_ns, ok=True, text="as you say"))
        for publisher in self._out.values():
            publisher.close()
        self._writer.close()

    def _settings_after(self, message: Message) -> CameraSettings:
        if isinstance(message, ShowOverlay):
            self._overlay = message.on
        if isinstance(message, Freeze):
            return msgspec.structs.replace(self._settings, frozen=message.on)
        return self._settings

    def _slowly(self, now_ns: int) -> None:
        picture = np.full((36, 64, 4), (*COLOUR, 255), np.uint8)
        ticket = PictureTicket(subject=self._wall, t_ns=now_ns, colour_space="sRGB", **self._writer.write(picture))
        self._out["wall"].send(ticket)
        if not self.silent.is_set():
            self._out["spine"].send(msgspec.structs.replace(self._settings, t_ns=now_ns))
            self._out["spine"].send(StreamHealth(subject="camA", t_ns=now_ns, state="live", rate_hz=50.0))
        self._out["supervisor"].send(ServiceState(subject="wall", t_ns=now_ns, state="ready"))
        self._out["recorder"].send(
            TakeState(subject="recorder", t_ns=now_ns, recording=bool(self._take), take=self._take)
        )


def pose(t_ns: int, sequence: int) -> CameraPose:
    place = (0.5 * math.sin(t_ns / NS_PER_S), -1.0, 1.5)
    return CameraPose(
        subject="camA",
        t_ns=t_ns,
        sequence=sequence,
        position_m=place,
        lens=LensState(focal_length_mm=28.0),
        sensor_mm=(24.0, 13.5),
        t_arrival_ns=t_ns,
        t_display_ns=t_ns,
        measured_position_m=place,
    )


def performer(now_ns: int, sequence: int, *, overlay: bool) -> list[Message]:
    """One upright bone with a head, seen by four cameras of which one is said."""
    bones, rest = (("root", -1), ("pelvis", 0), ("head", 1)), ((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, 0.6))
    rows = np.array([(1.0, 0.0, 0.0, 0.0, *joint) for joint in rest], "<f4").tobytes()
    timed: dict[str, Any] = {"t_ns": now_ns}
    return [
        SkeletonDefinition(subject="ana", definition=1, bones=bones, rest_m=rest, **timed),
        SkeletonPose(
            subject="ana", sequence=sequence, definition=1, bones_f32=rows, quality_u8=b"\xff" * 3, cameras=4,
            t_arrival_ns=now_ns, **timed,
        ),
        PerformerState(subject="ana", consent="granted", capturing=True, **timed),
        CaptureCamera(subject="front-left", state="running", half_view_unit=(0.7, 0.4), overlay=overlay, **timed),
    ]  # fmt: skip


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    made = StandIn(ends(), load(STAGE).walls[0].name)
    made.start()
    yield made
    made.done.set()
    made.join(10)


def ends() -> dict[str, tuple[str, str]]:
    return {name: endpoints("127.0.0.1", BUS_PORT, name, stage_name="browser-test") for name in (*ENDS, "console")}


def shelved(root: Path, titles: tuple[str, ...]) -> list[str]:
    """Environments that are little but a thumbnail: -> their names, the newest first."""
    names: list[str] = []
    for age, title in enumerate(titles):
        described = Manifest(
            title=title,
            kind="text",
            content=hashlib.sha256(title.encode()).hexdigest(),
            recipe={},
            recipe_hash="",
            made_by="test",
            created_utc=f"2026-11-{24 - age}T00:00:00Z",
            counts={"full": 1000},
            bounds_m=((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
            white_unit=1.0,
            files={},
        )
        with Library(root).adding() as folder:
            (folder / ICON).write_bytes(b"")
            names.append(Library(root).keep(folder, described).name)
    return names


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[int, threading.Event]]:
    """The console service in a thread: -> its port, and what stops it."""
    port, stopping, outbox = free_port(), threading.Event(), Publisher(*ends()["console"])
    settings: dict[str, Any] = {"address": console.PageAddress(port=port), "sources": ends(), "outbox": outbox}
    work = threading.Thread(
        target=console.serve,
        args=(load(STAGE), console.Files(STAGE, tmp_path, tmp_path / "library")),
        kwargs={**settings, "stop": stopping.is_set},
        daemon=True,
    )
    work.start()
    yield port, stopping
    stopping.set()
    work.join(10)
    outbox.close()


@pytest.fixture
def cv2() -> Any:
    return pytest.importorskip("cv2")


def middle(cv2: Any, png: bytes) -> np.ndarray:
    """What is between the panels, [H, W, 3] RGB."""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]
    height, width = picture.shape[:2]
    return picture[height // 8 :, int(width * 0.31) : int(width * 0.71)]


def coloured(browser: Any, cv2: Any) -> bool:
    """Textures come some time after the first frame, on a busy computer a long time."""
    for _ in range(8):
        since = browser.ask("performance.now()")
        browser.wait(f"performance.now() > {since + 5000}")
        near = np.abs(middle(cv2, browser.screenshot()).astype(int) - COLOUR).max(axis=2) < 16
        if near.mean() > 0.05:
            return True
    return False


def test_the_page_shows_the_stage_and_starts_a_take(
    stand_in: StandIn, served: tuple[int, threading.Event], cv2: Any
) -> None:
    port, stopping = served
    with chromium.Chromium(f"http://127.0.0.1:{port}/") as browser:
        browser.text_has("● live")
        browser.wait("!!document.querySelector('canvas')")
        assert coloured(browser, cv2), "the wall does not show the colour that was written into its picture"

        browser.ask(f"{SLATE}.focus()")
        browser.call("Input.insertText", text="sc7")
        browser.wait(f"{SLATE}.value === 'sc7'")
        browser.press("Start take")
        browser.text_has("● RECORDING")
        browser.text_has("as you say")
        assert [(type(command), command.slate) for command in stand_in.commands] == [(StartTake, "sc7")]

        stand_in.silent.set()
        browser.text_has("✕ SILENT")

        stopping.set()
        browser.wait("getComputedStyle(document.querySelector('.cyc-old')).visibility === 'visible'")


def test_the_tabs_show_what_is_set_and_their_buttons_reach_who_obeys(
    stand_in: StandIn, served: tuple[int, threading.Event]
) -> None:
    with chromium.Chromium(f"http://127.0.0.1:{served[0]}/") as browser:
        browser.text_has("● 1 of 1 live")
        browser.text_has("From sensor to light")
        browser.wait("document.querySelectorAll('.cyc-spark polyline').length === 1")
        browser.wait("document.querySelectorAll('.cyc-bar .cyc-hatch').length >= 3")

        browser.click("Camera")
        browser.press("Freeze")
        browser.text_has("❄ camA FROZEN")
        browser.press("Follow again")
        browser.wait("!document.body.innerText.includes('FROZEN')")

        browser.click("Services")
        browser.press("wall")
        browser.text_has("Restart wall?")
        browser.press("Yes, restart wall")
        browser.wait("!document.body.innerText.includes('Restart wall?')")
        said = [(type(message), message.subject, getattr(message, "on", None)) for message in stand_in.commands]
        assert said == [(Freeze, "camA", True), (Freeze, "camA", False), (RestartService, "wall", None)]

        browser.click("Takes")
        browser.text_has("no take yet")


def test_a_thumbnail_is_dragged_onto_the_stage_or_its_button_pressed_and_the_spine_is_asked(
    stand_in: StandIn, tmp_path: Path, served: tuple[int, threading.Event]
) -> None:
    first, second = shelved(tmp_path / "library", ("Street", "Desert"))
    tile, stage = "document.querySelectorAll('[data-world] img')[{}]", "document.querySelector('canvas')"
    with chromium.Chromium(f"http://127.0.0.1:{served[0]}/") as browser:
        browser.text_has("● live")
        browser.click("Worlds")
        browser.press("Read the library again")
        browser.text_has("2 of 2")
        browser.drag(tile.format(0), onto=stage)
        browser.wait("!!document.querySelector('.cyc-target')")
        browser.drop(stage)
        browser.text_has("as you say")
        browser.wait("!document.querySelector('.cyc-target')")
        browser.ask("document.querySelectorAll('[data-world] button')[1].focus()")
        browser.enter()
        browser.click("Back to the stage's own world")
        browser.wait("document.activeElement.innerText.includes('own world')")
        browser.drag(tile.format(1), onto="document.querySelector('[role=tab]')")
        browser.drop("document.querySelector('[role=tab]')")
        browser.press("Mark this moment")
        browser.text_has("marked")
    asked = [message.environment for message in stand_in.commands if isinstance(message, LoadEnvironment)]
    assert asked == [first, second, ""], "by mouse, by keyboard, back; and nothing where nothing is dropped"


def test_a_performer_is_shown_his_camera_only_on_request_and_suspending_asks_once_more(
    stand_in: StandIn, served: tuple[int, threading.Event]
) -> None:
    box = "[...document.querySelectorAll('label')].find(label => label.innerText.includes('what front-left sees'))"
    with chromium.Chromium(f"http://127.0.0.1:{served[0]}/") as browser:
        browser.text_has("● live")
        browser.click("Performers")
        browser.text_has("consent ● granted · captured")
        browser.text_has("head ● 100%")
        pictures = browser.ask("document.querySelectorAll('img').length")
        browser.ask(f"{box}.click()")
        browser.wait(f"document.querySelectorAll('img').length > {pictures}")
        browser.press("Suspend")
        browser.text_has("Suspend ana? Capture stops within a second")
        browser.press("Yes, suspend ana")
        browser.text_has("knows no ledger of consents")
    (asked,) = stand_in.commands
    assert isinstance(asked, ShowOverlay) and (asked.subject, asked.on) == ("front-left", True)
