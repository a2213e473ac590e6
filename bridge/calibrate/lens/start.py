"""Where a solver begins: a focal length and the board's places, in closed form from flat boards (Zhang 1999)."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_WIDEST, _LONGEST = 0.2, 60.0  # focal lengths in picture widths that any lens has


def homography(flat: Floats, pixels: Floats) -> Floats:
    """[3, 3], from points of a plane [n, 2] to pixels [n, 2], by least squares."""
    into_flat, into_px = _normaliser(flat), _normaliser(pixels)
    a, b = _applied(into_flat, flat), _applied(into_px, pixels)
    one, none = np.ones(len(a)), np.zeros(len(a))
    rows_x = np.stack((a[:, 0], a[:, 1], one, none, none, none, *(-b[:, 0] * a.T), -b[:, 0]), axis=1)
    rows_y = np.stack((none, none, none, a[:, 0], a[:, 1], one, *(-b[:, 1] * a.T), -b[:, 1]), axis=1)
    found = np.linalg.svd(np.concatenate((rows_x, rows_y)))[2][-1].reshape(3, 3)
    h = np.linalg.inv(into_px) @ found @ into_flat
    return h / np.linalg.norm(h)


def _normaliser(points: Floats) -> Floats:
    middle, spread = points.mean(axis=0), max(float(points.std()), 1e-12)
    return np.array([[1 / spread, 0, -middle[0] / spread], [0, 1 / spread, -middle[1] / spread], [0, 0, 1]])


def _applied(h: Floats, points: Floats) -> Floats:
    return points @ h[:2, :2].T + h[:2, 2]


def focal_px(homographies: Sequence[Floats], resolution_px: tuple[int, int], shape: float, otherwise: float) -> float:
    """The focal length across that makes the boards' axes square and alike; `otherwise` where they do not say."""
    upper: list[float] = []
    lower: list[float] = []
    for h in homographies:
        centred = (
            np.array([[1, 0, -resolution_px[0] / 2], [0, 1 / shape, -resolution_px[1] / 2 / shape], [0, 0, 1]]) @ h
        )
        a, b = centred[:, 0], centred[:, 1]
        size = float(a[:2] @ a[:2] + b[:2] @ b[:2])
        for flat, deep in ((a[:2] @ b[:2], a[2] * b[2]), (a[:2] @ a[:2] - b[:2] @ b[:2], a[2] ** 2 - b[2] ** 2)):
            upper.append(float(-flat * deep) / size**2)
            lower.append(float(deep * deep) / size**2)
    square = sum(upper) / max(sum(lower), 1e-300)
    found = math.sqrt(square) if square > 0 else 0.0
    return found if _WIDEST < found / resolution_px[0] < _LONGEST else otherwise


def board_pose(h: Floats, focal: float, resolution_px: tuple[int, int], shape: float) -> tuple[Floats, Floats]:
    """camera_from_board, turn [3, 3] and move [3], of a homography."""
    inverse = np.array(
        [
            [1 / focal, 0, -resolution_px[0] / 2 / focal],
            [0, 1 / (focal * shape), -resolution_px[1] / 2 / (focal * shape)],
            [0, 0, 1],
        ]
    )
    bare = inverse @ h
    bare /= math.sqrt(np.linalg.norm(bare[:, 0]) * np.linalg.norm(bare[:, 1])) * (1 if bare[2, 2] > 0 else -1)
    u, _, v = np.linalg.svd(np.stack((bare[:, 0], bare[:, 1], np.cross(bare[:, 0], bare[:, 1])), axis=1))
    return u @ np.diag([1.0, 1.0, np.linalg.det(u @ v)]) @ v, bare[:, 2]
