"""All of it against a server written from the documents: what it is told; when it errs, is slow, dies, is back."""

import ast
import json
import select
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest

from bridge.__main__ import main
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.bus.waiter import Waiter
from bridge.clock import FakeClock, system_clock
from bridge.messages import (
    Alarm,
    CameraPose,
    CameraSettings,
    Flash,
    LensState,
    Message,
    PresetValues,
    SceneSettings,
    TakeStarted,
    TakeStopped,
    UnrealState,
)
from bridge.service import Desk
from bridge.services import SPEAKING, own_endpoints
from bridge.stage import Unreal
from bridge.stage_file import StageFault, load, parse
from bridge.stage_text import toml_of
from bridge.unreal import service, standin
from bridge.unreal.event_line import EventLine
from bridge.unreal.http_line import HttpLine
from bridge.unreal.standin import CONFIG, StandIn
from bridge.unreal.wishes import multiplier
from bridge.wire.remote_control import info

ROOT = Path(__file__).parents[2]
SMALL = load(ROOT / "stage_configs" / "small_wall.toml")
ACTOR = "/Game/Stage.Stage:PersistentLevel.nDisplay_1"
COMPONENT = f"{ACTOR}.camA"
ENVIRONMENTS = {"desert": "/Game/Maps/Desert", "moon": "/Game/Maps/Moon"}
Kind = TypeVar("Kind", bound=Message)


def unreal_of(server: StandIn, **more: Any) -> Unreal:
    named: dict[str, Any] = {
        "http_port": server.http_port,
        "websocket_port": server.websocket_port,
        "presets": ("Cyclorama",),
        "icvfx_cameras": {"camA": COMPONENT},
        "environments": ENVIRONMENTS,
    }
    return Unreal(**{**named, **more})


class Stand:
    """A server, a liaison with real lines, and a clock turned a little at each turn."""

    def __init__(self, server: StandIn, unreal: Unreal) -> None:
        self.server, self.clock = server, FakeClock(10**12)
        self.said: list[Message] = []
        self.lines: list[str] = []
        self.http = HttpLine(unreal.host, unreal.http_port, unreal.timeout_s)
        self.events = EventLine(service.websocket_url(unreal), unreal.presets, unreal.timeout_s)
        desk = Desk("unreal", self.clock, self.lines.append)
        self.desk = desk
        self.liaison = service.Liaison(SMALL, unreal, (self.http, self.events), desk)

    def hear(self, *messages: Message) -> None:
        for message in messages:
            self.said += self.liaison.hear(message, self.clock())

    def turn(self, seconds: float = 0.02) -> None:
        now_ns = self.clock.advance(seconds)
        self.said += self.liaison.tick(now_ns)
        readable = [*self.http.sockets(), *self.events.sockets()]
        select.select(readable, [], [], 0.02)
        for result in self.http.take():
            self.said += self.liaison.result(result, now_ns)
        for frame in self.events.take():
            self.said += self.liaison.frame(frame, now_ns)

    def until(self, happened: Callable[[], object], seconds: float = 0.02) -> None:
        for _ in range(600):
            if happened():
                return
            self.turn(seconds)
        raise AssertionError((self.last(UnrealState), self.server.world.log[-5:], self.lines))

    def settle(self) -> None:
        """Until all is told."""
        self.until(lambda: self.liaison.connection.up and not self.liaison.connection.waiting)

    def last(self, kind: type[Kind]) -> Kind | None:
        return next((said for said in reversed(self.said) if isinstance(said, kind)), None)

    @property
    def state(self) -> UnrealState:
        said = self.last(UnrealState)
        assert said
        return said

    @property
    def camera(self) -> dict[str, Any]:
        return self.server.world.objects[COMPONENT]["CameraSettings"]

    @property
    def preset(self) -> dict[str, Any]:
        return self.server.world.presets["Cyclorama"]

    def close(self) -> None:
        self.http.close()
        self.events.close()


