"""The sky's light: energy, colour, and that the sun is where it is said to be."""

import math

import numpy as np
import pytest

from generators.equirectangular import directions
from generators.places import atmosphere, exposure
from generators.places import sky as skies
from generators.places.brief import Brief
from generators.places.dome import BODIES_M, dome
from generators.places.panorama import irradiance, sampled, solid_angles
from generators.places.photometry import WHITE_NITS, black_body, lamp, luminance

pytestmark = pytest.mark.slow

SUNSET, NOON, DUSK, NIGHT = 1150, 720, 1200, 1350


def made(minutes: int, **asked: object) -> skies.Sky:
    return skies.sky(Brief("meadow", minutes, **asked), 30.0, 1, 128)  # type: ignore[arg-type]


def test_a_white_surface_in_full_daylight_is_one() -> None:
    sky = made(NOON)
    level = irradiance(sky.light_unit) + np.array(sky.sun.light_unit) * sky.sun.towards_unit[2]
    assert float(luminance(level)) / math.pi == pytest.approx(1.0, abs=0.12)


@pytest.mark.parametrize("minutes", [NOON, SUNSET])
def test_the_panorama_holds_the_sun_and_the_sky_and_no_more(minutes: int) -> None:
    sky = made(minutes)
    whole = skies.with_bodies(sky)
    disc = ((whole - sky.light_unit) * solid_angles(128)[:, None, None]).sum(axis=(0, 1))
    assert disc == pytest.approx(np.array(sky.sun.light_unit), rel=1e-3)


def test_the_sun_is_in_the_pixel_where_it_is_said_to_be() -> None:
    sky = made(NOON)
    row, column = np.unravel_index(np.argmax(luminance(skies.with_bodies(sky))), (128, 256))
    found = directions(128)[row, column]
    assert math.degrees(math.acos(min(float(found @ np.array(sky.sun.towards_unit)), 1.0))) < 1.5
    # row 0 is up, right of the centre is +X: a sun at azimuth +30 stands right of the middle
    assert column / 256 == pytest.approx(0.5 + 30 / 360, abs=0.01)


def test_half_floats_hold_the_sun() -> None:
    for minutes in (NOON, SUNSET, NIGHT):
        assert np.isfinite(skies.with_bodies(made(minutes)).astype(np.float16)).all()


def test_the_horizon_reddens_and_the_zenith_turns_blue_as_the_sun_goes() -> None:
    air = atmosphere.Air()
    level, zenith = np.array([0.05]), np.array([math.pi / 2])
    ahead = np.zeros(1)

    def ratio(elevation: np.ndarray, sun_deg: float) -> float:
        red, _, blue = atmosphere.sky_light(air, elevation, ahead, math.radians(sun_deg))[0]
        return float(red / blue)

    assert ratio(level, 2.0) > 2.0 * ratio(level, 50.0)
    assert ratio(level, -3.0) > 2.0
    assert ratio(zenith, -5.0) < 0.6
    assert atmosphere.direct(air, math.radians(2.0))[0] > 3 * atmosphere.direct(air, math.radians(2.0))[2]


def test_daylight_falls_as_it_does_outdoors() -> None:
    """Level illuminance, lux, at sun heights: within a factor of two of the usual tables (Bond and Henderson 1963)."""
    for height_deg, lux in ((60, 100_000), (30, 53_000), (5, 4500), (0, 700), (-6, 3.4)):
        elevation = math.radians(height_deg)
        rows, around = np.meshgrid(np.linspace(0.01, 1.56, 40), np.linspace(0, math.pi, 24), indexing="ij")
        light = atmosphere.sky_light(atmosphere.Air(), rows, around, elevation)
        weight = np.sin(rows) * np.cos(rows)
        sky = (light * weight[..., None]).sum(axis=(0, 1)) / weight.sum() * math.pi
        level = sky + atmosphere.direct(atmosphere.Air(), elevation) * max(math.sin(elevation), 0.0)
        assert lux / 2.2 < float(luminance(level)) * WHITE_NITS < lux * 2.2


