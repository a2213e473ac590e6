"""Boards: true to size on paper, and found where they are."""

import argparse
import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from bridge.calibrate.grey import eight_bits
from bridge.calibrate.lens.board import Board, BoardFault, board_json, board_of, corners_m, squares_of
from bridge.calibrate.lens.board_detect import draw, find
from bridge.calibrate.lens.board_page import DPI, RULER_MM, fits, pixels, save_page
from bridge.verbs import calibrate_board


@pytest.mark.parametrize("inverted", [False, True])
def test_corners_of_a_printed_page_are_a_square_apart(tmp_path: Path, inverted: bool) -> None:
    board = Board(squares=(7, 5), square_mm=25.0, inverted=inverted)
    save_page(tmp_path / "a.png", board, "A4", draw(board, pixels(25.0)))
    with Image.open(tmp_path / "a.png") as page:
        assert page.info["dpi"] == pytest.approx((DPI, DPI), abs=0.1)
        assert page.size == (pixels(297.0), pixels(210.0))
        found = find(board, np.asarray(page))
    assert list(found.ids) == list(range(24))
    flat = corners_m(board)[:, :2] * 1e3 * DPI / 25.4
    offset = found.px - flat
    assert np.abs(offset - offset.mean(axis=0)).max() < 0.6  # squares are whole pixels wide


def test_the_ruler_on_the_page_is_as_long_as_it_says(tmp_path: Path) -> None:
    board = Board(squares=(5, 4), square_mm=30.0)
    save_page(tmp_path / "a.png", board, "A4", draw(board, 300))
    page = np.asarray(Image.open(tmp_path / "a.png"))
    line = page[round(page.shape[0] - 7.0 * DPI / 25.4)]
    dark = np.flatnonzero(line < 128)
    first = dark[0]
    run = next(i for i, x in enumerate(dark) if i + 1 == len(dark) or dark[i + 1] != x + 1)
    assert (dark[run] - first) / DPI * 25.4 == pytest.approx(RULER_MM, abs=0.5)


def test_a_pdf_is_the_paper_it_says(tmp_path: Path) -> None:
    board = Board(squares=(9, 6), square_mm=40.0)
    save_page(tmp_path / "a.pdf", board, "A3", draw(board, 100))
    box = (tmp_path / "a.pdf").read_bytes().split(b"/MediaBox")[1].split(b"]")[0].strip(b" [")
    assert [float(part) / 72 * 25.4 for part in box.split()[2:]] == pytest.approx([420.0, 297.0], abs=0.2)


def test_a_board_that_does_not_fit_says_what_would(tmp_path: Path) -> None:
    with pytest.raises(BoardFault, match=r"--page A4: 360 x 240 mm of board do not fit .* squares up to 31 mm do"):
        save_page(tmp_path / "a.pdf", Board(), "A4", draw(Board(), 20))


@pytest.mark.parametrize(
    ("squares", "square_mm", "page", "said"),
    [((6, 5), 60.0, "A3", "or --page A2 or roll$"), ((9, 6), 400.0, "A0", "squares up to 131 mm do, or --page roll$")],
)
def test_the_smallest_page_that_would_do_is_named(
    squares: tuple[int, int], square_mm: float, page: str, said: str
) -> None:
    with pytest.raises(BoardFault, match=said):
        fits(Board(squares=squares, square_mm=square_mm), page)


