"""What is wrong with a source of timecode right now, each fault in a sentence that says what to do about it."""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

import msgspec

from bridge.clock import NS_PER_S
from bridge.house_time.pulse import Pulse
from bridge.house_time.watch import Jump, Watch, Watched, drift_unit, is_heard, jammed_s, off_by_frames, standing
from bridge.messages import Alarm
from bridge.timecode import RATES

Severity = Literal["notice", "warning", "fault"]

_PULL_DOWN, _NEAR_PULL_DOWN = 1 / 1001, 2e-4
_DRIFT_SAID, _DRIFT_SURE_NS = 300e-6, 20 * NS_PER_S
_DISAGREES, _AGREES_AGAIN, _FAR_FRAMES = 1.0, 0.6, 100.0
_NAMES = {rate: name for name, rate in RATES.items()}


class Camera(msgspec.Struct, frozen=True):
    """The stage's camera that timecode is held against."""

    name: str
    rate: tuple[int, int] | None
    """None where it is not known: then the timecode's own is taken as right."""


class Complaint(NamedTuple):
    """One fault."""

    severity: Severity
    text: str


def complaints(
    watch: Watch, state: Watched, camera: Camera, now_ns: int, fault: str = ""
) -> Iterator[tuple[str, Complaint]]:
    """(which, sentence) of all that is wrong. `fault` is why the device gives nothing, where it says so."""
    stands = standing(watch, state, now_ns)
    if fault:
        yield "device", Complaint("warning", f"{watch.name}: {fault}")
    if state.stood_ns:
        yield "stands", Complaint("warning", f"{watch.name}: the timecode stands still; start its master")
    elif not is_heard(watch, state, now_ns) and not fault:
        yield "silent", _silent(watch, state, now_ns, stands == "jammed")
    if state.pulse is None:
        return
    if stands != "silent" and state.pulse.count_hz < 0:
        text = f"{watch.name}: the timecode runs backward; takes keep it and our own time, play its master forward"
        yield "backward", Complaint("warning", text)
    if state.rate_sure and stands in ("locked", "jammed"):
        yield from _of_rate(watch, state, camera)


def jumped(watch: Watch, jump: Jump) -> str:
    """What to say of a jump."""
    if jump.by_frames is None:
        was, now = (rate_name((label.rate_num, label.rate_den)) for label in (jump.before, jump.after))
        what = f"{watch.name}: the timecode changed from {was} to {now} a second, {jump.before} to {jump.after}"
    else:
        what = f"{watch.name}: the timecode jumped by {jump.by_frames:+d} frames, {jump.before} to {jump.after}"
    return f"{what}; takes keep both times. If nobody set its master, look at cable and level"


def disagreement(name: str, by_frames: float | None, chosen: str, told: bool) -> Complaint | None:
    """Where a source is a frame or more away from the one that labels; it must come well below that to be well."""
    if by_frames is None or abs(by_frames) < (_AGREES_AGAIN if told else _DISAGREES):
        return None
    side = "ahead of" if by_frames > 0 else "behind"
    by = f"{abs(by_frames):.2f}" if abs(by_frames) < _FAR_FRAMES else f"{abs(by_frames):.0f}"
    text = f"{name} is {by} frames {side} {chosen}, which labels; jam both from one master"
    return Complaint("warning", f"{text}. Takes keep both times")


def news(
    subject: str, now_ns: int, told: Mapping[str, str], wrong: Mapping[str, Complaint]
) -> tuple[dict[str, str], list[Alarm]]:
    """Alarms for what is wrong now and was not, a notice for what is well again; -> what has been told."""
    said = [
        Alarm(subject=subject, t_ns=now_ns, severity=complaint.severity, text=complaint.text)
        for which, complaint in wrong.items()
        if which not in told
    ]
    well = [which for which in told if which not in wrong]
    said += [
        Alarm(subject=subject, t_ns=now_ns, severity="notice", text=f"{subject}: {WELL_AGAIN[which]}") for which in well
    ]
    return {which: complaint.text for which, complaint in wrong.items()}, said


WELL_AGAIN = {
    "device": "the input is there",
    "stands": "the timecode counts again",
    "silent": "timecode is coming in",
    "backward": "the timecode runs forward",
    "rate": "the timecode's rate fits the camera",
    "drift": "the timecode keeps time with this computer's clock",
    "disagrees": "agrees with the timecode that labels",
    "drops": "no frames are lost any more",
}


def rate_name(rate: tuple[int, int]) -> str:
    """29.97 rather than 30000/1001."""
    return _NAMES.get(rate, f"{rate[0]}/{rate[1]}")


def fits(pulse: Pulse, camera_rate: tuple[int, int]) -> bool:
    """Whether a camera's every frame, or every second, third or fourth, has a label of its own."""
    ratio = camera_rate[0] * pulse.rate[1] / (camera_rate[1] * pulse.rate[0])
    return round(ratio) in (1, 2, 3, 4) and abs(ratio - round(ratio)) < 1e-9


def _silent(watch: Watch, state: Watched, now_ns: int, jammed: bool) -> Complaint:
    if state.pulse is None:
        return Complaint("warning", f"{watch.name}: no {watch.kind} comes in; check its cable, channel and level")
    if not jammed:
        return Complaint("warning", f"{watch.name}: the {watch.kind} has stopped; start its master, or check the cable")
    off = off_by_frames(state, now_ns + 600_000_000_000)
    text = f"{watch.name}: the {watch.kind} was lost, and our own clock counts on from it (jam-sync), within"
    return Complaint("warning", f"{text} {max(off, 0.01):.2f} frames after ten minutes; check cable and level")


def _of_rate(watch: Watch, state: Watched, camera: Camera) -> Iterator[tuple[str, Complaint]]:
    assert state.pulse
    counts, films = rate_name(state.pulse.rate[:2]), rate_name(camera.rate or state.pulse.rate[:2])
    if camera.rate and not fits(state.pulse, camera.rate):
        text = f"{watch.name} counts {counts} frames a second and {camera.name} films {films}"
        yield "rate", Complaint("fault", f"{text}; set its master to {films}, or correct the camera's rate")
        return
    drift = drift_unit(state)
    sure = state.span_ns > _DRIFT_SURE_NS and drift is not None and abs(drift) > 3 * state.drift_error_unit
    if drift is None or not sure or abs(drift) < _DRIFT_SAID:
        return
    if abs(abs(drift) - _PULL_DOWN) < _NEAR_PULL_DOWN:
        real = state.pulse.nominal_hz * (1.0 + drift)
        text = f"{watch.name} counts {counts} frames a second and comes at {real:.3f}; its master's pull-down is wrong"
        yield "rate", Complaint("fault", f"{text}: set it to {films}")
        return
    frame_s = 1.0 / (abs(drift) * state.pulse.nominal_hz)
    side = "gains" if drift > 0 else "loses"
    text = f"{watch.name} {side} a frame on this computer's clock every {frame_s:.0f} s ({drift * 1e6:+.0f} ppm)"
    yield "drift", Complaint("warning", f"{text}; is its master locked to the house's reference?")


def note(watch: Watch, state: Watched, now_ns: int, fault: str = "") -> str:
    """A few words for the line of this source."""
    if fault:
        return fault
    if state.held:
        return (
            f"jammed by command {jammed_s(state, now_ns):.0f} s ago, off by at most {off_by_frames(state, now_ns):.2f}"
        )
    if standing(watch, state, now_ns) == "jammed":
        return f"lost {jammed_s(state, now_ns):.0f} s ago, off by at most {off_by_frames(state, now_ns):.2f} frames"
    return "stands still" if state.stood_ns else ""