@pytest.fixture
def server() -> Iterator[StandIn]:
    server = StandIn()
    yield server
    server.die()


Make = Callable[..., Stand]


@pytest.fixture
def make(server: StandIn) -> Iterator[Make]:
    made: list[Stand] = []

    def build(**more: Any) -> Stand:
        made.append(Stand(server, unreal_of(server, **more)))
        return made[-1]

    yield build
    for stand in made:
        stand.close()


def scene(**fields: Any) -> SceneSettings:
    return SceneSettings(subject="scene", t_ns=0, **fields)


def camera(**fields: Any) -> CameraSettings:
    return CameraSettings(subject="camA", t_ns=0, **fields)


def started(take: str, slate: str = "12A") -> TakeStarted:
    return TakeStarted(subject=take, t_ns=0, slate=slate)


# --- what it is told --------------------------------------------------------------------------------------------------


def test_unreal_is_set_as_the_stage_is_set(make: Make) -> None:
    stand = make()
    stand.hear(camera(frustum=False), scene(exposure_ev=1.5, hour_unit=18.25, environment="desert"))
    stand.settle()
    world = stand.server.world
    assert stand.camera["bEnable"] is False
    assert (stand.preset["CycloramaExposure"], stand.preset["CycloramaTimeOfDay"]) == (1.5, 18.25)
    assert world.level == "/Game/Maps/Desert"
    stand.until(lambda: stand.state.state == "connected")
    assert (stand.state.presets, stand.state.fault, stand.state.failed) == (("Cyclorama",), "", 0)
    asked = len(world.log)
    stand.hear(camera(frustum=False), scene(exposure_ev=1.5, hour_unit=18.25, environment="desert"))
    stand.turn()
    assert len(world.log) == asked  # what is said again each second is not asked again
    stand.hear(camera())
    stand.settle()
    assert stand.camera["bEnable"] is True
    assert len(world.log) == asked + 1


def test_a_take_is_recorded_under_our_slate_and_number(make: Make) -> None:
    stand = make()
    stand.hear(started("12A_T007"))
    stand.settle()
    assert stand.server.world.recording
    stand.hear(TakeStopped(subject="12A_T007", t_ns=0))
    stand.settle()
    assert not stand.server.world.recording
    assert stand.server.world.takes == [{"slate": "12A", "number": 7, "description": "12A_T007"}]
    assert stand.last(Alarm) is None


def test_the_take_recorder_is_left_alone_where_the_stage_file_says_so(make: Make) -> None:
    stand = make(take_recorder=False)
    stand.hear(started("T1"), TakeStopped(subject="T1", t_ns=0))
    stand.settle()
    assert not [body for _, path, body in stand.server.world.log if path == "/remote/object/call"]


def test_exposure_goes_to_ndisplays_own_stage_settings_where_no_preset_takes_it(make: Make) -> None:
    stand = make(presets=(), stage_actor=ACTOR)
    stand.hear(scene(exposure_ev=-0.5))
    stand.settle()
    grading = stand.server.world.objects[CONFIG]["StageSettings"]["EntireClusterColorGrading"]
    told = {"AutoExposureBias": -0.5, "bOverride_AutoExposureBias": True}
    assert grading == {"bEnableEntireClusterColorGrading": True, "ColorGradingSettings": told}


def test_what_cannot_be_told_is_said_with_what_would_help(make: Make) -> None:
    stand = make(presets=("Other",))
    stand.settle()
    stand.until(lambda: "no preset Other in this project: it has Cyclorama" in stand.state.fault)
    stand = make(presets=())
    stand.hear(scene(hour_unit=6.0))
    stand.until(lambda: "expose CycloramaTimeOfDay in a preset" in getattr(stand.last(UnrealState), "fault", ""))
    stand.hear(scene(exposure_ev=1.0))
    stand.until(lambda: "expose CycloramaExposure, or name unreal.stage_actor" in stand.state.fault)
    stand.hear(scene(environment="mars"))
    stand.until(lambda: stand.state.fault == "environment mars: unreal.environments has desert, moon")
    stand.hear(scene(environment="moon"))
    stand.until(lambda: "did not load /Game/Maps/Moon" in stand.state.fault)
    stand.hear(scene())  # nothing is wanted any more, so nothing is wrong and nothing is tried again
    stand.until(lambda: (stand.state.fault, stand.liaison.connection.waiting) == ("", 0))
    stand.hear(scene(environment="desert"))
    stand.until(lambda: stand.server.world.level == "/Game/Maps/Desert" and stand.state.fault == "")


