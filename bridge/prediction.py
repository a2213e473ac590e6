"""Where the camera will be when the wall lights up, learnt from how well earlier guesses would have done.

A camera turns about the head it stands on: its position is a pivot plus a lever that turns with it. Learnt while it
moves, by least squares that forget within `MEMORY_S`: the lever; how a displacement over the horizon follows from
the pivot's velocity, low-passed three ways; and the same for the turn, in the camera's own axes. Both start from
"go on as now" and are held to it by a ridge. All sums run over the three axes alike, so turning the stage turns the
prediction. `docs/prediction.md` has the study behind it.
"""

import math
from collections import deque

import msgspec

from bridge.clock import NS_PER_S
from bridge.course import GAP_S, MEMORY_S, NOTHING, Course, ahead, follow, forget, lesson_samples, solve
from bridge.frames import (
    Quaternion,
    Vector,
    quat_from_rotation_vector,
    quat_inverse,
    quat_multiply,
    quat_normalise,
    quat_rotate,
    rotation_vector_from_quat,
)

_LEVER_NOISE_RAD = math.radians(0.005)  # changes of turn smaller than this teach no lever
_LEVER_FROM, _LEVER_FULL = 0.3, 0.7  # used in full where it explains this share of all displacement
_LONGEST_M = 10.0
_LEAP_M, _LEAP_RAD = 1.6, 7.0  # per second, a change from one sample to the next that no camera makes
_LEAPS = 3  # in a row are motion all the same


class Prediction(msgspec.Struct, frozen=True):
    """What is known before the first pose."""

    period_s: float
    horizon_s: float
    """How far ahead guesses are mostly asked for: what is learnt, is learnt for this."""


class Motion:
    """What is remembered from pose to pose; `step` changes it in place, for speed."""

    __slots__ = (
        "lesson_poses",
        "lever_m",
        "lever_moments",
        "lever_products",
        "moved",
        "past",
        "pivot",
        "poses",
        "position_m",
        "rotation_wxyz",
        "t_ns",
        "travelled_m",
        "turning",
        "unexplained",
    )

    def __init__(self, settings: Prediction, t_ns: int, position_m: Vector, rotation: Quaternion) -> None:
        samples = max(1, round(settings.horizon_s / settings.period_s))
        self.t_ns, self.position_m, self.rotation_wxyz = t_ns, position_m, rotation
        self.travelled_m: Vector = (0.0, 0.0, 0.0)
        """What was moved, leaps left out."""
        self.pivot, self.turning = Course(samples), Course(samples)
        self.past: deque[tuple[Vector, Vector, Quaternion]] = deque(maxlen=2 * samples + 1)
        self.poses = 0
        self.lesson_poses = lesson_samples(settings.period_s)
        self.lever_m: Vector = (0.0, 0.0, 0.0)
        self.lever_products = NOTHING
        self.lever_moments: Vector = (0.0, 0.0, 0.0)
        self.moved = self.unexplained = 0.0


def step(settings: Prediction, state: Motion | None, t_ns: int, position_m: Vector, rotation: Quaternion) -> Motion:
    """The next pose. One or a few missing before it are taken to lie evenly between; time never runs backwards."""
    if state is None:
        return Motion(settings, t_ns, position_m, rotation)
    dt_s = (t_ns - state.t_ns) / NS_PER_S
    if dt_s <= 0.0:
        return state
    if dt_s > max(GAP_S, 3.5 * settings.period_s):
        _forget_velocities(state)
        state.t_ns, state.position_m, state.rotation_wxyz = t_ns, position_m, rotation
        return state
    (px, py, pz), (x, y, z) = state.position_m, position_m
    turn = rotation_vector_from_quat(quat_multiply(quat_inverse(state.rotation_wxyz), rotation))
    steps = max(1, round(dt_s / settings.period_s))
    if steps == 1:
        _advance(settings, state, (x - px, y - py, z - pz), turn, rotation, dt_s)
    else:
        part, (a, b, c), between = 1.0 / steps, turn, state.rotation_wxyz
        small = (a * part, b * part, c * part)
        for _ in range(steps):
            between = quat_normalise(quat_multiply(between, quat_from_rotation_vector(small)))
            _advance(settings, state, ((x - px) * part, (y - py) * part, (z - pz) * part), small, between, dt_s * part)
    state.t_ns, state.position_m, state.rotation_wxyz = t_ns, position_m, rotation
    return state


def predict(state: Motion, horizon_s: float) -> tuple[Vector, Quaternion]:
    """The pose so long after the newest."""
    rotation, lever_m = state.rotation_wxyz, state.lever_m
    turn = ahead(state.turning, horizon_s)
    turned = quat_normalise(quat_multiply(rotation, quat_from_rotation_vector(turn)))
    dx, dy, dz = ahead(state.pivot, horizon_s)
    ax, ay, az = quat_rotate(turned, lever_m)
    bx, by, bz = quat_rotate(rotation, lever_m)
    x, y, z = state.position_m
    return (x + dx + ax - bx, y + dy + ay - by, z + dz + az - bz), turned


