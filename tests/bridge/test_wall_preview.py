"""Wall previews: what they show against the world itself, in whose name, and how often."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.clock import NS_PER_S, FakeClock
from bridge.frames import quat_from_pan_tilt_roll
from bridge.messages import CameraPose, CameraSettings, LensState, PictureTicket, SceneSettings
from bridge.pictures import PictureReader
from bridge.sight import rays, sight_of
from bridge.stage import Camera
from bridge.timecode import Timecode
from bridge.tone import LINEAR_UNIT, PREVIEW_SPACE, preview, shoulder, srgb
from bridge.wall.preview import TOTAL_PX, WIDTH_PX, Look, Preview, preview_sizes
from bridge.wall.shape import Screen, intersect, rectangle
from bridge.world.world import World, known_set, trace

EYE = (0.0, -6.0, 1.6)
TIMECODE = Timecode(hours=1, minutes=0, seconds=0, frames=7, rate_num=25)


def camera(name: str, priority: int = 0) -> Camera:
    sensor = {"sensor_mm": (24.0, 13.5), "resolution_px": (192, 108)}
    return Camera(name=name, tracker="t", lens="l", frustum_priority=priority, frustum_margin_deg=1.0, **sensor)


def pose(name: str, x: float, sequence: int = 1, pan_deg: float = 0.0) -> CameraPose:
    place = (x, -1.0, 1.5)
    return CameraPose(
        subject=name,
        t_ns=1000 + sequence,
        sequence=sequence,
        position_m=place,
        rotation_wxyz=quat_from_pan_tilt_roll(pan_deg, 0.0, 0.0),
        lens=LensState(focal_length_mm=60.0),
        sensor_mm=(24.0, 13.5),
        t_arrival_ns=0,
        t_display_ns=0,
        measured_position_m=place,
        timecode=TIMECODE,
    )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NS_PER_S)


@pytest.fixture
def maker(clock: FakeClock) -> Iterator[Preview]:
    wall = Screen("back", rectangle((0.0, 3.0, 1.5), (1.0, 0.0, 0.0, 0.0), 8.0, 3.0), (160, 60), 15.0)
    cameras = {"camA": camera("camA"), "camB": camera("camB", priority=1)}
    made = Preview([wall], cameras, Look(known_set(), EYE), clock)
    yield made
    made.close()


def drawn(maker: Preview, clock: FakeClock) -> PictureTicket:
    clock.advance(1.0)
    (ticket,) = maker.tick(clock())
    assert isinstance(ticket, PictureTicket)
    return ticket


def expected(origin: object, direction: np.ndarray) -> np.ndarray:
    """What eyes at the origin would see along a ray, as the preview shows it."""
    light, _ = trace(known_set(), np.asarray(origin, float)[None], direction[None], np.array([1e-3]))
    return 255 * srgb(shoulder(np.minimum(light[0], 15.0)))


def test_inside_the_frustum_it_shows_what_the_camera_would_see_and_outside_what_the_eye_would(
    maker: Preview, clock: FakeClock
) -> None:
    told = pose("camA", 1.0)
    maker.hear(told)
    picture = PictureReader().read(drawn(maker, clock))
    assert picture is not None
    assert picture.shape == (60, 160, 4)
    assert (picture[..., 3] == 255).all()
    wall = rectangle((0.0, 3.0, 1.5), (1.0, 0.0, 0.0, 0.0), 8.0, 3.0)
    ray = rays(sight_of(told, (192, 108)), np.array([(70.5, 30.5)]))[0]
    _, uv = intersect(wall, told.position_m, ray[None])
    column, row = int(uv[0, 0] * 160), int(uv[0, 1] * 60)
    spot = np.array((-4.0 + 8.0 * (column + 0.5) / 160, 3.0, 3.0 - 3.0 * (row + 0.5) / 60))
    assert np.abs(picture[row, column, :3] - expected(told.position_m, spot - told.position_m)).max() < 12
    spot = np.array((-4.0 + 8.0 * 3.5 / 160, 3.0, 3.0 - 3.0 * 3.5 / 60))
    assert np.abs(picture[3, 3, :3] - expected(EYE, spot - np.array(EYE))).max() < 12


def test_the_ticket_carries_the_newest_pose_of_the_camera_that_has_most_of_the_wall(
    maker: Preview, clock: FakeClock
) -> None:
    for sequence in range(1, 9):
        maker.hear(pose("camA", -1.0, sequence))
    ticket = drawn(maker, clock)
    assert (ticket.subject, ticket.camera, ticket.pose_sequence, ticket.t_ns) == ("back", "camA", 8, 1008)
    assert ticket.timecode == TIMECODE
    assert ticket.colour_space == PREVIEW_SPACE
    maker.hear(pose("camB", -1.0, 3))  # the same place, drawn on top
    assert drawn(maker, clock).camera == "camB"


def test_without_a_camera_the_outer_content_is_shown_once_in_nobodys_name(maker: Preview, clock: FakeClock) -> None:
    ticket = drawn(maker, clock)
    assert (ticket.camera, ticket.pose_sequence) == ("", -1)
    clock.advance(1.0)
    assert not maker.tick(clock()), "nothing new"
    maker.hear(pose("stranger", 0.0))
    assert not maker.tick(clock()), "a camera that the stage does not name"


def test_it_rests_between_pictures_and_counts_them(maker: Preview, clock: FakeClock) -> None:
    tickets = 0
    for turn in range(480):
        maker.hear(pose("camA", 0.0, turn))
        tickets += len(maker.tick(clock()))
        clock.advance(1 / 48)
    assert 100 <= tickets <= 121, "ten seconds of at most 12 Hz"
    assert maker.note.endswith("drawings of 1 walls a second, 0.000 s each")
    assert float(maker.note.split()[0]) == pytest.approx(12.0, abs=0.6)


def picture_of(maker: Preview, clock: FakeClock) -> np.ndarray:
    picture = PictureReader().read(drawn(maker, clock))
    assert picture is not None
    return picture.copy()


def test_a_frustum_that_is_off_leaves_the_wall_to_the_outer_content(maker: Preview, clock: FakeClock) -> None:
    outer = picture_of(maker, clock)
    maker.hear(pose("camA", 1.0))
    inner = picture_of(maker, clock)
    assert (inner != outer).any()
    maker.hear(CameraSettings(subject="camA", t_ns=0, frustum=False))
    ticket = drawn(maker, clock)
    assert ticket.camera == "", "nobody's name: no camera is shown"
    off = PictureReader().read(ticket)
    assert off is not None and (off == outer).all()
    maker.hear(CameraSettings(subject="camA", t_ns=1, frustum=False))
    clock.advance(1.0)
    assert not maker.tick(clock()), "the same again is nothing new"
    maker.hear(CameraSettings(subject="camA", t_ns=2))
    assert (picture_of(maker, clock) == inner).all()


def test_a_stop_more_is_twice_the_light(clock: FakeClock) -> None:
    from bridge import stage
    from bridge.world.file import world_as_set

    wall = Screen("back", rectangle((0.0, 3.0, 1.5), (1.0, 0.0, 0.0, 0.0), 8.0, 3.0), (160, 60), 1000.0)
    made = Preview([wall], {}, Look(known_set(), EYE), clock, lambda scene: world_as_set(stage.World(), Path(), scene))
    light = made._canvases[0].picture.light
    before = light.copy()
    made.hear(SceneSettings(subject="scene", t_ns=0, exposure_ev=1.0))
    drawn(made, clock)
    assert light == pytest.approx(2.0 * before)
    made.hear(SceneSettings(subject="scene", t_ns=0))
    drawn(made, clock)
    assert (light == before).all()
    made.close()


def test_environments_by_name_and_the_hour_of_the_sky(monkeypatch: pytest.MonkeyPatch) -> None:
    from bridge import stage
    from bridge.world.file import world_as_set, world_of
    from bridge.world.sky import sky

    def shown(**scene: Any) -> World:
        return world_as_set(stage.World(exposure_ev=1.0), Path(), SceneSettings(subject="scene", t_ns=0, **scene))

    monkeypatch.setattr("bridge.world.file._SET_SKY_ROWS", 128)
    own = world_of(stage.World(exposure_ev=1.0), Path())
    for scene in ({}, {"hour_unit": 9.0}, {"environment": "desert", "hour_unit": 9.0}, {"environment": "test-set"}):
        assert not len(shown(**scene).panorama) and shown(**scene).gain_unit == own.gain_unit == 2.0
    by_hour = {hour: shown(environment="sky", hour_unit=hour).panorama for hour in (0.0, 12.0, 18.0)}
    means = {hour: float(picture[:50].mean()) for hour, picture in by_hour.items()}
    assert means[12.0] > means[18.0] > 10 * means[0.0] > 0
    low = {hour: picture[54:58].mean(axis=(0, 1)) for hour, picture in by_hour.items()}
    red_over_blue = [low[hour][0] / low[hour][2] for hour in (12.0, 18.0)]
    assert red_over_blue[1] > 1.3 * red_over_blue[0], "a low sun reddens"
    assert np.array_equal(sky(64), sky(64, 16.5))


@pytest.mark.parametrize("hour", [7.0, 9.5, 12.0, 15.0, 17.5])
def test_the_sun_is_where_the_hour_says_in_the_picture(hour: float) -> None:
    from bridge.world.sky import sky, sun

    rows = 256
    picture = sky(rows, hour).sum(axis=2)
    row, column = np.unravel_index(picture.argmax(), picture.shape)
    azimuth_deg, height_deg = sun(hour)
    assert 90.0 - 180.0 * (row + 0.5) / rows == pytest.approx(height_deg, abs=1.0)
    assert 360.0 * (column + 0.5) / (2 * rows) - 180.0 == pytest.approx((azimuth_deg + 180) % 360 - 180, abs=1.5)


@pytest.mark.parametrize(
    "walls", [[(1920, 1080)], [(6032, 1440), (1500, 1000)], [(100, 50)], [(20000, 10)], [(1920, 1920)] * 5]
)
def test_previews_are_small_and_keep_their_proportions(walls: list[tuple[int, int]]) -> None:
    sizes = preview_sizes(walls)
    assert all(width <= WIDTH_PX for width, _ in sizes)
    assert sum(width * height for width, height in sizes) <= TOTAL_PX * 1.01
    for (width, height), (real_width, real_height) in zip(sizes, walls, strict=True):
        assert width <= real_width
        assert height == pytest.approx(width * real_height / real_width, abs=1)


def test_the_tone_is_true_to_70_nits_and_never_burns_out() -> None:
    light = np.linspace(0.0, 4.0, 4001, dtype=np.float32)
    shown = np.zeros((1, 4001, 4), np.uint8)
    preview(np.repeat(light[None, :, None], 3, axis=2), shown)
    levels = shown[0, :, 0].astype(int)
    assert (np.diff(levels) >= 0).all()
    linear = light <= LINEAR_UNIT
    encoded = 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(levels[linear] - encoded[linear]).max() <= 1.01
    assert levels[light <= 1.0].max() < 250
    assert levels[-1] == 255


def test_the_world_of_a_stage_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bridge import stage
    from bridge.world.file import WorldFault, world_of

    monkeypatch.setattr("bridge.world.file._SKY_ROWS", 64)
    assert len(world_of(stage.World(), tmp_path).columns_m) > 0
    sky = world_of(stage.World(kind="panorama"), tmp_path).panorama
    assert sky[0, 0, 2] > sky[-1, 0, 2], "blue is up"
    (tmp_path / "bad.exr").write_bytes(b"not a picture")
    pytest.importorskip("OpenEXR")
    with pytest.raises(WorldFault, match=r"bad\.exr: cannot be read as EXR"):
        world_of(stage.World(kind="panorama", path="bad.exr"), tmp_path)


def test_an_exr_becomes_the_world_as_it_is(tmp_path: Path) -> None:
    exr = pytest.importorskip("OpenEXR")
    from bridge import stage
    from bridge.world.file import WorldFault, world_of

    pixels = np.arange(4 * 8 * 3, dtype=np.float32).reshape(4, 8, 3)
    for name, part in (("good.exr", pixels), ("square.exr", pixels[:, :4])):
        header = {"compression": exr.ZIP_COMPRESSION, "type": exr.scanlineimage}
        exr.File(header, {"RGB": np.ascontiguousarray(part)}).write(str(tmp_path / name))
    assert np.array_equal(world_of(stage.World(kind="panorama", path="good.exr"), tmp_path).panorama, pixels)
    with pytest.raises(WorldFault, match=r"square\.exr: panorama: expected \[H, 2 H, 3\]"):
        world_of(stage.World(kind="panorama", path="square.exr"), tmp_path)
