"""`cyc calibrate rig rescue`: a camera that was bumped put back by what it and the others see of a performer."""

import argparse
import datetime
import math
import tomllib
from pathlib import Path

from bridge.verbs.terminal import DONE, fail, os_words, print_json, say
from capture.calibrate.clips import RigFault
from capture.calibrate.health import SOUND_PX, standing
from capture.calibrate.offsets import Track
from capture.calibrate.rescue import ABOUT_M, Rescued, rescued
from capture.calibrate.rig_file import rig_of, rig_text
from capture.rig import Rig
from capture.verbs.calibrate_rig_performer import FAULTS, add_performer, clips_of, tracks_of
from capture.verbs.calibrate_rig_sources import code_of, write_whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate rig rescue RIG.toml CLIPS --camera NAME --out NEW.toml`."""
    parser.epilog = (
        "example:\n  cyc calibrate rig rescue rig.toml cam1.mp4 cam2.mp4 cam3.mp4 cam4.mp4 --camera cam2 "
        "--performer p07 --project dune --out rescued.toml"
    )
    add_performer(parser, "of each camera, begun together, of half a minute")
    parser.add_argument("--camera", required=True, metavar="NAME", help="which was bumped; the others have to stand")
    parser.add_argument("--out", type=Path, required=True, metavar="NEW.toml", help="the rig with that camera put back")
    parser.set_defaults(door=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where the clips, the others or a consent do not allow it, 2 where the words do not."""
    try:
        text = args.rig.read_text(encoding="utf-8")
        rig = rig_of(text, str(args.rig))
        clips = clips_of(args, rig)
        _three(args.camera, list(clips))
        found = _judged(rig, args.camera, tracks_of(args, clips, "cyc calibrate rig rescue"))
        made = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, {args.camera} rescued by a performer"
        write_whole(args.out, rig_text(found.rig, made, str(tomllib.loads(text).get("floor", ""))).encode())
    except FAULTS as fault:
        return fail(str(fault), code_of(fault))
    except OSError as error:
        return fail(os_words(error))
    return _told(args, found)


def _three(camera: str, names: list[str]) -> None:
    """Refused before anybody is looked at."""
    if camera not in names:
        raise RigFault(f"--camera {camera}: expected one that a clip is of: {', '.join(names)}")
    if len(names) < 3:
        raise RigFault(f"{camera} cannot be brought back: it takes clips of two other cameras that still stand")


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
