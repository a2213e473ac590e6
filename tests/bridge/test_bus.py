"""The bus over real sockets: state to late joiners, events without gaps, kills."""

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import zmq

from bridge.bus.address import endpoints
from bridge.bus.feed import Feed
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import LINGER_NS, Publisher
from bridge.clock import NS_PER_S, FakeClock
from bridge.messages import Mark, ServiceHealth
from bridge.ports import PortBusy
from tests.bridge.bus_ends import address, health, made, until

__all__ = ["address", "made"]

CHILDREN = Path(__file__).with_name("bus_children.py")


def mark(number: int) -> Mark:
    return Mark(subject="m", t_ns=number)


def connected(publisher: Publisher, feed: Feed) -> None:
    """Until marks come through, and the feed knows what was sent before it came."""

    def probe() -> bool:
        publisher.send(Mark(subject="hello", t_ns=0))
        publisher.serve()
        return bool(feed.take(0.005)) and feed._sources[0]._heads is not None

    assert until(probe)


def numbers(feed: Feed, publisher: Publisher, count: int) -> list[int]:
    got: list[int] = []

    def probe() -> bool:
        publisher.serve()
        got.extend(item.message.t_ns for item in feed.take(0.005) if item.topic == "Mark/m")
        return len(got) >= count

    until(probe)
    return got


def test_who_joins_late_gets_the_newest_state_once(address: tuple[str, str], made: list[Any]) -> None:
    publisher = Publisher(*address)
    early = Mailbox([address[0]], ["ServiceHealth"])
    made += [publisher, early]
    for sent in range(5):
        publisher.send(health(sent))
        publisher.send(health(sent, "wall"))
    publisher.send(mark(0))
    late = Mailbox([address[0]], ["ServiceHealth/spine", "Mark"])
    made.append(late)
    got = until(lambda: (publisher.serve(), late.take(0.01))[1])
    assert got == [health(4)], "the newest of the one subject asked for; an event is not state"
    assert until(lambda: (publisher.serve(), early.take(0.01))[1])
    another = Mailbox([address[0]], ["ServiceHealth"])
    made.append(another)
    assert until(lambda: (publisher.serve(), another.take(0.01))[1])
    assert late.take(0.05) == [], "the snapshot for another one is not news here"


def test_a_mailbox_holds_the_newest_and_counts_the_rest(address: tuple[str, str], made: list[Any]) -> None:
    publisher = Publisher(*address)
    mailbox = Mailbox([address[0]], [""])
    made += [publisher, mailbox]
    publisher.send(health(0))
    until(lambda: (publisher.serve(), mailbox.take(0.01))[1])
    for sent in range(1, 101):
        publisher.send(health(sent))
    publisher.send(mark(1))
    got: list[Any] = []
    until(lambda: got.extend(mailbox.take(0.01)) or mark(1) in got)
    assert got[-2:] == [health(100), mark(1)]
    assert mailbox.superseded + len(got) == 101
    assert mailbox.received == 102


def test_a_reader_may_start_first_and_outlive_the_publisher(address: tuple[str, str], made: list[Any]) -> None:
    mailbox = Mailbox([address[0]], ["ServiceHealth"])
    made.append(mailbox)
    for sent in (7, 3):
        publisher = Publisher(*address)
        publisher.send(health(sent))
        assert until(lambda: (publisher.serve(), mailbox.take(0.01))[1]) == [health(sent)]  # noqa: B023
        publisher.close()


def test_a_full_queue_loses_nothing_that_the_ring_still_has(address: tuple[str, str], made: list[Any]) -> None:
    publisher = Publisher(*address, queue=20)
    feed = Feed([address], ["Mark"])
    made += [publisher, feed]
    connected(publisher, feed)
    big = "x" * 20_000  # past what the kernel's buffers hold
    for number in range(1000):
        publisher.send(Mark(subject="m", t_ns=number, text=big))
    assert numbers(feed, publisher, 1000) == list(range(1000))
    assert publisher.dropped > 0
    assert feed.missed == 0
    assert feed.resent > 0