def test_what_unreal_keeps_when_nothing_is_wanted_any_more_is_said(make: Make) -> None:
    stand = make()
    stand.hear(scene(hour_unit=6.0, environment="desert"))
    stand.settle()
    stand.hear(scene(environment="desert"))
    stand.until(lambda: stand.state.fault == "Unreal keeps the last time of day, its own is not known: set it there")
    stand.hear(scene(hour_unit=7.0))
    stand.until(lambda: "Unreal keeps the last environment: name the stage's own" in stand.state.fault)
    stand.hear(scene(hour_unit=7.0, environment="desert"))
    stand.until(lambda: stand.state.fault == "")


def test_an_environment_without_a_level_is_told_to_a_preset_by_name(make: Make) -> None:
    stand = make(environments={"dusk": "", "desert": "/Game/Maps/Desert"})
    stand.preset["CycloramaEnvironment"] = ""
    stand.hear(scene(environment="dusk"))
    stand.settle()
    assert (stand.preset["CycloramaEnvironment"], stand.server.world.level) == ("dusk", "/Game/Maps/Empty")


def test_a_flash_reaches_the_function_that_a_preset_exposes(make: Make) -> None:
    stand = make()
    stand.settle()
    stand.hear(Flash(subject="all", t_ns=0, duration_s=0.08))
    stand.settle()
    assert stand.server.world.flashes == [{"Level": 1.0, "Seconds": 0.08}]


def test_margins_follow_the_lens_but_not_each_millimetre(make: Make) -> None:
    stand = make(margins=True)

    def pose(focal_length_mm: float) -> CameraPose:
        lens = LensState(focal_length_mm=focal_length_mm)
        at = (0.0, 0.0, 0.0)
        return CameraPose(
            subject="camA", t_ns=0, sequence=0, position_m=at, measured_position_m=at, lens=lens,
            sensor_mm=(24.0, 13.5), t_arrival_ns=0, t_display_ns=0,
        )  # fmt: skip

    for focal_length_mm in (50.0, 50.1, 50.2):
        stand.hear(pose(focal_length_mm))
    stand.settle()
    # 24 mm behind 50 mm see 26.9915 degrees; two more on both sides are 30.9915
    assert stand.camera["CustomFrustum"] == {"bEnable": True, "FieldOfViewMultiplier": pytest.approx(1.1482, abs=5e-4)}
    assert multiplier(12.0, 24.0, 9.0) == pytest.approx(108 / 90)
    assert len([path for _, path, _ in stand.server.world.log if path == "/remote/object/property"]) == 2


def test_batch_is_off_unless_it_is_asked_for(make: Make) -> None:
    for batched in (False, True):
        stand = make(batch=batched)
        stand.server.world.log.clear()
        stand.hear(camera(frustum=False), scene(exposure_ev=2.0, hour_unit=3.0))
        stand.settle()
        assert ("/remote/batch" in [path for _, path, _ in stand.server.world.log]) == batched
        assert (stand.camera["bEnable"], stand.preset["CycloramaExposure"]) == (False, 2.0)


# --- what Unreal says -------------------------------------------------------------------------------------------------


