"""A ChArUco board: what is printed or shown, and where its inner corners are. The corners' frame is the board's own:
x right, y down, z away from whoever looks at it, zero at the top left corner of the pattern.
"""

from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST_CORNERS = 6
"""A picture with fewer says too little about where the board was."""


class BoardFault(ValueError):
    """A board that cannot be; the text says what was expected."""


class Board(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a `board.json` says."""

    schema: Literal[1] = 1
    squares: tuple[Annotated[int, Meta(ge=3, le=64)], Annotated[int, Meta(ge=3, le=64)]] = (9, 6)
    """Across, down."""
    square_mm: Annotated[float, Meta(gt=0, le=10_000)] = 40.0
    """As measured on the print, or on the wall that shows it."""
    marker_share_unit: Annotated[float, Meta(gt=0.3, lt=0.95)] = 0.75
    """A marker's edge over a square's."""
    dictionary: str = "DICT_5X5_250"
    inverted: bool = False
    """Black and white exchanged."""


def board_of(data: bytes, where: str) -> Board:
    """A `board.json`. BoardFault where it is none."""
    try:
        return msgspec.json.decode(data, type=Board)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BoardFault(f"{where}: not a board (`cyc calibrate board` writes one): {error}") from None


def board_json(board: Board) -> bytes:
    """The file's bytes."""
    return msgspec.json.format(msgspec.json.encode(board), indent=2) + b"\n"


def corners_m(board: Board) -> Floats:
    """The inner corners [N, 3], row by row: number n is corner n of the pattern."""
    across, down = board.squares
    x, y = np.meshgrid(np.arange(1, across), np.arange(1, down))
    flat = np.stack((x.ravel(), y.ravel(), np.zeros(x.size)), axis=1)
    return np.asarray(flat * (board.square_mm * 1e-3), dtype=np.float64)


def size_mm(board: Board) -> tuple[float, float]:
    """Of the pattern, without its border."""
    return board.squares[0] * board.square_mm, board.squares[1] * board.square_mm


def squares_of(text: str) -> tuple[int, int]:
    """`9x6`. BoardFault for anything else."""
    try:
        across, down = (int(part) for part in text.lower().split("x"))
    except ValueError:
        raise BoardFault(f"--squares: expected two numbers like 9x6, got {text!r}") from None
    if not (3 <= across <= 64 and 3 <= down <= 64):
        raise BoardFault(f"--squares: expected 3 to 64 each way, got {text!r}")
    return across, down
