"""Where a camera stands, from points whose places are known: OpenCV's SQPnP, then least squares."""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from bridge.frames import axes_matrix

Floats = NDArray[np.float64]
_cv2: Any = cv2
_FEWEST = 6


class Stood(NamedTuple):
    """A camera pose in the frame of the points: outer_from_camera, axes right, forward, up."""

    rotation: Floats
    position_m: Floats
    error_unit: float
    """Median distance on the image plane between where points were seen and where they should be."""


def resection(points_m: Floats, plane: Floats) -> Stood | None:
    """From points [n, 3] and where they are on the undistorted image plane [n, 2]; None where that cannot be said."""
    if len(points_m) < _FEWEST:
        return None
    middle = points_m.mean(axis=0)
    eye, none = np.eye(3), np.zeros(4)
    found, turn, place = _cv2.solvePnP(points_m - middle, plane, eye, none, flags=_cv2.SOLVEPNP_SQPNP)
    if not found:
        return None
    turn, place = _cv2.solvePnPRefineLM(points_m - middle, plane, eye, none, turn, place)
    plane_from_points = np.asarray(_cv2.Rodrigues(turn)[0], dtype=np.float64)
    place = np.asarray(place, dtype=np.float64).ravel()
    seen = (points_m - middle) @ plane_from_points.T + place
    if not (np.isfinite(seen).all() and (seen[:, 2] > 0).all()):
        return None
    error = np.linalg.norm(seen[:, :2] / seen[:, 2:] - plane, axis=1)
    rotation = plane_from_points.T @ axes_matrix("opencv", "stage")
    return Stood(rotation, middle - plane_from_points.T @ place, float(np.median(error)))
