"""The one loop: poll, decode, step, publish, report. A service is a step function and its settings; this owns the rest.

`step(settings, state, item) -> (state, out)` sees one item at a time and never a socket or a clock. `out` is a list of
messages to publish, unless the duty delivers something else itself.
"""

import gc
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from bridge.bus.publisher import Publisher, Request
from bridge.bus.waiter import Waiter
from bridge.clock import NS_PER_S, Clock
from bridge.messages import Acknowledged, Message, Refusals, ServiceHealth
from bridge.own_process import cpu_s, memory_bytes
from bridge.pace import Pace
from bridge.refusals import RefusalLog
from bridge.udp import Listener
from bridge.wire.refusal import Refused

Settings = TypeVar("Settings")
State = TypeVar("State")
Say = Callable[[str], None]

_HEALTH_NS = NS_PER_S
_LONGEST_WAIT_S = 0.25
_SWEEP_NS = NS_PER_S // 10
"""Feeds mind their gaps and publishers their rings this often, whether or not anything came in."""


class Inlet(Protocol):
    """Where items come from: a Mailbox, a Feed, Datagrams. `take` never waits."""

    def sockets(self) -> list[Any]: ...

    def take(self) -> Sequence[Any]: ...


def to_stderr(name: str) -> Say:
    """Lines a service says, under its name."""

    def say(line: str) -> None:
        sys.stderr.write(f"{name}: {line}\n")
        sys.stderr.flush()

    return say


class Desk:
    """What a service says about itself: refusals once per source and minute, counts of losses."""

    def __init__(self, name: str, clock: Clock, say: Say | None = None) -> None:
        self.name = name
        self.log = RefusalLog()
        self.received = 0
        self.note = ""
        """Shown in the service's health."""
        self._clock = clock
        self._say = say or to_stderr(name)

    def refuse(self, kind: str, source: str, text: str) -> None:
        """Count something not understood, and say it where it is news."""
        line = self.log.note(self._clock(), kind, source, text)
        if line:
            self._say(line)

    def say(self, lines: Iterable[str]) -> None:
        """Lines for whoever watches the service."""
        for line in lines:
            self._say(line)


class Datagrams:
    """A UDP port as an inlet; `make(data, sender, t_arrival_ns)` builds the item, or raises Refused."""

    def __init__(self, name: str, listener: Listener, make: Callable[[bytes, str, int], Any], desk: Desk) -> None:
        self.name = name
        self._listener, self._make, self._desk = listener, make, desk

    def sockets(self) -> list[Any]:
        """To poll for reading."""
        return [self._listener.fileno()]

    def take(self) -> list[Any]:
        """Up to 64 items, oldest first."""
        items: list[Any] = []
        for data, sender, t_ns in self._listener.take():
            try:
                items.append(self._make(data, sender, t_ns))
            except Refused as refused:
                self._desk.refuse(refused.kind, sender, str(refused))
        return items

    def losses(self) -> dict[str, int]:
        """What never became an item, by queue."""
        strangers = sum(self._listener.not_allowed.values())
        lost = {f"{self.name} kernel queue": self._listener.dropped, f"{self.name} not allowed": strangers}
        return {queue: count for queue, count in lost.items() if count}