def test_what_an_artist_changes_is_said_on_the_bus(make: Make) -> None:
    stand = make()
    stand.until(lambda: stand.server.followers)
    stand.until(lambda: any(stand.server.followers.values()))
    stand.server.change("Cyclorama", "CycloramaExposure", 0.75)
    stand.server.change("Cyclorama", "Sun Rotation", {"Pitch": -3.0}, binary=True)
    changed = {"CycloramaExposure": "0.75", "Sun Rotation": '{"Pitch": -3.0}'}
    known = {**changed, "CycloramaTimeOfDay": "12.0"}  # the last as it was when we came: asked for on another line
    stand.until(lambda: getattr(stand.last(PresetValues), "values", {}) == known)
    said = stand.last(PresetValues)
    assert said and (said.subject, said.preset) == ("Cyclorama", "Cyclorama")


def test_many_values_are_bounded_and_nonsense_is_counted_and_passed_over(make: Make) -> None:
    stand = make()
    stand.until(lambda: any(stand.server.followers.values()))
    fields = [{"PropertyLabel": f"L{number}", "PropertyValue": "x" * 999} for number in range(200)]
    stand.server.tell("Cyclorama", "{nonsense")
    stand.server.tell("Cyclorama", {"Type": 7})
    event = {"Type": "PresetFieldsChanged", "PresetName": "Cyclorama", "ChangedFields": fields}
    stand.server.tell("Cyclorama", {**event, "PresetName": "A stranger"})
    stand.server.tell("Cyclorama", event)
    stand.until(lambda: "L199" in getattr(stand.last(PresetValues), "values", {}))
    said = stand.last(PresetValues)
    assert said and list(said.values) == [f"L{number}" for number in range(136, 200)]
    assert {len(value) for value in said.values.values()} == {200}
    assert sum(count for key, count in stand.desk.log.counts.items() if "remote control events" in key) == 2
    assert stand.liaison.connection.up


def test_an_event_too_large_to_take_costs_the_line_and_not_more(make: Make) -> None:
    stand = make()
    stand.until(lambda: any(stand.server.followers.values()))
    before = set(stand.server.followers)
    field = {"PropertyLabel": "L", "PropertyValue": "x" * 2_000_000}
    stand.server.tell("Cyclorama", {"Type": "PresetFieldsChanged", "PresetName": "Cyclorama", "ChangedFields": [field]})
    stand.until(lambda: "message too big" in stand.state.fault)
    stand.until(lambda: any(presets for held, presets in stand.server.followers.items() if held not in before), 0.1)
    stand.until(lambda: (stand.state.state, stand.state.fault) == ("connected", ""))


def test_a_label_that_comes_later_is_used(make: Make) -> None:
    stand = make()
    del stand.preset["CycloramaExposure"]
    stand.hear(scene(exposure_ev=2.0))
    stand.until(lambda: any(stand.server.followers.values()))
    stand.until(lambda: "expose CycloramaExposure" in stand.state.fault)
    stand.preset["CycloramaExposure"] = 0.0
    stand.server.tell("Cyclorama", {"Type": "PresetFieldsAdded", "PresetName": "Cyclorama", "Description": {}})
    stand.until(lambda: stand.preset["CycloramaExposure"] == 2.0)
    stand.until(lambda: stand.state.fault == "")


# --- when it errs, is slow, dies --------------------------------------------------------------------------------------


def test_errors_are_shown_and_tried_again(make: Make) -> None:
    stand = make()
    stand.settle()
    stand.server.fail_with = (400, {"errorMessage": "the editor is saving"})
    stand.hear(scene(exposure_ev=2.0))
    stand.until(lambda: stand.state.fault == "the exposure +2 EV: the editor is saving")
    assert stand.state.state == "connected"
    stand.server.fail_with = None
    stand.until(lambda: stand.preset["CycloramaExposure"] == 2.0, 0.1)
    stand.until(lambda: stand.state.fault == "")


