"""Level of detail and floaters, held against pictures of a small place."""

import numpy as np
import pytest

from bridge.tone import srgb
from generators.camera import look
from generators.detail import ERRORS_RAD, levels
from generators.floaters import floaters
from generators.outputs.levels import likeness_db
from generators.raster.cube import panorama
from generators.raster.render import composited
from generators.splat_check import fault
from generators.splat_sets import merged, taken
from generators.splats import Splats, Tag, solid_colours
from generators.view.scenes import SplatScene, behind_of

pytestmark = pytest.mark.slow

EYE = (0.0, 0.0, 1.6)


def flat(means: np.ndarray, sizes: np.ndarray, colours: np.ndarray, tag: Tag) -> Splats:
    count = len(means)
    return Splats(
        means.astype(np.float32),
        np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
        sizes.astype(np.float32),
        np.full(count, 0.9, np.float32),
        solid_colours(colours),
        np.full(count, tag, np.uint8),
    )


@pytest.fixture(scope="module")
def place() -> Splats:
    """A chequered floor, a wall with windows, and a dome over both: 24 000 splats."""
    rng = np.random.Generator(np.random.PCG64(1))
    far, turn = np.exp(rng.uniform(0, 4, 12000)), rng.uniform(0, 2 * np.pi, 12000)
    floor = np.column_stack((far * np.cos(turn), far * np.sin(turn), 0 * far))
    size = far * 0.035
    cheques = 0.35 + 0.2 * ((np.floor(floor[:, 0]) + np.floor(floor[:, 1])) % 2)[:, None] * np.ones(3)
    u, v = (axis.ravel() for axis in np.meshgrid(np.linspace(-8, 8, 130), np.linspace(0, 6, 50)))
    windows = ((np.floor(u) % 2 == 0) & (np.floor(v) % 2 == 1))[:, None]
    wall = np.column_stack((u, np.full(len(u), 9.0), v))
    k = np.arange(5500)
    z = 1 - 2 * (k + 0.5) / len(k)
    dome = 200 * np.column_stack((np.sqrt(1 - z**2) * np.cos(k * 2.4), np.sqrt(1 - z**2) * np.sin(k * 2.4), z))
    blue = np.array([0.4, 0.6, 0.9]) + 0.1 * z[:, None]
    return merged(
        [
            flat(floor, np.column_stack((size, size, size * 0.1)), cheques, Tag.TERRAIN),
            flat(wall, np.tile([0.1, 0.02, 0.1], (len(u), 1)), np.where(windows, 0.15, [0.7, 0.6, 0.5]), Tag.STRUCTURE),
            flat(dome, np.full((len(k), 3), 8.0), np.clip(blue, 0, 1), Tag.SKY),
        ]
    )


def encoded(light: np.ndarray) -> np.ndarray:
    return srgb(np.clip(light, 0.0, 1.0))


def picture(splats: Splats, pan_deg: float) -> tuple[np.ndarray, float]:
    seen = composited(splats, look(EYE, pan_deg, 0.0, 70.0, (192, 108)))
    return seen.encoded_unit, float(1.0 - seen.passing_unit.mean())


def test_each_level_has_fewer_splats_and_looks_more_alike_the_finer_it_is(place: Splats) -> None:
    full, middle, coarse = levels(place, EYE)
    counts = [len(level.means_m) for level in (full, middle, coarse)]
    assert counts[0] == len(place.means_m)
    assert counts[0] > 1.4 * counts[1]
    assert counts[1] > 1.5 * counts[2]
    for pan_deg in (0.0, 75.0):
        wanted, alpha = picture(full, pan_deg)
        psnr = []
        for level, brighter in ((middle, 0.03), (coarse, 0.06)):
            got, level_alpha = picture(level, pan_deg)
            psnr.append(-10 * np.log10(np.mean((got - wanted) ** 2)))
            assert -0.005 < level_alpha - alpha < 0.015  # no hole opens
            assert abs(got.mean() / wanted.mean() - 1) < brighter
        assert psnr[0] > psnr[1] > 20
        assert psnr[0] > 25


def test_levels_are_splats_and_keep_every_tag_apart(place: Splats) -> None:
    for level in levels(place, EYE)[1:]:
        assert fault(level) == ""
        assert set(level.tags) == set(place.tags)
        assert level.means_m[level.tags == Tag.SKY, 2].min() >= -201
        assert np.abs(level.means_m[level.tags == Tag.STRUCTURE, 1] - 9.0).max() < 1e-4


def test_two_halves_merge_into_their_whole() -> None:
    """Moments by hand: two balls of 1 cm, 4 cm apart across the view, one twice as opaque."""
    halves = flat(np.array([[0, 5, 1.6], [0.04, 5, 1.6]]), np.full((2, 3), 0.01), np.array([[0.9] * 3, [0.3] * 3]), 0)
    halves.opacities_unit[:] = 0.2, 0.1
    (whole,) = levels(halves, EYE, [1.0])
    np.testing.assert_allclose(whole.means_m, [[0.04 / 3, 5, 1.6]], atol=1e-6)
    variance = 1e-4 + 0.04**2 * 2 / 9
    np.testing.assert_allclose(np.sort(whole.scales_m[0]), [0.01, 0.01, variance**0.5], rtol=1e-4)
    np.testing.assert_allclose(0.5 + 0.28209479 * whole.sh[0, 0], 0.7, atol=1e-6)
    np.testing.assert_allclose(whole.opacities_unit, 0.3 * 1e-4 / (0.01 * variance**0.5), rtol=1e-3)


