"""A made hand on a film camera, and what its tracker would have said: truth for trying a delay calibration on.

The camera stands at the stage's viewpoint before the first wall, and an operator pans and tilts it back and forth on a
head that it sits ahead of; or it goes the way of a recording. What is told comes out of `bridge.tracking` itself, from
samples that arrive late and unevenly, with the settings of the stage file that is to be calibrated.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import interpolate  # pyright: ignore[reportMissingTypeStubs]

from bridge import tracking
from bridge.clock import NS_PER_S
from bridge.frames import (
    compose,
    invert,
    pan_tilt_roll_from_quat,
    quat_from_pan_tilt_roll,
    quat_from_rotation_vector,
    quat_multiply,
    quat_rotate,
)
from bridge.lens import LensTable, lens_at
from bridge.messages import CameraPose, TrackerSample
from bridge.playback.moves import middle_m
from bridge.playback.packets import START_LABEL
from bridge.rigs import rig_of
from bridge.sight import Sight
from bridge.stage import Camera, Stage
from bridge.timecode import Timecode, parse_rate, timecode_at
from bridge.tracking import Rig, Rigid

Floats = NDArray[np.float64]
_interpolate: Any = interpolate
Way = Callable[[float], Rigid]
"""Seconds -> stage_from_sensor."""

LEAD_S = 1.5
"""The tracker is on this long before the clip and after it."""
START_S = 100.0
"""Where the host's clock stands when the way begins."""
ARM_M = (0.0, 0.12, 0.2)
"""From the head's axes to the sensor's nodal reference."""


class Noise(NamedTuple):
    """What a tracker and its network add, root mean square."""

    turn_deg: float = 0.003
    place_m: float = 1e-4
    arrival_s: float = 5e-4
    """Mean of how much later than its due time a packet comes."""


def operated(stage: Stage, seed: int, sway_m: float = 0.0) -> Way:
    """An operator's pan and tilt about the first wall's middle: several rates, none a multiple of another."""
    (x, y, z), aim = stage.world.viewpoint_m, middle_m(stage.walls[0])
    away = (aim[0] - x, aim[1] - y, aim[2] - z)
    ahead_deg = math.degrees(math.atan2(-away[0], away[1]))
    up_deg = math.degrees(math.atan2(away[2], math.hypot(away[0], away[1])))
    phase = np.random.default_rng(seed).uniform(0.0, 2.0 * math.pi, 6)

    def way(t_s: float) -> Rigid:
        w = [math.sin(2.0 * math.pi * hz * t_s + phase[i]) for i, hz in enumerate((0.37, 0.61, 0.29, 0.83, 1.3, 0.23))]
        turn = quat_from_pan_tilt_roll(ahead_deg + 6.0 * w[0] + 2.0 * w[1], up_deg + 3.0 * w[2] + w[3], 0.2 * w[4])
        dx, dy, dz = quat_rotate(turn, ARM_M)
        return (x + dx + sway_m * w[5], y + dy, z + dz + 0.3 * sway_m * w[2]), turn

    return way


def recorded(bodies: Sequence[Rigid], rate_hz: float, rig: Rig) -> Way:
    """The way of a recording, seconds from its start, at `rate_hz`: smooth between its samples."""
    told = [compose(compose(rig.stage_from_tracker, body), rig.body_from_sensor) for body in bodies]
    angles = np.unwrap(np.radians([pan_tilt_roll_from_quat(turn) for _, turn in told]), axis=0)
    rows = np.concatenate((np.array([place for place, _ in told]), np.degrees(angles)), axis=1)
    joined = _interpolate.make_interp_spline(np.arange(len(rows)) / rate_hz, rows, k=5)
    last_s = (len(rows) - 1) / rate_hz

    def way(t_s: float) -> Rigid:
        x, y, z, pan, tilt, roll = joined(min(max(t_s, 0.0), last_s)).tolist()
        return (x, y, z), quat_from_pan_tilt_roll(pan, tilt, roll)

    return way


