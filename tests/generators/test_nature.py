"""Landscapes: level where one stands, closed to the eye, roads as wide as stated and free, the same twice."""

import numpy as np
import pytest
from scipy.spatial import KDTree

from generators.camera import look
from generators.places import noise, noise_kernels, roads
from generators.places.assembly import rotations_of
from generators.places.brief import Brief, Place
from generators.places.instances import scattered, set_down, standing
from generators.places.landforms import flat, rolling
from generators.places.mountain_road import winding
from generators.places.patches import taken
from generators.places.plan import Plan
from generators.places.roadside import HALF_M
from generators.places.scenery import Scenery, Surfels
from generators.places.table import PLACES
from generators.places.terrain import covered
from generators.places.trees import conifer
from generators.raster.render import render
from generators.splats import Splats, Tag, solid_colours

pytestmark = pytest.mark.slow

LANDSCAPES: tuple[Place, ...] = (
    "desert",
    "mountain_road",
    "coast_road",
    "forest",
    "meadow",
    "beach",
    "alien_plain",
)
RADIUS_M, COUNT = 4.0, 40_000


@pytest.fixture(scope="module")
def made() -> dict[str, Scenery]:
    return {place: PLACES[place](Brief(place, 720), Plan(3, COUNT, RADIUS_M)) for place in LANDSCAPES}


@pytest.mark.parametrize("place", LANDSCAPES)
def test_the_free_ground_is_level_and_nothing_stands_on_it(made: dict[str, Scenery], place: str) -> None:
    surfels, ground, *_ = made[place]
    r, angle = np.meshgrid(np.linspace(0.0, RADIUS_M, 20), np.linspace(0.0, 6.28, 90))
    assert np.abs(ground(r * np.sin(angle), r * np.cos(angle))).max() <= 0.01
    inside = np.hypot(surfels.means_m[:, 0], surfels.means_m[:, 1]) < RADIUS_M
    heights = surfels.means_m[inside, 2]
    assert not ((heights > 0.05) & (heights < 2.5)).any()
    floor = inside & (surfels.tags == Tag.TERRAIN)
    assert floor.sum() > 200
    assert np.abs(surfels.means_m[floor, 2]).max() <= 0.01


@pytest.mark.parametrize("place", LANDSCAPES)
def test_patches_are_sound(made: dict[str, Scenery], place: str) -> None:
    surfels = made[place].surfels
    assert 0.8 * COUNT < len(surfels.means_m) < 1.25 * COUNT
    assert all(np.isfinite(field).all() for field in surfels)
    np.testing.assert_allclose(np.linalg.norm(surfels.normals, axis=1), 1.0, atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(surfels.tangents, axis=1), 1.0, atol=1e-4)
    assert np.abs((surfels.normals * surfels.tangents).sum(axis=1)).max() < 1e-3
    assert surfels.sizes_m.min() > 0
    assert surfels.albedo_unit.min() >= 0 and surfels.albedo_unit.max() <= 0.95
    assert np.hypot(surfels.means_m[:, 0], surfels.means_m[:, 1]).max() < 1420  # the sky's dome begins there


@pytest.mark.parametrize("place", LANDSCAPES)
def test_no_hole_below_the_horizon(made: dict[str, Scenery], place: str) -> None:
    splats = as_splats(made[place].surfels)
    for pan in (0.0, 90.0, 180.0, -90.0):
        alpha = render(splats, look((0.0, 0.0, 1.6), pan, -47.0, 90.0, (64, 64))).alpha_unit
        assert alpha.min() >= 0.9 and alpha.mean() >= 0.99, (place, pan)  # from 2 degrees below the horizon down


