"""`cyc-engine` against the bridge's own output: it prints what was sent, and comes back when the bridge does."""

import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.clock import clock_id
from bridge.engine.output import EngineOutput
from bridge.wire import engine
from bridge.wire.engine_picture import PictureFrame

PATIENCE_S = 20.0


class Engine:
    """A running cyc-engine, and the lines it says."""

    def __init__(self, program: Path, port: int, *options: str) -> None:
        call = [str(program), f"127.0.0.1:{port}", "--every", "0.05", "--clock-id", str(clock_id()), *options]
        self.process = subprocess.Popen(call, stdout=subprocess.PIPE, text=True)

    def until(self, there: Callable[[dict[str, Any]], bool], meanwhile: Callable[[], object] = lambda: None) -> Any:
        """The first line of which that holds; `meanwhile` is called before each."""
        assert self.process.stdout is not None
        deadline_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline_s:
            meanwhile()
            line = json.loads(self.process.stdout.readline())
            if there(line):
                return line
        raise AssertionError(f"not said within {PATIENCE_S} s, last: {line}")


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@pytest.fixture
def output(port: int) -> Iterator[EngineOutput]:
    output = EngineOutput("127.0.0.1", port)
    yield output
    output.close()


@pytest.fixture
def started(checked: Path, port: int) -> Iterator[Callable[..., Engine]]:
    running: list[Engine] = []

    def start(*options: str) -> Engine:
        running.append(Engine(checked / "cyc-engine", port, *options))
        return running[-1]

    yield start
    for one in running:
        one.process.terminate()
        assert one.process.wait(PATIENCE_S) == 0  # the sanitizers, leaks included, end it with another code


def camera(sequence: int, **changes: Any) -> engine.CameraFrame:
    now_ns = time.monotonic_ns()
    told = {"position_cm": (200.0, -100.25, 1 / 3), "rotation_xyzw": (0.5, -0.5, 0.5, 0.5), "focal_length_mm": 35.5}
    times = {"t_ns": now_ns, "t_arrival_ns": now_ns, "t_sent_ns": now_ns, "clock_id": clock_id()}
    return engine.CameraFrame(name='A "cam"', sequence=sequence, **{**told, **times, **changes})


def heard(line: dict[str, Any], kind: str) -> dict[str, Any]:
    found = [subject for subject in line.get("subjects", []) if subject["kind"] == kind]
    return found[0] if found else {"received": 0}


def test_a_pose_is_printed_as_it_was_sent(output: EngineOutput, started: Callable[..., Engine]) -> None:
    told = started("--frames")
    line = told.until(
        lambda line: line.get("frame") == "camera", lambda: output.send(engine.encode(camera(7, focus_raw_unit=0.1)))
    )
    assert (line["name"], line["sequence"]) == ('A "cam"', 7)
    assert line["position_cm"] == [200.0, -100.25, 1 / 3]
    assert line["rotation_xyzw"] == [0.5, -0.5, 0.5, 0.5]
    assert line["focal_length_mm"] == 35.5
    assert line["encoders_raw"] == [0.0, 0.1, 0.0] and line["measured"] is True
    assert line["received_ns"] == line["sent_ns"] < line["arrived_ns"]
    concealed = engine.encode(camera(8, concealed=True))
    assert not told.until(lambda line: line.get("sequence") == 8, lambda: output.send(concealed))["measured"]


def test_what_is_missing_in_the_numbers_is_counted_and_the_way_is_timed(
    output: EngineOutput, started: Callable[..., Engine]
) -> None:
    told = started()
    told.until(lambda line: heard(line, "heartbeat")["received"] > 0, lambda: output.send(beat()))
    for sequence in (1, 2, 5, 6, 6):
        output.send(engine.encode(camera(sequence)))
    output.send(engine.encode(camera(7, concealed=True)))
    output.send((b"cam/x", b"short", b""))
    said = told.until(lambda line: heard(line, "camera")["received"] == 6 and line["refused"]["length"] == 1)
    of_camera = heard(said, "camera")
    assert (of_camera["lost"], of_camera["restarts"], of_camera["measured"]) == (2, 1, 5)
    assert told.until(lambda line: heard(line, "camera")["gap_ns"] == 0)  # told once, then measured anew
    assert of_camera["longest_gap_ns"] > 0
    assert of_camera["on_wire_ns"][3] == 5 and 0 < of_camera["on_wire_ns"][0] <= of_camera["on_wire_ns"][2]


def test_pictures_use_the_same_memory_again(output: EngineOutput, started: Callable[..., Engine]) -> None:
    told = started()
    pixels = bytes(range(256)) * 1200  # 640 x 480
    counted = iter(range(1, 10_000))

    def send() -> None:
        output.send(engine.encode(matte(next(counted), pixels)))

    said = told.until(lambda line: heard(line, "picture")["received"] >= 12, send)
    assert said["allocations"] == 2  # nobody fetches here, so the box's third place is never written
    assert said["unwanted"] == said["malformed"] == 0


def matte(number: int, pixels: bytes) -> PictureFrame:
    size = {"size_px": (640, 480), "stride_bytes": 640, "format": "r8"}
    return PictureFrame(name="matte", sequence=number, t_ns=number, frame_id=number, pixels=pixels, **size)


def beat() -> tuple[Any, ...]:
    now_ns = time.monotonic_ns()
    return engine.encode(engine.HeartbeatFrame(sequence=1, t_ns=now_ns, t_sent_ns=now_ns, boot=1))


def test_it_waits_for_a_bridge_and_comes_back_when_it_does(port: int, started: Callable[..., Engine]) -> None:
    told = started()
    told.until(lambda line: line["state"] in ("resting", "dialling") and line["connects"] == 0)
    for time_round in (1, 2, 3):
        output = EngineOutput("127.0.0.1", port)
        before = heard(told.until(bool), "camera")["received"]
        told.until(
            lambda line, before=before: heard(line, "camera")["received"] > before,
            lambda output=output, number=time_round: output.send(engine.encode(camera(number))),
        )
        output.close()
        said = told.until(lambda line: line["state"] != "open")
        assert said["connects"] == time_round and said["fault"] == "the bridge closed the connection"


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--help",), 0, "usage: cyc-engine"),
        (("--sideways",), 2, "not understood: --sideways"),
        (("no-such-host.invalid",), 1, "no-such-host.invalid: no host of that name"),
        (("127.0.0.1:0",), 2, "127.0.0.1:0: the port is a number from 1 to 65535"),
        (("::1:x",), 2, "::1:x: not an IPv6 address: with a port write it in brackets"),
        (("--every", "0"), 2, "--every and --seconds are numbers of seconds above 0"),
        (("--prefix", "x" * 64), 2, "--prefix: at most 63 bytes"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(checked: Path, options: tuple[str, ...], code: int, said: str) -> None:
    ran = subprocess.run([checked / "cyc-engine", *options], capture_output=True, text=True, check=False, timeout=20)
    assert ran.returncode == code and said in ran.stdout + ran.stderr
