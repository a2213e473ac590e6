"""A picture without weights, against a scene in closed form: horizon, sun, colours, and the sector it is set in."""

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bridge.frames import quat_from_pan_tilt_roll
from bridge.tone import shoulder, srgb
from generators.camera import Camera, look, perspective
from generators.panorama import rays
from generators.picture.file import PictureFault, read
from generators.picture.match import tinted
from generators.picture.sector import given_way, sector_of
from generators.picture.segments import segments
from generators.picture.view import View, brief_of, view_of
from generators.places.atmosphere import Air, direct, sky_light
from generators.places.reading import read as words
from generators.raster.render import render
from generators.splats import Splats, Tag, solid_colours

pytestmark = pytest.mark.slow

SIZE_PX = (160, 90)


def scene(camera: Camera, sun_azimuth_deg: float, sun_height_deg: float, ground=(0.35, 0.28, 0.2)) -> np.ndarray:
    """A clear sky of the atmosphere's own equations over a checked plain with a dark tower, as a screen shows it."""
    to = rays(camera).astype(np.float64)
    x, y, z = np.moveaxis(to, -1, 0)
    height = math.radians(sun_height_deg)
    away = np.abs((np.arctan2(x, y) - math.radians(sun_azimuth_deg) + np.pi) % (2 * np.pi) - np.pi)
    light = sky_light(Air(), np.arcsin(np.clip(z, 0, 1)), away, height)
    far = 1.6 / np.maximum(-z, 1e-4)
    checks = (np.floor(x * far / 2) + np.floor(y * far / 2)) % 2
    sunny = direct(Air(), height) * math.sin(height) / np.pi + 0.1
    plain = np.array(ground) * (0.9 + 0.2 * checks * np.exp(-far / 40))[..., None] * sunny
    light = np.where((z < 0)[..., None], plain, np.where(tower(x, y, z)[..., None], 0.05 * sunny, light))
    return srgb(shoulder(light * 0.6 / np.median(light))).astype(np.float32)


def _view(picture: np.ndarray, width_deg: float) -> View:
    return view_of(picture, segments(picture), width_deg)


