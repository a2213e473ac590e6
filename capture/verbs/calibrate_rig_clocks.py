"""`cyc calibrate rig clocks`: how late each camera's clock is, by what the cameras see of a performer."""

import argparse
import datetime
import math
import tomllib
from pathlib import Path
from typing import Any

from bridge.verbs.terminal import DONE, fail, note, os_words, print_json, say, table
from capture.calibrate.clips import RigFault, WrongWords
from capture.calibrate.clocks import Clocks, clocks
from capture.calibrate.rig_file import rig_of, rig_text
from capture.cameras.address import address
from capture.cameras.timeline import index_of
from capture.rig import Rig
from capture.verbs.calibrate_rig_performer import FAULTS, add_performer, clips_of, tracks_of
from capture.verbs.calibrate_rig_sources import code_of, write_whole

_MADE = "; clocks by a performer, "
_BY_HAND = (
    "late is counted from each clip's first picture: it is the cameras' own only where all began by one signal, else "
    "it is right for these clips alone. Videos beside a take have the pictures' own times"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate rig clocks RIG.toml CLIPS --performer NAME --out NEW.toml`."""
    parser.epilog = (
        "Film twenty seconds of several movements, each there and back, with arms and legs, seen whole by all.\n\n"
        "example:\n  cyc calibrate rig clocks rig.toml cam1.mp4 cam2.mp4 cam3.mp4 cam4.mp4 "
        "--performer p07 --project dune --out clocked.toml"
    )
    add_performer(parser, "of each camera, of twenty seconds: the videos beside a take, or clips begun together")
    parser.add_argument("--most-late", type=float, default=1.0, metavar="S", help="how far clocks may be apart (1)")
    parser.add_argument("--out", type=Path, required=True, metavar="NEW.toml", help="the rig with the clocks found")
    parser.set_defaults(door=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where the clips or a consent do not allow it, or the clocks are not found; 2 for wrong words."""
    try:
        text = args.rig.read_text(encoding="utf-8")
        rig = rig_of(text, str(args.rig))
        clips = _clips(args, rig)
        by_hand = any(index_of(address(clip)) is None for clip in clips.values())
        found = clocks(rig, tracks_of(args, clips, "cyc calibrate rig clocks"), args.most_late)
        if found.refused:
            return _refused(args, rig, found)
        write_whole(args.out, _text(text, found).encode())
    except FAULTS as fault:
        return fail(str(fault), code_of(fault))
    except OSError as error:
        return fail(os_words(error))
    return _told(args, rig, found, _BY_HAND if by_hand else "")


def _clips(args: argparse.Namespace, rig: Rig) -> dict[str, str]:
    """Refused before anybody is looked at."""
    if not 0.0 < args.most_late <= 60.0:
        raise WrongWords(f"--most-late: expected more than 0 and at most 60 seconds, got {args.most_late:g}")
    if len(args.clips) < 2:
        raise WrongWords("expected the clips of two cameras or more: a clock is late against another's")
    clips = clips_of(args, rig)
    taken = [name for name, clip in clips.items() if index_of(address(clip)) is not None]
    if 0 < len(taken) < len(clips):
        raise RigFault(f"{', '.join(taken)}: lies beside a take, the others do not: their times have nothing in common")
    return clips


def _text(before: str, found: Clocks) -> str:
    """The new file's; what made the rig stays true of it."""
    told: dict[str, Any] = tomllib.loads(before)
    made = str(told.get("made", "")).partition(_MADE)[0] or "a rig that does not say when"
    when = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC"
    frames = max(found.sigma_s) / found.frame_s
    how = f"{', '.join(found.names[1:])} against {found.names[0]}, to {frames:.2f} frame"
    return rig_text(found.rig, f"{made}{_MADE}{when}, {how}", str(told.get("floor", "")))


# --- what is said -------------------------------------------------------------------------------------------------


def _figures(rig: Rig, found: Clocks) -> list[dict[str, Any]]:
    was_s = {camera.name: camera.late_s for camera in rig.cameras}
    return [
        {
            "name": name,
            "late_s": float(late_s),
            "sigma_s": float(sigma_s) if math.isfinite(sigma_s) else None,
            "was_s": was_s[name],
        }
        for name, late_s, sigma_s in zip(found.names, found.late_s, found.sigma_s, strict=True)
    ]


def _refused(args: argparse.Namespace, rig: Rig, found: Clocks) -> int:
    if args.json:
        print_json({"refused": found.refused, "reference": found.names[0], "cameras": _figures(rig, found)})
    return fail(f"{found.refused}\n{args.out}: not written")


def _told(args: argparse.Namespace, rig: Rig, found: Clocks, warning: str) -> int:
    figures = _figures(rig, found)
    if args.json:
        told = {"reference": found.names[0], "frame_s": found.frame_s, "cameras": figures, "note": warning}
        print_json({**told, "written": str(args.out)})
        return DONE
    rows = (
        (
            one["name"],
            f"{1e3 * one['late_s']:+.1f}",
            f"{1e3 * one['sigma_s']:.1f}" if row else "",
            f"{1e3 * one['was_s']:+.1f}",
        )
        for row, one in enumerate(figures)
    )
    table(
        f"how late the clocks are, against {found.names[0]}", ("camera", "late ms", "to +- ms", "in the file ms"), rows
    )
    if warning:
        note(warning)
    say(f"{args.out}: written")
    return DONE
