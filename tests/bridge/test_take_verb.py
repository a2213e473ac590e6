"""`cyc take`: what an operator types and sees."""

import json
import os
import threading
from pathlib import Path

import pytest

from bridge import tracking
from bridge.__main__ import main
from bridge.clock import NS_PER_S, FakeClock, system_clock
from bridge.engine.input import EngineInput
from bridge.messages import CameraPose, ClockPair, EngineBytes, LensState, Message, topic
from bridge.rigs import rig_of
from bridge.stage_file import load
from bridge.take.recording import Beginning, TakeWriter
from bridge.timecode import timecode_at
from bridge.udp import Listener
from bridge.wire import freed

PORT = 25_361
SMALL = Path(__file__).parents[2] / "stage_configs" / "small_wall.toml"


def take(path: Path, frames: int = 50, finish: bool = True, hole: int = -1) -> Path:
    clock = FakeClock(0)
    pair = ClockPair(subject="recorder", t_ns=0, utc_ns=1_760_000_000 * NS_PER_S, clock_id=7)
    writer = TakeWriter(path, Beginning(pair, {"stage": "small", "slate": "s1"}, {}), clock)
    for n in range(frames):
        clock.now_ns = n * NS_PER_S // 25
        pose = CameraPose(
            subject="camA",
            t_ns=clock.now_ns,
            sequence=n,
            position_m=(0.0, 0.0, 0.0),
            lens=LensState(focal_length_mm=35.0),
            sensor_mm=(36.0, 24.0),
            t_arrival_ns=clock.now_ns,
            t_display_ns=clock.now_ns,
            timecode=timecode_at(n, 25),
            measured_position_m=(n * 0.01, 0.0, 0.0),
        )
        said: list[Message] = [
            pose,
            EngineBytes(subject="camA", t_ns=clock.now_ns, topic=b"c", header=bytes(80), payload=bytes([n])),
        ]
        for message in said:
            if n != hole:
                writer.write(topic(message), message, boot=1, sequence=n + 1, t_sent_ns=clock.now_ns)
        writer.tick()
    if finish:
        writer.finish()
    else:
        writer.flush()
        writer.abandon()
    return path


