"""Roads: a line over the plan that the land is cut to, asphalt in rows along it, markings, posts and guard rails.

A road here runs across the plan from back to front: one place across for each y. That is enough for every road that one
stands on, and makes the distance from it one line of arithmetic. Its surface is laid in its own rows and columns, so that
edges and markings are sharp where random patches would be soft.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from generators.places import noise
from generators.places.materials import ASPHALT, PAINT, SNOW, mixed, step, varied
from generators.places.patches import patches, unit
from generators.places.plants import sticks
from generators.places.scenery import Ground, Surfels, joined
from generators.splats import Tag

Floats = NDArray[np.float64]
LINE_M = 0.12
"""Width of a marking; RAL and MUTCD agree on 0.10 to 0.15 for rural roads."""
DASH_M, GAP_M = 3.0, 9.0
"""MUTCD 3A.06: dashes of 10 ft, gaps of 30 ft."""
EDGE_M = 0.25
"""From the asphalt's edge to the middle of the edge line."""


class Road(NamedTuple):
    """Its middle, at rising y."""

    y_m: Floats
    x_m: Floats
    z_m: Floats
    half_m: float
    """Half of the asphalt's width."""


class Along(NamedTuple):
    """Points on a road."""

    x_m: Floats
    y_m: Floats
    z_m: Floats
    right: Floats
    """[N, 2], unit, across the road on the plan."""


def lateral(road: Road, x_m: Floats, y_m: Floats) -> Floats:
    """Metres right of the middle, negative left; right to the curve's bend over the road's own width."""
    bend = np.interp(y_m, road.y_m, np.gradient(road.x_m, road.y_m))
    return (x_m - np.interp(y_m, road.y_m, road.x_m)) / np.hypot(1.0, bend)


def height(road: Road, y_m: Floats) -> Floats:
    """Of its middle."""
    return np.interp(y_m, road.y_m, road.z_m)


def cut(land: Ground, road: Road, shoulder_m: float, ease_m: float, camber: float = 0.02) -> Ground:
    """The land, level across the road and its shoulders, and led back to itself over `ease_m`."""

    def ground(x: Floats, y: Floats) -> Floats:
        off = np.abs(lateral(road, x, y))
        bed = height(road, y) - camber * np.minimum(off, road.half_m + shoulder_m)
        bed -= 0.06 * step(off, road.half_m, road.half_m + 0.4)
        away = step(off, road.half_m + shoulder_m, road.half_m + shoulder_m + ease_m)
        return bed * (1.0 - away) + np.asarray(land(x, y)) * away

    return ground


def at_length(road: Road, along_m: Floats) -> Along:
    """Points at distances along the road from where y is 0."""
    steps = np.hypot(np.diff(road.x_m), np.diff(road.y_m))
    length = np.concatenate(([0.0], np.cumsum(steps)))
    length -= np.interp(0.0, road.y_m, length)
    y, x = np.interp(along_m, length, road.y_m), np.interp(along_m, length, road.x_m)
    bend = np.interp(y, road.y_m, np.gradient(road.x_m, road.y_m))
    right = np.stack((np.ones_like(bend), -bend), axis=1) / np.hypot(1.0, bend)[:, None]
    return Along(x, y, height(road, y), right)


def rows(road: Road, far_m: float, fine: float) -> Floats:
    """Distances along the road, closer where it is nearer: `fine` is the step over the distance."""
    near = 4.0
    count = int(near / (near * fine))
    even = np.arange(count) * near * fine
    growing = near * (1.0 + fine) ** np.arange(int(np.log(far_m / near) / np.log1p(fine)))
    ahead = np.concatenate((even, growing))
    return np.concatenate((-ahead[:0:-1], ahead))


