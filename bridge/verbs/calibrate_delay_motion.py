"""The motion half of `cyc calibrate delay`: how late a clip's motion is against the tracking's, and what that sets."""

import argparse
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bridge.calibrate.delay import delays
from bridge.calibrate.delay import made as delay_made
from bridge.calibrate.delay.clip import ClipFault
from bridge.calibrate.delay.delays import DelayFault, lag_words, middles_s
from bridge.calibrate.delay.flash import FlashFault
from bridge.calibrate.delay.lag import Lag, LagFault, lag_of
from bridge.calibrate.delay.material import (
    Motion,
    Timing,
    clip_turns,
    poses_of,
    rate_of,
    settings_then,
    stamps_of,
    timed,
    tracking_of,
    way_of,
)
from bridge.stage import Camera, Stage
from bridge.stage_edit import Change
from bridge.stage_file import StageFault, load
from bridge.take.chunks import TakeFault
from bridge.timecode import parse_rate, parse_timecode
from bridge.verbs.calibrate_delay_report import Report
from bridge.wall.mesh import ObjFault
from bridge.world.file import WorldFault

Watch = Callable[[str], None]
FAULTS = (ClipFault, LagFault, FlashFault, DelayFault, StageFault, TakeFault, ObjFault, WorldFault, OSError)
"""What a user may be told in one sentence."""


def camera_of(stage: Stage, name: str | None) -> Camera:
    """The one named, or the first."""
    found = next((camera for camera in stage.cameras if name in (None, camera.name)), None)
    if found is None:
        raise ClipFault(f"--camera {name}: the stage file has {', '.join(camera.name for camera in stage.cameras)}")
    return found


def motion_report(stage: Stage, camera: Camera, args: argparse.Namespace, watch: Watch) -> Report:
    """Measured, and told."""
    if args.simulate:
        motion = delay_made.motion(stage, load(args.simulate), camera.name, watch)
    elif args.live:
        from bridge.verbs.calibrate_delay_live import live_motion

        motion = live_motion(stage, camera, args, watch)
    else:
        motion = _filmed(stage, camera, args, watch)
    watch("laying the motions over each other")
    lag = lag_of(motion.turns, motion.way, args.most)
    into = args.into or _default_into(motion, args)
    changes, notes = _motion_changes(camera, lag, motion, (into, args.capture_latency))
    return Report(
        title=f"{stage.name}: {camera.name}, delay by image motion{_made(motion.made)}",
        rows=_motion_rows(lag, motion),
        changes=changes,
        notes=(lag_words(lag.lag_s, motion.tracking.rate_hz), *notes),
        figures={"by": "motion", "simulated": motion.made, "stamped": motion.stamped, **_lag_figures(lag, motion)},
        subject=camera.name,
        drawing=partial(_draw_motion, motion, lag),
    )


def _made(made: bool) -> str:
    return " (simulated: no camera filmed this)" if made else ""


def _filmed(stage: Stage, camera: Camera, args: argparse.Namespace, watch: Watch) -> Motion:
    rate = parse_rate(camera.rate)
    timing = Timing(args.times, parsed_timecode(args.timecode, rate) if args.timecode else None)
    poses = poses_of(args.take, camera.name)
    names, rows = clip_turns(args.clip, poses, watch)
    stamps = stamps_of(args.clip, names, timing, rate)
    stamp = args.stamp or ("start" if stamps.stamped == "timecode" else "middle")
    middle_s = middles_s(stamps.t_s, stamp, args.shutter_deg / 360.0 / rate_of(camera)) - (args.capture_latency or 0.0)
    then = settings_then(args.take, stage)
    return Motion(
        timed(rows, middle_s), way_of(poses, stamps, timing.start), stamps.stamped, tracking_of(then, camera, poses)
    )


def parsed_timecode(text: str, rate: tuple[int, int]) -> Any:
    """A label. ClipFault for one that does not exist."""
    try:
        return parse_timecode(text, *rate)
    except ValueError as error:
        raise ClipFault(f"--timecode: {error}") from None


def _default_into(motion: Motion, args: argparse.Namespace) -> str:
    if motion.stamped == "timecode":
        return ""
    return "delay" if motion.stamped == "arrival" and args.capture_latency is None else "latency"


def _motion_changes(
    camera: Camera, lag: Lag, motion: Motion, wanted: tuple[str, float | None]
) -> tuple[list[Change], list[str]]:
    into, capture_s = wanted
    if not into:
        return [], [
            "by timecode only the labels' distance is known: --into latency if the tracker labels a packet as it "
            "leaves, --into delay if the picture is what is late; nothing is written without"
        ]
    if into == "delay":
        frames = delays.delay_frames(lag.lag_s, capture_s or 0.0, motion.stamped, motion.tracking)
        return [Change("trackers", camera.tracker, "delay_frames", round(frames, 4))], [
            "a pose that is held back is not predicted: use it to meet the camera's picture, not to drive the wall"
        ]
    if motion.stamped == "arrival" and capture_s is None:
        raise DelayFault(
            "the pictures are stamped as they arrive: state the capture's own latency (--capture-latency S), "
            "or hold tracking back to meet them (--into delay)"
        )
    latency_s = delays.tracker_latency_s(lag.lag_s, motion.stamped, motion.tracking)
    return [Change("trackers", camera.tracker, "latency_s", round(latency_s, 5))], []


def _motion_rows(lag: Lag, motion: Motion) -> list[tuple[str, str]]:
    rate_hz = motion.tracking.rate_hz
    tilt, pan = (f"{gain:.3f}" if math.isfinite(gain) else "too little moved" for gain in lag.gains_unit)
    return [
        ("lag, picture after tracking", f"{lag.lag_s * rate_hz:+.3f} frames = {lag.lag_s * 1e3:+.2f} ms"),
        ("one sigma", f"{lag.sigma_s * rate_hz:.3f} frames = {lag.sigma_s * 1e3:.2f} ms"),
        ("agreement of the motions", f"{lag.agreement_unit:.4f} (1 is perfect)"),
        ("picture over tracking", f"pan {pan}, tilt {tilt}"),
        ("frame pairs used", f"{lag.pairs} of {len(motion.turns.start_s)}"),
        ("camera turned, rms", f"{lag.speed_deg_s:.1f} degrees a second"),
        ("tracker latency while measured", f"{motion.tracking.latency_s * 1e3:.1f} ms"),
    ]


def _lag_figures(lag: Lag, motion: Motion) -> dict[str, Any]:
    plain = {
        key: None if isinstance(value, float) and math.isnan(value) else value for key, value in lag._asdict().items()
    }
    plain["gains_unit"] = [gain if math.isfinite(gain) else None for gain in lag.gains_unit]
    return {**plain, "lag_frames": lag.lag_s * motion.tracking.rate_hz, "tracking": motion.tracking._asdict()}


def _draw_motion(motion: Motion, lag: Lag, out: Path) -> list[Path]:
    from bridge.calibrate.delay.charts import save_motion

    return save_motion(out, motion.turns, motion.way, lag.lag_s)
