"""What a spot on a wall shows, compiled: the ray its four nearest pixels were drawn along, and where that ray ends."""

import math

import numpy as np

from bridge.compiled import compiled
from bridge.wall.frustum import DARK, Inner
from bridge.wall.kernels import owner_of, point_at
from bridge.wall.shape import Shape
from bridge.world.kernels import distance_along
from bridge.world.world import World

SPLIT = -3
"""In place of an owner: the pixels around were drawn for different eyes."""

Three = tuple[float, float, float]


@compiled
def _drawn_for(shape: Shape, inner: Inner, at: tuple[float, float]) -> tuple[Three, int]:
    """A pixel's point, and the row of the frustum it was drawn for (-1: outer, -2: nothing there)."""
    p = point_at(shape, at[0], at[1])
    return p, DARK if math.isnan(p[0]) else owner_of(inner, p)


@compiled
def drawn_along(
    shape: Shape, inner: Inner, viewpoint_m: np.ndarray, size_px: tuple[int, int], uv: np.ndarray, out: np.ndarray
) -> None:
    """For picture coordinates uv [n, 2]: eye, unit direction and owner of the light there, into out [n, 7]."""
    width, height = size_px
    for n in range(len(uv)):
        x = min(max(uv[n, 0] * width - 0.5, 0.0), width - 1.0)
        y = min(max(uv[n, 1] * height - 0.5, 0.0), height - 1.0)
        left, top = min(int(x), max(width - 2, 0)), min(int(y), max(height - 2, 0))
        fx, fy = x - left, y - top
        _, row = _drawn_for(shape, inner, ((round(x) + 0.5) / width, (round(y) + 0.5) / height))
        eye = (viewpoint_m[0], viewpoint_m[1], viewpoint_m[2])
        owner = row
        if row >= 0:
            eye = (inner.pupil_m[row, 0], inner.pupil_m[row, 1], inner.pupil_m[row, 2])
            owner = inner.camera[row]
        dx, dy, dz = 0.0, 0.0, 0.0
        for corner in range(4):
            i, j = corner % 2, corner // 2
            weight = (fx if i else 1.0 - fx) * (fy if j else 1.0 - fy)
            if weight <= 0.0:
                continue
            p, other = _drawn_for(shape, inner, ((left + i + 0.5) / width, (top + j + 0.5) / height))
            if other != row:
                owner = SPLIT
            rx, ry, rz = p[0] - eye[0], p[1] - eye[1], p[2] - eye[2]
            far = math.sqrt(rx * rx + ry * ry + rz * rz)
            dx, dy, dz = dx + weight * rx / far, dy + weight * ry / far, dz + weight * rz / far
        length = math.sqrt(dx * dx + dy * dy + dz * dz)
        out[n, 0], out[n, 1], out[n, 2] = eye
        out[n, 3], out[n, 4], out[n, 5], out[n, 6] = dx / length, dy / length, dz / length, owner


@compiled
def ends(world: World, drawn: np.ndarray, eye_m: np.ndarray, towards: np.ndarray) -> None:
    """Where drawn rays [n, 7] end in the world, as directions [n, 3] from another eye."""
    for n in range(len(drawn)):
        o, d = (drawn[n, 0], drawn[n, 1], drawn[n, 2]), (drawn[n, 3], drawn[n, 4], drawn[n, 5])
        far = distance_along(world, o, d)
        for axis in range(3):
            if far < math.inf:
                towards[n, axis] = drawn[n, axis] + far * drawn[n, 3 + axis] - eye_m[axis]
            else:
                towards[n, axis] = drawn[n, 3 + axis]
