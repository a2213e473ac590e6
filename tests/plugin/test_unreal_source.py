"""The plugin's Live Link source against a real libzmq peer while settings change; only Unreal's types are faked."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugin.running import PRIVATE, VECTORS, Bridge, Program, built

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("g++") is None, reason="no g++ here: the plugin's source was not run"),
]
CAMERA = next(frame for frame in VECTORS["frames"] if frame["kind"] == "camera")
SKELETON = next(frame for frame in VECTORS["frames"] if frame["kind"] == "skeleton")
SUBJECT = CAMERA["values"]["name"]
SUBSCRIPTIONS = 5
GONE = {"sockets": 0, "exists": False}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = [*PRIVATE.glob("LiveLink/*.cpp"), PRIVATE / "CycloramaSettings.cpp"]
    return built("source", tmp_path_factory.mktemp("source"), files)


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    made = Bridge()
    yield made
    made.close()


def connected(program: Path, bridge: Bridge) -> Program:
    """A source that follows the settings, as the engine's start adds it."""
    source = Program(str(program))
    source.tell(f"port {bridge.port}")
    source.tell("add")
    bridge.heard(SUBSCRIPTIONS)
    return source


def ended(said: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in said.items() if key != "asked"}


def test_another_port_takes_the_subjects_along(program: Path, bridge: Bridge) -> None:
    source, other = connected(program, bridge), Bridge()
    bridge.say(CAMERA)
    source.until(lambda line: line.get("frame") == SUBJECT)
    source.tell(f"port {other.port}")
    assert source.until(lambda line: "removed" in line)["removed"] == SUBJECT
    other.heard(SUBSCRIPTIONS)
    other.say(CAMERA)
    source.until(lambda line: line.get("static") == SUBJECT)
    source.until(lambda line: line.get("frame") == SUBJECT)
    source.says(f"Connected to 127.0.0.1:{other.port}")
    assert ended(source.end("shutdown")) == GONE
    other.close()


def test_subjects_that_are_not_wanted_any_more_are_taken_out(program: Path, bridge: Bridge) -> None:
    source = connected(program, bridge)
    bridge.say(CAMERA)
    source.until(lambda line: line.get("frame") == SUBJECT)
    source.tell("cameras false")
    source.until(lambda line: line.get("removed") == SUBJECT)
    bridge.heard(2 * SUBSCRIPTIONS)  # what went, and what came again
    before = len(source.heard)
    bridge.say(CAMERA)
    bridge.say(SKELETON)
    source.until(lambda line: "static" in line)
    assert not [line for line in source.heard[before:] if SUBJECT in line.values()]
    assert ended(source.end("end")) == GONE


def test_a_place_that_is_none_is_said_and_put_right(program: Path, bridge: Bridge) -> None:
    source = Program(str(program))
    source.tell("host ipc://bridge")
    source.tell("add")
    assert "speaks tcp only" in source.says('"ipc://bridge"')
    source.tell(f"host [::1]:{bridge.port}")
    source.says(f"Nothing answers at [::1]:{bridge.port}")
    source.tell(f"host localhost:{bridge.port}")
    bridge.heard(SUBSCRIPTIONS)
    source.says(f"Connected to localhost:{bridge.port}")
    assert ended(source.end("shutdown")) == GONE


def test_a_presets_own_place_stays_whatever_the_settings_say(program: Path, bridge: Bridge) -> None:
    source = Program(str(program), f"127.0.0.1:{bridge.port}")
    source.tell("add")
    bridge.heard(SUBSCRIPTIONS)
    source.tell("port 1")
    source.tell("host elsewhere.invalid")
    bridge.say(CAMERA)
    source.until(lambda line: line.get("frame") == SUBJECT)
    source.says("Connected")
    lines = [source.until(lambda line: "status" in line) for _ in range(20)]
    kept = lines[-1]
    assert all("Connected" in str(line["status"]) for line in lines)
    assert (kept["preset"], kept["factory"]) == (f"127.0.0.1:{bridge.port}", True)
    assert ended(source.end("forget")) == GONE


def test_a_node_that_stands_by_connects_to_nothing_until_it_is_the_primary(program: Path, bridge: Bridge) -> None:
    source = Program(str(program))
    source.tell("follows true")
    source.tell(f"port {bridge.port}")
    source.tell("add")
    source.says("Stands by")
    source.tell("follows false")
    bridge.heard(SUBSCRIPTIONS)
    source.says("Connected")
    assert ended(source.end("end")) == GONE


def test_lenses_without_unreals_plugin_are_said(program: Path, bridge: Bridge) -> None:
    source = connected(program, bridge)
    source.tell("lenses true")
    source.says("no distortion: enable the plugin Live Link Lens")
    assert ended(source.end("shutdown")) == GONE


def test_a_shutdown_while_it_changes_is_answered(program: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        source = Program(str(program))
        source.tell("host slow-to-find.invalid")
        source.tell("add")
        source.says("Nothing answers")
        source.tell("host 127.0.0.1")
        source.says("slow-to-find")
        said = source.end("shutdown")
    assert ended(said) == GONE
    assert int(str(said["asked"])) > 1  # asked again while the name was looked up: it does not wait
