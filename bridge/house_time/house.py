"""All sources of timecode together: which one labels, how far the others are away from it, what to say of each.

`House` has no socket and no device: labels and the time go in, messages come out.
"""

from collections import deque
from statistics import median
from typing import NamedTuple

import msgspec

from bridge.house_time import complaints
from bridge.house_time.complaints import Camera, Complaint
from bridge.house_time.pulse import Pulse, ahead_frames
from bridge.house_time.watch import (
    Heard,
    Watch,
    Watched,
    counting,
    drift_unit,
    hear,
    jam,
    last_label,
    off_by_frames,
    standing,
)
from bridge.messages import Acknowledged, Alarm, CameraPose, JamTimecode, Message, TimecodeState
from bridge.timecode import free_run

SAY_EVERY_NS = 100_000_000
FREE_RUN = "free-run"
_SMOOTHED = 25
"""Disagreements whose median is said."""
_GRACE_NS = 2_000_000_000
"""A source that was only just asked for is not yet called silent."""
_DROPS_IN_NS, _DROPS_SAID = 10_000_000_000, 5


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Which sources there are and who labels."""

    chosen: str
    """As the stage file says: an input's name, `tracker` or `free-run`."""
    inputs: tuple[Watch, ...]
    cameras: tuple[Camera, ...]
    utc_minus_clock_ns: int = 0


class Reading(NamedTuple):
    """What a device says of itself beside its labels."""

    dropped: int = 0
    level_unit: float | None = None
    fault: str = ""
    note: str = ""


class Source:
    """One source's watch, and what was told of it."""

    def __init__(self, watch: Watch, camera: Camera) -> None:
        self.watch, self.camera = watch, camera
        self.watched = Watched()
        self.reading = Reading()
        self.told: dict[str, str] = {}
        self.ahead: deque[float] = deque(maxlen=_SMOOTHED)
        self.drops: deque[tuple[int, int]] = deque(maxlen=128)
        self.stands = ""
        self.since_ns = 0

    @property
    def disagrees_frames(self) -> float | None:
        """Smoothed; None while it cannot be compared."""
        return median(self.ahead) if self.ahead else None


