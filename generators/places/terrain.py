"""Covering the ground with patches: as dense as the eye on the stage can tell apart, dense nowhere else.

The sampler is one idea. A height field is looked at from the stage; each piece of it gets patches in proportion to the
solid angle it fills. The patches' places are a golden-ratio lattice pushed through that density: such a lattice stays
even however it is stretched, so there are no clumps, no holes and no rows.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.places.patches import unit
from generators.places.scenery import Ground

Floats = NDArray[np.float64]
Wanted = Callable[[Floats, Floats], Floats]
"""How much a place x, y matters: 1 as seen, 0 not at all, 2 twice as many patches."""

GOLDEN = 0.6180339887498949
COLUMNS, STEPS = 384, 400
"""Of the grid on which the density is found, for 200 000 patches."""
EYE_M = 2.0
"""The density is judged from a little above head height, so that what peeps over a crest is not a hole."""
CREST_FROM_M, CREST_RAD, CREST_DENSER = 14.0, 0.007, 5.0
"""Where the ground goes from view is an edge on the picture: so far out, within that of it, patches are so much denser,
and the edge that much sharper."""
HIDDEN_STEPS = 4
"""So many cells further the ground must have gone from view."""
PEEPING, PEEP_RAD, LEAST_SHARE = 0.38, 0.003, (0.6, 0.15)
"""A patch's standard deviation upwards may be that share of the room below the edge and of so much over it, lest it
stand there like hair; but it is made no smaller than that: what is seen, and what is hidden."""
OVERLAP = 0.90
"""Standard deviation over spacing: below 0.85 more than a hundredth of what is behind shows through."""
LEAST_SLOPE, MOST_ASPECT = 0.035, 6.0
STANDS_OUT = 1.7
"""Standard deviations to which a tilted patch counts."""


class Reach(NamedTuple):
    """From where to where a surface is covered."""

    near_m: float = 0.05
    far_m: float = 1400.0
    even_m: float = 2.5
    """Within that, the same density everywhere: a camera may look at any of it."""


class Cover(NamedTuple):
    """Places on a surface, and the patch that each needs."""

    x_m: Floats
    y_m: Floats
    z_m: Floats
    normals: Floats
    """[N, 3], of the height field."""
    tangents: Floats
    """[N, 3], along the slope, across the line of sight."""
    sizes_m: Floats
    """[N, 3]."""

    @property
    def means_m(self) -> Floats:
        """[N, 3]."""
        return np.stack((self.x_m, self.y_m, self.z_m), axis=1)

    @property
    def distance_m(self) -> Floats:
        """[N], from the stage's centre."""
        return np.hypot(self.x_m, self.y_m)

    @property
    def slope_unit(self) -> Floats:
        """[N]: 0 level, 1 upright."""
        return 1.0 - self.normals[:, 2]


def covered(surface: Ground, count: int, reach: Reach | None = None, wanted: Wanted | None = None) -> Cover:
    """About `count` patches on a height field."""
    reach = reach or Reach()
    grid = min(max(math.sqrt(count / 200_000), 0.4), 1.5)
    columns, steps = int(COLUMNS * grid), int(STEPS * grid)
    azimuths = (np.arange(columns) + 0.5) * (2.0 * math.pi / columns)
    logs = np.linspace(math.log(reach.near_m), math.log(reach.far_m), steps + 1)
    radii = np.exp(0.5 * (logs[1:] + logs[:-1]))
    x, y = radii * np.sin(azimuths)[:, None], radii * np.cos(azimuths)[:, None]
    heights = surface(x, y)
    seen = seen_from_stage(radii, heights, logs[1] - logs[0], reach)
    density = seen.density if wanted is None else seen.density * wanted(x, y)
    return _placed(surface, count, density, seen, logs)


class Seen(NamedTuple):
    """What an eye on the stage sees of a surface, per cell of azimuth and log distance [columns, steps]."""

    density: Floats
    """Its solid angle; more below an edge."""
    slopes: Floats
    """Its rise on the picture over its depth."""
    edge_rad: Floats
    """Elevation of the edge that ends what is seen of it."""
    hidden: NDArray[np.bool_]
    """Behind that edge."""


