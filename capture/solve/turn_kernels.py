"""Rotations one by one, compiled: numpy spends more on calling itself for a hand's bones than on turning them."""

import math

import numpy as np

from bridge.compiled import compiled


@compiled
def about(x: float, y: float, z: float, out: np.ndarray) -> None:
    """Into out [3, 3] the rotation of a rotation vector (Rodrigues)."""
    square = x * x + y * y + z * z
    angle = math.sqrt(square)
    first = math.sin(angle) / angle if angle > 1e-8 else 1.0
    second = (1.0 - math.cos(angle)) / square if angle > 1e-8 else 0.5
    out[0, 0], out[1, 1], out[2, 2] = (
        1.0 - second * (y * y + z * z),
        1.0 - second * (x * x + z * z),
        1.0 - second * (x * x + y * y),
    )
    out[0, 1], out[1, 0] = second * x * y - first * z, second * x * y + first * z
    out[0, 2], out[2, 0] = second * x * z + first * y, second * x * z - first * y
    out[1, 2], out[2, 1] = second * y * z - first * x, second * y * z + first * x


@compiled
def matrices(vectors: np.ndarray) -> np.ndarray:
    """[N, 3, 3] of rotation vectors [N, 3]."""
    out = np.empty((len(vectors), 3, 3))
    for n in range(len(vectors)):
        about(vectors[n, 0], vectors[n, 1], vectors[n, 2], out[n])
    return out


@compiled
def quaternions(turns: np.ndarray) -> np.ndarray:
    """[N, 4] wxyz with w >= 0 of matrices [N, 3, 3]: of four ways to read one, the best conditioned."""
    out = np.empty((len(turns), 4))
    for n in range(len(turns)):
        a, b, c = turns[n, 0, 0], turns[n, 1, 1], turns[n, 2, 2]
        trace = a + b + c
        x, y, z = turns[n, 2, 1] - turns[n, 1, 2], turns[n, 0, 2] - turns[n, 2, 0], turns[n, 1, 0] - turns[n, 0, 1]
        xy, xz, yz = turns[n, 0, 1] + turns[n, 1, 0], turns[n, 0, 2] + turns[n, 2, 0], turns[n, 1, 2] + turns[n, 2, 1]
        w = 1.0 + trace
        if a > trace and a >= b and a >= c:
            w, x, y, z = x, 1.0 + 2.0 * a - trace, xy, xz
        elif b > trace and b >= c:
            w, x, y, z = y, xy, 1.0 + 2.0 * b - trace, yz
        elif c > trace:
            w, x, y, z = z, xz, yz, 1.0 + 2.0 * c - trace
        size = math.copysign(math.sqrt(w * w + x * x + y * y + z * z), w)
        out[n, 0], out[n, 1], out[n, 2], out[n, 3] = w / size, x / size, y / size, z / size
    return out


@compiled
def product(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """Into out, which is neither of them, a @ b."""
    for i in range(3):
        for j in range(3):
            out[i, j] = a[i, 0] * b[0, j] + a[i, 1] * b[1, j] + a[i, 2] * b[2, j]


@compiled
def back_from(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """Into out, which is neither of them, a.T @ b."""
    for i in range(3):
        for j in range(3):
            out[i, j] = a[0, i] * b[0, j] + a[1, i] * b[1, j] + a[2, i] * b[2, j]


@compiled
def rotation_vector(turn: np.ndarray) -> tuple[float, float, float]:
    """Of a rotation [3, 3], also near half a turn."""
    x, y, z = turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]
    cos = min(max((turn[0, 0] + turn[1, 1] + turn[2, 2] - 1.0) / 2.0, -1.0), 1.0)
    sin = math.sqrt(x * x + y * y + z * z) / 2.0
    angle = math.atan2(sin, cos)
    if sin > 1e-4:
        grow = angle / (2.0 * sin)
        return x * grow, y * grow, z * grow
    if cos > 0.0:
        return x / 2.0, y / 2.0, z / 2.0
    u = math.sqrt(max((turn[0, 0] + 1.0) / 2.0, 0.0))
    v = math.copysign(math.sqrt(max((turn[1, 1] + 1.0) / 2.0, 0.0)), turn[0, 1] if u > 1e-6 else 1.0)
    w = math.sqrt(max((turn[2, 2] + 1.0) / 2.0, 0.0))
    w = math.copysign(w, turn[0, 2] if u > 1e-6 else turn[1, 2])
    return u * angle, v * angle, w * angle


@compiled
def blended(a: np.ndarray, b: np.ndarray, part: float) -> np.ndarray:
    """From rotations `a` (0) to `b` (1), the short way round."""
    between, out = np.empty((3, 3)), np.empty((3, 3))
    back_from(a, b, between)
    x, y, z = rotation_vector(between)
    about(part * x, part * y, part * z, between)
    product(a, between, out)
    return out


@compiled
def frame(first: tuple[float, float, float], towards: tuple[float, float, float], out: np.ndarray) -> None:
    """Into out [3, 3] as columns: `first` made unit, the part of `towards` across it, and their cross product."""
    a, b, c = first
    size = max(math.sqrt(a * a + b * b + c * c), 1e-12)
    a, b, c = a / size, b / size, c / size
    x, y, z = towards
    along = a * x + b * y + c * z
    x, y, z = x - along * a, y - along * b, z - along * c
    size = max(math.sqrt(x * x + y * y + z * z), 1e-12)
    x, y, z = x / size, y / size, z / size
    out[0, 0], out[1, 0], out[2, 0] = a, b, c
    out[0, 1], out[1, 1], out[2, 1] = x, y, z
    out[0, 2], out[1, 2], out[2, 2] = b * z - c * y, c * x - a * z, a * y - b * x
