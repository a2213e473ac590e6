"""`cyc capture WHAT`: one table of what can be done, each door imported only when it is called."""

import argparse
import os

from bridge.verbs.calibrate import Door
from capture.cameras.address import ENVIRONMENT
from capture.verbs import capture_live

WHAT: dict[str, tuple[str, str]] = {
    "synthetic": ("capture.verbs.capture_synthetic", "film a performer who never lived, with the truth beside it"),
    "solve": ("capture.verbs.capture_solve", "a filmed take's performer anew, with a better model"),
    "export": ("capture.verbs.capture_export", "a take's performer as USD, BVH, TRC, FBX or GLB"),
    "neutral": ("capture.verbs.capture_neutral", "a performer's own neutral face and gains, from a take"),
    "list": ("capture.verbs.capture_list", "the cameras of this computer, or what streams and videos give"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc capture WHAT ...`."""
    parser.epilog = (
        "examples:\n  cyc capture --camera 0 --performer p07 --project 'Night Train'\n  cyc capture list\n"
        "  cyc capture export takes/night_T001.mcap p07.usda\n  cyc capture synthetic shoot --cameras 4 --seconds 5"
    )
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    capture_live.add_arguments(parser)
    kinds = parser.add_subparsers(dest="what", metavar="WHAT", parser_class=Door)
    for name, (module, line) in WHAT.items():
        shape = argparse.RawDescriptionHelpFormatter
        kinds.add_parser(name, help=line, description=line, formatter_class=shape).module = module


def run(args: argparse.Namespace) -> int:
    """What was asked for; without a word it is live."""
    return int(args.door(args)) if args.what else capture_live.run(args)
