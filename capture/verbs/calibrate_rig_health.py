"""`cyc calibrate rig health`: whether a camera was moved since, from what recorded takes say of each."""

import argparse
from pathlib import Path

import numpy as np

from bridge.messages import CaptureCamera
from bridge.take.chunks import TakeFault
from bridge.take.read import Take
from bridge.verbs.terminal import COULD_NOT, DONE, fail, os_words, print_json, say, table
from capture.live.recorded import Second, Stood, seconds_of, stood
from capture.live.standing import LEAST_S


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate rig health TAKES`."""
    parser.epilog = (
        "The first takes say how the cameras stood; cameras that were calibrated anew since begin anew.\n\n"
        "example:\n  cyc calibrate rig health takes/*.mcap"
    )
    parser.add_argument(
        "takes", type=Path, nargs="+", metavar="TAKE.mcap", help="takes with a performer in them, the oldest first"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(door=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where a camera is to be put back, or too little is known to say."""
    seconds: list[tuple[str, Second]] = []
    try:
        for path in args.takes:
            with Take(path) as take:
                seconds += [(path.name, one) for one in seconds_of(take.messages(CaptureCamera))]
    except TakeFault as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(os_words(error))
    found = stood(seconds)
    if found is None:
        return fail("no two capture cameras followed a performer in these takes: nothing can be compared")
    if found.seconds < LEAST_S:
        return fail(
            f"a performer was followed for {found.seconds} s since these cameras were calibrated, expected {LEAST_S} "
            "or more: give more takes of them"
        )
    return _told(args, found)


def _told(args: argparse.Namespace, found: Stood) -> int:
    cameras = list(zip(found.rig.cameras, found.aside_deg, found.off_px, strict=True))
    if args.json:
        rows = [
            {"name": one.name, "aside_deg": _known(aside), "median_px": _known(off), "moved": one.name in found.moved}
            for one, aside, off in cameras
        ]
        print_json({"cameras": rows, "seconds": found.seconds, "verdict": found.verdict})
    else:
        rows = (
            (one.name, _shown(aside, 2), _shown(off, 1), "moved?" if one.name in found.moved else "")
            for one, aside, off in cameras
        )
        table(f"performers in {found.seconds} s", ("camera", "aside deg", "off px", ""), rows)
        say(found.verdict or "the cameras stand as they did in the first of these takes")
    return COULD_NOT if found.verdict else DONE


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _shown(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if np.isfinite(value) else ""
