"""`cyc calibrate rig shoot`: follows the board through the cameras and says where it should be carried next.

What is kept is where its corners were, not the pictures: `views.json`, which `cyc calibrate rig solve` takes.
"""

import argparse
import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from bridge.calibrate.lens.board import Board, BoardFault
from bridge.png import save_chart
from bridge.verbs.terminal import DONE, fail, live_line, os_words, say
from capture.calibrate.charts import coverage_chart, coverage_page
from capture.calibrate.clips import Clip, RigFault, View
from capture.calibrate.coverage import Coverage, done, lines, nothing_yet, with_view, word
from capture.calibrate.detect import view_in
from capture.calibrate.footage import Picture, pictures
from capture.calibrate.views_file import FILE, views_json
from capture.verbs.calibrate_rig_sources import add_sources, board_at, jobs, write_whole

_PAGE = "coverage.html"
_PAGE_VIEWS = 10
"""Pictures of the board from one drawing of the page to the next."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate rig shoot SOURCES --out DIR`."""
    parser.epilog = "example:\n  cyc calibrate rig shoot cam_*.mp4 --board board.json --out shot"
    parser.add_argument("sources", type=Path, nargs="+", metavar="SOURCE", help="a video of each camera")
    add_sources(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=f"gets {FILE}, {_PAGE}, coverage.png")
    parser.set_defaults(door=run)


def run(args: argparse.Namespace) -> int:
    """Ctrl-C ends it, and keeps what was seen."""
    try:
        board = board_at(args.board, args.sources[0].parent)
        each = jobs(args, args.sources, board)
        frames = {job.name: pictures(job.path, job.times_s, job.every) for job in each}
        with live_line() as show:
            clips, coverage = guided(board, frames, _shown(args.out, show))
        write_whole(args.out / FILE, views_json(board, clips))
        write_whole(args.out / _PAGE, coverage_page(coverage).encode())
        save_chart(args.out / "coverage.png", coverage_chart(coverage))
    except (RigFault, BoardFault) as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(os_words(error))
    for line in lines(coverage):
        say(line)
    verdict = "enough" if done(coverage) else "poor still: it may be solved, and may be refused"
    say(f"{args.out / FILE}: {sum(len(clip.views) for clip in clips)} pictures of the board; {verdict}")
    return DONE


def _shown(folder: Path, show: Callable[[str], None]) -> Callable[[Coverage], None]:
    told = 0

    def tell(coverage: Coverage) -> None:
        nonlocal told
        show(word(coverage))
        if int(coverage.views.sum()) >= told + _PAGE_VIEWS:
            told = int(coverage.views.sum())
            write_whole(folder / _PAGE, coverage_page(coverage).encode())

    return tell


def guided(
    board: Board, frames: Mapping[str, Iterable[Picture]], tell: Callable[[Coverage], None]
) -> tuple[list[Clip], Coverage]:
    """Pictures of all cameras in the order of time, from files or live; ends with them, or with Ctrl-C."""
    names = list(frames)
    views: dict[str, list[View]] = {name: [] for name in names}
    stamps: dict[str, list[float]] = {name: [] for name in names}
    sizes: dict[str, tuple[int, int]] = {}
    coverage = nothing_yet(names)
    try:
        for name, picture in _by_time(frames):
            sizes[name] = (picture.grey.shape[1], picture.grey.shape[0])
            stamps[name].append(picture.t_s)
            view = view_in(board, picture)
            if view is not None:
                views[name].append(view)
                coverage = with_view(coverage, names.index(name), view, sizes[name], _frame_s(stamps[name]))
            tell(coverage)
    except KeyboardInterrupt:
        if not any(views.values()):
            raise
    missing = [name for name in names if name not in sizes]
    if missing:
        raise RigFault(f"no picture came from {', '.join(missing)}")
    clips = [Clip(name, sizes[name], _frame_s(stamps[name]), len(stamps[name]), tuple(views[name])) for name in names]
    return clips, coverage


def _by_time(frames: Mapping[str, Iterable[Picture]]) -> Iterator[tuple[str, Picture]]:
    def each(name: str, source: Iterable[Picture]) -> Iterator[tuple[float, str, Picture]]:
        for picture in source:
            yield picture.t_s, name, picture

    merged = heapq.merge(*(each(name, source) for name, source in frames.items()), key=lambda row: row[:2])
    for _, name, picture in merged:
        yield name, picture


def _frame_s(stamps: list[float]) -> float:
    recent = stamps[-30:]
    return (recent[-1] - recent[0]) / (len(recent) - 1) if len(recent) > 1 else 1.0
