"""What the joints themselves ask of a pose, compiled: to be at home, and within their limits."""

import math

import numpy as np

from bridge.compiled import compiled
from capture.solve.turn_kernels import about, rotation_vector


@compiled
def twist(turn: np.ndarray, axis: int) -> float:
    """How far a rotation turns about one of its axes: the twist of swing and twist."""
    j, k = (axis + 1) % 3, (axis + 2) % 3
    return math.atan2(turn[k, j] - turn[j, k], turn[j, j] + turn[k, k])


@compiled
def back(vector: tuple[float, float, float], i: int, j: int) -> float:
    """How the rotation vector's i changes when its rotation turns on by a little about its own axis j."""
    x, y, z = vector
    square = x * x + y * y + z * z
    angle = math.sqrt(square)
    curl = (1.0 - angle / 2.0 / math.tan(angle / 2.0)) / square if angle > 1e-4 else 1.0 / 12.0
    along = vector[i] * vector[j] - (square if i == j else 0.0)
    if i == j:
        return 1.0 + curl * along
    cross = vector[3 - i - j] * (1.0 if (j - i) % 3 == 2 else -1.0)
    return cross / 2.0 + curl * along


@compiled
def strain(
    rotations: np.ndarray,
    asked: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    ranges: np.ndarray,
    limit_rad: float,
    normal: np.ndarray,
    moment: np.ndarray,
) -> None:
    """Adds each unknown's wish to the normal equations, whose first three rows are the root's.

    `asked`: the bone that each unknown turns, about which axis, how many share the turn, and whether only the twist is
    meant. `ranges` [D, 3]: lowest, highest, ease.
    """
    leads, axes, sharers, twisted = asked
    vector = (0.0, 0.0, 0.0)
    for d in range(len(leads)):
        slopes, bent = np.zeros(len(leads)), 0.0
        if twisted[d]:
            bent = twist(rotations[leads[d]], axes[d])
            slopes[d] = 1.0
        else:
            vector = rotation_vector(rotations[leads[d]])
            bent = vector[int(axes[d])] * sharers[d]
            for e in range(len(leads)):
                if leads[e] == leads[d]:
                    slopes[e] = back(vector, axes[d], axes[e])
        over = max(bent - ranges[d, 1], 0.0) + min(bent - ranges[d, 0], 0.0)
        weight = ranges[d, 2] ** -2 + (limit_rad**-2 if over != 0.0 else 0.0)
        pull = ranges[d, 2] ** -2 * bent + limit_rad**-2 * over
        for e in range(max(d - 2, 0), min(d + 3, len(leads))):
            moment[3 + e] -= slopes[e] * pull
            for f in range(max(d - 2, 0), min(d + 3, len(leads))):
                normal[3 + e, 3 + f] += weight * slopes[e] * slopes[f]


@compiled
def turned(
    rotations: np.ndarray, terms: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], step: np.ndarray
) -> np.ndarray:
    """The rotations after each bone turned on, in its own axes, by its shares of the unknowns' step."""
    bone, axis, unknown, share = terms
    amounts = np.zeros((len(rotations), 3))
    for t in range(len(bone)):
        amounts[bone[t], axis[t]] += step[unknown[t]] * share[t]
    out, turn = rotations.copy(), np.empty((3, 3))
    for b in range(len(rotations)):
        x, y, z = amounts[b, 0], amounts[b, 1], amounts[b, 2]
        if x == 0.0 and y == 0.0 and z == 0.0:
            continue
        about(x, y, z, turn)
        for i in range(3):
            for j in range(3):
                out[b, i, j] = (
                    rotations[b, i, 0] * turn[0, j] + rotations[b, i, 1] * turn[1, j] + rotations[b, i, 2] * turn[2, j]
                )
    return out
