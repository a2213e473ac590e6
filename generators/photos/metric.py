"""True size and the floor: what the user knows of the place, and what the photos say by themselves."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.photos.floor import Floor, floor_of, up_of
from generators.photos.placement import Placement, between
from generators.photos.solved import PhotosFault, Solved, View, positions_m

Floats = NDArray[np.float64]

HAND_HEIGHT_M = 1.5
"""Where people hold cameras: the guess, when nothing is known."""
_PICK_UNIT = 0.03
_FLAT = 0.94
_LIES_ON_UNIT = 1e-6
_BOARD_RESIDUAL_UNIT = 0.02


class BoardSeen(NamedTuple):
    """A board's corners where the photos' cameras say they are."""

    corners_m: Floats
    """[n, 3], in the board's own frame: what was printed."""
    solver: Floats
    """[n, 3], in the solver's frame."""


class Length(NamedTuple):
    """Two places, and how far apart they are on a tape measure."""

    first: str
    """`PHOTO`: where it was taken from; `PHOTO@X,Y`: what it shows there, in shares of its width and height."""
    second: str
    length_m: float


class Known(NamedTuple):
    """What the user measured; the first there is counts."""

    board: BoardSeen | None = None
    length: Length | None = None
    camera_height_m: float | None = None


class Measured(NamedTuple):
    """Where the place lies on the stage, and how far that can be trusted."""

    placement: Placement
    scale_from: str
    floor_from: str
    warnings: tuple[str, ...]


def measure(solved: Solved, known: Known) -> Measured:
    """Up, floor and scale; the stage's middle under the cameras' middle, its forward where they looked."""
    turns = np.array([view.camera.plane_from_stage for view in solved.views])
    cameras = positions_m(solved)
    up = up_of(turns)
    floor, floor_from, warnings = _floor(solved, known, cameras, up)
    scale, scale_from, guessed = _scale(solved, known, cameras @ floor.normal + floor.offset_m)
    middle = cameras.mean(axis=0)
    origin = middle - (middle @ floor.normal + floor.offset_m) * floor.normal
    turn = _stage_from_solver(floor.normal, turns[:, 2].mean(axis=0), turns[:, 0].mean(axis=0))
    return Measured(Placement(scale, turn, origin), scale_from, floor_from, (*warnings, *guessed))


def _stage_from_solver(up: Floats, looking: Floats, across: Floats) -> Floats:
    forward = looking - (looking @ up) * up
    if np.linalg.norm(forward) < 0.1:  # all ways alike, or straight down
        forward = np.cross(up, across)
    forward = forward / max(float(np.linalg.norm(forward)), 1e-12)
    return np.stack((np.cross(forward, up), forward, up))


def _floor(solved: Solved, known: Known, cameras: Floats, up: Floats) -> tuple[Floor, str, tuple[str, ...]]:
    floor = floor_of(solved.points_m, cameras, up)
    board = None if known.board is None else _board_plane(known.board, up)
    if board is not None:
        height = float(np.median(cameras @ board.normal + board.offset_m))
        lower = floor.support and float(np.median(cameras @ floor.normal + floor.offset_m)) > 1.08 * height
        if height > 0 and not lower:
            return board, "the board, which lies flat", ()
        if floor.support:
            return floor, f"{floor.support} points below the board, which lies on something", ()
    if floor.support:
        return floor, f"{floor.support} points on a level plane under the cameras", ()
    lowest = "under the lowest point that was recognised"
    if float(np.percentile(solved.points_m @ floor.normal, 1.0)) + floor.offset_m > _LIES_ON_UNIT:
        lowest = "some way below the cameras, for all that was recognised is above them"
    why = f"no floor is in the photos: z = 0 lies {lowest}, and level is how the camera was held; "
    return floor, f"a guess: {lowest}", (why + "photograph the floor too, or lay a board on it",)


def _board_plane(board: BoardSeen, up: Floats) -> Floor | None:
    middle = board.solver.mean(axis=0)
    normal = np.linalg.svd(board.solver - middle, full_matrices=False)[2][2]
    normal = normal * np.sign(normal @ up)
    return Floor(normal, -float(normal @ middle), len(board.solver)) if float(normal @ up) >= _FLAT else None


def _scale(solved: Solved, known: Known, heights: Floats) -> tuple[float, str, tuple[str, ...]]:
    if known.board is not None:
        return board_scale(known.board), f"{len(known.board.solver)} corners of the board", ()
    if known.length is not None:
        first, second = (spot(solved, text) for text in known.length[:2])
        apart = float(np.linalg.norm(first - second))
        if apart < 1e-9:
            raise PhotosFault(f"--length: {known.length.first} and {known.length.second} are the same place")
        told = f"{known.length.length_m:g} m between {known.length.first} and {known.length.second}"
        return known.length.length_m / apart, told, ()
    height = float(np.median(heights))
    if height <= 0:
        raise PhotosFault("the cameras' height says nothing here, no floor lies below them: give --board or --length")
    if known.camera_height_m is not None:
        return known.camera_height_m / height, f"cameras {known.camera_height_m:g} m above the floor", ()
    guess = f"the scale is a guess (cameras held {HAND_HEIGHT_M:g} m above the floor); "
    return HAND_HEIGHT_M / height, "a guess", (guess + "for true size give --board, --length or --camera-height",)


def board_scale(board: BoardSeen) -> float:
    """Metres per unit of the solver's. PhotosFault where what was found is not the board that was told."""
    placement, rest_m = between(board.solver, board.corners_m)
    across_m = float(np.linalg.norm(np.ptp(board.corners_m, axis=0)))
    if rest_m > _BOARD_RESIDUAL_UNIT * across_m:
        raise PhotosFault(
            f"--board: its corners lie {rest_m * 1e3:.1f} mm from where they should, on {across_m:.2f} m of board: "
            "it moved between the photos, or is not flat, or is not the board in the file"
        )
    return placement.metres_per_unit


def spot(solved: Solved, text: str) -> Floats:
    """A place [3] by `PHOTO` or `PHOTO@X,Y`."""
    name, at, place = text.partition("@")
    view = next((view for view in solved.views if view.name == name), None)
    if view is None:
        placed = ", ".join(view.name for view in solved.views[:6])
        raise PhotosFault(f"--length: no photo {name!r} found its place; those that did: {placed}, ...")
    if not at:
        return np.asarray(view.camera.position_m, dtype=np.float64)
    try:
        x, y = (float(part) for part in place.split(","))
    except ValueError:
        raise PhotosFault(f"--length: expected {name}@X,Y with shares of its width and height, got {text!r}") from None
    return solved.points_m[_nearest_seen(view, x, y, text)]


def _nearest_seen(view: View, x: float, y: float, text: str) -> int:
    away = np.linalg.norm(view.seen_unit - (x, y), axis=1)
    if not len(away) or away.min() > _PICK_UNIT:
        near = f"; the nearest is at {view.seen_unit[away.argmin()].round(3).tolist()}" if len(away) else ""
        raise PhotosFault(f"--length {text}: no recognised point of the photo is near there{near}")
    return int(view.seen[away.argmin()])
