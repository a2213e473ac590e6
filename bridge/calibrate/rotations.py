"""Rotation vectors [3] in radians: to matrices, back, and how they change; what a solver turns things by."""

import math

import numpy as np
from numpy.typing import NDArray

from bridge.frames import matrix_from_quat, quat_from_matrix, quat_from_rotation_vector, rotation_vector_from_quat

Floats = NDArray[np.float64]


def turn(vector_rad: Floats) -> Floats:
    """Rotation matrix of a rotation vector."""
    x, y, z = (float(value) for value in vector_rad)
    return matrix_from_quat(quat_from_rotation_vector((x, y, z)))


def vector_of(rotation: Floats) -> Floats:
    """Rotation vector of a matrix, at most half a turn long."""
    return np.array(rotation_vector_from_quat(quat_from_matrix(rotation)))


def angle_rad(rotation: Floats) -> float:
    """How far a matrix turns."""
    return float(np.linalg.norm(vector_of(rotation)))


def skew(vectors: Floats) -> Floats:
    """[..., 3] -> [..., 3, 3]: skew(a) @ b is the cross product of a and b."""
    x, y, z = np.moveaxis(vectors, -1, 0)
    zero = np.zeros_like(x)
    return np.stack((zero, -z, y, z, zero, -x, -y, x, zero), axis=-1).reshape(*vectors.shape[:-1], 3, 3)


def left_jacobian(vector_rad: Floats) -> Floats:
    """turn(v + dv) = turn(left_jacobian(v) @ dv) @ turn(v), to first order in dv."""
    angle = float(np.linalg.norm(vector_rad))
    k = skew(vector_rad)
    if angle < 1e-5:
        return np.eye(3) + 0.5 * k + k @ k / 6.0
    square = angle * angle
    return np.eye(3) + (1.0 - math.cos(angle)) / square * k + (angle - math.sin(angle)) / (square * angle) * k @ k


def nearest_rotation(matrix: Floats) -> Floats:
    """The rotation closest to any matrix [3, 3] of positive determinant."""
    u, _, v = np.linalg.svd(matrix)
    return u @ np.diag([1.0, 1.0, float(np.sign(np.linalg.det(u @ v)))]) @ v
