"""Between surfaces and bus: OSC packets and states go in; events, answers and the echo come out. No socket, no clock.

Services are asked through a function that may wait, for a bounded time. Who did not answer is not asked again for a
second: everything meant for it is refused at once meanwhile, so that one dead service delays nobody else's command.
"""

from collections.abc import Callable
from typing import NamedTuple

from bridge.clock import NS_PER_S
from bridge.control.addresses import ANSWERS, OK, REFUSED, Known, Prepared, Refresh, Refusal, Row, addresses, understand
from bridge.control.echo import Echo
from bridge.messages import Acknowledged, Flash, Mark, Message, StartTake
from bridge.wire.osc import OscMessage, OscPacket, flat, message
from bridge.wire.refusal import Refused

REST_NS = NS_PER_S
MOST_MESSAGES = 64
"""Of one packet; each may wait for a service."""
_MOST_ASKERS = 16

Ask = Callable[[str, Message], Acknowledged]
"""Send a command to a service and wait; TimeoutError says that it did not answer."""


class Arrived(NamedTuple):
    """One packet of a surface."""

    packet: OscPacket
    sender: str
    """`address:port`."""


class Outgoing(NamedTuple):
    """What to send, in this order."""

    bus: list[Message]
    answers: list[tuple[str, OscMessage]]
    """(`address:port` of who asked, what it hears)."""
    echo: list[OscMessage]
    """To all surfaces."""


class Board:
    """One per stage."""

    def __init__(self, known: Known, ask: Ask) -> None:
        self.echo = Echo(known)
        self._book = addresses(known)
        self._ask = ask
        self._rests_until_ns: dict[str, int] = {}
        self._askers: dict[str, None] = {}

    def hear(self, message: Message, now_ns: int) -> Outgoing:
        """A state from the bus."""
        self.echo.heard.hear(message, now_ns)
        return self.tick(now_ns)

    def obey(self, arrived: Arrived, clock: Callable[[], int]) -> Outgoing:
        """A packet of a surface; what is in a bundle is done at once and in order, whatever its time tag."""
        said = list(flat(arrived.packet))
        if len(said) > MOST_MESSAGES:
            raise Refused("length", f"OSC bundle: {len(said)} messages, expected at most {MOST_MESSAGES}")
        bus: list[Message] = []
        answers = [(arrived.sender, answer) for one in said for answer in self._one(one, arrived.sender, bus, clock())]
        return self._with_echo(bus, answers, clock())

    def tick(self, now_ns: int) -> Outgoing:
        """Time passes."""
        return self._with_echo([], [], now_ns)

    def _with_echo(self, bus: list[Message], answers: list[tuple[str, OscMessage]], now_ns: int) -> Outgoing:
        echo = self.echo.due(now_ns)
        if self.echo.complete:
            answers += [(asker, said) for asker in self._askers for said in echo]
            self._askers.clear()
        return Outgoing(bus, answers, echo)

    def _one(self, said: OscMessage, sender: str, bus: list[Message], now_ns: int) -> list[OscMessage]:
        """-> the answer, none for a button let go."""
        if said.address in ANSWERS:
            return []
        timecode = self.echo.heard.timecode
        wanted = understand(self._book, said, self.echo.heard.prepared, now_ns, timecode[0] if timecode else None)
        if isinstance(wanted, Refusal):
            return [message(REFUSED, *wanted)]
        match wanted.effect:
            case None:
                return []
            case Prepared() as prepared:
                self.echo.heard.prepared = prepared
                return [_ok(said, f"the next take: {prepared.take or 'numbered'}, slate {prepared.slate or 'default'}")]
            case Refresh():
                self.echo.refresh()
                self._askers = dict.fromkeys([*self._askers, sender][-_MOST_ASKERS:])
                return []
            case Mark() as mark:
                bus.append(mark)
                where = f" at {mark.timecode}" if mark.timecode else ""
                return [_ok(said, f"marked{where}" + ("" if self.echo.heard.recording else ", nothing is recording"))]
            case Flash() as flash:
                bus.append(flash)
                return [_ok(said, "asked all walls to flash")]
            case command:
                return [self._command(wanted.row, said, command, now_ns)]

    def _command(self, row: Row, said: OscMessage, command: Message, now_ns: int) -> OscMessage:
        if now_ns < self._rests_until_ns.get(row.to, 0):
            return _not_done(said, row.to, f"{row.to} did not answer a moment ago; not asked again yet")
        try:
            answer = self._ask(row.to, command)
        except TimeoutError:
            self._rests_until_ns[row.to] = now_ns + REST_NS
            name = type(command).__name__
            return _not_done(said, row.to, f"{row.to} did not answer {name} in time: watch the echo, it may do it yet")
        if not answer.ok:
            return _not_done(said, row.to, f"{row.to}: {answer.text}")
        if isinstance(command, StartTake) and command.take:
            self.echo.heard.prepared = self.echo.heard.prepared._replace(take="")
        return _ok(said, answer.text)


def _ok(said: OscMessage, text: str) -> OscMessage:
    return message(OK, said.address, text)


def _not_done(said: OscMessage, service: str, text: str) -> OscMessage:
    return message(REFUSED, *Refusal(said.address, text, f"a yes of {service}", "no", said.address))
