"""One connection to a Remote Control server as a thought: what is owed, what failed, when to try again.

One request is on its way at a time, so order is kept and a slow Unreal gets no pile of work. Of settings the newest
counts; each take is started and stopped or said to be lost; after a reconnect the settings are told again.
"""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from bridge.clock import NS_PER_S
from bridge.unreal.errand import Backoff, Errand, Plan, one
from bridge.wire.refusal import Refused
from bridge.wire.remote_control import Answer, Ask, batch, batch_of, info

FIRST_REST_S, LONGEST_REST_S = 0.5, 10.0
RETRY_S, LONGEST_RETRY_S = 1.0, 10.0
TAKE_RETRY_NS = NS_PER_S // 2
TAKE_FRESH_NS = 10 * NS_PER_S
"""A take that began so long ago is not begun any more."""
MOMENT_NS = NS_PER_S // 2
SLOW_NS = NS_PER_S // 2
PULSE_NS = 2 * NS_PER_S
"""A server that was asked nothing for so long is asked whether it is there: a dead one does not say so by itself."""
MOST_SETTINGS = 256
_GREETING, _PULSE = "greeting", "pulse"


class Send(NamedTuple):
    """Put this on the wire; answer with `answered` or `broken`."""

    number: int
    ask: Ask
    patience_s: float


class Abandon(NamedTuple):
    """Wait for this answer no longer."""

    number: int


class Greeted(NamedTuple):
    """Connected: whoever holds it wants all settings again, since where they go may have changed."""

    bodies: tuple[Any, ...]


class Done(NamedTuple):
    """It was carried out, with these answers."""

    errand: Errand
    bodies: tuple[Any, ...] = ()


class Lost(NamedTuple):
    """It will not be carried out any more."""

    errand: Errand
    why: str


Action = Send | Abandon | Greeted | Done | Lost


class _Owed:
    """An errand and how it has fared."""

    def __init__(self, errand: Errand, now_ns: int) -> None:
        self.errand, self.since_ns, self.due_ns = errand, now_ns, now_ns
        self.backoff = Backoff(RETRY_S, LONGEST_RETRY_S)


class _OnTheWay(NamedTuple):
    number: int
    owed: tuple[_Owed, ...]
    """More than one is a batch."""
    bodies: tuple[Any, ...]
    sent_ns: int
    patience_ns: int


