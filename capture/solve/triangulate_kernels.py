"""The points where many sight lines nearly meet, compiled: weighted, and reweighted by how well each camera agrees."""

import numpy as np

from bridge.compiled import compiled


@compiled
def settled(n: np.ndarray, right: np.ndarray, towards: np.ndarray, out: np.ndarray) -> None:
    """The point of one symmetric 3 by 3 system; along what nothing is known of it stays near `towards`."""
    thin = 1e-12 * (n[0, 0] + n[1, 1] + n[2, 2]) + 1e-15
    a, b, c = n[0, 0] + thin, n[1, 1] + thin, n[2, 2] + thin
    d, e, f = n[0, 1], n[0, 2], n[1, 2]
    x, y, z = (right[0] + thin * towards[0], right[1] + thin * towards[1], right[2] + thin * towards[2])
    aa, bb, cc = b * c - f * f, a * c - e * e, a * b - d * d
    dd, ee, ff = e * f - d * c, d * f - e * b, d * e - a * f
    whole = a * aa + d * dd + e * ee
    out[0] = (aa * x + dd * y + ee * z) / whole
    out[1] = (dd * x + bb * y + ff * z) / whole
    out[2] = (ee * x + ff * y + cc * z) / whole


@compiled
def settle(
    matrices: np.ndarray,
    plane: np.ndarray,
    trust: np.ndarray,
    robust_unit: np.ndarray,
    steps: tuple[int, int, float],
    towards: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points [P, 3], information [P, 3, 3] and errors [C, P] of sightings [C, P, 2] trusted [C, P, 2].

    `trust`: weight, and expected error on the plane. `steps`: how many without and with robust weights, and Cauchy's
    width in expected errors.
    """
    cameras, count = plane.shape[0], plane.shape[1]
    points, information = np.empty((count, 3)), np.empty((count, 3, 3))
    errors = np.zeros((cameras, count))
    rows, right = np.empty((cameras, 2, 3)), np.empty((cameras, 2))
    moment, far, agreed = np.empty(3), np.empty(cameras), np.empty(cameras)
    for p in range(count):
        for c in range(cameras):
            far[c], agreed[c] = 1.0, 1.0
            for r in range(2):
                for i in range(3):
                    rows[c, r, i] = matrices[c, r, i] - plane[c, p, r] * matrices[c, 2, i]
                right[c, r] = plane[c, p, r] * matrices[c, 2, 3] - matrices[c, r, 3]
        for turn in range(steps[0] + steps[1] + 1):
            information[p], moment[:] = 0.0, 0.0
            for c in range(cameras):
                if trust[c, p, 0] <= 0.0:
                    continue
                pull = trust[c, p, 0] * agreed[c] / (trust[c, p, 1] * far[c]) ** 2
                for r in range(2):
                    for i in range(3):
                        moment[i] += pull * rows[c, r, i] * right[c, r]
                        for j in range(3):
                            information[p, i, j] += pull * rows[c, r, i] * rows[c, r, j]
            settled(information[p], moment, towards, points[p])
            for c in range(cameras):
                depth, square = matrices[c, 2, 3], 0.0
                for i in range(3):
                    depth += matrices[c, 2, i] * points[p, i]
                far[c] = max(abs(depth), 0.1)
                for r in range(2):
                    off = -right[c, r]
                    for i in range(3):
                        off += rows[c, r, i] * points[p, i]
                    square += off * off
                errors[c, p] = np.sqrt(square) / (far[c] * trust[c, p, 1])
                if turn >= steps[0]:
                    cauchy = 1.0 / (1.0 + (errors[c, p] / steps[2]) ** 2)
                    agreed[c] = 1.0 + robust_unit[c] * (cauchy - 1.0)
    return points, information, errors
