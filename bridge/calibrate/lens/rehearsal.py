"""A lens calibration rehearsed: board shots rendered through a lens that is known, one after the other."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.board import Board, board_json
from bridge.calibrate.lens.board_detect import draw, find, save_grey
from bridge.calibrate.lens.shots import BOARD
from bridge.calibrate.lens.sightings import Sighting
from bridge.calibrate.lens.simulated import ASKS, Setup, picture, shaken, taken, wall
from bridge.calibrate.shots import Shot, Shots, save
from bridge.lens import lens_at, lens_table
from bridge.stage import LensPoint

_SQUARE_PX = 96
_TRACKER_M, _TRACKER_RAD = 0.0003, math.radians(0.01)


class Rehearsal(NamedTuple):
    """What to pretend."""

    board: Board
    setup: Setup
    truth: tuple[LensPoint, ...]
    noise_px: float
    seed: int


def rehearsed(how: Rehearsal, camera: str, folder: Path | None, show: Callable[[str], None]) -> list[Sighting]:
    """What was found in rendered pictures, `noise_px` added; the shots themselves go into `folder` if there is one."""
    found: list[Sighting] = []
    shots: list[Shot] = []
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    total = len(how.truth) * len(ASKS)
    rng = np.random.default_rng(how.seed)
    for number, (shot, light) in enumerate(_photographs(how, rng), start=1):
        show(f"simulated: photographing the board, {number} of {total}")
        seen = find(how.board, light)
        px = seen.px + rng.normal(0.0, how.noise_px, seen.px.shape)
        pose = (shot.tracker_position_m, shot.tracker_rotation_wxyz)
        rings = (shot.zoom_raw_unit, shot.focus_raw_unit)
        found.append(Sighting(shot.picture, *rings, seen.ids, px, seen.blur_px, *pose))
        shots.append(shot)
        if folder:
            save_grey(folder / shot.picture, light)
    if folder:
        save(folder, Shots(camera=camera, note="simulated (cyc calibrate lens --simulate)", shots=tuple(shots)))
        (folder / BOARD).write_bytes(board_json(how.board))
    return found


def _photographs(how: Rehearsal, rng: np.random.Generator) -> Iterator[tuple[Shot, NDArray[np.uint8]]]:
    hung = wall(how.board, draw(how.board, _SQUARE_PX), _SQUARE_PX)
    table = lens_table(how.truth)
    for place, point in enumerate(how.truth):
        lens = lens_at(table, point.zoom_raw_unit, point.focus_raw_unit)
        for number, ask in enumerate(ASKS):
            one = taken(how.board, how.setup, lens, ask)
            position, rotation = shaken(one.tracker_from_body, rng, _TRACKER_M, _TRACKER_RAD)
            shot = Shot(
                picture=f"{place + 1:02d}-{number + 1:02d}.png",
                tracker_position_m=position,
                tracker_rotation_wxyz=rotation,
                zoom_raw_unit=point.zoom_raw_unit,
                focus_raw_unit=point.focus_raw_unit,
            )
            yield shot, picture(one.sight, hung)
