"""Rotations of many bones at once, as matrices and rotation vectors."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


def matrices(vectors: Floats) -> Floats:
    """[..., 3, 3] of rotation vectors [..., 3] (Rodrigues)."""
    angle = np.linalg.norm(vectors, axis=-1)[..., None, None]
    cross = skew(vectors)
    with np.errstate(invalid="ignore", divide="ignore"):
        first = np.where(angle > 1e-8, np.sin(angle) / angle, 1.0)
        second = np.where(angle > 1e-8, (1.0 - np.cos(angle)) / angle**2, 0.5)
    return np.eye(3) + first * cross + second * (cross @ cross)


def skew(vectors: Floats) -> Floats:
    """[..., 3, 3]: the matrix that crosses with the vector."""
    made = np.zeros((*vectors.shape, 3))
    made[..., 2, 1], made[..., 0, 2], made[..., 1, 0] = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    made[..., 1, 2], made[..., 2, 0], made[..., 0, 1] = -vectors[..., 0], -vectors[..., 1], -vectors[..., 2]
    return made


def vectors(turns: Floats) -> Floats:
    """[..., 3] rotation vectors of matrices [..., 3, 3]."""
    wxyz = quaternions(turns)
    part = np.linalg.norm(wxyz[..., 1:], axis=-1, keepdims=True)
    angle = 2.0 * np.arctan2(part, wxyz[..., :1])
    with np.errstate(invalid="ignore", divide="ignore"):
        return wxyz[..., 1:] * np.where(part > 1e-12, angle / part, 2.0)


def quaternions(turns: Floats) -> Floats:
    """[..., 4] wxyz with w >= 0 of matrices [..., 3, 3]: of four ways to read one, the best conditioned."""
    m = turns
    trace = np.einsum("...ii->...", m)
    picks = np.stack((trace, m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]), axis=-1)
    ways = np.empty((*trace.shape, 4, 4))
    ways[..., 0, 0] = 1.0 + trace
    lower = (m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1])
    for axis in range(3):
        ways[..., 0, axis + 1] = ways[..., axis + 1, 0] = lower[axis]
        for other in range(3):
            ways[..., axis + 1, other + 1] = m[..., axis, other] + m[..., other, axis]
        ways[..., axis + 1, axis + 1] = 1.0 + 2.0 * m[..., axis, axis] - trace
    best: Floats = np.take_along_axis(ways, picks.argmax(axis=-1)[..., None, None], axis=-2)[..., 0, :]
    best = best / np.linalg.norm(best, axis=-1, keepdims=True)
    return np.where(best[..., :1] < 0.0, -best, best)


def twist_rad(turns: Floats, axes: Rows) -> Floats:
    """[N]: how far each rotation [N, 3, 3] turns about its own axis (0, 1, 2): the twist of swing and twist."""
    wxyz = quaternions(turns)
    return 2.0 * np.arctan2(wxyz[np.arange(len(axes)), axes + 1], wxyz[:, 0])


def solve(left: Floats, right: Floats) -> Floats:
    """Linear systems; numpy's, which forgets what its numbers are."""
    return np.asarray(np.linalg.solve(left, right), dtype=np.float64)


def finite(points: Floats) -> NDArray[np.bool_]:
    """[...]: whether a point [..., N] is all there."""
    return np.asarray(np.isfinite(points).all(axis=-1), dtype=np.bool_)


def blended(a: Floats, b: Floats, part: float) -> Floats:
    """From rotations `a` (0) to `b` (1), the short way round."""
    return a @ matrices(part * vectors(np.swapaxes(a, -1, -2) @ b))


def frame(first: Floats, towards: Floats) -> Floats:
    """[3, 3] with columns: `first` made unit, the part of `towards` across it, and their cross product."""
    x = first / max(float(np.linalg.norm(first)), 1e-12)
    y = towards - x * (towards @ x)
    y = y / max(float(np.linalg.norm(y)), 1e-12)
    return np.column_stack((x, y, np.cross(x, y)))