def test_the_last_message_of_a_burst_is_missed_too(
    address: tuple[str, str], made: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = Publisher(*address)
    clock = FakeClock(1)
    feed = Feed([address], ["Mark"], clock)
    made += [publisher, feed]
    connected(publisher, feed)
    publisher.send(mark(1))
    assert numbers(feed, publisher, 1) == [1]
    monkeypatch.setattr(publisher, "_transmit", lambda _frames: None)  # lost on the way
    publisher.send(mark(2))

    def probe() -> list[Any]:
        clock.advance(0.1)
        publisher.serve()
        return feed.take(0.002)

    assert [item.message.t_ns for item in until(probe)] == [2]


def test_fast_batches_wait_for_each_other_and_lose_nothing(address: tuple[str, str], made: list[Any]) -> None:
    clock = FakeClock(NS_PER_S)
    publisher = Publisher(*address, clock)
    feed = Feed([address], ["Mark"])
    made += [publisher, feed]
    connected(publisher, feed)
    clock.advance(LINGER_NS / NS_PER_S)
    publisher.send_all([mark(0), mark(1)])
    assert publisher.due_ns is None  # after a quiet moment nothing waits
    publisher.send_all([mark(2), mark(3)])
    assert publisher.due_ns == clock() + LINGER_NS
    publisher.send(mark(4))  # overtakes nothing
    assert publisher.due_ns is None
    publisher.send_all([mark(5)])
    clock.advance(LINGER_NS / NS_PER_S)
    publisher.send_all([mark(6)])
    assert publisher.due_ns is None
    assert numbers(feed, publisher, 7) == list(range(7))


def test_what_the_ring_has_forgotten_is_counted_missed_and_the_rest_goes_on(
    address: tuple[str, str], made: list[Any]
) -> None:
    clock = FakeClock()
    publisher = Publisher(*address, clock)
    made.append(publisher)
    for number in range(1, 101):
        clock.advance(0.1)  # ten seconds; the ring holds five
        publisher.send(mark(number))
    feed = Feed([address], ["Mark"], since={"Mark/m": (publisher.boot, 20)})
    made.append(feed)
    assert numbers(feed, publisher, 51) == list(range(50, 101))
    assert feed.missed == 29


def test_everything_arrives_in_order_whatever_is_lost_on_the_way(
    address: tuple[str, str], made: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = Publisher(*address)
    feed = Feed([address], [""])
    made += [publisher, feed]
    connected(publisher, feed)
    chance, transmit = random.Random(7), publisher._transmit
    monkeypatch.setattr(publisher, "_transmit", lambda frames: chance.random() < 0.3 or transmit(frames))
    got: dict[str, list[int]] = {"Mark/m": [], "ServiceHealth/spine": []}

    def hear() -> bool:
        publisher.serve()
        for item in feed.take(0.001):
            if item.topic in got:
                got[item.topic].append(item.message.t_ns)
        return all(len(numbers) == 400 for numbers in got.values())

    for number in range(400):
        publisher.send(mark(number))
        publisher.send(ServiceHealth(subject="spine", t_ns=number))
        if chance.random() < 0.1:
            hear()
    until(hear)
    assert got == {"Mark/m": [*range(400)], "ServiceHealth/spine": [*range(400)]}
    assert feed.missed == 0


def test_a_reader_that_returns_counts_only_what_it_knows_of(address: tuple[str, str], made: list[Any]) -> None:
    clock = FakeClock()
    publisher = Publisher(*address, clock)
    made.append(publisher)
    for number in range(1, 101):
        clock.advance(0.1)
        publisher.send(mark(number))
    feed = Feed([address], ["Mark"], since={"Mark/other": (publisher.boot ^ 1, 20)})
    made.append(feed)
    assert numbers(feed, publisher, 51) == list(range(50, 101))
    assert feed.missed == 0, "this process was never heard before: who knows what it sent"


def test_without_since_a_feed_starts_with_what_comes_next(address: tuple[str, str], made: list[Any]) -> None:
    publisher = Publisher(*address)
    made.append(publisher)
    for number in range(10):
        publisher.send(mark(number))
    feed = Feed([address], ["Mark"])
    made.append(feed)
    connected(publisher, feed)
    publisher.send(mark(10))
    assert numbers(feed, publisher, 1) == [10]
    assert feed.missed == 0


def test_a_restarted_publisher_is_followed_from_its_first_message(address: tuple[str, str], made: list[Any]) -> None:
    first = Publisher(*address)
    feed = Feed([address], ["Mark"])
    made.append(feed)
    connected(first, feed)
    first.close()
    second = Publisher(*address)
    made.append(second)
    for number in range(50):  # before anybody can have come back
        second.send(mark(number))
    assert numbers(feed, second, 50) == list(range(50))
    assert feed.missed == 0


def child(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(CHILDREN), *arguments])


def test_a_killed_publisher_comes_back_and_is_heard(address: tuple[str, str], made: list[Any]) -> None:
    feed = Feed([address], ["Mark"])
    made.append(feed)
    seen: dict[int, list[int]] = {}

    def probe(boots: int) -> bool:
        for item in feed.take(0.05):
            seen.setdefault(item.publisher_boot, []).append(item.message.t_ns)
        return len(seen) == boots and len(list(seen.values())[-1]) > 20

    for boots in (1, 2):
        process = child("publish", *address)
        assert until(lambda: probe(boots))  # noqa: B023
        process.kill()
        process.wait()
    first, second = seen.values()
    assert first == list(range(first[0], first[0] + len(first)))
    assert second == list(range(len(second))), "from the new process's very first message"


def test_a_killed_recorder_misses_nothing(address: tuple[str, str], tmp_path: Path) -> None:
    results = tmp_path / "lines"
    publisher, lines = child("publish", *address), 0
    for _ in range(3):
        recorder = child("record", *address, str(results))
        lines += 30
        assert until(lambda: results.exists() and results.read_text().count("\n") > lines)  # noqa: B023
        recorder.kill()
        recorder.wait()
        whole = [line for line in results.read_text().splitlines(keepends=True) if line.endswith("\n")]
        results.write_text("".join(whole))
        lines = len(whole)
    publisher.kill()
    publisher.wait()
    sequences = [int(line.split()[1]) for line in results.read_text().splitlines()]
    assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))


