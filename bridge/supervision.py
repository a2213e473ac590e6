"""When a service that died is started again: at once, until the 30th death within a minute; then with growing pauses.

One service at a time: `step(watch, event, now_ns) -> (watch, actions)`.
"""

from typing import Literal

import msgspec

from bridge.clock import NS_PER_S
from bridge.messages import Alarm, Message, ServiceState

MINUTE_NS = 60 * NS_PER_S
MANY_DEATHS = 30
FIRST_PAUSE_NS, LONGEST_PAUSE_NS = NS_PER_S, 30 * NS_PER_S
SLOW_START_NS = 60 * NS_PER_S
_FORGETS = {
    "spine": "frustum, freeze, delay, zero, smoothing, exposure, hour and environment are as in the stage file again: "
    "set anew what was set by hand",
    "timecode": "no source is jammed by hand any more: jam anew what was",
}
"""What ends with a service's process."""


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """One service."""

    name: str
    state: Literal["starting", "ready", "dead", "backing-off", "stopped"] = "dead"
    pid: int = 0
    restarts: int = 0
    started_ns: int = 0
    deaths_ns: tuple[int, ...] = ()
    """Those of the last minute."""
    pause_ns: int = 0
    """The last pause before a start; 0 while there is no need for any."""
    due_ns: int = 0
    expected: Literal["", "restart", "stop"] = ""
    """Why we ended it ourselves, which is no death to count."""
    slow_said: bool = False


class Started(msgspec.Struct, frozen=True):
    """Its process runs."""

    pid: int


class NotStarted(msgspec.Struct, frozen=True):
    """Its process could not be started."""

    why: str


class Died(msgspec.Struct, frozen=True):
    """Its process ended."""

    how: str


class SaidReady(msgspec.Struct, frozen=True):
    """It published ServiceHealth with ready=True."""

    t_ns: int
    """When it said so; a message from the process before does not count."""


class Asked(msgspec.Struct, frozen=True):
    """Somebody wants it restarted or stopped."""

    what: Literal["restart", "stop"]


class Tick(msgspec.Struct, frozen=True):
    """Time has passed."""


class Start(msgspec.Struct, frozen=True):
    """Start its process."""


class End(msgspec.Struct, frozen=True):
    """Ask its process to end; kill it if it does not."""


class Tell(msgspec.Struct, frozen=True):
    """Publish this."""

    message: Message


Event = Started | NotStarted | Died | SaidReady | Asked | Tick
Action = Start | End | Tell


def slow_start(name: str) -> str:
    """What is said of a service that takes its time; true until its next ServiceState."""
    return f"{name} has been starting for a minute and is not ready"


def step(watch: Watch, event: Event, now_ns: int) -> tuple[Watch, list[Action]]:
    """What one event makes of a service."""
    match event:
        case Started(pid):
            changed = msgspec.structs.replace(watch, state="starting", pid=pid, started_ns=now_ns, slow_said=False)
            return changed, [_state(changed, now_ns)]
        case NotStarted(why) | Died(why):
            return _ended(watch, why, now_ns)
        case SaidReady(t_ns):
            if watch.state != "starting" or t_ns < watch.started_ns:
                return watch, []
            changed = msgspec.structs.replace(watch, state="ready")
            return changed, [_state(changed, now_ns)]
        case Asked(what):
            return _asked(watch, what, now_ns)
        case Tick():
            return _tick(watch, now_ns)


def _asked(watch: Watch, what: Literal["restart", "stop"], now_ns: int) -> tuple[Watch, list[Action]]:
    running = watch.state in ("starting", "ready")
    if running:
        return msgspec.structs.replace(watch, expected=what), [End()]
    if what == "stop":
        changed = msgspec.structs.replace(watch, state="stopped", expected="stop")
        return changed, [_state(changed, now_ns)]
    changed = msgspec.structs.replace(watch, expected="", pause_ns=0, deaths_ns=(), state="dead")
    return changed, [Start()]


def _ended(watch: Watch, how: str, now_ns: int) -> tuple[Watch, list[Action]]:
    if watch.expected == "stop":
        changed = msgspec.structs.replace(watch, state="stopped", pid=0)
        return changed, [_state(changed, now_ns, how)]
    again = msgspec.structs.replace(watch, state="dead", pid=0, restarts=watch.restarts + 1, expected="")
    if watch.expected == "restart":
        return again, [_state(again, now_ns, "restarted on request"), *_forgotten(watch.name, now_ns), Start()]
    deaths_ns = (*(t_ns for t_ns in watch.deaths_ns if now_ns - t_ns < MINUTE_NS), now_ns)
    pause_ns = _pause(watch, len(deaths_ns), now_ns)
    again = msgspec.structs.replace(again, deaths_ns=deaths_ns, pause_ns=pause_ns, due_ns=now_ns + pause_ns)
    often = f", {len(deaths_ns)} times in a minute" if len(deaths_ns) > 1 else ""
    if pause_ns == 0:
        told = _alarm(watch.name, "warning", f"{watch.name} ended ({how}){often}; started again", now_ns)
        return again, [_state(again, now_ns, how), told, *_forgotten(watch.name, now_ns), Start()]
    again = msgspec.structs.replace(again, state="backing-off")
    text = f"{watch.name} ended ({how}){often}; next try in {pause_ns // NS_PER_S} s: look at what it says when it ends"
    told = _alarm(watch.name, "fault", text, now_ns)
    return again, [_state(again, now_ns, how), told, *_forgotten(watch.name, now_ns)]


def _forgotten(name: str, now_ns: int) -> list[Action]:
    """What an operator had set by hand in it, and would otherwise believe to be set still."""
    return [_alarm(name, "notice", _FORGETS[name], now_ns)] if name in _FORGETS else []


def _pause(watch: Watch, deaths: int, now_ns: int) -> int:
    if watch.pause_ns and now_ns - watch.started_ns < MINUTE_NS:
        return min(2 * watch.pause_ns, LONGEST_PAUSE_NS)
    return FIRST_PAUSE_NS if deaths >= MANY_DEATHS else 0


def _tick(watch: Watch, now_ns: int) -> tuple[Watch, list[Action]]:
    if watch.state == "backing-off" and now_ns >= watch.due_ns:
        return msgspec.structs.replace(watch, state="dead"), [Start()]
    if watch.state == "starting" and not watch.slow_said and now_ns - watch.started_ns >= SLOW_START_NS:
        told = _alarm(watch.name, "warning", slow_start(watch.name), now_ns)
        return msgspec.structs.replace(watch, slow_said=True), [told]
    return watch, []


def _state(watch: Watch, now_ns: int, reason: str = "") -> Tell:
    return Tell(
        ServiceState(
            subject=watch.name, t_ns=now_ns, state=watch.state, pid=watch.pid, restarts=watch.restarts, reason=reason
        )
    )


def _alarm(name: str, severity: Literal["notice", "warning", "fault"], text: str, now_ns: int) -> Tell:
    return Tell(Alarm(subject=name, t_ns=now_ns, severity=severity, text=text))
