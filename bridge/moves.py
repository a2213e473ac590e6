"""Camera moves to judge prediction by, and what a wrong pose costs in camera pixels.

A move is a true path and what a tracker says of it. `dolly` makes one; a recording is its own truth, noise included.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge import prediction, zoom
from bridge.clock import NS_PER_S
from bridge.frames import (
    Quaternion,
    Vector,
    matrix_from_quat,
    quat_from_pan_tilt_roll,
    quat_from_rotation_vector,
    quat_multiply,
    quat_slerp,
)

Floats = NDArray[np.float64]
Pose = tuple[Vector, Quaternion]


class Move(NamedTuple):
    """N evenly spaced samples: stage_from_camera as the tracker says it and as it was, and the focal length."""

    rate_hz: float
    measured: list[Pose]
    true: list[Pose]
    focal_px: Floats


class View(NamedTuple):
    """What the error is seen through: the picture's size, how far the wall is, and how far what it shows."""

    width_px: float = 1920.0
    height_px: float = 1080.0
    wall_m: float = 4.0
    content_m: float = 12.0


class Errors(NamedTuple):
    """Camera pixels, one value for each sample whose moment of display lies within the move."""

    edge_px: Floats
    """The farthest that a corner or the middle of an edge of the inner frustum is displaced on the wall."""
    inside_px: Floats
    """By how much the content slides against the true world: parallax, from the pupil's displacement alone."""


class Figures(NamedTuple):
    """What prediction is worth: percentile errors without and with it, and how many times lower they are."""

    edge_without_px: float
    edge_with_px: float
    inside_without_px: float
    inside_with_px: float

    @property
    def edge_ratio(self) -> float:
        """Without over with."""
        return self.edge_without_px / self.edge_with_px

    @property
    def inside_ratio(self) -> float:
        """Without over with."""
        return self.inside_without_px / self.inside_with_px


def recorded(rate_hz: float, poses: list[Pose], focal_px: Floats) -> Move:
    """A recording: the measured path is the truth."""
    return Move(rate_hz, poses, poses, focal_px)


def dolly(rate_hz: float, seconds: float, seed: int, *, shake: float = 1.0, noise: float = 1.0) -> Move:
    """Runs of 3 m at 1 m/s to the right and back, eased over 1 s, with rests, while the camera sweeps 20 deg.

    `shake` times 1 mm and 0.06 deg rms between 0.3 and 6 Hz, amplitude falling with frequency, is the operator's hand;
    `noise` times 0.1 mm and 0.005 deg rms is the tracker's. The tracked point is 0.2 m above the axes of the head.
    """
    random = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    base = np.stack((_shuttle(t, 3.0, 1.0, 1.0) - 1.5, np.zeros_like(t), np.full_like(t, 1.6)), axis=1)
    base += _shake(random, t, 0.001 * shake)
    angles_deg = _shake(random, t, 0.06 * shake)
    angles_deg[:, 0] += _shuttle(t + 2.3, 20.0, 10.0, 0.7) - 10.0
    true = [_on_head(place, angles) for place, angles in zip(base.tolist(), angles_deg.tolist(), strict=True)]
    off_m = random.normal(0.0, 1e-4 * noise, (len(t), 3)).tolist()
    turn_rad = random.normal(0.0, math.radians(0.005) * noise, (len(t), 3)).tolist()
    measured = [_disturbed(pose, *off) for pose, *off in zip(true, off_m, turn_rad, strict=True)]
    return Move(rate_hz, measured, true, np.full(len(t), 2000.0))


def prediction_errors(
    move: Move, horizon_s: float, view: View | None = None, *, percentile: float = 95.0, skip: int = 0
) -> Figures:
    """The product's own prediction over a move, judged `horizon_s` after each sample; the first `skip` do not count."""
    shown = view or View()
    without = errors(move, move.measured, horizon_s, shown)
    ahead = errors(move, predicted(move, horizon_s), horizon_s, shown)
    pairs = ((without.edge_px, ahead.edge_px), (without.inside_px, ahead.inside_px))
    return Figures(*(float(np.percentile(values[skip:], percentile)) for pair in pairs for values in pair))


def predicted(move: Move, horizon_s: float) -> list[Pose]:
    """What `bridge.prediction` says at each sample of the pose `horizon_s` later."""
    settings = prediction.Prediction(1.0 / move.rate_hz, horizon_s)
    state, ahead = None, list[Pose]()
    for index, (position_m, rotation) in enumerate(move.measured):
        t_ns = round(index * NS_PER_S / move.rate_hz)
        state = prediction.step(settings, state, t_ns, position_m, rotation)
        ahead.append(prediction.predict(state, horizon_s))
    return ahead


