"""Commands on the bus over real sockets: answered to who asked, with keys, whatever is sent."""

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zmq

from bridge.bus.command import Asker, command
from bridge.bus.feed import Feed
from bridge.bus.keys import BusKeys, load_keys, make_keys
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher, Request
from bridge.messages import Acknowledged, StartTake, encode
from tests.bridge.bus_ends import address, health, made, until

__all__ = ["address", "made"]


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


def test_whoever_ended_before_its_answer_is_not_missed(address: tuple[str, str], made: list[Any]) -> None:
    """At a planned end services go one after the other, with questions still on their way."""
    publisher = Publisher(*address)
    made.append(publisher)
    gone = Request(b"gone", b"1", StartTake(subject="r", t_ns=1))
    publisher.reply(gone, Acknowledged(subject="r", t_ns=0, ok=True))
    assert publisher.reading.refused == {} and publisher.reading.news == []


def test_whoever_does_not_read_its_answers_is_said(address: tuple[str, str], made: list[Any]) -> None:
    publisher = Publisher(*address, queue=1)
    made.append(publisher)
    deaf = zmq.Context.instance().socket(zmq.DEALER)
    deaf.setsockopt(zmq.LINGER, 0)
    deaf.setsockopt(zmq.RCVHWM, 1)
    deaf.connect(address[1])
    deaf.send_multipart([b"command", b"1", b"StartTake/r", encode(StartTake(subject="r", t_ns=1))])
    (request,) = until(publisher.serve)
    answer = Acknowledged(subject="r", t_ns=0, ok=True, text="x" * 1_000_000)
    until(lambda: (publisher.reply(request, answer), publisher.reading.news)[1])
    deaf.close()
    assert publisher.reading.refused == {"answer|peer": 1}
    assert "does not read its answers" in publisher.reading.news[0]


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
