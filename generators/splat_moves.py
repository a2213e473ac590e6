"""Splats moved, scaled and mirrored, and told in other frames: means, covariances and spherical harmonics together."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Quaternion, Vector, axes_matrix, matrix_from_quat, quat_from_matrix, scale
from generators.harmonic_turns import turned_harmonics
from generators.splats import Splats

Floats = NDArray[np.float64]


class Move(NamedTuple):
    """p' = scale_unit * turn @ p + offset_m."""

    turn: Floats
    """[3, 3], orthogonal; determinant -1 mirrors."""
    offset_m: Vector = (0.0, 0.0, 0.0)
    scale_unit: float = 1.0
    """Above zero, the same along all axes: anything else would make other things of Gaussians' colours."""


STILL = Move(np.eye(3))


def rigid(position_m: Vector, rotation_wxyz: Quaternion) -> Move:
    """The move of a pose: stage_from_thing for splats told in the thing's own axes."""
    return Move(matrix_from_quat(rotation_wxyz), position_m)


def mirror(normal: Vector) -> Move:
    """At the plane through the origin with that normal (any length)."""
    n = np.asarray(normal, np.float64)
    return Move(np.eye(3) - 2.0 * np.outer(n, n) / float(n @ n))


def between_frames(target: str, source: str) -> Move:
    """`target_from_source` of two rows of `bridge.frames.FRAMES`. What comes out counts the target's units and axes."""
    return Move(axes_matrix(target, source), scale_unit=scale(target, source))


def compose(a: Move, b: Move) -> Move:
    """`a_from_c = compose(a_from_b, b_from_c)`."""
    x, y, z = a.scale_unit * a.turn @ np.asarray(b.offset_m) + np.asarray(a.offset_m)
    return Move(a.turn @ b.turn, (float(x), float(y), float(z)), a.scale_unit * b.scale_unit)


def inverse(move: Move) -> Move:
    """`b_from_a` of `a_from_b`."""
    x, y, z = -(move.turn.T @ np.asarray(move.offset_m)) / move.scale_unit
    return Move(move.turn.T, (float(x), float(y), float(z)), 1.0 / move.scale_unit)


def moved(splats: Splats, move: Move) -> Splats:
    """The same splats elsewhere: a picture of them from the camera moved alike is the same picture.

    A mirror M of a Gaussian with axes R has covariance M R S S R' M'. The axes M R are left-handed, but -M R are not
    and give the same covariance, so the rotation turns by -M and nothing is decomposed.
    ValueError where the turn is not orthogonal or the scale not above zero.
    """
    turn = _orthogonal(move)
    mirrors = bool(np.linalg.det(turn) < 0)
    means = splats.means_m @ (move.scale_unit * turn.T) + np.asarray(move.offset_m, np.float64)
    return splats._replace(
        means_m=means.astype(np.float32),
        rotations_wxyz=turned_rotations(splats.rotations_wxyz, quat_from_matrix(-turn if mirrors else turn)),
        scales_m=(splats.scales_m * move.scale_unit).astype(np.float32),
        sh=turned_harmonics(splats.sh, turn),
    )


def turned_rotations(rotations_wxyz: NDArray[np.float32], turn: Quaternion) -> NDArray[np.float32]:
    """`turn` times every rotation [N, 4], unit again."""
    w, x, y, z = turn
    product = np.array([[w, -x, -y, -z], [x, w, -z, y], [y, z, w, -x], [z, -y, x, w]])
    found = rotations_wxyz @ product.T
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def _orthogonal(move: Move) -> Floats:
    turn = np.asarray(move.turn, np.float64)
    if turn.shape != (3, 3) or not np.allclose(turn @ turn.T, np.eye(3), atol=1e-6):
        raise ValueError(f"a move of splats turns and mirrors, it does not shear: turn is {turn.tolist()}")
    if not 0.0 < move.scale_unit < np.inf:
        raise ValueError(f"scale of a move: expected above zero, got {move.scale_unit}")
    return turn
