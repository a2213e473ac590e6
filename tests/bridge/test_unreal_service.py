"""All of it against a server written from the documents: what it is told, and what it says."""

import threading
from collections.abc import Callable

import msgspec
import pytest

from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.clock import system_clock
from bridge.messages import Alarm, CameraPose, Flash, LensState, PresetValues, TakeStopped, UnrealState
from bridge.services import SPEAKING, own_endpoints
from bridge.unreal import service
from bridge.unreal.standin import CONFIG, StandIn
from bridge.unreal.wishes import multiplier
from tests.bridge.unreal_stand import ACTOR, SMALL, Make, camera, make, scene, server, started, unreal_of

__all__ = ["make", "server"]


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
