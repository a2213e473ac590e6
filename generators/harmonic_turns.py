"""Real spherical harmonics, INRIA's order and signs, told in turned or mirrored axes.

The matrices of degree 2 and 3 follow from that of degree 1, which is the turn itself, by the recursion of Ivanic and
Ruedenberg (J. Phys. Chem. 1996, 100, 6342, with the erratum of 1998). It is homogeneous in the turn's entries, so a
turn that mirrors (determinant -1) gives the matrix of the mirror just as well.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_YZX = (1, 2, 0)
"""Degree 1 is (y, z, x) in order m = -1, 0, 1."""


def harmonic_turns(turn: Floats, count: int) -> list[Floats]:
    """One orthogonal matrix a degree, [1, 1], [3, 3] ..., for `count` = 1, 4, 9 or 16 coefficients: D c looks along
    turn @ d as c looked along d."""
    first = np.asarray(turn, np.float64)[np.ix_(_YZX, _YZX)]
    found = [np.ones((1, 1)), first]
    for degree in range(2, math.isqrt(count)):
        found.append(_next(first, found[-1], degree))
    return [_signed(matrix) for matrix in found[: math.isqrt(count)]]


def turned_harmonics(sh: NDArray[np.float32], turn: Floats) -> NDArray[np.float32]:
    """sh [N, K, 3] of splats that were turned (and perhaps mirrored) by `turn` [3, 3]."""
    turned = np.array(sh, np.float32)
    for degree, matrix in enumerate(harmonic_turns(turn, sh.shape[1])):
        if degree:
            own = slice(degree**2, (degree + 1) ** 2)
            turned[:, own] = np.einsum("jk,nkc->njc", matrix.astype(np.float32), sh[:, own], optimize=True)
    return turned


def _signed(matrix: Floats) -> Floats:
    """The recursion knows no Condon-Shortley phase; INRIA's coefficients carry (-1)^m."""
    degree = len(matrix) // 2
    signs = np.array([(-1.0) ** m for m in range(-degree, degree + 1)])
    return signs[:, None] * matrix * signs


def _next(first: Floats, before: Floats, degree: int) -> Floats:
    """The matrix of `degree` from those of degree 1 and of one degree less; entries are named by orders m, n."""
    size, last = 2 * degree + 1, degree - 1

    def part(i: int, m: int, n: int) -> float:
        def lower(order: int) -> float:
            return float(before[m + last, order + last])

        if n == degree:
            return first[i + 1, 2] * lower(last) - first[i + 1, 0] * lower(-last)
        if n == -degree:
            return first[i + 1, 2] * lower(-last) + first[i + 1, 0] * lower(last)
        return first[i + 1, 1] * lower(n)

    orders = range(-degree, degree + 1)
    return np.array([_entry(part, degree, m, n) for m in orders for n in orders]).reshape(size, size)


def _entry(part: Callable[[int, int, int], float], degree: int, m: int, n: int) -> float:
    """u U + v V + w W of the paper, leaving out what is multiplied by zero."""
    size, zero = abs(m), m == 0
    below = (degree + n) * (degree - n) if abs(n) < degree else 2 * degree * (2 * degree - 1)
    u = math.sqrt((degree + m) * (degree - m) / below)
    v = 0.5 * math.sqrt((1 + zero) * (degree + size - 1) * (degree + size) / below) * (1 - 2 * zero)
    w = -0.5 * math.sqrt((degree - size - 1) * (degree - size) / below) * (1 - zero)
    return (u and u * part(0, m, n)) + v * _outer(part, m, n) + (w and w * _inner(part, m, n))


def _outer(part: Callable[[int, int, int], float], m: int, n: int) -> float:
    """V."""
    if m == 0:
        return part(1, 1, n) + part(-1, -1, n)
    if abs(m) == 1:
        return math.sqrt(2.0) * part(m, 0, n)
    if m > 0:
        return part(1, m - 1, n) - part(-1, 1 - m, n)
    return part(1, m + 1, n) + part(-1, -m - 1, n)


def _inner(part: Callable[[int, int, int], float], m: int, n: int) -> float:
    """W, where m is not 0."""
    if m > 0:
        return part(1, m + 1, n) + part(-1, -m - 1, n)
    return part(1, m - 1, n) - part(-1, 1 - m, n)
