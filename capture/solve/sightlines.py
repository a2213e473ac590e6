"""Landmarks in pixels as points on the image plane, with what each is worth: the way from a detector to geometry."""

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.rig import Rig, RigCamera, plane_from_pixel
from capture.seen import HAND_POINTS, Seen
from capture.solve.matching import SeenSet, View
from capture.solve.turns import finite

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
    scale = np.asarray(camera.size_px, dtype=np.float64) / seen.size_px
    pixels, error_px = pixels * scale, error_px * scale.mean()
    weight = weight * _inside(camera, pixels)
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
        error_px[:BODY_POINTS] = max(_BODY_UNIT * _spread(seen.body_px), _LEAST_PX)
    hands = ((seen.left_hand_px, seen.left_hand_score_unit), (seen.right_hand_px, seen.right_hand_score_unit))
    for side, (hand_px, score) in enumerate(hands):
        if hand_px is not None:
            rows = slice(BODY_POINTS + side * HAND_POINTS, BODY_POINTS + (side + 1) * HAND_POINTS)
            pixels[rows], weight[rows] = hand_px, score
            error_px[rows] = max(_HAND_UNIT * _spread(hand_px), _LEAST_PX)
    return pixels, weight, error_px


def _spread(pixels: Floats) -> float:
    return float(np.fmax.reduce(np.fmax.reduce(pixels) - np.fmin.reduce(pixels)))


def _inside(camera: RigCamera, pixels: Floats) -> Floats:
    """1 in the picture, fading to 0 just beyond its border: there a detector only guesses."""
    size = np.asarray(camera.size_px, dtype=np.float64)
    out = np.maximum(np.maximum(-pixels, pixels - size), 0.0).max(axis=-1)
    return np.clip(1.0 - out / (_BORDER * size.max()), 0.0, 1.0)


def straight(camera: RigCamera, pixels: Floats) -> Floats:
    """What `capture.rig.plane_from_pixel` says, out of a table of every sixteenth pixel: to a hundredth of a pixel."""
    table, first = _table(camera._replace(position_m=(0.0, 0.0, 0.0), rotation_wxyz=(1.0, 0.0, 0.0, 0.0)))
    place = np.where(np.isfinite(pixels), pixels, 0.0) / _CELL_PX - first
    cell = np.clip(place.astype(np.int64), 0, np.array(table.shape[1::-1]) - 2)
    x, y = cell[..., 0], cell[..., 1]
    u, v = (place - cell)[..., :1], (place - cell)[..., 1:]
    above = table[y, x] * (1.0 - u) + table[y, x + 1] * u
    below = table[y + 1, x] * (1.0 - u) + table[y + 1, x + 1] * u
    plane = above * (1.0 - v) + below * v
    plane[~finite(pixels)] = np.nan
    return plane


@functools.lru_cache(maxsize=32)
def _table(camera: RigCamera) -> tuple[Floats, Floats]:
    """Plane points over the picture and a margin round it, and the first cell."""
    size = np.asarray(camera.size_px) / _CELL_PX
    first, last = np.floor(-_MARGIN * size), np.ceil((1.0 + _MARGIN) * size)
    x = np.arange(int(first[0]), int(last[0]) + 1) * _CELL_PX
    y = np.arange(int(first[1]), int(last[1]) + 1) * _CELL_PX
    return plane_from_pixel(camera, np.stack(np.meshgrid(x, y), axis=-1)), first
