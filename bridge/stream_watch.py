"""How one tracking stream is doing, in words: who sends it, live or stale or lost, and what an operator should know."""

from typing import Literal

from bridge.clock import NS_PER_S
from bridge.continuity import Continuity
from bridge.messages import Alarm, StreamHealth

Condition = Literal["waiting", "live", "stale", "lost"]

LOST_NS = NS_PER_S
STALE_PERIODS = 3.0
_REMIND_NS = 60 * NS_PER_S
_ROUND_OFF_NS = 10  # of times computed in floating point


class Watch:
    """What was heard and what has been said about it."""

    __slots__ = (
        "concealed",
        "condition",
        "conflict_said_ns",
        "conflicting",
        "conflicting_sender",
        "conflicts_said",
        "counted",
        "heard_ns",
        "rate_hz",
        "said_ns",
        "sender",
        "silent_since_ns",
        "stale",
    )

    def __init__(self) -> None:
        self.condition: Condition = "waiting"
        self.sender = self.conflicting_sender = ""
        self.heard_ns = self.silent_since_ns = 0
        self.concealed = self.stale = self.conflicting = self.conflicts_said = self.counted = 0
        self.rate_hz = 0.0
        self.said_ns: int | None = None
        self.conflict_said_ns: int | None = None


def hears(watch: Watch, sender: str, t_arrival_ns: int) -> bool:
    """Whether this sender has the camera: the first keeps it until it has been silent for a second."""
    if sender != watch.sender:
        if watch.heard_ns and t_arrival_ns - watch.heard_ns < LOST_NS:
            watch.conflicting += 1
            watch.conflicting_sender = sender
            return False
        watch.sender = sender
    watch.heard_ns = t_arrival_ns
    return True


def condition_at(watch: Watch, now_ns: int, period_s: float) -> Condition:
    """Three periods of silence are stale, one second is lost."""
    if not watch.heard_ns:
        return "waiting"
    silent_ns = now_ns - watch.heard_ns + _ROUND_OFF_NS
    if silent_ns >= LOST_NS:
        return "lost"
    return "stale" if silent_ns >= STALE_PERIODS * period_s * NS_PER_S else "live"


def turn(watch: Watch, subject: str, condition: Condition, now_ns: int) -> list[Alarm]:
    """Enter another condition, and say so."""
    before, watch.condition = watch.condition, condition
    if condition == "live":
        if before == "waiting":
            return []
        gap_s = (watch.heard_ns - watch.silent_since_ns) / NS_PER_S
        return [_alarm(subject, now_ns, "notice", f"{subject}: tracking is back after {gap_s:.2f} s")]
    if before in ("live", "waiting"):
        watch.silent_since_ns = watch.heard_ns
        watch.stale += 1
    silent_s = (now_ns - watch.heard_ns) / NS_PER_S
    if condition == "stale":
        text = f"{subject}: no sample from {watch.sender} for {silent_s:.2f} s; its last pose is held"
        return [_alarm(subject, now_ns, "warning", text)]
    text = (
        f"{subject}: tracking lost, nothing from {watch.sender} for {silent_s:.1f} s; check the tracker and its network"
    )
    return [_alarm(subject, now_ns, "fault", text)]


def conflict(watch: Watch, subject: str, camera_id: int, now_ns: int) -> list[Alarm]:
    """Once a minute, while somebody else uses this camera's id."""
    if watch.conflicting == watch.conflicts_said:
        return []
    if watch.conflict_said_ns is not None and now_ns - watch.conflict_said_ns < _REMIND_NS:
        return []
    text = (
        f"{subject}: {watch.conflicting_sender} sends camera id {camera_id} too and is ignored; "
        f"{watch.sender} was first and keeps it. Give one of them another id"
    )
    watch.conflict_said_ns, watch.conflicts_said = now_ns, watch.conflicting
    return [_alarm(subject, now_ns, "warning", text)]


def health(watch: Watch, subject: str, stream: Continuity, jitter_s: float, now_ns: int) -> StreamHealth:
    """The stream's figures."""
    if watch.said_ns is None or now_ns - watch.said_ns >= NS_PER_S // 2:  # a rate needs some time to be counted in
        span_s = (now_ns - (watch.said_ns or now_ns)) / NS_PER_S
        watch.rate_hz = (stream.received - watch.counted) / span_s if span_s > 0.0 else 0.0
        watch.said_ns, watch.counted = now_ns, stream.received
    return StreamHealth(
        subject=subject,
        t_ns=now_ns,
        state=watch.condition,
        rate_hz=watch.rate_hz,
        age_s=(now_ns - watch.heard_ns) / NS_PER_S if watch.heard_ns else 0.0,
        received=stream.received,
        lost=stream.lost,
        duplicate=stream.duplicate,
        reordered=stream.reordered,
        concealed=watch.concealed,
        stale=watch.stale,
        conflicting=watch.conflicting,
        conflicting_sender=watch.conflicting_sender,
        sender=watch.sender,
        jitter_s=jitter_s,
    )


def due(watch: Watch, now_ns: int) -> bool:
    """Whether a second has passed since the last report."""
    return watch.said_ns is None or now_ns - watch.said_ns >= NS_PER_S


def _alarm(subject: str, now_ns: int, severity: Literal["notice", "warning", "fault"], text: str) -> Alarm:
    return Alarm(subject=subject, t_ns=now_ns, severity=severity, text=text)
