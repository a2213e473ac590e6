"""`cyc calibrate rig convert`: rig files to and from what other programs read."""

import argparse
from collections.abc import Callable
from pathlib import Path

from bridge.verbs.terminal import DONE, fail, os_words, say
from capture.calibrate.clips import RigFault
from capture.calibrate.foreign import anipose_text, caliscope_text, qualisys_text, read_qualisys, read_toml
from capture.calibrate.rig_file import rig_of, rig_text
from capture.rig import Rig
from capture.verbs.calibrate_rig_sources import write_whole

KINDS: dict[str, Callable[[Rig], str]] = {
    "cyclorama": rig_text,
    "anipose": anipose_text,
    "pose2sim": anipose_text,
    "caliscope": caliscope_text,
    "qualisys": qualisys_text,
}
_UNITS_M = {"m": 1.0, "cm": 0.01, "mm": 0.001}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate rig convert FROM TO --as KIND`."""
    parser.epilog = "example:\n  cyc calibrate rig convert rig.toml Calib.toml --as pose2sim"
    parser.add_argument("source", type=Path, metavar="FROM", help="a rig file, aniposelib's, caliscope's or a .qca.txt")
    parser.add_argument("target", type=Path, metavar="TO")
    parser.add_argument("--as", dest="kind", choices=KINDS, default="cyclorama", help="what to write (cyclorama)")
    parser.add_argument("--unit", choices=_UNITS_M, default="m", help="of an aniposelib file that is not in metres (m)")
    parser.set_defaults(door=run)


def run(args: argparse.Namespace) -> int:
    """Which format it is, is seen from what is in it."""
    try:
        rig = read_rig(args.source, _UNITS_M[args.unit])
        write_whole(args.target, KINDS[args.kind](rig).encode())
    except RigFault as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(os_words(error))
    lost = [camera.name for camera in rig.cameras if camera.late_s]
    if lost and args.kind != "cyclorama":
        say(f"{args.kind} has no word for time offsets: those of {', '.join(lost)} are left out")
    say(f"{args.target}: {len(rig.cameras)} cameras")
    return DONE


def read_rig(path: Path, metres_per_unit: float = 1.0) -> Rig:
    """Any of them. RigFault, OSError."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise RigFault(f"{path}: not a text file") from None
    if text.lstrip().startswith("<"):
        return read_qualisys(text, str(path))
    if any(line.replace(" ", "").startswith("schema=") for line in text.splitlines()):
        return rig_of(text, str(path))
    return read_toml(text, str(path), metres_per_unit)
