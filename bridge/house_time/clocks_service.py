"""The clocks service: runs on every host, asks the others for their time, answers theirs, says each one's offset.

It answers on the address that the stage file gives this host, and asks from a port of its own.
"""

import os
import socket
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from bridge.bus.address import is_loopback
from bridge.bus.publisher import Publisher
from bridge.clock import Clock, clock_id, system_clock
from bridge.house_time.hosts import Hosts
from bridge.messages import Message
from bridge.service import Datagrams, Desk, Duty, Say, run
from bridge.stage import Host, Stage
from bridge.udp import Listener
from bridge.wire import clock_exchange
from bridge.wire.clock_exchange import ANSWER, ASK, Exchange
from bridge.wire.refusal import Refused

TICK_S = 0.05
_REMEDY = "change clock_port of this host in the stage file"


class Came(NamedTuple):
    """One packet of the right kind for the port it came to."""

    packet: Exchange
    sender: str
    t_ns: int


def serve(stage: Stage, own: str, *, outbox: Publisher, stop: Callable[[], bool], say: Say | None = None) -> None:
    """Until `stop()`. Raises PortBusy; ValueError where the stage names no other host, or none that this one is."""
    clock = system_clock
    hosts_of = tuple(msgspec.structs.replace(host, address=numeric(host.address)) for host in stage.hosts)
    host = own_host(hosts_of, own)
    others = tuple(other for other in hosts_of if other.name != host.name)
    if not others:
        raise ValueError(f"stage {stage.name} names no host but {host.name}, so there is no clock to compare")
    desk = Desk("clocks", clock, say)
    if is_loopback(host.address) and not all(is_loopback(other.address) for other in others):
        desk.say(
            [f"host {host.name} is at {host.address}, where no other host can ask it; give it its network address"]
        )
    wires = Wires(host, others, clock)
    number = int.from_bytes(os.urandom(4), "little")
    hosts = Hosts({other.name: other.address for other in others}, clock_id(), number, clock())
    inbox = [
        Datagrams("questions", wires.answering, arrives(ASK), desk),
        Datagrams("answers", wires.asking, arrives(ANSWER), desk),
    ]
    try:
        run(duty(wires, clock), None, hosts, inbox=inbox, outbox=outbox, clock=clock, desk=desk, stop=stop)
    finally:
        for part in (wires, outbox):
            part.close()


class Wires:
    """The port that answers and the one that asks."""

    def __init__(self, host: Host, others: tuple[Host, ...], clock: Clock) -> None:
        allow = [other.address for other in others]
        near = all(is_loopback(other.address) for other in others)
        self.answering = Listener(host.address, host.clock_port, allow=allow, clock=clock, remedy=_REMEDY)
        v6 = ":" in others[0].address
        bind = ("::1" if v6 else "127.0.0.1") if near else ("::" if v6 else "0.0.0.0")
        self.asking = Listener(bind, 0, allow=allow, clock=clock, remedy=_REMEDY)
        self._to = {other.name: f"{other.address}:{other.clock_port}" for other in others}
        self.unsent = 0

    def ask(self, host: str, packet: Exchange) -> None:
        """A question to a host."""
        self.unsent += not self.asking.reply(clock_exchange.encode(packet), self._to[host])

    def answer(self, sender: str, packet: Exchange) -> None:
        """An answer to who asked."""
        self.unsent += not self.answering.reply(clock_exchange.encode(packet), sender)

    def close(self) -> None:
        """Leave both ports."""
        self.answering.close()
        self.asking.close()


def duty(wires: Wires, clock: Clock) -> Duty[None, Hosts]:
    """Questions are answered as they come; answers are weighed as they come; the rest happens at ticks."""

    def step(_: None, hosts: Hosts, came: Came) -> tuple[Hosts, list[Message]]:
        if came.packet.kind == ASK:
            wires.answer(came.sender, hosts.answer(came.packet, came.t_ns, clock()))
        elif not hosts.hear(came.packet, came.sender.rpartition(":")[0].strip("[]"), came.t_ns):
            raise Refused("answer", f"clock exchange: {came.sender} answers a question that was not asked of it")
        return hosts, []

    def tick(_: None, hosts: Hosts, _now_ns: int) -> tuple[Hosts, list[Message]]:
        for host, packet in hosts.questions(clock()):
            wires.ask(host, packet)
        return hosts, hosts.tick(clock())

    return Duty(step, tick=tick, tick_s=TICK_S, losses=lambda: {"unsent": wires.unsent})


def arrives(kind: int) -> Callable[[bytes, str, int], Came]:
    """A datagram as a packet of this kind, the only one this port takes."""

    def make(data: bytes, sender: str, t_ns: int) -> Came:
        packet = clock_exchange.decode(data)
        if packet.kind != kind:
            raise Refused("type", f"clock exchange: kind {packet.kind} came to the port for {kind}")
        return Came(packet, sender, t_ns)

    return make


def own_host(hosts: tuple[Host, ...], own: str) -> Host:
    """The one this computer is: the one named, else the first whose address is one of ours, loopback last."""
    if own:
        found = next((host for host in hosts if host.name == own), None)
        if found is None:
            raise ValueError(f"--host: expected one of {', '.join(host.name for host in hosts)}, got {own!r}")
        return found
    for host in sorted(hosts, key=lambda host: is_loopback(host.address)):
        if _is_ours(host.address):
            return host
    known = ", ".join(f"{host.name} {host.address}" for host in hosts)
    raise ValueError(f"this computer has none of the hosts' addresses ({known}); say which it is with --host")


def numeric(address: str) -> str:
    """A host's address in numbers, as its packets bear it."""
    try:
        return str(socket.getaddrinfo(address, None, type=socket.SOCK_DGRAM)[0][4][0])
    except socket.gaierror as error:
        raise ValueError(f"hosts: {address} is no address that can be found: {error.strerror}") from None


def _is_ours(address: str) -> bool:
    try:
        Listener(address, 0).close()
    except OSError:
        return False
    return True