def test_a_slow_server_holds_up_nobody_and_gets_the_newest_when_it_wakes(make: Make) -> None:
    stand = make()
    stand.settle()
    stand.server.flowing.clear()  # from here on it takes requests and answers none
    for step in range(100):
        stand.hear(scene(exposure_ev=float(step)))
    stand.until(lambda: stand.state.state == "slow", 0.1)
    stand.until(lambda: stand.state.state == "silent" and "no answer within 2 s" in stand.state.fault, 0.1)
    stand.hear(scene(exposure_ev=7.0))
    stand.server.flowing.set()
    stand.until(lambda: stand.preset["CycloramaExposure"] == 7.0, 0.1)
    stand.until(lambda: stand.state.state == "connected")
    told = [body for verb, path, body in stand.server.world.log if verb == "PUT" and path.endswith("Exposure")]
    assert len(told) <= 3


@pytest.mark.slow
def test_when_unreal_comes_back_it_is_told_all_settings_but_no_old_take(make: Make) -> None:
    stand = make()
    stand.hear(camera(frustum=False), scene(exposure_ev=1.0, environment="desert"))
    stand.settle()
    stand.server.die()
    stand.hear(scene(exposure_ev=2.0, environment="desert"))
    stand.until(lambda: stand.state.state == "silent")
    stand.hear(started("T1"))
    stand.until(lambda: stand.last(Alarm), 0.1)
    alarm = stand.last(Alarm)
    assert alarm and "Unreal was not told of take T1: " in alarm.text
    world = stand.server.world  # what an artist's new session is like
    world.level, stand.camera["bEnable"], stand.preset["CycloramaExposure"] = "/Game/Maps/Empty", True, 0.0
    stand.server.rise()
    stand.until(lambda: stand.liaison.connection.up, 0.2)
    stand.settle()
    assert (world.level, stand.camera["bEnable"]) == ("/Game/Maps/Desert", False)
    assert stand.preset["CycloramaExposure"] == 2.0
    assert world.takes == []
    stand.until(lambda: any(stand.server.followers.values()), 0.2)
    stand.until(lambda: stand.state.fault == "" and stand.state.state == "connected")


@pytest.mark.parametrize("presets", [(), ("Cyclorama",)])
def test_a_death_is_noticed_though_nothing_is_asked(make: Make, presets: tuple[str, ...]) -> None:
    stand = make(presets=presets)
    stand.settle()
    stand.until(lambda: stand.state.state == "connected")
    stand.server.die()
    stand.until(lambda: stand.state.state == "silent" and stand.state.fault, 0.1)
    assert "Connection refused" in stand.state.fault or "refused" in stand.state.fault.lower()


def test_a_connection_that_was_kept_too_long_costs_nothing(make: Make) -> None:
    stand = make()
    stand.settle()
    stand.server.hang_up = 1
    stand.hear(scene(exposure_ev=4.0))
    stand.settle()
    assert (stand.preset["CycloramaExposure"], stand.liaison.connection.failed) == (4.0, 0)


def test_a_take_start_that_met_a_hang_up_is_begun_once(make: Make) -> None:
    stand = make()
    stand.settle()
    stand.server.hang_up = 2  # so that the retry of the kept connection fails too
    stand.hear(started("T1"))
    stand.until(lambda: stand.liaison.connection.failed, 0.05)
    stand.until(lambda: stand.server.world.recording, 0.1)
    stand.settle()
    assert len(stand.server.world.takes) == 1
    assert stand.last(Alarm) is None


@pytest.mark.parametrize("raw", [b"<html>a printer", b"{}", b'{"HttpRoutes": 3}', b"\xff\xfe\xfd"])
def test_a_server_that_is_something_else_is_said(make: Make, raw: bytes) -> None:
    stand = make()
    stand.server.raw = raw
    stand.until(lambda: stand.last(UnrealState) and stand.state.fault)
    stand.turn()
    assert stand.state.state == "connecting"
    assert "line 1" in stand.state.fault or "Remote Control" in stand.state.fault or "UTF" in stand.state.fault


