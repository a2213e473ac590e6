"""What to ask of a stock Unreal for each thing a stage wants: nDisplay's cameras and stage, levels, the Take Recorder.

Names are those of Epic's class references for 4.27 to 5.7 and of Epic's own stage app (nested properties by path, the
configuration through `CurrentConfigData`). None of it has been tried in Unreal itself (docs/unreal.md).
"""

import re
from collections.abc import Sequence
from typing import Any

from bridge.unreal.errand import Errand, Plan, one, several
from bridge.wire import remote_control as rc
from bridge.wire.refusal import Refused
from bridge.wire.remote_control import Ask, object_returned, property_of, returned

TAKE_RECORDER = "/Script/TakeRecorder.Default__TakeRecorderBlueprintLibrary"
LEVELS = "/Script/LevelEditor.Default__LevelEditorSubsystem"
EDITOR = "/Script/UnrealEd.Default__UnrealEditorSubsystem"
CONSOLE = "/Script/Engine.Default__KismetSystemLibrary"
GRADING = "StageSettings.EntireClusterColorGrading"
LOAD_PATIENCE_S = 120.0
"""Unreal answers nobody while it loads a level."""
_NUMBER = re.compile(r"(\d{1,6})$")


def frustum(camera: str, component: str, on: bool) -> Errand:
    """The inner frustum of one ICVFX camera."""
    ask = rc.write(component, "CameraSettings.bEnable", on)
    return one(f"{camera} frustum", f"the inner frustum of {camera} {'on' if on else 'off'}", ask)


def margin(camera: str, component: str, multiplier: float) -> Errand:
    """How much wider than its view the inner frustum is drawn."""
    custom = "CameraSettings.CustomFrustum"
    asks = (
        rc.write(component, f"{custom}.FieldOfViewMultiplier", multiplier),
        rc.write(component, f"{custom}.bEnable", True),
    )
    return Errand(f"{camera} margin", f"the field of view of {camera} times {multiplier:g}", several(*asks))


def cluster_exposure(actor: str, exposure_ev: float) -> Errand:
    """Exposure of all that the cluster draws, in the nDisplay actor's stage settings."""
    bias = f"{GRADING}.ColorGradingSettings"

    def plan(bodies: Sequence[Any]) -> Ask | None:
        if not bodies:
            return rc.read(actor, "CurrentConfigData")
        config = property_of(bodies[0], "CurrentConfigData")
        if not isinstance(config, str) or not config.startswith("/"):
            raise Refused("field", f"{actor} has no CurrentConfigData: expected the path of an nDisplay root actor")
        asks = (
            rc.write(config, f"{bias}.AutoExposureBias", exposure_ev),
            rc.write(config, f"{bias}.bOverride_AutoExposureBias", True),
            rc.write(config, f"{GRADING}.bEnableEntireClusterColorGrading", True),
        )
        return asks[len(bodies) - 1] if len(bodies) <= len(asks) else None

    return Errand("exposure", f"the exposure {exposure_ev:+g} EV", plan)


def level(name: str, path: str) -> Errand:
    """Load a level in the editor, unless it is the one that is open: loading again would lose what was not saved."""

    def plan(bodies: Sequence[Any]) -> Ask | None:
        if not bodies:
            return rc.call(EDITOR, "GetEditorWorld")
        if len(bodies) == 1:
            is_open = object_returned(bodies[0]).partition(".")[0] == path.partition(".")[0]
            return None if is_open else rc.call(LEVELS, "LoadLevel", {"AssetPath": path})
        if returned(bodies[1]) is not True:
            raise Refused("field", f"Unreal did not load {path}: is there such a level?")
        return None

    return Errand("environment", f"the environment {name}", plan, patience_s=LOAD_PATIENCE_S)


def level_by_console(name: str, path: str) -> Errand:
    """The same in a running game (`-game`), which has no editor."""
    asked = rc.call(CONSOLE, "ExecuteConsoleCommand", {"Command": f"open {path}"})
    return Errand("environment", f"the environment {name}", several(asked), patience_s=LOAD_PATIENCE_S)


def take_start(take: str, slate: str) -> Errand:
    """Our slate, take number and name into the Take Recorder's panel, record, and look whether it does."""
    return Errand("take", f"take {take}", _start(take, slate), "start")


def take_stop(take: str) -> Errand:
    """End what Unreal records; harmless where it does not."""
    return Errand("take", f"the end of take {take}", several(rc.call(TAKE_RECORDER, "StopRecording")), "stop")


def _start(take: str, slate: str) -> Plan:
    number = _NUMBER.search(take)

    def plan(bodies: Sequence[Any]) -> Ask | None:
        if not bodies:
            return rc.call(TAKE_RECORDER, "OpenTakeRecorderPanel")
        panel = object_returned(bodies[0])
        if len(bodies) == 1:
            return rc.call(panel, "GetTakeMetaData")
        about = object_returned(bodies[1])
        asks = [
            rc.call(about, "SetSlate", {"InSlate": slate or take, "bEmitChanged": True}),
            rc.call(about, "SetTakeNumber", {"InTakeNumber": int(number[1]) if number else 1, "bEmitChanged": True}),
            rc.call(about, "SetDescription", {"InDescription": take}),
            rc.call(panel, "StartRecording"),
            rc.call(TAKE_RECORDER, "IsRecording"),
        ]
        if len(bodies) < 2 + len(asks):
            return asks[len(bodies) - 2]
        if returned(bodies[-1]) is not True:
            raise Refused("field", "Unreal does not record: look at its Take Recorder panel")
        return None

    return plan
