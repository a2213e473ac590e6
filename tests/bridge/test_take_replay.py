"""Replay: the very bytes, in the order and at the distance they were sent, with the clock turned by the test."""

from pathlib import Path

import pytest

from bridge.clock import NS_PER_MS, NS_PER_S, FakeClock
from bridge.messages import CameraPose, ClockPair, EngineBytes, LensState, topic
from bridge.take.read import Take
from bridge.take.recording import Beginning, TakeWriter
from bridge.take.replay import Played, Replay, Timing, due_ns, in_order, items, restamped

FRAMES = [(f"camera/cam{n % 2}".encode(), bytes([n] * 80), bytes([255 - n]) * n) for n in range(200)]
PAIR = ClockPair(subject="recorder", t_ns=0, utc_ns=10**18, clock_id=7)


class Engine:
    def __init__(self) -> None:
        self.got: list[object] = []
        self.due_ns: list[int] = []

    def __call__(self, played: Played, due_ns: int) -> None:
        self.got.append(played.what)
        self.due_ns.append(due_ns)


def take(path: Path) -> Path:
    writer = TakeWriter(path, Beginning(PAIR, {}, {}), FakeClock(0))
    for n, (name, header, payload) in enumerate(FRAMES):
        said = EngineBytes(subject=f"cam{n % 2}", t_ns=n, topic=name, header=header, payload=payload)
        writer.write(topic(said), said, boot=1, sequence=n // 2 + 1, t_sent_ns=n * 4 * NS_PER_MS)
    writer.finish()
    return path


@pytest.mark.parametrize("rate", [0.25, 1.0, 3.0])
def test_the_engine_gets_the_same_bytes_with_the_same_distances(tmp_path: Path, rate: float) -> None:
    clock, engine = FakeClock(77 * NS_PER_S), Engine()
    with Take(take(tmp_path / "a.mcap")) as opened:
        replay = Replay(items(opened), engine, rate)
        assert replay.next_ns is None
        times: list[int] = []
        while not replay.done:
            sent = replay.play(clock())
            times += [clock()] * sent
            clock.now_ns = replay.next_ns or clock.now_ns
    assert engine.got == FRAMES
    assert times == engine.due_ns == [77 * NS_PER_S + round(n * 4 * NS_PER_MS / rate) for n in range(200)]
    assert (replay.sent, replay.latest_s, replay.next_ns) == (200, 0.0, None)


def test_a_late_turn_sends_all_that_is_due_and_says_how_late(tmp_path: Path) -> None:
    engine = Engine()
    with Take(take(tmp_path / "a.mcap")) as opened:
        replay = Replay(items(opened, poses=True), engine)
        assert replay.play(0) == 1
        assert replay.play(40 * NS_PER_MS + 1) == 10
        assert replay.latest_s == pytest.approx(0.036)


def test_what_was_recorded_late_is_played_in_its_place() -> None:
    logs = [Played(t, (b"", b"", bytes([t]))) for t in (1, 2, 5, 6, 3, 4, 7)]
    assert [log.sent_ns for log in in_order(logs)] == [1, 2, 3, 4, 5, 6, 7]
    same = [Played(1, (b"", b"", bytes([n]))) for n in range(5)]
    assert list(in_order(same)) == same


def test_the_schedule_is_a_line() -> None:
    assert due_ns(Timing(1000, 50, 2.0), 150) == 1050
    for rate in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="expected more than 0"):
            Replay([], Engine(), rate)
    assert Replay([], Engine()).done


def test_poses_can_come_along_as_if_they_were_measured_now(tmp_path: Path) -> None:
    pose = CameraPose(
        subject="cam0",
        t_ns=1000,
        sequence=3,
        position_m=(0.0, 0.0, 0.0),
        lens=LensState(focal_length_mm=35.0),
        sensor_mm=(36.0, 24.0),
        t_arrival_ns=1100,
        t_display_ns=1300,
        measured_position_m=(0.0, 0.0, 0.0),
    )
    writer = TakeWriter(tmp_path / "a.mcap", Beginning(PAIR, {}, {}), FakeClock(0))
    writer.write(topic(pose), pose, boot=1, sequence=1, t_sent_ns=1150)
    writer.finish()
    with Take(tmp_path / "a.mcap") as opened:
        assert list(items(opened)) == []
        assert list(items(opened, poses=True)) == [Played(10**18 + 1150, pose)]
    moved = restamped(pose, 50)
    assert (moved.t_ns, moved.t_arrival_ns, moved.t_display_ns) == (1050, 1150, 1350)
