"""Light on known things: a pole's shadow, walls that hide the sky, lamps, fog, mirrors; and the free stage."""

import math

import numpy as np
import pytest

from generators.camera import look
from generators.environment import Made
from generators.places import assembly, exposure, table
from generators.places.bounce import bounced
from generators.places.brief import Brief
from generators.places.build import build
from generators.places.fog import Fog, seen_through
from generators.places.level_ground import level_ground
from generators.places.lighting import lit
from generators.places.panorama import irradiance
from generators.places.photometry import luminance
from generators.places.plan import Plan
from generators.places.reflection import with_reflections
from generators.places.scenery import Lamps, Scenery, Surfels, joined, no_lamps
from generators.places.sky import sky
from generators.raster.render import render
from generators.splats import Tag

pytestmark = pytest.mark.slow

EYE = np.array([0.0, 0.0, 1.6], np.float32)
DAY = Brief("desert", 560)


def patches(means: np.ndarray, normal: tuple[float, float, float], size_m: float, albedo: float = 0.5) -> Surfels:
    count = len(means)
    tangent = (0.0, 0.0, 1.0) if abs(normal[2]) < 0.5 else (1.0, 0.0, 0.0)
    return Surfels(
        means_m=means.astype(np.float32),
        normals=np.tile(np.float32(normal), (count, 1)),
        tangents=np.tile(np.float32(tangent), (count, 1)),
        sizes_m=np.tile(np.float32([size_m, size_m, 0.002]), (count, 1)),
        albedo_unit=np.full((count, 3), albedo, np.float32),
        emission_unit=np.zeros((count, 3), np.float32),
        opacities_unit=np.full(count, 0.95, np.float32),
        translucency_unit=np.zeros(count, np.float32),
        shine_unit=np.zeros(count, np.float32),
        tags=np.full(count, Tag.TERRAIN, np.uint8),
    )


def pole(brief: Brief, plan: Plan) -> Scenery:
    """Even ground with a pole of 3 m, 9 m in front of the stage."""
    ground = level_ground(brief, plan)
    side = 0.12
    x, y = np.meshgrid(np.arange(-6, 6, side), np.arange(5, 14, side))
    fine = patches(np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], axis=1), (0, 0, 1), 0.6 * side, 0.4)
    heights = np.arange(0.0, 3.0, 0.05)
    turns = [(math.sin(a), math.cos(a), 0.0) for a in np.arange(8) * math.pi / 4]
    sides = [
        patches(np.stack([np.full(60, 0.06 * a), np.full(60, 9.0 + 0.06 * b), heights], axis=1), (a, b, 0.0), 0.05)
        for a, b, _ in turns
    ]
    around = ground.surfels.means_m
    coarse = (np.abs(around[:, 0]) > 5.5) | (np.abs(around[:, 1] - 9.5) > 4.0)
    left = Surfels(*(field[coarse] for field in ground.surfels))
    return ground._replace(surfels=joined([left, fine, *sides]))


@pytest.fixture(scope="module")
def built() -> Made:
    held = table.PLACES["desert"]
    table.PLACES["desert"] = pole
    try:
        return build(DAY, seed=1, splats=30_000)
    finally:
        table.PLACES["desert"] = held


def test_a_shadow_in_the_picture_points_away_from_the_suns_place_in_the_panorama(built: Made) -> None:
    assert built.sky is not None
    above = render(built.splats, look((0.0, 9.0, 16.0), 0.0, -90.0, 40.0, (240, 240)))
    bright = luminance(above.light_unit)
    # from the pole's foot outwards: the darkest bearing
    bearings = np.radians(np.arange(0.0, 360.0, 1.0))
    per_m = 120.0 / (16.0 * math.tan(math.radians(20.0)))
    reach = np.linspace(0.6, 2.4, 18)[:, None] * per_m
    rows, columns = 120 - reach * np.cos(bearings), 120 + reach * np.sin(bearings)
    seen = bright[np.clip(rows, 0, 239).astype(int), np.clip(columns, 0, 239).astype(int)].mean(axis=0)
    dark = np.exp(-seen / (0.04 * seen.max()))
    shadow = math.degrees(math.atan2((dark * np.sin(bearings)).sum(), (dark * np.cos(bearings)).sum()))
    height = len(built.sky)
    _, column = np.unravel_index(np.argmax(luminance(built.sky)), (height, 2 * height))
    sun = ((column + 0.5) / (2 * height) - 0.5) * 360.0
    assert abs((shadow - sun) % 360.0 - 180.0) < 5.0


