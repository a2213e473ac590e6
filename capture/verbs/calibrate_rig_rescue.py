"""`cyc calibrate rig rescue`: a camera that was bumped put back by what it and the others see of a performer."""

import argparse
import datetime
import math
import os
import tomllib
from pathlib import Path

from bridge.consent.ledger import LedgerFault
from bridge.consent.rules import Refused
from bridge.consent.running import RunningUses
from bridge.models import ModelFault
from bridge.verbs.consent_where import add_ledger_argument, ledger_at
from bridge.verbs.models import add_home_argument, home_of
from bridge.verbs.terminal import DONE, fail, live_line, os_words, print_json, say
from capture.calibrate.clips import RigFault
from capture.calibrate.health import SOUND_PX, standing
from capture.calibrate.offsets import Track, track_of
from capture.calibrate.rescue import ABOUT_M, Rescued, rescued
from capture.calibrate.rig_file import rig_of, rig_text
from capture.cameras.address import ENVIRONMENT, CameraFault, address
from capture.device import every_picture
from capture.landmarks import Landmarks, LandmarksFault, LookFor
from capture.rig import Rig
from capture.seen import Seen
from capture.verbs.calibrate_rig_sources import names_of, write_whole

_SERVICE = "calibrate rig rescue"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate rig rescue RIG.toml CLIPS --camera NAME --out NEW.toml`."""
    parser.epilog = (
        "example:\n  cyc calibrate rig rescue rig.toml cam1.mp4 cam2.mp4 cam3.mp4 cam4.mp4 --camera cam2 "
        "--performer p07 --project dune --out rescued.toml"
    )
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    parser.add_argument("rig", type=Path, metavar="RIG.toml", help="as it was calibrated")
    parser.add_argument("clips", nargs="+", metavar="CLIP", help="of each camera, begun together, of half a minute")
    parser.add_argument("--names", metavar="A,B,...", help="which cameras of the rig they are of (the files' names)")
    parser.add_argument("--camera", required=True, metavar="NAME", help="which was bumped; the others have to stand")
    parser.add_argument("--performer", required=True, metavar="NAME", help="who is in the clips: a pseudonym")
    parser.add_argument("--project", default="", help="as the consents name it")
    parser.add_argument("--model", choices=("lite", "full", "heavy"), default="heavy", help="of the body (heavy)")
    parser.add_argument("--out", type=Path, required=True, metavar="NEW.toml", help="the rig with that camera put back")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    add_ledger_argument(parser)
    add_home_argument(parser)
    parser.set_defaults(door=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where the clips, the others or a consent do not allow it."""
    try:
        text = args.rig.read_text(encoding="utf-8")
        rig = rig_of(text, str(args.rig))
        clips = _clips(args, rig)
        uses = RunningUses(ledger_at(args.ledger), _SERVICE)
        try:
            answer = uses.begin(args.performer, "capture", args.project, source=str(args.clips[0]))
            if isinstance(answer, Refused):
                return fail(f"{args.performer} is not looked at (capture): {answer}")
            tracks = {name: _track(name, clip, args) for name, clip in clips.items()}
        finally:
            uses.close()
        found = _judged(rig, args.camera, tracks)
        made = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, {args.camera} rescued by a performer"
        write_whole(args.out, rig_text(found.rig, made, str(tomllib.loads(text).get("floor", ""))).encode())
    except (RigFault, CameraFault, LandmarksFault, ModelFault, LedgerFault) as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(os_words(error))
    return _told(args, found)


def _clips(args: argparse.Namespace, rig: Rig) -> dict[str, str]:
    """Refused before anybody is looked at."""
    names = names_of(args.names, [Path(clip).stem for clip in args.clips])
    known = [camera.name for camera in rig.cameras]
    strange = [name for name in names if name not in known]
    if strange:
        raise RigFault(f"{', '.join(strange)}: {args.rig} has {', '.join(known)}; say which clip is whose with --names")
    if args.camera not in names:
        raise RigFault(f"--camera {args.camera}: expected one that a clip is of: {', '.join(names)}")
    if len(names) < 3:
        raise RigFault(f"{args.camera} cannot be brought back: it takes clips of two other cameras that still stand")
    if any(address(clip).live for clip in args.clips):
        raise RigFault("expected videos: record half a minute of a performer who walks through the volume")
    return dict(zip(names, args.clips, strict=True))


def _track(name: str, clip: str, args: argparse.Namespace) -> Track:
    eye, seen = Landmarks(LookFor(f"pose-{args.model}"), home_of(args)), list[Seen]()
    try:
        with live_line() as show:
            for picture in every_picture(name, address(clip)):
                seen += eye.look(picture)[:1]
                show(f"{name}: {picture.number + 1} pictures, a performer in {len(seen)}")
    finally:
        eye.close()
    return track_of(seen)


def _judged(rig: Rig, name: str, tracks: dict[str, Track]) -> Rescued:
    """RigFault where the camera, put back, still does not see what the others do."""
    found = rescued(rig, name, tracks)
    if not found.median_px <= SOUND_PX:
        worst = max(standing(found.rig, tracks), key=lambda one: one.median_px if one.median_px > 0 else 0.0)
        raise RigFault(
            f"{name}, put back, still sees the performer {found.median_px:.0f} px from where the others have it, "
            f"expected {SOUND_PX:g} or less (the worst now: {worst.name}): did the clips begin together, and do the "
            "others stand? Else `cyc calibrate rig` again with the board"
        )
    return found


def _told(args: argparse.Namespace, found: Rescued) -> int:
    turned_deg = math.degrees(found.turned_rad)
    if args.json:
        figures = {"moved_mm": 1e3 * found.moved_m, "turned_deg": turned_deg, "median_px": found.median_px}
        print_json({"camera": args.camera, **figures, "about_mm": 1e3 * ABOUT_M, "written": str(args.out)})
        return DONE
    say(
        f"{args.camera}: {1e3 * found.moved_m:.0f} mm and {turned_deg:.1f} degrees from where {args.rig} has it; sees "
        f"the performer {found.median_px:.1f} px from the others, over {found.points} landmarks"
    )
    say(found.note)
    say(f"{args.out}: written")
    return DONE