def _advance(
    settings: Prediction, state: Motion, move: Vector, turn: Vector, rotation: Quaternion, dt_s: float
) -> None:
    """One period: the lever from what has come to pass, then both courses."""
    if _leaps(state.pivot, move, dt_s, _LEAP_M) or _leaps(state.turning, turn, dt_s, _LEAP_RAD):
        return
    state.poses += 1
    keep = None if state.poses % state.lesson_poses else 1.0 - _lesson_s(settings, state) / MEMORY_S
    follow(state.turning, turn, dt_s, keep)
    (x, y, z), (px, py, pz) = move, state.travelled_m
    state.travelled_m = (px + x, py + y, pz + z)
    _learn_lever(settings, state, rotation, keep)
    ox, oy, oz = state.lever_m
    a, b, c = turn
    lx, ly, lz = quat_rotate(rotation, (b * oz - c * oy, c * ox - a * oz, a * oy - b * ox))
    follow(state.pivot, (x - lx, y - ly, z - lz), dt_s, keep)


def _leaps(course: Course, step: Vector, dt_s: float, most: float) -> bool:
    """Whether the tracker found itself elsewhere: then nothing moved, and nothing is to be learnt."""
    (x, y, z), (vx, vy, vz) = step, course.velocities[0]
    ax, ay, az = x - vx * dt_s, y - vy * dt_s, z - vz * dt_s
    limit = most * dt_s
    leap = ax * ax + ay * ay + az * az > limit * limit and course.steps > 0 and course.leaps < _LEAPS
    course.leaps = course.leaps + 1 if leap else 0
    return leap


def _lesson_s(settings: Prediction, state: Motion) -> float:
    return settings.period_s * state.lesson_poses


def _learn_lever(settings: Prediction, state: Motion, rotation: Quaternion, keep: float | None) -> None:
    """Least squares of the change of displacement, from one horizon to the next, on the change of turn.

    Changes, because a steady run beside a steady pan looks like a circle: it would teach a lever that is not there.
    Told in the axes of the moment between, d = (turn2 - turn1) x lever.
    """
    past = state.past
    past.append((state.travelled_m, state.turning.total, rotation))
    if keep is None or len(past) < (past.maxlen or 0):
        return
    place, turned, _ = past[0]
    place_between, turned_between, between = past[len(past) // 2]
    unturn = quat_inverse(between)
    move, turn = _minus(state.travelled_m, place_between), _minus(state.turning.total, turned_between)
    moves = quat_rotate(unturn, _minus(move, _minus(place_between, place)))
    turns = _minus(turn, _minus(turned_between, turned))
    if turns[0] * turns[0] + turns[1] * turns[1] + turns[2] * turns[2] > 1.0:
        return  # a radian within the horizon is no camera move
    _fit_lever(state, moves, turns, keep)
    v, m, n = state.lever_moments
    p, q, r, s, t, u = state.lever_products
    ridge = _LEVER_NOISE_RAD * _LEVER_NOISE_RAD * MEMORY_S / _lesson_s(settings, state)
    lever_m = solve((p + ridge, q, r, s + ridge, t, u + ridge), (v, m, n))
    share = _share(state, lever_m, quat_rotate(unturn, move), turn, keep)
    state.lever_m = (lever_m[0] * share, lever_m[1] * share, lever_m[2] * share)


def _fit_lever(state: Motion, moves: Vector, turns: Vector, keep: float) -> None:
    """Add `moves = turns x lever` to the normal equations."""
    (x, y, z), (a, b, c) = moves, turns
    square = a * a + b * b + c * c
    p, q, r, s, t, u = state.lever_products
    state.lever_products = (
        keep * p + square - a * a,
        keep * q - a * b,
        keep * r - a * c,
        keep * s + square - b * b,
        keep * t - b * c,
        keep * u + square - c * c,
    )
    v, m, n = state.lever_moments
    state.lever_moments = keep * v + y * c - z * b, keep * m + z * a - x * c, keep * n + x * b - y * a


def _share(state: Motion, lever_m: Vector, move: Vector, turn: Vector, keep: float) -> float:
    """How far the lever is used: fully where it explains most of what the camera moves, on a dolly not at all."""
    (i, j, k), (x, y, z), (a, b, c) = lever_m, move, turn
    ex, ey, ez = x - b * k + c * j, y - c * i + a * k, z - a * j + b * i
    state.moved = keep * state.moved + x * x + y * y + z * z
    state.unexplained = keep * state.unexplained + ex * ex + ey * ey + ez * ez
    explained = 1.0 - state.unexplained / state.moved if state.moved > 1e-18 else 0.0
    share = min(1.0, max(0.0, (explained - _LEVER_FROM) / (_LEVER_FULL - _LEVER_FROM)))
    return share * min(1.0, _LONGEST_M / math.sqrt(i * i + j * j + k * k + 1e-12))


def _minus(a: Vector, b: Vector) -> Vector:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def _forget_velocities(state: Motion) -> None:
    state.past.clear()
    for course in (state.pivot, state.turning):
        forget(course)
