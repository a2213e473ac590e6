"""Rotations in stacks: about an axis, products, mirrors, from a direction."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_MIRROR = np.array([[1.0, -1.0, -1.0], [-1.0, 1.0, 1.0], [-1.0, 1.0, 1.0]])


def about(axis: int, angle_rad: Floats) -> Floats:
    """[..., 3, 3] about X, Y or Z."""
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    out = np.zeros((*np.shape(angle_rad), 3, 3))
    i, j = (axis + 1) % 3, (axis + 2) % 3
    out[..., axis, axis] = 1.0
    out[..., i, i], out[..., i, j], out[..., j, i], out[..., j, j] = cos, -sin, sin, cos
    return out


def product(first: Floats, *others: Floats) -> Floats:
    """First times second times third ..."""
    for other in others:
        first = first @ other
    return first


def mirrored(turns: Floats) -> Floats:
    """[..., 3, 3] as seen in a mirror across the body: left becomes right."""
    return turns * _MIRROR


def shortest(axis: int, to: Floats) -> Floats:
    """[..., 3, 3]: the smallest rotation that takes +X, +Y or +Z to unit directions [..., 3]."""
    start = np.zeros(3)
    start[axis] = 1.0
    cross = np.cross(start, to)
    skew = np.zeros((*to.shape[:-1], 3, 3))
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        skew[..., j, k], skew[..., k, j] = -cross[..., i], cross[..., i]
    beside = np.maximum(1.0 + to[..., axis], 1e-9)[..., None, None]
    return np.eye(3) + skew + skew @ skew / beside


def frames(up: Floats, ahead: Floats) -> Floats:
    """[..., 3, 3] whose Z is along `up` and whose -Y is as near to `ahead` as that allows."""
    z = up / np.linalg.norm(up, axis=-1, keepdims=True)
    x = np.cross(z, ahead)
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    y = np.cross(z, x)
    return np.stack((x, y, z), axis=-1)
