"""Splats to their footprints on a picture, compiled: EWA splatting (Zwicker et al. 2001) as 3DGS has it (Kerbl et al.
2023), with the opacity of what the pixel's blur widens lowered in exchange (Mip-Splatting, Yu et al. 2024)."""

import math
from typing import Any, NamedTuple

import numpy as np

from bridge.compiled import compiled_loosely, inlined

Number = Any
"""A float32: what numpy, math and numba say it becomes next differs."""
Three = tuple[Number, Number, Number]

LEAST_ALPHA = np.float32(1.0 / 255.0)
"""Where a splat covers less, it does not cover: that is where its ellipse ends."""
BLUR_PX2 = np.float32(0.3)
"""Variance that a pixel's own width adds to every splat."""
_MARGIN, _LEAST_MARGIN = 0.15, 0.3
"""How far outside the picture, in widths, the perspective is still followed; beyond, its slope at that border is used
(Kerbl et al.: 1.3 times the half width). At least as far as a cube's face does, so that the tiles of a wall agree."""

_0, _1, _2, _HALF = np.float32(0.0), np.float32(1.0), np.float32(2.0), np.float32(0.5)
EIGHTH = np.float32(0.125)

# What is where in a footprint's row of 16 floats, one cache line
X, Y, SLOPE, ACROSS, DOWN, OPACITY, REACH, RED, GREEN, BLUE, DEPTH, HALF_X, HALF_Y, STEEP, TALL = range(15)
FOOTPRINT = 16

TILE_X, TILE_Y = 32, 16


class View(NamedTuple):
    """A camera's numbers, all float32, as the kernels want them."""

    eye_x: np.float32
    eye_y: np.float32
    eye_z: np.float32
    r00: np.float32
    r01: np.float32
    r02: np.float32
    r10: np.float32
    r11: np.float32
    r12: np.float32
    r20: np.float32
    r21: np.float32
    r22: np.float32
    focal_x: np.float32
    focal_y: np.float32
    centre_x: np.float32
    centre_y: np.float32
    width: np.float32
    height: np.float32
    near: np.float32
    left: np.float32
    """The borders x / z, y / z within which the perspective is followed."""
    right: np.float32
    top: np.float32
    bottom: np.float32
    blurred: np.float32
    """1: opacity is lowered by what the blur widens. 0: not, as in files trained without."""


class Cloud(NamedTuple):
    """The arrays of `Splats`."""

    means: np.ndarray
    turns: np.ndarray
    scales: np.ndarray
    opacities: np.ndarray
    sh: np.ndarray


class Seen(NamedTuple):
    """What is in the picture, in places of its own; not every place is taken."""

    footprints: np.ndarray
    """[N, 16]."""
    whose: np.ndarray
    """[N]: the splat of each."""
    far: np.ndarray
    """[N]: from the eye."""
    spans: np.ndarray
    """[N, 2]: the rows of tiles that each touches, from .. up to."""


def borders(focal_px: float, centre_px: float, size_px: int) -> tuple[float, float]:
    """Of x / z, for a picture whose centre may be anywhere."""
    margin = max(_MARGIN * size_px / focal_px, _LEAST_MARGIN)
    return -centre_px / focal_px - margin, (size_px - centre_px) / focal_px + margin


@inlined
def axes(
    view: View, turns: np.ndarray, scales: np.ndarray, n: int, place: Three
) -> tuple[Number, Number, Number, Number, Number, Number]:
    """J W R S [2, 3] (Zwicker et al., eq. 31): the splat's axes as the picture shows them, two rows."""
    z, tx, ty = place
    fx, fy = view.focal_x / z, view.focal_y / z
    a0, a1, a2 = fx * (view.r00 - tx * view.r20), fx * (view.r01 - tx * view.r21), fx * (view.r02 - tx * view.r22)
    b0, b1, b2 = fy * (view.r10 - ty * view.r20), fy * (view.r11 - ty * view.r21), fy * (view.r12 - ty * view.r22)
    w, i, j, k = turns[n, 0], turns[n, 1], turns[n, 2], turns[n, 3]
    f = _2 / (w * w + i * i + j * j + k * k)
    r00, r01, r02 = _1 - f * (j * j + k * k), f * (i * j - w * k), f * (i * k + w * j)
    r10, r11, r12 = f * (i * j + w * k), _1 - f * (i * i + k * k), f * (j * k - w * i)
    r20, r21, r22 = f * (i * k - w * j), f * (j * k + w * i), _1 - f * (i * i + j * j)
    sx, sy, sz = scales[n, 0], scales[n, 1], scales[n, 2]
    return (
        (a0 * r00 + a1 * r10 + a2 * r20) * sx,
        (a0 * r01 + a1 * r11 + a2 * r21) * sy,
        (a0 * r02 + a1 * r12 + a2 * r22) * sz,
        (b0 * r00 + b1 * r10 + b2 * r20) * sx,
        (b0 * r01 + b1 * r11 + b2 * r21) * sy,
        (b0 * r02 + b1 * r12 + b2 * r22) * sz,
    )