def strip(
    road: Road, ground: Ground, along_m: Floats, offsets_m: tuple[float, float], fine: float, lift_m: float = 0.0
) -> tuple[Floats, Floats, Floats, Floats]:
    """A lattice over a strip of the road: places [N, 3], normals, tangents and sizes; columns in step with its edges."""
    points = at_length(road, along_m)
    step_m = np.gradient(along_m)
    wide = offsets_m[1] - offsets_m[0]
    columns = np.maximum(np.ceil(wide / (fine * np.maximum(np.abs(along_m), 4.0))), 1).astype(np.int64)
    row = np.repeat(np.arange(len(along_m)), columns)
    column = np.arange(len(row)) - np.repeat(np.cumsum(columns) - columns, columns)
    off = offsets_m[0] + (column + 0.5) / columns[row] * wide
    x = points.x_m[row] + off * points.right[row, 0]
    y = points.y_m[row] + off * points.right[row, 1]
    z = np.asarray(ground(x, y))
    ahead = np.stack((-points.right[row, 1], points.right[row, 0]), axis=1)
    rise = (np.asarray(ground(x + 0.2 * ahead[:, 0], y + 0.2 * ahead[:, 1])) - z) / 0.2
    tangents = unit(np.concatenate((ahead, rise[:, None]), axis=1))
    side = np.concatenate((points.right[row], np.full((len(row), 1), -0.02) * np.sign(off)[:, None]), axis=1)
    normals = unit(np.cross(side, tangents))
    sizes = np.stack((0.62 * step_m[row], 0.58 * wide / columns[row], np.full(len(row), 0.002)), axis=1)
    return np.stack((x, y, z + lift_m), axis=1), normals, tangents, sizes


def asphalt(
    rng: np.random.Generator, road: Road, ground: Ground, count: int, ground_state: str = "dry"
) -> list[Surfels]:
    """Surface and markings, in bands that lie beside each other: what overlaps would show through in stripes."""
    seed = int(rng.integers(1 << 30))
    fine = _fineness(road, count)
    half, edge, line = road.half_m, road.half_m - EDGE_M, 0.5 * LINE_M
    along = rows(road, 700.0, 2.2 * fine)
    made: list[Surfels] = []
    for band in ((-half, -edge - line), (-edge + line, -line), (line, edge - line), (edge + line, half)):
        made.append(_tarmac(rng, strip(road, ground, along, band, fine), road, seed, ground_state))
    along = rows(road, 700.0, min(fine, 0.012))
    for middle in (-edge, 0.0, edge):
        lattice = strip(road, ground, along, (middle - line, middle + line), min(fine, 0.012))
        band = _tarmac(rng, lattice, road, seed, ground_state)
        if ground_state != "snow":
            painted = np.full(len(band.means_m), True) if middle else _dashed(road, lattice[0])
            band = _painted(rng, band, painted)
        made.append(band)
    return made


Lattice = tuple[Floats, Floats, Floats, Floats]


def _tarmac(rng: np.random.Generator, lattice: Lattice, road: Road, seed: int, ground_state: str) -> Surfels:
    """Grain, darker wheel tracks, patches and cracks; wet it shines; snow leaves the tracks."""
    means, normals, tangents, sizes = lattice
    x, y = means[:, 0], means[:, 1]
    off = np.abs(lateral(road, x, y))
    tracks = step(np.abs(np.abs(off - 0.5 * road.half_m) - 0.75), 0.45, 0.1)
    grain = 1.0 + 0.35 * noise.fbm(x, y, seed, 0.05, 2) + 0.22 * noise.fbm(x, y, seed + 1, 2.6, 4) - 0.16 * tracks
    cracks = step(noise.ridged(x, y, seed + 2, 2.1, 4, 0.6), 0.80, 0.86)
    albedo = varied(np.array(ASPHALT) * (grain * (1.0 - 0.45 * cracks))[:, None], len(x), rng, 0.12, 0.015)
    shine = np.zeros(len(x))
    if ground_state == "wet":
        puddle = step(noise.fbm(x, y, seed + 3, 1.8, 4) + 0.25 * tracks, 0.05, 0.3)
        albedo, shine = albedo * (0.55 - 0.15 * puddle)[:, None], 0.35 + 0.6 * puddle
    if ground_state == "snow":
        lying = np.clip(1.1 - 0.95 * tracks + 0.5 * noise.fbm(x, y, seed + 4, 0.9, 4), 0.0, 1.0)
        albedo = mixed(albedo, np.array(SNOW) * 0.92, lying)
    return patches(means, normals, tangents, sizes, albedo, Tag.TERRAIN, shine_unit=shine)


