"""The plugin's receiver, dialer, status and pictures against a real libzmq peer; only Unreal's own types are faked.

ThreadSanitizer watches what the receiving thread and the game's share.
"""

import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq

from ue_plugin.tools import uestub

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("g++") is None, reason="no g++ here: the plugin's receiver was not run"),
]
VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "engine.json").read_text(encoding="utf-8"))
PICTURE = next(frame for frame in VECTORS["frames"] if frame["kind"] == "picture")
BEAT = next(frame for frame in VECTORS["frames"] if frame["kind"] == "heartbeat")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("receiver") / "receiver"
    source = uestub.PLUGIN / "Source" / "Cyclorama"
    private = source / "Private"
    files = [
        *(uestub.STUBS / "Running" / "receiver.cpp", private / "Pictures" / "CycloramaPictures.cpp"),
        *(private / "LiveLink" / "CycloramaConvert.cpp", *private.glob("Net/*.cpp"), *private.glob("Core/*.cpp")),
    ]
    options = ["-std=c++17", "-O1", "-g", "-fno-rtti", "-fno-exceptions", "-fsanitize=thread", "-pthread"]
    defines = ["-DSTAND_INS_RUN", "-DENGINE_MINOR_VERSION=4", "-DCYCLORAMA_API="]
    includes = [f"-I{place}" for place in (uestub.STUBS, private, source / "Public")]
    call = ["g++", *options, *defines, *includes, "-o", str(made), *map(str, files)]
    ran = subprocess.run(call, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return made


class Receiver:
    """One run of the program. A line comes every 50 ms, so that waiting for one is waiting for something."""

    def __init__(self, program: Path, host: str, port: int, when_nothing: str = "true") -> None:
        call = [str(program), host, str(port), when_nothing]
        self.process = subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.heard: list[dict[str, Any]] = []

    def until(self, seen: Callable[[dict[str, Any]], bool], lines: int = 600) -> dict[str, Any]:
        assert self.process.stdout is not None
        for _ in range(lines):
            self.heard.append(json.loads(self.process.stdout.readline()))
            if seen(self.heard[-1]):
                return self.heard[-1]
        raise AssertionError(f"not within {lines} lines; the last is {self.heard[-1]}")

    def says(self, words: str) -> str:
        return self.until(lambda line: words in line.get("status", ""))["status"]

    def end(self) -> dict[str, Any]:
        """What it says of its end. A race that ThreadSanitizer saw is exit code 66."""
        out, _ = self.process.communicate(timeout=30)
        assert self.process.returncode == 0
        return json.loads(out.splitlines()[-1])


class Bridge:
    """A publisher of libzmq that knows when somebody has subscribed."""

    def __init__(self, port: int = 0) -> None:
        self.socket: Any = zmq.Context.instance().socket(zmq.XPUB)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.port = port or self.socket.bind_to_random_port("tcp://127.0.0.1")
        if port:
            self.socket.bind(f"tcp://127.0.0.1:{port}")

    def heard(self, subscriptions: int = 2) -> None:
        for _ in range(subscriptions):
            assert self.socket.poll(10_000), "nobody subscribed"
            self.socket.recv()

    def say(self, vector: dict[str, Any], header: str = "") -> None:
        parts = [vector["topic"].encode(), bytes.fromhex(header or vector["header"]), bytes.fromhex(vector["payload"])]
        self.socket.send_multipart([*parts, bytes.fromhex(vector["pixels"])] if "pixels" in vector else parts)

    def close(self) -> None:
        self.socket.close(0)


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    made = Bridge()
    yield made
    made.close()


@pytest.mark.parametrize("when_nothing", ["true", "false"])
def test_pictures_arrive_whole_and_it_ends_when_asked(program: Path, bridge: Bridge, when_nothing: str) -> None:
    receiver = Receiver(program, "127.0.0.1", bridge.port, when_nothing)
    bridge.heard()
    bridge.say(BEAT)
    assert receiver.says("nothing comes yet").startswith(f"Connected to 127.0.0.1:{bridge.port}")
    bridge.say(PICTURE)
    picture = receiver.until(lambda line: "picture" in line)
    values = PICTURE["values"]
    assert (picture["picture"], picture["frame_id"]) == (values["name"], values["frame_id"])
    assert picture["pixels"] == PICTURE["pixels"]
    receiver.says("1 streams")
    assert receiver.end() == {"finished": True, "sockets": 0}


@pytest.mark.parametrize("when_nothing", ["true", "false"])
def test_a_bridge_that_returns_is_heard_again(program: Path, bridge: Bridge, when_nothing: str) -> None:
    receiver = Receiver(program, "127.0.0.1", bridge.port, when_nothing)
    bridge.heard()
    receiver.says("Connected")
    bridge.close()
    receiver.says("the bridge closed the connection")
    again = Bridge(bridge.port)
    again.heard()
    again.say(PICTURE)
    receiver.until(lambda line: "picture" in line)
    assert receiver.end() == {"finished": True, "sockets": 0}
    again.close()


def test_nobody_there_and_no_such_host_are_told_apart(program: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: refused
        nobody = Receiver(program, "127.0.0.1", taken.getsockname()[1])
        nobody.says("Nothing answers at 127.0.0.1:")
        assert nobody.end() == {"finished": True, "sockets": 0}
    lost = Receiver(program, "no-such-host.invalid", 5560)
    lost.says("no-such-host.invalid:5560: no host of that name")
    assert lost.end()["finished"]


def test_localhost_is_found_on_whichever_of_its_addresses_somebody_listens(program: Path, bridge: Bridge) -> None:
    receiver = Receiver(program, "localhost", bridge.port)
    bridge.heard()
    receiver.says("Connected to localhost:")
    assert receiver.end()["finished"]


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
        assert receiver.end()["finished"]


def test_another_version_of_the_wire_is_told_to_the_operator(program: Path, bridge: Bridge) -> None:
    receiver = Receiver(program, "127.0.0.1", bridge.port)
    bridge.heard()
    header = bytearray.fromhex(BEAT["header"])
    header[4] = 2
    bridge.say(BEAT, header=header.hex())
    receiver.says("another major version of the wire")
    assert receiver.end()["finished"]