def test_what_belongs_there_is_there(made: dict[str, Scenery]) -> None:
    def share(place: str, tag: Tag) -> float:
        return float((made[place].surfels.tags == tag).mean())

    assert share("forest", Tag.FOLIAGE) > 0.4
    assert share("meadow", Tag.FOLIAGE) > 0.3
    assert share("beach", Tag.WATER) > 0.15
    assert share("coast_road", Tag.WATER) > 0.1
    assert share("desert", Tag.WATER) == 0
    assert share("alien_plain", Tag.LIGHT) > 0.01
    assert len(made["alien_plain"].lamps.positions_m) > 3
    beach = made["beach"]
    sea = beach.surfels.means_m[beach.surfels.tags == Tag.WATER]
    assert beach.water_m is not None
    assert np.abs(sea[:, 2] - beach.water_m).max() < 1.0
    assert (sea[:, 1] > RADIUS_M).mean() > 0.9  # ahead


def test_same_seed_same_bytes_another_seed_another_place() -> None:
    first, again, other = (PLACES["meadow"](Brief("meadow", 720), Plan(seed, 20_000, 4.0)) for seed in (5, 5, 6))
    assert all(a.tobytes() == b.tobytes() for a, b in zip(first.surfels, again.surfels, strict=True))
    x = np.linspace(20.0, 300.0, 50)
    assert np.abs(first.ground_m(x, x) - other.ground_m(x, x)).max() > 1.0


def test_seasons_and_snow_show() -> None:
    briefs = (
        Brief("forest", 720),
        Brief("forest", 720, season="autumn"),
        Brief("forest", 720, ground="snow", season="winter"),
    )
    summer, autumn, snow = (PLACES["forest"](brief, Plan(1, 20_000, 4.0)).surfels for brief in briefs)
    leaves = [s.albedo_unit[(s.tags == Tag.FOLIAGE) & (s.means_m[:, 2] > 2)].mean(axis=0) for s in (summer, autumn)]
    assert leaves[0][1] > leaves[0][0]  # green
    assert leaves[1][0] > 1.3 * leaves[1][1]  # red and gold
    floors = [s.albedo_unit[s.tags == Tag.TERRAIN].mean() for s in (summer, snow)]
    assert floors[1] > 3 * floors[0]


def test_the_road_is_as_wide_and_marked_as_stated(made: dict[str, Scenery]) -> None:
    road = winding(Plan(3, COUNT, RADIUS_M), 26.0, 0.045)
    parts = roads.asphalt(np.random.default_rng(1), road, flat(), 9000)
    paint = [part.means_m[part.albedo_unit[:, 0] > 0.3].astype(np.float64) for part in parts]
    lines = [roads.lateral(road, p[:, 0], p[:, 1])[np.abs(p[:, 1]) < 3.0] for p in (paint[4], paint[6])]
    for off, middle in zip(lines, (-HALF_M + roads.EDGE_M, HALF_M - roads.EDGE_M), strict=True):
        assert abs(off.mean() - middle) < 0.01
        assert off.max() - off.min() < roads.LINE_M
    surface = np.concatenate([part.means_m for part in parts]).astype(np.float64)
    near = np.abs(surface[:, 1]) < 60.0
    off = roads.lateral(road, surface[near, 0], surface[near, 1])
    assert 2 * HALF_M - 0.3 < off.max() - off.min() < 2 * HALF_M + 0.35
    straight = paint[5][np.abs(paint[5][:, 1]) < 8.0]  # the dash under the stage's middle, 3 m long
    assert len(straight)
    period = roads.DASH_M + roads.GAP_M
    assert abs(len(paint[5]) / len(parts[5].means_m) - roads.DASH_M / period) < 0.06


def test_the_road_is_free_of_trees_and_stones(made: dict[str, Scenery]) -> None:
    road = winding(Plan(3, COUNT, RADIUS_M), 26.0, 0.045)
    surfels, ground, *_ = made["mountain_road"]
    x, y, z = surfels.means_m.astype(np.float64).T
    above = z - ground(x, y)
    on_it = (np.abs(roads.lateral(road, x, y)) < HALF_M - 0.2) & (np.abs(y) < 300) & (above > 0.1) & (above < 4.0)
    assert not on_it.any()


