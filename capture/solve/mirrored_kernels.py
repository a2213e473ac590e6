"""How well a camera's left and right fit what was expected, as they are named and the other way round; compiled."""

import numpy as np

from bridge.compiled import compiled


@compiled
def misfits(
    matrices: np.ndarray,
    sights: tuple[np.ndarray, np.ndarray, np.ndarray],
    expected_m: np.ndarray,
    pairs: np.ndarray,
    most: float,
) -> np.ndarray:
    """[C, 2]: mean squares, as named and exchanged, in expected errors; 0 where too little of a view is known.

    `sights`: plane [C, P, 2], weight [C, P] and expected error [C, P]. `pairs`: rows of left and right [N, 2] of
    `expected_m` [33, 3]. A point is further off than `most` by no more than that.
    """
    cameras, count = len(matrices), len(pairs)
    plane, weight, sigma = sights
    found, there = np.zeros((cameras, 2)), np.empty((2, 2))
    for c in range(cameras):
        told, whole = 0.0, 0
        for n in range(count):
            usable = True
            for side in range(2):
                row = pairs[n, side]
                depth = matrices[c, 2, 3]
                for i in range(3):
                    depth += matrices[c, 2, i] * expected_m[row, i]
                usable = usable and depth > 0.1 and weight[c, row] > 0.0 and np.isfinite(plane[c, row, 0])
                for axis in range(2):
                    there[side, axis] = matrices[c, axis, 3]
                    for i in range(3):
                        there[side, axis] += matrices[c, axis, i] * expected_m[row, i]
                    there[side, axis] /= depth
            if not usable:
                continue
            heed = min(weight[c, pairs[n, 0]], weight[c, pairs[n, 1]])
            told, whole = told + 2.0 * heed, whole + 1
            for side in range(2):
                row = pairs[n, side]
                for way in range(2):
                    other = side if way == 0 else 1 - side
                    away = 0.0
                    for axis in range(2):
                        away += (plane[c, row, axis] - there[other, axis]) ** 2
                    found[c, way] += heed * min(away / sigma[c, row] ** 2, most**2)
        if whole < 3:
            found[c] = 0.0
        else:
            found[c] /= max(told, 1e-9)
    return found
