"""A room of which everything is known: textured planes, photographed by casting a ray a pixel. No splat takes part."""

import functools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from bridge.calibrate.lens import board_detect
from bridge.calibrate.lens.board import Board
from generators.camera import Camera, look
from generators.photos.solved import Solved, View

Floats = NDArray[np.float64]

BOARD = Board(squares=(5, 4), square_mm=240.0)
BOARD_CORNER_M = (-0.6, 2.6, 0.0)
"""Top left of the pattern, which lies on the floor: x to the right, y towards whoever looks at it from the stage."""
_TEXEL_M = 0.01
_TILE = 512

PLANES = {
    "floor": ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    "back": ((0.0, 4.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),
    "left": ((-2.5, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "right": ((2.5, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
}


@functools.cache
def texture(seed: int) -> Floats:
    """[512, 512, 3] of 0..1: blotches of many sizes, sharp enough to be recognised, wrapping round."""
    random = np.random.Generator(np.random.PCG64(seed))
    total = np.zeros((_TILE, _TILE, 3))
    for size in (1.5, 3.0, 8.0):
        noise = gaussian_filter(random.standard_normal((_TILE, _TILE, 3)), (size, size, 0), mode="wrap")
        total += noise / noise.std()
    return 1.0 / (1.0 + np.exp(-1.2 * total))


def cameras(count: int, size_px: tuple[int, int] = (640, 480), height_m: float = 1.5) -> list[Camera]:
    """On an arc, looking ahead and somewhat down."""
    spots = np.linspace(-0.9, 0.9, count)
    return [
        look((float(x), float(-0.5 + 0.3 * x * x), height_m + 0.1 * (-1) ** i), 9.0 * float(x), -14.0, 65.0, size_px)
        for i, x in enumerate(spots)
    ]


def photo(camera: Camera, *, board: bool = False, finer: int = 2) -> NDArray[np.uint8]:
    """[H, W, 3], each pixel the mean of `finer` squared rays."""
    width, height = camera.size_px
    across = (np.arange(width * finer) + 0.5) / finer
    down = (np.arange(height * finer) + 0.5) / finer
    x, y = np.meshgrid(
        (across - camera.centre_px[0]) / camera.focal_px[0], (down - camera.centre_px[1]) / camera.focal_px[1]
    )
    rays = np.stack((x, y, np.ones_like(x)), axis=-1) @ camera.plane_from_stage
    best, shade = np.full(x.shape, np.inf), np.full((*x.shape, 3), 0.5)
    for number, (origin, u, v) in enumerate(PLANES.values()):
        normal = np.cross(u, v)
        away = (np.asarray(origin) - camera.position_m) @ normal / np.where(rays @ normal == 0, 1e-12, rays @ normal)
        hits = (away > 0) & (away < best)
        spots = np.asarray(camera.position_m) + away[hits, None] * rays[hits]
        shade[hits] = _shade(number, (spots - origin) @ u, (spots - origin) @ v, board and number == 0)
        best[hits] = away[hits]
    mean = shade.reshape(height, finer, width, finer, 3).mean(axis=(1, 3))
    return np.round(mean * 255).astype(np.uint8)


def _shade(number: int, u: Floats, v: Floats, board: bool) -> Floats:
    drawn = texture(number)
    first, second = u / _TEXEL_M, v / _TEXEL_M
    a, b = np.floor(first).astype(int), np.floor(second).astype(int)
    shade = np.zeros((len(u), 3))
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        weight = np.abs(1 - i - (first - a)) * np.abs(1 - j - (second - b))
        shade += weight[:, None] * drawn[(a + i) % _TILE, (b + j) % _TILE]
    if board:
        pattern = board_detect.draw(BOARD, 60)
        per_m = 60 / (BOARD.square_mm * 1e-3)
        column, row = (u - BOARD_CORNER_M[0]) * per_m, (BOARD_CORNER_M[1] - v) * per_m
        rim = 40
        padded = np.pad(pattern, rim, constant_values=255)
        inside = (column > -rim) & (column < pattern.shape[1] + rim) & (row > -rim) & (row < pattern.shape[0] + rim)
        shade[inside] = padded[(row[inside] + rim).astype(int), (column[inside] + rim).astype(int), None] / 255.0
    return shade


def points(count: int, seed: int = 3) -> Floats:
    """Places on the planes [count, 3]."""
    random = np.random.Generator(np.random.PCG64(seed))
    made: list[Floats] = []
    for number in range(count):
        origin, u, v = list(PLANES.values())[number % 3]
        low, high = (
            ((-2.4, 0.6), (2.4, 3.9))
            if number % 3 == 0
            else (((-2.4, 0.1), (2.4, 2.5)) if number % 3 == 1 else ((0.6, 0.1), (3.9, 2.5)))
        )
        a, b = random.uniform(low, high)
        made.append(np.asarray(origin) + a * np.asarray(u) + b * np.asarray(v))
    return np.array(made)


def known(count_photos: int = 6, count_points: int = 600) -> Solved:
    """What a perfect solver would say of the room, on the stage."""
    spots = points(count_points)
    views: list[View] = []
    for number, camera in enumerate(cameras(count_photos)):
        ahead = (spots - np.asarray(camera.position_m)) @ camera.plane_from_stage.T
        px = ahead[:, :2] / ahead[:, 2:] * camera.focal_px + camera.centre_px
        inside = (ahead[:, 2] > 0) & (px > 0).all(axis=1) & (px < camera.size_px).all(axis=1)
        views.append(
            View(f"{number}.jpg", f"{number}.jpg", camera, px[inside] / camera.size_px, np.flatnonzero(inside))
        )
    colours = np.random.Generator(np.random.PCG64(5)).random((count_points, 3))
    return Solved(tuple(views), spots, colours, 0.5, ())


def save(folder: Path, pictures: list[NDArray[np.uint8]]) -> list[Path]:
    """As photos of a camera: 00.jpg and on."""
    from generators.photos.frames import save_jpeg

    paths = [folder / f"{number:02d}.jpg" for number in range(len(pictures))]
    for path, picture in zip(paths, pictures, strict=True):
        save_jpeg(path, picture)
    return paths
