"""Pictures to the engine's nodes, as a service: tickets from the bus, pixels out of the map, messages to every node.

It is a process and a port of its own beside the spine's, so that a pose waits for no pixel: not in a loop, not in a
queue, not on a connection.
"""

from collections import Counter
from collections.abc import Callable

from bridge.bus.keys import BusKeys
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.clock import Clock, clock_id, system_clock
from bridge.engine import gateway
from bridge.engine.picture_gateway import format_of, is_wanted, picture_parts
from bridge.engine.picture_output import Held, PictureOutput
from bridge.messages import PictureTicket
from bridge.pictures import PictureReader
from bridge.service import Desk, Duty, run
from bridge.services import SPEAKING, all_pubs
from bridge.stage import Stage
from bridge.wire.refusal import Refused


class Relay:
    """Passes on what tickets point at. A picture that is gone, or changes under the copy, is counted and never sent."""

    def __init__(
        self, patterns: tuple[str, ...], reader: PictureReader, output: PictureOutput, desk: Desk, clock: Clock
    ) -> None:
        self.overwritten: Counter[str] = Counter()
        """Read too late: its writer had gone round its slots."""
        self.behind: Counter[str] = Counter()
        """Times that some node's queue was found full: it lost this picture, and more until it has read on. It counts
        them itself, by the gap in the numbers."""
        self.sent: Counter[str] = Counter()
        self._patterns, self._reader, self._output = patterns, reader, output
        self._desk, self._clock, self._clock_id = desk, clock, clock_id()

    def pass_on(self, ticket: PictureTicket) -> None:
        """One picture to every node, if the stage file lets it out."""
        if not is_wanted(ticket.subject, self._patterns):
            return
        try:
            format_of(ticket)
            held = self._held(ticket)
            if held is None:
                return
            number = self.sent[ticket.subject] + 1
            parts = picture_parts(ticket, held.pixels, sequence=number, clock_id=self._clock_id, now_ns=self._clock())
        except Refused as refused:
            self._desk.refuse(refused.kind, ticket.subject, f"{ticket.subject} is not sent: {refused}")
            return
        self.sent[ticket.subject] = number
        if not self._output.send(parts, held):
            self.behind[ticket.subject] += 1

    def _held(self, ticket: PictureTicket) -> Held | None:
        """A copy that is whole; None where there is none to be had."""
        refused = self._reader.refused
        pixels = self._reader.view(ticket)
        held = None if pixels is None else Held(pixels)
        if held is not None and self._reader.unchanged(ticket):
            return held
        if self._reader.refused > refused:
            raise Refused("field", f"{ticket.path} is no picture map of this host, or not the one that its ticket says")
        self.overwritten[ticket.subject] += 1
        return None

    def losses(self) -> dict[str, int]:
        """By picture, for the service's health."""
        late = {f"{subject} read too late": count for subject, count in self.overwritten.items()}
        return late | {f"{subject} a node fell behind": count for subject, count in self.behind.items()}


def serve(
    stage: Stage,
    *,
    outbox: Publisher,
    stop: Callable[[], bool],
    keys: BusKeys | None = None,
    clock: Clock = system_clock,
) -> None:
    """Until `stop()`. Raises PortBusy."""
    desk = Desk("pictures", clock)
    tickets = Mailbox(all_pubs(stage, SPEAKING), ["PictureTicket"], clock=clock, keys=keys)
    reader, output = PictureReader(), PictureOutput(stage.engine.bind, stage.engine.pictures_port)
    relay = Relay(stage.engine.pictures, reader, output, desk, clock)
    told: Counter[str] = Counter()

    def step(_: None, beats: int, ticket: PictureTicket) -> tuple[int, None]:
        relay.pass_on(ticket)
        return beats, None

    def tick(_: None, beats: int, now_ns: int) -> tuple[int, None]:
        output.say(gateway.heartbeat_multipart(sequence=beats, clock_id=clock_id(), boot=outbox.boot, now_ns=now_ns))
        lately = {subject: count - told[subject] for subject, count in sorted(relay.sent.items())}
        told.update(lately)
        desk.note = ", ".join(f"{subject} {count} a second" for subject, count in lately.items() if count)
        return beats + 1, None

    duty = Duty[None, int](
        step,
        tick=tick,
        tick_s=1.0,
        deliver=lambda _: None,
        losses=lambda: {**relay.losses(), "superseded": tickets.superseded},
    )
    try:
        run(duty, None, 1, inbox=[tickets], outbox=outbox, clock=clock, desk=desk, stop=stop)
    finally:
        for part in (tickets, output, reader, outbox):
            part.close()
