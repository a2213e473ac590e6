"""Reads a folder of board shots: finds the board in every picture."""

from collections.abc import Callable
from pathlib import Path

from bridge.calibrate.grey import grey
from bridge.calibrate.lens.board import Board, BoardFault, board_of
from bridge.calibrate.lens.board_detect import find
from bridge.calibrate.lens.sightings import Sighting
from bridge.calibrate.shots import Shots, ShotsFault

BOARD = "board.json"


def board_in(folder: Path, named: Path | None) -> Board:
    """The board that was shot: the file named, or `board.json` beside the shots. BoardFault."""
    path = named or folder / BOARD
    try:
        return board_of(path.read_bytes(), str(path))
    except OSError as error:
        text = f"{path}: expected the board.json that `cyc calibrate board` wrote, {error.strerror}"
        raise BoardFault(text) from None


def sightings(
    folder: Path, shots: Shots, board: Board, resolution_px: tuple[int, int], show: Callable[[str], None]
) -> list[Sighting]:
    """ShotsFault where a picture is not the camera's size. PictureFault where it is none."""
    found: list[Sighting] = []
    for number, shot in enumerate(shots.shots, start=1):
        show(f"looking for the board, {number} of {len(shots.shots)}  {shot.picture}")
        picture = grey(folder / shot.picture)
        height, width = picture.shape
        if (width, height) != tuple(resolution_px):
            raise ShotsFault(
                f"{folder / shot.picture}: expected {resolution_px[0]}x{resolution_px[1]} pixels as the stage file "
                f"says of {shots.camera}, got {width}x{height}; the whole sensor, neither cropped nor scaled"
            )
        seen = find(board, picture)
        found.append(
            Sighting(
                name=shot.picture,
                zoom_unit=shot.zoom_raw_unit,
                focus_unit=shot.focus_raw_unit,
                ids=seen.ids,
                px=seen.px,
                blur_px=seen.blur_px,
                position_m=shot.tracker_position_m,
                rotation_wxyz=shot.tracker_rotation_wxyz,
                moved_m=shot.moved_m,
            )
        )
    return found
