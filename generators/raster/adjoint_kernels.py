"""The way back through the projection, compiled: from a footprint's sums to the splat's own numbers. In double, because
thin splats seen from the side make large terms that cancel. `oracle` is the readable twin: torch differentiates it."""

import math
from typing import NamedTuple

import numpy as np

from bridge.compiled import compiled, inlined
from generators.raster.backward_kernels import QD, QDD, QDE, QE, QEE, SUMS, TO_BLUE, TO_DEPTH, TO_GREEN, TO_RED, Q
from generators.raster.projection_kernels import (
    ACROSS,
    BLUE,
    BLUR_PX2,
    DOWN,
    GREEN,
    HALF_X,
    HALF_Y,
    OPACITY,
    RED,
    SLOPE,
    Cloud,
    Number,
    Seen,
    Three,
    View,
)

_C1 = 0.4886025119029199
_C20, _C22, _C24 = 1.0925484305920792, 0.31539156525252005, 0.5462742152960396
_C30, _C31, _C32, _C33, _C35 = (
    0.5900435899266435,
    2.890611442640554,
    0.4570457994644658,
    0.3731763325901154,
    1.445305721320277,
)


class Pulls(NamedTuple):
    """dL/d of `Cloud`, and what densification asks for."""

    means: np.ndarray
    turns: np.ndarray
    scales: np.ndarray
    opacities: np.ndarray
    sh: np.ndarray
    screen: np.ndarray
    """[N, 2]: length of dL/d(place on the picture), per pixel; radius in pixels, 0 where unseen."""


Four = tuple[Number, Number, Number, Number]
Matrix = tuple[Three, Three, Three]


@inlined
def turn_of(turns: np.ndarray, n: int) -> tuple[Four, Number, Matrix]:
    """A unit quaternion and the matrix it stands for."""
    w, i, j, k = float(turns[n, 0]), float(turns[n, 1]), float(turns[n, 2]), float(turns[n, 3])
    length = math.sqrt(w * w + i * i + j * j + k * k)
    w, i, j, k = w / length, i / length, j / length, k / length
    matrix = (
        (1 - 2 * (j * j + k * k), 2 * (i * j - w * k), 2 * (i * k + w * j)),
        (2 * (i * j + w * k), 1 - 2 * (i * i + k * k), 2 * (j * k - w * i)),
        (2 * (i * k - w * j), 2 * (j * k + w * i), 1 - 2 * (i * i + j * j)),
    )
    return (w, i, j, k), length, matrix


@inlined
def pull_turn(q: Four, length: Number, g: Matrix, into: np.ndarray) -> None:
    """dL/d(quaternion) of dL/d(matrix), through the normalisation."""
    w, i, j, k = q
    (g00, g01, g02), (g10, g11, g12), (g20, g21, g22) = g
    pw = 2 * (k * (g10 - g01) + j * (g02 - g20) + i * (g21 - g12))
    pi = 2 * (j * (g01 + g10) + k * (g02 + g20) + w * (g21 - g12) - 2 * i * (g11 + g22))
    pj = 2 * (i * (g01 + g10) + k * (g12 + g21) + w * (g02 - g20) - 2 * j * (g00 + g22))
    pk = 2 * (i * (g02 + g20) + j * (g12 + g21) + w * (g10 - g01) - 2 * k * (g00 + g11))
    along = w * pw + i * pi + j * pj + k * pk
    into[0], into[1] = (pw - w * along) / length, (pi - i * along) / length
    into[2], into[3] = (pj - j * along) / length, (pk - k * along) / length


@inlined
def pull_spread(f: np.ndarray, sums: np.ndarray, cov: Four, opacity: Number, blurred: Number) -> Four:
    """dL/d(xx, xy, yy) of the sharp covariance, and dL/d(opacity)."""
    sharp_xx, xy, sharp_yy, sharp = cov
    xx, yy = sharp_xx + BLUR_PX2, sharp_yy + BLUR_PX2
    det = sharp + BLUR_PX2 * (sharp_xx + sharp_yy) + BLUR_PX2 * BLUR_PX2
    to_slope = 16 * f[ACROSS] * sums[QDE]
    to_across, to_down = -8 * sums[QDD], -8 * sums[QEE]
    to_opacity = sums[Q] / f[OPACITY]
    to_xy = to_slope / yy
    to_yy = -to_slope * xy / (yy * yy) + to_across / (16 * det) - to_down / (16 * yy * yy)
    to_det, to_sharp = -to_across * yy / (16 * det * det), 0.0
    if blurred > 0:
        kept = math.sqrt(sharp / det)
        to_sharp = to_opacity * opacity * 0.5 / (kept * det)
        to_det -= to_opacity * opacity * 0.5 * kept / det
        to_opacity *= kept
    to_xx = to_det * yy + to_sharp * sharp_yy
    to_yy += to_det * xx + to_sharp * sharp_xx
    to_xy -= 2 * (to_det + to_sharp) * xy
    return to_xx, to_xy, to_yy, to_opacity