def test_a_closed_sky_is_even_and_casts_no_shadow() -> None:
    closed, clear = made(NOON, cover="overcast"), made(NOON)
    assert max(closed.sun.light_unit) == 0.0
    around = sampled(closed.light_unit, np.array([[0.7, 0.0, 0.714], [-0.7, 0.0, 0.714], [0.0, 0.7, 0.714]]))
    assert np.ptp(luminance(around)) < 0.3 * luminance(around).mean()
    high, low = (luminance(closed.light_unit[row]).mean() for row in (4, 60))
    assert 2.2 < high / low < 3.8  # CIE: 3
    assert (
        irradiance(closed.light_unit).sum()
        < 0.5 * (irradiance(clear.light_unit) + np.array(clear.sun.light_unit)).sum()
    )


def test_night_has_a_moon_and_stars_and_next_to_no_light() -> None:
    night, day = made(NIGHT), made(NOON)
    assert night.sun.towards_unit[2] > 0.3
    assert 1e-7 < max(night.sun.light_unit) / max(day.sun.light_unit) < 1e-5
    assert len(night.stars.towards) > 1000
    assert len(day.stars.towards) == 0


def test_lamps_are_given_in_candela() -> None:
    # a candle's light one metre away is one lux
    assert float(luminance(lamp(1.0, black_body(1900)))) * WHITE_NITS == pytest.approx(1.0)
    # CIE 1931: a black body of 6500 K is close to Rec.709's white
    assert black_body(6504) == pytest.approx(np.ones(3), abs=0.06)


@pytest.mark.parametrize("minutes", [NIGHT - 90, NIGHT, SUNSET])
def test_stars_and_the_sun_only_ever_add_light(minutes: int) -> None:
    """A disc hides the sky behind it: it must hold that sky's light too."""
    sky = made(minutes)
    shell = dome(sky, 20_000)
    bodies = shell.distances_m == BODIES_M
    behind = sampled(sky.light_unit, shell.towards[bodies])
    assert bodies.any() and (shell.light_unit[bodies] >= behind).all()


def test_the_planet_is_in_the_panorama_and_only_adds_light() -> None:
    with_it, without = (
        skies.sky(Brief(place, SUNSET), 30.0, 1, 128).light_unit for place in ("alien_plain", "alien_plain")
    )
    np.testing.assert_array_equal(with_it, without)  # the same words, the same sky
    plain = skies.with_planet(np.ones((128, 256, 3)), skies.planet_of(30.0, 1), (0.8, 0.5, 0.3))
    assert plain.min() >= 1.0 and plain.max() > 1.3
    row, column = np.unravel_index(np.argmax(luminance(plain)), (128, 256))
    assert column < 128 and 40 < row < 64  # left of the middle, for the sun is on the right; above the horizon


def test_a_bright_colour_keeps_its_hue_and_a_lamp_turns_white() -> None:
    sunset = np.array([[3.0, 1.8, 0.7]])
    red, green, blue = exposure.encoded(sunset, 1.0)[0]
    assert red > green + 0.05 and green > blue + 0.15
    assert exposure.encoded(300.0 * sunset, 1.0) == pytest.approx(np.ones((1, 3)), abs=0.01)
    grey = np.linspace(0.0, 4.0, 60)[:, None] * np.ones(3)
    shown = exposure.encoded(grey, 1.0)
    assert (np.diff(shown[:, 0]) >= 0).all() and np.ptp(shown, axis=1).max() < 1e-6
    tinted = exposure.encoded(np.linspace(0.05, 30.0, 300)[:, None] * np.array([1.0, 0.6, 0.3]), 1.0)
    assert (np.diff(luminance(tinted)) > -1e-3).all()  # brighter light is never shown darker
