"""What the bus says of the stage, as errands to Unreal: only what changed, or all of it after a reconnect.

What a followed preset exposes under these labels goes there first; else nDisplay's own settings are used. What the
stage file does not name is never touched.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from bridge.messages import CameraPose, CameraSettings, Flash, Message, SceneSettings, TakeStarted, TakeStopped
from bridge.stage import Unreal
from bridge.unreal import recipes
from bridge.unreal.errand import Errand, one, several
from bridge.wire import remote_control as rc
from bridge.wire.remote_control import Preset

EXPOSURE, TIME_OF_DAY, ENVIRONMENT = "CycloramaExposure", "CycloramaTimeOfDay", "CycloramaEnvironment"
FLASH = "CycloramaFlash"
_STEP = 0.02
"""A margin is told again when it is off by so much: a zoom moves it all the time."""


class Wishes:
    """The newest settings, and where each one goes in this Unreal."""

    def __init__(self, unreal: Unreal, margins_deg: dict[str, float]) -> None:
        self.problems: dict[str, str] = {}
        """What cannot be told to Unreal, and what would help."""
        self.gone: list[str] = []
        """Keys that nothing is wanted of any more, since the last thing heard."""
        self._unreal, self._margins_deg = unreal, margins_deg
        self._presets: tuple[Preset, ...] = ()
        self._scene: SceneSettings | None = None
        self._cameras: dict[str, CameraSettings] = {}
        self._multipliers: dict[str, float] = {}
        self._said: dict[str, str] = {}
        self._told: set[str] = set()
        """Keys of what this Unreal has carried out, and keeps when nothing is wanted of them any more."""
        self._taking, self._loaded = False, ""

    def learn(self, presets: Sequence[Preset]) -> None:
        """What the followed presets expose, in the stage file's order; it may be a new Unreal."""
        self._told.clear()
        self._presets = tuple(presets)

    def done(self, key: str) -> None:
        """It was carried out."""
        self._told.add(key)
        if key == "environment" and self._scene:
            self._loaded = self._scene.environment

    def hear(self, message: Message) -> list[Errand]:
        """What that changes."""
        match message:
            case TakeStarted():
                self._taking = True
                return [recipes.take_start(message.subject, message.slate)]
            case TakeStopped():
                self._taking = False
                return [recipes.take_stop(message.subject)]
            case Flash():
                return self._flash(message)
            case SceneSettings():
                self._scene = message
            case CameraSettings():
                self._cameras[message.subject] = message
            case CameraPose():
                self._widen(message)
            case _:
                return []
        before = self._said
        changed = [errand for errand in self.all() if before.get(errand.key) != errand.said]
        self.gone = [key for key in before if key not in self._said]
        return changed

    def all(self) -> list[Errand]:
        """Everything as it is set now."""
        errands = list(self._all())
        self._said = {errand.key: errand.said for errand in errands}
        return errands

    def _all(self) -> Iterator[Errand]:
        self.problems.clear()
        for camera, component in self._unreal.icvfx_cameras.items():
            if camera in self._cameras:
                yield recipes.frustum(camera, component, self._cameras[camera].frustum)
            if camera in self._multipliers:
                yield recipes.margin(camera, component, self._multipliers[camera])
        if self._scene:
            yield from self._exposure(self._scene.exposure_ev)
            yield from self._hour(self._scene.hour_unit)
            yield from self._environment(self._scene.environment)

    def _exposure(self, exposure_ev: float) -> Iterator[Errand]:
        preset = self._exposing(lambda preset: EXPOSURE in preset.properties)
        if preset:
            yield one("exposure", f"the exposure {exposure_ev:+g} EV", rc.set_field(preset, EXPOSURE, exposure_ev))
        elif self._unreal.stage_actor:
            yield recipes.cluster_exposure(self._unreal.stage_actor, exposure_ev)
        elif exposure_ev:
            self.problems["exposure"] = f"nothing takes the exposure: expose {EXPOSURE}, or name unreal.stage_actor"

    def _hour(self, hour: float | None) -> Iterator[Errand]:
        preset = self._exposing(lambda preset: TIME_OF_DAY in preset.properties)
        if hour is None:
            if "time of day" in self._told:
                self.problems["time of day"] = "Unreal keeps the last time of day, its own is not known: set it there"
            return
        if preset:
            yield one("time of day", f"the time of day {hour:g} h", rc.set_field(preset, TIME_OF_DAY, hour))
        else:
            self.problems["time of day"] = f"nothing takes the time of day: expose {TIME_OF_DAY} in a preset"

    def _environment(self, name: str) -> Iterator[Errand]:
        preset = self._exposing(lambda preset: ENVIRONMENT in preset.properties)
        path = self._unreal.environments.get(name)
        in_editor = self._unreal.levels == "editor"  # which looks first whether the level is open already
        if path and not in_editor and self._taking and name == self._loaded:
            return  # a connection that broke and came back must not load the level anew in the middle of a take
        if path:
            load = recipes.level if in_editor else recipes.level_by_console
            yield load(name, path)
        elif path is not None and preset:
            yield one("environment", f"the environment {name}", rc.set_field(preset, ENVIRONMENT, name))
        elif path is not None:
            self.problems["environment"] = f"environment {name} has no level, and no preset exposes {ENVIRONMENT}"
        elif name:
            known = ", ".join(self._unreal.environments) or "none"
            self.problems["environment"] = f"environment {name}: unreal.environments has {known}"
        elif "environment" in self._told:
            home = '"" = "/Game/Maps/Home"'
            self.problems["environment"] = f"Unreal keeps the last environment: name the stage's own, {home}"

    def _flash(self, flash: Flash) -> list[Errand]:
        preset = self._exposing(lambda preset: FLASH in preset.functions)
        parameters = {"Level": flash.level_unit, "Seconds": flash.duration_s}
        return [one("flash", "a flash", rc.call_exposed(preset, FLASH, parameters), "moment")] if preset else []

    def _exposing(self, is_there: Callable[[Preset], bool]) -> str:
        return next((preset.name for preset in self._presets if is_there(preset)), "")

    def _widen(self, pose: CameraPose) -> None:
        margin_deg = self._margins_deg.get(pose.subject)
        if margin_deg is None or pose.subject not in self._unreal.icvfx_cameras:
            return
        wanted = multiplier(pose.lens.focal_length_mm, pose.sensor_mm[0], margin_deg)
        if abs(wanted - self._multipliers.get(pose.subject, 0.0)) >= _STEP:
            self._multipliers[pose.subject] = round(wanted, 3)


