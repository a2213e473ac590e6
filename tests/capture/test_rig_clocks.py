"""Clocks found by a performer from the command line: written where they are known, refused in words where not."""

import argparse
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

pytest.importorskip("cv2")
from bridge.consent.rules import Allowed
from bridge.consent.running import RunningUses, Stopped
from capture.calibrate.clips import RigFault
from capture.calibrate.clocks import clocks
from capture.calibrate.offsets import Track, by_place, track_of
from capture.calibrate.rig_file import rig_of, rig_text
from capture.cameras.picture import Picture
from capture.rig import Rig
from capture.verbs import calibrate_rig_clocks, calibrate_rig_performer

_spec = importlib.util.spec_from_file_location("performer_made", Path(__file__).with_name("performer_made.py"))
assert _spec and _spec.loader
made = importlib.util.module_from_spec(_spec)
sys.modules["performer_made"] = made
_spec.loader.exec_module(made)

FRAME_S = 1.0 / made.RATE_HZ
LATE_S = {"cam1": 0.010, "cam2": 0.010 + 2.0 * FRAME_S, "cam3": 0.010 - 0.4 * FRAME_S}
"""As they are; cam4 films nothing."""


def late(rig: Rig, late_s: dict[str, float]) -> Rig:
    return rig._replace(cameras=tuple(one._replace(late_s=late_s.get(one.name, 0.0)) for one in rig.cameras))


class Stage(NamedTuple):
    """The command's words, and where it writes."""

    words: list[str]
    out: Path


