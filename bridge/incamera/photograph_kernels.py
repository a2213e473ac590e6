"""The slow parts of photographing, compiled: rays through a lattice, what they meet, a wall's light over a pixel."""

import math

import numpy as np

from bridge.compiled import compiled
from bridge.wall.kernels import meet
from bridge.wall.shape import Shape
from bridge.world.kernels import light_along
from bridge.world.world import World

MOST_TAPS = 16

Three = tuple[float, float, float]
Eight = tuple[float, float, float, float, float, float, float, float]


@compiled
def meet_all(
    shape: Shape,
    origin_m: np.ndarray,
    directions: np.ndarray,
    number: int,
    t: np.ndarray,
    uv: np.ndarray,
    which: np.ndarray,
) -> None:
    """Keep, for directions [n, 3], the nearest wall so far: distance t [n], uv [n, 2], its number which [n]."""
    o = (origin_m[0], origin_m[1], origin_m[2])
    for n in range(len(directions)):
        hit = meet(shape, o, (directions[n, 0], directions[n, 1], directions[n, 2]))
        if hit[0] < t[n]:
            t[n], uv[n, 0], uv[n, 1] = hit
            which[n] = -1 if math.isnan(hit[1]) else number


@compiled
def _tap(picture: np.ndarray, x: float, y: float, weight: float, into: np.ndarray) -> None:
    """Bilinear; x and y in pixels, the first pixel's centre at 0.5. The outermost pixels go on beyond the edge."""
    height, width = picture.shape[:2]
    x, y = min(max(x - 0.5, 0.0), width - 1.0), min(max(y - 0.5, 0.0), height - 1.0)
    left, top = min(int(x), max(width - 2, 0)), min(int(y), max(height - 2, 0))
    fx, fy = x - left, y - top
    right, below = min(left + 1, width - 1), min(top + 1, height - 1)
    for c in range(3):
        upper = picture[top, left, c] * (1.0 - fx) + picture[top, right, c] * fx
        lower = picture[below, left, c] * (1.0 - fx) + picture[below, right, c] * fx
        into[c] += weight * (upper * (1.0 - fy) + lower * fy)


@compiled
def expose(
    picture: np.ndarray, number: int, uv: np.ndarray, which: np.ndarray, photo: np.ndarray, lit: np.ndarray
) -> None:
    """Add a wall's light to a photo [H, W, 3]; uv [H + 1, W + 1, 2] and which [H + 1, W + 1] at the pixels' corners.

    A pixel whose four corners see this wall is averaged over its footprint there; at an edge each corner counts for
    a quarter. lit [H, W] collects how much of the pixel saw light.
    """
    tall, wide = picture.shape[:2]
    for row in range(photo.shape[0]):
        for column in range(photo.shape[1]):
            seen = 0
            for corner in range(4):
                seen += which[row + corner // 2, column + corner % 2] == number
            if seen == 4:
                a, b, c, d = uv[row, column], uv[row, column + 1], uv[row + 1, column], uv[row + 1, column + 1]
                x, y = (a[0] + b[0] + c[0] + d[0]) * 0.25 * wide, (a[1] + b[1] + c[1] + d[1]) * 0.25 * tall
                ax, ay = (b[0] - a[0] + d[0] - c[0]) * 0.5 * wide, (b[1] - a[1] + d[1] - c[1]) * 0.5 * tall
                bx, by = (c[0] - a[0] + d[0] - b[0]) * 0.5 * wide, (c[1] - a[1] + d[1] - b[1]) * 0.5 * tall
                m = min(max(math.ceil(math.hypot(ax, ay) - 0.25), 1), MOST_TAPS)
                n = min(max(math.ceil(math.hypot(bx, by) - 0.25), 1), MOST_TAPS)
                for i in range(m):
                    for j in range(n):
                        p, q = (i + 0.5) / m - 0.5, (j + 0.5) / n - 0.5
                        _tap(picture, x + p * ax + q * bx, y + p * ay + q * by, 1.0 / (m * n), photo[row, column])
                lit[row, column] = 1.0
            elif seen > 0:
                for corner in range(4):
                    i, j = row + corner // 2, column + corner % 2
                    if which[i, j] == number:
                        _tap(picture, uv[i, j, 0] * wide, uv[i, j, 1] * tall, 0.25, photo[row, column])
                        lit[row, column] += 0.25


@compiled
def look(world: World, origin_m: np.ndarray, directions: np.ndarray, spread_rad: float, light: np.ndarray) -> None:
    """The world's light [n, 3] along unit directions [n, 3]."""
    o = (origin_m[0], origin_m[1], origin_m[2])
    for n in range(len(directions)):
        seen = light_along(world, o, (directions[n, 0], directions[n, 1], directions[n, 2]), spread_rad)
        light[n, 0], light[n, 1], light[n, 2] = seen


@compiled
def _straighten(k: Eight, limit: float, goal: tuple[float, float], guess: tuple[float, float]) -> Three:
    """`lens.undistort` for one point, by Newton's steps: x, y, and 1.0 where they arrived."""
    k1, k2, p1, p2, k3, k4, k5, k6 = k
    x, y = guess
    for _ in range(40):
        s = x * x + y * y
        up, down = 1.0 + s * (k1 + s * (k2 + s * k3)), 1.0 + s * (k4 + s * (k5 + s * k6))
        f = up / down
        slope = (k1 + s * (2.0 * k2 + s * 3.0 * k3) - f * (k4 + s * (2.0 * k5 + s * 3.0 * k6))) / down
        rx = x * f + 2.0 * p1 * x * y + p2 * (s + 2.0 * x * x) - goal[0]
        ry = y * f + p1 * (s + 2.0 * y * y) + 2.0 * p2 * x * y - goal[1]
        a = f + 2.0 * x * x * slope + 2.0 * p1 * y + 6.0 * p2 * x
        b = 2.0 * x * y * slope + 2.0 * p1 * x + 2.0 * p2 * y
        c = f + 2.0 * y * y * slope + 6.0 * p1 * y + 2.0 * p2 * x
        determinant = a * c - b * b
        step_x, step_y = (c * rx - b * ry) / determinant, (a * ry - b * rx) / determinant
        x, y = x - step_x, y - step_y
        over = math.hypot(x, y) / limit
        if over >= 1.0:
            x, y = x / over * (1.0 - 1e-12), y / over * (1.0 - 1e-12)
        if abs(step_x) + abs(step_y) < 1e-12:
            return x, y, 1.0 if determinant > 0.0 else 0.0
    return x, y, 0.0


@compiled
def lattice_rays(
    columns: int, xy: np.ndarray, turn: np.ndarray, k: Eight, limit: float, directions: np.ndarray
) -> None:
    """Unit directions [n, 3], row by row, of points on the distorted plane: xy is first x, step, first y, step."""
    bent = k != (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    x, y, arrived = 0.0, 0.0, 0.0
    for n in range(len(directions)):
        goal = (xy[0] + xy[1] * (n % columns), xy[2] + xy[3] * (n // columns))
        if bent:
            guess = (x, y) if arrived == 1.0 and n % columns else (goal[0] * 0.5, goal[1] * 0.5)
            x, y, arrived = _straighten(k, limit, goal, guess)
            if arrived == 0.0:
                directions[n, 0] = directions[n, 1] = directions[n, 2] = math.nan
                continue
        else:
            x, y = goal
        length = math.sqrt(x * x + y * y + 1.0)
        for axis in range(3):
            directions[n, axis] = (turn[axis, 0] * x + turn[axis, 1] * y + turn[axis, 2]) / length
