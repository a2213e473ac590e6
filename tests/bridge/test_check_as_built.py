"""A stage judged as it truly stands: nothing wrong leaves nothing, and what is wrong is priced and named."""

from pathlib import Path

import msgspec
import pytest

from bridge.check.as_built import AsBuilt, as_built
from bridge.check.figures import ahead
from bridge.check.moves import Filmed, filmed
from bridge.incamera.errors import drawn_for, measure, summary
from bridge.sight import grid_px
from bridge.stage import Stage
from bridge.stage_file import load
from bridge.wall.shape import Screen
from bridge.wall.surfaces import screens
from bridge.world.file import world_of
from bridge.world.world import World

CONFIGS = Path(__file__).parents[2] / "stage_configs"
replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def truth() -> Stage:
    return load(CONFIGS / "small_wall.toml")


@pytest.fixture(scope="module")
def world(truth: Stage) -> World:
    return world_of(truth.world, CONFIGS)


def judged(stage: Stage, truth: Stage, world: World) -> AsBuilt:
    walls: tuple[list[Screen], list[Screen]] = screens(stage, CONFIGS), screens(truth, CONFIGS)
    (way,), (true,) = filmed(stage, None, truth), filmed(truth, None)
    return as_built(world, walls, way, true)


@pytest.mark.slow
def test_the_truth_leaves_nothing(truth: Stage, world: World) -> None:
    found = judged(truth, truth, world)
    assert found.standing.p99_px < 0.01
    assert found.cause == ""
    assert found.latency_s == found.true_latency_s


def test_a_pupil_too_far_forward_costs_what_the_planted_one_does_and_is_named(truth: Stage, world: World) -> None:
    wrong = replace(truth, cameras=(replace(truth.cameras[0], nodal_offset_m=0.01),))
    found = judged(wrong, truth, world)
    (way,) = filmed(truth, None)
    assert found.standing.mean_px == pytest.approx(_planted_px(way, truth, world), rel=0.02)
    assert "entrance pupil" in found.cause
    assert "10.0 mm" in found.cause


def _planted_px(way: Filmed, truth: Stage, world: World) -> float:
    """The same fault put in after all offsets, at the same eight moments."""
    walls = screens(truth, CONFIGS)
    shapes = [wall.shape for wall in walls]
    chosen = [way.sights[round(i * (len(way.sights) - 1) / 7 - 1e-9)] for i in range(8)]
    errors = []
    for sight in chosen:
        far = ahead(sight, 0.01)
        drawn = drawn_for(walls, far, far.position_m, way.camera.frustum_margin_deg)
        errors.append(measure(world, drawn, shapes, sight, grid_px(sight.resolution_px, 24)))
    return summary(errors).mean_px


def test_a_wrong_delay_costs_in_proportion(truth: Stage, world: World) -> None:
    costs_px = []
    for off_s in (0.05, 0.1):
        late = replace(truth, engine=replace(truth.engine, latency_s=truth.engine.latency_s + off_s))
        found = judged(late, truth, world)
        assert found.latency_s - found.true_latency_s == pytest.approx(off_s)
        assert found.standing.p99_px < 0.01, "a delay is no offset"
        costs_px.append(found.inside_px)
    assert costs_px[1] / costs_px[0] == pytest.approx(2.0, rel=0.1)
