"""Rotations of many bones at once, as matrices and rotation vectors."""

import numpy as np
from numpy.typing import NDArray

from capture.solve import turn_kernels

Floats = NDArray[np.float64]


def matrices(vectors: Floats) -> Floats:
    """[..., 3, 3] of rotation vectors [..., 3] (Rodrigues)."""
    flat = np.ascontiguousarray(vectors, dtype=np.float64).reshape(-1, 3)
    return turn_kernels.matrices(flat).reshape(*vectors.shape, 3)


def vectors(turns: Floats) -> Floats:
    """[..., 3] rotation vectors of matrices [..., 3, 3]."""
    wxyz = quaternions(turns)
    part = np.linalg.norm(wxyz[..., 1:], axis=-1, keepdims=True)
    angle = 2.0 * np.arctan2(part, wxyz[..., :1])
    with np.errstate(invalid="ignore", divide="ignore"):
        return wxyz[..., 1:] * np.where(part > 1e-12, angle / part, 2.0)


def quaternions(turns: Floats) -> Floats:
    """[..., 4] wxyz with w >= 0 of matrices [..., 3, 3]: of four ways to read one, the best conditioned."""
    flat = np.ascontiguousarray(turns, dtype=np.float64).reshape(-1, 3, 3)
    return turn_kernels.quaternions(flat).reshape(*turns.shape[:-2], 4)


def solve(left: Floats, right: Floats) -> Floats:
    """Linear systems; numpy's, which forgets what its numbers are."""
    return np.asarray(np.linalg.solve(left, right), dtype=np.float64)


def finite(points: Floats) -> NDArray[np.bool_]:
    """[...]: whether a point [..., N] is all there."""
    return np.asarray(np.isfinite(points).all(axis=-1), dtype=np.bool_)


def blended(a: Floats, b: Floats, part: float) -> Floats:
    """From rotations `a` (0) to `b` (1), the short way round."""
    return turn_kernels.blended(np.ascontiguousarray(a), np.ascontiguousarray(b), part)


def frame(first: Floats, towards: Floats) -> Floats:
    """[3, 3] with columns: `first` made unit, the part of `towards` across it, and their cross product."""
    x = first / max(float(np.linalg.norm(first)), 1e-12)
    y = towards - x * (towards @ x)
    y = y / max(float(np.linalg.norm(y)), 1e-12)
    return np.column_stack((x, y, np.cross(x, y)))
