"""The loop of `lift`: each pixel of a panorama with its distance becomes a patch that lies on the surface seen."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.compiled import compiled

Floats32 = NDArray[np.float32]
SPREAD = 0.75
"""Standard deviation over the spacing of splats: closed (alpha 0.99) and still sharp."""
THINNEST, SLANT = 0.08, 0.12
"""A patch's thickness over its width; and the cosine beyond which it is not drawn out any longer."""
JUMP, ABRUPT = 0.12, 1.7
"""A pixel hangs between two surfaces where its neighbours' nearness differs by more than JUMP of their sum, and that is
ABRUPT times what it does further out: on a floor seen flat it changes as fast all along."""


class Seen(NamedTuple):
    """What is lifted."""

    colours: Floats32
    """[H, W, 3]."""
    distances_m: Floats32
    """[H, W], along the ray; 0 where nothing is."""
    flat: bool
    """Each patch faces the eye (a sky has no slope)."""


class Patches(NamedTuple):
    """Room for what comes of it: N patches."""

    means_m: Floats32
    rotations_wxyz: Floats32
    scales_m: Floats32
    colours: Floats32
    kept: NDArray[np.bool_]


@compiled
def lift_rows(
    seen: Seen, counts: NDArray[np.int64], starts: NDArray[np.int64], rows: tuple[int, int], into: Patches
) -> None:
    """Rows `rows[0]` to `rows[1]`; row r gives `counts[r]` patches from `starts[r]` on, evenly round the turn."""
    height, width = seen.distances_m.shape
    step = math.pi / height
    for r in range(rows[0], rows[1]):
        latitude = math.pi * (0.5 - (r + 0.5) / height)
        flat, up = math.cos(latitude), math.sin(latitude)
        reach = max(1, min(width // 8, int(1.0 / max(flat, 1e-3) + 0.5)))
        for j in range(counts[r]):
            at = starts[r] + j
            place = (j + 0.5) * width / counts[r]
            c = min(int(place), width - 1)
            d = seen.distances_m[r, c]
            into.kept[at] = d > 0 and not (not seen.flat and _hangs(seen.distances_m, r, c, reach))
            if not into.kept[at]:
                continue
            longitude = math.tau * (place / width - 0.5)
            x, y, z = flat * math.sin(longitude), flat * math.cos(longitude), up
            nx, ny, nz = -x, -y, -z
            if not seen.flat:
                nx, ny, nz = _normal(seen.distances_m, r, c, reach, step)
            into.means_m[at, 0], into.means_m[at, 1], into.means_m[at, 2] = d * x, d * y, d * z
            wide = max(step, math.tau * flat / counts[r]) * d * SPREAD
            _place(into, at, (x, y, z), (nx, ny, nz), wide)
            left = int(place + 0.5) - 1
            share = np.float32(place - 0.5 - left)
            a, b = left % width, (left + 1) % width
            for k in range(3):
                into.colours[at, k] = seen.colours[r, a, k] * (1 - share) + seen.colours[r, b, k] * share


@compiled
def _hangs(distances: Floats32, r: int, c: int, reach: int) -> bool:
    """Between two surfaces rather than on one."""
    height, width = distances.shape
    here = 1.0 / distances[r, c]
    for vertical in range(2):
        near, far = np.zeros(2), np.zeros(2)
        for side in range(2):
            sign = 2 * side - 1
            for k in range(2):
                hop = sign * (1 + 2 * k)
                rr = min(max(r + hop, 0), height - 1) if vertical else r
                cc = c if vertical else (c + hop * reach) % width
                d = distances[rr, cc]
                (near if k == 0 else far)[side] = 1.0 / d if d > 0 else 0.0
        jump = near[1] - near[0]
        between = (near[1] - here) * (here - near[0]) > 0
        if between and abs(jump) > JUMP * (near[0] + near[1]) and abs(jump) / 2 > ABRUPT * abs(far[1] - far[0]) / 6:
            return True
    return False


@compiled
def _point(distances: Floats32, r: int, c: int, step: float) -> tuple[float, float, float]:
    latitude = math.pi / 2 - (r + 0.5) * step
    longitude = (c + 0.5) * step - math.pi
    d = distances[r, c]
    flat = d * math.cos(latitude)
    return flat * math.sin(longitude), flat * math.cos(longitude), d * math.sin(latitude)


@compiled
def _slope(
    distances: Floats32, at: tuple[int, int], before: tuple[int, int], after: tuple[int, int], step: float
) -> tuple[float, float, float]:
    """From one neighbour to the other; at an edge only on the side that the pixel belongs to."""
    here = distances[at[0], at[1]]
    one, other = distances[before[0], before[1]], distances[after[0], after[1]]
    to_one = abs(1 / one - 1 / here) if one > 0 else 1e9
    to_other = abs(1 / other - 1 / here) if other > 0 else 1e9
    first = at if to_one > 2 * to_other + 1e-9 else before
    second = at if to_other > 2 * to_one + 1e-9 else after
    ax, ay, az = _point(distances, first[0], first[1], step)
    bx, by, bz = _point(distances, second[0], second[1], step)
    return bx - ax, by - ay, bz - az


@compiled
def _normal(distances: Floats32, r: int, c: int, reach: int, step: float) -> tuple[float, float, float]:
    """Unit, towards the eye."""
    height, width = distances.shape
    ux, uy, uz = _slope(distances, (r, c), (r, (c - reach) % width), (r, (c + reach) % width), step)
    vx, vy, vz = _slope(distances, (r, c), (max(r - 1, 0), c), (min(r + 1, height - 1), c), step)
    nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    px, py, pz = _point(distances, r, c, step)
    length = math.sqrt(nx * nx + ny * ny + nz * nz)
    deep = math.sqrt(px * px + py * py + pz * pz)
    if length < 1e-12:
        return -px / deep, -py / deep, -pz / deep
    if nx * px + ny * py + nz * pz > 0:
        length = -length
    return nx / length, ny / length, nz / length


@compiled
def _place(into: Patches, at: int, d: tuple[float, float, float], n: tuple[float, float, float], wide: float) -> None:
    """Axes: along the slant, across it, and the normal."""
    facing = -(d[0] * n[0] + d[1] * n[1] + d[2] * n[2])
    ax, ay, az = d[0] + facing * n[0], d[1] + facing * n[1], d[2] + facing * n[2]
    length = math.sqrt(ax * ax + ay * ay + az * az)
    if length < 1e-4:  # seen straight on: any axis will do
        ax, ay, az = (1.0 - n[0] * n[0], -n[0] * n[1], -n[0] * n[2])
        if abs(n[0]) > 0.9:
            ax, ay, az = (-n[1] * n[0], 1.0 - n[1] * n[1], -n[1] * n[2])
        length = math.sqrt(ax * ax + ay * ay + az * az)
    ax, ay, az = ax / length, ay / length, az / length
    bx, by, bz = n[1] * az - n[2] * ay, n[2] * ax - n[0] * az, n[0] * ay - n[1] * ax
    into.scales_m[at, 0] = wide / max(facing, SLANT)
    into.scales_m[at, 1] = wide
    into.scales_m[at, 2] = wide * THINNEST
    _quaternion(into.rotations_wxyz, at, (ax, ay, az), (bx, by, bz), n)


@compiled
def _quaternion(
    into: Floats32, at: int, a: tuple[float, float, float], b: tuple[float, float, float], n: tuple[float, float, float]
) -> None:
    """Of the matrix whose columns are a, b, n (Shepperd: from the largest of the four)."""
    w, x = 1 + a[0] + b[1] + n[2], 1 + a[0] - b[1] - n[2]
    y, z = 1 - a[0] + b[1] - n[2], 1 - a[0] - b[1] + n[2]
    most = max(w, x, y, z)
    if most == w:
        qw, qx, qy, qz = w, b[2] - n[1], n[0] - a[2], a[1] - b[0]
    elif most == x:
        qw, qx, qy, qz = b[2] - n[1], x, b[0] + a[1], n[0] + a[2]
    elif most == y:
        qw, qx, qy, qz = n[0] - a[2], b[0] + a[1], y, n[1] + b[2]
    else:
        qw, qx, qy, qz = a[1] - b[0], n[0] + a[2], n[1] + b[2], z
    length = math.sqrt(qw * qw + qx * qx + qy * qy + qz * qz)
    into[at, 0], into[at, 1], into[at, 2], into[at, 3] = qw / length, qx / length, qy / length, qz / length
