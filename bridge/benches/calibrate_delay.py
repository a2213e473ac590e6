"""`cyc bench calibrate`: known delays, found again by a made camera's motion and by a made wall's flashes."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np

from bridge.benches.row import Row, absent, measured
from bridge.calibrate.delay.flash import DURATION_S, Seen, flash_plan, latency_of, linear, region_level
from bridge.calibrate.delay.lag import Lag, lag_of
from bridge.calibrate.delay.made_clip import Display, Shutter, flash_scenes, flashing, lit_s, moving
from bridge.calibrate.delay.made_move import START_S, Noise, Way, operated, recorded, sight_on, teller_of, told
from bridge.calibrate.delay.material import Stamps, timed, turns_of, way_of
from bridge.calibrate.delay.motion_seen import Turns
from bridge.clock import NS_PER_S
from bridge.rigs import rig_of
from bridge.stage import Stage
from bridge.stage_file import load
from bridge.wall.surfaces import screens
from bridge.wire import f4
from bridge.world.world import known_set

HERE = Path(__file__).parents[2]
CONFIG = HERE / "stage_configs" / "small_wall.toml"
MOVE = HERE.parent / "shared" / "data" / "camera_move_mosys" / "A003_C001.f4"
RATES_HZ = (24.0, 25.0, 50.0)
LATENCIES_S = (0.0, 0.0083, 0.02, 0.0417, 0.0737)
LIGHT_S = (0.03, 0.0477, 0.07, 0.095, 0.121)
TARGET_FRAMES = 0.1
_SIZE_PX, _SECONDS, _SWAY_M = (192, 108), 6.0, 0.25
_MOVE_S = 14.0
"""The recorded arm pans there and back in this; later it rests."""
_NOISE_UNIT = 0.01


def rows(_seconds: float = 0.0) -> Iterator[Row]:
    """The figures do not depend on how long they may take."""
    if not CONFIG.is_file():
        yield absent("delay", f"no stage at {CONFIG}")
        return
    stage = load(CONFIG)
    for rate_hz in RATES_HZ:
        yield _by_motion(stage, rate_hz)
    yield _by_real_motion(stage)
    for rate_hz in RATES_HZ:
        yield _by_flash(stage, rate_hz)


# --- motion -------------------------------------------------------------------------------------------------------


def _by_motion(stage: Stage, rate_hz: float) -> Row:
    """A hand-held pan that sways by a quarter of a metre among columns near and far; a 60 Hz tracker."""
    way = operated(stage, 1, sway_m=_SWAY_M)
    lags = _lags(stage, way, rate_hz, _SECONDS, 60.0)
    return _worst(f"delay by image motion, {rate_hz:g} fps, parallax, noise, {len(lags)} delays", lags, rate_hz)


def _by_real_motion(stage: Stage) -> Row:
    what = "delay by image motion, the real Mo-Sys move"
    if not MOVE.is_file():
        return absent(what, f"no recording at {MOVE}")
    samples = [f4.to_sample(f4.decode(p), subject="move", t_arrival_ns=0) for p in f4.split(MOVE.read_bytes())]
    rig = rig_of(stage, stage.cameras[0])
    way = recorded([(s.position_m, s.rotation_wxyz) for s in samples], 25.0, rig)
    lags = _lags(stage, way, 25.0, _MOVE_S, 25.0)
    return _worst(f"{what}, {len(lags)} delays", lags, 25.0)


def _worst(what: str, lags: Sequence[tuple[float, Lag]], rate_hz: float) -> Row:
    worst = max(abs(lag.lag_s - true_s) for true_s, lag in lags) * rate_hz
    return measured(f"{what}: worst error", worst, "frames", at_most=TARGET_FRAMES)


def _lags(stage: Stage, way: Way, rate_hz: float, seconds: float, tracker_hz: float) -> list[tuple[float, Lag]]:
    """(true lag, found) for each latency a tracker may truly have, while the stage file says what it says."""
    camera = stage.cameras[0]
    turns = _turns(stage, way, Shutter(rate_hz), round(seconds * rate_hz))
    found: list[tuple[float, Lag]] = []
    for number, latency_s in enumerate(LATENCIES_S):
        truth = _with_latency(stage, latency_s, tracker_hz)
        poses = told(way, (0.0, seconds), teller_of(stage, truth, camera.name), Noise(), number)
        way_told = way_of(poses, Stamps(turns.start_s, "exposure", round(START_S * NS_PER_S)), None)
        found.append((stage.trackers[0].latency_s - latency_s, lag_of(turns, way_told)))
    return found


def _turns(stage: Stage, way: Way, shutter: Shutter, count: int) -> Turns:
    camera = stage.cameras[0]
    rig = rig_of(stage, camera)
    made = moving(known_set(), way, rig, camera, shutter, (count, *_SIZE_PX), _NOISE_UNIT)
    _, found = turns_of(enumerate(made), sight_on(way, 0.0, rig, camera, _SIZE_PX).lens, camera.sensor_mm)
    return timed(found, shutter.middle_s(count))


def _with_latency(stage: Stage, latency_s: float, rate_hz: float) -> Stage:
    tracker = msgspec.structs.replace(stage.trackers[0], latency_s=latency_s, rate_hz=rate_hz)
    return msgspec.structs.replace(stage, trackers=(tracker, *stage.trackers[1:]))


# --- flashes ------------------------------------------------------------------------------------------------------


def _by_flash(stage: Stage, rate_hz: float) -> Row:
    """A 60 Hz display and a 180 degree shutter."""
    camera, shutter = stage.cameras[0], Shutter(rate_hz)
    way, rig = operated(stage, 1), rig_of(stage, camera)
    scenes = flash_scenes(screens(stage, CONFIG.parent), known_set(), way, rig, camera, (64, 36))
    errors: list[float] = []
    for seed, latency_s in enumerate(LIGHT_S):
        plan = flash_plan(seed)
        on_off_s = lit_s(np.array(plan), DURATION_S, Display(latency_s, 60.0, 0.0031 * seed))
        count = round((plan[-1] + 1.0) * rate_hz)
        made = np.array(list(flashing(scenes, on_off_s, shutter, count, _NOISE_UNIT)))
        level, _ = region_level(linear(made))
        seen = Seen(np.arange(count) / rate_hz, shutter.open_s, level)
        errors.append(abs(latency_of(seen, plan).mean_s - latency_s) * rate_hz)
    what = f"delay by flash, {rate_hz:g} fps, 60 Hz wall, 180 degrees, noise, {len(errors)} delays: worst error"
    return measured(what, max(errors), "frames", at_most=TARGET_FRAMES)