def sight_on(way: Way, t_s: float, rig: Rig, camera: Camera, size_px: tuple[int, int]) -> Sight:
    """What the camera sees from at a moment, its lens in the middle of the table."""
    (x, y, z), turn = way(t_s)
    lens = lens_at(rig.lens, *_middle(rig.lens))
    dx, dy, dz = quat_rotate(turn, (0.0, lens.entrance_pupil_m + rig.nodal_offset_m, 0.0))
    return Sight((x + dx, y + dy, z + dz), turn, lens, camera.sensor_mm, size_px)


class Teller(NamedTuple):
    """Who says where the camera is."""

    settings: Rig
    """As the stage file that is to be calibrated has them."""
    true: Rig
    rate_hz: float
    label: tuple[int, int] | None
    """Rate of the timecode that its packets carry: that of the moment they leave."""


def teller_of(stage: Stage, truth: Stage, camera: str) -> Teller:
    """One camera's, in a stage file and in truth."""
    there = next(c for c in truth.cameras if c.name == camera)
    tracker = next(t for t in truth.trackers if t.name == there.tracker)
    label = None if tracker.protocol == "freed" else parse_rate(there.rate)
    mine = rig_of(stage, next(c for c in stage.cameras if c.name == camera))
    return Teller(mine, rig_of(truth, there), tracker.rate_hz, label)


def told(way: Way, span_s: tuple[float, float], teller: Teller, noise: Noise, seed: int) -> list[CameraPose]:
    """The poses the spine would say, from packets that come as late as they truly do.

    Stamps are of the host's clock, on which the way begins at START_S.
    """
    random = np.random.default_rng(seed)
    first = math.ceil((span_s[0] - LEAD_S) * teller.rate_hz)
    last = math.floor((span_s[1] + LEAD_S) * teller.rate_hz)
    samples = [_sample(way, number / teller.rate_hz, teller, noise, random) for number in range(first, last + 1)]
    state, said = tracking.start(teller.settings), list[CameraPose]()
    for sample in sorted(samples, key=lambda sample: sample.t_arrival_ns):
        state, poses = tracking.step(teller.settings, state, sample)
        said += poses
    return said


def _sample(way: Way, t_s: float, teller: Teller, noise: Noise, random: np.random.Generator) -> TrackerSample:
    """As the tracker measures it at `t_s`, in its own origin, and as it comes in."""
    rig = teller.true
    tracker_from_body = compose(invert(rig.stage_from_tracker), compose(way(t_s), invert(rig.body_from_sensor)))
    (x, y, z), turn = tracker_from_body
    dx, dy, dz = random.normal(0.0, noise.place_m, 3).tolist()
    u, v, w = np.radians(random.normal(0.0, noise.turn_deg, 3)).tolist()
    leaves_s = t_s + rig.tracker_latency_s
    arrival_ns = round((START_S + leaves_s + random.exponential(noise.arrival_s)) * NS_PER_S)
    zoom, focus = _middle(rig.lens)
    return TrackerSample(
        subject=rig.tracker,
        t_ns=arrival_ns,
        camera_id=rig.camera_id,
        t_arrival_ns=arrival_ns,
        position_m=(x + dx, y + dy, z + dz),
        rotation_wxyz=quat_multiply(turn, quat_from_rotation_vector((u, v, w))),
        timecode=_label(leaves_s, teller.label),
        zoom_raw_unit=zoom,
        focus_raw_unit=focus,
        sender="made:0",
    )


def _label(t_s: float, rate: tuple[int, int] | None) -> Timecode | None:
    return (
        timecode_at(START_LABEL * round(rate[0] / rate[1]) + int(t_s * rate[0] / rate[1] + 1e-6), *rate)
        if rate
        else None
    )


def _middle(lens: LensTable) -> tuple[float, float]:
    low, high = lens.focus_span_unit
    return lens.zooms_unit[len(lens.zooms_unit) // 2], 0.5 * (low + high)
