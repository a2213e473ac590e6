"""A take keeps both times: what the house labelled with, what the tracker said, and how far the sources were apart."""

from pathlib import Path

import msgspec
import pytest

from bridge.__main__ import main
from bridge.bus.frames import Received
from bridge.clock import NS_PER_S, FakeClock
from bridge.labels import Labels
from bridge.messages import (
    CameraPose,
    LensState,
    Message,
    StartTake,
    StopTake,
    TakeStarted,
    TakeStopped,
    TimecodeState,
    topic,
)
from bridge.take.read import Take
from bridge.take.recorder import Recorder, Recording
from bridge.timecode import Timecode, frame_number, parse_timecode, timecode_at

POSE = CameraPose(
    subject="camA",
    t_ns=0,
    sequence=0,
    position_m=(0.0, 0.0, 0.0),
    lens=LensState(focal_length_mm=35.0),
    sensor_mm=(36.0, 24.0),
    t_arrival_ns=0,
    t_display_ns=0,
    measured_position_m=(0.0, 0.0, 0.0),
)


def house_at(t_ns: int, jumps: int) -> list[TimecodeState]:
    """The house jumps an hour on after two seconds; the tracker's own is 12.25 frames ahead."""
    ten = parse_timecode("10:00:00:00" if not jumps else "11:00:00:00", 25)
    label = timecode_at(frame_number(ten) + t_ns * 25 // NS_PER_S, 25)
    counted = jumps or 3  # its service was started anew meanwhile, and counts from nothing
    house = TimecodeState(subject="ltc", t_ns=t_ns, state="locked", timecode=label, chosen=True, jumps=counted)
    own = TimecodeState(subject="camA", t_ns=t_ns, state="locked", timecode=label, disagrees_frames=12.25)
    return [house, msgspec.structs.replace(own, disagrees_frames=12.25 if not jumps else 2.0)]


@pytest.fixture
def take(tmp_path: Path) -> Path:
    clock, labels = FakeClock(0), Labels("ltc", 0)
    recorder = Recorder(
        Recording(folder=tmp_path, stage_name="s", reserve_bytes=0), clock, utc=lambda: clock() + 10**18
    )
    recorder.wake()
    sequences: dict[str, int] = {}

    def hear(message: Message) -> None:
        name = topic(message)
        sequences[name] = sequences.get(name, 0) + 1
        recorder.hear([Received(9, name, sequences[name], message.t_ns, message)])

    for frame in range(100):
        clock.now_ns = frame * NS_PER_S // 25
        for said in house_at(clock(), jumps=int(frame >= 50)):
            labels.hear(said, clock())
            hear(said)
        tracker = timecode_at(frame + 7, 25)
        hear(labels.label(msgspec.structs.replace(POSE, t_ns=clock(), sequence=frame, timecode=tracker), (25, 1)))
        if frame == 0:
            recorder.obey(StartTake(subject="recorder", t_ns=0, slate="s1"))
        recorder.tick()
    recorder.obey(StopTake(subject="recorder", t_ns=0))
    return tmp_path / "s1_T001.mcap"


def test_a_jump_is_in_the_take_with_both_times(take: Path) -> None:
    with Take(take) as found:
        poses = list(found.messages(CameraPose))
        (started,) = found.messages(TakeStarted)
        (stopped,) = found.messages(TakeStopped)
    assert [pose.t_ns for pose in poses] == [frame * NS_PER_S // 25 for frame in range(1, 100)]
    assert [str(pose.timecode) for pose in (poses[48], poses[49])] == ["10:00:01:24", "11:00:02:00"]
    assert all(pose.tracker_timecode == timecode_at(pose.sequence + 7, 25) for pose in poses)
    assert {pose.timecode_source for pose in poses} == {"ltc"}
    assert (started.timecode, started.timecode_source) == (parse_timecode("10:00:00:00", 25), "ltc")
    assert (stopped.timecode, stopped.timecode_source) == (Timecode(11, 0, 3, 24, 25), "ltc")


def test_the_report_says_who_labelled_and_how_far_the_others_were(
    take: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["take", "info", str(take)]) == 0
    shown = capsys.readouterr().out
    assert "timecode 10:00:00:01 to 11:00:03:24, by ltc" in shown
    assert "timecode source ltc: locked, chosen; 1 jump" in shown
    assert "timecode source camA: locked; up to +12.25 frames from the chosen" in shown
    assert main(["take", "list", str(take.parent)]) == 0
    assert "10:00:00:00 ltc" in capsys.readouterr().out
