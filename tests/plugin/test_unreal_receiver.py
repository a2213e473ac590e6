"""The plugin's pictures, receiver, dialer and status against a real libzmq peer; only Unreal's own types are faked."""

import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugin.running import PRIVATE, VECTORS, Bridge, Program, built

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("g++") is None, reason="no g++ here: the plugin's receiver was not run"),
]
PICTURE = next(frame for frame in VECTORS["frames"] if frame["kind"] == "picture")
BEAT = next(frame for frame in VECTORS["frames"] if frame["kind"] == "heartbeat")
NAME = PICTURE["values"]["name"]
SUBSCRIPTIONS = 3  # heartbeat and cameras for the clock, pictures


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = [*PRIVATE.glob("Pictures/CycloramaPictures.cpp"), *PRIVATE.glob("Pictures/CycloramaPictureFeed.cpp")]
    return built(
        "receiver", tmp_path_factory.mktemp("receiver"), [*files, PRIVATE / "LiveLink" / "CycloramaConvert.cpp"]
    )


class Receiver(Program):
    """Pictures of a place, as the settings have it at the start."""

    def __init__(self, program: Path, host: str, port: int, when_nothing: str = "true", hold_ms: int = 0) -> None:
        super().__init__(str(program), when_nothing)
        self.tell(f"{host} {hold_ms} {port}")


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    made = Bridge()
    yield made
    made.close()


@pytest.mark.parametrize("when_nothing", ["true", "false"])
def test_pictures_arrive_whole_and_it_ends_when_asked(program: Path, bridge: Bridge, when_nothing: str) -> None:
    receiver = Receiver(program, "127.0.0.1", bridge.port, when_nothing)
    bridge.heard(SUBSCRIPTIONS)
    bridge.say(BEAT)
    assert receiver.says("nothing comes yet").startswith(f"Connected to 127.0.0.1:{bridge.port}")
    bridge.say(PICTURE)
    picture = receiver.until(lambda line: "picture" in line)
    values = PICTURE["values"]
    assert (picture["picture"], picture["frame_id"]) == (values["name"], values["frame_id"])
    assert picture["pixels"] == PICTURE["pixels"]
    receiver.says("1 streams")
    assert receiver.end() == {"sockets": 0}


@pytest.mark.parametrize("when_nothing", ["true", "false"])
def test_a_bridge_that_returns_is_heard_again(program: Path, bridge: Bridge, when_nothing: str) -> None:
    receiver = Receiver(program, "127.0.0.1", bridge.port, when_nothing)
    bridge.heard(SUBSCRIPTIONS)
    receiver.says("Connected")
    bridge.close()
    receiver.says("the bridge closed the connection")
    again = Bridge(bridge.port)
    again.heard(SUBSCRIPTIONS)
    again.say(PICTURE)
    receiver.until(lambda line: "picture" in line)
    assert receiver.end() == {"sockets": 0}
    again.close()


def test_nobody_there_and_no_such_host_are_told_apart(program: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: refused
        nobody = Receiver(program, "127.0.0.1", taken.getsockname()[1])
        nobody.says("Nothing answers at 127.0.0.1:")
        assert nobody.end() == {"sockets": 0}
    lost = Receiver(program, "no-such-host.invalid", 5560)
    lost.says("no-such-host.invalid:5560: no host of that name")
    assert lost.end() == {"sockets": 0}


def test_localhost_is_found_on_whichever_of_its_addresses_somebody_listens(program: Path, bridge: Bridge) -> None:
    receiver = Receiver(program, "localhost", bridge.port)
    bridge.heard(SUBSCRIPTIONS)
    receiver.says("Connected to localhost:")
    assert receiver.end() == {"sockets": 0}


def test_another_service_on_the_port_is_named_as_such(program: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with server.accept()[0] as line:
                line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                line.recv(1024)

        thread = threading.Thread(target=answer)
        thread.start()
        receiver = Receiver(program, "127.0.0.1", server.getsockname()[1])
        receiver.says("does not speak ZeroMQ")
        thread.join()
        assert receiver.end() == {"sockets": 0}


def test_another_version_of_the_wire_is_told_to_the_operator(program: Path, bridge: Bridge) -> None:
    receiver = Receiver(program, "127.0.0.1", bridge.port)
    bridge.heard(SUBSCRIPTIONS)
    header = bytearray.fromhex(BEAT["header"])
    header[4] = 2
    bridge.say(BEAT, header=header.hex())
    receiver.says("another major version of the wire")
    assert receiver.end() == {"sockets": 0}


def test_another_place_in_the_settings_is_gone_to_and_the_old_one_left(program: Path, bridge: Bridge) -> None:
    receiver = Receiver(program, "127.0.0.1", bridge.port)
    bridge.heard(SUBSCRIPTIONS)
    other = Bridge()
    receiver.tell(f"127.0.0.1 0 {other.port}")
    other.heard(SUBSCRIPTIONS)
    other.say(PICTURE)
    receiver.until(lambda line: "picture" in line)
    receiver.says(f"Connected to 127.0.0.1:{other.port}")
    receiver.tell("- 0 1")
    receiver.until(lambda line: line.get("status") == "")
    receiver.tell(f"127.0.0.1 0 {bridge.port}")
    receiver.says(f"Connected to 127.0.0.1:{bridge.port}")
    assert receiver.end() == {"sockets": 0}
    other.close()


def test_a_change_waits_for_no_name_server(program: Path, bridge: Bridge) -> None:
    """The old connection's thread is stuck looking a name up for a second: the game goes on meanwhile, 50 ms a line."""
    receiver = Receiver(program, "slow-to-find.invalid", 5560)
    receiver.says("Nothing answers at slow-to-find.invalid:5560")
    receiver.tell(f"127.0.0.1 0 {bridge.port}")
    before = len(receiver.heard)
    receiver.says(f"Connected to 127.0.0.1:{bridge.port}")
    assert len(receiver.heard) - before > 5
    assert receiver.end() == {"sockets": 0}


def test_only_pictures_of_the_names_come_and_capitals_count(program: Path, bridge: Bridge) -> None:
    receiver = Receiver(program, "127.0.0.1", bridge.port)
    receiver.tell(f"127.0.0.1 0 {bridge.port} {NAME.upper()}")
    receiver.says("nothing comes yet")
    receiver.tell(f"127.0.0.1 0 {bridge.port} {NAME},another")
    topics = set[bytes]()
    while not {b"\1pic/another", b"\1pic/" + NAME.encode()} <= topics:
        assert bridge.socket.poll(10_000), topics
        topics.add(bridge.socket.recv())
    assert b"\1pic/" + NAME.upper().encode() in topics
    bridge.say(PICTURE)
    assert receiver.until(lambda line: "picture" in line)["picture"] == NAME
    assert receiver.end() == {"sockets": 0}


def test_held_pictures_come_too_and_the_status_says_how_they_are_held(program: Path, bridge: Bridge) -> None:
    receiver = Receiver(program, "127.0.0.1", bridge.port, hold_ms=100)
    bridge.heard(SUBSCRIPTIONS)
    receiver.says("nothing comes yet: is a tracker sending?, held for 100 ms")
    bridge.say(PICTURE)
    assert receiver.until(lambda line: "picture" in line)["pixels"] == PICTURE["pixels"]
    receiver.says("1 streams, held for 100 ms by this node's clock, the oldest come after 0")
    assert receiver.end() == {"sockets": 0}
