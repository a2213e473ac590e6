"""What an operator wants to know of a take: how long, which cameras, how many messages, where something is missing."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from bridge.clock import NS_PER_S
from bridge.messages import CameraPose, TakeState, TimecodeState
from bridge.take.format import TRANSFORM_PREFIX
from bridge.take.read import Logged, Take, decode
from bridge.take.videos import Video, videos_of


class TopicReport(msgspec.Struct, frozen=True, kw_only=True):
    """One topic of a take."""

    topic: str
    messages: int
    rate_hz: float
    missing: int
    """Numbers of the publisher that are not there."""
    longest_gap_s: float
    """Between two messages' times."""


class TimecodeReport(msgspec.Struct, frozen=True, kw_only=True):
    """One source of timecode over a take."""

    source: str
    chosen: bool
    """Poses were labelled by it."""
    states: tuple[str, ...]
    """locked, jammed ..., in the order they first came."""
    drift_unit: float | None
    disagrees_frames: float | None
    """The furthest it was from the chosen one."""
    jumps: int
    """During the take."""
    dropped: int


class TakeReport(msgspec.Struct, frozen=True, kw_only=True):
    """A take in short."""

    name: str
    path: str
    finished: bool
    begins_utc: str
    duration_s: float
    size_bytes: int
    stage: str
    slate: str
    cyclorama: str
    cameras: tuple[str, ...]
    timecode_first: str = ""
    timecode_last: str = ""
    timecode_source: str = ""
    messages: int
    missed: int
    """What the recorder says it could not get any more."""
    damaged_chunks: int = 0
    topics: tuple[TopicReport, ...] = ()
    timecodes: tuple[TimecodeReport, ...] = ()
    videos: tuple[Video, ...] = ()
    """Of capture cameras, beside it."""


class _Count:
    """What is counted while reading one topic."""

    def __init__(self) -> None:
        self.messages = self.missing = self.longest_ns = 0
        self.first_ns = self.last_ns = 0
        self.last_by_boot: dict[int, int] = {}

    def add(self, logged: Logged) -> None:
        before = self.last_by_boot.get(logged.boot, logged.sequence - 1)
        self.missing += max(0, logged.sequence - before - 1)
        self.last_by_boot[logged.boot] = logged.sequence
        if self.messages:
            self.longest_ns = max(self.longest_ns, logged.log_ns - self.last_ns)
        else:
            self.first_ns = logged.log_ns
        self.last_ns = max(self.last_ns, logged.log_ns)
        self.messages += 1


def brief(take: Take) -> TakeReport:
    """Without reading the messages."""
    found = take.contents
    begins = datetime.fromtimestamp(found.start_ns / NS_PER_S, UTC).isoformat(timespec="milliseconds")
    return TakeReport(
        name=take.path.stem,
        path=str(take.path),
        finished=take.finished,
        begins_utc=begins if found.chunks else "",
        duration_s=(found.end_ns - found.start_ns) / NS_PER_S,
        size_bytes=take.path.stat().st_size,
        stage=take.facts.get("stage", ""),
        slate=take.facts.get("slate", ""),
        timecode_first=take.facts.get("timecode", ""),
        timecode_source=take.facts.get("timecode_source", ""),
        cyclorama=take.facts.get("cyclorama", ""),
        cameras=tuple(take.cameras),
        messages=found.messages,
        missed=0,
    )


def labelled(take: Take) -> TakeReport:
    """In short, with the first pose's timecode where the take does not say its own: reads no further than that."""
    report = brief(take)
    if report.timecode_first:
        return report
    pose = next(take.messages(CameraPose), None) if report.cameras else None
    if pose is None or pose.timecode is None:
        return report
    return msgspec.structs.replace(report, timecode_first=str(pose.timecode), timecode_source=pose.timecode_source)


def full(take: Take) -> TakeReport:
    """After reading every message."""
    counts: dict[str, _Count] = {}
    timecodes: list[CameraPose] = []
    heard: dict[str, list[TimecodeState]] = {}
    missed = 0
    for logged in take.logged():
        counts.setdefault(logged.topic, _Count()).add(logged)
        if logged.topic.startswith(("CameraPose/", "TakeState/", "TimecodeState/")):
            message = decode(logged)
            if isinstance(message, CameraPose) and message.timecode:
                timecodes[1:] = [message]  # the first stays
            if isinstance(message, TimecodeState):
                heard.setdefault(message.subject, []).append(message)
            if isinstance(message, TakeState):
                missed = max(missed, message.missed)
    return msgspec.structs.replace(
        brief(take),
        topics=tuple(_topics(counts)),
        timecode_first=str(timecodes[0].timecode) if timecodes else "",
        timecode_last=str(timecodes[-1].timecode) if timecodes else "",
        timecode_source=timecodes[-1].timecode_source if timecodes else "",
        timecodes=tuple(_of_source(name, states) for name, states in heard.items()),
        missed=missed,
        damaged_chunks=take.damaged,
        videos=videos_of(take.path),
    )


def _of_source(name: str, states: list[TimecodeState]) -> TimecodeReport:
    apart = [state.disagrees_frames for state in states if state.disagrees_frames is not None]
    drifts = [state.drift_unit for state in states if state.drift_unit is not None]
    return TimecodeReport(
        source=name,
        chosen=any(state.chosen for state in states),
        states=tuple(dict.fromkeys(state.state for state in states)),
        drift_unit=drifts[-1] if drifts else None,
        disagrees_frames=max(apart, key=abs) if apart else None,
        jumps=_rise([state.jumps for state in states]),
        dropped=_rise([state.dropped for state in states]),
    )


def _rise(counts: list[int]) -> int:
    """How far a count rose; one that fell was begun anew, by a service that was."""
    pairs = itertools.pairwise(counts)
    return sum(after - before if after >= before else after for before, after in pairs)


def _topics(counts: dict[str, _Count]) -> Iterator[TopicReport]:
    for topic, count in sorted(counts.items()):
        span_ns = count.last_ns - count.first_ns
        yield TopicReport(
            topic=topic,
            messages=count.messages,
            rate_hz=(count.messages - 1) * NS_PER_S / span_ns if span_ns else 0.0,
            missing=0 if topic.startswith(TRANSFORM_PREFIX) else count.missing,
            longest_gap_s=count.longest_ns / NS_PER_S,
        )
