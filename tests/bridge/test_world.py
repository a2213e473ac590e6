"""The world on the walls: exact answers along rays, and the compiled kernels against their readable twins."""

import math

import numpy as np
import pytest

from bridge.frames import quat_from_pan_tilt_roll
from bridge.incamera.photograph_kernels import look
from bridge.world.kernels import distance_along
from bridge.world.world import board_corners_m, checker, known_set, panorama_world, trace

EYE = np.array([0.1, 0.2, 1.6])


def directions(count: int = 4000) -> np.ndarray:
    rays = np.random.default_rng(4).normal(size=(count, 3)) * (1.0, 1.0, 0.4)
    return rays / np.linalg.norm(rays, axis=1, keepdims=True)


def test_the_floor_is_where_geometry_says() -> None:
    _, distance = trace(known_set(), EYE, [[0.0, -0.6, -0.8], [0.0, -1.2, -1.6], [0.0, -0.6, 0.8]])
    np.testing.assert_allclose(distance[:2], [2.0, 1.0])
    assert np.isinf(distance[2])


def test_the_boards_squares_are_black_and_white_at_their_depth() -> None:
    world = known_set()
    corner = board_corners_m(world.board)[0]
    black, white = corner + (-0.1, 0, 0.1), corner + (0.1, 0, 0.1)
    light, distance = trace(world, EYE, np.stack((black, white)) - EYE)
    np.testing.assert_allclose(distance, 1.0)
    assert light[0].max() < 0.05 < 1.0 < light[1].min()


def test_a_column_is_met_on_its_front() -> None:
    world = known_set()
    x, y, radius = world.columns_m[0, :3]
    flat = np.array([x - EYE[0], y - EYE[1], 0.0])
    length = np.linalg.norm(flat)
    _, distance = trace(world, EYE, [flat / length])
    assert distance[0] == pytest.approx(length - radius)


def test_a_checkers_mean_is_what_sampling_it_gives() -> None:
    random = np.random.default_rng(5)
    x, y, width_x, width_y = random.uniform(-3, 3, 50), random.uniform(-3, 3, 50), *random.uniform(0.05, 5, (2, 50))
    steps = (np.arange(200) + 0.5) / 200 - 0.5
    columns = np.floor(x[:, None] + width_x[:, None] * steps)
    rows = np.floor(y[:, None] + width_y[:, None] * steps)
    even = (columns[:, :, None] + rows[:, None, :]) % 2 == 0
    np.testing.assert_allclose(checker(x, y, width_x, width_y), even.mean(axis=(1, 2)), atol=0.02)


@pytest.mark.parametrize("spread", [0.0, 0.002, 0.03])
def test_kernels_see_what_their_twin_sees(spread: float) -> None:
    world, rays = known_set(0.5), directions()
    light = np.zeros((len(rays), 3), np.float32)
    look(world, EYE, rays, spread, light)
    expected, distance = trace(world, EYE, rays, spread)
    np.testing.assert_allclose(light, expected, atol=2e-3)
    if spread == 0.0:
        found = [distance_along(world, tuple(EYE), tuple(ray)) for ray in rays[:500]]
        np.testing.assert_allclose(found, distance[:500], rtol=1e-9)


def golden() -> np.ndarray:
    """One bright pixel 30 degrees right of +Y on the horizon: u = 0.5 + 30 / 360."""
    panorama = np.zeros((180, 360, 3), np.float32)
    panorama[89:91, 209:211] = 1.0
    return panorama


def test_a_panoramas_right_is_plus_x_and_its_centre_plus_y() -> None:
    world = panorama_world(golden())
    right, left = (quat_from_pan_tilt_roll(pan, 0, 0) for pan in (-30.0, 30.0))
    assert right != left
    at = [(math.sin(a), math.cos(a), 0.0) for a in np.radians((30.0, -30.0, 0.0))]
    light, distance = trace(world, EYE, at)
    np.testing.assert_allclose(light[:, 0], [1.0, 0.0, 0.0])
    assert np.isinf(distance).all()


def test_a_panorama_is_the_same_in_kernel_and_twin_even_over_its_seam() -> None:
    panorama = np.random.default_rng(6).uniform(size=(32, 64, 3)).astype(np.float32)
    world, rays = panorama_world(panorama, 1.0), np.concatenate((directions(500), [[0, -1, 0], [0, 0, 1], [0, 0, -1]]))
    light = np.zeros((len(rays), 3), np.float32)
    look(world, EYE, rays, 0.0, light)
    np.testing.assert_allclose(light, trace(world, EYE, rays)[0], atol=1e-5)


def test_a_panorama_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected \[H, 2 H, 3\], got \[10, 10, 3\]"):
        panorama_world(np.zeros((10, 10, 3), np.float32))
