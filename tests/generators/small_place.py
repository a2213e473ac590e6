"""A place small enough for tests, whose every measure is known: level ground, one block north of the stage, a sky."""

import math

import numpy as np

from generators.environment import Made, Sun
from generators.splats import Splats, Tag, solid_colours

BLOCK_NEAR_M, BLOCK_HIGH_M, BLOCK_HALF_M = 6.0, 3.0, 1.5
"""Its front face stands at y = 6, is 3 m high and reaches from x = -1.5 to 1.5."""
SUN_PAN_DEG, SUN_TILT_DEG = -45.0, 40.0
"""Half right of north."""
WHITE = 2.0
SKY_ROWS = 128


def towards() -> tuple[float, float, float]:
    """Unit, from the stage to the sun."""
    pan, tilt = math.radians(SUN_PAN_DEG), math.radians(SUN_TILT_DEG)
    return (-math.sin(pan) * math.cos(tilt), math.cos(pan) * math.cos(tilt), math.sin(tilt))


def sky() -> np.ndarray:
    """Blue above, dark below, a sun of nine pixels."""
    rows, columns = SKY_ROWS, 2 * SKY_ROWS
    picture = np.zeros((rows, columns, 3), np.float32)
    picture[: rows // 2] = (0.2, 0.4, 0.9)
    picture[rows // 2 :] = 0.05
    x, y, z = towards()
    row = round((0.5 - math.asin(z) / math.pi) * rows - 0.5)
    column = round((0.5 + math.atan2(x, y) / math.tau) * columns - 0.5)
    picture[row - 1 : row + 2, column - 1 : column + 2] = 400.0
    return picture


def _patches(means: np.ndarray, rotation: tuple[float, ...], sizes: np.ndarray, colour: tuple, tag: Tag) -> Splats:
    count = len(means)
    return Splats(
        np.asarray(means, np.float32),
        np.tile(np.float32(rotation), (count, 1)),
        np.broadcast_to(np.asarray(sizes, np.float32), (count, 3)).copy(),
        np.full(count, 0.995, np.float32),
        solid_colours(np.tile(np.asarray(colour, np.float32), (count, 1))),
        np.full(count, tag, np.uint8),
        WHITE,
    )


def joined(parts: list[Splats]) -> Splats:
    """All of them, in order."""
    return Splats(*(np.concatenate([part[field] for part in parts]) for field in range(6)), WHITE)


def ground(half_m: float = 30.0, spacing_m: float = 0.3) -> Splats:
    """Green, at height 0."""
    line = np.arange(-half_m, half_m + spacing_m / 2, spacing_m)
    x, y = np.meshgrid(line, line)
    means = np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], axis=1)
    flat = np.array([spacing_m * 0.8, spacing_m * 0.8, 0.002])
    return _patches(means, (1, 0, 0, 0), flat, (0.2, 0.6, 0.2), Tag.TERRAIN)


def block(spacing_m: float = 0.1) -> Splats:
    """Red: the front face only, which is all that the stage sees."""
    x, z = np.meshgrid(
        np.arange(-BLOCK_HALF_M, BLOCK_HALF_M + 0.01, spacing_m), np.arange(0.0, BLOCK_HIGH_M + 0.01, spacing_m)
    )
    means = np.stack([x.ravel(), np.full(x.size, BLOCK_NEAR_M), z.ravel()], axis=1)
    return _patches(
        means, (1, 0, 0, 0), np.array([spacing_m * 0.8, 0.002, spacing_m * 0.8]), (0.8, 0.1, 0.1), Tag.STRUCTURE
    )


def dome(count: int = 4000, radius_m: float = 500.0) -> Splats:
    """Sky as splats, upper half and a little below."""
    k = np.arange(count) + 0.5
    z = 1.0 - 1.1 * k / count
    angle = k * math.pi * (3 - math.sqrt(5))
    flat = np.sqrt(1 - z * z)
    means = radius_m * np.stack([flat * np.cos(angle), flat * np.sin(angle), z], axis=1)
    size = radius_m * math.sqrt(2 * math.pi * 1.1 / count) * 0.8
    return _patches(means, (1, 0, 0, 0), np.full(3, size), (0.5, 0.6, 0.8), Tag.SKY)


def made(title: str = "a block on a lawn") -> Made:
    """What a maker would hand over."""
    splats = joined([ground(), block(), dome()])
    recipe = {"words": "a red block on a lawn", "seed": 7}
    return Made(title, splats, recipe, sky(), Sun(towards(), (3.0, 2.9, 2.7)), ("no words for 'block'",))
