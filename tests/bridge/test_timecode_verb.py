"""`cyc timecode`: what an operator types and sees; the signal it makes is read by another's decoder (libltc)."""

import json
import wave
from pathlib import Path

import numpy as np
import pytest

from bridge.__main__ import main
from bridge.benches import timecode_peers
from bridge.timecode import Timecode
from bridge.verbs.timecode import labels_of

peer = pytest.mark.skipif(timecode_peers.LIBRARY is None, reason="libltc is not installed (Debian: libltc11)")


def make(path: Path, *words: str) -> int:
    return main(["timecode", "make", "--out", str(path), *words])


def samples_of(path: Path) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 48000)
        return (np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768).astype(np.float32)


@peer
@pytest.mark.parametrize(("rate", "start", "reverse"), [
    ("25", "10:00:00:00", False),
    ("29.97df", "00:00:59;20", False),
    ("23.976", "01:00:00:00", True),
])  # fmt: skip
def test_what_is_made_is_timecode_for_libltc_too(tmp_path: Path, rate: str, start: str, reverse: bool) -> None:
    path = tmp_path / "made.wav"
    assert make(path, "--rate", rate, "--start", start, "--seconds", "1.5", *(["--reverse"] if reverse else [])) == 0
    labels = labels_of(rate, start, 1.5)
    expected = [(label.hours, label.minutes, label.seconds, label.frames) for label in labels]
    found = timecode_peers.decode(samples_of(path), 48000, labels[0].rate_num / labels[0].rate_den)
    assert len(found) >= len(labels) - 4
    assert [where for where, _ in found] == [
        one for one in (expected[::-1] if reverse else expected) if one in dict(found)
    ]
    assert {backward for _, backward in found} == {reverse}


def test_a_made_file_is_watched_in_real_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ltc.wav"
    assert make(path, "--rate", "30", "--seconds", "1.2", "--json") == 0
    assert json.loads(capsys.readouterr().out)["last"] == "10:00:01:05"
    assert main(["timecode", "watch", "--ltc", str(path), "--camera-rate", "25", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    (source,) = said["sources"]
    assert source["state"] == "locked"
    assert source["last"].startswith("10:00:01:")
    assert source["speed_unit"] == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(("words", "said"), [
    (["make", "--out", "x.wav", "--rate", "50"], "--rate: LTC counts 23.976, 24, 25, 29.97, 29.97df or 30"),
    (["make", "--out", "x.wav", "--rate", "29.97df", "--start", "00:01:00:00"], "does not exist: drop frame skips it"),
    (["make", "--out", "x.wav", "--start", "noon"], "--start: timecode 'noon': expected HH:MM:SS:FF"),
    (["make", "--out", "x.wav", "--seconds", "0"], "--seconds: expected up to a day, got 0"),
    (["make", "--out", "x.wav", "--speed", "9"], "--speed: expected 0.5 to 2, got 9"),
    (["watch"], "expected one of STAGE.toml, --ltc FILE, --device NAME or --midi NAME"),
    (["watch", "--ltc", "x.wav", "--rate", "31"], "--rate: frame rate '31'"),
])  # fmt: skip
def test_wrong_words_are_refused_in_a_sentence(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["timecode", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_file_is_not_written_over_and_a_missing_one_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ltc.wav"
    path.write_bytes(b"mine")
    assert make(path) == 1
    assert path.read_bytes() == b"mine"
    assert "is there already and is not written over" in capsys.readouterr().err
    assert make(tmp_path / "none" / "x.wav") == 1
    assert main(["timecode", "watch", "--ltc", str(tmp_path / "no.wav"), "--json"]) == 1
    assert "expected a sound file, No such file" in json.loads(capsys.readouterr().out)["alarms"][0]
    assert [one.name for one in tmp_path.iterdir()] == ["ltc.wav"]
    assert main(["timecode", "watch", "--ltc", "notes.txt"]) == 2
    assert "--ltc notes.txt: expected a WAV file" in capsys.readouterr().err


def test_the_list_says_what_is_here_or_why_nothing_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["timecode", "list", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert set(said) == {"audio", "midi", "faults"}


def test_labels_take_either_mark_and_the_rate_decides() -> None:
    assert labels_of("29.97df", "00:00:59:29", 0.1)[1] == Timecode(0, 1, 0, 2, 30000, 1001, True)
    assert labels_of("25", "23:59:59;24", 0.1)[1] == Timecode(0, 0, 0, 0, 25)