def tower(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Which rays meet it."""
    return (np.abs(np.arctan2(x, y) - 0.2) < 0.04) & (z > 0) & (z < 0.12)


def apart_deg(one: tuple[float, float], other: tuple[float, float]) -> float:
    def unit(azimuth: float, height: float) -> np.ndarray:
        a, h = math.radians(azimuth), math.radians(height)
        return np.array((math.cos(h) * math.sin(a), math.cos(h) * math.cos(a), math.sin(h)))

    return math.degrees(math.acos(np.clip(unit(*one) @ unit(*other), -1, 1)))


@pytest.mark.parametrize(("tilt", "azimuth", "height"), [(-5.0, 58.0, 18.0), (4.0, -100.0, 35.0), (8.0, 150.0, 25.0)])
def test_horizon_and_sun_are_found(tilt: float, azimuth: float, height: float) -> None:
    camera = look((0, 0, 1.6), 0, tilt, 60, SIZE_PX)
    view = _view(scene(camera, azimuth, height), 60)
    found = math.degrees(math.asin(np.asarray(view.camera.plane_from_stage)[2][2]))
    assert found == pytest.approx(tilt, abs=1.0)
    assert view.sun is not None
    assert apart_deg((view.sun.azimuth_deg, view.sun.height_deg), (azimuth, height)) < 30
    x, y, z = np.moveaxis(rays(camera), -1, 0)
    truth = (z > 0) & ~tower(x, y, z)
    assert (view.sky == truth).mean() > 0.95


def boxes(camera: Camera) -> np.ndarray:
    """Two rows of houses with floors and windows along a street, in closed form, and a bright wall at the right."""
    to = rays(camera).astype(np.float64)
    x, y, z = np.moveaxis(to, -1, 0)
    wall = 7.0 / np.maximum(np.abs(x), 1e-4)
    along, high = y * wall, 1.6 + z * wall
    floor = 1.6 / np.maximum(-z, 1e-4)
    house = (high > 0) & (high < 11) & (along > -60) & (along < 90)
    window = (np.mod(along, 4) < 1.6) & (np.mod(high, 3.2) > 1.2) & (np.mod(high, 3.2) < 2.6)
    front = np.where(x > 0, 0.95, 0.3) - 0.25 * window
    ground = 0.25 + 0.2 * (np.abs(np.abs(x * floor) - 4.0) < 0.15)
    shown = np.where(house & (wall < floor), front, np.where(z < 0, ground, -1.0))
    sky = np.array((0.45, 0.62, 0.85)) + 0.1 * (1 - z[..., None])
    return np.where(shown[..., None] < 0, sky, shown[..., None] * np.array((1.0, 0.96, 0.9))).astype(np.float32)


@pytest.mark.parametrize(("tilt", "roll", "pan"), [(0.0, 0.0, 0.0), (-7.0, 2.0, 20.0), (6.0, -3.0, -25.0)])
def test_a_streets_lines_tell_how_the_camera_stood(tilt: float, roll: float, pan: float) -> None:
    camera = perspective((0, 0, 1.6), quat_from_pan_tilt_roll(pan, tilt, roll), 60, (480, 270))
    picture = boxes(camera)
    view = _view(picture, 60)
    across, _, ahead = np.asarray(view.camera.plane_from_stage)
    assert math.degrees(math.asin(ahead[2])) == pytest.approx(tilt, abs=1.0)
    assert math.degrees(math.asin(-across[2])) == pytest.approx(roll, abs=1.5)
    assert view.built
    truth = (picture[..., 2] > picture[..., 0] + 0.05) & (rays(camera)[..., 2] > 0)
    assert (view.sky & truth).sum() / (view.sky | truth).sum() > 0.9, "the bright wall is no sky"


def test_a_grey_picture_tells_nothing_and_says_so() -> None:
    view = _view(np.full((90, 160, 3), 0.5, np.float32), 60)
    assert view.sun is None
    assert not view.sky.any()
    assert any("a guess" in line for line in view.said)


def test_an_hour_in_the_words_wins_over_the_pictures() -> None:
    view = _view(scene(look((0, 0, 1.6), 0, -5, 60, SIZE_PX), 58, 18), 60)
    assert brief_of(view, words("beach at 17:30")).minutes == 1050
    assert brief_of(view, words("beach at night")).minutes == words("night").minutes
    assert brief_of(view, words("beach")).minutes != words("beach").minutes


def test_the_place_is_taken_from_the_ground_and_its_hour_from_the_sun() -> None:
    camera = look((0, 0, 1.6), 0, -5, 60, SIZE_PX)
    sand = brief_of(_view(scene(camera, 58, 18), 60), None)
    grass = brief_of(_view(scene(camera, 58, 40, ground=(0.1, 0.2, 0.05)), 60), None)
    assert (sand.place, grass.place) == ("desert", "meadow")
    assert sand.minutes > grass.minutes > 720, "the lower the sun, the later"
    assert sand.sun_azimuth_deg == pytest.approx(58, abs=30)


def test_the_sector_is_the_picture_again_from_the_stage() -> None:
    camera = look((0, 0, 1.6), 0, -3, 60, SIZE_PX)
    picture = scene(camera, 58, 30)
    view = _view(picture, 60)
    sector = sector_of(view, 120_000)
    seen = render(sector.splats, view.camera)
    shown = srgb(np.clip(seen.light_unit, 0, 1))
    middle = np.s_[23:-23, 25:-25]
    assert seen.alpha_unit[middle].min() > 0.9
    assert -10 * np.log10(np.mean((shown[middle] - picture[middle]) ** 2)) > 25
    floor = sector.splats.tags == Tag.TERRAIN
    assert np.abs(sector.splats.means_m[floor, 2]).max() < 0.02, "the ground lies on the stage's floor"
    beside = render(sector.splats, look((0.8, 0, 1.7), 0, -3, 40, (160, 90)))
    assert beside.alpha_unit.min() > 0.9, "a step aside opens no gap"


def test_the_place_gives_way_only_where_the_picture_is() -> None:
    view = _view(scene(look((0, 0, 1.6), 0, 0, 60, SIZE_PX), 58, 30), 60)
    sector = sector_of(view, 20_000)
    means = np.array(((0, 10, 1.6), (0, -10, 1.6), (10, 0, 1.6)), np.float32)
    count = len(means)
    place = Splats(
        means,
        np.tile(np.array((1, 0, 0, 0), np.float32), (count, 1)),
        np.full((count, 3), 0.1, np.float32),
        np.ones(count, np.float32),
        solid_colours(np.full((count, 3), 0.5)),
        np.array((Tag.FOLIAGE, Tag.FOLIAGE, Tag.SKY), np.uint8),
    )
    assert given_way(place, sector).means_m.tolist() == means[1:].tolist()
    lit = tinted(place, np.array((2.0, 1.0, 1.0)), np.array((1.0, 1.0, 0.5)))
    assert lit.sh[0, 0, 0] > place.sh[0, 0, 0] and lit.sh[0, 0, 1] == pytest.approx(place.sh[0, 0, 1], abs=1e-3)
    assert lit.sh[2, 0, 2] < place.sh[2, 0, 2]


def test_a_file_says_how_wide_it_sees_or_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA405] = 26
    Image.new("RGB", (300, 200), (90, 120, 200)).save(path, exif=exif)
    pixels, width_deg = read(path, 150)
    assert pixels.shape == (100, 150, 3)
    assert width_deg == pytest.approx(2 * math.degrees(math.atan(18 / 26)))
    exif[0x0112] = 6  # on its side
    Image.new("RGB", (300, 200)).save(path, exif=exif)
    pixels, width_deg = read(path, 1000)
    assert pixels.shape == (300, 200, 3)
    assert width_deg == pytest.approx(2 * math.degrees(math.atan(12 / 26)))
    panorama = np.zeros((100, 200, 3), np.uint8) + (90 * (1 + np.sin(np.arange(200) / 200 * math.tau)))[:, None]
    Image.fromarray(panorama.astype(np.uint8)).save(path)
    with pytest.raises(PictureFault, match="is a panorama all round"):
        read(path, 100)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(PictureFault, match="cannot be read as a picture"):
        read(path, 100)
    with pytest.raises(PictureFault, match="there is no such file"):
        read(tmp_path / "none.png", 100)
    Image.new("RGB", (8, 8)).save(path)
    with pytest.raises(PictureFault, match="expected 64 pixels a side or more, got 8 x 8"):
        read(path, 100)
