"""`cyc capture export TAKE OUT`: a performer's motion for animators, if their consent covers it."""

import argparse
import contextlib
import math
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from bridge.consent.ledger import LedgerFault
from bridge.consent.rows import Use
from bridge.messages import FaceShapes, SkeletonDefinition, SkeletonPose
from bridge.take.chunks import TakeFault
from bridge.take.people_export import NotAllowed, exporting, performers, unclear
from bridge.take.read import Take
from bridge.timecode import parse_rate
from bridge.verbs.consent_where import add_ledger_argument, ledger_at
from bridge.verbs.terminal import COULD_NOT, DONE, WRONG_USAGE, fail, note, os_words, print_json, say
from capture.exports import blender
from capture.exports.bvh import bvh_text
from capture.exports.motion import SMOOTH_HZ, Motion, NotExportable, motion_of
from capture.exports.trc import trc_text

SERVICE = "cyc capture export"
FORMATS = (".usda", ".usdc", ".usd", ".bvh", ".trc", *blender.FORMATS)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which take, whom, and into which file."""
    parser.epilog = (
        "formats, by the file's ending: .usda .usdc (UsdSkel with faces and timecode), .bvh, .trc (joints, OpenSim),\n"
        ".fbx .glb (through Blender, a program of its own)\n\n"
        "example:\n  cyc capture export takes/night_T001.mcap p07.usda"
    )
    parser.add_argument("take", type=Path, metavar="TAKE")
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--performer", default="", help="whom; needed where the take has several")
    parser.add_argument("--rate", default="", help="frames a second; default: the timecode's, else as it came")
    parser.add_argument("--first-frame", type=int, default=1, help="number of the first frame, in USD (1)")
    parser.add_argument(
        "--smooth", type=float, default=SMOOTH_HZ, metavar="HZ", help=f"zero-phase low pass; 0 is off ({SMOOTH_HZ:g})"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    add_ledger_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit code 2 for what was asked wrongly, 1 where the take or a consent does not allow it."""
    out: Path = args.out
    if out.suffix not in FORMATS:
        return fail(f"{out}: expected a name ending in one of {' '.join(FORMATS)}", WRONG_USAGE)
    if not (math.isfinite(args.smooth) and args.smooth >= 0.0):
        return fail(f"--smooth {args.smooth:g}: expected hertz, or 0 for none", WRONG_USAGE)
    if out.exists():
        return fail(f"{out}: exists already and is never written over; give another name")
    if out.suffix in blender.FORMATS and blender.found(_blender()) is None:
        return fail(blender.MISSING.format(suffix=out.suffix))
    try:
        rate = parse_rate(args.rate) if args.rate else None
    except ValueError as error:
        return fail(f"--rate {args.rate}: {error}", WRONG_USAGE)
    try:
        with Take(args.take) as take:
            return _exported(take, args, rate)
    except (TakeFault, NotAllowed, LedgerFault, NotExportable, blender.BlenderFault) as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(os_words(error))


def _exported(take: Take, args: argparse.Namespace, rate: tuple[int, int] | None) -> int:
    there = performers(take)
    if why := unclear(there, args.performer):
        return fail(f"{args.take}: {why}", WRONG_USAGE if there else COULD_NOT)
    who = args.performer or there[0]
    bones = list(take.messages(SkeletonDefinition, who))
    if not bones:
        return fail(f"{args.take}: {who} has no skeleton in it")
    faces = list(take.messages(FaceShapes, who)) if args.out.suffix.startswith(".usd") else []
    uses: tuple[Use, ...] = ("export", "face") if faces else ("export",)
    with exporting(take, who, ledger_at(args.ledger, args.take.parent), uses=uses, by=SERVICE) as made:
        motion = motion_of(bones[-1], list(take.messages(SkeletonPose, who)), faces, rate, args.smooth)
        _whole(args.out, lambda path: _write(path, motion, args.first_frame, args.out.name))
        made(args.out)
    if motion.held:
        note(f"{motion.held} of {len(motion.root_m)} frames lie in gaps, where nobody was seen: the pose is held there")
    if args.json:
        print_json(
            {"out": str(args.out), "performer": who, "frames": len(motion.root_m), "rate_hz": motion.rate_hz,
             "held": motion.held, "timecode": str(motion.first) if motion.first else None}
        )  # fmt: skip
    else:
        say(f"{args.out}: {who}, {len(motion.root_m)} frames at {motion.rate_hz:g} Hz")
    return DONE


def _write(path: Path, motion: Motion, first_frame: int, name: str) -> None:
    match path.suffix:
        case ".bvh":
            path.write_text(bvh_text(motion), encoding="utf-8")
        case ".trc":
            path.write_text(trc_text(motion, name), encoding="utf-8")
        case ".fbx" | ".glb":
            with tempfile.TemporaryDirectory(prefix="cyc-export-") as folder:
                bvh = Path(folder) / "motion.bvh"
                bvh.write_text(bvh_text(motion), encoding="utf-8")
                blender.convert(bvh, path, motion.rate, str(motion.first or ""), _blender())
        case _:
            from capture.exports.usd_skeleton import write_usd_skeleton

            write_usd_skeleton(path, motion, first_frame)


def _whole(out: Path, write: Callable[[Path], None]) -> None:
    """The file is there whole or not at all."""
    beside = out.with_name(f".{out.stem}.new{out.suffix}")
    try:
        write(beside)
        beside.replace(out)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def _blender() -> str:
    return os.environ.get("CYC_BLENDER", "")
