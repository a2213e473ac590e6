"""What the doors share that look at a performer in clips: which clips, whether it is allowed, where the body was."""

import argparse
import os
from pathlib import Path

from bridge.consent.ledger import LedgerFault
from bridge.consent.rules import Refused
from bridge.consent.running import RunningUses
from bridge.models import ModelFault
from bridge.verbs.consent_where import add_ledger_argument, ledger_at
from bridge.verbs.models import add_home_argument, home_of
from bridge.verbs.terminal import live_line
from capture.calibrate.clips import RigFault
from capture.calibrate.offsets import Track, track_of
from capture.cameras.address import ENVIRONMENT, CameraFault, address
from capture.device import every_picture
from capture.landmarks import Landmarks, LandmarksFault, LookFor
from capture.rig import Rig
from capture.seen import Seen
from capture.verbs.calibrate_rig_sources import names_of

FAULTS = (RigFault, CameraFault, LandmarksFault, ModelFault, LedgerFault)
"""What `clips_of` and `tracks_of` may say."""


def add_performer(parser: argparse.ArgumentParser, clips: str) -> None:
    """The rig, a clip of each camera (`clips` says of what), who is in them, and how to look."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    parser.add_argument("rig", type=Path, metavar="RIG.toml", help="as it was calibrated")
    parser.add_argument("clips", nargs="+", metavar="CLIP", help=clips)
    parser.add_argument("--names", metavar="A,B,...", help="which cameras of the rig they are of (the files' names)")
    parser.add_argument("--performer", required=True, metavar="NAME", help="who is in the clips: a pseudonym")
    parser.add_argument("--project", default="", help="as the consents name it")
    parser.add_argument("--model", choices=("lite", "full", "heavy"), default="heavy", help="of the body (heavy)")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    add_ledger_argument(parser)
    add_home_argument(parser)


def clips_of(args: argparse.Namespace, rig: Rig) -> dict[str, str]:
    """Each camera's, by its name in the rig. One of FAULTS before anybody is looked at."""
    names = names_of(args.names, [Path(clip).stem for clip in args.clips])
    known = {camera.name: camera.size_px for camera in rig.cameras}
    strange = [name for name in names if name not in known]
    if strange:
        raise RigFault(f"{', '.join(strange)}: {args.rig} has {', '.join(known)}; say which clip is whose with --names")
    if any(address(clip).live for clip in args.clips):
        raise RigFault("expected videos: record a performer who moves through the volume, and give the files")
    for name, clip in zip(names, args.clips, strict=True):
        _same_size(name, clip, known[name])
    return dict(zip(names, args.clips, strict=True))


def _same_size(name: str, clip: str, wanted: tuple[int, int]) -> None:
    first = next(every_picture(name, address(clip)), None)
    if first is None:
        raise RigFault(f"{clip}: no picture in it can be read")
    if first.size_px != wanted:
        told = f"{wanted[0]} x {wanted[1]}"
        raise RigFault(
            f"{clip}: is {first.size_px[0]} x {first.size_px[1]}, {name} was calibrated at {told}: film at that size"
        )


def tracks_of(args: argparse.Namespace, clips: dict[str, str], service: str) -> dict[str, Track]:
    """The performer's landmarks before each camera, if he or she agreed to that. One of FAULTS."""
    uses = RunningUses(ledger_at(args.ledger), service)
    try:
        answer = uses.begin(args.performer, "capture", args.project, source=next(iter(clips.values())))
        if isinstance(answer, Refused):
            raise RigFault(f"{args.performer} is not looked at (capture): {answer}")
        return {name: _track(name, clip, args, uses) for name, clip in clips.items()}
    finally:
        uses.close()


def _track(name: str, clip: str, args: argparse.Namespace, uses: RunningUses) -> Track:
    eye, seen = Landmarks(LookFor(f"pose-{args.model}"), home_of(args)), list[Seen]()
    try:
        with live_line() as show:
            for picture in every_picture(name, address(clip)):
                for stopped in uses.check():
                    raise RigFault(f"{args.performer} is not looked at any more (capture): {stopped.why}")
                seen += eye.look(picture)[:1]
                show(f"{name}: {picture.number + 1} pictures, a performer in {len(seen)}")
    finally:
        eye.close()
    return track_of(seen)
