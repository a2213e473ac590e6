"""What cameras saw of the board, kept without their pictures: `views.json`, which a calibration can be solved from."""

from typing import Literal

import msgspec
import numpy as np

from bridge.calibrate.lens.board import Board
from capture.calibrate.clips import Clip, RigFault, View

FILE = "views.json"


class _View(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    frame: int
    t_s: float
    ids: list[int]
    corners_px: list[tuple[float, float]]
    blur_px: float


class _Clip(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    size_px: tuple[int, int]
    frame_s: float
    pictures: int
    views: list[_View]


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    schema: Literal[1] = 1
    board: Board
    clips: list[_Clip]


def views_json(board: Board, clips: list[Clip]) -> bytes:
    """The file's bytes."""
    told = [
        _Clip(
            name=clip.name,
            size_px=clip.size_px,
            frame_s=clip.frame_s,
            pictures=clip.pictures,
            views=[
                _View(
                    frame=view.frame,
                    t_s=view.t_s,
                    ids=[int(one) for one in view.ids],
                    corners_px=[(round(float(x), 4), round(float(y), 4)) for x, y in view.px],
                    blur_px=round(view.blur_px, 3),
                )
                for view in clip.views
            ],
        )
        for clip in clips
    ]
    return msgspec.json.encode(_File(board=board, clips=told))


def views_of(data: bytes, where: str) -> tuple[Board, list[Clip]]:
    """RigFault where it is no such file, or a corner is none of the board's."""
    try:
        told = msgspec.json.decode(data, type=_File)
        most = (told.board.squares[0] - 1) * (told.board.squares[1] - 1)
        return told.board, [_clip(one, most) for one in told.clips]
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise RigFault(f"{where}: not what `cyc calibrate rig shoot` writes: {error}") from None


def _clip(told: _Clip, most: int) -> Clip:
    for view in told.views:
        if len(view.ids) != len(view.corners_px) or not all(0 <= one < most for one in view.ids):
            raise ValueError(f"{told.name}, frame {view.frame}: corners that the board does not have")
    views = tuple(
        View(
            one.frame,
            one.t_s,
            np.array(one.ids, np.int64),
            np.array(one.corners_px, np.float64).reshape(-1, 2),
            one.blur_px,
        )
        for one in told.views
    )
    return Clip(told.name, told.size_px, told.frame_s, told.pictures, views)
