"""What the view service thinks: one picture per new pose, a fade that begins and ends on the scenes themselves, a pace
that follows what drawing takes; all with a clock of the test's."""

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from bridge.clock import NS_PER_S, FakeClock
from bridge.frames import quat_from_pan_tilt_roll
from bridge.messages import (
    CameraPose,
    CameraSettings,
    Distortion,
    EnvironmentState,
    LensState,
    Message,
    SceneSettings,
)
from bridge.sight import sight_of
from bridge.stage_file import load
from bridge.wall.frustum import view_outline
from bridge.world.world import known_set
from generators.camera import Camera
from generators.view import framing, pacing
from generators.view.scenes import of_stage
from generators.view.show import FADE_NS, Floats32, Show, Surround, around, mixed

ROOT = Path(__file__).parents[2]
STAGE = load(ROOT / "stage_configs" / "small_wall.toml")
CAMERA = STAGE.cameras[0]
EYE = STAGE.world.viewpoint_m


def pose(sequence: int) -> CameraPose:
    position, turn = (0.3, -3.0, 1.5), quat_from_pan_tilt_roll(5.0, 2.0, 1.0)
    return CameraPose(
        subject=CAMERA.name,
        t_ns=10**12,
        t_arrival_ns=0,
        t_display_ns=0,
        sequence=sequence,
        position_m=position,
        rotation_wxyz=turn,
        measured_position_m=position,
        measured_rotation_wxyz=turn,
        lens=LensState(focal_length_mm=35.0, distortion=Distortion(k1_unit=-0.05)),
        sensor_mm=CAMERA.sensor_mm,
    )


# A scene's methods take what any scene needs, and this one does not.
# ruff: noqa: ARG002
@dataclass
class Even:
    """A scene of one brightness, whose drawing takes so long on the test's clock."""

    content: str
    light_unit: float
    clock: FakeClock
    takes_s: float = 0.01
    title: str = "even"

    def count(self, level: int) -> int:
        return 1000 >> level

    def light(self, camera: Camera, level: int, threads: int) -> Floats32:
        self.clock.advance(self.takes_s)
        width, height = camera.size_px
        return np.full((height, width, 3), self.light_unit, np.float32)


class Stand:
    def __init__(self) -> None:
        self.clock = FakeClock(10**12)
        self.pictures: list[tuple[str, float, CameraPose | None]] = []
        self.own = self.scene("", 0.25)
        self.show = Show(STAGE.cameras, EYE, self.publish, self.clock)
        self.show.own(self.own)

    def scene(self, content: str, light: float, takes_s: float = 0.01) -> Surround:
        return around(Even(content, light, self.clock, takes_s), EYE, 1)

    def publish(self, subject: str, camera: Camera, light: Floats32, at: CameraPose | None, content: str) -> Message:
        self.pictures.append((subject, float(light.mean()), at))
        return SceneSettings(subject=content or "own", t_ns=0)

    def turn(self, seconds: float = 0.02) -> list[EnvironmentState]:
        self.clock.advance(seconds)
        return [said for said in self.show.turn(1) if isinstance(said, EnvironmentState)]

    def inner(self) -> list[float]:
        found = [light for subject, light, _ in self.pictures if subject == CAMERA.name]
        self.pictures.clear()
        return found


def test_without_an_environment_the_walls_draw_the_stages_own_world_themselves() -> None:
    stand = Stand()
    stand.show.hear(pose(1))
    (state,) = stand.turn()
    assert (state.environment, stand.pictures) == ("", [])


def test_each_pose_is_drawn_once_and_a_frustum_that_is_off_is_not() -> None:
    stand = Stand()
    stand.show.bring(stand.scene("a" * 64, 0.5))
    stand.show.hear(pose(1))
    while stand.clock() < 10**12 + 3 * NS_PER_S:
        stand.turn()
    stand.inner()
    stand.turn()
    assert stand.inner() == []
    stand.show.hear(pose(2))
    stand.turn()
    assert stand.inner() == [0.5]
    stand.show.hear(CameraSettings(subject=CAMERA.name, t_ns=0, frustum=False))
    stand.show.hear(pose(3))
    stand.turn()
    assert stand.inner() == []


def test_a_fade_goes_from_one_scene_to_the_next_and_never_through_black() -> None:
    stand = Stand()
    stand.show.hear(pose(1))
    stand.show.bring(stand.scene("a" * 64, 0.75))
    lights: list[float] = []
    for _ in range(60):
        stand.turn()
        lights += stand.inner()
    assert lights[0] < 0.3
    assert lights[-1] == 0.75
    assert all(later >= earlier for earlier, later in itertools.pairwise(lights))
    assert min(lights) >= 0.25
    (state,) = stand.turn(1.0)
    assert (state.environment, state.fade_unit) == ("a" * 64, 1.0)
    stand.show.bring(None)
    shown = [stand.turn() for _ in range(80)]
    assert stand.show.idle
    last = [state for states in shown for state in states][-1]
    assert last.environment == "", "so that the walls draw their own world again"


def test_the_surround_is_said_while_it_changes_and_then_no_more() -> None:
    stand = Stand()
    stand.show.bring(stand.scene("a" * 64, 0.75))
    stand.turn(FADE_NS / NS_PER_S)
    assert len(stand.pictures) == 6
    assert {subject for subject, *_ in stand.pictures} == {name for name, _ in framing.surround(EYE, 8)}
    assert stand.pictures[-1][1] == pytest.approx(0.75)
    stand.pictures.clear()
    stand.turn()
    assert stand.pictures == []


def test_a_slow_scene_is_drawn_smaller_then_with_fewer_splats_and_a_quick_one_finer_again() -> None:
    rungs = pacing.ladder(1920)
    pace = pacing.start(rungs)
    assert rungs[pace.rung] == pacing.Rung(640, 0)
    seen = []
    for _ in range(40):
        pace = pacing.step(rungs, pace, 3 * pacing.BUDGET_S)
        seen.append(rungs[pace.rung])
    assert seen[-1] == pacing.Rung(320, 2)
    assert [rung.level for rung in seen] == sorted(rung.level for rung in seen)
    for _ in range(400):
        pace = pacing.step(rungs, pace, 0.1 * pacing.BUDGET_S)
    assert rungs[pace.rung] == pacing.Rung(1920, 0)
    settled = pacing.step(rungs, pace, 0.8 * pacing.BUDGET_S)
    assert settled.rung == pace.rung


def test_a_picture_holds_the_whole_frustum_of_its_camera() -> None:
    sight = sight_of(pose(1), CAMERA.resolution_px)
    frame = framing.of_sight(sight, CAMERA.frustum_margin_deg, 640)
    edge = view_outline(sight, CAMERA.frustum_margin_deg) * frame.focal_px + frame.centre_px
    assert (edge > 1).all()
    assert (edge < np.array(frame.size_px) - 1).all()
    assert edge[:, 0].max() > 0.97 * frame.size_px[0], "and not much more"


@pytest.mark.slow
def test_the_stages_own_world_can_be_faded_from() -> None:
    sight = sight_of(pose(1), (320, 180))
    own = of_stage(known_set())
    light = own.light(framing.of_sight(sight, 2.0, 320), 0, 1)
    assert light.shape[1] == 320
    assert 0.05 < light.mean() < 1.5
    assert np.allclose(mixed(light, light + 1, 0.5) - light, 0.5, atol=1e-6)
