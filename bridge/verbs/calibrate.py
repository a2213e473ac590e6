"""`cyc calibrate WHAT`: one table of calibrations, each door imported only when it is called."""

import argparse
import importlib
from pathlib import Path
from typing import Any

from bridge.stage_edit import undo
from bridge.stage_file import StageFault
from bridge.verbs.terminal import DONE, fail, say

WHAT: dict[str, tuple[str, str]] = {
    "board": ("bridge.verbs.calibrate_board", "a ChArUco board to print, for the lens"),
    "patterns": ("bridge.verbs.calibrate_patterns", "draw markers for the walls"),
    "shoot": ("bridge.verbs.calibrate_shoot", "keep the tracker's pose, and a picture, of each shot"),
    "lens": ("bridge.verbs.calibrate_lens", "a camera's lens table, from board shots, an STMap or OpenTrackIO"),
    "stage": ("bridge.verbs.calibrate_stage", "tracker, mount, nodal offset and walls from shots of the walls"),
    "delay": (
        "bridge.verbs.calibrate_delay",
        "tracking against the picture, output against light, by motion or flashes",
    ),
    "rig": ("capture.verbs.calibrate_rig", "the cameras round a performer, from a board that is carried before them"),
    "stmap": ("bridge.verbs.calibrate_stmap", "a lens of the stage file as STMaps (float EXR)"),
}


class Door(argparse.ArgumentParser):
    """A parser that learns its options when it is first asked: OpenCV and solvers load for the door that opens."""

    module = ""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        if self.module:
            door, self.module = importlib.import_module(self.module), ""
            door.add_arguments(self)
            self.set_defaults(door=door.run)
        return super().parse_known_args(args, namespace)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate WHAT ...`."""
    parser.epilog = "example:\n  cyc calibrate stage my_stage.toml --shots shots --dry-run"
    kinds = parser.add_subparsers(dest="what", required=True, metavar="WHAT", parser_class=Door)
    for name, (module, line) in WHAT.items():
        shape = argparse.RawDescriptionHelpFormatter
        kinds.add_parser(name, help=line, description=line, formatter_class=shape).module = module
    line = "take the newest calibration of a stage file back"
    taken = kinds.add_parser("undo", help=line, description=line)
    taken.add_argument("stage", type=Path, metavar="STAGE.toml")
    taken.set_defaults(door=_undo)


def run(args: argparse.Namespace) -> int:
    """What was asked for."""
    return int(args.door(args))


def _undo(args: argparse.Namespace) -> int:
    try:
        record = undo(args.stage)
    except StageFault as fault:
        return fail(str(fault))
    say(f"{args.stage}: took back {record.what} of {record.at}")
    for where, value in record.old.items():
        say(f"  {where} = {value}")
    return DONE
