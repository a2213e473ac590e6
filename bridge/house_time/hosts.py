"""Our other hosts' clocks: whom to ask and when, what the answers say, and what to tell of it. No socket, no clock."""

from collections.abc import Mapping
from typing import NamedTuple

from bridge.clock import NS_PER_S
from bridge.house_time import host_clock
from bridge.house_time.host_clock import Clock, Event
from bridge.messages import Alarm, HostClock, Message
from bridge.wire.clock_exchange import ANSWER, ASK, Exchange

SILENT_NS = 3 * NS_PER_S
_FIRST, _FIRST_NS, _EVERY_NS = 8, NS_PER_S // 5, NS_PER_S
_SAY_NS = NS_PER_S
_PENDING_NS = 2 * NS_PER_S


class Question(NamedTuple):
    """An exchange to send to a host."""

    host: str
    packet: Exchange


class Peer:
    """One other host."""

    def __init__(self, since_ns: int) -> None:
        self.clock = Clock()
        self.asked = 0
        self.ask_ns = since_ns
        self.answered_ns = since_ns
        self.silent = False


class Hosts:
    """All of them; changed in place. `number` is where the count of questions begins: unpredictable, so that nobody
    who does not hear a question can answer it."""

    def __init__(self, names: Mapping[str, str], clock_id: int, number: int, now_ns: int) -> None:
        self._addresses = dict(names)
        """Host -> its address."""
        self._clock_id, self._number = clock_id, number
        self.peers = {name: Peer(now_ns) for name in names}
        self._pending: dict[int, tuple[str, int]] = {}
        self._alarms: list[Message] = []
        self._said_ns = now_ns - _SAY_NS

    def questions(self, now_ns: int) -> list[Question]:
        """Whom to ask now. Send each at once: `t1` is now."""
        self._pending = {number: one for number, one in self._pending.items() if now_ns - one[1] < _PENDING_NS}
        asked: list[Question] = []
        for name, peer in self.peers.items():
            if now_ns >= peer.ask_ns:
                self._number = (self._number + 1) & 0xFFFFFFFF
                self._pending[self._number] = (name, now_ns)
                peer.asked += 1
                peer.ask_ns = now_ns + (_FIRST_NS if peer.asked < _FIRST else _EVERY_NS)
                packet = Exchange(kind=ASK, number=self._number, clock_id=self._clock_id, t1_ns=now_ns)
                asked.append(Question(name, packet))
        return asked

    def answer(self, asked: Exchange, t2_ns: int, now_ns: int) -> Exchange:
        """To somebody's question, to be sent at once."""
        return Exchange(
            kind=ANSWER, number=asked.number, clock_id=self._clock_id, t1_ns=asked.t1_ns, t2_ns=t2_ns, t3_ns=now_ns
        )

    def hear(self, answer: Exchange, address: str, t4_ns: int) -> bool:
        """An answer; False where nobody asked for it, or somebody else answers."""
        name, t1_ns = self._pending.get(answer.number, ("", 0))
        if not name or answer.t1_ns != t1_ns or self._addresses[name] != address:
            return False
        del self._pending[answer.number]
        peer = self.peers[name]
        before = host_clock.offset(peer.clock, t4_ns).offset_ns if peer.clock.quickest else 0.0
        said = host_clock.sample(t1_ns, answer.t2_ns, answer.t3_ns, t4_ns)
        peer.clock, event = host_clock.step(peer.clock, said, answer.clock_id)
        if said:
            peer.answered_ns = t4_ns
        if event in ("jumped", "rebooted"):
            self._tell(name, event, before, t4_ns)
        return True

    def tick(self, now_ns: int) -> list[Message]:
        """Alarms at once, every clock once a second."""
        for name, peer in self.peers.items():
            silent = now_ns - peer.answered_ns > SILENT_NS
            if silent != peer.silent:
                peer.silent = silent
                self._alarms.append(self._of_silence(name, silent, now_ns))
        said, self._alarms = self._alarms, []
        if now_ns - self._said_ns >= _SAY_NS:
            self._said_ns = now_ns
            said += [state_of(name, peer, now_ns) for name, peer in self.peers.items()]
        return said

    def _tell(self, name: str, event: Event, before_ns: float, now_ns: int) -> None:
        by_s = (host_clock.offset(self.peers[name].clock, now_ns).offset_ns - before_ns) / NS_PER_S
        text = f"the clock of host {name} jumped by {by_s * 1e3:+.3f} ms; if it slept, wake it for good"
        if event == "rebooted":
            text = f"host {name} was started anew, so its clock is another one; services there must be started again"
        self._alarms.append(Alarm(subject=name, t_ns=now_ns, severity="warning", text=text))

    def _of_silence(self, name: str, silent: bool, now_ns: int) -> Alarm:
        address = self._addresses[name]
        text = f"host {name} at {address} answers about its clock again"
        if silent:
            text = f"host {name} at {address} does not answer about its clock; start `cyc service clocks` there, and"
            text += " look at its firewall and at its address in the stage file"
        return Alarm(subject=name, t_ns=now_ns, severity="warning" if silent else "notice", text=text)


def state_of(name: str, peer: Peer, now_ns: int) -> HostClock:
    """What is known of a host's clock now."""
    clock = peer.clock
    if not clock.quickest:
        note = "it has not answered yet"
        return HostClock(subject=name, t_ns=now_ns, offset_s=0.0, error_s=0.0, silent=peer.silent, note=note)
    known = host_clock.offset(clock, now_ns)
    return HostClock(
        subject=name,
        t_ns=now_ns,
        offset_s=known.offset_ns / NS_PER_S,
        error_s=known.error_ns / NS_PER_S,
        skew_unit=clock.skew_unit,
        round_trip_s=host_clock.round_trip_ns(clock) / NS_PER_S,
        exchanges=clock.exchanges,
        silent=peer.silent,
        jumps=clock.jumps,
    )