@pytest.fixture
def filmed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Nine seconds; the file has cam1's clock right and knows nothing of the others'."""
    seen = made.sequences(made.walk(270), late(made.rig(), LATE_S), noise_px=1.0, bias_px=2.0)

    class Eye:
        def __init__(self, *_: object) -> None: ...

        def look(self, picture: Picture) -> list[object]:
            return [seen[picture.camera][picture.number]]

        def close(self) -> None: ...

    def pictures(name: str, _: object) -> Iterator[Picture]:
        for number, one in enumerate(seen[name]):
            yield Picture(name, number, one.t_ns, one.t_ns, np.zeros((*made.SIZE_PX[::-1], 3), np.uint8))

    monkeypatch.setattr(calibrate_rig_performer, "Landmarks", Eye)
    monkeypatch.setattr(calibrate_rig_performer, "every_picture", pictures)
    monkeypatch.setattr(RunningUses, "begin", lambda *_, **__: Allowed(grant=0))
    rig = late(made.rig(), {"cam1": 0.010, "cam4": 0.5})
    (tmp_path / "rig.toml").write_text(
        rig_text(rig, "last week, 57 moments; clocks by a performer, then", "the board lay")
    )
    for camera in rig.cameras:
        (tmp_path / f"{camera.name}.mp4").touch()
    clips = [str(tmp_path / f"{name}.mp4") for name in ("cam3", "cam1", "cam2")]
    out = tmp_path / "new.toml"
    return Stage([str(tmp_path / "rig.toml"), *clips, "--performer", "p07", "--out", str(out)], out)


def find(words: list[str]) -> int:
    parser = argparse.ArgumentParser()
    calibrate_rig_clocks.add_arguments(parser)
    return calibrate_rig_clocks.run(parser.parse_args(words))


@pytest.mark.slow
def test_clocks_are_found_and_the_file_says_how(filmed: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    before = rig_of(Path(filmed.words[0]).read_text(), "")
    assert find([*filmed.words, "--json"]) == 0
    text = filmed.out.read_text()
    rig = rig_of(text, "")
    found = {camera.name: camera.late_s for camera in rig.cameras}
    assert found["cam1"] == 0.010  # it stays, whichever clip was named first
    assert found["cam4"] == 0.5  # nobody asked it
    assert all(abs(found[name] - LATE_S[name]) < 0.2 * FRAME_S for name in LATE_S)
    assert late(rig, {}) == late(before, {})
    assert "the board lay" in text and "last week, 57 moments; clocks by a performer, " in text
    assert "cam2, cam3 against cam1" in text and "then" not in text
    told = json.loads(capsys.readouterr().out)
    assert told["reference"] == "cam1"
    assert [one["was_s"] for one in told["cameras"]] == [0.010, 0.0, 0.0]
    assert abs(told["cameras"][1]["late_s"] - LATE_S["cam2"]) < 3.0 * told["cameras"][1]["sigma_s"]
    assert "right for these clips alone" in told["note"]


def test_what_is_not_known_is_not_written(
    filmed: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = calibrate_rig_performer.track_of
    monkeypatch.setattr(calibrate_rig_performer, "track_of", lambda seen: whole(seen[:40]))
    assert find([*filmed.words, "--json"]) == 1
    said = capsys.readouterr()
    refused = json.loads(said.out)["refused"]
    assert refused.startswith("not found: how late the cameras are, cam2 to +-0.")
    assert "film twenty seconds of several movements" in refused
    assert f"{filmed.out}: not written" in " ".join(said.err.split())
    assert not filmed.out.exists()


def test_a_consent_that_ends_meanwhile_ends_it(
    filmed: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looks: list[int] = []

    def check(_: object) -> list[Stopped]:
        looks.append(1)
        return [Stopped("p07", "capture", "suspended by p07")] if len(looks) > 5 else []

    monkeypatch.setattr(RunningUses, "check", check)
    assert find(filmed.words) == 1
    assert "p07 is not looked at any more (capture): suspended by p07" in " ".join(capsys.readouterr().err.split())
    assert len(looks) == 6 and not filmed.out.exists()


def test_wrong_words_are_said_before_anybody_is_looked_at(
    filmed: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(RunningUses, "begin", None)
    rig, one, *_ = filmed.words
    rest = filmed.words[4:]
    for words, code, said in (
        ([*filmed.words, "--most-late", "0"], 2, "--most-late: expected more than 0 and at most 60 seconds"),
        ([rig, one, *rest], 2, "the clips of two cameras or more"),
        ([*filmed.words, "--names", "cam3,cam1"], 2, "--names: expected 3 different names"),
        ([*filmed.words, "--names", "cam3,cam1,b"], 1, "b: "),
        ([rig, "0", "1", *rest, "--names", "cam1,cam2"], 1, "expected videos"),
    ):
        assert find(words) == code
        assert said in " ".join(capsys.readouterr().err.split())
    small = rig_text(Rig(tuple(camera._replace(size_px=(640, 360)) for camera in made.rig().cameras)))
    Path(rig).write_text(small)
    assert find(filmed.words) == 1
    assert "is 1280 x 720, cam3 was calibrated at 640 x 360" in " ".join(capsys.readouterr().err.split())


def test_a_camera_that_saw_nobody_is_named() -> None:
    tracks = {name: track_of(seen) for name, seen in made.sequences(made.walk(60), made.rig()).items()}
    nobody = tracks | {"cam3": Track(np.empty(0), np.empty((0, 0, 2)))}
    with pytest.raises(RigFault, match=r"seen by cam3 in 0 pictures, expected 30 or more"):
        clocks(made.rig(), nobody, 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("start", [0.0, 2.0])
def test_no_whole_frame_holds_the_search(start: float) -> None:
    """Neither from two frames off, where speeds say nothing, nor from a start that is right to the last digit."""
    rig = Rig(made.rig().cameras[:2], 0.5)
    seen = made.sequences(made.walk(270), late(rig, {"cam2": 2.0 * FRAME_S}), noise_px=1.0, bias_px=2.0)
    found = by_place(rig, [track_of(one) for one in seen.values()], [0.0, start * FRAME_S])
    assert abs(found.late_s[1] / FRAME_S - 2.0) < 0.2
    assert found.sigma_s[1] < 0.2 * FRAME_S
