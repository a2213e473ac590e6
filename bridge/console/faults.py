"""What is wrong now, worst first, each with what to do. It goes away by itself once it is mended."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bridge.clock import NS_PER_S
from bridge.console.markup import duration
from bridge.console.view import CameraView, Counted, ServiceView, SettingsView, View
from bridge.console.words import SILENT_NS, camera_age_s, camera_word, take_word
from bridge.messages import DisplayState, HostClock, TimecodeState, UnrealState

FROZEN_LONG_NS = 60 * NS_PER_S
LATELY_NS = 10 * NS_PER_S
CLOSED_NS = 60 * NS_PER_S
"""A preview that has been silent for so long was closed, as after showing patterns; *Services* still names it."""
HOST_ERROR_S = 0.005
"""Half a frame at 100 Hz: coarser than this, another host's times cannot be put beside ours."""
HOST_SKEW_UNIT = 200e-6
DRIFT_UNIT = 50e-6
_WORST_FIRST = ("fault", "warning", "notice")


class Attention(NamedTuple):
    """Something that is wrong now."""

    severity: str
    subject: str
    text: str


def attention(state: View, now_ns: int) -> list[Attention]:
    """Everything that is wrong now. A subject that has a fresh alarm is not named twice for the same stream."""
    alarmed = {seen.alarm.subject for seen in state.alarms if now_ns - seen.alarm.t_ns < 60 * NS_PER_S}
    found = [item for item in _told_elsewhere(state, now_ns) if item.subject not in alarmed]
    found += [*_settings(state, now_ns), *_timecodes(state, now_ns), *_around(state, now_ns)]
    if state.stage_changed:
        text = "its file has changed since this page read it: restart the services for the changes to count"
        found.append(Attention("warning", "stage", text))
    return worst_first(found)


def worst_first(found: Iterable[Attention]) -> list[Attention]:
    """Faults, then warnings, then notices."""
    return sorted(found, key=lambda item: _WORST_FIRST.index(item.severity))


def _told_elsewhere(state: View, now_ns: int) -> Iterator[Attention]:
    """Spine, supervisor and recorder raise alarms of their own for these."""
    for name, camera in state.cameras.items():
        yield from _camera(name, camera, now_ns)
    for name, service in state.services.items():
        yield from _service(name, service)
    yield from _take(state, now_ns)


def _camera(name: str, camera: CameraView, now_ns: int) -> Iterator[Attention]:
    match camera_word(camera, now_ns):
        case "LOST":
            age_s = camera_age_s(camera, now_ns)
            since = "" if age_s is None else f" for {age_s:.0f} s" if age_s < 100 else f" for {duration(age_s)}"
            yield Attention("fault", name, f"no packet{since}: check the tracker's power and its network cable")
        case "SILENT" | "no poses":
            yield Attention("fault", name, "no poses reach this page: see whether the spine is running")
        case "stale":
            yield Attention("warning", name, "packets come late or with gaps: check the tracker's network")
        case _:
            pass
    if camera.health is not None and camera.health.conflicting_sender:
        other, first = camera.health.conflicting_sender, camera.health.sender or "the first"
        yield Attention("warning", name, f"{other} uses its id too and is ignored, {first} keeps it: change one id")


def _service(name: str, service: ServiceView) -> Iterator[Attention]:
    if service.state is None or service.state.state not in ("dead", "backing-off"):
        return
    why = f": {service.state.reason}" if service.state.reason else ""
    what = "is down, it is started again by itself"
    if service.state.state == "backing-off":
        what = "keeps dying, it is tried again more slowly"
    yield Attention("fault", name, what + why)


def _take(state: View, now_ns: int) -> Iterator[Attention]:
    if state.take is not None and state.take.fault:
        yield Attention("fault", "recorder", state.take.fault)
    elif take_word(state, now_ns) == "RECORDER SILENT":
        yield Attention("fault", "recorder", "has said nothing for a while: do not count on this take")
    elif state.take is not None and state.take.recording and state.take.missed:
        yield Attention("warning", "recorder", f"{state.take.missed} messages are missing from this take")


# --- what operators set and forget --------------------------------------------------------------------------------


def _settings(state: View, now_ns: int) -> Iterator[Attention]:
    recording = state.take is not None and state.take.recording
    for name, settings in state.settings.items():
        yield from _camera_settings(name, settings, recording, now_ns)