def test_a_port_that_speaks_no_http_is_said(server: StandIn) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def babble() -> None:
            connection, _ = listening.accept()
            connection.recv(4096)
            connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n" * 3)
            connection.close()

        threading.Thread(target=babble, daemon=True).start()
        stand = Stand(server, unreal_of(server, http_port=listening.getsockname()[1]))
        stand.until(lambda: stand.last(UnrealState) and stand.state.fault)
        stand.close()
    assert "does not speak HTTP as it should" in stand.state.fault


def test_without_events_the_rest_goes_on_and_says_so(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        closed = probe.getsockname()[1]
    stand = make(websocket_port=closed)
    stand.hear(scene(exposure_ev=3.0))
    stand.settle()
    stand.until(lambda: "no preset events: ws://127.0.0.1:" in stand.state.fault)
    assert (stand.state.state, stand.preset["CycloramaExposure"]) == ("connected", 3.0)


# --- on the bus -------------------------------------------------------------------------------------------------------


def test_the_service_on_a_real_bus(server: StandIn) -> None:
    stage = msgspec.structs.replace(SMALL, name="unreal_test", unreal=unreal_of(server))
    sources = {name: own_endpoints(stage, name) for name in SPEAKING}
    spine, recorder = (Publisher(*sources[name], system_clock) for name in ("spine", "recorder"))
    heard, ending = Mailbox([sources["unreal"][0]], ["UnrealState", "ServiceHealth"]), threading.Event()
    outbox = Publisher(*sources["unreal"], system_clock)
    serving = threading.Thread(
        target=service.serve,
        args=(stage,),
        kwargs={"sources": sources, "outbox": outbox, "stop": ending.is_set, "say": lambda _line: None},
    )
    serving.start()
    try:
        states = collect(heard, lambda state: state.state == "connected")
        assert states
        recorder.send(started("12A_T002"))
        spine.send(scene(exposure_ev=0.25))
        done = collect(
            heard, lambda _: server.world.recording and server.world.presets["Cyclorama"]["CycloramaExposure"]
        )
        assert done and done.fault == ""
        assert server.world.takes[0]["slate"] == "12A"
    finally:
        ending.set()
        serving.join(5)
        for part in (spine, recorder, heard):
            part.close()
    assert not serving.is_alive()


def collect(heard: Mailbox, wanted: Callable[[UnrealState], object]) -> UnrealState | None:
    for _ in range(100):
        for said in heard.take(0.1):
            if isinstance(said, UnrealState) and wanted(said):
                return said
    return None


def test_a_stage_without_the_table_is_told_so() -> None:
    with pytest.raises(ValueError, match=r"has no \[unreal\] table"):
        service.serve(SMALL, sources={}, outbox=None, stop=lambda: True)  # pyright: ignore[reportArgumentType]


# --- the door, the stage file, the stand-in ---------------------------------------------------------------------------


def cyc(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(["unreal", *words])
    shown = capsys.readouterr()
    return code, shown.out + shown.err


@pytest.mark.parametrize("way", ["http", "websocket"])
def test_the_door_over_both(server: StandIn, capsys: pytest.CaptureFixture[str], way: str) -> None:
    port = server.http_port if way == "http" else server.websocket_port
    where = ["--url", f"127.0.0.1:{port}", *(["--websocket"] if way == "websocket" else [])]
    code, shown = cyc(capsys, "presets", "--json", *where)
    (preset,) = json.loads(shown)["presets"]
    assert (code, preset["functions"]) == (0, ["CycloramaFlash"])
    assert cyc(capsys, "set", "Cyclorama", "Sun Rotation", '{"Pitch": -5}', *where)[0] == 0
    assert cyc(capsys, "get", "Cyclorama", "Sun Rotation", *where) == (0, '{"Pitch": -5}\n')
    assert cyc(capsys, "call", "Cyclorama", "CycloramaFlash", "Level=0.5", *where)[0] == 0
    assert server.world.flashes == [{"Level": 0.5}]
    assert cyc(capsys, "take", "start", "--slate", "9B", "--take", "9B_T004", *where) == (0, "recording 9B\n")
    assert cyc(capsys, "take", "stop", *where) == (0, "stopped\n")
    assert server.world.takes == [{"slate": "9B", "number": 4, "description": "9B_T004"}]
    assert "/Game/Maps/Desert is loaded\n" in cyc(capsys, "level", "/Game/Maps/Desert", *where)[1]
    assert "/Game/Maps/Desert is open already\n" in cyc(capsys, "level", "/Game/Maps/Desert", *where)[1]
    assert "/remote/batch" in cyc(capsys, "info", *where)[1]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["get", "Nope", "X"], "Unreal says: Preset Nope could not be found."),
        (["level", "/Game/Maps/Moon"], "Unreal did not load /Game/Maps/Moon: is there such a level?"),
        (["level", "Moon"], "Moon: expected a path, /Game/Maps/Desert, or one of unreal.environments (none)"),
        (["call", "Cyclorama", "CycloramaFlash", "Level"], "Level: expected NAME=VALUE"),
        (["set", "Cyclorama", "Sun Rotation", "7"], "Unreal says: Unable to deserialize the value of Sun Rotation."),
    ],
)
def test_the_door_refuses_in_a_sentence(
    server: StandIn, capsys: pytest.CaptureFixture[str], words: list[str], text: str
) -> None:
    code, shown = cyc(capsys, *words, "--url", f"127.0.0.1:{server.http_port}")
    assert (code, " ".join(shown.splitlines()[-1].split())) == (1, text)


