"""By how much a picture's motion comes after the tracking's: to a small part of a frame, or a sentence why not.

The lag is positive where the tracking is early: the picture shows a movement that much later than tracking says. It is
searched by correlation over all lags that are allowed, then refined by robust least squares: what the picture turned
from frame to frame is what tracking turned between the same two moments, `lag_s` earlier, times a gain, plus the slide
that the camera's displacement causes in what it sees. Every frame pair is held against tracking at its own two times,
so dropped frames and uneven stamps do no harm.
"""

from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from scipy import optimize  # pyright: ignore[reportMissingTypeStubs]

from bridge.calibrate.delay.motion_seen import Turns, chosen
from bridge.calibrate.delay.motion_told import Tracked, known, moves_m, turns_rad

Floats = NDArray[np.float64]
_optimize: Any = optimize
Signs = tuple[int, int]

LEAST_PAIRS = 30
LEAST_DEG_PER_S = 1.0
"""Root mean square: slower than this there is nothing to see."""
LEAST_AGREEMENT = 0.6
WORST_SIGMA_FRAMES = 0.25
_STEPS_PER_FRAME = 2
_BLOCKS = 8
_TILT, _ROLL, _PAN = 0, 1, 2
_MIRRORS: dict[Signs, str] = {
    (1, -1): "pans the other way: the picture is mirrored, or the tracker's pan has the wrong sign",
    (-1, 1): "tilts the other way: the picture is upside down and mirrored, or the tracker's tilt has the wrong sign",
    (-1, -1): "pans and tilts the other way: the picture is upside down (a camera hung from above?)",
}
_NEXT_S, _CLEAR = 0.25, 0.02
"""Another lag this far from the best one, or another way round, must agree less by so much."""
_SHARE = 0.15
"""An axis with less than this of the other's motion has no say in which way round the picture is."""


class LagFault(ValueError):
    """A lag that cannot be told; the text says why and what would help."""


class Lag(NamedTuple):
    """The finding."""

    lag_s: float
    """Positive: tracking is early."""
    sigma_s: float
    agreement_unit: float
    """Correlation of the two motions at this lag, 1 is perfect."""
    gains_unit: tuple[float, float]
    """Picture's tilt and pan over tracking's: away from 1 the lens is not what the stage file says. NaN: not moved."""
    near_unit: float
    """1 / metres: how near the things seen are, from how they slide."""
    pairs: int
    """Frame pairs that counted."""
    speed_deg_s: float
    """Degrees a second, root mean square, of what tracking turned."""


def lag_of(turns: Turns, way: Tracked, most_s: float = 1.0) -> Lag:
    """Within +-`most_s`. LagFault where too little moved, nothing resembles, or something is the wrong way round."""
    seen = np.asarray(np.isfinite(turns.turn_rad).all(axis=1))
    if seen.sum() < LEAST_PAIRS:
        text = f"the picture could be followed in {seen.sum()} of {len(seen)} frames, expected {LEAST_PAIRS} or more"
        raise LagFault(f"{text}: film something with detail, in focus, that stands still")
    turns = chosen(turns, seen)
    frame_s = float(np.median(turns.end_s - turns.start_s))
    _overlap(turns, way, most_s)
    start_s = _search(turns, way, most_s, frame_s)
    lag = _refine(turns, way, start_s, frame_s)
    if lag.sigma_s > WORST_SIGMA_FRAMES * frame_s:
        text = f"the lag is only known to {lag.sigma_s / frame_s:.2f} frames: pan and tilt back and forth, faster"
        raise LagFault(f"{text}, for ten seconds or more")
    return lag


def _overlap(turns: Turns, way: Tracked, most_s: float) -> None:
    first, last = float(turns.start_s[0]), float(turns.end_s[-1])
    shared = min(last + most_s, way.t_s[-1]) - max(first - most_s, way.t_s[0])
    if shared < 0.5 * (last - first):
        text = f"the clip runs from {first:.2f} to {last:.2f} s and the tracking from {way.t_s[0]:.2f} to"
        raise LagFault(f"{text} {way.t_s[-1]:.2f} s: they do not overlap; is it the right take, are the times right?")


