"""How SPZ packs a rotation: version 3 in 32 bits, the largest component left out; version 2 in 24, w left out.

Components are counted x y z w.
"""

import numpy as np
from numpy.typing import NDArray

_MOST = 511
"""Nine bits of size and one of sign a component; none but the largest is above the root of one half."""
_ROOT_HALF = 0.7071067811865476
_OTHERS = np.array([[k for k in range(4) if k != largest] for largest in range(4)])
_SHIFTS = np.array([20, 10, 0], np.uint32)


def packed(rotations_wxyz: NDArray[np.float32]) -> NDArray[np.uint8]:
    """[N, 4] unit quaternions -> [N, 4] bytes."""
    q = np.roll(rotations_wxyz.astype(np.float64), -1, axis=1)
    largest = np.argmax(np.abs(q), axis=1)
    negated = np.take_along_axis(q, largest[:, None], axis=1) < 0
    others = np.take_along_axis(q, _OTHERS[largest], axis=1)
    sizes = np.minimum(_MOST * np.abs(others) / _ROOT_HALF + 0.5, _MOST).astype(np.uint32)
    fields = (((others < 0) ^ negated).astype(np.uint32) << np.uint32(9)) | sizes
    words = np.bitwise_or.reduce(fields << _SHIFTS, axis=1) | (largest.astype(np.uint32) << np.uint32(30))
    return words.astype("<u4").view(np.uint8).reshape(-1, 4)


def unpacked(data: NDArray[np.uint8]) -> NDArray[np.float32]:
    """[N, 4] bytes -> [N, 4] unit quaternions wxyz, whatever the bytes are."""
    words = np.ascontiguousarray(data).view("<u4")
    largest = (words[:, 0] >> np.uint32(30)).astype(np.intp)
    fields = (words >> _SHIFTS) & np.uint32(1023)
    others = (fields & np.uint32(_MOST)) * (_ROOT_HALF / _MOST) * np.where(fields >> np.uint32(9), -1.0, 1.0)
    left = np.sqrt(np.maximum(1.0 - np.sum(others**2, axis=1), 0.0))
    q = np.empty((len(data), 4))
    np.put_along_axis(q, _OTHERS[largest], others, axis=1)
    np.put_along_axis(q, largest[:, None], left[:, None], axis=1)
    return _unit_wxyz(q)


def unpacked_first_three(data: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Version 2: [N, 3] bytes, w follows."""
    xyz = data / 127.5 - 1.0
    w = np.sqrt(np.maximum(1.0 - np.sum(xyz**2, axis=1, keepdims=True), 0.0))
    return _unit_wxyz(np.concatenate((xyz, w), axis=1))


def _unit_wxyz(xyzw: NDArray[np.float64]) -> NDArray[np.float32]:
    """The bytes of a hostile file may say more than a unit: made one, as the corner of what they can say is no zero."""
    return np.roll(xyzw / np.linalg.norm(xyzw, axis=1, keepdims=True), 1, axis=1).astype(np.float32)