def looks_at(preset: Preset) -> list[Errand]:
    """What its properties are now."""
    asks = {label: rc.get_field(preset.name, label) for label in preset.properties}
    return [
        Errand(f"look {preset.name} {label}", label, several(ask), "look", ask, about=(preset.name, label))
        for label, ask in asks.items()
    ]


def multiplier(focal_length_mm: float, width_mm: float, margin_deg: float) -> float:
    """Of the horizontal field of view, so that it gains the margin on both sides."""
    view_deg = math.degrees(2 * math.atan(width_mm / 2 / focal_length_mm))
    return (view_deg + 2 * margin_deg) / view_deg


class Greeting(NamedTuple):
    """What a fresh connection asks first: whether Remote Control is there, and what the followed presets expose."""

    presets: tuple[str, ...]

    def plan(self, bodies: Sequence[object]) -> rc.Ask | None:
        """`info`, `presets`, then each followed preset that the project has."""
        if len(bodies) < 2:
            return rc.presets() if bodies else rc.info()
        rc.routes_of(bodies[0])
        names = self.present(bodies)
        return rc.preset(names[len(bodies) - 2]) if len(bodies) - 2 < len(names) else None

    def present(self, bodies: Sequence[object]) -> list[str]:
        """Followed presets that the project has."""
        there = [preset.name for preset in rc.presets_of(bodies[1])]
        return [name for name in self.presets if name in there]

    def exposed(self, bodies: Sequence[object]) -> list[Preset]:
        """What they expose."""
        return [rc.preset_of(body) for body in bodies[2:]]

    def missing(self, bodies: Sequence[object]) -> str:
        """A sentence where a followed preset is not there."""
        there = [preset.name for preset in rc.presets_of(bodies[1])]
        absent = [name for name in self.presets if name not in there]
        return f"no preset {', '.join(absent)} in this project: it has {', '.join(there) or 'none'}" if absent else ""
