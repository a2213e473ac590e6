"""What there is in pictures that do not show the board they should: another board, a mirrored one, or none."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.board import FEWEST_CORNERS, Board
from bridge.calibrate.lens.board_detect import find

_cv: Any = cv2
_COUNTS = (50, 100, 250, 1000)
_DICTIONARIES = (
    *(f"DICT_{size}_{_COUNTS[-1]}" for size in ("4X4", "5X5", "6X6", "7X7")),
    "DICT_ARUCO_ORIGINAL",
    "DICT_APRILTAG_36h11",
)
"""The smaller ones of a size are the first markers of its largest."""
_FEWEST_MARKERS = 4
"""In one picture: fewer are found in any wallpaper."""


class _Markers(NamedTuple):
    dictionary: str
    inverted: bool
    most: int
    """In one picture."""
    highest: int
    """Number of a marker."""


def what_instead(board: Board, pictures: Sequence[NDArray[np.uint8]]) -> str:
    """A sentence; empty where nothing else is seen either."""
    if any(len(find(board, np.ascontiguousarray(one[:, ::-1])).ids) >= FEWEST_CORNERS for one in pictures):
        return (
            "the picture is mirrored: the board is only found when it is flipped. Switch the camera's or the driver's "
            "mirroring off; a mirrored picture would swap the performer's left and right"
        )
    if any(len(find(_other_way(board), one).ids) >= FEWEST_CORNERS for one in pictures):
        way = "not " if board.inverted else ""
        return f"the board's black and white are the other way round: `inverted` in board.json should {way}be set"
    found = _most_markers(pictures)
    if found is None:
        return ""
    return _said(board, found)


def _other_way(board: Board) -> Board:
    return Board(
        squares=board.squares,
        square_mm=board.square_mm,
        marker_share_unit=board.marker_share_unit,
        dictionary=board.dictionary,
        inverted=not board.inverted,
    )


def _most_markers(pictures: Sequence[NDArray[np.uint8]]) -> _Markers | None:
    """The dictionary that most markers of a single picture belong to."""
    best: _Markers | None = None
    for name in _DICTIONARIES:
        detector = _cv.aruco.ArucoDetector(_cv.aruco.getPredefinedDictionary(getattr(_cv.aruco, name)))
        for inverted in (False, True):
            for picture in pictures:
                _, ids, _ = detector.detectMarkers(255 - picture if inverted else picture)
                numbers = [] if ids is None else [int(one) for one in np.ravel(ids)]
                if len(numbers) >= _FEWEST_MARKERS and (best is None or len(numbers) > best.most):
                    best = _Markers(_smallest(name, max(numbers)), inverted, len(numbers), max(numbers))
    return best


def _smallest(name: str, highest: int) -> str:
    size, _, count = name.rpartition("_")
    if count != str(_COUNTS[-1]):
        return name
    return f"{size}_{next(one for one in _COUNTS if highest < one)}"


def _said(board: Board, found: _Markers) -> str:
    across, down = board.squares
    kind = f"{'inverted ' if found.inverted else ''}markers of {found.dictionary}, numbers up to {found.highest}"
    want = f"{across}x{down} squares, {board.dictionary}{', inverted' if board.inverted else ''}"
    text = f"another board is in the pictures: {kind}"
    if found.dictionary.split("_")[1] == board.dictionary.split("_")[1] and found.inverted == board.inverted:
        text += f" (a {across}x{down} board has numbers up to {across * down // 2 - 1})"
    return f"{text}; expected {want}: give the board.json of the board that was filmed (--board)"
