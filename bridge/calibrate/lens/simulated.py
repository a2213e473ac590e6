"""Board shots as an operator would take them, made: where the camera goes, what it photographs of a board on a wall.

The board hangs in the tracker's frame, its middle at BOARD_AT_M, facing whoever stands at smaller Y.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.board import Board, size_mm
from bridge.frames import (
    IDENTITY,
    Quaternion,
    Vector,
    compose,
    invert,
    quat_from_pan_tilt_roll,
    quat_from_rotation_vector,
    quat_multiply,
    quat_rotate,
)
from bridge.incamera.photograph import photograph
from bridge.messages import LensState
from bridge.sight import Sight, rays
from bridge.wall.shape import Shape, rectangle

Floats = NDArray[np.float64]

BOARD_AT_M: Vector = (0.0, 3.0, 1.5)
_WALL_SHARE = 1.25  # white round the pattern
_PAPER_UNIT, _INK_UNIT = 0.9, 0.03
_FILL = 0.5


class Ask(NamedTuple):
    """One shot, as told to an operator."""

    across_unit: float
    down_unit: float
    """Where in the picture the board's middle is."""
    pan_deg: float
    tilt_deg: float
    """From how far aside of the board's face the camera looks."""
    roll_deg: float
    further_unit: float
    """How much further away than where the board fills half of the picture."""


ASKS: tuple[Ask, ...] = (
    Ask(0.50, 0.50, 0.0, 0.0, 0.0, 1.0),
    Ask(0.20, 0.23, 30.0, 10.0, 0.0, 0.95),
    Ask(0.80, 0.23, -30.0, 12.0, 0.0, 0.95),
    Ask(0.80, 0.77, -12.0, -30.0, 0.0, 0.95),
    Ask(0.20, 0.77, 12.0, -30.0, 0.0, 0.95),
    Ask(0.50, 0.50, 42.0, 0.0, 0.0, 0.85),
    Ask(0.50, 0.50, -5.0, 40.0, 90.0, 1.0),
    Ask(0.45, 0.55, -40.0, -15.0, 8.0, 1.5),
    Ask(0.55, 0.45, 25.0, -35.0, -8.0, 1.3),
    Ask(0.20, 0.23, -15.0, -20.0, 0.0, 0.90),
    Ask(0.80, 0.23, 15.0, -20.0, 0.0, 0.90),
    Ask(0.80, 0.77, 20.0, 15.0, 0.0, 0.90),
    Ask(0.20, 0.77, -20.0, 15.0, 0.0, 0.90),
)
"""What every position wants: the middle, each corner twice, and aslant from all sides: one rolled, two further away."""


class Setup(NamedTuple):
    """A camera as it truly is."""

    sensor_mm: tuple[float, float]
    resolution_px: tuple[int, int]
    body_from_sensor: tuple[Vector, Quaternion]
    nodal_offset_m: float


class Taken(NamedTuple):
    """One simulated shot."""

    sight: Sight
    """From the entrance pupil, in the tracker's frame."""
    tracker_from_body: tuple[Vector, Quaternion]


def taken(board: Board, setup: Setup, lens: LensState, ask: Ask) -> Taken:
    """Where the camera is for a shot."""
    width_mm, _ = size_mm(board)
    distance = width_mm * 1e-3 / _FILL * lens.focal_length_mm / setup.sensor_mm[0] * ask.further_unit
    looking = quat_from_pan_tilt_roll(ask.pan_deg, ask.tilt_deg, 0.0)
    rolled = quat_multiply(looking, quat_from_pan_tilt_roll(0.0, 0.0, ask.roll_deg))
    x, y, z = quat_rotate(looking, (0.0, -distance, 0.0))
    eye = (BOARD_AT_M[0] + x, BOARD_AT_M[1] + y, BOARD_AT_M[2] + z)
    camera = Sight((0.0, 0.0, 0.0), IDENTITY, lens, setup.sensor_mm, setup.resolution_px)
    middle = np.array([[ask.across_unit * setup.resolution_px[0], ask.down_unit * setup.resolution_px[1]]])
    turned = quat_multiply(rolled, _turn_onto(rays(camera, middle)[0]))
    sight = camera._replace(position_m=eye, rotation_wxyz=turned)
    pupil = setup.nodal_offset_m + lens.entrance_pupil_m
    body_from_pupil = compose(setup.body_from_sensor, ((0.0, pupil, 0.0), IDENTITY))
    return Taken(sight, compose((eye, turned), invert(body_from_pupil)))


def _turn_onto(direction: Floats) -> Quaternion:
    """A turn that brings `direction` of the camera's own axes to where its optical axis was."""
    axis = np.cross(direction, (0.0, 1.0, 0.0))
    sine = float(np.linalg.norm(axis))
    if sine < 1e-12:
        return IDENTITY
    x, y, z = (float(value) for value in axis / sine * math.atan2(sine, float(direction[1])))
    return quat_from_rotation_vector((x, y, z))


def board_in_tracker(board: Board, corners_m: Floats) -> Floats:
    """The board's corners [n, 3] where they hang."""
    width_mm, height_mm = size_mm(board)
    across, down = corners_m[:, 0] - width_mm * 5e-4, corners_m[:, 1] - height_mm * 5e-4
    return np.stack((across, np.zeros(len(corners_m)), -down), axis=1) + np.array(BOARD_AT_M)


def wall(board: Board, pattern: NDArray[np.uint8], square_px: int) -> tuple[Shape, NDArray[np.float32]]:
    """A wall that shows the board with a border of paper, and its picture [H, W, 3] in linear light."""
    height, width = pattern.shape
    rim = round((_WALL_SHARE - 1.0) / 2 * max(width, height))
    paper = np.full((height + 2 * rim, width + 2 * rim), 0 if board.inverted else 255, np.uint8)
    paper[rim : rim + height, rim : rim + width] = pattern
    light = np.where(paper > 127, np.float32(_PAPER_UNIT), np.float32(_INK_UNIT))
    metres = board.square_mm * 1e-3 / square_px
    shape = rectangle(BOARD_AT_M, IDENTITY, paper.shape[1] * metres, paper.shape[0] * metres)
    return shape, np.repeat(light[:, :, None], 3, axis=2)


def picture(sight: Sight, hung: tuple[Shape, NDArray[np.float32]]) -> NDArray[np.uint8]:
    """What the camera's file would hold, grey, 8 bits, of its gamma 2.2."""
    light = photograph(sight, [hung[0]], [hung[1]]).light[:, :, 1]
    return np.round(255.0 * np.clip(light, 0.0, 1.0) ** np.float32(1 / 2.2)).astype(np.uint8)


def shaken(
    body: tuple[Vector, Quaternion], rng: np.random.Generator, sigma_m: float, sigma_rad: float
) -> tuple[Vector, Quaternion]:
    """The pose as a tracker with that much noise says it."""
    (x, y, z), (a, b, c) = body[0], rng.normal(0.0, sigma_m, 3)
    u, v, w = (float(value) for value in rng.normal(0.0, sigma_rad, 3))
    return (x + float(a), y + float(b), z + float(c)), quat_multiply(body[1], quat_from_rotation_vector((u, v, w)))


def in_picture(px: Floats, resolution_px: Sequence[int], rim_px: float = 4.0) -> NDArray[np.bool_]:
    """[n], whether a corner can be seen."""
    width, height = resolution_px
    across = (px[:, 0] > rim_px) & (px[:, 0] < width - rim_px)
    return across & (px[:, 1] > rim_px) & (px[:, 1] < height - rim_px)
