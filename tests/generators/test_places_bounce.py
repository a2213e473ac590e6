"""Light between patches against closed forms: a furnace, an endless street, a lamp's flux, shadows of lamps."""

import math

import numpy as np
import pytest

from generators.places.bounce import bounced
from generators.places.brief import Brief
from generators.places.furniture import CUT_OFF
from generators.places.lighting import lit
from generators.places.scenery import Lamps, Scenery, Surfels, joined, no_lamps
from generators.places.sky import sky
from generators.splats import Tag

pytestmark = pytest.mark.slow

STEP_M = 0.5


def sheet(corner: tuple[float, float, float], a: tuple, b: tuple, albedo: float, step_m: float = STEP_M) -> Surfels:
    """A rectangle with edges a and b, as facades are laid; it looks along a x b."""
    first, second = np.array(a, np.float64), np.array(b, np.float64)
    long, tall = np.linalg.norm(first), np.linalg.norm(second)
    u, v = (
        x.ravel() for x in np.meshgrid(np.arange(0.5 * step_m, long, step_m), np.arange(0.5 * step_m, tall, step_m))
    )
    means = np.array(corner) + u[:, None] * first / long + v[:, None] * second / tall
    normal = np.cross(first / long, second / tall)
    count = len(means)
    size = 0.74 * step_m
    return Surfels(
        means_m=means.astype(np.float32),
        normals=np.tile(np.float32(normal), (count, 1)),
        tangents=np.tile(np.float32(first / long), (count, 1)),
        sizes_m=np.tile(np.float32([size, size, 0.002]), (count, 1)),
        albedo_unit=np.full((count, 3), albedo, np.float32),
        emission_unit=np.zeros((count, 3), np.float32),
        opacities_unit=np.full(count, 0.995, np.float32),
        translucency_unit=np.zeros(count, np.float32),
        shine_unit=np.zeros(count, np.float32),
        tags=np.full(count, Tag.STRUCTURE, np.uint8),
    )


