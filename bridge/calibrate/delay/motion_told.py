"""What a tracker said over a while, as smooth functions of time: how far the camera turned and moved between moments.

The samples are joined by smoothing splines, which let through what a hand does and hold back what is faster, without
shifting either in time. A spline through every sample would not do: a tracker's noise is fainter half way between two
samples than at one, so a search for the best lag would be drawn towards half ways: a tenth of a frame on a slow move.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import interpolate, spatial  # pyright: ignore[reportMissingTypeStubs]

Floats = NDArray[np.float64]
Rotation: Any = spatial.transform.Rotation
_interpolate: Any = interpolate

_LEAST_SAMPLES = 8
_PASS_HZ, _PASS_UNIT = 6.0, 0.24
"""Half of what is this fast passes, or of a period of this part of the sampling rate, whichever is slower."""
_HOLE = 3.5
"""Sampling periods without a sample, from which nothing is said of the time between."""


class Tracked(NamedTuple):
    """One camera's measured way. Seconds of the caller's own origin."""

    t_s: Floats
    """[n], ascending."""
    turned: Callable[[Floats], Floats]
    """Quaternions wxyz, stage_from_camera, not quite of unit length."""
    placed: Callable[[Floats], Floats]
    """Positions, metres."""
    hole_s: float
    """Neighbours further apart than this have a hole between them."""

    @property
    def period_s(self) -> float:
        """Between samples, in the median."""
        return float(np.median(np.diff(self.t_s)))


def tracked(t_s: ArrayLike, rotations_wxyz: ArrayLike, positions_m: ArrayLike) -> Tracked:
    """Join samples: times [n], rotations [n, 4], positions [n, 3]. ValueError for too few, or times that repeat."""
    times = np.asarray(t_s, dtype=np.float64)
    if len(times) < _LEAST_SAMPLES:
        raise ValueError(f"expected at least {_LEAST_SAMPLES} tracked poses, got {len(times)}")
    steps = np.diff(times)
    if not (steps > 0).all():
        raise ValueError("expected poses in the order of their times, two of them are not")
    quaternions = np.array(rotations_wxyz, dtype=np.float64)
    flips = np.cumprod(np.where((quaternions[1:] * quaternions[:-1]).sum(axis=1) < 0, -1.0, 1.0))
    quaternions[1:] *= flips[:, None]
    return Tracked(
        times,
        _joined(times, quaternions),
        _joined(times, np.asarray(positions_m, dtype=np.float64)),
        _HOLE * float(np.median(steps)),
    )


def _joined(t_s: Floats, values: Floats) -> Callable[[Floats], Floats]:
    """A smooth function of time per column of `values` [n, k], giving [..., k]."""
    period_s = float(np.median(np.diff(t_s)))
    pass_hz = min(_PASS_HZ, _PASS_UNIT / period_s)
    stiffness = 1.0 / (period_s * (2.0 * np.pi * pass_hz) ** 4)
    columns = [_interpolate.make_smoothing_spline(t_s, column, lam=stiffness) for column in values.T]
    return lambda at_s: np.stack([column(at_s) for column in columns], axis=-1)


def known(way: Tracked, t_s: Floats) -> NDArray[np.bool_]:
    """[...], whether there were samples around each moment."""
    after = np.clip(np.searchsorted(way.t_s, t_s), 1, len(way.t_s) - 1)
    whole = way.t_s[after] - way.t_s[after - 1] <= way.hole_s
    return whole & (t_s >= way.t_s[0]) & (t_s <= way.t_s[-1])


def rotations(way: Tracked, t_s: Floats) -> Any:
    """stage_from_camera at moments [n]."""
    w, x, y, z = np.moveaxis(way.turned(np.clip(t_s, way.t_s[0], way.t_s[-1])), -1, 0)
    return Rotation.from_quat(np.stack((x, y, z, w), axis=-1))


def turns_rad(way: Tracked, start_s: Floats, end_s: Floats) -> Floats:
    """[n, 3], rotation vectors in the axes of the camera at the start: X tilts up, Y rolls, Z pans left."""
    turn = rotations(way, start_s).inv() * rotations(way, end_s)
    return cast(Floats, turn.as_rotvec())


def moves_m(way: Tracked, start_s: Floats, end_s: Floats) -> Floats:
    """[n, 3], how far the entrance pupil moved: right, forward, up, in the axes of the camera at the start."""
    inside = (way.t_s[0], way.t_s[-1])
    away = way.placed(np.clip(end_s, *inside)) - way.placed(np.clip(start_s, *inside))
    return cast(Floats, rotations(way, start_s).inv().apply(away))
