"""OSC control as a service: one UDP port in, commands and marks out on the bus, answers and the echo to surfaces."""

from collections.abc import Callable, Mapping
from typing import Any

from bridge.at_ticks import AtTicks
from bridge.bus.command import Asker
from bridge.bus.keys import BusKeys
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.clock import Clock, system_clock
from bridge.control.addresses import Known
from bridge.control.board import Arrived, Board, Outgoing
from bridge.control.echo import STATES
from bridge.messages import Acknowledged, Message
from bridge.ports import CONTROL_REMEDY
from bridge.service import Datagrams, Desk, Duty, Inlet, Say, run
from bridge.stage import SERVICES, Control, Stage
from bridge.udp import Listener, Sender
from bridge.wire import osc

TICK_S = 0.05
DEADLINE_S = 0.5
"""A service that takes longer is told of as silent; it holds up the other surfaces no longer than this."""
_NOT_SUPERVISED = ("supervisor", "display", "calibrate")
Sources = Mapping[str, tuple[str, str]]
"""Service -> its (pub, rpc) endpoints."""


def serve(
    stage: Stage,
    *,
    sources: Sources,
    outbox: Publisher,
    stop: Callable[[], bool],
    keys: BusKeys | None = None,
    say: Say | None = None,
) -> None:
    """Until `stop()`. Raises PortBusy, and ValueError where the stage file has no [control] table."""
    clock = system_clock
    control = stage.control
    if control is None:
        raise ValueError(f"stage {stage.name} has no [control] table, so there is no port to listen on (docs/osc.md)")
    desk = Desk("control", clock, say)
    wires = Wires(control, clock)
    asker = Asker(keys)
    board = Board(known_of(stage), asking(sources, asker))
    pubs = [pub for pub, _ in sources.values()]
    states, poses = Mailbox(pubs, STATES, keys=keys), Mailbox([sources["spine"][0]], ["CameraPose"], keys=keys)
    at_ticks = AtTicks(poses)
    inbox: list[Inlet] = [Datagrams("osc", wires.listener, _arrived, desk), states, at_ticks]
    try:
        work = duty(at_ticks, wires, outbox, clock)
        run(work, None, board, inbox=inbox, outbox=outbox, clock=clock, desk=desk, stop=stop)
    finally:
        for part in (states, poses, asker, wires, outbox):
            part.close()


class Wires:
    """The port that listens and answers, and one socket per surface."""

    def __init__(self, control: Control, clock: Clock) -> None:
        self.listener = Listener(
            control.bind, control.port, allow=control.allow_senders, clock=clock, remedy=CONTROL_REMEDY
        )
        self._unanswered = 0
        self._surfaces = {f"{s.host}:{s.port}": Sender(s.host, s.port) for s in control.surfaces}

    def answer(self, sender: str, data: bytes) -> None:
        """To who asked, and to the surface of that computer: many send from one port and listen on another."""
        if not self.listener.reply(data, sender):
            self._unanswered += 1
        host = sender.rpartition(":")[0].strip("[]")
        for surface in self._surfaces.values():
            if surface.address == host and not sender.endswith(f":{surface.port}"):
                surface.send(data)

    def echo(self, data: bytes) -> None:
        """To all surfaces."""
        for surface in self._surfaces.values():
            surface.send(data)

    def losses(self) -> dict[str, int]:
        """What the system did not take, by surface."""
        lost = {f"surface {name}": surface.dropped for name, surface in self._surfaces.items()}
        return lost | {"answers": self._unanswered}

    def close(self) -> None:
        """Leave all ports."""
        for part in (self.listener, *self._surfaces.values()):
            part.close()


def duty(poses: AtTicks, wires: Wires, outbox: Publisher, clock: Clock) -> Duty[None, Board]:
    """Packets and states at once; poses, for their timecode, and what is due, at every tick."""

    def step(_: None, board: Board, item: Arrived | Message) -> tuple[Board, Outgoing]:
        if isinstance(item, Arrived):
            return board, board.obey(item, clock)
        return board, board.hear(item, clock())

    def tick(_: None, board: Board, now_ns: int) -> tuple[Board, Outgoing]:
        for pose in poses.fetch():
            board.echo.heard.hear(pose, now_ns)
        return board, board.tick(now_ns)

    def deliver(out: Outgoing) -> None:
        for said in out.bus:
            outbox.send(said)
        for sender, answer in out.answers:
            wires.answer(sender, osc.encode(answer))
        for said in out.echo:
            wires.echo(osc.encode(said))

    return Duty(step, tick=tick, tick_s=TICK_S, deliver=deliver, losses=wires.losses)


def known_of(stage: Stage) -> Known:
    """What addresses may name."""
    services = tuple(name for name in SERVICES if name not in _NOT_SUPERVISED)
    return Known(
        cameras=tuple(camera.name for camera in stage.cameras),
        services=services,
        timecodes=tuple(source.name for source in stage.timecode_inputs),
        outputs=tuple(output.name for output in stage.outputs),
    )


def asking(sources: Sources, asker: Asker) -> Callable[[str, Message], Acknowledged]:
    """Commands by service name."""

    def ask(service: str, message: Message) -> Acknowledged:
        if service not in sources:
            raise TimeoutError(f"{service} does not run on this stage")
        return asker.ask(sources[service][1], message, deadline_s=DEADLINE_S)

    return ask


def _arrived(data: bytes, sender: str, _t_ns: int) -> Any:
    return Arrived(osc.decode(data), sender)