def test_list_and_info_say_what_is_there_and_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take(tmp_path / "s1_T001.mcap", hole=20)
    take(tmp_path / "s1_T002.mcap", finish=False)
    (tmp_path / "s1_T003.mcap").write_bytes(b"not a take")
    assert main(["take", "list", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert "2 takes" in shown.out and "s1_T001" in shown.out and "not finished" in shown.out
    assert "s1_T003.mcap: expected a take" in shown.err
    assert main(["take", "info", str(tmp_path / "s1_T001.mcap"), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["timecode_first"], report["timecode_last"]) == ("00:00:00:00", "00:00:01:24")
    assert report["duration_s"] == pytest.approx(49 / 25)
    poses = next(t for t in report["topics"] if t["topic"] == "CameraPose/camA")
    assert (poses["messages"], poses["missing"]) == (49, 1)
    assert poses["longest_gap_s"] == pytest.approx(0.08)
    assert poses["rate_hz"] == pytest.approx(48 / 49 * 25)


def test_finish_writes_the_summary_of_an_orphan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = take(tmp_path / "a.mcap", finish=False)
    assert main(["take", "finish", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["finished"]
    assert main(["take", "finish", str(path)]) == 1
    assert "is finished already" in capsys.readouterr().err


def test_export_names_what_it_wrote_and_refuses_before_it_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = take(tmp_path / "a.mcap")
    out = tmp_path / "a.chan"
    assert main(["take", "export", str(path), "--to", "chan", str(out)]) == 0
    assert "50 frames of camA at 25/s 00:00:00:00" in capsys.readouterr().out
    assert len(out.read_text().splitlines()) == 50
    for words, code, why in (
        (["--to", "usd", str(out)], 2, "expected a name ending in .usda or .usdc or .usd"),
        (["--to", "chan", "--camera", "camZ", str(out)], 1, "expected one of the cameras camA, got 'camZ'"),
        (["--to", "chan", "--rate", "fast", str(out)], 2, "frame rate 'fast'"),
        (["--to", "chan", str(tmp_path / "no" / "where.chan")], 1, "No such file"),
    ):
        assert main(["take", "export", str(path), *words]) == code
        assert why in capsys.readouterr().err
    assert main(["take", "info", str(tmp_path / "absent.mcap")]) == 1
    assert "absent.mcap: No such file" in capsys.readouterr().err


def test_replay_reaches_an_engine_byte_for_byte(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = take(tmp_path / "a.mcap")
    engine = EngineInput(f"tcp://127.0.0.1:{PORT}", system_clock)
    got: list[bytes] = []

    def listen() -> None:
        for _ in range(200):
            got.extend(frame.payload for frame in engine.take(0.05))
            if len(got) == 50:
                return

    listener = threading.Thread(target=listen)
    listener.start()
    words = ["take", "replay", str(path), "--rate", "20", "--port", str(PORT), "--wait", "0.5", "--json"]
    assert main(words) == 0
    listener.join()
    engine.close()
    assert got == [bytes([n]) for n in range(50)]
    assert json.loads(capsys.readouterr().out)["sent"] == 50


def test_replay_through_the_trackers_says_again_what_they_must_have_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listener = Listener("127.0.0.1", 0)
    port = listener.port
    text = SMALL.read_text(encoding="utf-8").replace("port = 40000", f"port = {port}")
    stage_path = tmp_path / "stage.toml"
    stage_path.write_text(text, encoding="utf-8")
    recorded = take(tmp_path / "s1.mcap", frames=5)
    assert main(["take", "replay", str(recorded), "--stage", str(stage_path), "--through", "trackers", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sent"] == 5
    packets = [freed.decode(data) for data, _, _ in listener.take()]
    listener.close()
    assert [packet.camera_id for packet in packets] == [1] * 5
    stage = load(stage_path)
    track, said = tracking.start(rig := rig_of(stage, stage.cameras[0])), []
    for number, packet in enumerate(packets):
        sample = freed.to_sample(
            packet,
            subject="arm",
            profile="generic",
            t_arrival_ns=number * NS_PER_S // 25,
            latency_s=0.0,
            sender="",
        )
        track, more = tracking.step(rig, track, sample)
        said += [message for message in more if isinstance(message, CameraPose)]
    assert [pose.measured_position_m[0] for pose in said] == pytest.approx([n * 0.01 for n in range(5)], abs=2e-4)


def test_replay_through_the_trackers_needs_the_stage_and_its_cameras(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = take(tmp_path / "s1.mcap", frames=5)
    assert main(["take", "replay", str(recorded), "--through", "trackers"]) == 2
    assert "needs --stage" in capsys.readouterr().err
    stage_path = tmp_path / "other.toml"
    other = SMALL.read_text(encoding="utf-8").replace('name = "camA"', 'name = "camB"')
    stage_path.write_text(other, encoding="utf-8")
    assert main(["take", "replay", str(recorded), "--stage", str(stage_path), "--through", "trackers"]) == 1
    assert "no measured poses of small_wall's cameras (camB); the take has camA" in capsys.readouterr().err


def test_the_newest_takes_come_first_with_their_timecode(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in (1, 2, 3):
        os.utime(take(tmp_path / f"s1_T00{number}.mcap", frames=3), (number, number))
    assert main(["take", "list", str(tmp_path), "--newest", "2", "--json"]) == 0
    reports = json.loads(capsys.readouterr().out)
    assert [(report["name"], report["timecode_first"]) for report in reports] == [
        ("s1_T003", "00:00:00:00"),
        ("s1_T002", "00:00:00:00"),
    ]


def test_replay_refuses_nonsense(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = take(tmp_path / "a.mcap")
    assert main(["take", "replay", str(path), "--rate", "0"]) == 2
    assert "expected more than 0" in capsys.readouterr().err
    empty = tmp_path / "b.mcap"
    take(empty, frames=0)
    assert main(["take", "replay", str(empty)]) == 1
    assert "holds no engine bytes" in capsys.readouterr().err
