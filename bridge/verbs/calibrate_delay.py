"""`cyc calibrate delay`: how late tracking is, from a clip's motion; how late the wall is, from its flashes."""

import argparse
import math
from pathlib import Path

from bridge.stage_file import load
from bridge.verbs.terminal import WRONG_USAGE, fail, live_line, os_words

_LIVE_S = 12.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate delay STAGE --clip FILE --take TAKE`, or `--live DEVICE`, or `--simulate TRUTH`; `--flash`."""
    parser.epilog = (
        "examples:\n  cyc calibrate delay my_stage.toml --clip pan.mov --take takes/pan_T001.mcap --dry-run\n"
        "  cyc calibrate delay my_stage.toml --flash --live 0 --capture-latency 0.05\n"
        "  cyc calibrate delay stage_configs/small_wall.toml --simulate stage_configs/small_wall.toml --dry-run"
    )
    parser.add_argument("stage", type=Path, metavar="STAGE.toml")
    parser.add_argument("--flash", action="store_true", help="from a wall's flashes, output to light; else from motion")
    _add_sources(parser)
    _add_timing(parser)
    parser.add_argument("--into", choices=("latency", "delay", "processor", "engine"), help="which setting to write")
    parser.add_argument("--through", choices=("engine", "display"), default="engine", help="who draws the flashes")
    parser.add_argument("--most", type=float, default=1.0, metavar="S", help="search lags up to this (1 s)")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    parser.add_argument("--out", type=Path, metavar="DIR", help="save a chart here")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _add_sources(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--camera", metavar="NAME", help="in the stage file; else its first")
    parser.add_argument("--wall", metavar="NAME", help="that flashes; else the first of the stage file")
    parser.add_argument("--clip", type=Path, metavar="FILE", help="a video, or a folder of pictures")
    parser.add_argument("--take", type=Path, metavar="TAKE.mcap", help="recorded while the clip was filmed")
    parser.add_argument("--live", metavar="DEVICE", help="film now: a capture device's number or address")
    parser.add_argument("--seconds", type=float, default=_LIVE_S, help=f"film so long ({_LIVE_S:g})")
    parser.add_argument("--simulate", type=Path, metavar="TRUTH.toml", help="a made clip; this stage file is the truth")


def _add_timing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--times", type=Path, metavar="FILE", help="frame,t_ns of this host's clock; else beside the clip"
    )
    parser.add_argument(
        "--timecode", metavar="HH:MM:SS:FF", help="of the clip's first frame, against the take's timecode"
    )
    parser.add_argument(
        "--stamp", choices=("start", "middle", "end"), help="of the exposure, that the times mean (middle)"
    )
    parser.add_argument("--shutter-deg", type=float, default=180.0, metavar="DEG", help="the camera's shutter (180)")
    parser.add_argument(
        "--capture-latency", type=float, metavar="S", help="from exposure to the stamp, where that is later"
    )
    parser.add_argument("--refresh-hz", type=float, default=0.0, help="the wall's; else it is found")
    parser.add_argument("--linear", action="store_true", help="the clip's values are linear light")


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where it could not be told, or could not be written."""
    wrong = _wrong_usage(args)
    if wrong:
        return fail(wrong, WRONG_USAGE)
    # fetched here: they load OpenCV and SciPy, which `--help` and the other calibrations should not wait for
    from bridge.verbs.calibrate_delay_flash import flash_report
    from bridge.verbs.calibrate_delay_motion import FAULTS, camera_of, motion_report
    from bridge.verbs.calibrate_delay_report import finish

    try:
        stage = load(args.stage)
        measure = flash_report if args.flash else motion_report
        with live_line() as watch:
            report = measure(stage, camera_of(stage, args.camera), args, watch)
        return finish(report, args)
    except FAULTS as fault:
        return fail(os_words(fault) if isinstance(fault, OSError) else str(fault))
    except KeyboardInterrupt:
        return fail("stopped; nothing was written")


def _wrong_usage(args: argparse.Namespace) -> str:
    ways = [name for name in ("clip", "live", "simulate") if getattr(args, name) is not None]
    if len(ways) != 1:
        return "expected one of --clip FILE, --live DEVICE and --simulate TRUTH.toml, to know where pictures come from"
    if args.clip and not args.take:
        return "--clip: expected --take TAKE.mcap too, recorded while it was filmed"
    if not 0.0 < args.shutter_deg <= 360.0:
        return f"--shutter-deg: expected above 0 to 360, got {args.shutter_deg:g}"
    if not (math.isfinite(args.most) and 0.05 <= args.most <= 10.0):
        return f"--most: expected 0.05 to 10 seconds, got {args.most:g}"
    if not 0.0 <= args.refresh_hz <= 1000.0:
        return f"--refresh-hz: expected 0 (found) to 1000, got {args.refresh_hz:g}"
    if args.capture_latency is not None and not 0.0 <= args.capture_latency <= 10.0:
        return f"--capture-latency: expected 0 to 10 seconds, got {args.capture_latency:g}"
    if not (2.0 <= args.seconds <= 600.0):
        return f"--seconds: expected 2 to 600, got {args.seconds:g}"
    if args.into and args.flash != (args.into in ("processor", "engine")):
        return f"--into {args.into}: expected {'processor or engine' if args.flash else 'latency or delay'} here"
    if args.flash and args.timecode:
        return "--timecode: flashes are timed on this host's clock; give the clip's times with --times"
    return ""
