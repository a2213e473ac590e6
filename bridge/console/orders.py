"""What a press asks of the other services: one command each, addressed to who obeys it."""

from bridge.console.view import View
from bridge.messages import (
    CameraSettings,
    Freeze,
    JamTimecode,
    LoadEnvironment,
    Message,
    RestartService,
    SetDelay,
    SetExposure,
    SetFrustum,
    SetSmoothing,
    SetTimeOfDay,
    ShowOverlay,
    StartTake,
    StopTake,
    ZeroTracking,
)
from bridge.operating import EXPOSURE_EV

_OBEYS: dict[type[Message], str] = {
    StartTake: "recorder",
    StopTake: "recorder",
    RestartService: "supervisor",
    JamTimecode: "timecode",
    ShowOverlay: "capture",
}


def addressee(message: Message) -> str:
    """The service that obeys; the spine unless another one does."""
    return _OBEYS.get(type(message), "spine")


def order(view: View, button: str, text: str, now_ns: int) -> Message | None:
    """The command of a press; None for a button that commands nobody. ValueError says what was wrong with the text."""
    match button:
        case "start":
            return StartTake(subject="recorder", t_ns=now_ns, slate=text.strip())
        case "stop":
            return StopTake(subject="recorder", t_ns=now_ns)
        case "restart yes":
            return RestartService(subject=text, t_ns=now_ns)
        case "jam":
            return JamTimecode(subject=text, t_ns=now_ns)
        case "follow":
            return JamTimecode(subject=text, t_ns=now_ns, on=False)
        case "exposure":
            return SetExposure(
                subject="scene", t_ns=now_ns, exposure_ev=_number(text, -EXPOSURE_EV, EXPOSURE_EV, "stops")
            )
        case "hour":
            return SetTimeOfDay(subject="scene", t_ns=now_ns, hour_unit=_number(text, 0.0, 24.0, "hours"))
        case "own hour":
            return SetTimeOfDay(subject="scene", t_ns=now_ns, hour_unit=None)
        case "overlay":
            camera, _, on = text.partition(":")
            return ShowOverlay(subject=camera, t_ns=now_ns, on=on == "on")
        case "environment":
            return LoadEnvironment(subject="scene", t_ns=now_ns, environment=text.strip())
        case _:
            return _of_camera(view, button, text, now_ns)


def _of_camera(view: View, button: str, text: str, now_ns: int) -> Message | None:
    """`text` is the camera; for a delay `camera:frames`. Switches turn over what the spine last said."""
    camera, _, value = text.partition(":")
    seen = view.settings.get(camera)
    said = seen.said if seen else CameraSettings(subject=camera, t_ns=0)
    match button:
        case "freeze":
            return Freeze(subject=camera, t_ns=now_ns, on=not said.frozen)
        case "frustum":
            return SetFrustum(subject=camera, t_ns=now_ns, on=not said.frustum)
        case "zero":
            return ZeroTracking(subject=camera, t_ns=now_ns, on=not said.zeroed)
        case "smoothing":
            return SetSmoothing(subject=camera, t_ns=now_ns, on=not said.smoothing)
        case "delay":
            return SetDelay(subject=camera, t_ns=now_ns, delay_frames=_number(value, 0.0, 100.0, "frames"))
        case _:
            return None


def _number(text: str, least: float, most: float, unit: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise ValueError(f"expected {least:g} to {most:g} {unit}, got {text!r}")
    return value