def zoomed(rate_hz: float, focal_mm: Sequence[float], horizon_s: float) -> list[float]:
    """What `bridge.zoom` says at each sample of the focal length `horizon_s` later."""
    settings = prediction.Prediction(1.0 / rate_hz, horizon_s)
    state, ahead = None, list[float]()
    for index, focal in enumerate(focal_mm):
        t_ns = round(index * NS_PER_S / rate_hz)
        state = zoom.step(settings, state, t_ns, math.log(focal))
        ahead.append(focal * math.exp(zoom.predict(state, t_ns + round(horizon_s * NS_PER_S))))
    return ahead


def errors(move: Move, drawn: list[Pose], horizon_s: float, view: View | None = None) -> Errors:
    """What it costs to draw the wall with `drawn[k]` for the moment `horizon_s` after sample k."""
    shown = view or View()
    last = len(move.true) - 1 - horizon_s * move.rate_hz
    rows = [
        _error(shown, pose, true_at(move, k + horizon_s * move.rate_hz), float(move.focal_px[k]))
        for k, pose in enumerate(drawn)
        if k <= last
    ]
    edge_px, inside_px = zip(*rows, strict=True)
    return Errors(np.array(edge_px), np.array(inside_px))


def true_at(move: Move, index: float) -> Pose:
    """The true pose between two samples."""
    low = min(int(index + 1e-9), len(move.true) - 1)
    (a, p), (b, q) = move.true[low], move.true[min(low + 1, len(move.true) - 1)]
    part = max(0.0, index - low)
    x, y, z = (start + (end - start) * part for start, end in zip(a, b, strict=True))
    return (x, y, z), quat_slerp(p, q, part)


def _error(view: View, drawn: Pose, true: Pose, focal_px: float) -> tuple[float, float]:
    """Rays of the drawn frustum meet a wall square to the true camera, and are seen by it."""
    half_w, half_h = 0.5 * view.width_px / focal_px, 0.5 * view.height_px / focal_px
    rim = np.array([(u * half_w, 1.0, v * half_h) for u in (-1, 0, 1) for v in (-1, 0, 1) if u or v])
    true_from_stage = matrix_from_quat(true[1]).T
    off_m = true_from_stage @ (np.array(drawn[0]) - np.array(true[0]))
    rays = rim @ (true_from_stage @ matrix_from_quat(drawn[1])).T
    points_m = off_m + rays * ((view.wall_m - off_m[1]) / rays[:, 1:2])
    seen = points_m / points_m[:, 1:2]
    edge_px = float(np.linalg.norm(seen - rim, axis=1).max()) * focal_px
    return edge_px, focal_px * float(np.linalg.norm(off_m)) * abs(1.0 / view.wall_m - 1.0 / view.content_m)


def _on_head(place: list[float], angles_deg: list[float]) -> Pose:
    rotation = quat_from_pan_tilt_roll(*angles_deg)
    x, y, z = matrix_from_quat(rotation) @ np.array((0.0, 0.12, 0.2)) + np.array(place)
    return (float(x), float(y), float(z)), rotation


def _disturbed(pose: Pose, off_m: list[float], turn_rad: list[float]) -> Pose:
    (x, y, z), (a, b, c) = pose[0], off_m
    u, v, w = turn_rad
    return (x + a, y + b, z + c), quat_multiply(pose[1], quat_from_rotation_vector((u, v, w)))


def _shuttle(t: Floats, length: float, speed: float, rest_s: float) -> Floats:
    """There and back at a steady speed; a second of raised cosine to start and to stop, a rest at either end."""
    run_s = length / speed + 1.0
    phase = np.mod(t, 2.0 * (run_s + rest_s))
    there = _eased(np.clip(phase - rest_s, 0.0, run_s), run_s)
    back = _eased(np.clip(phase - 2.0 * rest_s - run_s, 0.0, run_s), run_s)
    return speed * (there - back)


def _eased(t: Floats, run_s: float) -> Floats:
    """Distance at unit speed, which rises and falls as half a cosine over a second."""

    def ramp(s: Floats) -> Floats:
        return s / 2.0 - np.sin(np.pi * s) / (2.0 * np.pi)

    leaving = np.clip(t - (run_s - 1.0), 0.0, 1.0)
    return ramp(np.clip(t, 0.0, 1.0)) + np.clip(t - 1.0, 0.0, run_s - 2.0) + 0.5 - ramp(1.0 - leaving)


def _shake(random: np.random.Generator, t: Floats, rms: float) -> Floats:
    """[N, 3]: sines an eighth of a decade apart, amplitude as 1/f, phases and details drawn."""
    out = np.empty((len(t), 3))
    for axis in range(3):
        hz = np.geomspace(0.3, 6.0, 14) * random.uniform(0.85, 1.15, 14)
        size = random.uniform(0.5, 1.5, 14) / hz
        size *= rms * math.sqrt(2.0) / math.sqrt(float((size**2).sum()))
        out[:, axis] = size @ np.sin(2.0 * np.pi * hz[:, None] * t + random.uniform(0.0, 2.0 * np.pi, (14, 1)))
    return out