def seen_from_stage(radii: Floats, heights: Floats, step: float, reach: Reach) -> Seen:
    """By elevation over distance, column by column."""
    elevation = np.arctan2(heights - EYE_M, radii)
    rise = np.diff(elevation, axis=1, prepend=elevation[:, :1] - 0.01) / step
    horizon = np.maximum.accumulate(elevation, axis=1)
    shown = np.clip(1.0 - (horizon - elevation) / 0.02, 0.0, 1.0)
    edges = _edges(elevation, horizon)
    crest = (edges - elevation < CREST_RAD) & (radii > CREST_FROM_M)
    # what rises between two cells' middles lies half in either
    steep = np.maximum(np.abs(rise), np.abs(np.append(rise[:, 1:], rise[:, -1:], axis=1)))
    slopes = np.maximum(steep * shown, LEAST_SLOPE)
    slopes = 0.5 * slopes + 0.25 * (np.roll(slopes, 1, axis=0) + np.roll(slopes, -1, axis=0))
    distance = np.hypot(radii, np.minimum(np.abs(heights - EYE_M), radii))
    density = slopes * radii / distance
    near = radii < reach.even_m
    if near.any() and not near.all():
        edge = int(near.sum())
        density[:, near] = density[:, edge : edge + 1] * (radii[near] / radii[edge]) ** 2
        slopes[:, near] = slopes[:, edge : edge + 1]
    dense, rounder = np.where(crest, CREST_DENSER * density, density), np.where(crest, np.maximum(slopes, 0.5), slopes)
    return Seen(dense, rounder, edges, elevation < horizon - 1e-4)


def _edges(elevation: Floats, horizon: Floats) -> Floats:
    """The elevation at which each cell's ground goes from view, there or further off, or behind which it has gone."""
    order = np.arange(int(elevation.shape[1]), dtype=np.int64)
    last = len(order) - 1
    behind = np.minimum(order + HIDDEN_STEPS, last)
    edge: NDArray[np.bool_] = (elevation >= horizon) & (horizon[:, behind] - elevation[:, behind] > 0.5 * CREST_RAD)
    edge[:, -1] = True
    at = np.where(edge, order, last)
    nearest = np.minimum.accumulate(at[:, ::-1], axis=1)[:, ::-1]
    return np.where(elevation < horizon, horizon, np.take_along_axis(elevation, nearest, axis=1))


def _placed(surface: Ground, count: int, density: Floats, seen: Seen, logs: Floats) -> Cover:
    """The lattice through the density, and each place's patch."""
    columns, steps = int(density.shape[0]), int(density.shape[1])
    sums = np.concatenate((np.zeros((columns, 1)), np.cumsum(density, axis=1)), axis=1)
    around: Floats = np.concatenate((np.zeros(1), np.cumsum(sums[:, -1])))
    if around[-1] <= 0.0:
        around, count = np.linspace(0.0, 1.0, columns + 1), 0
    order = np.arange(count)
    share_at = np.asarray((order + 0.5) / max(count, 1) * around[-1], np.float64)
    column_at = np.asarray(np.interp(share_at, around, np.arange(columns + 1.0)), np.float64)
    column = np.minimum(column_at.astype(np.int64), columns - 1)
    share = (order * GOLDEN + 0.5) % 1.0
    log_r = np.empty(count)
    for at, first, last in _runs(column):
        log_r[first:last] = np.interp(share[first:last] * sums[at, -1], sums[at], logs)
    step = np.clip(((log_r - logs[0]) / (logs[1] - logs[0])).astype(np.int64), 0, steps - 1)
    cell = (2.0 * math.pi / columns) * (logs[1] - logs[0])
    per_cell = np.maximum(density[column, step] * (count / around[-1]), 1e-9) / cell
    aspect = np.minimum(1.0 / seen.slopes[column, step], MOST_ASPECT)
    azimuth = column_at * (2.0 * math.pi / columns)
    r = np.exp(log_r)
    across_m, along_m = r / np.sqrt(per_cell * aspect), r * np.sqrt(aspect / per_cell)
    cover = on_surface(surface, azimuth, r, across_m, along_m)
    room_rad = _between_columns(seen.edge_rad, column_at, step) - np.arctan2(cover.z_m - EYE_M, r)
    hidden = seen.hidden[column, step]
    known = (r > CREST_FROM_M) & (hidden | (room_rad > -PEEP_RAD))  # the grid is too coarse for every ledge
    return cover._replace(sizes_m=_below_edge(cover, np.where(known, np.maximum(room_rad, 0.0), 1.0), hidden))


