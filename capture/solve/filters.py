"""Points steadied in time: a constant-velocity Kalman filter live, a zero-phase Butterworth for whole takes.

The Kalman filter knows where each point can be trusted: it takes the triangulation's information as it is, so a point
seen by one camera moves across the ray and is carried along it. A point that leaps is doubted smoothly, not refused.
"""

from typing import Any, NamedTuple, cast

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import signal  # pyright: ignore[reportMissingTypeStubs]

from capture.solve import filter_kernels
from capture.solve.turns import finite

Floats = NDArray[np.float64]

_UNKNOWN_M, _UNKNOWN_M_S = 10.0, 3.0
_DOUBT = 4.0  # sigmas at which a leap counts half
_FORGOTTEN_S = 0.5
_EYE = np.eye(3)


class ConstantVelocity(msgspec.Struct, frozen=True):
    """How people move."""

    acceleration_m_s2_unit: float = 8.0
    """Standard deviation, as white noise over one step of a thirtieth of a second."""


class Motion(NamedTuple):
    """Where [P] points are, how they move, and how well that is known."""

    t_ns: int
    position_m: Floats
    """[P, 3]."""
    velocity_m_s: Floats
    place: Floats
    """[P, 3, 3]: covariance of the position; `cross` with the velocity; `speed` of the velocity."""
    cross: Floats
    speed: Floats
    seen_ns: NDArray[np.int64]
    """[P]: when each was last seen."""


def begun(t_ns: int, points: int) -> Motion:
    """Nothing known yet."""
    zeros = np.zeros((points, 3))
    wide = np.tile(_EYE, (points, 1, 1))
    never = np.full(points, t_ns - (1 << 60), dtype=np.int64)
    return Motion(t_ns, zeros, zeros, wide * _UNKNOWN_M**2, np.zeros_like(wide), wide * _UNKNOWN_M_S**2, never)


def step(settings: ConstantVelocity, state: Motion, t_ns: int, points_m: Floats, information: Floats) -> Motion:
    """The next moment: points [P, 3] (NaN: not seen) with their information [P, 3, 3]."""
    seen = finite(points_m)
    state = _fresh(state, t_ns, seen)
    return _corrected(_predicted(settings, state, t_ns), points_m, information, seen)


def known(state: Motion, t_ns: int, within_s: float = _FORGOTTEN_S) -> NDArray[np.bool_]:
    """[P]: seen not longer ago than that."""
    return t_ns - state.seen_ns <= within_s * 1e9


def _fresh(state: Motion, t_ns: int, seen: NDArray[np.bool_]) -> Motion:
    """Points that come back after long start where they are seen."""
    again = seen & ~known(state, t_ns)
    if not again.any():
        return state
    blank, pick = begun(t_ns, len(seen)), again[:, None, None]
    return state._replace(
        velocity_m_s=np.where(again[:, None], 0.0, state.velocity_m_s),
        place=np.where(pick, blank.place, state.place),
        cross=np.where(pick, 0.0, state.cross),
        speed=np.where(pick, blank.speed, state.speed),
    )


def _predicted(settings: ConstantVelocity, state: Motion, t_ns: int) -> Motion:
    """Carried on to `t_ns`, less sure: white acceleration, whose density is that of 30 steps a second."""
    dt_s = max(t_ns - state.t_ns, 0) * 1e-9
    density = settings.acceleration_m_s2_unit**2 / 30.0
    cross = state.cross + dt_s * state.speed
    return state._replace(
        t_ns=t_ns,
        position_m=state.position_m + dt_s * state.velocity_m_s,
        velocity_m_s=state.velocity_m_s.copy(),
        place=state.place + dt_s * (state.cross + np.swapaxes(cross, -1, -2)) + density * dt_s**3 / 3.0 * _EYE,
        cross=cross + density * dt_s**2 / 2.0 * _EYE,
        speed=state.speed + density * dt_s * _EYE,
    )


def _corrected(state: Motion, points_m: Floats, information: Floats, seen: NDArray[np.bool_]) -> Motion:
    """In place: what was predicted is nobody else's."""
    means, spreads = (state.position_m, state.velocity_m_s), (state.place, state.cross, state.speed)
    told = np.ascontiguousarray(points_m), np.ascontiguousarray(information)
    filter_kernels.corrected(means, spreads, *told, seen, _DOUBT)
    return state._replace(seen_ns=np.where(seen, state.t_ns, state.seen_ns))


def zero_phase(values: Floats, rate_hz: float, cutoff_hz: float = 6.0, order: int = 4, most: int = 0) -> Floats:
    """A take's values [F, ...] through a Butterworth forth and back: no delay. Holes (NaN) of `most` moments or fewer
    are closed, straight across; longer ones are left open.

    `order` counts both passes, as biomechanics does. Too short a take comes back as it is.
    """
    flat = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    if len(flat) <= 12 or cutoff_hz >= rate_hz / 2:
        return np.array(values, dtype=np.float64)
    passes = cast(Any, signal)
    sections = passes.butter(order // 2, cutoff_hz, fs=rate_hz, output="sos")
    smooth = np.asarray(passes.sosfiltfilt(sections, bridged(flat), axis=0), dtype=np.float64)
    known = np.isfinite(flat)
    return np.where(known | short_holes(known, most), smooth, np.nan).reshape(np.shape(values))


def short_holes(known: NDArray[np.bool_], most: int) -> NDArray[np.bool_]:
    """[F, N]: what is not known, for `most` moments or fewer, between two that are."""
    moments = np.arange(len(known))[:, None]
    before = np.maximum.accumulate(np.where(known, moments, -1), axis=0)
    after = np.minimum.accumulate(np.where(known, moments, len(known))[::-1], axis=0)[::-1]
    return ~known & (before >= 0) & (after < len(known)) & (after - before - 1 <= most)


def bridged(flat: Floats) -> Floats:
    """[F, N] with holes filled straight from the neighbours; a column of nothing stays zero."""
    whole, moments = flat.copy(), np.arange(len(flat))
    for column in range(flat.shape[1]):
        good = np.isfinite(flat[:, column])
        whole[:, column] = np.interp(moments, moments[good], flat[good, column]) if good.any() else 0.0
    return whole
