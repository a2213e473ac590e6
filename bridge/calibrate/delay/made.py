"""Simulated material for a delay calibration: what a stage that is truly as `truth` says would have filmed and told."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from bridge.calibrate.delay.clip import ClipFault
from bridge.calibrate.delay.flash import DURATION_S, flash_plan
from bridge.calibrate.delay.made_clip import Display, Shutter, flash_scenes, flashing, lit_s, moving
from bridge.calibrate.delay.made_move import START_S, Noise, operated, sight_on, teller_of, told
from bridge.calibrate.delay.material import Flashes, Motion, Stamps, rate_of, timed, tracking_of, turns_of, way_of
from bridge.clock import NS_PER_S
from bridge.rigs import rig_of
from bridge.stage import Camera, Stage, display_latency_s
from bridge.stage_walls import AnyWall
from bridge.wall.surfaces import screens
from bridge.world.file import world_of
from bridge.world.world import known_set

_Row = TypeVar("_Row", Camera, AnyWall)

MOTION_PX, MOTION_S = (192, 108), 7.0
FLASH_PX = (64, 36)
NOISE_UNIT = 0.01
REFRESH_HZ = 60.0
SEED = 7


def motion(stage: Stage, truth: Stage, camera_name: str, watch: Callable[[str], None]) -> Motion:
    """A hand-held pan and tilt in the known set, and what the spine of `stage` would have said of it."""
    camera = _named(truth.cameras, camera_name, "camera")
    rig, shutter = rig_of(truth, camera), Shutter(rate_of(camera))
    way, count = operated(truth, SEED, sway_m=0.05), round(MOTION_S * rate_of(camera))
    made = moving(known_set(), way, rig, camera, shutter, (count, *MOTION_PX), NOISE_UNIT)
    lens = sight_on(way, 0.0, rig, camera, MOTION_PX).lens
    _, rows = turns_of(((n, _said(n, count, grey, watch)) for n, grey in enumerate(made)), lens, camera.sensor_mm)
    poses = told(way, (0.0, MOTION_S), teller_of(stage, truth, camera.name), Noise(), SEED)
    stamps = Stamps(shutter.middle_s(count), "exposure", round(START_S * NS_PER_S))
    return Motion(
        timed(rows, stamps.t_s), way_of(poses, stamps, None), "exposure", tracking_of(stage, camera, poses), True
    )


def _named(rows: Sequence[_Row], name: str, what: str) -> _Row:
    """ClipFault where the truth is another stage's."""
    for row in rows:
        if row.name == name:
            return row
    known = ", ".join(row.name for row in rows)
    raise ClipFault(f"--simulate: expected a stage file with {what} {name}, it has {known}")


def _said(number: int, count: int, grey: np.ndarray, watch: Callable[[str], None]) -> np.ndarray:
    if number % 10 == 0:
        watch(f"simulating: frame {number} of {count}")
    return grey


def flashes(truth: Stage, folder: Path, camera_name: str, wall_name: str, open_deg: float) -> Flashes:
    """A standing camera before the walls, which obey as late as truth says, at the next of 60 refreshes a second."""
    camera, wall = _named(truth.cameras, camera_name, "camera"), _named(truth.walls, wall_name, "wall")
    plan = flash_plan(SEED)
    shutter, count = Shutter(rate_of(camera), open_deg), round((plan[-1] + 1.0) * rate_of(camera))
    scenes = flash_scenes(
        screens(truth, folder),
        world_of(truth.world, folder),
        operated(truth, SEED),
        rig_of(truth, camera),
        camera,
        FLASH_PX,
    )
    on_off_s = lit_s(np.array(plan), DURATION_S, Display(display_latency_s(truth, wall), REFRESH_HZ, 0.0041))
    light = np.array(list(flashing(scenes, on_off_s, shutter, count, NOISE_UNIT)))
    return Flashes(light, shutter.middle_s(count), list(plan), DURATION_S, True)
