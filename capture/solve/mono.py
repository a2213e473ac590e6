"""One camera alone: the detector's own guess in three dimensions, made as large as the performer and set in the stage.

Depth is a guess. On the synthetic rig a joint is 72 to 77 mm off in the mean where four cameras reach about 30, and an
elbow or knee 16 to 31 degrees where they reach 5 to 7 (facts/capture.md, section 4).
"""

import math

import numpy as np
from numpy.typing import NDArray

from capture.rig import RigCamera, plane_from_stage
from capture.seen import Seen
from capture.solve.sightlines import BODY_POINTS, sighting
from capture.solve.turns import finite

Floats = NDArray[np.float64]

WORSE = "one camera: depth is a guess; joints 76 to 103 mm off, elbows 18 to 29 degrees, knees 5 to 16"
_DEPTH_M, _DISTANCE_UNIT = 0.08, 0.04
"""Standard deviations along the view: of a joint against the body, and of the body as a part of its distance."""
_HORIZONTAL_DEG, _HEIGHT_M, _BACK_M = 60.0, 1.2, 3.0


def assumed_camera(name: str, size_px: tuple[int, int]) -> RigCamera:
    """A camera nobody calibrated: a usual webcam, level at chest height before the stage's origin, looking at it."""
    focal = size_px[0] / 2.0 / math.tan(math.radians(_HORIZONTAL_DEG) / 2.0)
    return RigCamera(
        name,
        size_px,
        (focal, focal),
        (size_px[0] / 2.0, size_px[1] / 2.0),
        (0.0, -_BACK_M, _HEIGHT_M),
        (1.0, 0.0, 0.0, 0.0),
    )


def points(camera: RigCamera, seen: Seen, size_unit: float) -> tuple[Floats, Floats]:
    """Landmarks [33, 3] in the stage and their information [33, 3, 3]: sharp across the view, soft along it.

    `size_unit`: how much larger the performer is than the detector's guess. NaN where there is no guess.
    """
    unknown = np.full((BODY_POINTS, 3), np.nan), np.zeros((BODY_POINTS, 3, 3))
    if seen.body_world_m is None or seen.body_px is None:
        return unknown
    plane, weight, sigma = (rows[:BODY_POINTS] for rows in sighting(camera, seen))
    shape = seen.body_world_m * size_unit
    good = finite(plane) & (weight > 0.1) & finite(shape)
    if good.sum() < 4:
        return unknown
    place = _place(shape[good], plane[good], weight[good])
    if place[2] < 0.3:
        return unknown
    matrix = plane_from_stage(camera)
    before = _on_rays(shape + place, plane, good)
    stage = (before - matrix[:, 3]) @ matrix[:, :3]
    stage[~good] = np.nan
    return stage, _information(matrix, before, np.where(good, weight, 0.0), sigma)


def _place(shape: Floats, plane: Floats, weight: Floats) -> Floats:
    """Where the guess must stand before the camera to look as it does: linear in the place, since its turn is known."""
    rows = np.zeros((len(shape), 2, 3))
    rows[:, 0, 0] = rows[:, 1, 1] = 1.0
    rows[:, :, 2] = -plane
    right = plane * shape[:, 2:] - shape[:, :2]
    pull = np.sqrt(weight)[:, None]
    found = np.linalg.lstsq((rows * pull[..., None]).reshape(-1, 3), (right * pull).reshape(-1), rcond=None)[0]
    return np.asarray(found, dtype=np.float64)


def _on_rays(before: Floats, plane: Floats, good: NDArray[np.bool_]) -> Floats:
    """The points at the depths of the guess, on the rays of what was seen."""
    seen = np.column_stack((plane * before[:, 2:], before[:, 2]))
    return np.where(good[:, None], seen, before)


def _information(matrix: Floats, before: Floats, weight: Floats, sigma: Floats) -> Floats:
    depth = np.maximum(before[:, 2], 0.3)
    across = weight / (sigma * depth) ** 2
    along = 1.0 / (_DEPTH_M**2 + (_DISTANCE_UNIT * depth) ** 2)
    turn = matrix[:, :3]
    ray = before / np.linalg.norm(before, axis=-1, keepdims=True)
    view = ray @ turn
    outer = view[:, :, None] * view[:, None]
    made = across[:, None, None] * (np.eye(3) - outer) + np.minimum(along, across)[:, None, None] * outer
    return np.where((weight > 0)[:, None, None], made, 0.0)
