"""Level of detail and floaters, held against pictures of a small place."""

import numpy as np
import pytest

from generators.camera import look
from generators.detail import levels, thinned
from generators.floaters import floaters
from generators.raster.render import composited
from generators.splat_check import fault
from generators.splat_sets import merged, taken
from generators.splats import Splats, Tag, solid_colours

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


def picture(splats: Splats, pan_deg: float) -> tuple[np.ndarray, float]:
    seen = composited(splats, look(EYE, pan_deg, 0.0, 70.0, (192, 108)))
    return seen.encoded_unit, float(1.0 - seen.passing_unit.mean())


def test_each_level_has_fewer_splats_and_looks_more_alike_the_finer_it_is(place: Splats) -> None:
    full, middle, coarse = levels(place, EYE)
    counts = [len(level.means_m) for level in (full, middle, coarse)]
    assert counts[0] == len(place.means_m)
    np.testing.assert_allclose(counts[1:], [counts[0] / 3, counts[0] / 10], rtol=0.01)
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
    whole = thinned(halves, EYE, 1)
    np.testing.assert_allclose(whole.means_m, [[0.04 / 3, 5, 1.6]], atol=1e-6)
    variance = 1e-4 + 0.04**2 * 2 / 9
    np.testing.assert_allclose(np.sort(whole.scales_m[0]), [0.01, 0.01, variance**0.5], rtol=1e-4)
    np.testing.assert_allclose(0.5 + 0.28209479 * whole.sh[0, 0], 0.7, atol=1e-6)
    np.testing.assert_allclose(whole.opacities_unit, 0.3 * 1e-4 / (0.01 * variance**0.5), rtol=1e-3)


def test_a_level_of_all_or_of_nothing(place: Splats) -> None:
    assert thinned(place, EYE, 10**9) is place
    assert len(thinned(place, EYE, 0).means_m) == 3  # one a tag


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
