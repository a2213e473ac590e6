"""What finds performers in a picture: MediaPipe (`landmarks.py`), or a model of your own behind the same two words.

Whatever finds them brings its landmarks to the rows of `capture.seen`; those that it does not know have visibility 0.
"""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from capture.cameras.picture import Picture
from capture.seen import BODY, Seen

Floats = NDArray[np.float64]
_AT = {name: row for row, name in enumerate(BODY)}
_HEAD = slice(0, 11)
_CERTAIN_UNIT = 0.5
_FACE_EYES = (33, 263)
"""Outer corners of the right and the left eye among a face's 478."""
_SAME_EYES_UNIT = 0.13
"""Of the crop's width: 0.05 to 0.07 on faces, 0.18 and more on what is none."""
_STILL_UNIT = 0.15
"""Of a crop's width: moved by less it stays."""


class Box(NamedTuple):
    """Part of a picture, its corners in pixels."""

    left_px: float
    top_px: float
    right_px: float
    bottom_px: float


class Detector(Protocol):
    """One camera's: it may remember what it saw before, so each camera has its own."""

    def look(self, picture: Picture) -> list[Seen]:
        """Everybody that is in the picture; nobody is an empty list."""
        ...

    def close(self) -> None:
        """Let models go."""
        ...


def whole(box: Box, size_px: tuple[int, int]) -> tuple[slice, slice] | None:
    """Rows and columns of a box inside a picture; None where less than a few pixels are left."""
    left, top = max(0, round(box.left_px)), max(0, round(box.top_px))
    right, bottom = min(size_px[0], round(box.right_px)), min(size_px[1], round(box.bottom_px))
    return (slice(top, bottom), slice(left, right)) if right - left >= 16 and bottom - top >= 16 else None


def hand_box(body_px: Floats, visibility: Floats, side: str) -> Box | None:
    """Where a hand should be: round the wrist, on along the forearm; None where the wrist is not seen.

    A forearm that points at the camera looks short, so the box is never smaller than the torso suggests.
    """
    wrist, elbow = body_px[_AT[f"{side}_wrist"]], body_px[_AT[f"{side}_elbow"]]
    if visibility[_AT[f"{side}_wrist"]] < _CERTAIN_UNIT:
        return None
    forearm_px = float(np.hypot(*(wrist - elbow)))
    size_px = max(1.6 * forearm_px, 0.6 * _torso_px(body_px))
    return _square(wrist + 0.35 * (wrist - elbow), size_px)


def head_box(body_px: Floats, visibility: Floats, world_m: Floats) -> Box | None:
    """Round the head; None where its nose is not seen, or lies behind its ears: a face that looks away is none."""
    nose_m, ears_m = world_m[_AT["nose"]], world_m[[_AT["left_ear"], _AT["right_ear"]]].mean(axis=0)
    if visibility[_AT["nose"]] < _CERTAIN_UNIT or nose_m[2] > ears_m[2]:
        return None
    points = body_px[_HEAD]
    size_px = max(2.6 * float(np.ptp(points, axis=0).max()), 0.5 * _torso_px(body_px))
    return _square(points.mean(axis=0), size_px)


def same_head(face_px: Floats, body_px: Floats, width_px: float) -> bool:
    """Whether a face's eyes are the body's: in hair and ears faces are found that are none."""
    eyes = body_px[[_AT["right_eye_outer"], _AT["left_eye_outer"]]]
    apart_px = float(np.hypot(*(face_px[list(_FACE_EYES)] - eyes).T).max())
    return apart_px < _SAME_EYES_UNIT * width_px


def kept_box(kept: Box | None, wanted: Box) -> Box:
    """The square of before while it is about where the wanted one is and as large: following needs it still."""
    if kept is None:
        return wanted
    size_px, kept_px = wanted.right_px - wanted.left_px, kept.right_px - kept.left_px
    apart_px = max(
        abs(a + b - c - d) / 2 for a, b, c, d in zip(kept[:2], kept[2:], wanted[:2], wanted[2:], strict=True)
    )
    same = apart_px < _STILL_UNIT * kept_px and 0.8 < size_px / kept_px < 1.25
    return kept if same else wanted


def _torso_px(body_px: Floats) -> float:
    shoulders = body_px[[_AT["left_shoulder"], _AT["right_shoulder"]]].mean(axis=0)
    hips = body_px[[_AT["left_hip"], _AT["right_hip"]]].mean(axis=0)
    return float(np.hypot(*(shoulders - hips)))


def _square(centre: Floats, size_px: float) -> Box:
    x, y, half = float(centre[0]), float(centre[1]), size_px / 2
    return Box(x - half, y - half, x + half, y + half)
