"""`cyc calibrate rig shoot`: looks for the board in what cameras film, and says what is missing while it is carried.

What is kept is where its corners were, not the pictures: `views.json`, which `cyc calibrate rig solve` reads.
"""

import argparse
import os
import time
from pathlib import Path
from typing import Any

from bridge.calibrate.lens.board import Board, BoardFault
from bridge.own_process import Stopping
from bridge.png import save_chart
from bridge.verbs.terminal import DONE, fail, live_line, note, os_words, print_json, say
from capture.calibrate.charts import coverage_chart, coverage_page
from capture.calibrate.clips import Clip, RigFault
from capture.calibrate.coverage import countdown, done, lines, poor_pairs, share
from capture.calibrate.gathered import Gathered
from capture.calibrate.views_file import FILE, views_json, views_of
from capture.cameras.address import ENVIRONMENT, CameraFault
from capture.verbs import calibrate_rig_solve
from capture.verbs.calibrate_rig_cameras import Shot, Stream, named, read_through, watched
from capture.verbs.calibrate_rig_sources import add_sources, board_at, code_of, second_of, write_whole

_PAGE = "coverage.html"
_DRAWN_S = 1.0
"""From one drawing of the page to the next."""
_KEPT_S = 10.0
"""How much a power cut costs."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate rig shoot SOURCES --out DIR`."""
    parser.epilog = (
        "examples:\n  cyc calibrate rig shoot 0 2 rtsp://10.0.0.20/one --board board.json --out shot --rig rig.toml\n"
        "  cyc calibrate rig shoot cam_*.mp4 --board board.json --out shot"
    )
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    parser.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="of each camera: a device (0), a stream, a video or a folder"
    )
    add_sources(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=f"gets {FILE}, {_PAGE}, coverage.png")
    parser.add_argument("--add", action="store_true", help="to what is in DIR from before")
    parser.add_argument("--live", action="store_true", help="play files in real time, as cameras would")
    parser.add_argument("--seconds", type=float, metavar="S", help="end by itself (Ctrl-C)")
    parser.add_argument("--rig", type=Path, metavar="FILE", help="and solve it, into this rig file")
    parser.add_argument(
        "--floor", default="auto", metavar="auto|none|S", help="--rig: when the board lay on the floor (auto)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(door=run)


def run(args: argparse.Namespace) -> int:
    """Ctrl-C ends it, and keeps what was seen."""
    stop = Stopping()
    stop.on_signals()
    try:
        board, shots, gathered = _prepared(args)
        live = args.live or any(shot.source.live for shot in shots)
        if live:
            stream = watched(shots, board, stop, args.seconds)
        else:
            stream = read_through(shots, board, args.every)
        missing = _guided(args, board, gathered, stream, stop)
        _kept(args.out, board, gathered)
        _judged(gathered, missing)
    except (RigFault, BoardFault, CameraFault) as fault:
        return fail(str(fault), code_of(fault))
    except OSError as error:
        return fail(os_words(error))
    if args.rig is not None:
        note("\n".join(lines(gathered.coverage)))
        return _solved(args)
    _told(args, gathered)
    return DONE


def _prepared(args: argparse.Namespace) -> tuple[Board, list[Shot], Gathered]:
    if args.floor != "none":
        second_of(args.floor)
    shots = named(args)
    board = board_at(args.board, Path(args.sources[0]).parent)
    before: list[Clip] = []
    if args.add:
        kept = args.out / FILE
        was, before = views_of(kept.read_bytes(), str(kept))
        if was != board:
            raise RigFault(f"{kept}: was shot with another board: what is added has to be of the same one (--board)")
    return board, shots, Gathered([shot.name for shot in shots], before)


def _guided(
    args: argparse.Namespace, board: Board, gathered: Gathered, stream: Stream, stop: Stopping
) -> dict[str, str]:
    """Say what is missing, draw the page, and keep what there is, while the pictures come; -> the cameras that were
    gone at the end."""
    missing: dict[str, str] = {}
    drawn_s = kept_s = time.monotonic()
    with live_line() as show:
        for looked, missing in stream:
            if looked is not None:
                gathered.add(looked)
            show("\n".join(_guide(gathered, missing)))
            now_s = time.monotonic()
            if now_s - drawn_s > _DRAWN_S:
                drawn_s = now_s
                write_whole(args.out / _PAGE, coverage_page(gathered.coverage).encode())
            if now_s - kept_s > _KEPT_S and gathered.views:
                kept_s = now_s
                write_whole(args.out / FILE, views_json(board, gathered.clips()))
            if stop:
                note("ended: what was seen is kept" if gathered.views else "ended")
                break
    return missing


def _guide(gathered: Gathered, missing: dict[str, str]) -> list[str]:
    faults = {**missing, **gathered.instead, **gathered.refused}
    told = [f"{name}: {why}" for name, why in faults.items()]
    return [*lines(gathered.coverage), *told, countdown(gathered.coverage)]


def _kept(folder: Path, board: Board, gathered: Gathered) -> None:
    if gathered.views:
        write_whole(folder / FILE, views_json(board, gathered.clips()))
        write_whole(folder / _PAGE, coverage_page(gathered.coverage).encode())
        save_chart(folder / "coverage.png", coverage_chart(gathered.coverage))


def _judged(gathered: Gathered, missing: dict[str, str]) -> None:
    """RigFault for what no more filming mends; what was seen is kept by then."""
    if gathered.unseen:
        why = "; ".join(f"{name}: {missing[name]}" for name in gathered.unseen if name in missing)
        raise RigFault(f"no picture came from {', '.join(gathered.unseen)}; {why or 'cyc capture list shows more'}")
    faults = [f"{name}: {why}" for name, why in {**gathered.instead, **gathered.refused}.items()]
    if faults:
        raise RigFault("\n".join(faults))
    if not gathered.views:
        raise RigFault("the board is in none of the pictures: more light, slower, the whole board in the picture")


def _solved(args: argparse.Namespace) -> int:
    parser = argparse.ArgumentParser()
    calibrate_rig_solve.add_arguments(parser)
    words = [str(args.out), "--out", str(args.rig), "--pictures", str(args.out)]
    words += [] if args.floor == "none" else ["--floor", args.floor]
    return calibrate_rig_solve.run(parser.parse_args([*words, "--json"] if args.json else words))


def _told(args: argparse.Namespace, gathered: Gathered) -> None:
    coverage = gathered.coverage
    if args.json:
        cameras: list[dict[str, Any]] = [
            {"name": clip.name, "pictures": clip.pictures, "with_board": len(clip.views), "covered_unit": float(part)}
            for clip, part in zip(gathered.clips(), share(coverage), strict=True)
        ]
        missing = poor_pairs(coverage)
        print_json({"cameras": cameras, "missing": missing, "enough": done(coverage), "written": str(args.out / FILE)})
        return
    for line in lines(coverage):
        say(line)
    verdict = "enough" if done(coverage) else "poor still: it may be solved, and may be refused (--add films more)"
    say(f"{args.out / FILE}: {gathered.views} pictures of the board; {verdict}")
    say(f"next: cyc calibrate rig solve {args.out} --floor auto --out rig.toml")