def test_a_stranger_on_the_bus_is_counted(address: tuple[str, str], made: list[Any]) -> None:
    stranger = zmq.Context.instance().socket(zmq.PUB)
    stranger.linger = 0
    stranger.bind(address[0])
    mailbox, feed = Mailbox([address[0]], [""]), Feed([address], [""])
    made += [mailbox, feed]

    def probe() -> bool:
        stranger.send_multipart([b"hello"])
        stranger.send_multipart([b"Mark/m", b"short", b"x"])
        assert mailbox.take(0.01) == []
        assert feed.take(0.01) == []
        return "envelope|bus" in mailbox.reading.refused and "envelope|bus" in feed.reading.refused

    assert until(probe)
    stranger.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ipc is Linux's")
def test_endpoints_follow_from_the_stage_file() -> None:
    assert endpoints("0.0.0.0", 5600, "recorder", stage_name="s") == ("tcp://0.0.0.0:5604", "tcp://0.0.0.0:5605")
    pub, rpc = endpoints("127.0.0.1", 5600, "spine", stage_name="s")
    assert pub.startswith("ipc:///")
    assert pub != rpc
    with pytest.raises(ValueError, match="juggler has no place on the bus; services are spine, "):
        endpoints("127.0.0.1", 5600, "juggler", stage_name="s")


def test_a_second_publisher_on_one_endpoint_is_refused_by_name(address: tuple[str, str], made: list[Any]) -> None:
    made.append(Publisher(*address))
    with pytest.raises(PortBusy, match=r"is taken by .*\(pid \d+\): stop it, or change the port of \[bus\]"):
        Publisher(*address)


def test_beyond_loopback_there_are_no_publishers_without_keys() -> None:
    with pytest.raises(ValueError, match="so it needs keys: make them with `cyc stage keys FOLDER`"):
        Publisher("tcp://0.0.0.0:5600", "tcp://0.0.0.0:5601")


def test_a_reader_that_is_stuck_costs_the_others_nothing(address: tuple[str, str], made: list[Any]) -> None:
    publisher = Publisher(*address, queue=100)
    stuck, live = Mailbox([address[0]], ["Mark"], queue=10), Mailbox([address[0]], ["Mark"])
    made += [publisher, stuck, live]
    for mailbox in (stuck, live):
        until(lambda: (publisher.serve(), publisher.send(mark(0)), mailbox.socket.poll(5))[2])  # noqa: B023
    live.take()
    big = Mark(subject="big", t_ns=1, text="x" * 30_000)
    for number in range(1, 1001):
        publisher.send(big)
        publisher.send(mark(number))
        assert until(lambda: mark(number) in live.take(0.001))  # noqa: B023
    assert publisher.dropped > 0
