"""One motion in up to three axes: its velocities, and what they are worth, learnt from how well they foretold.

Three low passes follow the velocity; least squares that forget weigh them by what displacement over the horizon truly
followed from each. Before anything is learnt, and where the motion teaches nothing, the middle one goes on as it is.
"""

import math
from collections import deque

from bridge.frames import Vector

MEMORY_S = 20.0
_LESSON_HZ = 60.0  # a faster stream is followed sample by sample, but teaches only about this often
GAP_S = 0.1
"""After a longer one, velocities start afresh; what was learnt stays."""
_LOW_PASSES_S = (0.02, 0.06, 0.2)
_PRIOR = (1.0, 0.0, 0.0)  # go on with the middle one
_RIDGE = 0.01  # of what each has taught
_LEAST = 1e-6  # and of all that was seen: where nothing changes, nothing is learnt of change
_BOUND = 1.5  # a guess never goes further than this times the fastest velocity

Six = tuple[float, float, float, float, float, float]
"""A symmetric 3x3 matrix: xx, xy, xz, yy, yz, zz."""
Velocities = tuple[Vector, Vector, Vector]

NOTHING: Six = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
STILL: Velocities = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))


class Course:
    """One motion in three axes (metres, radians, counts): its low-passed velocities, and what they foretell."""

    __slots__ = ("leaps", "moments", "past", "products", "steps", "total", "velocities", "weights")

    def __init__(self, samples: int) -> None:
        self.total: Vector = (0.0, 0.0, 0.0)
        self.velocities = STILL
        self.leaps = 0
        """In a row."""
        self.steps = 0
        """Since the velocities were last forgotten."""
        self.past: deque[tuple[Vector, Velocities]] = deque(maxlen=samples + 1)
        self.products = NOTHING
        self.moments: Vector = (0.0, 0.0, 0.0)
        self.weights: Vector = _PRIOR


def follow(course: Course, step: Vector, dt_s: float, keep: float | None) -> None:
    """One step over `dt_s`: velocities and total.

    In a lesson, what the velocities of a horizon ago foretold is held against what came; `keep` of earlier ones stays.
    """
    x, y, z = step
    vx, vy, vz = x / dt_s, y / dt_s, z / dt_s
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = course.velocities
    course.steps += 1
    f, g, h = _gains(dt_s, course.steps)
    course.velocities = now = (
        (ax + f * (vx - ax), ay + f * (vy - ay), az + f * (vz - az)),
        (bx + g * (vx - bx), by + g * (vy - by), bz + g * (vz - bz)),
        (cx + h * (vx - cx), cy + h * (vy - cy), cz + h * (vz - cz)),
    )
    tx, ty, tz = course.total
    course.total = total = (tx + x, ty + y, tz + z)
    past = course.past
    past.append((total, now))
    if keep is not None and len(past) == past.maxlen:
        _learn(course, (len(past) - 1) * dt_s, keep)


def forget(course: Course) -> None:
    """After a gap: how fast it moves is not known any more."""
    course.past.clear()
    course.velocities, course.steps = STILL, 0


def lesson_samples(period_s: float) -> int:
    """Every so manieth sample is a lesson."""
    return max(1, round(1.0 / (period_s * _LESSON_HZ)))


def _gains(dt_s: float, steps: int) -> Vector:
    """Of the three low passes; the first steps are averaged, so that no low pass starts from rest."""
    f, g, h = _LOW_PASSES_S
    if steps * dt_s > h:
        return dt_s / (f + dt_s), dt_s / (g + dt_s), dt_s / (h + dt_s)
    return max(dt_s / (f + dt_s), 1.0 / steps), max(dt_s / (g + dt_s), 1.0 / steps), 1.0 / steps


def _learn(course: Course, span_s: float, keep: float) -> None:
    """Least squares with forgetting: total displacement over the span on span times the three old velocities."""
    (ox, oy, oz), ((fx, fy, fz), (ax, ay, az), (sx, sy, sz)) = course.past[0]
    bx, by, bz, cx, cy, cz = fx - ax, fy - ay, fz - az, ax - sx, ay - sy, az - sz
    tx, ty, tz = course.total
    dx, dy, dz = (tx - ox) / span_s, (ty - oy) / span_s, (tz - oz) / span_s
    p, q, r, s, t, u = course.products
    course.products = p, q, r, s, t, u = (
        keep * p + ax * ax + ay * ay + az * az,
        keep * q + ax * bx + ay * by + az * bz,
        keep * r + ax * cx + ay * cy + az * cz,
        keep * s + bx * bx + by * by + bz * bz,
        keep * t + bx * cx + by * cy + bz * cz,
        keep * u + cx * cx + cy * cy + cz * cz,
    )
    e, m, n = course.moments
    course.moments = e, m, n = (
        keep * e + ax * dx + ay * dy + az * dz,
        keep * m + bx * dx + by * dy + bz * dz,
        keep * n + cx * dx + cy * dy + cz * dz,
    )
    if u > 1e-18:
        least = _LEAST * p
        i, j, k = _RIDGE * p, _RIDGE * s + least, _RIDGE * u + least
        a, b, c = _PRIOR
        course.weights = solve((p + i, q, r, s + j, t, u + k), (e + i * a, m + j * b, n + k * c))


def ahead(course: Course, horizon_s: float) -> Vector:
    """The displacement that the velocities foretell, bounded by the fastest of them."""
    (i, j, k), ((ax, ay, az), (bx, by, bz), (cx, cy, cz)) = course.weights, course.velocities
    i, j, k = j, i - j + k, -k  # of the velocities themselves
    x, y, z = i * ax + j * bx + k * cx, i * ay + j * by + k * cy, i * az + j * bz + k * cz
    square = x * x + y * y + z * z
    fastest = max(ax * ax + ay * ay + az * az, bx * bx + by * by + bz * bz, cx * cx + cy * cy + cz * cz)
    if square > _BOUND * _BOUND * fastest:
        horizon_s *= _BOUND * math.sqrt(fastest / square)
    return (x * horizon_s, y * horizon_s, z * horizon_s)


def solve(matrix: Six, right: Vector) -> Vector:
    """A symmetric positive definite 3x3 system, by Cramer's rule."""
    a, b, c, d, e, f = matrix
    x, y, z = right
    g, h, i = d * f - e * e, c * e - b * f, b * e - c * d
    determinant = a * g + b * h + c * i
    j, k, m = a * f - c * c, b * c - a * e, a * d - b * b
    return (
        (g * x + h * y + i * z) / determinant,
        (h * x + j * y + k * z) / determinant,
        (i * x + k * y + m * z) / determinant,
    )
