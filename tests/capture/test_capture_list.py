"""`cyc capture list`: says what is there, and what to do where nothing is."""

import json
from pathlib import Path

import pytest

pytest.importorskip("cv2")
from bridge.__main__ import main
from capture.cameras import v4l2
from capture.cameras.v4l2 import Found, Mode


def test_without_a_camera_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(v4l2, "cameras", list)
    monkeypatch.setattr("sys.platform", "linux")
    assert main(["capture", "list"]) == 1
    assert "no camera is here. Plug a webcam" in capsys.readouterr().err
    assert main(["capture", "list", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {"cameras": []}


def test_cameras_are_shown_with_sizes_and_rates(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    modes = (Mode("MJPG", 1280, 720, (60.0, 30.0)), Mode("YUYV", 1280, 720, (10.0,)), Mode("MJPG", 640, 480, (30.0,)))
    monkeypatch.setattr(v4l2, "cameras", lambda: [Found("/dev/video0", "BRIO", modes)])
    monkeypatch.setattr("sys.platform", "linux")
    assert main(["capture", "list"]) == 0
    shown = capsys.readouterr().out
    assert "BRIO" in shown and "1280x720 @ 60, 30, 10; 640x480 @ 30" in shown
    assert main(["capture", "list", "--json"]) == 0
    camera = json.loads(capsys.readouterr().out)["cameras"][0]
    assert camera["modes"][0] == {"format": "MJPG", "width_px": 1280, "height_px": 720, "rates_hz": [60.0, 30.0]}


def test_named_sources_are_opened_and_a_password_is_kept(tmp_path: Path, capsys) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    assert main(["capture", "list", str(tmp_path / "broken.mp4"), "gopher://me:secret@x/", "--json"]) == 1
    said = capsys.readouterr()
    faults = [row["fault"] for row in json.loads(said.out)["cameras"]]
    assert "expected a video, it cannot be opened" in faults[0] and "expected a stream by one of" in faults[1]
    assert "secret" not in said.out + said.err
