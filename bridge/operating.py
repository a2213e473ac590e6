"""What an operator has set by hand: each camera's frustum, freeze, delay and zero, and what the walls show.

`step` judges a command and keeps its value; what a value does to a stream is done by who holds the stream. Nothing here
outlives the process: a spine that was started again says the stage file's own settings.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from bridge.clock import NS_PER_S
from bridge.commands import (
    Freeze,
    LoadEnvironment,
    SetDelay,
    SetExposure,
    SetFrustum,
    SetSmoothing,
    SetTimeOfDay,
    ZeroTracking,
)
from bridge.frames import Vector
from bridge.messages import CameraPose, CameraSettings, Message, SceneSettings

SCENE = "scene"
OF_CAMERA = (SetFrustum, Freeze, SetDelay, ZeroTracking, SetSmoothing)
OF_SCENE = (SetExposure, SetTimeOfDay, LoadEnvironment)
EXPOSURE_EV = 10.0
"""Stops either way: a thousandfold, beyond what any wall can show."""
IN_LIBRARY = re.compile("[0-9a-f]{8,64}")
"""An environment of the library, by its content hash or the beginning of it; who draws it says if there is none."""
BUILT_IN = ("sky", "test-set")
"""Worlds that our own previews draw; an engine may not know them."""


class Limits(NamedTuple):
    """What a stage allows."""

    longest_delay_frames: Mapping[str, float]
    """Camera -> how far back its poses are kept."""
    environments: tuple[str, ...] = BUILT_IN


class Operated(NamedTuple):
    """Everything as it is set now."""

    cameras: Mapping[str, CameraSettings]
    scene: SceneSettings


def start(cameras: Iterable[CameraSettings]) -> Operated:
    """As the stage file has it."""
    return Operated({camera.subject: camera for camera in cameras}, SceneSettings(subject=SCENE, t_ns=0))


def step(limits: Limits, state: Operated, command: Message) -> tuple[Operated, str]:
    """-> what is set now, and why it is not what was asked for, in one sentence; empty when it is."""
    if isinstance(command, OF_SCENE):
        scene = _of_scene(limits, state.scene, command)
        return (state, scene) if isinstance(scene, str) else (state._replace(scene=scene), "")
    if not isinstance(command, OF_CAMERA):
        known = ", ".join(kind.__name__ for kind in (*OF_CAMERA, *OF_SCENE))
        return state, f"the spine knows {known}; got {type(command).__name__}"
    before = state.cameras.get(command.subject)
    if before is None:
        return state, f"no camera {command.subject}; there are {', '.join(state.cameras)}"
    camera = _of_camera(limits, before, command)
    if isinstance(camera, str):
        return state, camera
    return state._replace(cameras={**state.cameras, command.subject: camera}), ""


def zeroed(state: Operated, camera: str, shift_m: Vector, pan_deg: float) -> Operated:
    """With what zeroing has found."""
    settings = replace(state.cameras[camera], zero_position_m=shift_m, zero_pan_deg=pan_deg)
    return state._replace(cameras={**state.cameras, camera: settings})


def said(state: Operated, now_ns: int) -> list[Message]:
    """All of it, as everybody hears it."""
    return [replace(one, t_ns=now_ns) for one in (*state.cameras.values(), state.scene)]


def frozen(pose: CameraPose, held: CameraPose) -> CameraPose:
    """The pose that is told in place of a newer one: where `held` was, measured where it is."""
    return replace(
        pose,
        position_m=held.position_m,
        rotation_wxyz=held.rotation_wxyz,
        lens=held.lens,
        measured_lens=pose.lens_measured,
        predicted=False,
        frozen=True,
    )


def with_encoders_of(pose: CameraPose, held: CameraPose) -> CameraPose:
    """For readers that take the lens from its encoders: those stand still too."""
    return replace(
        pose,
        zoom_raw_unit=held.zoom_raw_unit,
        focus_raw_unit=held.focus_raw_unit,
        iris_raw_unit=held.iris_raw_unit,
    )


def longest_delay_frames(rate_num: int, rate_den: int, kept_ns: int) -> float:
    """How many camera frames back poses are kept."""
    return kept_ns * rate_num / (rate_den * NS_PER_S)


def _of_camera(limits: Limits, before: CameraSettings, command: Message) -> CameraSettings | str:
    match command:
        case SetFrustum(on=on):
            return replace(before, frustum=on)
        case Freeze(on=on):
            return replace(before, frozen=on)
        case ZeroTracking(on=on):
            return replace(before, zeroed=on)
        case SetSmoothing(on=on):
            return replace(before, smoothing=on)
        case SetDelay(delay_frames=delay_frames):
            most = limits.longest_delay_frames[command.subject]
            if not 0.0 <= delay_frames <= most:  # a NaN is outside too
                return f"delay of {command.subject}: expected 0 to {most:g} camera frames, got {delay_frames:g}"
            return replace(before, delay_frames=delay_frames)
        case _:
            raise AssertionError(command)


def _of_scene(limits: Limits, before: SceneSettings, command: Message) -> SceneSettings | str:
    match command:
        case SetExposure(exposure_ev=exposure_ev):
            if not -EXPOSURE_EV <= exposure_ev <= EXPOSURE_EV:
                return f"exposure: expected -{EXPOSURE_EV:g} to {EXPOSURE_EV:g} stops, got {exposure_ev:g}"
            return replace(before, exposure_ev=exposure_ev)
        case SetTimeOfDay(hour_unit=hour_unit):
            if hour_unit is not None and not 0.0 <= hour_unit <= 24.0:
                return f"time of day: expected an hour from 0 to 24, got {hour_unit:g}"
            return replace(before, hour_unit=hour_unit)
        case LoadEnvironment(environment=name):
            if name and name not in limits.environments and not IN_LIBRARY.fullmatch(name):
                there = ", ".join(limits.environments)
                return f"no environment {name!r}; there are {there}, a hash of the library's, or '' for the stage's own"
            return replace(before, environment=name)
        case _:
            raise AssertionError(command)