def test_points_along_a_road_are_as_far_apart_as_asked() -> None:
    road = winding(Plan(9, COUNT, RADIUS_M), 26.0, 0.0)
    at = roads.at_length(road, np.arange(-200.0, 200.0, 1.0))
    np.testing.assert_allclose(np.hypot(np.diff(at.x_m), np.diff(at.y_m)), 1.0, atol=0.02)


def test_noise_knows_its_own_slope() -> None:
    for x, y in np.random.default_rng(0).uniform(-40.0, 40.0, (50, 2)):
        _, by_x, by_y = noise_kernels.noise(x, y, 7)
        e = 1e-5
        along_x = (noise_kernels.noise(x + e, y, 7)[0] - noise_kernels.noise(x - e, y, 7)[0]) / (2 * e)
        along_y = (noise_kernels.noise(x, y + e, 7)[0] - noise_kernels.noise(x, y - e, 7)[0]) / (2 * e)
        assert abs(by_x - along_x) < 1e-4 and abs(by_y - along_y) < 1e-4


def test_noise_is_the_same_in_parts_and_at_once() -> None:
    x, y = np.random.default_rng(2).uniform(-100.0, 100.0, (2, 30_000))
    whole = noise.fbm(x, y, 11, 9.0)
    np.testing.assert_array_equal(whole[:500], noise.fbm(x[:500], y[:500], 11, 9.0))
    assert abs(whole.mean()) < 0.05 and 0.1 < whole.std() < 0.4


def test_scattered_things_keep_apart() -> None:
    stand = scattered(np.random.default_rng(1), flat(), 5.0, 60.0, 3.0)
    distances, _ = KDTree(np.stack((stand.x_m, stand.y_m), axis=1)).query(np.stack((stand.x_m, stand.y_m), axis=1), 2)
    assert distances[:, 1].min() >= 3.0
    assert len(stand.x_m) > 0.4 * (60.0 / 3.0) ** 2 * 4 / 3.4  # and fill the ground
    assert np.hypot(stand.x_m, stand.y_m).min() >= 5.0


def test_patches_are_spread_evenly_on_the_picture() -> None:
    cover = covered(rolling(4, 80.0, 6.0), 20_000)
    eye = np.array((0.0, 0.0, 2.0))
    ways = cover.means_m - eye
    far = np.hypot(cover.x_m, cover.y_m)
    shown = ways[(far > 4.0) & (far < 60.0)]
    on_picture = np.stack(
        (np.arctan2(shown[:, 0], shown[:, 1]), np.arctan2(shown[:, 2], np.hypot(*shown[:, :2].T))), axis=1
    )
    pairs = KDTree(on_picture).query(on_picture, 2)[0][:, 1]
    assert np.quantile(pairs, 0.9) < 6.0 * np.quantile(pairs, 0.1)


def test_a_coarser_tree_is_as_large_and_as_dense() -> None:
    rng = np.random.default_rng(3)
    tree = conifer(rng)
    stand = standing(rng, flat(), np.array([0.0]), np.array([30.0]), 0.0)
    fine, coarse = (set_down(tree, stand, np.array([n])) for n in (len(tree.means_m), 60))
    area = [float((s.sizes_m[:, 0] * s.sizes_m[:, 1]).sum()) for s in (fine, coarse)]
    assert 0.5 < area[1] / area[0] < 2.0
    assert coarse.means_m[:, 2].max() > 0.7 * fine.means_m[:, 2].max()
    assert np.array_equal(taken(fine, np.arange(60)).albedo_unit, coarse.albedo_unit)


def as_splats(surfels: Surfels) -> Splats:
    turns = rotations_of(surfels.tangents, np.cross(surfels.normals, surfels.tangents), surfels.normals)
    grey = solid_colours(np.full((len(turns), 3), 0.5))
    return Splats(surfels.means_m, turns, surfels.sizes_m, surfels.opacities_unit, grey, surfels.tags)
