"""`cyc calibrate rig WHAT`: one table, from printing the board to a rig file and its health."""

import argparse
from typing import Any

from bridge.verbs.calibrate import Door

WHAT: dict[str, tuple[str, str]] = {
    "board": ("bridge.verbs.calibrate_board", "a ChArUco board to print at true size, and its board.json"),
    "shoot": ("capture.verbs.calibrate_rig_shoot", "look for the board, and say where to carry it next"),
    "solve": ("capture.verbs.calibrate_rig_solve", "lenses, places, floor and time offsets, into a rig file"),
    "convert": ("capture.verbs.calibrate_rig_convert", "to and from aniposelib, Pose2Sim, caliscope and Qualisys"),
    "clocks": ("capture.verbs.calibrate_rig_clocks", "how late each camera is, by what all see of a performer"),
    "rescue": ("capture.verbs.calibrate_rig_rescue", "put a bumped camera back by what it sees of a performer"),
    "health": ("capture.verbs.calibrate_rig_health", "whether the cameras still stand right, from recorded takes"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate rig WHAT ...`."""
    parser.epilog = "example:\n  cyc calibrate rig solve cam_*.mp4 --board board.json --floor auto --out rig.toml"
    kinds = parser.add_subparsers(dest="rig", required=True, metavar="WHAT", parser_class=Door)
    for name, (module, line) in WHAT.items():
        shape = argparse.RawDescriptionHelpFormatter
        kinds.add_parser(name, help=line, description=line, formatter_class=shape).module = module


def run(args: argparse.Namespace) -> int:
    """Its doors set themselves."""
    door: Any = args.door
    return int(door(args))
