"""Walls painted from pictures of a world look like walls drawn from the world itself; the kernel does as its twin."""

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.frames import quat_from_pan_tilt_roll
from bridge.incamera.photograph_kernels import look
from bridge.messages import CameraPose, CameraSettings, EnvironmentState, EnvironmentView, LensState, PictureTicket
from bridge.pictures import PictureWriter
from bridge.stage_file import load
from bridge.wall.draw import blank, draw, paint_plain, paint_rows
from bridge.wall.heard import Heard
from bridge.wall.paintings import STALE_NS, Paintings
from bridge.wall.surfaces import screens
from bridge.world.world import known_set

ROOT = Path(__file__).parents[2]
STAGE = load(ROOT / "stage_configs" / "small_wall.toml")
SCREENS = screens(STAGE, ROOT / "stage_configs")
CAMERA = STAGE.cameras[0]
EYE = STAGE.world.viewpoint_m
WORLD = known_set()
FACES = {"forward": (0, 0), "right": (-90, 0), "back": (180, 0), "left": (90, 0), "up": (0, 90), "down": (0, -90)}
NO_PICTURE = PictureTicket(
    subject="x", t_ns=0, path="", slot=0, generation=0, height_px=1, width_px=1, channels=3, dtype="float16"
)


def pose(sequence: int = 0, x_m: float = 0.3) -> CameraPose:
    position = (x_m, -3.0, 1.5)
    turn = quat_from_pan_tilt_roll(5.0, 2.0, 1.0)
    return CameraPose(
        subject=CAMERA.name,
        t_ns=sequence * 10**7,
        t_arrival_ns=0,
        t_display_ns=0,
        sequence=sequence,
        position_m=position,
        rotation_wxyz=turn,
        measured_position_m=position,
        measured_rotation_wxyz=turn,
        lens=LensState(focal_length_mm=35.0),
        sensor_mm=CAMERA.sensor_mm,
    )


def pictured(view: EnvironmentView, size: tuple[int, int]) -> NDArray[np.float16]:
    """What the world looks like there."""
    from bridge.wall.views import views

    width, height = size
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    plane = np.stack(((x - view.centre_px[0]) / view.focal_px[0], (y - view.centre_px[1]) / view.focal_px[1]), -1)
    turn = views([view], [np.zeros((height, width, 3))]).plane_from_stage[0].T
    rays = np.concatenate((plane, np.ones((height, width, 1))), -1).reshape(-1, 3) @ turn.T
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    light = np.zeros((len(rays), 3), np.float32)
    look(WORLD, np.array(view.position_m), rays, 1.0 / view.focal_px[0], light)
    return light.reshape(height, width, 3).astype(np.float16)


def inner_view(at: CameraPose, size: tuple[int, int] = (1600, 1000)) -> EnvironmentView:
    return EnvironmentView(
        subject=CAMERA.name,
        t_ns=at.t_ns,
        environment="0" * 64,
        position_m=at.position_m,
        rotation_wxyz=at.rotation_wxyz,
        focal_px=(size[0] * 0.8, size[0] * 0.8),
        centre_px=(size[0] / 2, size[1] / 2),
        picture=NO_PICTURE,
        pose=at,
    )


def surround(side: int = 512) -> list[EnvironmentView]:
    return [
        EnvironmentView(
            subject=f"surround.{name}",
            t_ns=0,
            environment="0" * 64,
            position_m=EYE,
            rotation_wxyz=quat_from_pan_tilt_roll(*map(float, turn), 0.0),
            focal_px=(side / 2, side / 2),
            centre_px=(side / 2, side / 2),
            picture=NO_PICTURE,
        )
        for name, turn in FACES.items()
    ]


