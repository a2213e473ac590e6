"""How late each camera's clock is: by how fast points move, then by where they must have been.

The first way needs no calibration: what moves fast before one camera moves fast before all. It finds whole frames and
a good part of one. The second needs a rig and is finer: points triangulated from pictures that were not taken at the
same time do not project back onto where they were seen, the further off the faster they move. What a camera always
sees beside a point, because its place is a little off or the detector is, is taken out first.

Detectors follow with a lag of their own, which differs by camera and movement and looks like a clock: one gesture
cannot tell. What is found therefore says how sure it is.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize  # pyright: ignore[reportMissingTypeStubs]

from capture.calibrate.clips import RigFault
from capture.calibrate.neighbours import triangulated
from capture.rig import Rig, plane_from_pixel, plane_from_stage, project
from capture.seen import Seen

Floats = NDArray[np.float64]
_optimize: Any = optimize

LEAST_AGREEMENT_UNIT = 0.5
_FINENESS = 8
"""Lags tried in a frame."""
_FEWEST, _SHARE = 12, 0.4
"""Pictures that must overlap, and what part of the shorter track."""
_NEXT_FRAMES, _CLEAR = 4.0, 0.02
_SMOOTH_S, _WINDOW = 0.17, 5.0
_SURE_UNIT = 0.5
"""Visibility below which a landmark is not used."""
_LIKELY_PX = 6.0
SURE_FRAMES, _MOVING_UNIT = 0.2, 0.1
"""Speeds that agree less are noise: it fits best half way between pictures, and seems sure of it."""
_REACH_FRAMES, _SLOPE_FRAMES, _ROUNDS = 0.75, 0.25, 12
"""How far the finer way looks at once, by how steeply, and how often it looks anew."""
_HABIT_FRAMES, _GESTURE_S = 0.4, 1.5
"""What a detector's own lag makes of one gesture's clocks, and how long one is: measured on rendered performers."""


class Track(NamedTuple):
    """Points that one camera followed: on its picture, or before it."""

    t_s: Floats
    """[n], rising."""
    points: Floats
    """[n, K, D], nan where one was not seen."""


class Lag(NamedTuple):
    """One camera against the first."""

    late_s: float
    agreement_unit: float
    """Correlation of the speeds, 1 is perfect."""


class Lateness(NamedTuple):
    """All cameras against the first, [C] each."""

    late_s: Floats
    sigma_s: Floats
    """inf: nothing moved that would tell."""


def track_of(seen: Sequence[Seen]) -> Track:
    """A performer's body landmarks before one camera, in the order of time."""
    rows = sorted((one for one in seen if one.body_px is not None), key=lambda one: one.t_ns)
    if not rows:
        return Track(np.empty(0), np.empty((0, 0, 2)))
    px = np.stack([np.asarray(one.body_px, dtype=np.float64) for one in rows])
    for row, one in zip(px, rows, strict=True):
        if one.body_visibility is not None:
            row[one.body_visibility < _SURE_UNIT] = np.nan
    return Track(np.array([one.t_ns * 1e-9 for one in rows]), px)


# --- by speed -----------------------------------------------------------------------------------------------------


def by_speed(tracks: Sequence[Track], most_s: float) -> list[Lag]:
    """Each track's lateness against the first, within +-`most_s`; agreement 0 where nothing can be said."""
    speeds = [_speeds(track) for track in tracks]
    return [Lag(0.0, 1.0), *(_lag(speeds[0], other, most_s) for other in speeds[1:])]


def _speeds(track: Track) -> Track:
    """Half way between pictures; each point's own, over its median so that near and far count alike."""
    track, took_s = _smooth(track), np.diff(track.t_s)
    if not took_s.size:
        return Track(np.empty(0), np.empty((0, track.points.shape[1], 1)))
    speed = np.linalg.norm(np.diff(track.points, axis=0), axis=2) / took_s[:, None]
    known = np.isfinite(speed)
    usual = np.array(
        [np.median(column[good]) if good.any() else np.nan for column, good in zip(speed.T, known.T, strict=True)]
    )
    speed = np.minimum(speed / np.maximum(usual, 1e-9), 8.0)
    speed[took_s > 3.0 * np.median(took_s)] = np.nan  # the point was lost between
    return Track((track.t_s[1:] + track.t_s[:-1]) / 2, speed[:, :, None])


def _smooth(track: Track) -> Track:
    """Means of what was seen within `_SMOOTH_S`: a detector's noise would outrun the performer."""
    if len(track.t_s) < 3:
        return track
    half = round(_SMOOTH_S / float(np.median(np.diff(track.t_s)))) // 2
    known = np.isfinite(track.points[..., :1])
    total, count = np.where(known, track.points, 0.0), known.astype(np.float64)
    for step in range(1, half + 1):
        for one, other in ((slice(step, None), slice(None, -step)), (slice(None, -step), slice(step, None))):
            total[one] += np.where(known[other], track.points[other], 0.0)
            count[one] += known[other]
    return track._replace(points=np.where(known, total / np.maximum(count, 1.0), np.nan))


