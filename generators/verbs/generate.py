"""`cyc generate`: a sentence, a picture or photos of a place become an environment in the library."""

import argparse
import errno
import shutil
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bridge.library.shelf import Entry, Library, LibraryFault, finish, opened
from bridge.library.staging import place, staged
from bridge.verbs.terminal import DONE, WRONG_USAGE, fail, live_line, os_words, print_json, say
from generators.verbs import sources
from generators.verbs.places import add_library, library_of

FEWEST, MOST = 5_000, 20_000_000
RADIUS_M = (0.5, 50.0)
_BAR = 24


class Done(NamedTuple):
    """What came of it."""

    entry: Entry
    fresh: bool
    """False where the same content was in the library already."""
    steps_s: dict[str, float]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words and what every source shares; then each source's own."""
    parser.epilog = 'example:\n  cyc generate "Victorian London street at dusk, gas lamps and fog" --seed 3'
    parser.add_argument("words", nargs="*", metavar="WORDS", help="the place in a sentence")
    parser.add_argument("-o", "--out", type=Path, metavar="DIR", help="write it to this folder, not into the library")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another one of the same words (0)")
    parser.add_argument("--splats", type=int, default=500_000, metavar="N", help="how many Gaussians (500000)")
    parser.add_argument("--radius", type=float, default=4.0, metavar="M", help="free level ground, metres (4)")
    parser.add_argument("--title", default="", help="what lists call it")
    add_library(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    for _, module in sources.there():
        module.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where it could not be made; nothing is left then."""
    if len(args.words) == 1 and (action := sources.actions().get(args.words[0])):
        return action(args)
    if why := _wrong(args):
        return fail(why, WRONG_USAGE)
    library = library_of(args)
    try:
        if why := _no_room(args, library):
            return fail(why)
        done = _made(args, library)
    except LibraryFault as fault:
        return fail(str(fault))
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return fail(f"{os_words(error)}; nothing was kept" + (", free some room" if full else ""))
    except ValueError as error:
        return fail(str(error))
    if args.json:
        print_json(report(done))
    else:
        _print(done)
    return DONE


def _wrong(args: argparse.Namespace) -> str:
    chosen, _ = sources.chosen(args)
    if not chosen.option and not " ".join(args.words).strip():
        options = [f"--{source.option}" for source, _ in sources.there() if source.option]
        return f"expected words that say which place{', or ' + ' or '.join(options) if options else ''}"
    if not FEWEST <= args.splats <= MOST:
        return f"--splats: expected {FEWEST} to {MOST}, got {args.splats}"
    if not RADIUS_M[0] <= args.radius <= RADIUS_M[1]:
        return f"--radius: expected {RADIUS_M[0]:g} to {RADIUS_M[1]:g} metres, got {args.radius:g}"
    if args.seed < 0:
        return f"--seed: expected 0 or more, got {args.seed}"
    if args.out and args.out.exists() and (not args.out.is_dir() or any(args.out.iterdir())):
        return f"{args.out}: expected a folder that is empty or not there yet"
    return ""


def _no_room(args: argparse.Namespace, library: Library) -> str:
    from generators.outputs.write import needed_bytes

    where = (args.out or library.root).absolute()
    there = next(path for path in (where, *where.parents) if path.is_dir())
    free, need = shutil.disk_usage(there).free, needed_bytes(args.splats)
    if free >= need:
        return ""
    return (
        f"{where}: {free / 1e6:.0f} MB free, about {need / 1e6:.0f} MB needed: free some room or ask for fewer --splats"
    )


def _made(args: argparse.Namespace, library: Library) -> Done:
    from generators.first_use import compiled_meanwhile
    from generators.outputs.write import write

    source, module = sources.chosen(args)
    with compiled_meanwhile() as drawing_ready, _clocked() as (seconds, step):
        made = module.make(args, step)
        drawing_ready()
        made = made._replace(title=args.title) if args.title else made
        root = args.out.absolute().parent if args.out else library.root
        with staged(root) as folder:
            manifest = write(made, folder, source.kind, step)
            step("keeping it", 1.0)
            if args.out:
                whole = finish(folder, manifest)
                if args.out.is_dir():
                    args.out.rmdir()
                place(folder, args.out)
                entry, fresh = Entry(args.out, whole), True
            else:
                before = _there_already(library, manifest.content)
                entry, fresh = library.keep(folder, manifest), not before
    return Done(entry, fresh, seconds)


def _there_already(library: Library, content: str) -> bool:
    try:
        return opened(library.root / content[:16]).manifest.content == content
    except LibraryFault:
        return False


@contextmanager
def _clocked() -> Generator[tuple[dict[str, float], Callable[[str, float], None]]]:
    """A line that says what is done now, and how long each step took."""
    seconds: dict[str, float] = {}
    began = [time.monotonic(), ""]
    start = time.monotonic()

    with live_line() as show:

        def step(what: str, part: float = 0.0) -> None:
            now = time.monotonic()
            if began[1]:
                seconds[str(began[1])] = seconds.get(str(began[1]), 0.0) + now - float(began[0])
            began[:] = [now, what.partition(":")[0]]  # after it comes how far it is
            filled = round(min(max(part, 0.0), 1.0) * _BAR)
            show(f"{'█' * filled}{'░' * (_BAR - filled)}  {what}  {now - start:.0f} s")

        yield seconds, step
        step("", 1.0)
        seconds["in all"] = time.monotonic() - start


def report(done: Done) -> dict[str, Any]:
    """For programs."""
    manifest = done.entry.manifest
    return {
        "folder": str(done.entry.folder),
        "title": manifest.title,
        "content": manifest.content,
        "recipe_hash": manifest.recipe_hash,
        "recipe": manifest.recipe,
        "counts": manifest.counts,
        "bytes": {name: file.size_bytes for name, file in sorted(manifest.files.items())},
        "warnings": list(manifest.warnings),
        "fresh": done.fresh,
        "seconds": {step: round(value, 3) for step, value in done.steps_s.items()},
    }


def _print(done: Done) -> None:
    manifest, seconds = done.entry.manifest, done.steps_s
    say(f"{manifest.title}")
    say(f"  {done.entry.folder}" + ("" if done.fresh else "  (the same content was there already)"))
    counts = ", ".join(f"{count:,} {level}" for level, count in manifest.counts.items())
    say(f"  splats: {counts}; {manifest.size_bytes / 1e6:.0f} MB in {len(manifest.files)} files")
    slow = sorted((item for item in seconds.items() if item[0] != "in all"), key=lambda item: -item[1])[:4]
    say(f"  {seconds['in all']:.1f} s: " + ", ".join(f"{step} {value:.1f}" for step, value in slow))
    for warning in manifest.warnings:
        say(f"  {warning}")