def test_the_door_says_how_to_start_a_server_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    for words in (["info"], ["presets", "--websocket"]):
        code, shown = cyc(capsys, *words, "--url", f"127.0.0.1:{port}")
        assert code == 1
        assert "Start it in Unreal: enable the plugin Remote Control API, then type WebControl.StartServer" in shown
    assert "expected HOST:PORT" in cyc(capsys, "info", "--url", "nowhere")[1]
    small = str(ROOT / "stage_configs" / "small_wall.toml")
    assert "has no [unreal] table" in cyc(capsys, "info", small)[1]


def test_the_stage_file_says_what_is_wrong_with_its_table() -> None:
    text = (ROOT / "stage_configs" / "small_wall.toml").read_text()
    bad = (
        '[unreal]\nstage_actor = "nDisplay"\nicvfx_cameras = { camX = "/G/M" }\nenvironments = { d = "Desert.umap" }\n'
    )
    with pytest.raises(StageFault) as fault:
        parse(f"{text}\n{bad}", ROOT / "stage_configs" / "x.toml")
    assert fault.value.faults == (
        "unreal.icvfx_cameras.camX: expected one of the cameras (camA), got 'camX'",
        "unreal.stage_actor: expected an Unreal path, /Game/Maps/Desert, got 'nDisplay'",
        "unreal.environments.d: expected an Unreal path, /Game/Maps/Desert, got 'Desert.umap'",
    )


def test_the_table_survives_being_written_as_text(server: StandIn) -> None:
    stage = msgspec.structs.replace(SMALL, unreal=unreal_of(server, environments={"": "/Game/Home", "a b": "/Game/É"}))
    assert parse(toml_of(stage)) == stage


def test_the_stand_in_shares_nothing_with_our_codec() -> None:
    tree = ast.parse(Path(standin.__file__).read_text())
    imported = {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not [name for name in imported if name.startswith("bridge")]


def test_a_host_that_cannot_even_be_looked_up_is_answered_for_by_both_lines() -> None:
    http, events = HttpLine("stage..lan", 30010, 0.5), EventLine("ws://stage..lan:30020", (), 0.5)
    try:
        http.send(7, info(), 0.5)
        events.open()
        for line in (http, events):
            Waiter(line.sockets()).wait(20.0)
        (result,), (frame,) = http.take(), events.take()
    finally:
        http.close()
        events.close()
    assert (result.number, result.answer) == (7, None)
    assert "is no address that can be looked up" in result.why
    assert frame.what == "ended"
    assert events.idle, "it may be tried again"