def _between_columns(edges: Floats, column_at: Floats, step: NDArray[np.int64]) -> Floats:
    """Elevation of the edge at places between the middles of the grid's columns; none (high up) beside what stands in
    one column only."""
    columns = edges.shape[0]
    at = column_at - 0.5
    left = np.floor(at).astype(np.int64)
    a, b = edges[left % columns, step], edges[(left + 1) % columns, step]
    return np.where(np.abs(a - b) < 0.03, a + (at - left) * (b - a), 1.0)


def _runs(column: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """(value, first, last) of each run of a sorted row."""
    values, firsts = np.unique(column, return_index=True)
    ends = np.append(firsts[1:], len(column))
    return [(int(v), int(a), int(b)) for v, a, b in zip(values, firsts, ends, strict=True)]


def on_surface(surface: Ground, azimuth: Floats, r: Floats, across_m: Floats, along_m: Floats) -> Cover:
    """Patches with neighbours `across_m` and `along_m` away on the plan, laid on the slope and stretched with it."""
    east, north = np.sin(azimuth), np.cos(azimuth)
    x, y = r * east, r * north
    half_m = np.clip(0.35 * np.minimum(across_m, along_m), 0.01, 4.0)
    z = surface(x, y)
    slope_x = (surface(x + half_m, y) - z) / half_m
    slope_y = (surface(x, y + half_m) - z) / half_m
    rise_across, rise_along = north * slope_x - east * slope_y, east * slope_x + north * slope_y
    tangents = unit(np.stack((north, -east, rise_across), axis=1))
    normals = unit(np.stack((-slope_x, -slope_y, np.ones_like(x)), axis=1))
    size_across = OVERLAP * across_m * np.hypot(1.0, np.minimum(np.abs(rise_across), 1.5))
    size_along = OVERLAP * along_m * np.hypot(1.0, np.minimum(np.abs(rise_along), 5.0))
    steep = np.abs(rise_along) / np.hypot(1.0, rise_along)
    size_along = np.minimum(size_along, 2.2 * size_across / np.maximum(steep, 0.05))  # no spikes
    thin = 0.12 * np.minimum(size_across, size_along)
    return Cover(x, y, z, normals, tangents, np.stack((size_across, size_along, thin), axis=1))


def _below_edge(cover: Cover, room_rad: Floats, hidden: NDArray[np.bool_]) -> Floats:
    """Sizes [N, 3], smaller for patches that would stick out over the edge above them by more than they may."""
    seconds = np.cross(cover.normals, cover.tangents)
    tall = np.hypot(cover.sizes_m[:, 0] * cover.tangents[:, 2], cover.sizes_m[:, 1] * seconds[:, 2])
    most = PEEPING * (room_rad + PEEP_RAD) * np.linalg.norm(cover.means_m, axis=1)
    least = np.where(hidden, LEAST_SHARE[1], LEAST_SHARE[0])
    return cover.sizes_m * np.clip(most / np.maximum(tall, 1e-9), least, 1.0)[:, None]


def roughened(cover: Cover, relief: Ground, step_m: Floats | float) -> Floats:
    """Normals [N, 3] tilted by a relief too fine to be height: what ripples, gravel and rock faces do to light."""
    at = relief(cover.x_m, cover.y_m)
    by_x = (relief(cover.x_m + step_m, cover.y_m) - at) / step_m
    by_y = (relief(cover.x_m, cover.y_m + step_m) - at) / step_m
    return unit(cover.normals - np.stack((by_x, by_y, np.zeros_like(by_x)), axis=1))


def thickened(cover: Cover, normals: Floats) -> Floats:
    """Sizes [N, 3] for patches turned to `normals`: each as thick as it then stands out of the ground, so that those of
    one slope do not throw dark specks on each other."""
    normals = unit(normals)
    out = np.linalg.norm(np.cross(normals, cover.normals), axis=1)
    sizes = cover.sizes_m.copy()
    sizes[:, 2] += STANDS_OUT * np.sqrt(sizes[:, 0] * sizes[:, 1]) * out
    return sizes
