"""ChArUco boards: drawn as a picture, and found in one. Of the lens calibration only this file knows OpenCV."""

from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.board import Board, BoardFault

_cv: Any = cv2


class Found(NamedTuple):
    """A board in a picture."""

    ids: NDArray[np.int64]
    """[n], the corners' numbers."""
    px: NDArray[np.float64]
    """[n, 2], right and down, the first pixel's centre is (0.5, 0.5)."""
    blur_px: float
    """How wide black to white is at the board's edges, about; nan where nothing was found."""


def check(board: Board) -> None:
    """BoardFault where there is no such dictionary, or it has too few markers."""
    _detector(board)


def draw(board: Board, square_px: int) -> NDArray[np.uint8]:
    """The pattern [H, W], each square `square_px` wide, without a border."""
    across, down = board.squares
    made = _pattern(board).generateImage((across * square_px, down * square_px), None, 0, 1)
    return np.asarray(255 - made if board.inverted else made, np.uint8)


def save_grey(path: Path, picture: NDArray[np.uint8]) -> None:
    """A grey picture [H, W] as PNG."""
    _, data = _cv.imencode(".png", picture, [_cv.IMWRITE_PNG_COMPRESSION, 1])
    path.write_bytes(np.asarray(data, np.uint8).tobytes())


def find(board: Board, picture: NDArray[np.uint8]) -> Found:
    """The board's inner corners in a grey picture [H, W]."""
    upright = 255 - picture if board.inverted else picture
    corners, ids, _, _ = _detector(board).detectBoard(np.ascontiguousarray(upright))
    if ids is None or not len(ids):
        return Found(np.empty(0, np.int64), np.empty((0, 2)), float("nan"))
    px = np.asarray(corners, np.float64).reshape(-1, 2)
    return Found(np.asarray(ids, np.int64).ravel(), px + 0.5, _blur_px(picture, px))


def _blur_px(picture: NDArray[np.uint8], corners: NDArray[np.float64]) -> float:
    """Contrast over the steepest slope, in the middle of what is around each corner; a sharp edge is about 1.5."""
    widths: list[float] = []
    for x, y in np.round(corners).astype(int):
        patch = picture[max(y - 7, 0) : y + 8, max(x - 7, 0) : x + 8].astype(np.float64)
        if min(patch.shape) < 8:
            continue
        down, across = np.diff(patch, axis=0)[:, :-1], np.diff(patch, axis=1)[:-1]
        steepest = float(np.sqrt((down**2 + across**2).max()))
        widths.append(float(np.ptp(patch)) / max(steepest, 1e-9))
    return float(np.median(widths)) if widths else float("nan")


def _pattern(board: Board) -> Any:
    if not (board.dictionary.startswith("DICT_") and hasattr(_cv.aruco, board.dictionary)):
        raise BoardFault(f"dictionary: expected an ArUco dictionary such as DICT_5X5_250, got {board.dictionary!r}")
    dictionary = _cv.aruco.getPredefinedDictionary(getattr(_cv.aruco, board.dictionary))
    across, down = board.squares
    if (across * down) // 2 > len(dictionary.bytesList):
        raise BoardFault(
            f"dictionary: {board.dictionary} has {len(dictionary.bytesList)} markers, {across}x{down} squares need more"
        )
    square = board.square_mm
    return _cv.aruco.CharucoBoard((across, down), square, square * board.marker_share_unit, dictionary)


@lru_cache(maxsize=8)
def _detector(board: Board) -> Any:
    return _cv.aruco.CharucoDetector(_pattern(board))
