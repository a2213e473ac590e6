"""Points in space from what several cameras saw, all points and moments at once.

Every camera says, for every point, two planes that it lies on. Their weighted sum is a 3 by 3 system whose matrix is
at the same time the answer's information (the inverse of its covariance): a point seen by one camera alone is known
across the ray and free along it, and what comes after can use just that. Weights are the landmarks' visibilities, how
wide a pixel is at the point, and how well the cameras agree on it (IRLS with Cauchy's weight), never a switch: a
camera that is dropped between two moments makes the point jump by what the cameras disagree.
"""

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.rig import Rig, RigCamera, plane_from_stage
from capture.solve import triangulate_kernels
from capture.solve.turns import finite

Floats = NDArray[np.float64]

_EARNED_PX, _LOST_PX = 1.5, 4.0
"""Calibrations up to the first earn robust weights wholly, from the second on not at all."""
_LINEAR_STEPS, _ROBUST_STEPS = 2, 4
_CAUCHY = 2.4


class Points(NamedTuple):
    """Triangulated points; [...] are whatever the sightings had: points, or moments and points."""

    points_m: Floats
    """[..., 3]; where one camera alone saw it, somewhere on its ray; NaN where nobody did."""
    information: Floats
    """[..., 3, 3], per square metre."""
    cameras: Floats
    """[...]: how many cameras that see it well enough, by weight."""
    error_unit: Floats
    """[C, ...]: how far each camera is off, in the sightings' own expected error; NaN where it saw nothing."""


class Lines(NamedTuple):
    """A rig's cameras as matrices."""

    matrices: Floats
    """[C, 3, 4]: stage metres -> image plane."""
    centres_m: Floats
    """[C, 3]."""
    robust_unit: Floats
    """[C]: how far each camera's calibration earns robust weights, 0..1."""


@functools.lru_cache(maxsize=8)
def lines_of(rig: Rig) -> Lines:
    """The cameras of a rig; robust weights are earned by a good calibration, of the rig and of each camera."""
    matrices = np.array([plane_from_stage(camera) for camera in rig.cameras])
    centres = np.array([camera.position_m for camera in rig.cameras], dtype=np.float64)
    return Lines(matrices, centres, np.array([earned(rig, camera) for camera in rig.cameras]))


def earned(rig: Rig, camera: RigCamera) -> float:
    """How far robust weights help rather than hurt: 1 with a good calibration, 0 with a bad or unmeasured one."""
    worst = max(rig.rms_px, camera.rms_px)
    if worst <= 0.0:
        return 0.0
    return float(np.clip((_LOST_PX - worst) / (_LOST_PX - _EARNED_PX), 0.0, 1.0))


@np.errstate(invalid="ignore", divide="ignore")
def triangulate(lines: Lines, plane: Floats, weight: Floats, sigma: Floats) -> Points:
    """From image plane points [C, ..., 2], weights [C, ...] 0..1 and expected errors [C, ...] on the plane.

    NaN or no weight: not seen. Where no two cameras' rays open widely the information stays thin along them; nothing is
    invented.
    """
    shape, cameras = plane.shape[1:-1], len(plane)
    seen = finite(plane) & (weight > 0)
    flat = np.where(seen[..., None], plane, 0.0).reshape(cameras, -1, 2)
    trust = np.stack((np.where(seen, weight, 0.0), np.where(seen, sigma, 1.0)), axis=-1).reshape(cameras, -1, 2)
    steps = (_LINEAR_STEPS, _ROBUST_STEPS if lines.robust_unit.any() else 0, _CAUCHY)
    towards = lines.centres_m.mean(axis=0)
    points, information, errors = triangulate_kernels.settle(
        lines.matrices, flat, trust, lines.robust_unit, steps, towards
    )
    count = np.where(seen, np.minimum(weight * 2.0, 1.0), 0.0).sum(axis=0)
    points[~seen.reshape(cameras, -1).any(axis=0)] = np.nan
    errors[~seen.reshape(cameras, -1)] = np.nan
    return Points(
        points.reshape(*shape, 3),
        information.reshape(*shape, 3, 3),
        count,
        errors.reshape(cameras, *shape),
    )
