"""Inner frusta: which part of a wall lies in a camera's view, widened by a margin, and whose turn it is in an overlap.

A view's outline is kept as a table of 1 / radius over the polar angle on the camera's undistorted image plane, so that
"inside" needs no distortion and no polygon.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.distortion import plane_from_pixel, undistort
from bridge.sight import Sight, border_px, stage_from_plane

Floats = NDArray[np.float64]

OUTER, DARK = -1, -2
"""In place of a camera's index: drawn for the outer viewpoint; no LED there."""
_STEPS, _TABLE = 48, 2048


class Inner(NamedTuple):
    """All cameras' inner frusta at one moment, the first that contains a point has it. C cameras."""

    pupil_m: Floats
    """[C, 3]."""
    plane_from_stage: Floats
    """[C, 3, 3], onto x right, y down, z forward."""
    centre: Floats
    """[C, 2] on the undistorted plane."""
    outline: Floats
    """[C, 2048], 1 / radius about the centre, at polar angles from -pi on."""
    camera: NDArray[np.int64]
    """[C], index of the sight it was made from."""


def inner_frusta(
    sights: Sequence[Sight], margins_deg: Sequence[float], priorities: Sequence[int] | None = None
) -> Inner:
    """Frusta of cameras, each widened on every side; where they overlap, the higher priority is drawn on top."""
    ranks = list(priorities or [0] * len(sights))
    order = sorted(range(len(sights)), key=lambda index: -ranks[index])
    outlines = [_outline(sights[index], margins_deg[index]) for index in order]
    return Inner(
        pupil_m=np.array([sights[index].position_m for index in order], dtype=np.float64).reshape(-1, 3),
        plane_from_stage=np.array([stage_from_plane(sights[index]).T for index in order]).reshape(-1, 3, 3),
        centre=np.array([centre for centre, _ in outlines], dtype=np.float64).reshape(-1, 2),
        outline=np.array([table for _, table in outlines], dtype=np.float64).reshape(-1, _TABLE),
        camera=np.array(order, dtype=np.int64),
    )


def view_outline(sight: Sight, margin_deg: float = 0.0) -> Floats:
    """The picture's edge on the undistorted plane [n, 2], clockwise, each side moved outwards by the margin."""
    edge = border_px(sight.resolution_px, _STEPS)
    plane = _undistorted(sight, edge)
    corners = np.arange(4) * _STEPS
    # At a corner two sides meet: there the edge leaves one side, turns, and enters the next.
    order = np.sort(np.concatenate((np.arange(len(edge)), corners, corners)))
    side = np.repeat(np.arange(4), _STEPS)[order]
    turn = np.zeros((len(order), 2))
    outwards = np.array([(0, -1), (1, 0), (0, 1), (-1, 0)])
    turn[:] = outwards[side]
    first = np.searchsorted(order, corners)
    turn[first] = outwards[side[first] - 1]
    turn[first + 1] = outwards[side[first]] + outwards[side[first] - 1]
    return np.tan(np.clip(np.arctan(plane[order]) + turn * math.radians(margin_deg), -1.55, 1.55))


def _undistorted(sight: Sight, pixels: Floats) -> Floats:
    plane = plane_from_pixel(sight.lens, sight.sensor_mm, sight.resolution_px, pixels)
    straight = undistort(sight.lens.distortion, plane)
    return np.where(np.isfinite(straight), straight, plane)


def _outline(sight: Sight, margin_deg: float) -> tuple[Floats, Floats]:
    """Centre [2], and 1 / radius [2048] of the widened view about it."""
    centre = _undistorted(sight, np.array([sight.resolution_px]) / 2.0)[0]
    edge = view_outline(sight, margin_deg) - centre
    angles = np.arctan2(edge[:, 1], edge[:, 0])
    edge = np.roll(edge, -int(np.argmin(angles)), axis=0)
    angles = np.sort(angles)
    wanted = -math.pi + (np.arange(_TABLE) + 0.5) * (2 * math.pi / _TABLE)
    after = np.searchsorted(angles, wanted) % len(edge)
    start, step = edge[after - 1], edge[after] - edge[after - 1]
    x, y = np.cos(wanted), np.sin(wanted)
    across = start[:, 0] * step[:, 1] - start[:, 1] * step[:, 0]
    return centre, (x * step[:, 1] - y * step[:, 0]) / across


@np.errstate(all="ignore")
def shown_to(inner: Inner, points_m: ArrayLike) -> NDArray[np.int64]:
    """For points [n, 3] of a wall: whose inner frustum shows there (a camera's index), or OUTER, or DARK for NaN."""
    spots = np.asarray(points_m, dtype=np.float64)
    owner = np.where(np.isnan(spots[:, 0]), DARK, OUTER)
    for index in range(len(inner.camera))[::-1]:
        x, y, z = ((spots - inner.pupil_m[index]) @ inner.plane_from_stage[index].T).T
        px, py = x / z - inner.centre[index, 0], y / z - inner.centre[index, 1]
        place = (np.arctan2(py, px) / (2 * math.pi) + 0.5) * _TABLE - 0.5
        low = np.floor(place)
        table, share = inner.outline[index], place - low
        low = np.nan_to_num(low).astype(int)
        inverse = table[low % _TABLE] * (1 - share) + table[(low + 1) % _TABLE] * share
        owner[(z > 0) & (np.hypot(px, py) * inverse <= 1.0)] = inner.camera[index]
    return owner