def _camera_settings(name: str, settings: SettingsView, recording: bool, now_ns: int) -> Iterator[Attention]:
    long = now_ns - settings.frozen_since_ns > FROZEN_LONG_NS
    if settings.said.frozen and (recording or long):
        since = duration((now_ns - settings.frozen_since_ns) / NS_PER_S)
        what = f"frozen for {since}" + (" while a take runs" if recording else "")
        text = f"{what}: the wall does not follow the camera; press Follow again under Camera"
        yield Attention("fault" if recording else "warning", name, text)
    if not settings.said.frustum and recording:
        text = "its inner frustum is off while a take runs: switch it on under Camera if it should be in the picture"
        yield Attention("warning", name, text)


# --- time ---------------------------------------------------------------------------------------------------------


def _timecodes(state: View, now_ns: int) -> Iterator[Attention]:
    for name, seen in state.timecodes.items():
        yield from _timecode(name, seen, now_ns)
    for name, host in state.hosts.items():
        yield from _host(name, host, now_ns)


def _timecode(name: str, seen: Counted, now_ns: int) -> Iterator[Attention]:
    said = seen.said
    assert isinstance(said, TimecodeState)
    severity = "fault" if said.chosen else "warning"
    if now_ns - said.t_ns > SILENT_NS:
        yield Attention(severity, name, "the timecode service says nothing of it: see Services")
    elif said.state == "silent":
        poses = ", and poses are labelled by it" if said.chosen else ""
        yield Attention(severity, name, f"no timecode comes{poses}: check the generator, its cable and the input")
    elif said.state == "jammed" and said.chosen:
        text = "timecode runs on by our own clock: bring the generator back before it drifts a frame; if it was jammed "
        text += "by hand, press Follow it again under Sync"
        yield Attention("warning", name, text)
    elif said.speed_unit < 0:
        yield Attention("warning", name, "timecode runs backward: a deck in rewind, or swapped poles in the cable")
    if seen.rose_ns and now_ns - seen.rose_ns < LATELY_NS:
        yield Attention(severity, name, "timecode jumped: see that nobody re-jams or cues the generator")
    if said.disagrees_frames is not None and abs(said.disagrees_frames) >= 1.0:
        text = f"{said.disagrees_frames:+.1f} frames off the chosen timecode: jam one from the other"
        yield Attention("warning", name, text)
    elif said.drift_unit is not None and abs(said.drift_unit) > DRIFT_UNIT and said.state == "locked":
        text = f"drifts {said.drift_unit * 1e6:+.0f} ppm against this computer: lock the generator to house sync"
        yield Attention("notice", name, text)


def _host(name: str, host: HostClock, now_ns: int) -> Iterator[Attention]:
    if host.silent or now_ns - host.t_ns > SILENT_NS:
        yield Attention("warning", name, "its clock does not answer: check that host's network and its clock service")
    elif host.error_s > HOST_ERROR_S:
        text = f"its clock is known to {duration(host.error_s)} only: the network between us is slow or busy"
        yield Attention("warning", name, text)
    elif abs(host.skew_unit) > HOST_SKEW_UNIT:
        text = f"its clock runs {host.skew_unit * 1e6:+.0f} ppm apart from ours: have both follow one time server"
        yield Attention("warning", name, text)


# --- what hangs on the stage --------------------------------------------------------------------------------------


def _around(state: View, now_ns: int) -> Iterator[Attention]:
    for name, unreal in state.unreal.items():
        yield from _unreal(name, unreal, now_ns)
    for name, seen in state.displays.items():
        yield from _display(name, seen, now_ns)


def _unreal(name: str, said: UnrealState, now_ns: int) -> Iterator[Attention]:
    if now_ns - said.t_ns > SILENT_NS:
        yield Attention("warning", name, "our Remote Control client says nothing: see Services")
    elif said.state == "silent":
        text = f"Unreal does not answer at {said.address}: is it running, and its Remote Control web server started?"
        yield Attention("fault", name, text)
    elif said.fault:
        yield Attention("warning", name, f"Unreal refused: {said.fault}")
    elif said.state == "slow":
        yield Attention("warning", name, f"Unreal answers slowly ({duration(said.round_trip_s)}): is it compiling?")


def _display(name: str, seen: Counted, now_ns: int) -> Iterator[Attention]:
    said = seen.said
    assert isinstance(said, DisplayState)
    silent_ns = now_ns - said.t_ns
    if SILENT_NS < silent_ns < CLOSED_NS:
        yield Attention("warning", name, "this output says nothing any more: see whether its window is open")
    elif silent_ns <= SILENT_NS and seen.rose_ns and now_ns - seen.rose_ns < LATELY_NS:
        yield Attention("warning", name, f"shows pictures late, {said.missed} refreshes missed: close what else draws")