def test_the_stage_is_free_level_and_under_a_closed_sky(built: Made) -> None:
    splats = built.splats
    for yaw in range(0, 360, 90):
        for tilt in (0.0, 80.0):
            for place in ((0.0, 0.0, 1.6), (3.9, 0.0, 1.6), (0.0, -3.9, 1.6)):
                alpha = render(splats, look(place, yaw, tilt, 95.0, (64, 64))).alpha_unit
                assert alpha.min() >= 0.99
    radial = np.hypot(splats.means_m[:, 0], splats.means_m[:, 1])
    inside = (radial < 4.0) & (splats.tags != Tag.SKY)
    assert np.abs(splats.means_m[inside, 2]).max() <= 0.01


def test_the_same_recipe_makes_the_same_splats(built: Made) -> None:
    held = table.PLACES["desert"]
    table.PLACES["desert"] = pole
    try:
        again = build(DAY, seed=1, splats=30_000)
    finally:
        table.PLACES["desert"] = held
    assert again.recipe == built.recipe
    for ours, theirs in zip(again.splats[:-1], built.splats[:-1], strict=True):
        assert np.array_equal(np.asarray(ours), np.asarray(theirs))


@pytest.mark.parametrize("minutes", [720, 1140, 1155])
def test_open_ground_gets_all_of_the_sky_and_sun(minutes: int) -> None:
    brief = Brief("desert", minutes)
    above = sky(brief, 40.0, 1, 128)
    ground = level_ground(brief, Plan(1, 4000, 4.0))
    received = lit(ground, above).received_unit
    expected = irradiance(above.light_unit) + np.array(above.sun.light_unit) * above.sun.towards_unit[2]
    near = np.linalg.norm(ground.surfels.means_m[:, :2], axis=1) < 10
    # 26 directions for a hemisphere
    assert received[near].mean(axis=0) == pytest.approx(expected, rel=0.06)


def test_walls_hide_the_sky_and_ground_between_them_is_darker() -> None:
    brief = Brief("desert", 720, "overcast")
    above = sky(brief, 40.0, 1, 128)
    ground = level_ground(brief, Plan(1, 4000, 4.0))
    y, z = np.meshgrid(np.arange(-30, 30, 0.5), np.arange(0, 12, 0.5))
    wall = [
        patches(np.stack([np.full(y.size, x), y.ravel(), z.ravel()], axis=1), (-np.sign(x), 0, 0), 0.35, 0.2)
        for x in (-5.0, 5.0)
    ]
    canyon = Scenery(joined([ground.surfels, *wall]), ground.ground_m, no_lamps())
    near = np.linalg.norm(ground.surfels.means_m[:, :2], axis=1) < 3
    open_light = lit(ground, above).received_unit[: len(near)][near].mean()
    between = lit(canyon, above).received_unit[: len(near)][near].mean()
    # a long street 10 m wide between walls of 12 m sees sin(atan(5 / 12)) = 0.38 of an even sky
    assert 0.36 < between / open_light < 0.75


def test_a_lamp_lights_by_the_square_of_the_distance() -> None:
    brief = Brief("desert", 1350)
    above = sky(brief, 40.0, 1, 128)
    spots = patches(np.array([[0.0, 0.0, 0.0], [0.0, 30.0, 0.0]]), (0, 0, 1), 0.1)
    lamps = Lamps(np.float32([[0, 0, 4.0], [0, 30.0, 8.0]]), np.full((2, 3), 5.0, np.float32))
    level = level_ground(brief, Plan(1, 100, 4.0)).ground_m
    received = lit(Scenery(spots, level, lamps), above).received_unit
    # 5 / 16 and 5 / 64, and from the other's lamp 30 m off nearly nothing
    assert received[:, 0] == pytest.approx([5 / 16, 5 / 64], rel=0.05)