def test_a_level_of_all_or_of_nothing(place: Splats) -> None:
    whole, nothing = levels(place, EYE, [0.0, 1e6])
    assert whole is place
    assert len(nothing.means_m) == 3  # one a tag
    one = taken(place, np.arange(1))
    assert levels(one, EYE) == (one, one, one)


@pytest.mark.parametrize("level", [1, 2])
def test_a_level_keeps_the_error_on_the_screen_that_it_states(place: Splats, level: int) -> None:
    """Its law: all that is wrong over the whole sphere, in squared error times solid angle, is no more than a square of
    the stated side for every splat that stands for several."""
    merged_one = levels(place, EYE)[level]
    kept = {mean.tobytes() for mean in place.means_m}
    several = sum(mean.tobytes() not in kept for mean in merged_one.means_m)
    rows = 128
    towards = (0.5 - (np.arange(rows) + 0.5) / rows) * np.pi
    solid = np.cos(towards)[:, None, None] * (np.pi / rows) ** 2 / 3.0
    wrong = (encoded(panorama(merged_one, EYE, rows).light_unit) - encoded(panorama(place, EYE, rows).light_unit)) ** 2
    assert several > 500
    assert (wrong * solid).sum() <= several * ERRORS_RAD[level] ** 2


def test_one_branch_more_would_break_its_error() -> None:
    """Black beside white, as large: joined, either is half wrong; until twice that is allowed they stay two."""
    side = 2e-3
    pair = flat(np.array([[0, 5, 1.6], [2 * side, 5, 1.6]]), np.full((2, 3), side), np.array([[0.0] * 3, [1.0] * 3]), 0)
    pair.opacities_unit[:] = 1.0
    mass = (side / 5.0) ** 2
    wrong = mass / 2 * 3  # each of three colours: m m / (2 m) of difference 1
    apart, joined = levels(pair, EYE, [1.3 * wrong**0.5, 1.5 * wrong**0.5])
    assert (len(apart.means_m), len(joined.means_m)) == (2, 1)


def test_bars_with_gaps_are_kept_where_tiles_of_a_wall_are_joined() -> None:
    """The same colour throughout: only what shows between the bars can be wrong."""
    u, v = (axis.ravel() for axis in np.meshgrid(np.arange(40) * 0.05, np.arange(10) * 0.1))
    grey = np.full((len(u), 3), 0.3)
    means = np.column_stack((u, np.full(len(u), 6.0), v))
    wall = flat(means, np.tile([0.04, 0.01, 0.08], (len(u), 1)), grey, Tag.STRUCTURE)
    fence = flat(means, np.tile([0.006, 0.006, 0.08], (len(u), 1)), grey, Tag.STRUCTURE)
    counts = [len(levels(one, EYE, [ERRORS_RAD[1]])[0].means_m) for one in (wall, fence)]
    assert counts[1] > 1.2 * counts[0]


def test_how_alike_levels_look_is_told_by_the_worst_of_four_pictures(place: Splats) -> None:
    found = dict(zip(("full", "middle", "coarse"), levels(place, EYE), strict=True))
    told = likeness_db(found, EYE)
    assert set(told) == {"middle", "coarse"}
    wanted, _ = picture(place, 0.0)
    got, _ = picture(found["middle"], 0.0)
    assert told["middle"] <= -10 * np.log10(np.mean((got - wanted) ** 2)) + 1.0
    assert likeness_db({"full": place, "middle": place}, EYE) == {"middle": 99.0}


def test_a_picture_too_small_to_show_it_gets_the_coarser_level(place: Splats) -> None:
    scene = SplatScene("", "", levels(place, EYE), behind_of(None, 1.0), ERRORS_RAD)
    assert [scene.unseen(pixel) for pixel in (1e-4, ERRORS_RAD[1] * 9, ERRORS_RAD[2] * 9)] == [0, 1, 2]
    assert scene._replace(errors_rad=()).unseen(1.0) == 0
    small = look(EYE, 0.0, 0.0, 70.0, (120, 68))
    coarser = scene.light(small, 0, 1)
    assert np.array_equal(coarser, scene.light(small, scene.unseen(1.0 / small.focal_px[0]), 1))


def test_planted_floaters_are_found_and_the_place_is_left_alone(place: Splats) -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    up = np.column_stack((rng.uniform(-4, 4, 20), rng.uniform(2, 6, 20), rng.uniform(2.5, 5, 20)))
    grey = np.full((20, 3), 0.5)
    alone = flat(up, np.full((20, 3), 0.01), grey, Tag.OTHER)
    veils = flat(np.array([[0.5, 1.0, 1.6], [-1.0, 0.5, 1.2]]), np.full((2, 3), 1.0), grey[:2], Tag.OTHER)
    faint = flat(np.array([[1.0, 9.0, 1.0]]), np.full((1, 3), 0.1), grey[:1], Tag.OTHER)
    faint.opacities_unit[:] = 0.002
    found = floaters(merged([place, alone, veils, faint]), EYE)
    planted = np.arange(len(found.which)) >= len(place.means_m)
    assert (found.faint, found.veils) == (1, 2)
    assert found.alone >= 19
    assert found.which[planted].sum() >= 22
    assert found.which[~planted].mean() < 2e-4
    assert not found.which[: len(place.means_m)][place.tags == Tag.SKY].any()


def test_few_splats_have_no_neighbours_to_be_judged_by(place: Splats) -> None:
    assert not floaters(taken(place, np.arange(5)), EYE).which.any()
