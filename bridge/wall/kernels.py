"""The twins of `wall.shape`, `wall.frustum.shown_to` and the drawing of a wall, compiled: one pixel at a time."""

import math

import numpy as np

from bridge.compiled import compiled
from bridge.wall.frustum import DARK, OUTER, Inner
from bridge.wall.shape import SEAM, Arc, Shape
from bridge.world.kernels import light_along
from bridge.world.world import World

Three = tuple[float, float, float]

_TURN = 2.0 * math.pi
_CELLS = 64


@compiled
def _in_patch(a: float, b: float, triangular: bool) -> bool:
    if a < -SEAM or b < -SEAM:
        return False
    return a + b <= 1.0 + SEAM if triangular else (a <= 1.0 + SEAM and b <= 1.0 + SEAM)


@compiled
def point_at(shape: Shape, u: float, v: float) -> Three:
    """NaN where the surface has no such part of the picture."""
    arc = shape.arc
    if arc.radius_m > 0.0:
        angle = arc.left_rad - arc.arc_rad * u
        x, y = arc.x_m - arc.radius_m * math.sin(angle), arc.y_m + arc.radius_m * math.cos(angle)
        return x, y, arc.top_m - arc.height_m * v
    column, row = min(max(int(u * _CELLS), 0), _CELLS - 1), min(max(int(v * _CELLS), 0), _CELLS - 1)
    cell = row * _CELLS + column
    for at in range(shape.cell_start[cell], shape.cell_start[cell + 1]):
        n = shape.cell_patch[at]
        du, dv, m = u - shape.uv_unit[n, 0], v - shape.uv_unit[n, 1], shape.ab_from_uv[n]
        a, b = m[0, 0] * du + m[0, 1] * dv, m[1, 0] * du + m[1, 1] * dv
        if _in_patch(a, b, shape.triangular):
            o, e, f = shape.origin_m[n], shape.a_m[n], shape.b_m[n]
            return o[0] + a * e[0] + b * f[0], o[1] + a * e[1] + b * f[1], o[2] + a * e[2] + b * f[2]
    return math.nan, math.nan, math.nan


@compiled
def _meet_arc(arc: Arc, o: Three, d: Three, side: float) -> Three:
    px, py = o[0] - arc.x_m, o[1] - arc.y_m
    a, b = d[0] * d[0] + d[1] * d[1], px * d[0] + py * d[1]
    t = (side * math.sqrt(b * b - a * (px * px + py * py - arc.radius_m * arc.radius_m)) - b) / a
    if not t > 0.0:
        return math.inf, math.nan, math.nan
    turn = arc.left_rad - math.atan2(-(px + t * d[0]), py + t * d[1]) + SEAM
    u = (turn - _TURN * math.floor(turn / _TURN) - SEAM) / arc.arc_rad
    v = (arc.top_m - (o[2] + t * d[2])) / arc.height_m
    if -SEAM <= u <= 1.0 + SEAM and -SEAM <= v <= 1.0 + SEAM:
        return (t, u, v) if side > 0.0 else (t, math.nan, math.nan)
    return math.inf, math.nan, math.nan


@compiled
def meet(shape: Shape, o: Three, d: Three) -> Three:
    """Distance (inf: nothing), u, v (NaN: struck from behind, dark)."""
    best = (math.inf, math.nan, math.nan)
    if shape.arc.radius_m > 0.0:
        best = _meet_arc(shape.arc, o, d, -1.0)
        return best if best[0] < math.inf else _meet_arc(shape.arc, o, d, 1.0)
    for n in range(len(shape.origin_m)):
        normal, k = shape.normal[n], shape.origin_m[n]
        rx, ry, rz = k[0] - o[0], k[1] - o[1], k[2] - o[2]
        slope = d[0] * normal[0] + d[1] * normal[1] + d[2] * normal[2]
        t = (rx * normal[0] + ry * normal[1] + rz * normal[2]) / slope
        if not 0.0 < t < best[0]:
            continue
        x, y, z, e, f = t * d[0] - rx, t * d[1] - ry, t * d[2] - rz, shape.a_dual[n], shape.b_dual[n]
        a, b = x * e[0] + y * e[1] + z * e[2], x * f[0] + y * f[1] + z * f[2]
        if _in_patch(a, b, shape.triangular):
            m, start = shape.uv_from_ab[n], shape.uv_unit[n]
            u, v = start[0] + m[0, 0] * a + m[0, 1] * b, start[1] + m[1, 0] * a + m[1, 1] * b
            best = (t, u, v) if slope < 0.0 else (t, math.nan, math.nan)
    return best


@compiled
def owner_of(inner: Inner, p: Three) -> int:
    """Row of the first frustum that contains a point, -1 for none."""
    for c in range(len(inner.camera)):
        m, o = inner.plane_from_stage[c], inner.pupil_m[c]
        dx, dy, dz = p[0] - o[0], p[1] - o[1], p[2] - o[2]
        z = m[2, 0] * dx + m[2, 1] * dy + m[2, 2] * dz
        if z <= 0.0:
            continue
        x = (m[0, 0] * dx + m[0, 1] * dy + m[0, 2] * dz) / z - inner.centre[c, 0]
        y = (m[1, 0] * dx + m[1, 1] * dy + m[1, 2] * dz) / z - inner.centre[c, 1]
        table = inner.outline[c]
        place = (math.atan2(y, x) / _TURN + 0.5) * len(table) - 0.5
        low = math.floor(place)
        at = int(low)
        inverse = table[at % len(table)] * (1.0 - (place - low)) + table[(at + 1) % len(table)] * (place - low)
        if math.hypot(x, y) * inverse <= 1.0:
            return c
    return -1


@compiled
def paint(
    shape: Shape,
    world: World,
    inner: Inner,
    viewpoint_m: np.ndarray,
    numbers: tuple[float, float],
    rows: tuple[int, int],
    light: np.ndarray,
    owners: np.ndarray,
) -> None:
    """Draw rows of a wall's picture into light [H, W, 3] and owners [H, W]; numbers are the pitch and the peak."""
    height, width = owners.shape
    pitch_m, peak = numbers
    for row in range(rows[0], rows[1]):
        for column in range(width):
            p = point_at(shape, (column + 0.5) / width, (row + 0.5) / height)
            if math.isnan(p[0]):
                owners[row, column] = DARK
                light[row, column, 0] = light[row, column, 1] = light[row, column, 2] = 0.0
                continue
            c = owner_of(inner, p)
            o = (viewpoint_m[0], viewpoint_m[1], viewpoint_m[2])
            owners[row, column] = OUTER
            if c >= 0:
                o = (inner.pupil_m[c, 0], inner.pupil_m[c, 1], inner.pupil_m[c, 2])
                owners[row, column] = inner.camera[c]
            dx, dy, dz = p[0] - o[0], p[1] - o[1], p[2] - o[2]
            far = max(math.sqrt(dx * dx + dy * dy + dz * dz), 1e-9)
            seen = light_along(world, o, (dx / far, dy / far, dz / far), pitch_m / far)
            light[row, column, 0] = min(seen[0], peak)
            light[row, column, 1] = min(seen[1], peak)
            light[row, column, 2] = min(seen[2], peak)