def test_fog_takes_light_by_beer_and_lambert_and_glows_around_lamps() -> None:
    air = Fog(np.full(3, 0.02), 1e6, np.full((32, 64, 3), 0.1, np.float32), True)
    points = np.float32([[0, 50, 1.6], [0, 1000, 1.6]])
    seen = seen_through(air, np.ones((2, 3), np.float32), points, EYE, no_lamps())
    assert seen[:, 0] == pytest.approx([0.1 + 0.9 * math.exp(-1.0), 0.1], rel=1e-3)
    lamp = Lamps(np.float32([[0.5, 20, 1.6]]), np.full((1, 3), 50.0, np.float32))
    glow = seen_through(air, np.ones((2, 3), np.float32), np.float32([[0, 50, 1.6], [50, 0, 1.6]]), EYE, lamp)
    assert glow[0, 0] > 3 * glow[1, 0]


def test_still_water_shows_the_sky_more_the_flatter_one_looks() -> None:
    water = patches(np.float32([[0, 2, 0], [0, 100, 0]]), (0, 0, 1), 0.1)._replace(
        shine_unit=np.ones(2, np.float32), tags=np.full(2, Tag.WATER, np.uint8)
    )
    even = np.ones((64, 2048, 3), np.float32)
    dark = np.zeros((2, 3), np.float32)
    _, around = bounced(water, water.normals, dark, dark[:, 0])
    seen = with_reflections(water, dark, np.repeat(even, 16, axis=0), 0.0, EYE, around)[:, 0]
    cosines = np.array([1.6 / math.hypot(2, 1.6), 1.6 / math.hypot(100, 1.6)])
    assert seen == pytest.approx(0.02 + 0.98 * (1 - cosines) ** 5, abs=0.01)


def test_nothing_reaches_into_the_free_cylinder() -> None:
    rng = np.random.default_rng(3)
    means = rng.uniform(-7, 7, (4000, 3)) * [1, 1, 0.5]
    normals = rng.normal(size=(4000, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    tangents = np.cross(normals, rng.normal(size=(4000, 3)))
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    wild = patches(means, (0, 0, 1), 0.2)._replace(
        normals=normals.astype(np.float32),
        tangents=tangents.astype(np.float32),
        sizes_m=rng.uniform(0.01, 0.5, (4000, 3)).astype(np.float32),
    )
    kept = assembly.cleared(wild, 4.0)
    assert 200 < len(kept.means_m) < 4000
    # points on each three-sigma ellipsoid
    axes = np.stack([kept.tangents, np.cross(kept.normals, kept.tangents), kept.normals], axis=2)
    for _ in range(200):
        on = rng.normal(size=3)
        on *= 3.0 / np.linalg.norm(on)
        points = kept.means_m + np.einsum("nij,nj->ni", axes, kept.sizes_m * on)
        free = (np.hypot(points[:, 0], points[:, 1]) < 4.0) & (points[:, 2] > 0.05) & (points[:, 2] < 2.5)
        assert not free.any()


def test_turns_of_patches_are_their_axes() -> None:
    rng = np.random.default_rng(5)
    z = rng.normal(size=(50, 3))
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    x = np.cross(z, rng.normal(size=(50, 3)))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    w, i, j, k = assembly.rotations_of(x.astype(np.float32), np.cross(z, x).astype(np.float32), z.astype(np.float32)).T
    assert np.stack([1 - 2 * (j * j + k * k), 2 * (i * j + w * k), 2 * (i * k - w * j)], 1) == pytest.approx(
        x, abs=1e-5
    )
    assert np.stack([2 * (i * k + w * j), 2 * (j * k - w * i), 1 - 2 * (i * i + j * j)], 1) == pytest.approx(
        z, abs=1e-5
    )


def test_darker_places_are_shown_darker_but_not_black() -> None:
    levels = [exposure.middle_unit(nits) for nits in (3000.0, 10.0, 0.01)]
    assert levels[0] > levels[1] > levels[2] >= exposure.LEAST_MIDDLE_UNIT
