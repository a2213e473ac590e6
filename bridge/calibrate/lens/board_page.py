"""A ChArUco board on paper, at true size: PDF or PNG with its dots per inch, and a ruler to check the print by."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bridge.calibrate.lens.board import Board, BoardFault, size_mm

PAGES_MM: dict[str, tuple[float, float]] = {
    "A4": (297.0, 210.0),
    "A3": (420.0, 297.0),
    "A2": (594.0, 420.0),
    "A1": (841.0, 594.0),
    "A0": (1189.0, 841.0),
    "letter": (279.4, 215.9),
    "tabloid": (431.8, 279.4),
}
"""Long side first."""
ROLL = "roll"
"""Paper as large as the board needs, for a plotter."""
DPI = 300
RULER_MM = 100.0
LEAST_MM = 2.0
_MM_PER_INCH = 25.4
_FOOT_MM, _RIM_MM = 14.0, 5.0
_ROLL_RIM_MM, _ROLL_LEAST_MM, _LONGEST_MM = 15.0, 260.0, 3000.0


def pixels(mm: float) -> int:
    """On the page."""
    return round(mm * DPI / _MM_PER_INCH)


def page_mm(board: Board, page: str) -> tuple[float, float]:
    """Across and down, of a page of PAGES_MM or a roll."""
    if page != ROLL:
        return PAGES_MM[page]
    across_mm, down_mm = size_mm(board)
    return max(across_mm + 2 * _ROLL_RIM_MM, _ROLL_LEAST_MM), down_mm + _FOOT_MM + 2 * _ROLL_RIM_MM


def fits(board: Board, page: str) -> None:
    """BoardFault where the page is too small, or the squares are."""
    wide_mm, tall_mm = page_mm(board, page)
    if page == ROLL and max(size_mm(board)) > _LONGEST_MM:
        raise BoardFault(f"--page roll: {max(size_mm(board)):g} mm of board, expected {_LONGEST_MM:g} or less")
    if board.square_mm < LEAST_MM:
        raise BoardFault(f"--square-mm: expected {LEAST_MM:g} or more, got {board.square_mm:g}")
    across_mm, down_mm = size_mm(board)
    if not _has_room(board, (wide_mm, tall_mm)):
        most = min((wide_mm - 2 * _RIM_MM) / board.squares[0], (tall_mm - _FOOT_MM - 2 * _RIM_MM) / board.squares[1])
        raise BoardFault(
            f"--page {page}: {across_mm:g} x {down_mm:g} mm of board do not fit {wide_mm:g} x {tall_mm:g} mm of paper; "
            f"squares up to {int(most)} mm do, or --page {' or '.join(_larger(board))}"
        )


def _larger(board: Board) -> list[str]:
    """The smallest sheet that the board fits on, where there is one, and the roll that any does."""
    sheets = [page for page in PAGES_MM if _has_room(board, PAGES_MM[page])]
    return [*sorted(sheets, key=lambda page: PAGES_MM[page])[:1], ROLL]


def _has_room(board: Board, page_mm: tuple[float, float]) -> bool:
    (across_mm, down_mm), (wide_mm, tall_mm) = size_mm(board), page_mm
    return across_mm <= wide_mm - 2 * _RIM_MM and down_mm <= tall_mm - _FOOT_MM - 2 * _RIM_MM


def save_page(path: Path, board: Board, page: str, draw_pattern: NDArray[np.uint8]) -> None:
    """The pattern [H, W] in the middle of a page, the ruler below it. BoardFault where it does not fit."""
    fits(board, page)
    (wide_mm, tall_mm), (across_mm, down_mm) = page_mm(board, page), size_mm(board)
    paper = Image.new("L", (pixels(wide_mm), pixels(tall_mm)), 255)
    pattern = Image.fromarray(draw_pattern).resize((pixels(across_mm), pixels(down_mm)), Image.Resampling.NEAREST)
    left, top = (paper.width - pattern.width) // 2, (paper.height - pixels(_FOOT_MM) - pattern.height) // 2
    paper.paste(
        0 if board.inverted else 255,
        (left - pixels(3), top - pixels(3), left + pattern.width + pixels(3), top + pattern.height + pixels(3)),
    )
    paper.paste(pattern, (left, top))
    _foot(paper, board, left)
    paper.save(path, dpi=(DPI, DPI)) if path.suffix.lower() == ".png" else paper.save(path, "PDF", resolution=DPI)


def _foot(paper: Image.Image, board: Board, left: int) -> None:
    pen, font = ImageDraw.Draw(paper), ImageFont.load_default(pixels(3.2))
    y, right = paper.height - pixels(_FOOT_MM / 2), left + pixels(RULER_MM)
    pen.line([(left, y), (right, y)], fill=0, width=pixels(0.25))
    for tenth in range(11):
        x = left + pixels(RULER_MM * tenth / 10)
        pen.line([(x, y - pixels(3 if tenth % 5 == 0 else 1.5)), (x, y)], fill=0, width=pixels(0.25))
    across, down = board.squares
    text = (
        f"This line is {RULER_MM:g} mm: measure it. Print at 100 %, not fitted to the page. "
        f"{across}x{down} squares of {board.square_mm:g} mm, {board.dictionary}"
    )
    pen.text((right + pixels(5), y), text, fill=0, font=font, anchor="lm")
