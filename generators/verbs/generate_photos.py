"""`cyc generate --photos DIR|VIDEO`: photos of a place become splats of it."""

import argparse
import os
import re
from collections.abc import Callable
from pathlib import Path

from bridge.calibrate.lens.board import Board, BoardFault, board_of
from bridge.verbs.terminal import DONE, fail, note, os_words
from generators.environment import Made
from generators.photos.metric import Length
from generators.photos.schedule import Plan
from generators.photos.solved import PhotosFault

EXAMPLE = "cyc generate --photos walk.mp4 --camera-height 1.6 --fit-minutes 10 -o courtyard"
NERFSTUDIO_HOME = Path.home() / ".cyclorama" / "nerfstudio"
_DEFAULT = Plan()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is asked about photos, as a group of `cyc generate`."""
    group = parser.add_argument_group("photos of a place", f"example: {EXAMPLE}")
    group.add_argument("--photos", type=Path, metavar="DIR|VIDEO", help="photos or a video of a real place")
    group.add_argument("--work", type=Path, metavar="DIR", help="keeps every step, so that the same command goes on")
    group.add_argument("--most-photos", type=int, default=200, metavar="N", help="use no more of them (default 200)")
    group.add_argument("--board", type=Path, metavar="FILE", help="board.json of a ChArUco board in the place: scale")
    group.add_argument(
        "--length",
        nargs=3,
        metavar=("A", "B", "METRES"),
        help="two places and their distance: PHOTO, where it was taken from, or PHOTO@X,Y, what it shows there",
    )
    group.add_argument("--camera-height", type=float, metavar="M", help="of the cameras above the floor, the median")
    group.add_argument(
        "--sky", choices=("auto", "yes", "no"), default="auto", help="a sky behind it (default: if seen)"
    )
    group.add_argument("--fit-steps", type=int, default=_DEFAULT.steps, help=f"of the fit (default {_DEFAULT.steps})")
    group.add_argument("--fit-minutes", type=float, metavar="M", help="what the fit may take, instead of --fit-steps")
    group.add_argument("--fit-splats", type=int, default=_DEFAULT.most, help=f"at most (default {_DEFAULT.most})")
    group.add_argument(
        "--photo-pixels", type=int, default=_DEFAULT.long_side_px, help="long side the fit sees (default 474)"
    )
    group.add_argument("--hold-out", type=int, default=8, metavar="N", help="every Nth photo only judges (default 8)")
    group.add_argument("--engine", choices=("cyclorama", "nerfstudio"), default="cyclorama", help="who does the fit")
    group.add_argument(
        "--nerfstudio", type=Path, default=NERFSTUDIO_HOME, metavar="DIR", help="its environment's folder"
    )


def make(args: argparse.Namespace, progress: Callable[[str, float], None]) -> Made:
    """The place, ready for the library. ValueError (PhotosFault) or ModuleNotFoundError with what to say."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # torch's idle threads spin, and the rasteriser's wait for them
    from generators.photos.made import Wishes, make_place  # torch, pycolmap: only when photos are given

    source: Path = args.photos
    wishes = Wishes(
        most_photos=_at_least("--most-photos", args.most_photos, 3),
        board=None if args.board is None else _board(args.board),
        length=None if args.length is None else _length(*args.length),
        camera_height_m=_above_zero("--camera-height", args.camera_height),
        sky=args.sky,
        plan=_plan(args),
        nerfstudio_home=args.nerfstudio if args.engine == "nerfstudio" else None,
    )
    work: Path = args.work or source.with_name(source.name + ".work")
    try:
        return make_place(source, work, wishes, os.environ, lambda text: progress(text, _part(text)))
    except KeyboardInterrupt:
        note(f"stopped; what is done is in {work}, and the same command goes on from there")
        raise


def _part(text: str) -> float:
    """How far a line like `comparing photos: 64 of 190 pairs` is."""
    found = re.search(r"(\d+) of (\d+)", text)
    return int(found[1]) / max(int(found[2]), 1) if found else 0.0


def _plan(args: argparse.Namespace) -> Plan:
    minutes = _above_zero("--fit-minutes", args.fit_minutes)
    return Plan(
        steps=_at_least("--fit-steps", args.fit_steps, 1),
        budget_s=0.0 if minutes is None else minutes * 60.0,
        most=_at_least("--fit-splats", args.fit_splats, 100),
        long_side_px=_at_least("--photo-pixels", args.photo_pixels, 64),
        hold_out=_at_least("--hold-out", args.hold_out, 0),
        seed=int(getattr(args, "seed", 0) or 0),
    )


def _at_least(option: str, value: int, least: int) -> int:
    if value < least:
        raise PhotosFault(f"{option}: expected {least} or more, got {value}")
    return value


def _above_zero(option: str, value: float | None) -> float | None:
    if value is not None and not 0.0 < value < 1e4:
        raise PhotosFault(f"{option}: expected a number above zero, got {value:g}")
    return value


def _board(path: Path) -> Board:
    try:
        return board_of(path.read_bytes(), str(path))
    except OSError as error:
        raise PhotosFault(f"--board {os_words(error)}") from None
    except BoardFault as error:
        raise PhotosFault(f"--board {error}") from None


def _length(first: str, second: str, metres: str) -> Length:
    try:
        length_m = float(metres)
    except ValueError:
        length_m = 0.0
    if not 0.0 < length_m < 1e5:
        raise PhotosFault(f"--length: expected metres above zero after the two places, got {metres!r}")
    return Length(first, second, length_m)


def set_up(args: argparse.Namespace) -> int:
    """`cyc generate nerfstudio-setup`: nerfstudio in an environment of its own."""
    from generators.photos import nerfstudio

    for command in nerfstudio.setup_commands(args.nerfstudio):
        note(" ".join(command))
        try:
            nerfstudio.follow(command, os.environ, note)
        except (PhotosFault, OSError) as error:
            return fail(f"nerfstudio-setup: {error}")
    note("done; now: cyc generate --photos DIR --engine nerfstudio (it needs a CUDA GPU)")
    return DONE


ACTIONS = {"nerfstudio-setup": set_up}
"""Words that are no place."""
