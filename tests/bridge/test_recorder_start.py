"""The start of a take does nothing that could have been done before: whatever takes long is done as it wakes."""

import platform
from pathlib import Path

import msgspec
import pytest

from bridge.clock import NS_PER_S, FakeClock
from bridge.messages import MESSAGES, CameraPose, LensState, StartTake, StopTake, topic
from bridge.take.format import plain_schema
from bridge.take.read import Take
from bridge.take.recorder import Recorder, Recording


def test_a_start_makes_no_schema_and_asks_nothing_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock(NS_PER_S)
    recorder = Recorder(Recording(folder=tmp_path, reserve_bytes=0), clock, utc=lambda: clock() + 10**18)
    recorder.wake()

    def late(*_: object, **__: object) -> object:
        raise AssertionError("should have been done before the start")

    for owner, name in ((msgspec.json, "schema_components"), (platform, "platform"), (platform, "node")):
        monkeypatch.setattr(owner, name, late)
    assert recorder.obey(StartTake(subject="recorder", t_ns=0, slate="a"))[0].text == "a_T001"
    said = CameraPose(
        subject="camA", t_ns=clock(), sequence=1, position_m=(0.0, 0.0, 0.0), lens=LensState(focal_length_mm=35.0),
        sensor_mm=(36.0, 24.0), t_arrival_ns=0, t_display_ns=0, measured_position_m=(0.0, 0.0, 0.0),
    )  # fmt: skip
    assert recorder._writer
    recorder._writer.write(topic(said), said, boot=1, sequence=1, t_sent_ns=clock())
    assert recorder.obey(StopTake(subject="recorder", t_ns=0))[0].ok
    monkeypatch.undo()
    with Take(tmp_path / "a_T001.mcap") as take:
        assert take.finished
        assert list(take.messages(CameraPose)) == [said]
        assert take.facts["host"] == platform.node()


def test_what_is_kept_of_a_schema_is_what_would_be_made() -> None:
    for kind in MESSAGES:
        assert plain_schema(kind) == plain_schema.__wrapped__(kind)


def test_numbers_go_on_from_whatever_takes_there_are(tmp_path: Path) -> None:
    for name in ("a_T007.mcap", "a_T012.mcap", "a_T013.txt", "b_T900.mcap"):
        (tmp_path / name).write_bytes(b"")
    recorder = Recorder(Recording(folder=tmp_path, reserve_bytes=0), FakeClock(NS_PER_S))
    recorder.wake()
    assert recorder.obey(StartTake(subject="recorder", t_ns=0, slate="a"))[0].text == "a_T013"
    recorder.close()