# --- the search ---------------------------------------------------------------------------------------------------


def _search(turns: Turns, way: Tracked, most_s: float, frame_s: float) -> float:
    """The lag at which the motions resemble each other most; every way round a picture can be is tried."""
    lags_s = np.arange(-most_s, most_s + 1e-9, frame_s / _STEPS_PER_FRAME)
    rows = [_resemblance(turns, way, float(lag_s)) for lag_s in lags_s]
    speeds = np.array([row[1] for row in rows])
    if np.nanmax(speeds) < LEAST_DEG_PER_S:
        text = f"the camera turned at {np.nanmax(speeds):.2f} degrees a second, expected {LEAST_DEG_PER_S:g} or more"
        raise LagFault(f"{text}: pan and tilt back and forth while it films")
    curves = {signs: np.array([row[0][signs] for row in rows]) for signs in rows[0][0]}
    upright = curves.pop((1, 1))
    best = int(np.argmax(upright))
    signs, other = max(curves.items(), key=lambda item: item[1].max())
    if other.max() > max(upright[best] + 0.05, LEAST_AGREEMENT):
        raise LagFault(f"the picture {_MIRRORS[signs]}; at {other.max():.2f} the motions agree otherwise")
    if upright[best] < LEAST_AGREEMENT:
        text = f"the picture's motion and the tracking's resemble each other by {upright[best]:.2f} at best, expected"
        raise LagFault(f"{text} {LEAST_AGREEMENT:g} or more: is it this camera, this take and this lens?")
    if best in (0, len(lags_s) - 1):
        raise LagFault(f"the motions agree best at the end of the search, {lags_s[best]:.2f} s: search wider (--most)")
    elsewhere = np.where(np.abs(lags_s - lags_s[best]) > _NEXT_S, upright, -1.0)
    rival = int(np.argmax(np.maximum(elsewhere, other)))
    if max(elsewhere[rival], other[rival]) > upright[best] - _CLEAR:
        text = f"the motion repeats itself: {lags_s[rival]:.2f} s would do as well as {lags_s[best]:.2f} s"
        raise LagFault(f"{text}. Pan and tilt by other amounts and at another pace each time")
    return float(lags_s[best])


def _resemblance(turns: Turns, way: Tracked, lag_s: float) -> tuple[dict[Signs, float], float]:
    """Normalised correlation for each way round, and how fast tracking turned, degrees a second rms."""
    start_s, end_s = turns.start_s - lag_s, turns.end_s - lag_s
    there = known(way, start_s) & known(way, end_s)
    if there.sum() < max(LEAST_PAIRS, 0.5 * len(there)):
        return dict.fromkeys(((1, 1), *_MIRRORS), -1.0), 0.0
    told = turns_rad(way, start_s[there], end_s[there])[:, [_TILT, _PAN]]
    speed = float(np.degrees(np.sqrt((told**2).sum() / (end_s - start_s)[there].sum() / np.median(end_s - start_s))))
    limit = 2.0 * np.abs(told).max()
    told = told - told.mean(axis=0)
    seen = np.clip(turns.turn_rad[there][:, [_TILT, _PAN]], -limit, limit)
    seen = seen - np.median(seen, axis=0)
    products, energy = (seen * told).sum(axis=0), (told**2).sum(axis=0)
    size = np.sqrt((seen**2).sum() * energy.sum()) or 1.0
    judged = energy > _SHARE**2 * energy.max()
    ways = ((1, 1), *_MIRRORS)
    return {s: float((np.where(judged, s, 1) * products).sum() / size) for s in ways}, speed


# --- the refinement -----------------------------------------------------------------------------------------------