class Maker:
    """Pictures in memory maps, as the view service writes them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.writers = folder, list[PictureWriter]()

    def published(self, view: EnvironmentView, size: tuple[int, int]) -> EnvironmentView:
        from msgspec.structs import replace

        writer = PictureWriter(view.subject.replace("/", "-"), (size[1], size[0], 3), "float16")
        self.writers.append(writer)
        fields = writer.write(pictured(view, size))
        return replace(view, picture=PictureTicket(subject=view.subject, t_ns=view.t_ns, **fields))

    def close(self) -> None:
        for writer in self.writers:
            writer.close()


@pytest.fixture
def maker(tmp_path: Path):
    made = Maker(tmp_path)
    yield made
    made.close()


def heard(*views: EnvironmentView, at: CameraPose) -> Heard:
    listening = Heard({CAMERA.name: CAMERA})
    for message in (at, *views):
        assert listening.hear(message)
    return listening


def psnr(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    return 10 * math.log10(1.0 / float(np.mean((np.clip(a, 0, 1) - np.clip(b, 0, 1)) ** 2)))


@pytest.mark.slow
def test_a_wall_painted_from_views_is_the_wall_drawn_from_the_world(maker: Maker) -> None:
    now = pose()
    told = [
        maker.published(inner_view(now, (1200, 750)), (1200, 750)),
        *(maker.published(v, (512, 512)) for v in surround()),
    ]
    wish, painting = Paintings().of(heard(*told, at=now).wish(), 0.0)
    inner, screen, size = wish.inner(), SCREENS[0], (384, 216)
    fast = blank(size)
    paint_rows(screen, WORLD._replace(gain_unit=0.0), inner, painting, EYE, fast, (0, 216))
    direct = draw(screen, WORLD, inner, EYE, size)
    assert np.array_equal(fast.owner, direct.owner)
    of_camera = direct.owner == 0
    assert of_camera.any()
    assert not of_camera.all()
    assert psnr(fast.light[of_camera], direct.light[of_camera]) > 30
    assert psnr(fast.light[~of_camera], direct.light[~of_camera]) > 27
    plain = paint_plain(screen, inner, painting, EYE, size)
    assert np.array_equal(plain.owner, fast.owner)
    assert np.abs(plain.light - fast.light).max() < 2e-4


def test_a_camera_is_drawn_at_its_views_pose_until_that_is_a_second_old(maker: Maker) -> None:
    then, newest = pose(0), pose(5, x_m=0.4)
    view = maker.published(inner_view(then, (64, 40)), (64, 40))
    listening, paintings = heard(view, at=newest), Paintings()
    wish, painting = paintings.of(listening.wish(), 0.0)
    assert wish.poses == (then,)
    assert painting.row.tolist() == [0]
    listening.hear(pose(6 + STALE_NS // 10**7))
    wish, painting = paintings.of(listening.wish(), 0.0)
    assert wish.poses[0].sequence > 6
    assert painting.row.tolist() == [-1]


def test_a_view_that_was_overwritten_leaves_the_last_one(maker: Maker) -> None:
    first = maker.published(inner_view(pose(0), (64, 40)), (64, 40))
    listening, paintings = heard(first, at=pose(0)), Paintings()
    paintings.of(listening.wish(), 0.0)
    gone = inner_view(pose(1), (64, 40))
    from msgspec.structs import replace

    listening.hear(replace(gone, picture=replace(first.picture, generation=first.picture.generation + 2)))
    wish, painting = paintings.of(listening.wish(), 0.0)
    assert wish.poses == (pose(0),)
    assert painting.row.tolist() == [0]


def test_exposure_is_a_number_on_top_and_no_environment_means_no_views(maker: Maker) -> None:
    view = maker.published(inner_view(pose(0), (64, 40)), (64, 40))
    listening, paintings = heard(view, at=pose(0)), Paintings()
    assert paintings.of(listening.wish(), 1.0)[1].gain_unit == 2.0
    listening.hear(CameraSettings(subject=CAMERA.name, t_ns=0, frustum=False))
    assert paintings.of(listening.wish(), 0.0)[1].row.tolist() == []
    for kept in ({"loading": "0" * 64}, {"fault": "no environment"}, {"environment": "0" * 64}):
        assert not listening.hear(EnvironmentState(subject="view", t_ns=0, **kept)), "its view service was killed"
    assert listening.hear(EnvironmentState(subject="view", t_ns=0))
    assert listening.wish().views == ()