class Duty(Generic[Settings, State]):
    """What one service does: its step, what it does as time passes, which commands it obeys, how its output leaves."""

    def __init__(
        self,
        step: Callable[[Settings, State, Any], tuple[State, Any]],
        *,
        tick: Callable[[Settings, State, int], tuple[State, Any]] | None = None,
        tick_s: float = 0.1,
        obey: Callable[[Settings, State, Message], tuple[State, Any, Acknowledged]] | None = None,
        deliver: Callable[[Any], None] | None = None,
        losses: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self.step, self.tick, self.tick_ns = step, tick, round(tick_s * NS_PER_S)
        self.obey, self.deliver, self.losses = obey, deliver, losses


def run(
    duty: Duty[Settings, State],
    settings: Settings,
    state: State,
    *,
    inbox: Sequence[Inlet],
    outbox: Publisher,
    clock: Clock,
    desk: Desk,
    stop: Callable[[], bool],
) -> State:
    """Serve until `stop()`; the caller has warmed up what compiles, so the first thing said is `ready`."""
    by_readable = {readable: inlet for inlet in inbox for readable in inlet.sockets()}
    waiter = Waiter([*by_readable, *outbox.sockets()])
    deliver = duty.deliver or _publish(outbox)
    report = _Report(desk, inbox, outbox, duty.losses, clock)
    tick_due_ns = sweep_due_ns = clock()
    pace = Pace(tick_due_ns)
    gc.collect()
    gc.freeze()  # what lives from here on is small: collections stay short
    while not stop():
        due_ns = min(tick_due_ns, sweep_due_ns, outbox.due_ns or sweep_due_ns)
        ready = waiter.wait(0.0 if outbox.busy else _until(due_ns, clock()))
        now_ns = clock()
        if outbox.due_ns and now_ns >= outbox.due_ns:
            outbox.flush()
        sweeping, before = now_ns >= sweep_due_ns, desk.received
        for inlet in inbox if sweeping else dict.fromkeys(by_readable[key] for key in ready if key in by_readable):
            for item in inlet.take():
                desk.received += 1
                state, out = _guarded(duty, settings, state, item, desk)
                if out is not None:
                    deliver(out)
        if now_ns >= tick_due_ns:
            tick_due_ns = max(tick_due_ns + duty.tick_ns, now_ns)
            if duty.tick:
                state, out = duty.tick(settings, state, clock())
                deliver(out)
        if sweeping or outbox.busy or ready - by_readable.keys():
            for request in outbox.serve():
                state = _obey(duty, settings, state, request, outbox, deliver)
        if sweeping:
            sweep_due_ns = now_ns + _SWEEP_NS
        if now_ns >= report.due_ns:
            report.publish(now_ns)
        if rest_ns := pace.rest_ns(now_ns, clock(), desk.received - before):
            waiter.rest(rest_ns / NS_PER_S)
    report.publish(clock())
    return state


def _publish(outbox: Publisher) -> Callable[[Iterable[Message]], None]:
    return lambda said: outbox.send_all(list(said))


def _until(due_ns: int, now_ns: int) -> float:
    return min(max(0.0, (due_ns - now_ns) / NS_PER_S), _LONGEST_WAIT_S)


def _guarded(duty: Duty[Settings, State], settings: Settings, state: State, item: Any, desk: Desk) -> tuple[State, Any]:
    """A refusal from the step costs one item; any other error is ours, and ends the process for a fresh one."""
    try:
        return duty.step(settings, state, item)
    except Refused as refused:
        desk.refuse(refused.kind, getattr(item, "sender", type(item).__name__), str(refused))
        return state, None


def _obey(
    duty: Duty[Settings, State],
    settings: Settings,
    state: State,
    request: Request,
    outbox: Publisher,
    deliver: Callable[[Any], None],
) -> State:
    if duty.obey is None:
        text = f"this service takes no {type(request.message).__name__}"
        refusal = Acknowledged(subject=request.message.subject, t_ns=request.message.t_ns, ok=False, text=text)
        outbox.reply(request, refusal)
        return state
    state, out, answer = duty.obey(settings, state, request.message)
    deliver(out)
    outbox.reply(request, answer)
    return state


class _Report:
    """Once a second: health, refusals, and lines that are due."""

    def __init__(
        self,
        desk: Desk,
        inbox: Sequence[Inlet],
        outbox: Publisher,
        losses: Callable[[], Mapping[str, int]],
        clock: Clock,
    ) -> None:
        self.due_ns = clock()
        self._desk, self._inbox, self._outbox, self._losses = desk, inbox, outbox, losses
        self._readings = [reading for part in (*inbox, outbox) if (reading := getattr(part, "reading", None))]
        self._counted: dict[str, int] = {}
        self._cpu_s, self._then_ns = cpu_s(), clock()

    def publish(self, now_ns: int) -> None:
        """Health every time; refusals when they changed."""
        self.due_ns = now_ns + _HEALTH_NS
        name, outbox = self._desk.name, self._outbox
        used_s, elapsed_s = cpu_s() - self._cpu_s, (now_ns - self._then_ns) / NS_PER_S
        self._cpu_s, self._then_ns = self._cpu_s + used_s, now_ns
        outbox.send(
            ServiceHealth(
                subject=name,
                t_ns=now_ns,
                cpu_cores_unit=round(used_s / elapsed_s, 4) if elapsed_s > 0 else 0.0,
                memory_bytes=memory_bytes(),
                sent=outbox.sent,
                received=self._desk.received,
                dropped=self._dropped(),
                note=self._desk.note,
            )
        )
        counts = dict(self._desk.log.counts)
        for reading in self._readings:
            self._desk.say(reading.news)
            reading.news = []
            counts.update((f"bus {key}", count) for key, count in reading.refused.items())
        if counts != self._counted:
            self._counted = counts
            outbox.send(Refusals(subject=name, t_ns=now_ns, counts=counts))
        self._desk.say(self._desk.log.due(now_ns))

    def _dropped(self) -> dict[str, int]:
        lost = {"bus": self._outbox.dropped, **self._losses()}
        for inlet in self._inbox:
            if isinstance(inlet, Datagrams):
                lost.update(inlet.losses())
        return {queue: count for queue, count in lost.items() if count}
