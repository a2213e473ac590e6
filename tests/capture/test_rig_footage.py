"""Pictures of the wrong board, mirrored, of two sizes: said in words. And the real clips, to their targets."""

import argparse
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from bridge.calibrate.lens.board import Board
from bridge.calibrate.lens.board_detect import draw
from capture.calibrate.clips import RigFault
from capture.calibrate.coverage import done, lines, nothing_yet
from capture.calibrate.detect import view_in
from capture.calibrate.footage import Picture, pictures, times
from capture.calibrate.strange import what_instead
from capture.verbs import calibrate_rig_shoot, calibrate_rig_solve
from capture.verbs.calibrate_rig_sources import board_at

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "charuco_4cam"
BOARD = Board(squares=(6, 5), square_mm=50.0)


def shown(board: Board) -> np.ndarray:
    """The board before a grey wall."""
    made = np.full((480, 640), 0 if board.inverted else 255, np.uint8)
    pattern = draw(board, 60)
    made[40 : 40 + pattern.shape[0], 60 : 60 + pattern.shape[1]] = pattern
    return cv2.GaussianBlur(made, (3, 3), 0)


@pytest.mark.slow
def test_what_is_seen_instead_of_the_board_is_said() -> None:
    assert view_in(BOARD, Picture(0, 0.0, shown(BOARD))) is not None
    assert what_instead(BOARD, [shown(BOARD)[:, ::-1].copy()]).startswith("the picture is mirrored")
    inverted = msgspec.structs.replace(BOARD, inverted=True)
    assert "`inverted` in board.json should be set" in what_instead(BOARD, [shown(inverted)])
    assert "`inverted` in board.json should not be set" in what_instead(inverted, [shown(BOARD)])
    other = what_instead(BOARD, [shown(Board(squares=(6, 5), dictionary="DICT_4X4_50"))])
    assert "markers of DICT_4X4_50, numbers up to 14; expected 6x5 squares, DICT_5X5_250" in other
    larger = what_instead(Board(squares=(3, 3)), [shown(BOARD)])
    assert "numbers up to 14 (a 3x3 board has numbers up to 3)" in larger
    assert what_instead(BOARD, [np.full((480, 640), 90, np.uint8)]) == ""


def test_a_clip_that_cannot_be_used_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no video")
    with pytest.raises(RigFault, match=r"a\.mp4: cannot be read as a video"):
        list(pictures(tmp_path / "a.mp4"))

    class Turned:
        """A phone that was turned while it filmed: no writer here makes such a file."""

        def __init__(self) -> None:
            self.shapes = [(48, 64), (48, 64), (64, 48)]

        def isOpened(self) -> bool:  # noqa: N802
            return True

        def get(self, _: int) -> float:
            return 25.0

        def grab(self) -> bool:
            return bool(self.shapes)

        def retrieve(self) -> tuple[bool, np.ndarray]:
            return True, np.zeros((*self.shapes.pop(0), 3), np.uint8)

        def release(self) -> None: ...

    monkeypatch.setattr(cv2, "VideoCapture", lambda _: Turned())
    with pytest.raises(
        RigFault, match=r"its pictures are 64x48 first and 48x64 from frame 2 on: film with one setting"
    ):
        list(pictures(tmp_path / "a.mp4"))


def test_times_of_pictures(tmp_path: Path) -> None:
    table = tmp_path / "timestamps.csv"
    table.write_text("sync_index,cam_id,frame_index,frame_time\n7,1,7,2.5\n7,0,7,2.0\n8,0,8,2.1\n")
    assert times(table) == [{0: 2.0, 1: 2.1}, {0: 2.5}]
    table.write_text("a,b\n1,2\n")
    with pytest.raises(RigFault, match="expected columns cam_id, frame_index, frame_time"):
        times(table)


def test_nothing_seen_yet_asks_for_everything() -> None:
    told = lines(nothing_yet(["a", "b"]))
    assert told[0].endswith("0 pictures: 25 more")
    assert told[-1] == "  b + a: 0 of 15 moments together: hold the board where both see it"
    assert not done(nothing_yet(["a", "b"]))


real = pytest.mark.skipif(not DATA.exists(), reason="../shared/data/charuco_4cam is absent")


@real
@pytest.mark.data
def test_caliscopes_board_is_read() -> None:
    board = board_at(DATA / "charuco.toml", DATA)
    assert board == Board(squares=(4, 5), square_mm=54.0, dictionary="DICT_4X4_1000", inverted=True)


@real
@pytest.mark.data
@pytest.mark.slow
def test_the_real_clips_by_way_of_a_shoot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources = [str(DATA / f"cam_{camera}.mp4") for camera in range(4)]
    seen = ["--board", str(DATA / "charuco.toml"), "--timestamps", str(DATA / "timestamps.csv")]
    shoot, solve = argparse.ArgumentParser(), argparse.ArgumentParser()
    calibrate_rig_shoot.add_arguments(shoot)
    calibrate_rig_solve.add_arguments(solve)
    assert calibrate_rig_shoot.run(shoot.parse_args([*sources, *seen, "--out", str(tmp_path)])) == 0
    assert "cam_3" in (tmp_path / "coverage.html").read_text()
    capsys.readouterr()
    told = [str(tmp_path), "--out", str(tmp_path / "rig.toml"), "--pictures", str(tmp_path / "pictures"), "--json"]
    assert calibrate_rig_solve.run(solve.parse_args(told)) == 0
    found = msgspec.json.decode(capsys.readouterr().out)
    assert found["rms_px"] <= 1.5
    assert found["spacing_mm"]["rms_mm"] <= 0.6
    assert abs(found["spacing_mm"]["bias_mm"]) <= 0.1
    assert (tmp_path / "pictures" / "errors-cam_2.png").exists()
    wrong = ["--floor", "3", "--out", str(tmp_path / "no.toml")]
    assert calibrate_rig_solve.run(solve.parse_args([str(tmp_path), *wrong])) == 1
    assert "did not lie still at 3 s" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "no.toml").exists()
