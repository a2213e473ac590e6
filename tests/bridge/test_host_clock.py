"""Other hosts' clocks: RFC 5905's arithmetic, a simulated network whose truth is known, and real sockets."""

import numpy as np
import pytest

from bridge.clock import NS_PER_S, system_clock
from bridge.house_time import host_clock
from bridge.house_time.clocks_service import Wires, arrives, own_host
from bridge.house_time.host_clock import Clock, offset, sample, step
from bridge.house_time.hosts import Hosts
from bridge.messages import Alarm, HostClock
from bridge.stage import Host
from bridge.wire.clock_exchange import ANSWER, ASK, Exchange, decode, encode
from bridge.wire.refusal import Refused

US = 1_000


class Network:
    """A clock that runs `skew` faster and is `offset_s` ahead; each way takes its floor and an exponential wait."""

    def __init__(self, seed: int, *, skew: float = 40e-6, offset_s: float = 5.0, ways_us: tuple[float, float]) -> None:
        self.random = np.random.default_rng(seed)
        self.skew, self.offset_s, self.ways_us = skew, offset_s, ways_us

    def theirs_ns(self, t_ns: int) -> int:
        return round(t_ns * (1 + self.skew) + self.offset_s * NS_PER_S)

    def truth_ns(self, t_ns: int) -> float:
        return self.theirs_ns(t_ns) - t_ns

    def exchange(self, t1_ns: int) -> host_clock.Sample:
        there, back = (round(US * (100 + self.random.exponential(way))) for way in self.ways_us)
        arrives_ns, leaves_ns = t1_ns + there, t1_ns + there + 30 * US
        said = sample(t1_ns, self.theirs_ns(arrives_ns), self.theirs_ns(leaves_ns), leaves_ns + back)
        assert said
        return said


def test_offset_and_delay_are_rfc_5905s() -> None:
    """theta = ((T2 - T1) + (T3 - T4)) / 2, delta = (T4 - T1) - (T3 - T2), section 8; worked by hand."""
    said = sample(1_000, 11_300, 11_350, 1_250)
    assert said == host_clock.Sample(1_125, ((11_300 - 1_000) + (11_350 - 1_250)) / 2, 200)
    assert said.offset_ns == 10_200.0
    assert sample(1_000, 11_300, 11_200, 1_250) is None, "it left before it came"
    assert sample(1_000, 11_300, 11_900, 1_250) is None, "the other host kept it for longer than it was away"


