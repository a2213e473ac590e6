"""A made-up set to time and test drawing on: ground to the horizon, things standing on it, a sky. Seen from the origin
at head height, looking forward with 70 degrees, four in five of its splats are in the picture or just beside it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generators.splats import Splats, Tag

Floats = NDArray[Any]
_HALF_VIEW_RAD = 0.75
_SKY_M = 600.0


def outdoors(count: int, coefficients: int = 1, seed: int = 4) -> Splats:
    """`count` splats with `coefficients` spherical harmonics each; sizes shrink as the count grows, so cover stays."""
    rng = np.random.Generator(np.random.PCG64(seed))
    ground, things = int(0.45 * count), int(0.4 * count)
    parts = (_ground(rng, ground), _things(rng, things), _sky(rng, count - ground - things))
    means, scales, colours = (np.concatenate([part[field] for part in parts]) for field in range(3))
    tags = np.concatenate([part[3] for part in parts])
    turns = rng.normal(size=(count, 4))
    turns[tags != Tag.FOLIAGE] = (1.0, 0.0, 0.0, 0.0)
    turns[tags != Tag.FOLIAGE, 1:] += rng.normal(0.0, 0.03, size=(int((tags != Tag.FOLIAGE).sum()), 3))
    sh = rng.normal(0.0, 0.05, size=(count, coefficients, 3))
    sh[:, 0] = (colours - 0.5) / 0.28209479177387814
    return Splats(
        means.astype(np.float32),
        (turns / np.linalg.norm(turns, axis=1, keepdims=True)).astype(np.float32),
        scales.astype(np.float32),
        rng.uniform(0.55, 0.99, count).astype(np.float32),
        sh.astype(np.float32),
        tags,
    )


Part = tuple[Floats, Floats, Floats, NDArray[np.uint8]]


def _bearing(rng: np.random.Generator, count: int, far: Floats, height: Floats) -> Floats:
    angle = rng.uniform(-_HALF_VIEW_RAD, _HALF_VIEW_RAD, count)
    return np.stack((far * np.sin(angle), far * np.cos(angle), height), axis=1)


def _ground(rng: np.random.Generator, count: int) -> Part:
    far = 1.8 * np.exp(rng.uniform(0.0, np.log(150.0), count))
    means = _bearing(rng, count, far, rng.normal(0.0, 0.01, count) * far)
    size = far * np.sqrt(5.0 * 2 * _HALF_VIEW_RAD / max(count, 1)) * 0.55
    scales = np.stack((size, size, 0.05 * size), axis=1) * rng.uniform(0.7, 1.3, (count, 1))
    colours = np.array((0.45, 0.40, 0.28)) + rng.normal(0.0, 0.08, (count, 1)) + rng.normal(0.0, 0.02, (count, 3))
    return means, scales, colours, np.full(count, Tag.TERRAIN, np.uint8)


def _things(rng: np.random.Generator, count: int) -> Part:
    trees = 60
    far = np.sort(rng.uniform(6.0, 80.0, trees))
    feet = _bearing(rng, trees, far, np.zeros(trees))
    which = rng.integers(0, trees, count)
    towards = rng.normal(size=(count, 3))
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    means = feet[which] + np.array((0.0, 0.0, 3.2)) + towards * np.array((2.2, 2.2, 2.6))
    size = 0.9 / np.sqrt(max(count / trees, 1)) * 2.2
    scales = size * np.exp(rng.normal(0.0, 0.35, (count, 3)))
    shade = 0.3 + 0.3 * (towards[:, 2:] * 0.5 + 0.5)
    colours = shade * np.array((0.75, 1.0, 0.5)) + rng.normal(0.0, 0.05, (count, 1))
    return means, scales, colours, np.full(count, Tag.FOLIAGE, np.uint8)


def _sky(rng: np.random.Generator, count: int) -> Part:
    height = rng.uniform(-0.02, 0.75, count)
    means = _bearing(rng, count, np.full(count, _SKY_M), _SKY_M * height)
    size = _SKY_M * np.sqrt(0.77 * 2 * _HALF_VIEW_RAD / max(count, 1)) * 0.7
    scales = np.full((count, 3), size)
    colours = np.array((0.75, 0.82, 0.9)) - height[:, None] * np.array((0.55, 0.42, 0.2))
    return means, scales, colours, np.full(count, Tag.SKY, np.uint8)
