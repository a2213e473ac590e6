"""Who stands in the engine's place in benches: the plugin's core and Python hear and count the same."""

import contextlib
import threading
from pathlib import Path
from typing import Any

import pytest

from bridge.benches import peers
from bridge.benches.engine_counts import CoreCount, Count, PythonCount, count_of
from bridge.benches.engine_logs import CoreLog, Log, PythonLog, log_of
from bridge.engine.output import EngineOutput
from bridge.wire import engine
from tests.plugin.test_cyc_engine import beat, camera, output, port

__all__ = ["output", "port"]

SENT = ((1, {}), (2, {}), (3, {"concealed": True}), (5, {}), (6, {"lost": True}))


def frames() -> list[Any]:
    """Numbers, and a packet's counter of 100 more."""
    return [engine.encode(camera(number, focus_raw_unit=100.0 + number, **flags)) for number, flags in SENT]


@pytest.mark.parametrize("who", ["core", "python", "python afterwards"])
def test_a_log_has_each_measured_pose_and_when(
    checked: Path, output: EngineOutput, port: int, tmp_path: Path, who: str
) -> None:
    address = f"tcp://127.0.0.1:{port}"
    program = checked / "cyc-engine" if who == "core" else None
    log: Log = log_of(program, address, tmp_path, at_once=who != "python afterwards")
    assert isinstance(log, CoreLog if program else PythonLog)
    with contextlib.closing(log):
        settled(log, output)
        left = frames()

        def send() -> None:
            while left:
                output.send(left.pop(0))

        poses = log.hear(0.2, send)
    assert [pose.counter for pose in poses] == [101, 102, 105]
    assert all(0 < pose.received_ns <= pose.sent_ns < pose.decoded_ns for pose in poses)
    assert sorted(pose.decoded_ns for pose in poses) == [pose.decoded_ns for pose in poses]


def settled(log: Log, output: EngineOutput) -> None:
    """Until the log has heard something, with a heartbeat said again and again."""
    heard = threading.Event()

    def say() -> None:
        while not heard.wait(0.01):
            output.send(beat())

    speaker = threading.Thread(target=say)
    speaker.start()
    log.settle()
    heard.set()
    speaker.join()


@pytest.mark.parametrize("who", ["core", "python"])
def test_a_count_has_what_came_what_was_lost_and_the_longest_gap(
    checked: Path, output: EngineOutput, port: int, who: str
) -> None:
    program = checked / "cyc-engine" if who == "core" else None
    count: Count = count_of(program, f"tcp://127.0.0.1:{port}")
    assert isinstance(count, CoreCount if program else PythonCount)
    with contextlib.closing(count):
        while not count.heartbeats:
            output.send(beat())
            count.take(0.01)
        for frame in frames():
            output.send(frame)
        while count.measured < 3:
            count.take(0.01)
        assert (count.measured, count.lost) == (3, 1)
        count.forget_gaps()
        assert count.longest_gap_ns == 0
        output.send(engine.encode(camera(7)))
        while not count.longest_gap_ns:
            count.take(0.01)
        assert (count.measured, count.lost) == (4, 1)


def test_the_floor_is_a_message_that_the_core_can_read() -> None:
    packet = bytes(range(29))
    dress: Any = peers.__dict__["_on_the_wire"]()
    parts = dress(packet)
    frame = engine.decode(*parts)
    assert isinstance(frame, engine.CameraFrame)
    assert frame.focus_raw_unit == peers.counter_of(packet)