def _lag(first: Track, other: Track, most_s: float) -> Lag:
    if min(len(first.t_s), len(other.t_s)) < _FEWEST:
        return Lag(0.0, 0.0)
    frame_s = float(np.median(np.diff(first.t_s)))
    steps = np.arange(-int(most_s / frame_s * _FINENESS), int(most_s / frame_s * _FINENESS) + 1)
    lags = steps * frame_s / _FINENESS
    alike = np.array([_alike(first, other, float(lag)) for lag in lags])
    best = int(alike.argmax())
    elsewhere = np.abs(lags - lags[best]) > _NEXT_FRAMES * frame_s
    if alike[best] <= 0.0 or (elsewhere.any() and alike[elsewhere].max() > alike[best] - _CLEAR):
        return Lag(0.0, 0.0)
    near = slice(max(best - _FINENESS // 2, 0), best + _FINENESS // 2 + 1)
    few = len(lags[near]) < 4
    curve = np.zeros(3) if few else np.asarray(np.polyfit(lags[near] - lags[best], alike[near], 2), dtype=np.float64)
    peak = float(-curve[1] / (2 * curve[0])) if curve[0] < 0 else 0.0
    return Lag(float(lags[best] + np.clip(peak, -frame_s, frame_s)), float(alike[best]))


def _alike(first: Track, other: Track, lag_s: float) -> float:
    """Correlation of all points' speeds, the other's read where the first's pictures were, `lag_s` later."""
    there = at_times(other, first.t_s + lag_s)[:, :, 0]
    here = first.points[:, :, 0]
    both = np.isfinite(here) & np.isfinite(there)
    rows = both.any(axis=1)
    if rows.sum() < max(_FEWEST, _SHARE * min(len(first.t_s), len(other.t_s))):
        return -1.0
    a, b = np.sqrt(here[both]), np.sqrt(there[both])  # a landmark that jumps is not the whole story
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / max(np.sqrt((a * a).sum() * (b * b).sum()), 1e-12))


def at_times(track: Track, t_s: Floats) -> Floats:
    """Points [m, K, D] at other times, by straight lines; nan over gaps and outside."""
    after = np.clip(np.searchsorted(track.t_s, t_s), 1, len(track.t_s) - 1)
    before = after - 1
    took_s = track.t_s[after] - track.t_s[before]
    share = (t_s - track.t_s[before]) / took_s
    made = track.points[before] + share[:, None, None] * (track.points[after] - track.points[before])
    outside = (share < 0) | (share > 1) | (took_s > 3.0 * np.median(np.diff(track.t_s)))
    made[outside] = np.nan
    return made


# --- by place -----------------------------------------------------------------------------------------------------


def by_place(rig: Rig, tracks: Sequence[Track], start_s: Sequence[float]) -> Lateness:
    """From where `by_speed` began. RigFault where two cameras never follow the same points together."""
    here, found = _sought(rig, tracks, np.asarray(start_s, dtype=np.float64))
    late_s = here.late_s(found.x)
    other = np.asarray(_least(here, found.x, True).x) - found.x
    gestures = max(float(here.pairs.any(axis=1).sum()) * here.room_s / _GESTURE_S, 1.0)
    sure = np.sqrt(_curved(found) + _parts(here, found) + other**2 + _HABIT_FRAMES**2 / gestures)
    sigma_s = here.room_s * np.concatenate(([0.0], sure if _settled(found) else np.full(len(sure), np.inf)))
    speeds = [_speeds(track) for track in tracks]
    alike = [_alike(speeds[0], one, float(late)) for one, late in zip(speeds, late_s - late_s[0], strict=True)]
    return Lateness(late_s, np.where(np.array(alike) < _MOVING_UNIT, np.inf, sigma_s))


def _sought(rig: Rig, tracks: Sequence[Track], start_s: Floats) -> tuple["_Near", Any]:
    """Looked about anew as long as the best lies at the edge of what was looked at."""
    here = _about(rig, tracks, start_s)
    found = _least(here, np.zeros(len(tracks) - 1), False)
    for _ in range(_ROUNDS):
        if _settled(found):
            break
        here = _about(rig, tracks, here.late_s(found.x))
        found = _least(here, np.zeros(len(tracks) - 1), False)
    return here, found


def _settled(found: Any) -> bool:
    return bool(np.abs(found.x).max() < _REACH_FRAMES - 0.05)


class _Near(NamedTuple):
    """Clocks sought a frame at most from where they are thought to be: so far every point has what it is read from,
    and the error does not jump where a landmark comes and goes."""

    rig: Rig
    matrices: Floats
    tracks: Sequence[Track]
    start_s: Floats
    known: NDArray[np.bool_]
    """[C, n, K]."""
    room_s: float
    """A frame of the first."""

    @property
    def pairs(self) -> NDArray[np.bool_]:
        """[n, K]: seen by two or more."""
        return self.known.sum(axis=0) >= 2

    def late_s(self, steps: Floats) -> Floats:
        """[C], of frames by which the others are later than was thought."""
        return self.start_s + np.concatenate(([0.0], steps * self.room_s))

    def off(self, steps: Floats, leaning: bool) -> Floats:
        """What is seen beside where it must have been, of all that is known."""
        lead_s = self.tracks[0].t_s
        px = np.stack(
            [_about_times(track, lead_s + late) for track, late in zip(self.tracks, self.late_s(steps), strict=True)]
        )
        px[~self.known] = np.nan
        return _parted(self.rig, self.matrices, px, leaning)

    def slope(self, steps: Floats, leaning: bool) -> Floats:
        """Over half a frame: a step of the noise is no slope."""
        ways = _SLOPE_FRAMES * np.eye(len(steps))
        rows = [self.off(steps + way, leaning) - self.off(steps - way, leaning) for way in ways]
        return np.stack(rows, axis=1) / (2.0 * _SLOPE_FRAMES)


def _about(rig: Rig, tracks: Sequence[Track], late_s: Floats) -> _Near:
    lead = tracks[0]
    room_s = float(np.median(np.diff(lead.t_s))) if len(lead.t_s) > 2 else 0.0
    aside_s = np.array([-1.0, 0.0, 1.0]) * room_s
    known = np.array(
        [
            np.all([np.isfinite(_about_times(track, lead.t_s + late + aside)[..., 0]) for aside in aside_s], axis=0)
            for track, late in zip(tracks, late_s, strict=True)
        ]
    )
    near = _Near(rig, np.stack([plane_from_stage(one) for one in rig.cameras]), tracks, late_s, known, room_s)
    if near.pairs.sum() < 10 * _FEWEST:
        raise RigFault(
            "the cameras do not follow the same points at the same time: let the performer move where at least two "
            "cameras see the whole body, and start the clips within a few seconds of each other"
        )
    return near


def _least(near: _Near, begin: Floats, leaning: bool) -> Any:
    return _optimize.least_squares(
        near.off,
        begin,
        near.slope,
        (-_REACH_FRAMES, _REACH_FRAMES),
        args=(leaning,),
        loss="soft_l1",
        f_scale=_LIKELY_PX,
        ftol=1e-5,
        xtol=1e-2,
    )


def not_found(found: Lateness, names: Sequence[str], frame_s: float) -> str:
    """Which clocks are not known well enough to be used, and what to film; empty where all are."""
    vague = [(name, sigma / frame_s) for name, sigma in zip(names, found.sigma_s, strict=True)]
    vague = [(name, frames) for name, frames in vague if not frames <= SURE_FRAMES]
    if not vague:
        return ""
    told = ", ".join(f"{name} {f'to +-{f:.1f} frames' if np.isfinite(f) else 'not at all'}" for name, f in vague)
    return (
        f"not found: how late the cameras are, {told} (expected {SURE_FRAMES:g} or less): film twenty seconds of "
        "several movements, each there and back, with arms and legs, seen whole by all cameras"
    )


def _about_times(track: Track, t_s: Floats) -> Floats:
    """Points [m, K, D] at other times, by the line through what was seen around, near pictures counting more; nan where
    that is too little. As quiet between two pictures as at one, else half way between would always fit best."""
    frame_s = float(np.median(np.diff(track.t_s)))
    reach = max(round(_SMOOTH_S / frame_s), 2)
    rows = np.searchsorted(track.t_s, t_s)[:, None] + np.arange(-reach, reach)
    inside = (rows >= 0) & (rows < len(track.t_s))
    rows = np.clip(rows, 0, len(track.t_s) - 1)
    after = (track.t_s[rows] - t_s[:, None]) / (reach * frame_s)
    weight = np.where(inside & (np.abs(after) < 1.0), 0.5 + 0.5 * np.cos(np.pi * after), 0.0)
    points = track.points[rows]
    weights = weight[..., None] * np.isfinite(points[..., 0])
    points = np.nan_to_num(points)
    by = weights * after[..., None]
    total, first, second = weights.sum(axis=1), by.sum(axis=1), (by * after[..., None]).sum(axis=1)
    spread = total * second - first**2
    enough = (total > 0.5 * reach) & (spread > 0.0)
    at = np.einsum("mrk,mrkd->mkd", second[:, None] * weights - first[:, None] * by, points)
    return np.where(enough[..., None], at / np.where(enough, spread, 1.0)[..., None], np.nan)


def _parts(near: _Near, found: Any) -> Floats:
    """[C - 1], variances by how far the parts of the movement, a gesture long each, pull apart (Liang and Zeger)."""
    errors, slopes = np.asarray(found.fun), np.asarray(found.jac)
    pulls = slopes * (errors * (1.0 + (errors / _LIKELY_PX) ** 2) ** 0.25)[:, None]
    normal = slopes.T @ slopes
    t_s = near.tracks[0].t_s
    part = ((t_s - t_s[0]) / _GESTURE_S).astype(np.int64)
    if part[-1] < 1 or np.linalg.matrix_rank(normal) < len(normal):
        return np.zeros(len(normal))  # which the habit, or the slope, refuses by itself
    by_moment = pulls.reshape(len(near.tracks), len(t_s), -1, len(normal)).sum(axis=(0, 2))
    each = np.zeros((int(part[-1]) + 1, len(normal)))
    np.add.at(each, part, by_moment)
    away = each @ np.linalg.inv(normal)
    return (away**2).sum(axis=0) * len(each) / (len(each) - 1)


def _curved(found: Any) -> Floats:
    """[C - 1], variances by how steeply the sum of errors rises; noise that was smoothed counts once a window."""
    jac, errors = np.asarray(found.jac), np.asarray(found.fun)
    used = errors[errors != 0.0]
    normal = jac.T @ jac
    if not used.size or np.linalg.matrix_rank(normal) < len(normal):
        return np.full(len(normal), np.inf)
    return np.diag(np.linalg.inv(normal)) * float(np.median(used**2)) * _WINDOW


def _parted(rig: Rig, matrices: Floats, px: Floats, leaning: bool) -> Floats:
    """Seen less projected back, each camera's and point's usual one taken out, and if `leaning` what changes evenly
    with the point's place, too; 0 where nothing is known."""
    flat = np.stack([plane_from_pixel(camera, one) for camera, one in zip(rig.cameras, px, strict=True)])
    cameras, moments, points, _ = flat.shape
    placed = triangulated(matrices, flat.reshape(cameras, moments * points, 2)).reshape(moments, points, 3)
    rows: list[Floats] = []
    for camera, one in zip(rig.cameras, px, strict=True):
        away = _without_pose(one - project(camera, placed), matrices[len(rows)], placed)
        rows.append(np.nan_to_num(_upright(away, placed) if leaning else away))
    return np.concatenate([row.ravel() for row in rows])


def _without_pose(away: Floats, matrix: Floats, placed: Floats) -> Floats:
    """Without each point's usual error, and without what a camera that stands or looks a little amiss would show."""
    at = placed @ matrix[:, :3].T + matrix[:, 3]
    x, y, z = at[..., 0] / at[..., 2], at[..., 1] / at[..., 2], at[..., 2]
    one, none = np.ones_like(x), np.zeros_like(x)
    across = np.stack((1 / z, none, -x / z, -x * y, one + x * x, -y), axis=-1)
    down = np.stack((none, 1 / z, -y / z, -one - y * y, x * y, x), axis=-1)
    slope = _less_usual(np.stack((across, down), axis=2))
    away = _less_usual(away)
    good = np.isfinite(away).all(axis=-1) & np.isfinite(slope).all(axis=(-1, -2))
    near = good & (np.linalg.norm(np.nan_to_num(away), axis=-1) < 5.0 * _LIKELY_PX)
    if near.sum() < 50:
        return away
    amiss = np.linalg.lstsq(slope[near].reshape(-1, 6), away[near].ravel(), rcond=None)[0]
    return away - slope @ amiss


def _less_usual(rows: Floats) -> Floats:
    """[n, K, ...] less each point's mean over time."""
    known = np.isfinite(rows)
    return rows - np.where(known, rows, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)


def _upright(away: Floats, placed: Floats) -> Floats:
    """[n, K, 2] less what rises and falls with a point's place: a detector's error that follows the pose looks like a
    clock in a movement that goes one way only, and not in one that comes back."""
    left = away.copy()
    for point in range(away.shape[1]):
        good = np.isfinite(away[:, point]).all(axis=1) & np.isfinite(placed[:, point]).all(axis=1)
        if good.any():
            at = np.column_stack((np.ones(int(good.sum())), placed[good, point] - placed[good, point].mean(axis=0)))
            left[good, point] -= at @ np.linalg.lstsq(at, away[good, point], rcond=1e-3)[0]
    return left