_GAIN, _BIAS, _NEAR = slice(1, 4), slice(4, 7), 7
_PRIOR = np.array([0.0, 2.0, 2.0, 2.0, 0.0, 0.0, 0.0, 1.0])
"""How strongly gains are held at 1 and nearness at 0.2 a metre, against a residual of one sigma: hardly."""
_START = np.array([0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.2])


def _refine(turns: Turns, way: Tracked, start_s: float, frame_s: float) -> Lag:
    """From the search's lag: lag in frames, gain and bias of each axis, nearness, by robust least squares."""
    there = known(way, turns.start_s - start_s) & known(way, turns.end_s - start_s)
    turns = chosen(turns, there)
    values = _START.copy()
    scale = np.full(3, 1e-3)
    for _ in range(3):

        def residuals(p: Floats, scale: Floats = scale) -> Floats:
            off = (turns.turn_rad - _expected(turns, way, start_s, frame_s, p)) / scale
            return np.concatenate((off.ravel(), _PRIOR * (p - _START)))

        fit = _optimize.least_squares(residuals, values, loss="soft_l1", x_scale="jac")
        values = cast(Floats, fit.x)
        off = turns.turn_rad - _expected(turns, way, start_s, frame_s, values)
        scale = np.maximum(1.4826 * np.median(np.abs(off - np.median(off, axis=0)), axis=0), 1e-6)
    return _found(turns, way, (start_s, frame_s), values, scale)


def _expected(turns: Turns, way: Tracked, start_s: float, frame_s: float, p: Floats) -> Floats:
    lag_s = start_s + p[0] * frame_s
    told = turns_rad(way, turns.start_s - lag_s, turns.end_s - lag_s)
    right, _, up = moves_m(way, turns.start_s - lag_s, turns.end_s - lag_s).T
    slide = np.stack((up, np.zeros_like(up), -right), axis=1)  # what is ahead slides as if the camera had turned
    return told * p[_GAIN] + p[_BIAS] + p[_NEAR] * slide


def _found(turns: Turns, way: Tracked, at_s: tuple[float, float], values: Floats, scale: Floats) -> Lag:
    start_s, frame_s = at_s
    made = _expected(turns, way, start_s, frame_s, values)
    step = np.zeros_like(values)
    step[0] = 0.02
    slope = (_expected(turns, way, start_s, frame_s, values + step) - made) / (0.02 * scale)  # per frame
    off = (turns.turn_rad - made) / scale
    good = np.abs(off) < 4.0
    lag_s = start_s + float(values[0]) * frame_s
    told = turns_rad(way, turns.start_s - lag_s, turns.end_s - lag_s)
    share = np.sqrt((told**2).mean(axis=0))
    moved = share > _SHARE * share.max()
    gains = np.where(moved, values[_GAIN], np.nan)
    rms = np.sqrt((told**2).sum() / len(told)) / frame_s
    kept = good.all(axis=1)
    both = np.corrcoef(turns.turn_rad[kept].ravel(), made[kept].ravel())[0, 1]
    sigma = _sigma_frames(slope, off, good) * frame_s
    return Lag(
        lag_s,
        sigma,
        float(both),
        (float(gains[_TILT]), float(gains[_PAN])),
        float(values[_NEAR]),
        int(kept.sum()),
        float(np.degrees(rms)),
    )


def _sigma_frames(slope: Floats, off: Floats, good: NDArray[np.bool_]) -> float:
    """The larger of what the residuals' size says, and of how much parts of the clip disagree."""
    slope, off = np.where(good, slope, 0.0), np.where(good, off, 0.0)
    weight = (slope**2).sum(axis=1)
    plain = float(np.sqrt((off**2).sum() / max(good.sum() - 8, 1) / max(weight.sum(), 1e-12)))
    pull = (slope * off).sum(axis=1)
    parts = np.array_split(np.arange(len(weight)), _BLOCKS)
    asks = np.array([pull[part].sum() for part in parts])
    apart = float(np.sqrt((asks**2).sum()) / max(weight.sum(), 1e-12))
    return max(plain, apart)