@compiled
def dot(a: Three, b: Three) -> Number:
    """Of triples."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@compiled
def times(row: Three, matrix: Matrix) -> Three:
    """row @ matrix."""
    return (
        row[0] * matrix[0][0] + row[1] * matrix[1][0] + row[2] * matrix[2][0],
        row[0] * matrix[0][1] + row[1] * matrix[1][1] + row[2] * matrix[2][1],
        row[0] * matrix[0][2] + row[1] * matrix[1][2] + row[2] * matrix[2][2],
    )


@compiled
def blend(s: Number, a: Three, t: Number, b: Three) -> Three:
    """s a + t b."""
    return s * a[0] + t * b[0], s * a[1] + t * b[1], s * a[2] + t * b[2]


@inlined
def pull_splat(cloud: Cloud, view: View, n: int, f: np.ndarray, sums: np.ndarray, pulls: Pulls) -> None:
    """One splat's geometry; the colour's share of the mean comes on top."""
    r0, r1, r2 = (
        (float(view.r00), float(view.r01), float(view.r02)),
        (float(view.r10), float(view.r11), float(view.r12)),
        (float(view.r20), float(view.r21), float(view.r22)),
    )
    p = cloud.means[n, 0] - view.eye_x, cloud.means[n, 1] - view.eye_y, cloud.means[n, 2] - view.eye_z
    z = dot(r2, p)
    x, y = dot(r0, p) / z, dot(r1, p) / z
    tx, ty = min(max(x, view.left), view.right), min(max(y, view.top), view.bottom)
    jx, jy = view.focal_x / z, view.focal_y / z
    a, b = blend(jx, r0, -jx * tx, r2), blend(jy, r1, -jy * ty, r2)
    q, length, turn = turn_of(cloud.turns, n)
    s = float(cloud.scales[n, 0]), float(cloud.scales[n, 1]), float(cloud.scales[n, 2])
    m, o = times(a, turn), times(b, turn)
    u, v = (m[0] * s[0], m[1] * s[1], m[2] * s[2]), (o[0] * s[0], o[1] * s[1], o[2] * s[2])
    c = u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]
    cov = dot(u, u), dot(u, v), dot(v, v), dot(c, c)
    to_xx, to_xy, to_yy, to_opacity = pull_spread(f, sums, cov, cloud.opacities[n], view.blurred)
    to_u, to_v = blend(2 * to_xx, u, to_xy, v), blend(to_xy, u, 2 * to_yy, v)
    for axis in range(3):
        pulls.scales[n, axis] = to_u[axis] * m[axis] + to_v[axis] * o[axis]
    pulls.opacities[n] = to_opacity
    # through u = (a R) s: to R, a and b
    us = to_u[0] * s[0], to_u[1] * s[1], to_u[2] * s[2]
    vs = to_v[0] * s[0], to_v[1] * s[1], to_v[2] * s[2]
    to_turn = blend(a[0], us, b[0], vs), blend(a[1], us, b[1], vs), blend(a[2], us, b[2], vs)
    pull_turn(q, length, to_turn, pulls.turns[n])
    to_a = dot(us, turn[0]), dot(us, turn[1]), dot(us, turn[2])
    to_b = dot(vs, turn[0]), dot(vs, turn[1]), dot(vs, turn[2])
    to_cx = 16 * f[ACROSS] * sums[QD]
    to_cy = 16 * f[DOWN] * sums[QE] - f[SLOPE] * to_cx
    to_x, to_y = to_cx * view.focal_x, to_cy * view.focal_y
    if view.left < x < view.right:
        to_x -= jx * dot(to_a, r2)
    if view.top < y < view.bottom:
        to_y -= jy * dot(to_b, r2)
    to_z = sums[TO_DEPTH] - (dot(to_a, a) + dot(to_b, b) + to_x * x + to_y * y) / z
    to_p = blend(1.0, blend(to_x / z, r0, to_y / z, r1), to_z, r2)
    pulls.means[n, 0], pulls.means[n, 1], pulls.means[n, 2] = to_p
    pulls.screen[n, 0], pulls.screen[n, 1] = math.sqrt(to_cx * to_cx + to_cy * to_cy), max(f[HALF_X], f[HALF_Y])


@inlined
def pull_colour(cloud: Cloud, view: View, n: int, f: np.ndarray, sums: np.ndarray, pulls: Pulls) -> None:
    """dL/d(sh), and what turning the direction of sight does to the mean."""
    k, sh, to_sh = cloud.sh.shape[1], cloud.sh[n], pulls.sh[n]
    to_r = sums[TO_RED] if f[RED] > 0 else 0.0
    to_g = sums[TO_GREEN] if f[GREEN] > 0 else 0.0
    to_b = sums[TO_BLUE] if f[BLUE] > 0 else 0.0
    px, py, pz = cloud.means[n, 0] - view.eye_x, cloud.means[n, 1] - view.eye_y, cloud.means[n, 2] - view.eye_z
    far = max(math.sqrt(px * px + py * py + pz * pz), 1e-9)
    x, y, z = px / far, py / far, pz / far
    gx, gy, gz = 0.0, 0.0, 0.0
    for at in range(k):
        value, dx, dy, dz = harmonic(at, x, y, z)
        to_sh[at, 0], to_sh[at, 1], to_sh[at, 2] = value * to_r, value * to_g, value * to_b
        share = sh[at, 0] * to_r + sh[at, 1] * to_g + sh[at, 2] * to_b
        gx, gy, gz = gx + share * dx, gy + share * dy, gz + share * dz
    along = gx * x + gy * y + gz * z
    pulls.means[n, 0] += (gx - x * along) / far
    pulls.means[n, 1] += (gy - y * along) / far
    pulls.means[n, 2] += (gz - z * along) / far


@compiled
def harmonic(k: int, x: Number, y: Number, z: Number) -> Four:
    """Y_k of a direction and its slope, the polynomial taken as it stands."""
    xx, yy, zz = x * x, y * y, z * z
    if k == 0:
        return 0.28209479177387814, 0.0, 0.0, 0.0
    if k == 1:
        return -_C1 * y, 0.0, -_C1, 0.0
    if k == 2:
        return _C1 * z, 0.0, 0.0, _C1
    if k == 3:
        return -_C1 * x, -_C1, 0.0, 0.0
    if k == 4:
        return _C20 * x * y, _C20 * y, _C20 * x, 0.0
    if k == 5:
        return -_C20 * y * z, 0.0, -_C20 * z, -_C20 * y
    if k == 6:
        return _C22 * (2 * zz - xx - yy), -2 * _C22 * x, -2 * _C22 * y, 4 * _C22 * z
    if k == 7:
        return -_C20 * x * z, -_C20 * z, 0.0, -_C20 * x
    if k == 8:
        return _C24 * (xx - yy), 2 * _C24 * x, -2 * _C24 * y, 0.0
    return harmonic_3(k, x, y, z)


@compiled
def harmonic_3(k: int, x: Number, y: Number, z: Number) -> Four:
    """The third degree."""
    xx, yy, zz = x * x, y * y, z * z
    if k == 9:
        return -_C30 * y * (3 * xx - yy), -_C30 * 6 * x * y, -_C30 * 3 * (xx - yy), 0.0
    if k == 10:
        return _C31 * x * y * z, _C31 * y * z, _C31 * x * z, _C31 * x * y
    if k == 11:
        return -_C32 * y * (4 * zz - xx - yy), _C32 * 2 * x * y, -_C32 * (4 * zz - xx - 3 * yy), -_C32 * 8 * y * z
    if k == 12:
        slope = 3 * (2 * zz - xx - yy)
        return _C33 * z * (2 * zz - 3 * (xx + yy)), -6 * _C33 * x * z, -6 * _C33 * y * z, _C33 * slope
    if k == 13:
        return -_C32 * x * (4 * zz - xx - yy), -_C32 * (4 * zz - 3 * xx - yy), _C32 * 2 * x * y, -_C32 * 8 * x * z
    if k == 14:
        return _C35 * z * (xx - yy), 2 * _C35 * x * z, -2 * _C35 * y * z, _C35 * (xx - yy)
    return -_C30 * x * (xx - 3 * yy), -_C30 * 3 * (xx - yy), _C30 * 6 * x * y, 0.0


@compiled
def pull_back(
    cloud: Cloud,
    view: View,
    seen: Seen,
    places: np.ndarray,
    entries: np.ndarray,
    gathered: np.ndarray,
    pulls: Pulls,
) -> None:
    """The footprints in `places`: their rows' sums together, and back to the splats."""
    sums = np.empty(SUMS, np.float64)
    for at in range(len(places)):
        place = int(places[at])
        sums[:] = 0.0
        for entry in range(entries[place], entries[place + 1]):
            for which in range(SUMS):
                sums[which] += gathered[entry, which]
        n, f = seen.whose[place], seen.footprints[place]
        pull_splat(cloud, view, n, f, sums, pulls)
        pull_colour(cloud, view, n, f, sums, pulls)
