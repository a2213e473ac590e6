"""`cyc calibrate rig health`: whether a camera was moved since, from what recorded takes say of each."""

import argparse
from pathlib import Path

import numpy as np

from bridge.performed import CaptureCamera
from bridge.take.chunks import TakeFault
from bridge.take.read import Take
from bridge.verbs.terminal import COULD_NOT, DONE, fail, os_words, print_json, say, table
from capture.calibrate.health import judged, words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate rig health TAKES`."""
    parser.epilog = "example:\n  cyc calibrate rig health takes/*.mcap"
    parser.add_argument("takes", type=Path, nargs="+", metavar="TAKE.mcap", help="takes with a performer in them")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(door=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where a camera is to be calibrated again."""
    seen: dict[str, list[float]] = {}
    try:
        for path in args.takes:
            take = Take(path)
            try:
                for one in take.messages(CaptureCamera):
                    if one.reprojection_px > 0.0:
                        seen.setdefault(one.subject, []).append(one.reprojection_px)
            finally:
                take.close()
    except TakeFault as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(os_words(error))
    if len(seen) < 2:
        return fail("no two capture cameras followed a performer in these takes: nothing can be compared")
    names = sorted(seen)
    found = judged(names, [float(np.median(seen[name])) for name in names], [len(seen[name]) for name in names])
    verdict = words(found)
    if args.json:
        print_json({"cameras": [one._asdict() for one in found], "verdict": verdict})
    else:
        rows = ((one.name, f"{one.median_px:.1f}", one.points, "moved?" if one.moved else "") for one in found)
        table("reprojection of people", ("camera", "median px", "seconds", ""), rows)
        say(verdict or "the cameras stand as they were calibrated")
    return COULD_NOT if verdict else DONE