@pytest.mark.parametrize("ways_us", [(300.0, 300.0), (5_000.0, 50.0), (20.0, 20_000.0)])
@pytest.mark.parametrize("skew", [0.0, 40e-6, -90e-6])
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_the_truth_is_always_within_the_bound(seed: int, skew: float, ways_us: tuple[float, float]) -> None:
    network = Network(seed, skew=skew, ways_us=ways_us)
    clock = Clock()
    shortest_ns = 1e18
    for second in range(1, 300):
        said = network.exchange(second * NS_PER_S)
        shortest_ns = min(shortest_ns, said.round_trip_ns)
        clock, _ = step(clock, said, 7)
        for later_ns in (0, NS_PER_S // 2):
            t_ns = said.t_ns + later_ns
            known = offset(clock, t_ns)
            assert abs(known.offset_ns - network.truth_ns(t_ns)) <= known.error_ns
    assert abs(clock.skew_unit - skew) < 20e-6
    assert known.error_ns < shortest_ns / 2 + 3_000 * US
    assert clock.jumps == 0


def test_skew_is_found_on_a_quiet_network() -> None:
    network = Network(3, skew=37e-6, ways_us=(40.0, 60.0))
    clock = Clock()
    for second in range(1, 240):
        clock, _ = step(clock, network.exchange(second * NS_PER_S), 7)
    assert clock.skew_unit == pytest.approx(37e-6, abs=0.5e-6)
    assert host_clock.round_trip_ns(clock) < 230 * US


def test_a_step_of_their_clock_is_noticed_and_one_late_packet_is_not() -> None:
    network = Network(4, ways_us=(50.0, 50.0))
    clock, events = Clock(), list[str]()
    for second in range(1, 120):
        if second == 80:
            network.offset_s += 0.003
        said = network.exchange(second * NS_PER_S)
        if second == 40:  # late by 20 ms on one way: a wide bound, no contradiction
            said = said._replace(offset_ns=said.offset_ns + 10e6, round_trip_ns=said.round_trip_ns + 20_000_000)
        clock, event = step(clock, said, 7)
        events += [f"{event} {second}"] if event else []
    assert events == ["first 1", "jumped 82"]
    known = offset(clock, 119 * NS_PER_S)
    assert abs(known.offset_ns - network.truth_ns(119 * NS_PER_S)) <= known.error_ns < 300 * US


def test_a_reboot_is_another_clock() -> None:
    network = Network(5, ways_us=(50.0, 50.0))
    clock, _ = step(Clock(), network.exchange(NS_PER_S), 7)
    clock, event = step(clock, network.exchange(2 * NS_PER_S), 8)
    assert event == "rebooted"
    assert len(clock.quickest) == 1


def hosts_of(*names: str) -> Hosts:
    return Hosts({name: f"10.0.0.{index + 2}" for index, name in enumerate(names)}, 11, 0xFFFFFFFE, 0)


def test_who_does_not_answer_is_called_silent_and_what_to_do() -> None:
    hosts = hosts_of("node1", "node2")
    said = list[object]()
    for tenth in range(60):
        now_ns = tenth * NS_PER_S // 10
        for host, packet in hosts.questions(now_ns):
            if host == "node1" or now_ns > 5 * NS_PER_S:
                answer = Exchange(
                    kind=ANSWER, number=packet.number, clock_id=3, t1_ns=now_ns, t2_ns=now_ns, t3_ns=now_ns
                )
                address = "10.0.0.2" if host == "node1" else "10.0.0.3"
                assert hosts.hear(answer, address, now_ns + 200 * US)
        said += hosts.tick(now_ns)
    alarms = [message.text for message in said if isinstance(message, Alarm)]
    assert len(alarms) == 2
    assert "host node2 at 10.0.0.3 does not answer about its clock; start `cyc service clocks` there" in alarms[0]
    assert "answers about its clock again" in alarms[1]
    states = [message for message in said if isinstance(message, HostClock) and message.subject == "node1"]
    assert len(states) == 6
    assert states[-1].error_s < 0.0006


def test_only_who_was_asked_may_answer_and_only_once() -> None:
    hosts = hosts_of("node1")
    ((_, packet),) = hosts.questions(1_000)
    answer = Exchange(kind=ANSWER, number=packet.number, clock_id=3, t1_ns=1_000, t2_ns=5, t3_ns=6)
    assert not hosts.hear(answer, "10.0.0.9", 2_000), "somebody else"
    assert not hosts.hear(Exchange(kind=ANSWER, number=1, clock_id=3, t1_ns=1_000), "10.0.0.2", 2_000), "not asked"
    assert hosts.hear(answer, "10.0.0.2", 2_000)
    assert not hosts.hear(answer, "10.0.0.2", 2_000), "twice"


def test_the_packet_both_ways_and_what_is_none() -> None:
    packet = Exchange(kind=ASK, number=0x01020304, clock_id=0xAABBCCDD, t1_ns=-5, t2_ns=2**62, t3_ns=1)
    data = encode(packet)
    assert decode(data) == packet
    assert data.hex() == (
        "43594354" "01" "01" "0000" "04030201" "ddccbbaa"
        "fbffffffffffffff" "0000000000000040" "0100000000000000" "0000000000000000"
    )  # fmt: skip
    for wrong, kind in ((data[:40], "length"), (b"X" + data[1:], "magic"), (data[:5] + b"\x07" + data[6:], "type")):
        with pytest.raises(Refused) as refused:
            decode(wrong)
        assert refused.value.kind == kind
    with pytest.raises(Refused, match="use one release"):
        decode(data[:4] + b"\x02" + data[5:])


def test_two_hosts_on_loopback_find_that_they_share_a_clock() -> None:
    """Real sockets both ways; their clock is ours, so the offset is nothing, within the bound."""
    a, b = Host(name="a", clock_port=0), Host(name="b", clock_port=0)
    answering = Wires(b, (a,), system_clock)
    asking = Wires(a, (Host(name="b", clock_port=answering.answering.port),), system_clock)
    hosts, others = Hosts({"b": "127.0.0.1"}, 1, 5, 0), Hosts({"a": "127.0.0.1"}, 2, 9, 0)
    take_question, take_answer = arrives(ASK), arrives(ANSWER)
    try:
        for _ in range(20):
            hosts.peers["b"].ask_ns = 0
            for host, packet in hosts.questions(system_clock()):
                asking.ask(host, packet)
            for data, sender, t_ns in _wait(answering.answering):
                came = take_question(data, sender, t_ns)
                answering.answer(sender, others.answer(came.packet, t_ns, system_clock()))
            for data, _, t_ns in _wait(asking.asking):
                assert hosts.hear(take_answer(data, "", t_ns).packet, "127.0.0.1", t_ns)
    finally:
        asking.close()
        answering.close()
    (state,) = [message for message in hosts.tick(system_clock()) if isinstance(message, HostClock)]
    assert state.exchanges == 20
    assert abs(state.offset_s) <= state.error_s < 0.01


def _wait(listener: object) -> list[tuple[bytes, str, int]]:
    import select

    select.select([listener], [], [], 5.0)
    return listener.take()  # type: ignore[attr-defined,no-any-return]


def test_which_host_this_is() -> None:
    near, far = Host(name="local"), Host(name="far", address="192.0.2.7")
    assert own_host((near, far), "") == near
    assert own_host((near, far), "far") == far
    with pytest.raises(ValueError, match="expected one of local, far, got 'x'"):
        own_host((near, far), "x")
    with pytest.raises(ValueError, match=r"none of the hosts' addresses \(far 192.0.2.7\)"):
        own_host((far,), "")
