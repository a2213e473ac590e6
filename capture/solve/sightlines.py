"""Landmarks in pixels as points on the image plane, with what each is worth: the way from a detector to geometry."""

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.rig import Rig, RigCamera, plane_from_pixel
from capture.seen import HAND_POINTS, Seen
from capture.solve import sight_kernels
from capture.solve.matching import SeenSet, View

Floats = NDArray[np.float64]

BODY_POINTS = 33
POINTS = BODY_POINTS + 2 * HAND_POINTS
"""Rows: the body's landmarks, the left hand's, the right hand's."""

_CELL_PX, _MARGIN = 16.0, 0.25
_BODY_UNIT, _HAND_UNIT, _LEAST_PX = 0.012, 0.06, 1.0
"""Expected error against the figure's height and the hand's width: detectors err by parts of their crop."""
_BORDER = 0.03


class Sightings(NamedTuple):
    """One performer on all cameras of the rig; [C, P]."""

    plane: Floats
    """[C, P, 2]; NaN: not seen."""
    weight: Floats
    sigma: Floats
    """Expected error on the image plane."""


def sightings(rig: Rig, views: dict[str, View], people: dict[str, int]) -> Sightings:
    """Of the person with that row in each camera's view; a camera without one saw nothing."""
    shape = (len(rig.cameras), POINTS)
    plane, weight, sigma = np.full((*shape, 2), np.nan), np.zeros(shape), np.ones(shape)
    for row, camera in enumerate(rig.cameras):
        if camera.name in people:
            view = views[camera.name]
            seen = view.people[people[camera.name]]
            plane[row], weight[row], sigma[row] = sighting(camera, seen)
            weight[row] *= view.trust_unit
    return Sightings(plane, weight, sigma)


def sighting(camera: RigCamera, seen: Seen) -> tuple[Floats, Floats, Floats]:
    """Plane points [P, 2], weights [P] and expected errors [P] of one person in one camera's picture."""
    pixels, weight, error_px = _points(seen)
    wide, high = camera.size_px
    if seen.size_px != camera.size_px:
        scale = np.array((wide / seen.size_px[0], high / seen.size_px[1]))
        pixels, error_px = pixels * scale, error_px * scale.mean()
    sight_kernels.weighed(pixels, weight, (float(wide), float(high)), _BORDER)
    return straight(camera, pixels), weight, np.hypot(error_px, camera.rms_px) / camera.focal_px[0]


def everybody(rig: Rig, seen_set: SeenSet) -> dict[str, int]:
    """The only person: row 0 wherever a body is seen."""
    known = {camera.name for camera in rig.cameras}
    return {name: 0 for name, view in seen_set.views.items() if name in known and view.people[0].body_px is not None}


def _points(seen: Seen) -> tuple[Floats, Floats, Floats]:
    pixels, weight, error_px = np.full((POINTS, 2), np.nan), np.zeros(POINTS), np.ones(POINTS)
    if seen.body_px is not None:
        shown = seen.body_visibility if seen.body_visibility is not None else np.ones(BODY_POINTS)
        pixels[:BODY_POINTS], weight[:BODY_POINTS] = seen.body_px, np.clip(shown, 0.0, 1.0)
        error_px[:BODY_POINTS] = max(_BODY_UNIT * sight_kernels.spread(pixels[:BODY_POINTS]), _LEAST_PX)
    hands = ((seen.left_hand_px, seen.left_hand_score_unit), (seen.right_hand_px, seen.right_hand_score_unit))
    for side, (hand_px, score) in enumerate(hands):
        if hand_px is not None:
            rows = slice(BODY_POINTS + side * HAND_POINTS, BODY_POINTS + (side + 1) * HAND_POINTS)
            pixels[rows], weight[rows] = hand_px, score
            error_px[rows] = max(_HAND_UNIT * sight_kernels.spread(pixels[rows]), _LEAST_PX)
    return pixels, weight, error_px


def straight(camera: RigCamera, pixels: Floats) -> Floats:
    """What `capture.rig.plane_from_pixel` says, out of a table of every sixteenth pixel: to a hundredth of a pixel."""
    table, first = _table(camera)
    flat = np.ascontiguousarray(pixels, dtype=np.float64).reshape(-1, 2)
    return sight_kernels.straight(flat, _CELL_PX, table, first).reshape(pixels.shape)


@functools.lru_cache(maxsize=32)
def _table(camera: RigCamera) -> tuple[Floats, Floats]:
    """Wherever the camera stands, its lens's."""
    return _lens(camera._replace(position_m=(0.0, 0.0, 0.0), rotation_wxyz=(1.0, 0.0, 0.0, 0.0)))


@functools.lru_cache(maxsize=32)
def _lens(camera: RigCamera) -> tuple[Floats, Floats]:
    """Plane points over the picture and a margin round it, and the first cell."""
    size = np.asarray(camera.size_px) / _CELL_PX
    first, last = np.floor(-_MARGIN * size), np.ceil((1.0 + _MARGIN) * size)
    x = np.arange(int(first[0]), int(last[0]) + 1) * _CELL_PX
    y = np.arange(int(first[1]), int(last[1]) + 1) * _CELL_PX
    return plane_from_pixel(camera, np.stack(np.meshgrid(x, y), axis=-1)), first