def level(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 0.0 * (x + y)


def gathered(surfels: Surfels, received: np.ndarray) -> np.ndarray:
    """[N] of one colour, where nothing small stands before a patch."""
    light = np.repeat(received[:, None], 3, axis=1).astype(np.float32)
    found, _ = bounced(surfels, surfels.normals, light, np.ones(len(light), np.float32))
    return found[:, 0]


def test_a_furnace_is_everywhere_as_bright() -> None:
    """In a closed box of albedo 1/2 that is lit evenly, each bounce gives half of the one before."""
    w, d, h = 30.0, 24.0, 12.0
    room = joined(
        [
            sheet((-15, -12, 0), (w, 0, 0), (0, d, 0), 0.5),
            sheet((-15, -12, h), (0, d, 0), (w, 0, 0), 0.5),
            sheet((-15, -12, 0), (0, d, 0), (0, 0, h), 0.5),
            sheet((15, -12, 0), (0, 0, h), (0, d, 0), 0.5),
            sheet((-15, -12, 0), (0, 0, h), (w, 0, 0), 0.5),
            sheet((-15, 12, 0), (w, 0, 0), (0, 0, h), 0.5),
        ]
    )
    found = gathered(room, np.ones(len(room.means_m)))
    whole = 0.5 + 0.25 + 0.125
    assert found.max() <= whole * 1.001
    assert np.median(found) == pytest.approx(whole, rel=0.04)
    # cells that a wall's edge only half fills let some light out: corners are darker by up to a seventh
    assert found.min() > whole * 0.84


def test_the_sunny_side_of_an_endless_street_lights_the_other() -> None:
    """Hottel's crossed strings: between two strips of height h, w apart, the share is sqrt(1 + (w/h)^2) - w/h."""
    wide, tall, albedo = 16.0, 12.0, 0.5
    sunny = sheet((-8, -78, 0), (0, 156, 0), (0, 0, tall), albedo)
    shaded = sheet((8, 78, 0), (0, -156, 0), (0, 0, tall), albedo)
    ground = sheet((-8, -78, 0), (wide, 0, 0), (0, 156, 0), 0.0)
    street = joined([sunny, shaded, ground])
    direct = np.zeros(len(street.means_m))
    direct[: len(sunny.means_m)] = 1.0
    found = gathered(street, direct)
    share = math.sqrt(1 + (wide / tall) ** 2) - wide / tall
    middle = np.abs(street.means_m[:, 1]) < 25
    on = np.arange(len(found)) - len(sunny.means_m)
    opposite = found[middle & (on >= 0) & (on < len(shaded.means_m))].mean()
    assert opposite == pytest.approx(albedo * share * (1 + (albedo * share) ** 2), rel=0.08)
    # what the ground gets of one wall: half of what is left of its view
    below = found[middle & (on >= len(shaded.means_m))].mean()
    to_ground = 0.5 * (1 + tall / wide - math.sqrt(1 + (tall / wide) ** 2))
    # (a wall is as thick as its cells, and from the ground beside it looks larger)
    assert 1.0 < below / (albedo * to_ground * (1 + albedo * share)) < 1.3


def test_open_shade_is_a_sixth_to_a_twelfth_of_the_sun() -> None:
    """Walls of a city, albedo 0.3, under a clear sky with the sun high over one side."""
    walls = [
        sheet((-11, -70, 0), (0, 140, 0), (0, 0, 24), 0.3),
        sheet((11, 70, 0), (0, -140, 0), (0, 0, 24), 0.3),
        sheet((-11, -70, 0), (22, 0, 0), (0, 140, 0), 0.12),
    ]
    above = sky(Brief("modern_street", 610), -90.0, 1, 128)
    scenery = Scenery(joined(walls), level, no_lamps())
    received = lit(scenery, above).received_unit[:, 1]
    height = np.concatenate([wall.means_m[:, 2] for wall in walls])
    near = np.abs(scenery.surfels.means_m[:, 1]) < 20
    side = np.repeat([0, 1, 2], [len(wall.means_m) for wall in walls])
    up = near & (height > 12) & (height < 20)
    shade, sunny = received[up & (side == 0)].mean(), received[up & (side == 1)].mean()
    assert 1 / 12 < shade / sunny < 1 / 5


def ball(radius_m: float, count: int) -> Surfels:
    """Patches all around a lamp at 0, 0, 4, that look at it."""
    k = np.arange(count) + 0.5
    z = 1 - 2 * k / count
    turn = k * math.pi * (3 - math.sqrt(5))
    flat = np.sqrt(1 - z * z)
    out = np.stack([flat * np.cos(turn), flat * np.sin(turn), z], axis=1)
    one = sheet((0, 0, 0), (1, 0, 0), (0, 1, 0), 0.0, 1.0)
    many = Surfels(*(np.repeat(field, count, axis=0) for field in one))
    tangents = np.cross(out, [0.3, 0.4, 0.86])
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    return many._replace(
        means_m=(radius_m * out + [0, 0, 4.0]).astype(np.float32),
        normals=(-out).astype(np.float32),
        tangents=tangents.astype(np.float32),
        sizes_m=np.full((count, 3), 0.02, np.float32),
    )


@pytest.mark.parametrize(("cut_off", "solid_angle"), [((-2.0, -1.0), 4 * math.pi), (CUT_OFF, None)])
def test_a_lamps_flux_is_the_integral_of_its_intensity(
    cut_off: tuple[float, float], solid_angle: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generators.places.lighting.EYE_M", np.float32([0, 0, 4.0]))
    around = ball(3.0, 6000)
    lamps = Lamps(np.float32([[0, 0, 4.0]]), np.full((1, 3), 5.0, np.float32), cut_off)
    dark = sky(Brief("desert", 0, "overcast"), 40.0, 1, 128)
    received = lit(Scenery(around, level, lamps), dark).received_unit[:, 1]
    flux = received.mean() * 4 * math.pi * 3.0**2
    begins, full = cut_off
    expected = solid_angle or 2 * math.pi * ((1 - full) + 0.5 * (full - begins))
    assert lamps.sphere_share_unit == pytest.approx(expected / (4 * math.pi))
    assert flux == pytest.approx(5.0 * expected, rel=0.01)
    if solid_angle is None:
        assert received[around.means_m[:, 2] > 4.05].max() < 1e-3


def test_a_lamp_throws_the_shadow_of_what_stands_before_it() -> None:
    ground = sheet((-8, -8, 0), (16, 0, 0), (0, 16, 0), 0.3, 0.2)
    table = sheet((-1, -1, 1.5), (2, 0, 0), (0, 2, 0), 0.3, 0.1)
    lamps = Lamps(np.float32([[0, 0, 6.0]]), np.full((1, 3), 50.0, np.float32))
    dark = sky(Brief("desert", 0), 40.0, 1, 128)
    found = lit(Scenery(joined([ground, table]), level, lamps), dark).received_unit[:, 1]
    x, y, _ = ground.means_m.T
    on_ground = found[: len(x)]
    under, beside = (np.abs(x) < 0.9) & (np.abs(y) < 0.9), (np.abs(x) > 2.2) & (np.abs(y) < 4)
    assert on_ground[under].max() < 0.1 * on_ground[beside].mean()
    far2 = x[beside] ** 2 + y[beside] ** 2 + 36.0
    assert on_ground[beside] == pytest.approx(50.0 * 6.0 / far2**1.5, rel=0.12)
    # the shadow's edge: 1 m from the axis at 1.5 m is 1.33 m on the ground
    edge = np.abs(y) < 0.5
    half = on_ground[edge & (np.abs(x) < 3)].max() / 2
    assert x[edge & (np.abs(x) < 3) & (on_ground < half)].max() == pytest.approx(4 / 3, abs=0.35)


def test_a_window_shows_the_wall_across_the_street() -> None:
    lit_wall = sheet((-8, -30, 0), (0, 60, 0), (0, 0, 16), 0.5)
    direct = np.ones((len(lit_wall.means_m), 3), np.float32)
    _, around = bounced(lit_wall, lit_wall.normals, direct, np.zeros(len(direct), np.float32))
    rays = np.float32([[-1, 0, 0], [-0.6, 0, 0.8], [-0.2, 0.0, 0.98]])
    seen = around.seen(np.tile(np.float32([6, 0, 3]), (3, 1)), rays)
    # the wall's own half, and what ground of the same brightness gives the half of its view that is below
    assert seen[0, :3] == pytest.approx((0.5 + 0.5 * 0.5 * 0.5) / math.pi, rel=0.05)
    assert seen[:, 3] == pytest.approx([0.0, 1.0, 1.0], abs=0.05)
