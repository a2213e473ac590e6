"""What is asked wrongly on the command line: one clear sentence, the documented exit code, never a traceback."""

from pathlib import Path

import pytest

from bridge.__main__ import main

pytestmark = pytest.mark.slow
pytest.importorskip("cv2")

AGREED = ["--uses", "capture", "--project", "N", "--until", "2999-01-01", "--agreement", "signed.pdf"]
WRONG: list[tuple[list[str], int, str]] = [
    (["capture", "--camera", "missing.mp4", "--performer", "p07"], 2, "missing.mp4: expected a device"),
    (["capture", "--camera", "", "--performer", "p07"], 2, "an empty name"),
    (["capture", "--camera", "text.mp4"], 2, "--performer"),
    (["capture", "--camera", "srt://a:1", "--performer", "p07"], 2, "has no SRT"),
    (["capture", "--camera", "0", "--camera", "1", "--performer", "p07"], 2, "need --rig"),
    (["capture", "--camera", "0", "--rig", "none.toml", "--performer", "p07"], 2, "none.toml"),
    (["capture", "--camera", "0", "--rig", "folder", "--performer", "p07"], 2, "folder"),
    (["capture", "--camera", "0", "--rig", "bytes.bin", "--performer", "p07"], 2, "bytes.bin: not a rig file"),
    (["capture", "--camera", "0", "--performer", "p07"], 1, "no ledger of consents"),
    (["capture", "--camera", "text.mp4", "--performer", "demo"], 2, "'demo' is the synthetic performer alone"),
    (["capture", "--performer", "demo", "--performer", "demo"], 2, "'demo' is there twice"),
    (["capture", "--page", "8080"], 2, "expected host:port"),
    (["capture", "--page", "127.0.0.1:99999"], 2, "expected host:port"),
    (["capture", "--vmc", "a:b"], 2, "a:b: expected HOST"),
    (["capture", "--vmc", ""], 2, "an empty name: expected HOST"),
    (["capture", "--face-to", "host:0"], 2, "1 to 65535"),
    (["capture", "--stage", "none.toml"], 2, "none.toml"),
    (["capture", "--model", "big"], 2, "invalid choice"),
    (["capture", "list", "ä ö/film 1.mp4"], 1, "ä ö/film 1.mp4"),
    (["capture", "list", "folder"], 1, "expected pictures"),
    (["capture", "export", "none.mcap", "o.usda"], 1, "none.mcap"),
    (["capture", "export", "bytes.bin", "o.usda"], 1, "expected a take"),
    (["capture", "export", "none.mcap", "o.xyz"], 2, ".usda"),
    (["capture", "export", "none.mcap", "o.bvh", "--rate", "nan"], 2, "--rate nan"),
    (["capture", "export", "none.mcap", "o.bvh", "--smooth", "nan"], 2, "--smooth nan"),
    (["capture", "neutral", "none.mcap", "o.toml", "--rest", "5-2"], 2, "the smaller first"),
    (["capture", "neutral", "none.mcap", "o.txt"], 2, ".toml"),
    (["capture", "synthetic", "o", "--seconds", "nan"], 2, "--seconds nan"),
    (["capture", "synthetic", "o", "--size", "abc"], 2, "abc"),
    (["consent", "show"], 1, "no ledger"),
    (["consent", "grant", "p07", "--name", "", *AGREED], 2, "--name: expected who"),
    (["consent", "grant", "p07", "--name", "A B", *AGREED[:-1], "none.pdf"], 1, "none.pdf"),
    (["consent", "grant", "p07", "--name", "A B", *AGREED[:4], "--until", "soon", *AGREED[6:]], 2, "soon"),
    (["calibrate", "rig", "solve", "text.mp4"], 2, "two cameras or more"),
    (["calibrate", "rig", "convert", "bytes.bin", "o.toml"], 1, "not a text file"),
    (["calibrate", "rig", "health", "none.mcap"], 1, "none.mcap"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the wrong things lie."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CYC_CONSENT", raising=False)
    (tmp_path / "folder").mkdir()
    (tmp_path / "ä ö").mkdir()
    (tmp_path / "ä ö" / "film 1.mp4").write_bytes(b"")
    (tmp_path / "text.mp4").write_text("no video", encoding="utf-8")
    (tmp_path / "bytes.bin").write_bytes(b"\xff\xfe\x00 = [")
    (tmp_path / "signed.pdf").write_text("agreed", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("words", "code", "said"), WRONG, ids=[" ".join(words) for words, _, _ in WRONG])
def test_what_is_asked_wrongly_is_said_in_a_sentence(
    folder: Path, capfd: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    """Nothing is left behind, either."""
    before = sorted(folder.iterdir())
    try:
        found = main(words)
    except SystemExit as stopped:  # argparse's own
        found = stopped.code
    out, err = capfd.readouterr()
    assert (found, said in out + err) == (code, True), out + err
    assert "Traceback" not in out + err
    assert sorted(folder.iterdir()) == before
