"""One step of many points' Kalman filters, compiled: 3 by 3 systems, one a point."""

import numpy as np

from bridge.compiled import compiled


@compiled
def solved(left: np.ndarray, right: np.ndarray) -> None:
    """Into right [3, N] what left [3, 3] makes of it; both are used up. Gauss, the largest pivot of each column."""
    width = right.shape[1]
    for k in range(3):
        best = k
        for i in range(k + 1, 3):
            if abs(left[i, k]) > abs(left[best, k]):
                best = i
        if best != k:
            for j in range(3):
                left[k, j], left[best, j] = left[best, j], left[k, j]
            for j in range(width):
                right[k, j], right[best, j] = right[best, j], right[k, j]
        for i in range(k + 1, 3):
            part = left[i, k] / left[k, k]
            for j in range(k + 1, 3):
                left[i, j] -= part * left[k, j]
            for j in range(width):
                right[i, j] -= part * right[k, j]
    for j in range(width):
        right[2, j] /= left[2, 2]
        right[1, j] = (right[1, j] - left[1, 2] * right[2, j]) / left[1, 1]
        right[0, j] = (right[0, j] - left[0, 1] * right[1, j] - left[0, 2] * right[2, j]) / left[0, 0]


@compiled
def all_solved(left: np.ndarray, right: np.ndarray) -> None:
    """The same for many at once, [M, 3, 3]."""
    for m in range(len(left)):
        solved(left[m], right[m])


@compiled
def loosened(information: np.ndarray, place: np.ndarray, part: float, out: np.ndarray) -> None:
    """Into out [3, 3] the inverse of (place + noise), without inverting an information that is thin along a ray.

    `part` of the information [3, 3] counts.
    """
    left = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            out[i, j] = part * information[i, j]
    for i in range(3):
        for j in range(3):
            left[i, j] = 1.0 if i == j else 0.0
            for k in range(3):
                left[i, j] += out[i, k] * place[k, j]
    solved(left, out)


@compiled
def corrected(
    means: tuple[np.ndarray, np.ndarray],
    spreads: tuple[np.ndarray, np.ndarray, np.ndarray],
    points_m: np.ndarray,
    information: np.ndarray,
    seen: np.ndarray,
    doubt: float,
) -> None:
    """Takes points [P, 3] in, where seen [P], in place. A leap of `doubt` standard deviations counts half.

    `means` [P, 3]: position, velocity. `spreads` [P, 3, 3]: covariance of position, of it with velocity, of velocity.
    """
    position, velocity = means
    place, cross, speed = spreads
    heed, news = np.empty((3, 3)), np.empty(3)
    for p in range(len(points_m)):
        if seen[p]:
            surprise = 0.0
            loosened(information[p], place[p], 1.0, heed)
            for i in range(3):
                news[i] = points_m[p, i] - position[p, i]
            for i in range(3):
                for j in range(3):
                    surprise += news[i] * heed[i, j] * news[j]
            loosened(information[p], place[p], 1.0 / (1.0 + surprise / (3.0 * doubt * doubt)), heed)
            moved(position[p], velocity[p], place[p], cross[p], heed, news)
            surer(place[p], cross[p], speed[p], heed)
        even(place[p])
        even(speed[p])


@compiled
def moved(
    position: np.ndarray, velocity: np.ndarray, place: np.ndarray, cross: np.ndarray, heed: np.ndarray, news: np.ndarray
) -> None:
    """Position and velocity by as much of the news as is heeded."""
    for k in range(3):
        pull = heed[k, 0] * news[0] + heed[k, 1] * news[1] + heed[k, 2] * news[2]
        for i in range(3):
            position[i] += place[i, k] * pull
            velocity[i] += cross[k, i] * pull


@compiled
def surer(place: np.ndarray, cross: np.ndarray, speed: np.ndarray, heed: np.ndarray) -> None:
    """The three covariances less what the news told."""
    gain, back, was = np.empty((3, 3)), np.empty((3, 3)), np.empty((2, 3, 3))
    for i in range(3):
        for j in range(3):
            was[0, i, j], was[1, i, j] = place[i, j], cross[i, j]
            gain[i, j] = place[i, 0] * heed[0, j] + place[i, 1] * heed[1, j] + place[i, 2] * heed[2, j]
            back[i, j] = cross[0, i] * heed[0, j] + cross[1, i] * heed[1, j] + cross[2, i] * heed[2, j]
    for i in range(3):
        for j in range(3):
            for k in range(3):
                place[i, j] -= gain[i, k] * was[0, k, j]
                cross[i, j] -= gain[i, k] * was[1, k, j]
                speed[i, j] -= back[i, k] * was[1, k, j]


@compiled
def even(covariance: np.ndarray) -> None:
    """As symmetric as a covariance is."""
    for i in range(3):
        for j in range(i):
            covariance[i, j] = covariance[j, i] = (covariance[i, j] + covariance[j, i]) / 2.0
