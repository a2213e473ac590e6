"""A bumped camera put back from clips of a performer: asked for, logged, and refused in words."""

import argparse
import importlib.util
import math
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cv2")
from bridge.consent.ledger import Ledger
from bridge.consent.rules import Allowed, Refused
from bridge.consent.running import RunningUses
from bridge.frames import quat_angle_rad, quat_from_pan_tilt_roll, quat_multiply
from capture.calibrate.rig_file import rig_of, rig_text
from capture.cameras.picture import Picture
from capture.rig import Rig
from capture.verbs import calibrate_rig_performer, calibrate_rig_rescue

_spec = importlib.util.spec_from_file_location("performer_made", Path(__file__).with_name("performer_made.py"))
assert _spec and _spec.loader
made = importlib.util.module_from_spec(_spec)
sys.modules["performer_made"] = made
_spec.loader.exec_module(made)

FRAMES = 60
NAMES = ("cam1", "cam2", "cam3", "cam4")


class Eye:
    """Sees what the made performer shows each camera."""

    seen = made.sequences(made.walk(FRAMES), made.rig(), noise_px=1.0, bias_px=2.0)

    def __init__(self, *_: object) -> None: ...

    def look(self, picture: Picture) -> list[object]:
        return [self.seen[picture.camera][picture.number]]

    def close(self) -> None: ...


def filmed(name: str, _: object) -> Iterator[Picture]:
    for number in range(FRAMES):
        yield Picture(name, number, 0, 0, np.zeros((720, 1280, 3), np.uint8))


@pytest.fixture
def bumped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command's words, with a rig in which cam2 looks elsewhere than it does."""
    monkeypatch.setattr(calibrate_rig_performer, "Landmarks", Eye)
    monkeypatch.setattr(calibrate_rig_performer, "every_picture", filmed)
    knocked = quat_from_pan_tilt_roll(2.0, 1.0, 0.0)
    cameras = [
        one._replace(rotation_wxyz=quat_multiply(one.rotation_wxyz, knocked)) if one.name == "cam2" else one
        for one in made.rig().cameras
    ]
    (tmp_path / "rig.toml").write_text(rig_text(Rig(tuple(cameras), 0.5), "", "the board lay"))
    for name in NAMES:
        (tmp_path / f"{name}.mp4").touch()
    clips = [str(tmp_path / f"{name}.mp4") for name in NAMES]
    return [str(tmp_path / "rig.toml"), *clips, "--performer", "p07", "--out", str(tmp_path / "new.toml")]


def rescue(words: list[str]) -> int:
    parser = argparse.ArgumentParser()
    calibrate_rig_rescue.add_arguments(parser)
    return calibrate_rig_rescue.run(parser.parse_args(words))


def test_it_is_put_back_and_the_file_says_so(
    bumped: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(RunningUses, "begin", lambda *_, **__: Allowed(grant=0))
    assert rescue([*bumped, "--camera", "cam2"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "not a calibration" in told
    assert "the clips show only 2.0 s of them" in told
    text = (tmp_path / "new.toml").read_text()
    assert "cam2 rescued by a performer" in text and "the board lay" in text
    rig = rig_of(text, "new.toml")
    assert rig.rms_px == rig.cameras[1].rms_px == 0.0
    back, true = rig.cameras[1], made.rig().cameras[1]
    assert math.dist(back.position_m, true.position_m) < 0.05
    assert math.degrees(quat_angle_rad(back.rotation_wxyz, true.rotation_wxyz)) < 0.8


def test_nobody_is_looked_at_without_consent(
    bumped: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(calibrate_rig_performer, "Landmarks", None)
    assert rescue([*bumped, "--camera", "cam2", "--ledger", str(tmp_path / "none.sqlite")]) == 1
    assert "p07 is not looked at (capture)" in " ".join(capsys.readouterr().err.split())
    with Ledger.made(tmp_path / "ledger.sqlite", by="test"):
        pass
    assert rescue([*bumped, "--camera", "cam2", "--ledger", str(tmp_path / "ledger.sqlite")]) == 1
    assert "p07 has given no consent to be captured" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "new.toml").exists()


def test_what_cannot_be_rescued_is_said(
    bumped: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(RunningUses, "begin", lambda *_, **__: Refused(reason="never asked", help=""))
    rig, one, two = bumped[:3]
    for words, said in (
        ([*bumped, "--camera", "cam9"], "--camera cam9: expected one that a clip is of: cam1, cam2, cam3, cam4"),
        ([*bumped, "--camera", "cam2", "--names", "a,cam2,cam3,cam4"], "a: "),
        ([rig, one, two, *bumped[5:], "--camera", "cam2"], "it takes clips of two other cameras that still stand"),
    ):
        assert rescue(words) == 1
        assert said in " ".join(capsys.readouterr().err.split())


def test_the_wrong_camera_is_not_put_back(
    bumped: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """cam2 is amiss by far, and cam1 is to be put where it agrees with that."""
    monkeypatch.setattr(RunningUses, "begin", lambda *_, **__: Allowed(grant=0))
    rig = rig_of((tmp_path / "rig.toml").read_text(), "")
    off = quat_from_pan_tilt_roll(0.0, 8.0, 5.0)
    cameras = [
        one._replace(rotation_wxyz=quat_multiply(one.rotation_wxyz, off)) if one.name == "cam2" else one
        for one in rig.cameras
    ]
    (tmp_path / "rig.toml").write_text(rig_text(Rig(tuple(cameras)), "", ""))
    assert rescue([*bumped, "--camera", "cam1"]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "put back, still sees the performer" in told and "do the others stand?" in told
    assert not (tmp_path / "new.toml").exists()
