"""How far the camera turned from one picture to the next, from points of a static scene followed between them.

Robust: people, reflections and whatever else moves by itself are outvoted. The camera's own displacement makes near
things slide (parallax); what most of the picture does is what counts here, and `lag` knows of the rest.
"""

from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from scipy import spatial  # pyright: ignore[reportMissingTypeStubs]

from bridge.frames import IDENTITY
from bridge.messages import LensState
from bridge.sight import Sight, rays

Floats = NDArray[np.float64]
_Rotation: Any = spatial.transform.Rotation

LEAST_POINTS = 12
_ROUNDS, _ABSOLUTE = 20, 10
_TUKEY = 4.7
_LEAST_PX = 0.02
"""Residuals are not believed to be smaller than this."""


class Followed(NamedTuple):
    """The same things in two pictures, pixels [n, 2]."""

    before_px: Floats
    after_px: Floats


class Turns(NamedTuple):
    """How the picture turned, pair by pair. Seconds of the caller's own origin."""

    start_s: Floats
    end_s: Floats
    turn_rad: Floats
    """[n, 3], rotation vectors in the camera's axes: X tilts up, Y rolls, Z pans left. NaN: nothing was followed."""
    points: NDArray[np.int64]
    """[n], how many things agreed."""


def chosen(turns: Turns, which: NDArray[np.bool_]) -> Turns:
    """Some of the pairs."""
    return Turns(turns.start_s[which], turns.end_s[which], turns.turn_rad[which], turns.points[which])


def turn_of(pair: Followed, lens: LensState, sensor_mm: tuple[float, float], size_px: tuple[int, int]) -> Floats:
    """[4]: the rotation vector from the first picture to the second, and how many points agreed; NaN with too few."""
    if len(pair.before_px) < LEAST_POINTS:
        return np.array([np.nan, np.nan, np.nan, 0.0])
    eye = Sight((0.0, 0.0, 0.0), IDENTITY, lens, sensor_mm, size_px)
    seen = np.concatenate((rays(eye, pair.before_px), rays(eye, pair.after_px)), axis=1)
    seen = seen[np.isfinite(seen).all(axis=1)]
    px_rad = sensor_mm[0] / lens.focal_length_mm / size_px[0]
    return _rotation(seen[:, :3], seen[:, 3:], _LEAST_PX * px_rad)


def _rotation(before: Floats, after: Floats, least_rad: float) -> Floats:
    """before = R after, by re-weighted least squares: least absolute errors first, which few strays cannot pull far,
    then Tukey's weights, which leave strays out."""
    turn, weight = _Rotation.identity(), np.ones(len(before))
    for number in range(_ROUNDS):
        turned = turn.apply(after)
        residual = before - turned
        size = np.linalg.norm(residual, axis=1)
        scale = max(1.4826 * float(np.median(size)), least_rad)
        weight = np.square(1.0 - np.square(np.minimum(size / (_TUKEY * scale), 1.0)))
        if number < _ABSOLUTE:
            weight = least_rad / np.maximum(size, least_rad)
        # before = turned + step x turned, so the rows for `step` are the crosses with the axes
        x, y, z = turned.T
        zero = np.zeros_like(x)
        rows = np.stack((np.stack((zero, z, -y), 1), np.stack((-z, zero, x), 1), np.stack((y, -x, zero), 1)), axis=1)
        normal = np.einsum("n,nij,nik->jk", weight, rows, rows)
        pull = np.einsum("n,nij,ni->j", weight, rows, residual)
        step = cast(Floats, np.linalg.lstsq(normal, pull, rcond=1e-9)[0])
        turn = _Rotation.from_rotvec(step) * turn
        if number >= _ABSOLUTE and np.abs(step).max() < 1e-3 * least_rad:
            break
    agreed = int((weight > 0.25).sum())
    return np.append(turn.as_rotvec(), agreed) if agreed >= LEAST_POINTS else np.array([np.nan, np.nan, np.nan, agreed])
