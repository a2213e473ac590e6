"""A ChArUco board of known size that lay or stood in the place while it was photographed."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.grey import grey
from bridge.calibrate.lens import board_detect
from bridge.calibrate.lens.board import FEWEST_CORNERS, Board, corners_m
from generators.camera import Camera
from generators.photos.metric import BoardSeen
from generators.photos.solved import PhotosFault, Solved

Floats = NDArray[np.float64]

_OFF_PX = 3.0


def seen_board(solved: Solved, work: Path, board: Board, tell: Callable[[str], None]) -> BoardSeen:
    """Its corners, each met by the sight lines of all photos that show it."""
    sights: dict[int, list[tuple[Camera, Floats]]] = {}
    for number, view in enumerate(solved.views):
        tell(f"looking for the board: {number + 1} of {len(solved.views)}")
        found = board_detect.find(board, grey(work / view.file))
        if len(found.ids) >= FEWEST_CORNERS:
            for corner, px in zip(found.ids.tolist(), found.px, strict=True):
                sights.setdefault(corner, []).append((view.camera, px))
    met = {corner: place for corner, rays in sights.items() if (place := meeting(rays)) is not None}
    if len(met) < FEWEST_CORNERS:
        raise PhotosFault(
            f"--board: expected the board's corners in two photos or more, {len(met)} were found; it should fill a "
            "sixth of a few photos' width, be lit evenly, and be the board of the file (cyc calibrate board)"
        )
    return _one_board(board, met)


def meeting(rays: list[tuple[Camera, Floats]]) -> Floats | None:
    """Where sight lines of pixels meet [3]; None for fewer than two, nearly parallel ones, or ones that miss."""
    if len(rays) < 2:
        return None
    rows = np.concatenate([_rows(camera, px) for camera, px in rays])
    found, _, rank, spread = np.linalg.lstsq(rows[:, :3], rows[:, 3], rcond=None)
    point = np.asarray(found, dtype=np.float64)
    if rank < 3 or spread[2] < 0.02 * spread[0]:
        return None
    worst = max(float(np.linalg.norm(_pixel(camera, point) - px)) for camera, px in rays)
    return point if worst < _OFF_PX * 4 else None


def _one_board(board: Board, met: Mapping[int, Floats]) -> BoardSeen:
    ids = sorted(met)
    return BoardSeen(corners_m(board)[ids], np.array([met[number] for number in ids]))


def _rows(camera: Camera, px: Floats) -> Floats:
    """Two equations [2, 4] in the point: the pixel's column and row, as planes through the camera."""
    sides = (np.asarray(px) - camera.centre_px) / camera.focal_px
    turn = camera.plane_from_stage
    planes = np.stack((turn[0] - sides[0] * turn[2], turn[1] - sides[1] * turn[2]))
    return np.column_stack((planes, planes @ np.asarray(camera.position_m)))


def _pixel(camera: Camera, point: Floats) -> Floats:
    x, y, z = camera.plane_from_stage @ (point - np.asarray(camera.position_m))
    return np.array([x, y]) / z * camera.focal_px + camera.centre_px
