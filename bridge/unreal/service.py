"""Remote Control as a service: hears the bus and tells Unreal; hears Unreal's presets and tells the bus.

Nothing live waits for it: it is a process of its own, and within it two threads do the waiting, one for answers and
one for events. A dead or slow Unreal costs a line in the log and a word in `UnrealState`.
"""

import contextlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bridge.at_ticks import AtTicks
from bridge.bus.feed import Feed
from bridge.bus.frames import Received
from bridge.bus.keys import BusKeys
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.clock import NS_PER_S, system_clock
from bridge.messages import Alarm, Message, PresetValues, TakeStarted, TakeStopped, UnrealState
from bridge.service import Desk, Duty, Inlet, Say, run
from bridge.stage import Stage, Unreal
from bridge.unreal.connection import (
    FIRST_REST_S,
    LONGEST_REST_S,
    Abandon,
    Action,
    Connection,
    Done,
    Greeted,
    Lost,
    Send,
)
from bridge.unreal.errand import Backoff, Errand
from bridge.unreal.event_line import EventLine, Frame
from bridge.unreal.http_line import HttpLine, Result
from bridge.unreal.wishes import Greeting, Wishes, looks_at
from bridge.wire import remote_control as rc
from bridge.wire.refusal import Refused

SUBJECT = "unreal"
TICK_S = 0.05
SAY_NS = NS_PER_S
POSES_NS = NS_PER_S
MOST_VALUES, LONGEST_VALUE = 64, 200
SETTINGS = ("CameraSettings", "SceneSettings")
EVENTS = ("TakeStarted", "TakeStopped", "Flash")
_UNFIT = re.compile(r"[^A-Za-z0-9_.:-]")