@inlined
def spread(
    u0: Number, u1: Number, u2: Number, v0: Number, v1: Number, v2: Number
) -> tuple[Number, Number, Number, Number, Number]:
    """Covariance xx, xy, yy on the picture, its determinant without and with the pixel's blur; without cancellation:
    det(M M^T) is the squared length of the rows' cross product."""
    xx, xy, yy = u0 * u0 + u1 * u1 + u2 * u2, u0 * v0 + u1 * v1 + u2 * v2, v0 * v0 + v1 * v1 + v2 * v2
    c0, c1, c2 = u1 * v2 - u2 * v1, u2 * v0 - u0 * v2, u0 * v1 - u1 * v0
    sharp = c0 * c0 + c1 * c1 + c2 * c2
    return xx + BLUR_PX2, xy, yy + BLUR_PX2, sharp, sharp + BLUR_PX2 * (xx + yy) + BLUR_PX2 * BLUR_PX2


@inlined
def shade(sh: np.ndarray, n: int, channel: int, x: Number, y: Number, z: Number) -> Number:
    """0.5 + sum Y_k sh_k along a unit direction: one channel of the colour seen."""
    count = sh.shape[1]
    c = np.float32(0.28209479177387814) * sh[n, 0, channel] + _HALF
    if count > 1:
        c += np.float32(0.4886025119029199) * (z * sh[n, 2, channel] - y * sh[n, 1, channel] - x * sh[n, 3, channel])
    if count > 4:
        xx, yy, zz = x * x, y * y, z * z
        c += np.float32(1.0925484305920792) * (
            x * y * sh[n, 4, channel] - y * z * sh[n, 5, channel] - x * z * sh[n, 7, channel]
        )
        c += np.float32(0.31539156525252005) * (_2 * zz - xx - yy) * sh[n, 6, channel]
        c += np.float32(0.5462742152960396) * (xx - yy) * sh[n, 8, channel]
        if count > 9:
            c += shade_3(sh, n, channel, x, y, z)
    return max(c, _0)


@inlined
def shade_3(sh: np.ndarray, n: int, channel: int, x: Number, y: Number, z: Number) -> Number:
    """The third degree's share."""
    xx, yy, zz, three = x * x, y * y, z * z, np.float32(3.0)
    four = np.float32(4.0) * zz - xx - yy
    c = np.float32(0.5900435899266435) * (
        -y * (three * xx - yy) * sh[n, 9, channel] - x * (xx - three * yy) * sh[n, 15, channel]
    )
    c += np.float32(2.890611442640554) * x * y * z * sh[n, 10, channel]
    c -= np.float32(0.4570457994644658) * four * (y * sh[n, 11, channel] + x * sh[n, 13, channel])
    c += np.float32(0.3731763325901154) * z * (_2 * zz - three * (xx + yy)) * sh[n, 12, channel]
    return c + np.float32(1.445305721320277) * z * (xx - yy) * sh[n, 14, channel]


@compiled_loosely
def project(cloud: Cloud, view: View, first: int, last: int, seen: Seen) -> int:
    """Splats first..last: the footprints of those that can be seen, side by side from place `first` on; how many."""
    at, footprints = first, seen.footprints
    for n in range(first, last):
        px, py, pz = cloud.means[n, 0] - view.eye_x, cloud.means[n, 1] - view.eye_y, cloud.means[n, 2] - view.eye_z
        z = view.r20 * px + view.r21 * py + view.r22 * pz
        if not z > view.near or not cloud.opacities[n] > LEAST_ALPHA:
            continue
        x = (view.r00 * px + view.r01 * py + view.r02 * pz) / z
        y = (view.r10 * px + view.r11 * py + view.r12 * pz) / z
        tx, ty = min(max(x, view.left), view.right), min(max(y, view.top), view.bottom)
        u0, u1, u2, v0, v1, v2 = axes(view, cloud.turns, cloud.scales, n, (z, tx, ty))
        xx, xy, yy, sharp, det = spread(u0, u1, u2, v0, v1, v2)
        opacity = cloud.opacities[n]
        if view.blurred > _0:
            opacity *= math.sqrt(sharp / det)
        if not opacity > LEAST_ALPHA:
            continue
        reach = _2 * math.log(opacity / LEAST_ALPHA)
        half_x, half_y = math.sqrt(reach * xx), math.sqrt(reach * yy)
        cx, cy = view.focal_x * x + view.centre_x, view.focal_y * y + view.centre_y
        if cx + half_x <= _0 or cx - half_x >= view.width or cy + half_y <= _0 or cy - half_y >= view.height:
            continue
        footprints[at, X], footprints[at, Y], footprints[at, SLOPE] = cx, cy, xy / yy
        footprints[at, ACROSS], footprints[at, DOWN] = EIGHTH * _HALF * yy / det, EIGHTH * _HALF / yy
        footprints[at, OPACITY], footprints[at, REACH] = opacity, EIGHTH * _HALF * reach
        footprints[at, DEPTH], footprints[at, HALF_X], footprints[at, HALF_Y] = z, half_x, half_y
        steep = footprints[at, ACROSS] * footprints[at, SLOPE]
        upright = footprints[at, DOWN] + steep * footprints[at, SLOPE]
        footprints[at, STEEP] = steep / upright
        footprints[at, TALL] = math.sqrt(footprints[at, REACH] / upright)
        seen.spans[at, 0] = int(max(cy - half_y, _0)) // TILE_Y
        seen.spans[at, 1] = int(min(cy + half_y, view.height - _HALF)) // TILE_Y + 1
        far = math.sqrt(px * px + py * py + pz * pz)
        seen.far[at], seen.whose[at] = far, n
        px, py, pz = px / far, py / far, pz / far
        for channel in range(3):
            footprints[at, RED + channel] = shade(cloud.sh, n, channel, px, py, pz)
        at += 1
    return at - first
