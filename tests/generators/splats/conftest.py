"""Sets of splats that tests of moves, sets and formats share."""

from collections.abc import Callable

import numpy as np
import pytest

from generators.splats import SH_C0, Splats, Tag

Making = Callable[..., Splats]


def some_splats(count: int = 200, coefficients: int = 16, seed: int = 1, white_unit: float = 2.5) -> Splats:
    """In front of the origin, of every tag, with a look that changes with the direction."""
    rng = np.random.Generator(np.random.PCG64(seed))
    turns = rng.normal(size=(count, 4))
    sh = rng.normal(size=(count, coefficients, 3)) * 0.15
    sh[:, 0] = (rng.uniform(0.2, 0.8, (count, 3)) - 0.5) / SH_C0
    return Splats(
        means_m=(rng.uniform(-1, 1, (count, 3)) * (1.5, 1.5, 1.0) + (0, 5, 0.5)).astype(np.float32),
        rotations_wxyz=(turns / np.linalg.norm(turns, axis=1, keepdims=True)).astype(np.float32),
        scales_m=np.exp(rng.uniform(-3.5, -1.5, (count, 3))).astype(np.float32),
        opacities_unit=rng.uniform(0.1, 0.95, count).astype(np.float32),
        sh=sh.astype(np.float32),
        tags=rng.integers(0, len(Tag), count).astype(np.uint8),
        white_unit=white_unit,
    )


@pytest.fixture(scope="session")
def make() -> Making:
    """`some_splats`."""
    return some_splats
