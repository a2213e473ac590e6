"""Datagrams over real loopback sockets."""

import os
import select
import sys
from collections.abc import Iterator

import pytest

from bridge.clock import FakeClock, system_clock
from bridge.udp import Listener, PortBusy, Sender
from tests.bridge.ports import free_port


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener("127.0.0.1", 0, clock=FakeClock(7))
    yield made
    made.close()


def taken(listener: Listener, count: int) -> list[tuple[bytes, str, int]]:
    found: list[tuple[bytes, str, int]] = []
    while len(found) < count and select.select([listener], [], [], 2.0)[0]:
        found += listener.take()
    return found


def test_datagrams_arrive_whole_in_order_with_sender_and_stamp(listener: Listener) -> None:
    sender = Sender("127.0.0.1", listener.port)
    sent = [b"", b"a", os.urandom(60_000)]
    assert all(sender.send(data) for data in sent)
    got = taken(listener, 3)
    assert [data for data, _, _ in got] == sent
    assert {stamp for _, _, stamp in got} == {7}
    assert all(who.startswith("127.0.0.1:") for _, who, _ in got)
    assert listener.take() == []


def test_take_keeps_to_its_limit(listener: Listener) -> None:
    sender = Sender("127.0.0.1", listener.port)
    for _ in range(5):
        sender.send(b"x")
    select.select([listener], [], [], 2.0)
    assert len(listener.take(3)) == 3
    assert len(taken(listener, 2)) == 2


def test_strangers_are_counted_and_not_heard() -> None:
    listener = Listener("127.0.0.1", 0, allow=("10.1.2.3",))
    Sender("127.0.0.1", listener.port).send(b"x")
    select.select([listener], [], [], 2.0)
    assert listener.take() == []
    assert listener.not_allowed == {"127.0.0.1": 1}
    listener.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells who has a port")
def test_a_taken_port_names_its_owner(listener: Listener) -> None:
    with pytest.raises(PortBusy) as caught:
        Listener("127.0.0.1", listener.port)
    name = open("/proc/self/comm").read().strip()  # noqa: SIM115, PTH123
    assert str(caught.value) == (
        f"udp port {listener.port} on 127.0.0.1 is taken by {name} (pid {os.getpid()}): "
        "stop it, or change the tracker's port in the stage file"
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux counts them for us")
def test_what_the_kernel_dropped_is_counted(listener: Listener) -> None:
    sender, data = Sender("127.0.0.1", listener.port), bytes(60_000)
    sent = sum(sender.send(data) for _ in range(1000))
    got = len(listener.take(2000))
    assert 0 < got < sent
    assert listener.dropped == sent - got


def test_a_missing_interface_is_said_plainly() -> None:
    with pytest.raises(OSError, match=r"no interface 192\.0\.2\.1"):
        Listener("192.0.2.1", 0)


def test_sending_to_nobody_neither_raises_nor_loses_the_first_one_heard() -> None:
    port = free_port()
    sender = Sender("127.0.0.1", port)
    for _ in range(3):
        sender.send(b"into the void")
    listener = Listener("127.0.0.1", port)
    assert sender.send(b"heard")
    assert [data for data, _, _ in taken(listener, 1)] == [b"heard"]
    listener.close()


def test_a_multicast_group_is_heard_on_the_interface_named() -> None:
    try:
        listener = Listener("127.0.0.1", 0, multicast="239.255.42.99")
    except OSError as error:
        pytest.skip(f"no multicast on loopback here: {error}")
    sender = Sender("239.255.42.99", listener.port, interface="127.0.0.1")
    assert sender.send(b"to all")
    assert [data for data, _, _ in taken(listener, 1)] == [b"to all"]
    listener.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux's kernel stamps datagrams for us")
def test_what_waited_for_us_keeps_the_time_it_came() -> None:
    """Linux begins to stamp a moment after the first socket has asked for it; from then on every packet is."""
    listener = Listener("127.0.0.1", 0)
    sender = Sender("127.0.0.1", listener.port)

    def stamped() -> bool:
        before_ns = system_clock()
        sender.send(b"early")
        after_ns = system_clock()
        while system_clock() - after_ns < 20_000_000:  # we are busy elsewhere
            pass
        ((_, _, t_arrival_ns),) = taken(listener, 1)
        return before_ns - 1_000_000 < t_arrival_ns < after_ns + 5_000_000

    assert any(stamped() for _ in range(20))
    assert all(stamped() for _ in range(3))
    listener.close()
    sender.close()
