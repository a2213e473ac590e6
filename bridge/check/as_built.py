"""A stage judged as it truly stands: drawn with what one stage file says, filmed as another says it was built.

The tracker sends what it truly would; the offsets, lens and latencies of the file under test turn that into what the
walls are drawn with. Both files must mean the same stage frame: the wall a calibration is anchored to stays the same.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bridge.check.figures import between, foretold, mount_of, spread, stage_latency_s
from bridge.check.moves import Filmed
from bridge.incamera.errors import Summary, drawn_for, measure, summary
from bridge.incamera.faults import Cause, View, diagnose, known_faults
from bridge.incamera.latency import late, wall_distance_m
from bridge.sight import grid_px
from bridge.wall.shape import Screen
from bridge.world.world import World

POSES, MOMENTS, COLUMNS = 8, 32, 24
_WARM_S = 1.0


class AsBuilt(NamedTuple):
    """What a stage file costs one camera on the stage as it truly is."""

    standing: Summary
    """Error in camera pixels with no latency: offsets, lens, walls."""
    cause: str
    """What explains it best; empty where there is nothing to explain."""
    inside_px: float
    """Mean over the picture, p95 over the move, of what wrong latencies alone leave after prediction."""
    latency_s: float
    """From exposure to light, as the file under test says."""
    true_latency_s: float


Walls = tuple[Sequence[Screen], Sequence[Screen]]
"""As the file under test has them, and as they truly are."""


def as_built(world: World, walls: Walls, way: Filmed, true: Filmed) -> AsBuilt:
    """One camera: `way` is its move as the file under test has it, `true` the same packets on the true stage."""
    views = _views(world, walls, way, true)
    causes: list[Cause] = diagnose(world, views, known_faults(walls[0], views, mount_of(way)))
    standing = summary([view.errors for view in views])
    inside_px = _late_px(world, walls[1], true, stage_latency_s(way))
    return AsBuilt(standing, causes[0].text if causes else "", inside_px, stage_latency_s(way), stage_latency_s(true))


def _views(world: World, walls: Walls, way: Filmed, true: Filmed) -> list[View]:
    screens, shapes = walls[0], [screen.shape for screen in walls[1]]
    margin_deg = way.camera.frustum_margin_deg
    views: list[View] = []
    for believed, truth in zip(spread(way.sights, POSES), spread(true.sights, POSES), strict=True):
        drawn = drawn_for(screens, believed, believed.position_m, margin_deg)
        errors = measure(world, drawn, shapes, truth, grid_px(truth.resolution_px, COLUMNS))
        views.append(View(drawn, believed, errors))
    return views


def _late_px(world: World, screens: Sequence[Screen], true: Filmed, assumed_s: float) -> float:
    """Foretold for the assumed latency, lit at the true one."""
    ahead, behind = foretold(true, assumed_s), stage_latency_s(true) * true.rate_hz
    first, last = round(_WARM_S * true.rate_hz), int(len(ahead) - 2 - behind)
    wall_m = wall_distance_m(screens, spread(true.sights, 3))
    places: list[int] = np.unique(np.linspace(min(first, last), last, MOMENTS).astype(int)).tolist()
    found = [late(world, screens, ahead[i], between(true.sights, i + behind), wall_m).inside_px for i in places]
    return float(np.nanpercentile(found, 95))