class Liaison:
    """Between bus and lines: what comes from either side, and what follows for both. It waits for nothing."""

    def __init__(self, stage: Stage, unreal: Unreal, lines: "tuple[HttpLine, EventLine]", desk: Desk) -> None:
        self._unreal, self._desk = unreal, desk
        self._http, self._events = lines
        self._greeting = Greeting(unreal.presets)
        margins_deg = {camera.name: camera.frustum_margin_deg for camera in stage.cameras} if unreal.margins else {}
        self.wishes = Wishes(unreal, margins_deg)
        self.connection = Connection(self._greeting.plan, timeout_s=unreal.timeout_s, batched=unreal.batch)
        self._names: tuple[str, ...] = ()
        self._missing = ""
        self._events_fault = ""
        self._events_backoff, self._events_try_ns = Backoff(FIRST_REST_S, LONGEST_REST_S), 0
        self._values: dict[str, dict[str, str]] = {}
        self._said: UnrealState | None = None
        self._fault = ""

    # --- what comes ---

    def hear(self, message: Message, now_ns: int) -> list[Message]:
        """From the bus."""
        if isinstance(message, TakeStarted | TakeStopped) and not self._unreal.take_recorder:
            return []
        errands = self.wishes.hear(message)
        for key in self.wishes.gone:
            self.connection.withdraw(key)
        return self._want(errands, now_ns)

    def result(self, result: Result, now_ns: int) -> list[Message]:
        """From the line of answers."""
        if result.answer is None:
            return self._act(self.connection.broken(result.number, result.why, now_ns), now_ns)
        return self._act(self.connection.answered(result.number, result.answer, now_ns), now_ns)

    def frame(self, frame: Frame, now_ns: int) -> list[Message]:
        """From the line of events."""
        if frame.what == "opened":
            self._events_fault = ""
        if frame.what == "ended":
            if not self._events_fault:
                self.connection.greet_again()  # it was open: is the server dead, or a new one?
            self._events_fault = f"no preset events: {frame.why}"
            self._events_try_ns = now_ns + self._events_backoff.rest_ns()
        if frame.what != "said":
            return []
        try:
            said = rc.heard(frame.data)
        except Refused as refused:
            self._desk.refuse(refused.kind, "remote control events", str(refused))
            return []
        self._events_backoff.forget()
        if isinstance(said, rc.FieldsChanged) and said.preset in self._unreal.presets:
            return [self._changed(said, now_ns)]
        if isinstance(said, rc.PresetEvent) and said.kind in ("PresetFieldsAdded", "PresetFieldsRenamed"):
            self.connection.greet_again()
        return []

    def tick(self, now_ns: int) -> list[Message]:
        """As time passes: what is due, the event line, our own state."""
        said = self._act(self.connection.tick(now_ns), now_ns)
        if self._unreal.presets and self.connection.up and self._events.idle and now_ns >= self._events_try_ns:
            self._events.open()
        return [*said, *self._state(now_ns)]

    # --- what follows ---

    def _want(self, errands: Iterable[Errand], now_ns: int) -> list[Message]:
        said: list[Message] = []
        for errand in errands:
            said += self._act(self.connection.want(errand, now_ns), now_ns)
        return said

    def _act(self, actions: Iterable[Action], now_ns: int) -> list[Message]:
        said: list[Message] = []
        for action in actions:
            match action:
                case Send(number, ask, patience_s):
                    self._http.send(number, ask, patience_s)
                case Abandon():
                    self._http.abandon()
                    self._events.hang_up()
                case Greeted(bodies):
                    said += self._greeted(bodies, now_ns)
                case Done(errand, bodies) if errand.kind == "look":
                    said += self._seen(errand, bodies, now_ns)
                case Done(errand, _):
                    self.wishes.done(errand.key)
                case Lost(errand, why) if errand.kind in ("start", "stop"):
                    text = f"Unreal was not told of {errand.said}: {why}. Its own Take Recorder panel still works"
                    said.append(Alarm(subject=SUBJECT, t_ns=now_ns, severity="warning", text=text))
                case _:
                    pass
        return said

    def _greeted(self, bodies: tuple[Any, ...], now_ns: int) -> list[Message]:
        self._missing = self._greeting.missing(bodies)
        self._names = tuple(name.name for name in rc.presets_of(bodies[1]))[:MOST_VALUES]
        self.wishes.learn(self._greeting.exposed(bodies))
        self._values.clear()
        if self._said is None or self._said.state in ("connecting", "silent"):
            self._desk.say([f"connected to Unreal at {self._unreal.host}:{self._unreal.http_port}"])
        looks = [look for preset in self._greeting.exposed(bodies) for look in looks_at(preset)]
        return self._want([*self.wishes.all(), *looks[:MOST_VALUES]], now_ns)

    def _seen(self, look: Errand, bodies: tuple[Any, ...], now_ns: int) -> list[Message]:
        """A value as it was when we came; unless it has been changed since."""
        preset, label = look.about
        with contextlib.suppress(Refused):  # its object is not loaded
            if label not in self._values.get(preset, {}):
                return [self._changed(rc.FieldsChanged(preset, {label: rc.field_of(bodies[0])}), now_ns)]
        return []

    def _changed(self, said: rc.FieldsChanged, now_ns: int) -> PresetValues:
        values = self._values.setdefault(said.preset, {})
        for label, value in said.values.items():
            values.pop(label[:LONGEST_VALUE], None)
            values[label[:LONGEST_VALUE]] = json.dumps(value)[:LONGEST_VALUE]
        while len(values) > MOST_VALUES:
            del values[next(iter(values))]
        subject = _UNFIT.sub("_", said.preset)[:64] or SUBJECT
        return PresetValues(subject=subject, t_ns=now_ns, preset=said.preset, values=dict(values))

    def _state(self, now_ns: int) -> list[Message]:
        """Once a second, and when it changes in a word or a fault."""
        connection = self.connection
        problem = next(iter(self.wishes.problems.values()), "") if connection.up else ""
        fault = connection.fault or self._missing or problem or self._events_fault
        state = UnrealState(
            subject=SUBJECT,
            t_ns=now_ns,
            state=connection.state(now_ns),
            address=f"{self._unreal.host}:{self._unreal.http_port}",
            presets=self._names,
            asked=connection.asked,
            failed=connection.failed,
            waiting=connection.waiting,
            round_trip_s=round(connection.round_trip_s, 6),
            fault=fault[:300],
        )
        if fault and fault != self._fault:
            self._desk.refuse("unreal", state.address, fault)
        self._fault = fault
        old = self._said
        if old and now_ns - old.t_ns < SAY_NS and (old.state, old.fault) == (state.state, state.fault):
            return []
        self._said = state
        return [state]


