"""The bus over real sockets: state to late joiners, events without gaps, commands, keys, kills."""

import itertools
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
import zmq

from bridge.bus import publisher as bus_publisher
from bridge.bus.address import endpoints
from bridge.bus.command import Asker, command
from bridge.bus.feed import Feed
from bridge.bus.frames import ENVELOPE, Reading, Wanted
from bridge.bus.keys import BusKeys, load_keys, make_keys
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import LINGER_NS, Publisher
from bridge.bus.ring import Gap, Order, Ring
from bridge.clock import NS_PER_S, FakeClock
from bridge.messages import Acknowledged, Mark, ServiceHealth, StartTake
from bridge.ports import PortBusy

CHILDREN = Path(__file__).with_name("bus_children.py")
T = TypeVar("T")


def until(probe: Callable[[], T], seconds: float = 8.0) -> T:
    """Poll until the probe finds something; its last word either way."""
    end = time.monotonic() + seconds
    while not (found := probe()) and time.monotonic() < end:
        pass
    return found


@pytest.fixture(params=["ipc", "tcp"])
def address(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    if request.param == "tcp":
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        ports = [probe.getsockname()[1] for probe in sockets]
        for probe in sockets:
            probe.close()
        yield f"tcp://127.0.0.1:{ports[0]}", f"tcp://127.0.0.1:{ports[1]}"
        return
    if sys.platform == "win32":
        pytest.skip("no ipc on Windows")
    with tempfile.TemporaryDirectory(prefix="cyc") as folder:
        yield f"ipc://{folder}/pub", f"ipc://{folder}/rpc"


@pytest.fixture
def made() -> Iterator[list[Any]]:
    """Whatever is put here is closed."""
    things: list[Any] = []
    yield things
    for thing in things:
        thing.close()


def health(sent: int, subject: str = "spine") -> ServiceHealth:
    return ServiceHealth(subject=subject, t_ns=1, sent=sent)


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


# --- state ----------------------------------------------------------------------------------------------------------


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


# --- events ---------------------------------------------------------------------------------------------------------


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


# --- processes that die ---------------------------------------------------------------------------------------------


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


# --- commands -------------------------------------------------------------------------------------------------------


def test_a_command_is_answered_to_who_asked(address: tuple[str, str], made: list[Any]) -> None:
    publisher = Publisher(*address)
    made.append(publisher)
    asker = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from bridge.bus.command import command; from bridge.messages import StartTake;"
            f"print(command({address[1]!r}, StartTake(subject='recorder', t_ns=1, slate='7A'), deadline_s=8).text)",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    requests = until(publisher.serve)
    assert [request.message for request in requests] == [StartTake(subject="recorder", t_ns=1, slate="7A")]
    publisher.reply(requests[0], Acknowledged(subject="recorder", t_ns=2, ok=True, text="take 1"))
    assert asker.communicate(timeout=8)[0] == "take 1\n"


def test_nobody_there_is_said_with_a_name(address: tuple[str, str]) -> None:
    with pytest.raises(TimeoutError) as caught:
        command(address[1], StartTake(subject="recorder", t_ns=1), deadline_s=0.02)
    assert str(caught.value) == f"{address[1]} did not answer StartTake within 0.02 s: is it running?"


def answering(publisher: Publisher, stop: threading.Event) -> threading.Thread:
    """A service that says each command's slate back, and nothing to `silent`."""

    def serve() -> None:
        while not stop.is_set():
            for request in publisher.serve():
                slate = request.message.slate  # type: ignore[attr-defined]
                if slate != "silent":
                    publisher.reply(request, Acknowledged(subject="r", t_ns=0, ok=True, text=slate))
            stop.wait(0.001)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def test_a_connection_that_stays_serves_the_next_command_after_silence_and_after_a_restart(
    address: tuple[str, str],
) -> None:
    asker = Asker()

    def ask(slate: str, deadline_s: float = 8.0) -> str:
        return asker.ask(address[1], StartTake(subject="r", t_ns=1, slate=slate), deadline_s=deadline_s).text

    for run in range(2):
        stop, publisher = threading.Event(), Publisher(*address)
        thread = answering(publisher, stop)
        try:
            assert [ask(f"{run}-{number}") for number in range(20)] == [f"{run}-{number}" for number in range(20)]
            with pytest.raises(TimeoutError, match=r"did not answer StartTake within 0.05 s"):
                ask("silent", 0.05)
            assert ask("after") == "after", "not the answer to an older command"
        finally:
            stop.set()
            thread.join()
            publisher.close()
    asker.close()


def test_nonsense_on_the_command_port_is_counted_and_answered(address: tuple[str, str], made: list[Any]) -> None:
    publisher = Publisher(*address)
    made.append(publisher)
    dealer = zmq.Context.instance().socket(zmq.DEALER)
    dealer.linger = 0
    dealer.connect(address[1])
    for frames in ([b""], [b"resend", b"1", b"\xff"], [b"heads", b"2"], [b"command", b"3", b"Mark/x", b"\x80"]):
        dealer.send_multipart(frames)
    until(lambda: (publisher.serve(), sum(publisher.reading.refused.values()) >= 4)[1])
    assert sum(publisher.reading.refused.values()) == 4
    assert dealer.poll(2000)
    kind, request_id, body = dealer.recv_multipart()
    assert (kind, request_id) == (b"answer", b"3")
    assert msgspec.msgpack.decode(body)["ok"] is False
    dealer.close()


# --- what cannot be read --------------------------------------------------------------------------------------------


def test_unknown_types_and_other_schemas_are_counted_and_said_once() -> None:
    reading = Reading(FakeClock())
    newer = ENVELOPE.pack(bus_publisher.schema_hash() ^ 1, 5, 1, 0)
    envelope = bus_publisher_envelope(newer)
    plain = msgspec.msgpack.encode({"type": "Mark", "subject": "m", "t_ns": 1, "text": "x", "appended": 9})
    assert reading.message((b"Mark/m", newer, plain), envelope) == Mark(subject="m", t_ns=1, text="x")
    for _ in range(3):
        assert reading.message((b"Hologram/m", newer, b"\x80"), envelope) is None
        assert reading.message((b"Mark/m", newer, msgspec.msgpack.encode({"type": "Mark"})), envelope) is None
    assert reading.refused == {"unknown|Hologram": 3, "schema|Mark": 3}
    assert len(reading.news) == 2
    assert "run one version everywhere" in reading.news[1]


def bus_publisher_envelope(data: bytes) -> Any:
    from bridge.bus.frames import open_envelope

    found = open_envelope((b"", data, b""))
    assert found
    return found


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


# --- endpoints, keys ------------------------------------------------------------------------------------------------


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


@pytest.fixture
def keys(tmp_path: Path) -> BusKeys:
    if not zmq.has("curve"):
        pytest.skip("this libzmq has no CURVE")
    return make_keys(tmp_path / "keys")


def test_secrets_are_for_their_owner_only(keys: BusKeys, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    assert load_keys(folder) == keys
    if sys.platform != "win32":
        assert {path.name: path.stat().st_mode & 0o777 for path in folder.glob("*.secret")} == {
            "server.secret": 0o600,
            "client.secret": 0o600,
        }
    with pytest.raises(FileExistsError, match="new keys need a new folder"):
        make_keys(folder)
    with pytest.raises(ValueError, match="make one with `cyc stage keys FOLDER`"):
        load_keys(tmp_path / "nowhere")


def test_with_keys_only_holders_of_the_stages_keys_are_served(
    address: tuple[str, str], keys: BusKeys, tmp_path: Path, made: list[Any]
) -> None:
    other = make_keys(tmp_path / "other")
    # Knows who we are, from the public file, but holds no key of ours.
    half = BusKeys(
        server_public=keys.server_public, client_public=other.client_public, client_secret=other.client_secret
    )
    publisher = Publisher(*address, keys=keys)
    guests = [Mailbox([address[0]], [""], keys=key) for key in (None, other, half)]
    friend = Mailbox([address[0]], [""], keys=keys)
    feed = Feed([address], [""], keys=keys)
    made += [publisher, friend, feed, *guests]
    publisher.send(health(1))
    assert until(lambda: (publisher.serve(), friend.take(0.01))[1]) == [health(1)]
    assert until(lambda: (publisher.serve(), feed.take(0.01))[1])
    assert until(lambda: (publisher.serve(), publisher._gate.turned_away)[1]) > 0
    for _ in range(20):
        publisher.send(health(2))
        publisher.serve()
        assert [guest.take(0.005) for guest in guests] == [[], [], []]
    with pytest.raises(TimeoutError):
        command(address[1], StartTake(subject="r", t_ns=1), deadline_s=0.1, keys=half)


# --- the pure parts -------------------------------------------------------------------------------------------------


def test_order_is_kept_whatever_the_arrival() -> None:
    for arrival in itertools.permutations(range(1, 6)):
        order, got = Order[int](1), []
        for number in (*arrival, *arrival):
            got += order.offer(number, number)
        assert got == [1, 2, 3, 4, 5]
        assert order.gap is None


def test_a_gap_given_up_is_counted() -> None:
    order = Order[int](1)
    assert order.offer(4, 4) == []
    assert order.offer(6, 6) == []
    assert order.gap == Gap(1, 3)
    assert order.give_up() == [4]
    assert order.gap == Gap(5, 5)
    assert order.give_up() == [6]
    order.exists(9)
    assert order.gap == Gap(7, 9)
    assert (order.give_up(), order.missed, order.gap) == ([], 7, None)


def test_the_ring_is_bounded_in_time_and_bytes() -> None:
    ring = Ring(span_ns=100, limit_bytes=100)
    for t_ns in range(0, 300, 10):
        ring.keep(t_ns, t_ns, (b"a" if t_ns % 20 else b"b", b"", b"x"))
    assert [ring.between(b"a", 0, 999), ring.between(b"b", 0, 999)] == [
        [(b"a", b"", b"x")] * 6,
        [(b"b", b"", b"x")] * 5,
    ]
    ring.keep(300, 1, (b"c", b"", b"x" * 98))
    assert ring.size_bytes <= 100
    assert ring.between(b"a", 0, 999) == []
    assert len(ring.between(b"c", 1, 1)) == 1


def test_wanted_topics_end_at_a_slash() -> None:
    wanted = Wanted(["CameraPose/camA", "Mark"])
    asked = (b"CameraPose/camA", b"CameraPose/camA/x", b"CameraPose/camAB", b"Mark/1", b"Marker/1", b"\xff")
    assert [topic in wanted for topic in asked] == [True, True, False, True, False, False]
    assert b"anything" in Wanted([""])


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