def _dashed(road: Road, means_m: Floats) -> NDArray[np.bool_]:
    """Where the middle line is painted."""
    length = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(road.x_m), np.diff(road.y_m)))))
    at = np.interp(means_m[:, 1], road.y_m, length - np.interp(0.0, road.y_m, length))
    return ((at + 4.5) % (DASH_M + GAP_M)) < DASH_M


def _painted(rng: np.random.Generator, band: Surfels, where: NDArray[np.bool_]) -> Surfels:
    """White, and a little worn."""
    count = len(where)
    worn = 1.0 - 0.25 * rng.random(count) - 0.3 * (rng.random(count) < 0.06)
    paint = np.asarray(PAINT) * worn[:, None]
    return band._replace(albedo_unit=np.where(where[:, None], paint, band.albedo_unit).astype(np.float32))


def _fineness(road: Road, count: int) -> float:
    """Step over distance at which the asphalt takes about so many patches."""
    low, high = 0.001, 0.2
    for _ in range(30):
        fine = np.sqrt(low * high)
        at = np.abs(rows(road, 700.0, 2.2 * fine))
        if np.ceil(2.0 * road.half_m / (fine * np.maximum(at, 4.0))).sum() > count:
            low = fine
        else:
            high = fine
    return float(high)


def guard_rail(rng: np.random.Generator, road: Road, ground: Ground, offset_m: float, far_m: float = 260.0) -> Surfels:
    """A steel beam on posts along one side, with its double wave."""
    along = rows(road, far_m, 0.016)
    points = at_length(road, along)
    x, y = points.x_m + offset_m * points.right[:, 0], points.y_m + offset_m * points.right[:, 1]
    foot = np.stack((x, y, np.asarray(ground(x, y))), axis=1)
    ahead = unit(np.gradient(foot, axis=0))
    inward = np.concatenate((points.right * -np.sign(offset_m), np.zeros((len(x), 1))), axis=1)
    made: list[Surfels] = []
    for low, tilt in ((0.50, -0.5), (0.56, 0.1), (0.62, 0.55), (0.68, -0.55), (0.74, -0.1), (0.80, 0.5)):
        facing = unit(inward + (0.0, 0.0, tilt))
        sizes = np.stack((0.7 * np.gradient(along), np.full(len(x), 0.034), np.full(len(x), 0.008)), axis=1)
        albedo = varied((0.46, 0.47, 0.48), len(x), rng, 0.06, 0.01)
        made.append(
            patches(foot + (0, 0, low), facing, ahead, sizes, albedo, Tag.STRUCTURE, shine_unit=0.12)
        )  # fmt: skip
    made.append(_posts(road, ground, offset_m + 0.08 * np.sign(offset_m), np.arange(-110.0, 150.0, 2.5), 0.74, 0.11))
    return joined(made)


def delineators(road: Road, ground: Ground, offset_m: float) -> Surfels:
    """White posts with a dark band, every 25 m on both sides."""
    at = np.arange(-250.0, 300.0, 25.0) + 11.0
    made: list[Surfels] = []
    for side in (-offset_m, offset_m):
        for low, high, colour in ((0.0, 0.7, PAINT), (0.7, 0.88, (0.03, 0.03, 0.03)), (0.88, 1.02, PAINT)):
            made.append(_posts(road, ground, side, at, high, 0.12, low, colour))
    return joined(made)


def _posts(
    road: Road, ground: Ground, offset_m: float, along_m: Floats, high_m: float, thick_m: float, low_m: float = -0.2,
    colour: ArrayLike = (0.40, 0.41, 0.42),
) -> Surfels:  # fmt: skip
    points = at_length(road, along_m)
    x, y = points.x_m + offset_m * points.right[:, 0], points.y_m + offset_m * points.right[:, 1]
    foot = np.stack((x, y, np.asarray(ground(x, y))), axis=1)
    cuts = np.linspace(low_m, high_m, 5)
    parts = [
        sticks(foot + (0, 0, a), foot + (0, 0, b), thick_m, colour, Tag.STRUCTURE)
        for a, b in zip(cuts[:-1], cuts[1:], strict=True)
    ]
    return joined(parts)