def serve(
    stage: Stage,
    *,
    sources: Mapping[str, tuple[str, str]],
    outbox: Publisher,
    stop: Callable[[], bool],
    keys: BusKeys | None = None,
    say: Say | None = None,
) -> None:
    """Until `stop()`. ValueError where the stage file has no [unreal] table."""
    clock, unreal = system_clock, stage.unreal
    if unreal is None:
        raise ValueError(f"stage {stage.name} has no [unreal] table, so there is nobody to talk to (docs/unreal.md)")
    desk = Desk("unreal", clock, say)
    http = HttpLine(unreal.host, unreal.http_port, unreal.timeout_s)
    events = EventLine(websocket_url(unreal), unreal.presets, unreal.timeout_s)
    liaison = Liaison(stage, unreal, (http, events), desk)
    spine = [sources["spine"][0]]
    settings = Mailbox(spine, SETTINGS, keys=keys)
    poses = Mailbox(spine, ["CameraPose"], keys=keys) if unreal.margins else None
    feed = Feed([ends for name, ends in sources.items() if name != SUBJECT], EVENTS, clock, keys=keys)
    at_ticks = AtTicks(poses) if poses else None
    inbox: list[Inlet] = [http, events, settings, feed, *([at_ticks] if at_ticks else [])]
    work = duty(at_ticks, clock, lambda: _losses(liaison, events, feed))
    try:
        run(work, None, liaison, inbox=inbox, outbox=outbox, clock=clock, desk=desk, stop=stop)
    finally:
        for part in (http, events, settings, feed, outbox, *([poses] if poses else [])):
            part.close()


def duty(
    poses: AtTicks | None, clock: Callable[[], int], losses: Callable[[], Mapping[str, int]]
) -> Duty[None, Liaison]:
    """Everything as it comes; poses, for their lenses, once a second."""
    poses_due_ns = clock()

    def step(_: None, state: Liaison, item: Any) -> tuple[Liaison, list[Message]]:
        if isinstance(item, Result):
            return state, state.result(item, clock())
        if isinstance(item, Frame):
            return state, state.frame(item, clock())
        message = item.message if isinstance(item, Received) else item
        return state, state.hear(message, clock())

    def tick(_: None, state: Liaison, now_ns: int) -> tuple[Liaison, list[Message]]:
        nonlocal poses_due_ns
        said: list[Message] = []
        if poses and now_ns >= poses_due_ns:
            poses_due_ns = now_ns + POSES_NS
            for pose in poses.fetch():
                said += state.hear(pose, now_ns)
        return state, [*said, *state.tick(now_ns)]

    return Duty(step, tick=tick, tick_s=TICK_S, losses=losses)


def websocket_url(unreal: Unreal) -> str:
    """Where its events are."""
    host = f"[{unreal.host}]" if ":" in unreal.host else unreal.host
    return f"ws://{host}:{unreal.websocket_port}"


def _losses(liaison: Liaison, events: EventLine, feed: Feed) -> dict[str, int]:
    lost = {"preset events": events.dropped, "settings": liaison.connection.dropped, "bus feed": feed.missed}
    return {queue: count for queue, count in lost.items() if count}
