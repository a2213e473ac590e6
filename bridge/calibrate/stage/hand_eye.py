"""The closed form: where a tracker's origin is and how the camera is mounted, from poses told by both, A = X B Y.

X is stage_from_tracker, B tracker_from_body, Y body_from_camera and A stage_from_camera. Rotations first, as one linear
system (Kronecker products, the singular vector of the least value); places after that, linearly too. Nothing needs to
be known before, however far off a stage file is.
"""

import itertools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.rotations import nearest_rotation, vector_of

Floats = NDArray[np.float64]

_TURN_DEG, _ALONG_M = 0.6, 0.03  # how well two poses must agree on the screw between them
_TELLING_DEG = 8.0  # a smaller turn has no axis to speak of


class HandEye(NamedTuple):
    """X and Y as matrices and positions."""

    stage_from_tracker: Floats
    tracker_m: Floats
    body_from_camera: Floats
    camera_m: Floats


def hand_eye(seen: Floats, seen_m: Floats, told: Floats, told_m: Floats) -> HandEye | None:
    """From stage_from_camera [n, 3, 3], [n, 3] and tracker_from_body likewise; None where the poses turn too little.

    There must be turns about two axes at least.
    """
    if len(seen) < 3 or not _turns_enough(told):
        return None
    eye = np.eye(3)
    # X^T A = B Y; row-major vec(X^T A) = (I kron A^T) vec(X^T) and vec(B Y) = (B kron I) vec(Y)
    rows: list[Floats] = []
    for a, b in zip(seen, told, strict=True):
        rows.append(np.hstack((np.kron(eye, a.T), -np.kron(b, eye))))  # pyright: ignore[reportUnknownArgumentType]
    _, _, v = np.linalg.svd(np.concatenate(rows))
    tracker, camera = v[-1][:9].reshape(3, 3), v[-1][9:].reshape(3, 3)
    sign = math.copysign(1.0, float(np.linalg.det(tracker)))
    x, y = nearest_rotation(sign * tracker).T, nearest_rotation(sign * camera)
    # A's place = X (b + B y) + x
    left = np.concatenate([np.hstack((x @ b, eye)) for b in told])
    right = np.concatenate([a - x @ b for a, b in zip(seen_m, told_m, strict=True)])
    found = np.asarray(np.linalg.lstsq(left, right, rcond=None)[0], dtype=np.float64)
    return HandEye(x, found[3:], y, found[:3])


def _turns_enough(told: Floats) -> bool:
    """Whether the axes of the turns between poses span more than a line."""
    vectors = np.array([vector_of(a.T @ b) for a, b in itertools.combinations(told, 2)])
    spread = np.linalg.svd(vectors, compute_uv=False)
    return bool(spread[1] > math.radians(3.0) * math.sqrt(len(vectors)))


def agreeing(seen: Floats, seen_m: Floats, told: Floats, told_m: Floats) -> NDArray[np.bool_]:
    """Which poses fit the most others: between two poses, camera and tracker make one and the same screw.

    The angle of a screw and the way along it do not depend on where anybody's origin is, so this needs no calibration.
    """
    count = len(seen)
    fits = np.eye(count, dtype=bool)
    for i, j in itertools.combinations(range(count), 2):
        fits[i, j] = fits[j, i] = _same_screw(
            (seen[i].T @ seen[j], seen[i].T @ (seen_m[j] - seen_m[i])),
            (told[i].T @ told[j], told[i].T @ (told_m[j] - told_m[i])),
        )
    best = int(np.argmax(fits.sum(axis=1)))
    return fits[best] & (fits[:, fits[best]].sum(axis=1) >= 0.6 * fits[best].sum())


def _same_screw(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> bool:
    turns = [vector_of(rotation) for rotation, _ in (one, other)]
    sizes = [float(np.linalg.norm(turned)) for turned in turns]
    if abs(sizes[0] - sizes[1]) > math.radians(_TURN_DEG):
        return False
    if min(sizes) < math.radians(_TELLING_DEG):
        return True
    along = [float(turned @ place) / size for turned, size, (_, place) in zip(turns, sizes, (one, other), strict=True)]
    return abs(along[0] - along[1]) <= _ALONG_M