class Connection:
    """State and what follows from each thing that happens. It never waits; whoever holds it owns the wire."""

    def __init__(self, greeting: Plan, *, timeout_s: float, batched: bool = False) -> None:
        self.asked = self.failed = self.dropped = 0
        self.round_trip_s = 0.0
        self.up = self.ever_up = False
        self._greeting, self._timeout_s, self._batched = greeting, timeout_s, batched
        self._link_fault = ""
        self._faults: dict[str, str] = {}
        self._settings: dict[str, _Owed] = {}
        self._takes: list[_Owed] = []
        self._moments: list[_Owed] = []
        self._on_the_way: _OnTheWay | None = None
        self._backoff, self._try_ns = Backoff(FIRST_REST_S, LONGEST_REST_S), 0
        self._numbers = self._heard_ns = 0
        self._stale = False
        self._may_record = True
        """A process before this one may have started a take."""

    @property
    def waiting(self) -> int:
        """Errands not carried out yet."""
        return len(self._settings) + len(self._takes) + len(self._moments)

    @property
    def fault(self) -> str:
        """The newest thing wrong; empty again when it has gone right."""
        return self._link_fault or next(reversed(self._faults.values()), "")

    def state(self, now_ns: int) -> Literal["connecting", "connected", "slow", "silent"]:
        """In a word."""
        if not self.up:
            return "silent" if self.ever_up else "connecting"
        way = self._on_the_way
        return "slow" if way and now_ns - way.sent_ns >= SLOW_NS else "connected"

    # --- what happens ---

    def want(self, errand: Errand, now_ns: int) -> list[Action]:
        """Something to be carried out as soon as it can be."""
        owed = _Owed(errand, now_ns)
        if errand.kind in ("setting", "look"):
            if errand.key not in self._settings and len(self._settings) >= MOST_SETTINGS:
                self.dropped += 1
                return []
            self._faults.pop(errand.key, None)
            self._settings[errand.key] = owed
            return self._next(now_ns)
        if errand.kind == "moment":
            self._moments = [owed]
            return self._next(now_ns)
        return [*self._want_take(owed), *self._next(now_ns)]

    def withdraw(self, key: str) -> None:
        """Such a setting is wanted no longer."""
        self._settings.pop(key, None)
        self._faults.pop(key, None)

    def answered(self, number: int, answer: Answer, now_ns: int) -> list[Action]:
        """An answer came, good or bad."""
        way = self._on_the_way
        if way is None or way.number != number:
            return []
        self._on_the_way, self._heard_ns = None, now_ns
        self.round_trip_s = (now_ns - way.sent_ns) / NS_PER_S
        if len(way.owed) > 1:
            return [*self._batch_answered(way, answer, now_ns), *self._next(now_ns)]
        fault = answer.fault
        if not fault:
            return [*self._go_on(way._replace(bodies=(*way.bodies, answer.body)), now_ns), *self._next(now_ns)]
        return [*self._went_wrong(way.owed, fault, now_ns), *self._next(now_ns)]

    def broken(self, number: int, why: str, now_ns: int) -> list[Action]:
        """No answer: the server is not there, hung up, or spoke something else."""
        way = self._on_the_way
        if way is None or way.number != number:
            return []
        self._on_the_way = None
        return list(self._hang_up(why, now_ns))

    def tick(self, now_ns: int) -> list[Action]:
        """Time passes: try again, give up."""
        way = self._on_the_way
        if way and now_ns - way.sent_ns >= way.patience_ns:
            self._on_the_way = None
            why = f"no answer within {way.patience_ns / NS_PER_S:g} s"
            return [Abandon(way.number), *self._hang_up(why, now_ns)]
        return [*self._give_up_old(now_ns), *self._next(now_ns)]

    def greet_again(self) -> None:
        """What is exposed may have changed, or the server may be a new one: ask, and want everything again."""
        self._stale = True

    # --- takes and moments ---

    def _want_take(self, owed: _Owed) -> Iterator[Action]:
        """A stop ends a start that waits, and one stop is enough. What we cannot have begun is not ours to stop."""
        if owed.errand.kind == "stop":
            for earlier in self._waiting_takes():
                if earlier.errand.kind == "start":
                    yield self._lose(earlier, self.fault or "it ended before Unreal could be told")
                else:
                    self._strike(earlier)
            if not self._may_record:
                return
        self._takes.append(owed)

    def _waiting_takes(self) -> list[_Owed]:
        way = self._on_the_way
        return [take for take in self._takes if way is None or take not in way.owed]

    def _give_up_old(self, now_ns: int) -> Iterator[Action]:
        for take in self._waiting_takes():
            if take.errand.kind == "start" and now_ns - take.since_ns >= TAKE_FRESH_NS:
                yield self._lose(take, self.fault or "Unreal was not to be reached")
        if self._moments and self._moments[0].since_ns + MOMENT_NS <= now_ns:
            yield self._lose(self._moments[0], "it came too late")

    def _lose(self, owed: _Owed, why: str) -> Lost:
        self._strike(owed)
        return Lost(owed.errand, why)

    def _strike(self, owed: _Owed) -> None:
        if owed in self._takes:
            self._takes.remove(owed)
        if owed in self._moments:
            self._moments.remove(owed)
        if self._settings.get(owed.errand.key) is owed:
            del self._settings[owed.errand.key]

    # --- one request after the other ---

    def _next(self, now_ns: int) -> list[Action]:
        if self._on_the_way:
            return []
        if not self.up or self._stale:
            if not self.up and now_ns < self._try_ns:
                return []
            self._stale = False
            greeting = Errand(_GREETING, "the connection", self._greeting)
            return self._go_on(_OnTheWay(0, (_Owed(greeting, now_ns),), (), 0, 0), now_ns)
        due = self._due(now_ns)
        if len(due) > 1:
            asks = [owed.errand.single for owed in due if owed.errand.single]
            return [self._send(_OnTheWay(0, due, (), 0, 0), batch(asks), now_ns)]
        actions: list[Action] = []
        while due and not self._on_the_way:  # an errand that turns out to need nothing asks nothing
            actions += self._go_on(_OnTheWay(0, due, (), 0, 0), now_ns)
            due = self._due(now_ns)
        if not self._on_the_way and now_ns - self._heard_ns >= PULSE_NS:
            pulse = one(_PULSE, "the connection", info())
            actions += self._go_on(_OnTheWay(0, (_Owed(pulse, now_ns),), (), 0, 0), now_ns)
        return actions

    def _due(self, now_ns: int) -> tuple[_Owed, ...]:
        if self._takes and self._takes[0].due_ns <= now_ns:
            return (self._takes[0],)
        if self._moments:
            return (self._moments[0],)
        due = [owed for owed in self._settings.values() if owed.due_ns <= now_ns]
        if self._batched and len(singles := tuple(owed for owed in due if owed.errand.single)) > 1:
            return singles
        return tuple(due[:1])

    def _go_on(self, way: _OnTheWay, now_ns: int) -> list[Action]:
        (owed,) = way.owed
        try:
            ask = owed.errand.plan(way.bodies)
        except Refused as refused:
            return self._went_wrong(way.owed, str(refused), now_ns)
        return [self._send(way, ask, now_ns)] if ask else self._went_well(owed, way.bodies)

    def _send(self, way: _OnTheWay, ask: Ask, now_ns: int) -> Send:
        self._numbers += 1
        self.asked += 1
        self._may_record = self._may_record or any(owed.errand.kind == "start" for owed in way.owed)
        patience_s = max(self._timeout_s, *(owed.errand.patience_s for owed in way.owed), 0.0)
        self._on_the_way = way._replace(number=self._numbers, sent_ns=now_ns, patience_ns=round(patience_s * NS_PER_S))
        return Send(self._numbers, ask, patience_s)

    def _went_well(self, owed: _Owed, bodies: tuple[Any, ...]) -> list[Action]:
        self._faults.pop(owed.errand.key, None)
        if owed.errand.key == _GREETING:
            self.up = self.ever_up = True
            self._link_fault = ""
            self._backoff.forget()
            self._settings.clear()
            return [Greeted(bodies)]
        if owed.errand.key == _PULSE:
            return []
        self._strike(owed)
        if owed.errand.kind == "stop":
            self._may_record = False
        return [Done(owed.errand, bodies)]

    def _batch_answered(self, way: _OnTheWay, answer: Answer, now_ns: int) -> Iterator[Action]:
        try:
            answers = [answer] * len(way.owed) if answer.fault else batch_of(answer.body, len(way.owed))
        except Refused as refused:
            answers = [Answer(0, {"errorMessage": str(refused)})] * len(way.owed)
        for owed, its in zip(way.owed, answers, strict=True):
            if its.fault:
                yield from self._went_wrong((owed,), its.fault, now_ns)
            else:
                yield from self._went_well(owed, (its.body,))

    def _went_wrong(self, these: tuple[_Owed, ...], why: str, now_ns: int) -> list[Action]:
        """Unreal is there and says no."""
        (owed,) = these
        if owed.errand.key in (_GREETING, _PULSE):
            return list(self._hang_up(f"it does not answer as Remote Control does: {why}", now_ns))
        self.failed += 1
        if owed.errand.kind == "look":
            return [self._lose(owed, why)]
        if owed.errand.kind == "setting" and self._settings.get(owed.errand.key) is not owed:
            return []  # wanted no longer, or otherwise
        self._faults.pop(owed.errand.key, None)
        self._faults[owed.errand.key] = f"{owed.errand.said}: {why}"
        if owed.errand.kind == "moment":
            return [self._lose(owed, why)]
        if owed.errand.kind != "start":
            owed.due_ns = now_ns + owed.backoff.rest_ns()
            return []
        owed.due_ns = now_ns + TAKE_RETRY_NS
        over = self._takes[-1] is not owed or now_ns - owed.since_ns >= TAKE_FRESH_NS
        return [self._lose(owed, why)] if over else []

    def _hang_up(self, why: str, now_ns: int) -> Iterator[Action]:
        self.failed += 1
        self.up = False
        self._link_fault = why
        self._try_ns = now_ns + self._backoff.rest_ns()
        yield from self._give_up_old(now_ns)