def test_the_boards_of_the_manual_fit_their_pages() -> None:
    found = 0
    for path in (Path(__file__).parents[2] / "docs").rglob("*.md"):
        for line in re.findall(r"^cyc calibrate (?:rig )?board (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            words = argparse.ArgumentParser()
            calibrate_board.add_arguments(words)
            args = words.parse_args(line.partition("#")[0].split())
            fits(Board(squares=squares_of(args.squares), square_mm=args.square_mm), args.page)
            found += 1
    assert found >= 2


def test_boards_come_back_and_wrong_ones_are_refused() -> None:
    board = Board(squares=(14, 9), square_mm=25.4, dictionary="DICT_4X4_1000", inverted=True)
    assert board_of(board_json(board), "board.json") == board
    with pytest.raises(BoardFault, match=r"board.json: not a board .* Object contains unknown field `size`"):
        board_of(b'{"size": 3}', "board.json")
    for text in ("9", "9x", "2x6", "9x100"):
        with pytest.raises(BoardFault, match="--squares: expected"):
            squares_of(text)
    with pytest.raises(BoardFault, match=r"DICT_4X4_50 has 50 markers, 20x10 squares need more"):
        draw(Board(squares=(20, 10), dictionary="DICT_4X4_50"), 10)


def test_corners_are_found_where_a_known_homography_puts_them() -> None:
    """Pixel centres are at +0.5: OpenCV's own warp, whose centres are whole numbers, says where corners must be."""
    board = Board(squares=(9, 6))
    pattern = cv2.copyMakeBorder(draw(board, 80), 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=255)
    h = np.array([[0.8, 0.12, 90.0], [-0.1, 0.85, 120.0], [1.2e-4, -8e-5, 1.0]])
    seen = find(board, cv2.warpPerspective(pattern, h, (900, 700), flags=cv2.INTER_AREA, borderValue=200))
    corners = corners_m(board)[:, :2] / (board.square_mm * 1e-3) * 80 + 60 - 0.5
    meant = np.concatenate((corners, np.ones((len(corners), 1))), axis=1) @ h.T
    meant = meant[:, :2] / meant[:, 2:] + 0.5
    assert len(seen.ids) == 40
    assert np.hypot(*(seen.px - meant[seen.ids]).T).max() < 0.4  # the warp takes one sample a pixel: edges have steps
    assert np.abs((seen.px - meant[seen.ids]).mean(axis=0)).max() < 0.05
    assert 0.5 < seen.blur_px < 4.0
    assert np.isnan(find(board, np.full((200, 200), 90, np.uint8)).blur_px)


def test_linear_light_is_read_too() -> None:
    light = np.linspace(0.0, 2.0, 256, dtype=np.float32).reshape(16, 16)
    grey = eight_bits(light)
    assert grey.min() == 0
    assert grey.max() == 255
    assert eight_bits(np.full((2, 2), 0xABCD, np.uint16))[0, 0] in (0xAB, 0xAC)


def test_the_door_writes_both_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    parser = argparse.ArgumentParser()
    calibrate_board.add_arguments(parser)
    assert calibrate_board.run(parser.parse_args(["--out", str(tmp_path / "b.pdf")])) == 0
    assert json.loads((tmp_path / "board.json").read_text())["square_mm"] == 40.0
    assert "measure the 100 mm line" in capsys.readouterr().out
    assert calibrate_board.run(parser.parse_args(["--out", str(tmp_path / "b.gif")])) == 2
    assert "expected a .pdf or .png, got b.gif" in capsys.readouterr().err
    for words, text in (
        (("--square-mm", "0.001"), "--square-mm: expected 2 or more"),
        (("--square-mm", "9999"), "do not fit"),
        (("--dictionary", "ArucoDetector"), "expected an ArUco dictionary"),
    ):
        assert calibrate_board.run(parser.parse_args(["--out", str(tmp_path / "b.pdf"), *words])) == 2
        assert text in capsys.readouterr().err


def test_a_roll_is_as_large_as_the_board_needs(tmp_path: Path) -> None:
    board = Board(squares=(6, 5), square_mm=60.0)
    save_page(tmp_path / "b.png", board, "roll", draw(board, 100))
    with Image.open(tmp_path / "b.png") as page:
        wide_mm, tall_mm = (25.4 * side / 300 for side in page.size)
        seen = find(board, np.asarray(page.convert("L").resize((page.width // 4, page.height // 4))))
    assert 360 + 20 < wide_mm < 360 + 40 and 300 + 30 < tall_mm < 300 + 60
    assert len(seen.ids) == 20
    with pytest.raises(BoardFault, match="--page roll: 6000 mm of board, expected 3000 or less"):
        fits(Board(squares=(60, 5), square_mm=100.0), "roll")
