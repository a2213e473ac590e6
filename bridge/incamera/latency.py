"""What a late or predicted pose costs on a stage's walls, in the camera: inside the frustum, and at its edge."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.incamera.coverage import seen
from bridge.incamera.errors import Drawn, lengths_px, measure
from bridge.sight import Sight, focal_px, grid_px, stage_from_plane
from bridge.wall.frustum import inner_frusta, view_outline
from bridge.wall.shape import Screen
from bridge.world.world import World

Floats = NDArray[np.float64]

WIDE_DEG = 60.0
"""Inside is judged as if the frustum were this much wider: parallax and the edge are two questions."""


class Late(NamedTuple):
    """One moment: drawn with one pose, seen from another."""

    inside_px: float
    """Mean error over the picture."""
    edge_px: float
    """The farthest that a corner or edge of the frustum is from where it should be."""
    needed_deg: float
    """The margin with which the frustum drawn still covers the whole view."""


def late(world: World, screens: Sequence[Screen], drawn: Sight, true: Sight, wall_m: float, columns: int = 12) -> Late:
    """What drawing with `drawn` costs a camera that is at `true`, about `wall_m` from the wall."""
    inner = inner_frusta([drawn], [WIDE_DEG])
    shapes = [screen.shape for screen in screens]
    pixels = grid_px(true.resolution_px, columns)
    errors = measure(world, Drawn(screens, inner, drawn.position_m), shapes, true, pixels)
    lengths = lengths_px(errors)
    usable = lengths[np.isfinite(lengths) & (errors.wall >= 0)]
    inside = float(usable.mean()) if usable.size else math.nan
    return Late(inside, *_edges(drawn, true, wall_m))


def wall_distance_m(screens: Sequence[Screen], sights: Sequence[Sight]) -> float:
    """How far the walls are from these cameras, in the median; 5 where none is seen."""
    met = seen(screens, sights, 8)
    return float(np.median(met.distance_m[met.lit])) if met.lit.any() else 5.0


def _edges(drawn: Sight, true: Sight, wall_m: float) -> tuple[float, float]:
    """The frustum's outline, thrown on a wall at that distance, against the view's own, both seen by the camera."""
    edge, own = view_outline(drawn), view_outline(true)
    one = np.ones((len(edge), 1))
    thrown = np.concatenate((edge, one), axis=1) @ stage_from_plane(drawn).T * wall_m + np.subtract(
        drawn.position_m, true.position_m
    )
    x, y, z = (thrown @ stage_from_plane(true)).T
    away = np.hypot(x / z - own[:, 0], y / z - own[:, 1]).max() * focal_px(true)
    back = np.concatenate((own, one), axis=1) @ stage_from_plane(true).T * wall_m
    towards = back + np.subtract(true.position_m, drawn.position_m)
    a, b, c = (towards @ stage_from_plane(drawn)).T
    limits = np.degrees(np.arctan(edge))
    out = np.degrees(np.arctan(np.stack((a / c, b / c), axis=1)))
    over = np.maximum(limits.min(axis=0) - out.min(axis=0), out.max(axis=0) - limits.max(axis=0))
    return float(away), float(max(over.max(), 0.0))