class House:
    """One per process; changed in place."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        first = settings.cameras[0]
        self.sources = {watch.name: Source(watch, first) for watch in settings.inputs}
        self._said_ns = 0
        self._alarms: list[Message] = []

    def hear(self, name: str, heard: Heard) -> None:
        """A label of an input."""
        source = self.sources[name]
        source.watched, jump = hear(source.watch, source.watched, heard)
        if jump:
            source.ahead.clear()
            text = complaints.jumped(source.watch, jump)
            self._alarms.append(Alarm(subject=name, t_ns=heard.t_ns, severity="warning", text=text))

    def hear_pose(self, pose: CameraPose) -> None:
        """A tracker's own timecode is a source like any other, by its camera's name."""
        label = pose.tracker_timecode or (pose.timecode if pose.timecode_source == "tracker" else None)
        if label is None or pose.concealed or pose.lost:
            return
        if pose.subject not in self.sources:
            camera = next((c for c in self.settings.cameras if c.name == pose.subject), self.settings.cameras[0])
            watch = Watch(name=pose.subject, kind="tracker's timecode", tolerance_frames=1.0, silent_s=1.0)
            self.sources[pose.subject] = Source(watch, camera)
        self.hear(pose.subject, Heard(label, pose.t_ns))

    def read(self, name: str, reading: Reading) -> None:
        """What a device says of itself."""
        self.sources[name].reading = reading

    def chosen(self) -> str:
        """The source that labels: an input, or the first camera's tracker."""
        if self.settings.chosen in self.sources:
            return self.settings.chosen
        tracked = next((c.name for c in self.settings.cameras if c.name in self.sources), "")
        return tracked or (FREE_RUN if self.settings.chosen == FREE_RUN else "")

    def tick(self, now_ns: int) -> list[Message]:
        """Alarms at once; every state ten times a second, and at once where one changes."""
        said, self._alarms = self._alarms, []
        due = now_ns - self._said_ns >= SAY_EVERY_NS
        chosen = self.chosen()
        pulse = self._pulse(chosen, now_ns)
        for name, source in self.sources.items():
            stands = standing(source.watch, source.watched, now_ns)
            changed, source.stands = stands != source.stands, stands
            if due or changed:
                self._compare(source, pulse if name != chosen else None, now_ns)
                said += self._complain(source, now_ns, chosen)
                said.append(_state(source, now_ns, name == chosen))
        if due:
            self._said_ns = now_ns
            if chosen == FREE_RUN:
                said.append(self._free_run(now_ns))
        return said

    def obey(self, command: Message, now_ns: int) -> Acknowledged:
        """JamTimecode. Its own time is that of whoever asks, perhaps on another computer: `now_ns` is ours."""
        fault = f"the timecode service knows JamTimecode, got {type(command).__name__}"
        if isinstance(command, JamTimecode):
            source = self.sources.get(command.subject)
            fault = f"no source {command.subject}; there are {', '.join(self.sources) or 'none'}"
            if source:
                source.watched, fault = jam(source.watch, source.watched, now_ns, command.on)
        return Acknowledged(subject="timecode", t_ns=now_ns, ok=not fault, text=fault)

    def _pulse(self, name: str, now_ns: int) -> Pulse | None:
        source = self.sources.get(name)
        return counting(source.watch, source.watched, now_ns) if source else None

    def _compare(self, source: Source, chosen: Pulse | None, now_ns: int) -> None:
        own = counting(source.watch, source.watched, now_ns)
        ahead = ahead_frames(own, chosen, now_ns) if own and chosen else None
        if ahead is None:
            source.ahead.clear()
        else:
            source.ahead.append(ahead)

    def _complain(self, source: Source, now_ns: int, chosen: str) -> list[Alarm]:
        watch, watched, fault = source.watch, source.watched, source.reading.fault
        wrong: dict[str, Complaint] = dict(complaints.complaints(watch, watched, source.camera, now_ns, fault))
        source.since_ns = source.since_ns or now_ns
        if watched.pulse is None and now_ns - source.since_ns < _GRACE_NS:
            wrong.pop("silent", None)
        apart = complaints.disagreement(watch.name, source.disagrees_frames, chosen, "disagrees" in source.told)
        if apart:
            wrong["disagrees"] = apart
        lost = _lost_lately(source, now_ns)
        if lost >= (1 if "drops" in source.told else _DROPS_SAID):
            text = f"{watch.name}: {lost} frames came damaged in ten seconds; check its level and cable"
            wrong["drops"] = Complaint("warning", text)
        source.told, alarms = complaints.news(watch.name, now_ns, source.told, wrong)
        return alarms

    def _free_run(self, now_ns: int) -> TimecodeState:
        rate = self.settings.cameras[0].rate or (25, 1)
        label = free_run(now_ns + self.settings.utc_minus_clock_ns, *rate)
        note = "this computer's time of day, locked to nothing"
        return TimecodeState(subject=FREE_RUN, t_ns=now_ns, state="free-run", timecode=label, chosen=True, note=note)


def _lost_lately(source: Source, now_ns: int) -> int:
    source.drops.append((now_ns, source.reading.dropped))
    while now_ns - source.drops[0][0] > _DROPS_IN_NS:
        source.drops.popleft()
    return source.drops[-1][1] - source.drops[0][1]


def _state(source: Source, now_ns: int, chosen: bool) -> TimecodeState:
    watch, watched, reading = source.watch, source.watched, source.reading
    stands = standing(watch, watched, now_ns)
    pulse = counting(watch, watched, now_ns)
    label, began_ns = pulse.label(now_ns) if pulse else (last_label(watched), now_ns)
    drift = drift_unit(watched)
    apart = source.disagrees_frames
    return TimecodeState(
        subject=watch.name,
        t_ns=began_ns,
        state=stands,  # pyright: ignore[reportArgumentType]
        timecode=label,
        chosen=chosen,
        rate_sure=watched.rate_sure,
        speed_unit=pulse.speed_unit if pulse else 1.0,
        drift_unit=drift,
        disagrees_frames=None if apart is None else round(apart, 3),
        jumps=watched.jumps,
        dropped=reading.dropped + watched.stray,
        note=complaints.note(watch, watched, now_ns, reading.fault) or reading.note,
        level_unit=reading.level_unit,
        error_frames=off_by_frames(watched, now_ns) if pulse else None,
    )
