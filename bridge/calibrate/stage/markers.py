"""Where calibration markers stand in the walls' pictures: which id, on which wall, its four corners in pixels.

A marker is seven modules wide: five of bits and a black border, on a white quiet zone. A module is a whole number of
LEDs, so a marker's edges run between LEDs and its corners are exact. No marker lies across a fold of a wall made of
flat columns, where its sides would be bent.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DICTIONARY = "DICT_5X5_1000"
MOST_IDS = 1000
MODULES = 7
"""A marker, border included."""
CELL_MODULES = 10
"""A marker and its share of the white around it."""
ACROSS_PICTURE = 12.0
"""How many markers side by side a camera should see at its widest: large enough to be sharp, many enough to average."""


class Marker(NamedTuple):
    """One marker in one wall's picture."""

    id: int
    wall: str
    corners_px: tuple[tuple[float, float], ...]
    """As its own picture has them: top left, top right, bottom right, bottom left. Pixel edges are whole numbers."""


class Face(NamedTuple):
    """A wall as far as a layout must know it."""

    name: str
    pixels: tuple[int, int]
    pitch_m: tuple[float, float]
    """From one LED to the next, across and down."""
    columns: int = 1
    """Flat parts side by side, all equally wide."""


class Layout(NamedTuple):
    """One wall's grid of cells; each holds one marker in its middle."""

    face: Face
    across: int
    down: int
    module_px: int
    first_id: int


def layouts(faces: Sequence[Face], cell_m: float) -> list[Layout]:
    """A grid for every wall, its cells about so large; larger where there would not be ids enough for all walls."""
    while True:
        found: list[Layout] = []
        first = 0
        for face in faces:
            found.append(_layout(face, cell_m, first))
            first += found[-1].across * found[-1].down
        if first <= MOST_IDS:
            return found
        cell_m *= 1.05


def _layout(face: Face, cell_m: float, first_id: int) -> Layout:
    (width, height), (pitch_x, pitch_y) = face.pixels, face.pitch_m
    part_px = width / face.columns
    per_part = max(1, round(part_px * pitch_x / cell_m))
    down = max(1, round(height * pitch_y / cell_m))
    module_px = max(1, math.floor(min(part_px / per_part, height / down) / CELL_MODULES))
    return Layout(face, per_part * face.columns, down, module_px, first_id)


def markers(layout: Layout) -> list[Marker]:
    """Ids row by row from the top left."""
    (width, height), side = layout.face.pixels, MODULES * layout.module_px
    found: list[Marker] = []
    for row in range(layout.down):
        for column in range(layout.across):
            left = round((column + 0.5) * width / layout.across - side / 2)
            top = round((row + 0.5) * height / layout.down - side / 2)
            right, bottom = left + side, top + side
            corners = ((left, top), (right, top), (right, bottom), (left, bottom))
            found.append(Marker(layout.first_id + len(found), layout.face.name, corners))
    return found


def cell_m_for(distance_m: float, focal_px: float, width_px: int) -> float:
    """How large a cell makes `ACROSS_PICTURE` of them fill a camera's picture from so far."""
    return distance_m * width_px / focal_px / ACROSS_PICTURE


def picture_coordinates(marker: Marker, pixels: tuple[int, int]) -> Floats:
    """Its corners [4, 2] as parts of the wall's picture."""
    return np.array(marker.corners_px, dtype=np.float64) / np.array(pixels, dtype=np.float64)
