"""Fingers from a hand's 21 points: a knuckle that spreads and curls, two hinges, a thumb that swings.

Hands are small on a camera that sees the whole performer: many are lost and some are wild. A hand whose palm or whose
bones have impossible lengths is refused whole, and then the fingers stay as they were; no angle goes beyond what
fingers can do, so what is let through does at least look like a hand.
"""

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from capture.bones import ROW
from capture.seen import HAND_POINTS
from capture.solve import finger_kernels
from capture.solve.pose import Pose
from capture.solve.template import TIPS_M
from capture.solve.turns import matrices

Floats = NDArray[np.float64]

FINGERS = ("thumb", "index", "middle", "ring", "pinky")
ROWS = np.array([[[ROW[f"{f}_{n:02}_{side}"] for n in (1, 2, 3)] for f in FINGERS] for side in "lr"])
"""[2, 5, 3]: the bones, left hand first."""
_HANDS = (ROW["hand_l"], ROW["hand_r"])
_MIRROR = np.array([-1.0, 1.0, 1.0])
_CURL_RAD = np.radians([[-20.0, 100.0], [-2.0, 115.0], [-2.0, 85.0]])
_SPREAD_RAD = float(np.radians(22.0))
_THUMB_RAD = np.radians([45.0, 60.0, 85.0])
_PALM, _BONE = (0.65, 1.5), (0.35, 2.2)
_TIPS_M = np.array([TIPS_M[finger] for finger in FINGERS])


class Gloves(msgspec.Struct, frozen=True):
    """How hands are believed."""

    smooth_s: float = 0.06
    sure_m: float = 0.02
    """Standard deviation up to which a point of a hand is used."""


class Fingers(NamedTuple):
    """What the fingers do."""

    t_ns: int
    bent: Floats
    """[2, 5, 3, 3]: each bone's rotation vector in its parent's axes, of a left hand; the right is its mirror image."""
    seen_ns: tuple[int, int] = (-(1 << 60), -(1 << 60))
    """When each hand was last believed."""


def begun(t_ns: int) -> Fingers:
    """Flat hands."""
    return Fingers(t_ns, np.zeros((2, 5, 3, 3)))


def step(
    gloves: Gloves, state: Fingers, t_ns: int, points_m: Floats, sigma_m: Floats, seen: tuple[Floats, Floats]
) -> Fingers:
    """Hand points [42, 3] (left first) known to `sigma_m` [42]; `seen`: rest pose and stage_from_bone of all bones."""
    rest_m, turns = seen
    bent, when = state.bent.copy(), list(state.seen_ns)
    part = min((t_ns - state.t_ns) * 1e-9 / gloves.smooth_s, 1.0) if t_ns > state.t_ns else 1.0
    for side in (0, 1):
        rows = slice(side * HAND_POINTS, (side + 1) * HAND_POINTS)
        own = (points_m[rows] - points_m[rows][0]) @ turns[_HANDS[side]]
        known = np.isfinite(own).all() and bool((sigma_m[rows] < gloves.sure_m).all())
        if not known or not possible(own, side, rest_m):
            continue
        found = curled(own * (_MIRROR if side else 1.0), rest_m)
        bent[side] += part * (found - bent[side])
        when[side] = t_ns
    return Fingers(t_ns, bent, (when[0], when[1]))


def possible(own_m: Floats, side: int, rest_m: Floats) -> bool:
    """Whether 21 points in a hand's axes have the lengths of this performer's hand, within what detectors blur."""
    return finger_kernels.possible(np.ascontiguousarray(own_m), rest_m[ROWS[side]], _TIPS_M, _PALM, _BONE)


def curled(own_m: Floats, rest_m: Floats) -> Floats:
    """[5, 3, 3]: rotation vectors of a left hand's finger bones, from 21 points in the hand's own axes."""
    along = np.diff(own_m[1:].reshape(5, 4, 3), axis=1)
    thumb = rest_m[ROWS[0, 0]]
    points_at = np.vstack((thumb[1:], thumb[2:] / np.linalg.norm(thumb[2]) * TIPS_M["thumb"]))
    return finger_kernels.curled(along, points_at, _CURL_RAD, _SPREAD_RAD, _THUMB_RAD)


def on(pose: Pose, fingers: Fingers) -> Pose:
    """The pose with these fingers."""
    rotations = pose.rotations.copy()
    vectors = np.stack((fingers.bent[0], fingers.bent[1] * -_MIRROR))
    rotations[ROWS] = matrices(vectors)
    return pose._replace(rotations=rotations)
