"""Importing a tracker's own recording: the real one, and made ones that are wrong."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from bridge.__main__ import main
from bridge.frames import quat_rotate
from bridge.messages import CameraPose, TrackerSample
from bridge.take.export import track
from bridge.take.read import Take
from bridge.take.replay import items
from bridge.timecode import frame_number, parse_timecode, timecode_at
from bridge.wire import f4

ROOT = Path(__file__).parents[2]
MOVE = ROOT / "../shared/data/camera_move_mosys/A003_C001.f4"
STAGE = ROOT / "stage_configs/small_wall.toml"


def packet(number: int, x_cm: float = 0.0, pan_deg: float = 0.0, label: bool = True, lens: bool = True) -> bytes:
    blocks = [f4.axis_block(f4.X, x_cm), f4.axis_block(f4.PAN, pan_deg), f4.axis_block(f4.ZOOM, 19.966)]
    if lens:
        blocks.append(f4.lens_block(f4.FX, 2000.0 + number))
    if label:
        blocks.append(f4.timecode_block(timecode_at(number, 25)))
    return f4.encode(f4.F4Packet(0, number & 15, tuple(blocks)))


def import_of(tmp_path: Path, data: bytes, *words: str) -> int:
    (tmp_path / "a.f4").write_bytes(data)
    return main(["take", "import", str(tmp_path / "a.f4"), "--out", str(tmp_path / "a.mcap"), "--json", *words])


def test_offsets_and_lens_of_the_stage_place_the_camera(tmp_path: Path) -> None:
    assert import_of(tmp_path, packet(1000, 100.0, 90.0), "--stage", str(STAGE)) == 0
    with Take(tmp_path / "a.mcap") as take:
        (pose,) = take.messages(CameraPose, "camA")
        (sample,) = take.messages(TrackerSample)
        assert take.attachment("stage.toml") == STAGE.read_bytes()
        assert len(list(items(take))) == 1
    assert sample.position_m == pytest.approx((1.0, 0.0, 0.0))
    assert pose.lens.focal_length_mm == pytest.approx(31.8)
    # The arm stands at (0.35, 2.4, 0.25) turned 10 degrees left; its head is 1 m to its right, panned 90 to the left,
    # so the body looks at 100 degrees; the sensor is 12 cm ahead of it and 5 cm up, the pupil 12.8 cm along the axis.
    ten, hundred = math.radians(10), math.radians(100)
    body = np.array([0.35 + math.cos(ten), 2.4 + math.sin(ten), 0.25])
    ahead = np.array([-math.sin(hundred), math.cos(hundred), 0.0])
    axis = math.cos(math.radians(29)) * ahead + math.sin(math.radians(29)) * np.array([0, 0, 1])
    assert pose.position_m == pytest.approx(body + 0.12 * ahead + [0, 0, 0.05] + 0.128 * axis)
    assert quat_rotate(pose.rotation_wxyz, (0, 1, 0)) == pytest.approx(axis)


def test_time_follows_the_timecode_and_its_holes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    numbers = [100, 101, 103, 103, 90]
    assert import_of(tmp_path, b"".join(packet(n) for n in numbers)) == 0
    with Take(tmp_path / "a.mcap") as take:
        times = [pose.t_ns for pose in take.messages(CameraPose)]
    assert [t * 25 // 10**9 for t in times] == [100, 101, 103, 104, 105]
    assert json.loads(capsys.readouterr().out)["timecode_first"] == "00:00:04:00"


def test_without_timecode_the_rate_counts(tmp_path: Path) -> None:
    assert import_of(tmp_path, b"".join(packet(n, label=False) for n in range(3)), "--rate", "50") == 0
    with Take(tmp_path / "a.mcap") as take:
        assert [pose.t_ns for pose in take.messages(CameraPose)] == [0, 20_000_000, 40_000_000]


def test_what_is_wrong_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = packet(1)
    for data, words, code, why in (
        (b"RIFF....", (), 1, "a.f4: is not an F4 recording: at byte 0"),
        (b"", (), 1, "there is no whole F4 packet"),
        (good, ("--rate", "often"), 2, "frame rate 'often'"),
        (good, ("--stage", str(STAGE), "--camera", "camQ"), 1, "expected one of camA of stage small_wall, got 'camQ'"),
        (good, ("--stage", str(tmp_path / "none.toml")), 1, "cannot be read"),
    ):
        assert import_of(tmp_path, data, *words) == code
        assert why in capsys.readouterr().err
        assert not (tmp_path / "a.mcap").exists()
    assert import_of(tmp_path, good + bytes([good[0]]) + b"\x00\x01") == 0
    assert "1 samples, 1 packets not understood" in capsys.readouterr().err
    assert import_of(tmp_path, good) == 1
    assert "never written over" in capsys.readouterr().err


def test_a_lens_is_held_where_a_packet_says_none_and_never_made_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert import_of(tmp_path, packet(0, lens=False)) == 1
    assert "begins without a focal length: give a lens table with --stage" in capsys.readouterr().err
    assert not (tmp_path / "a.mcap").exists()
    assert import_of(tmp_path, packet(0) + packet(1, lens=False) + packet(2)) == 0
    with Take(tmp_path / "a.mcap") as take:
        focal_px = [pose.lens.focal_length_mm / 24.0 * 1920 for pose in take.messages(CameraPose)]
    assert focal_px == pytest.approx([2000.0, 2000.0, 2002.0])


@pytest.mark.data
def test_the_real_move_becomes_a_take_with_its_timecodes(tmp_path: Path) -> None:
    if not MOVE.is_file():
        pytest.skip(f"no recording at {MOVE}")
    assert import_of(tmp_path, MOVE.read_bytes(), "--stage", str(STAGE)) == 0
    with Take(tmp_path / "a.mcap") as take:
        poses = list(take.messages(CameraPose, "camA"))
        found = track(take, "camA")
    first = frame_number(parse_timecode("15:03:47:02", 25))
    assert len(poses) == len(found.frames) == 1497
    assert [frame_number(pose.timecode) for pose in poses if pose.timecode] == list(range(first, first + 1497))
    assert str(poses[-1].timecode) == "15:04:46:23"
    assert [frame.position_m for frame in found.frames] == [pose.measured_position_m for pose in poses]
    assert (poses[-1].t_ns - poses[0].t_ns) == 1496 * 40_000_000
