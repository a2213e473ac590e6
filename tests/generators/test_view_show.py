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
from bridge.service import Desk
from bridge.sight import sight_of
from bridge.stage_file import load
from bridge.wall.frustum import view_outline
from bridge.world.world import known_set
from generators.camera import Camera
from generators.view import framing, pacing
from generators.view.scenes import of_stage
from generators.view.service import Curtain, Loaded
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
        self.show.hear(SceneSettings(subject="scene", t_ns=0))
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


def paced(takes_s: list[float], busy: list[float]) -> list[int]:
    """The rung at each drawing, where a rung takes so long and the computer is so many times slower meanwhile."""
    rungs = pacing.ladder(1920)
    pace, seen = pacing.start(rungs), []
    for factor in busy:
        pace = pacing.step(rungs, pace, takes_s[pace.rung] * factor)
        seen.append(pace.rung)
    return seen


def test_a_busy_moment_is_got_over_and_what_is_too_slow_is_not_tried_over_and_over() -> None:
    takes_s = [0.5, 0.3, 0.15, 0.055, 0.038, 0.03, 0.02, 0.015]
    seen = paced(takes_s, [1.0] * 60 + [2.0] * 60 + [1.0] * 120)
    assert seen[59] == 3, "640 wide, all splats: what fits"
    assert max(seen[60:120]) > 3
    assert seen[-1] == 3, "though there it takes most of the budget"
    hard_s = [0.5, 0.3, 0.15, 0.08, 0.055, 0.03, 0.02, 0.015]
    seen = paced(hard_s, [1.0] * 15 * 300)
    assert seen[-1] == 4
    tries = sum(later < earlier for earlier, later in itertools.pairwise(seen))
    assert tries < 20, "in five minutes"


def test_a_picture_holds_the_whole_frustum_of_its_camera() -> None:
    sight = sight_of(pose(1), CAMERA.resolution_px)
    frame = framing.of_sight(sight, CAMERA.frustum_margin_deg, 640)
    edge = view_outline(sight, CAMERA.frustum_margin_deg) * frame.focal_px + frame.centre_px
    assert (edge > 1).all()
    assert (edge < np.array(frame.size_px) - 1).all()
    assert edge[:, 0].max() > 0.97 * frame.size_px[0], "and not much more"


def test_the_outer_content_fades_at_a_lower_rate_and_ends_on_the_scene_itself() -> None:
    stand = Stand()
    stand.show.bring(stand.scene("a" * 64, 0.75, takes_s=0.0))
    for _ in range(60):
        stand.turn()
    forward = [light for subject, light, _ in stand.pictures if subject == framing.surround(EYE, 8)[0][0]]
    assert 7 <= len(forward) <= 10, "of fifty turns in that second"
    assert forward[0] < 0.3
    assert forward[-1] == 0.75


def test_a_fade_is_turned_round_where_it_is() -> None:
    stand = Stand()
    stand.show.hear(pose(1))
    first, second = stand.scene("a" * 64, 0.25), stand.scene("b" * 64, 0.75)
    stand.show.bring(first)
    for _ in range(60):
        stand.turn()
    stand.show.bring(second)
    for _ in range(14):
        stand.turn()
    before = stand.inner()[-1]
    assert 0.3 < before < 0.7
    stand.show.bring(first)
    stand.turn()
    lights = stand.inner()
    assert abs(lights[0] - before) < 0.1
    for _ in range(60):
        stand.turn()
    lights += stand.inner()
    assert lights[-1] == 0.25
    assert all(later <= earlier for earlier, later in itertools.pairwise(lights))


def test_a_fade_begins_on_the_stages_own_world_as_it_is_set_by_then() -> None:
    stand = Stand()
    stand.show.hear(pose(1))
    stand.show.own(stand.scene("", 0.5))  # another hour
    assert stand.show.idle
    stand.show.bring(stand.scene("a" * 64, 0.75, takes_s=0.0))
    stand.turn()
    assert 0.5 <= stand.inner()[0] < 0.51


def test_worlds_that_the_walls_draw_themselves_are_no_environments() -> None:
    stand = Stand()
    stand.show.hear(SceneSettings(subject="scene", t_ns=0, environment="sky"))
    assert stand.show.wanted == ""


class Curtained:
    """A curtain whose loader loads at once, or has nothing of that name."""

    def __init__(self) -> None:
        self.stand = Stand()
        self.stand.show = Show(STAGE.cameras, EYE, self.stand.publish, self.stand.clock)
        self.curtain = Curtain(self.stand.show, self, Desk("view", self.stand.clock), self)  # type: ignore[arg-type]
        self.asked, self.come = "", list[Loaded | str]()

    def ask(self, name: str) -> None:
        self.asked = name
        known = Loaded(self.stand.own, self.stand.scene(name * 8, 0.75))
        if name:
            self.come = ["no environment 'gone'"] if name == "gone" else [known]

    def take(self) -> Loaded | str | None:
        return self.come.pop() if self.come else None

    def close(self) -> None: ...

    def told(self, environment: str) -> list[EnvironmentState]:
        """What is said once the spine has said that this is to be on."""
        self.stand.show.hear(SceneSettings(subject="scene", t_ns=0, environment=environment))
        self.stand.clock.advance(1.0)
        return [one for one in self.curtain.tick(0) if isinstance(one, EnvironmentState)]


def test_before_the_spine_has_spoken_nothing_is_said_that_would_take_pictures_off_the_walls() -> None:
    made = Curtained()
    assert made.curtain.tick(0) == []
    (state,) = made.told("")
    assert not (state.environment or state.loading or state.fault)


def test_what_was_on_before_a_kill_is_on_again_without_a_fade_and_what_is_gone_is_said() -> None:
    made = Curtained()
    made.stand.show.hear(pose(1))
    (state,) = made.told("aaaaaaaa")
    assert (state.environment, state.fault) == ("aaaaaaaa" * 8, "")
    assert set(made.stand.inner()) == {0.75}, "not from the stage's own world, which the walls do not show"
    (state,) = made.told("gone")
    assert (state.environment, state.fault) == ("aaaaaaaa" * 8, "no environment 'gone'")
    gone = Curtained()
    (state,) = gone.told("gone")
    assert (state.environment, state.fault) == ("", "no environment 'gone'")


@pytest.mark.slow
def test_the_stages_own_world_can_be_faded_from() -> None:
    sight = sight_of(pose(1), (320, 180))
    own = of_stage(known_set())
    light = own.light(framing.of_sight(sight, 2.0, 320), 0, 1)
    assert light.shape[1] == 320
    assert 0.05 < light.mean() < 1.5
    assert np.allclose(mixed(light, light + 1, 0.5) - light, 0.5, atol=1e-6)
