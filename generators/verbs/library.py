"""`cyc library`: what environments there are, and everything that is done with one besides showing it."""

import argparse
import base64
import contextlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from bridge.library.manifest import ICON, LEVEL_FILES, LEVELS, Manifest
from bridge.library.shelf import Damaged, Entry, Library, LibraryFault, opened, sha256, verify
from bridge.verbs.terminal import COULD_NOT, DONE, WRONG_USAGE, fail, live_line, note, os_words, print_json, say, table
from generators.verbs.library_render import add_render, render
from generators.verbs.places import add_library, library_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-verb each."""
    parser.epilog = (
        "examples:\n"
        "  cyc library list dusk\n"
        "  cyc library add courtyard.ply --frame opencv\n"
        '  cyc library convert "Victorian street" street.glb\n'
        '  cyc library render "Victorian street" --camera takes/scene12_T003.mcap -o passes'
    )
    verbs = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listed = verbs.add_parser("list", help="environments, the newest first; damaged ones with the reason")
    listed.add_argument("words", nargs="*", metavar="WORDS", help="only those whose title or words have these")
    listed.add_argument("--icons", action="store_true", help="with --json: each one's small picture as a data: URL")
    verbs.add_parser("show", help="everything one says of itself").add_argument("environment", metavar="ENV")
    added = verbs.add_parser("add", help="a file of splats, or an environment's folder, into the library")
    added.add_argument("source", type=Path, metavar="FILE|DIR")
    added.add_argument("--title", default="", help="what lists call it (the file's name)")
    added.add_argument("--frame", default="", help="its axes and unit, where it does not say: opencv, unreal ...")
    removed = verbs.add_parser("remove", help="delete one, damaged ones by their folder's name")
    removed.add_argument("environment", metavar="ENV")
    removed.add_argument("--yes", action="store_true", help="do not ask")
    _add_convert(verbs.add_parser("convert", help="splats to another format: .ply .spz .glb .usdc"))
    verified = verbs.add_parser("verify", help="every file's hash; all environments, or those named")
    verified.add_argument("environments", nargs="*", metavar="ENV")
    add_render(verbs.add_parser("render", help="colour, depth and normal passes (EXR) along a recorded camera"))
    for action in verbs.choices.values():
        add_library(action)
        action.add_argument("--json", action="store_true", help="one JSON object")


def _add_convert(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="FILE|ENV")
    parser.add_argument("target", type=Path, metavar="FILE")
    parser.add_argument("--frame", default="", help="the target's axes and unit, where it may choose (PLY)")
    parser.add_argument("--lean", action="store_true", help="PLY without the columns that are not used")
    parser.add_argument("--sh-degree", type=int, metavar="N", help="cut higher harmonics off: 0 to 3")
    parser.add_argument("--level", choices=LEVELS, default=LEVELS[0], help="of an environment (full)")


def run(args: argparse.Namespace) -> int:
    """Dispatch the action."""
    actions = {
        "list": _list,
        "show": _show,
        "add": _add,
        "remove": _remove,
        "convert": _convert,
        "verify": _verify,
        "render": render,
    }
    try:
        return actions[args.action](args)
    except LibraryFault as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(os_words(error))
    except ValueError as error:
        return fail(str(error))


# --- looking ------------------------------------------------------------------------------------------------------


def _list(args: argparse.Namespace) -> int:
    library, words = library_of(args), [word.casefold() for word in args.words]
    found = [one for one in library.list() if all(word in _searched(one) for word in words)]
    if args.json:
        print_json([_row(one) | (_icon(one) if args.icons else {}) for one in found])
        return DONE
    whole = [one for one in found if isinstance(one, Entry)]
    count = f"{len(whole)} environment{'' if len(whole) == 1 else 's'}"
    table(f"{count} in {library.root}", ("hash", "title", "kind", "made (UTC)", "splats", "MB"), map(_cells, whole))
    for one in found:
        if isinstance(one, Damaged):
            note(f"damaged: {one.folder}: {one.why}")
    return DONE


def _cells(one: Entry) -> tuple[object, ...]:
    said = one.manifest
    made = said.created_utc[:16].replace("T", " ")
    return one.name[:8], said.title, said.kind, made, f"{said.counts['full']:,}", f"{said.size_bytes / 1e6:.0f}"


def _searched(one: Entry | Damaged) -> str:
    if isinstance(one, Damaged):
        return one.folder.name
    return f"{one.manifest.title} {one.manifest.recipe.get('words', '')} {one.name} {one.manifest.kind}".casefold()


def _row(one: Entry | Damaged) -> dict[str, Any]:
    if isinstance(one, Damaged):
        return {"folder": str(one.folder), "damaged": one.why}
    said = one.manifest
    return {
        "folder": str(one.folder),
        "name": one.name,
        "title": said.title,
        "kind": said.kind,
        "created_utc": said.created_utc,
        "counts": said.counts,
        "size_bytes": said.size_bytes,
        "words": str(said.recipe.get("words", "")),
        "warnings": list(said.warnings),
    }


def _icon(one: Entry | Damaged) -> dict[str, str]:
    """Nothing where it cannot be read: the list goes on."""
    with contextlib.suppress(OSError, LibraryFault):
        if isinstance(one, Entry):
            return {"icon": f"data:image/jpeg;base64,{base64.b64encode(one.path(ICON).read_bytes()).decode()}"}
    return {}


def _show(args: argparse.Namespace) -> int:
    entry = library_of(args).find(args.environment)
    if args.json:
        print_json({"folder": str(entry.folder), **msgspec.to_builtins(entry.manifest)})
        return DONE
    for line in _told(entry.manifest):
        say(line)
    say(f"in {entry.folder}")
    rows = ((name, f"{file.size_bytes / 1e6:.2f}", file.sha256[:16]) for name, file in entry.manifest.files.items())
    table("Files", ("file", "MB", "sha256"), rows)
    return DONE


def _told(said: Manifest) -> Iterator[str]:
    yield said.title
    yield f"{said.kind}, made {said.created_utc} by {said.made_by}; content {said.content[:16]}"
    if words := said.recipe.get("words"):
        yield f'"{words}"' + (f", seed {said.recipe['seed']}" if "seed" in said.recipe else "")
    yield "splats: " + ", ".join(f"{count:,} {level}{_alike(said, level)}" for level, count in said.counts.items())
    low, high = said.bounds_m
    yield "bounds: " + ", ".join(f"{axis} {a:.1f} to {b:.1f} m" for axis, a, b in zip("XYZ", low, high, strict=True))
    yield f"frame: {said.frame}; colour {said.colour_space}, white is {said.white_unit:g}"
    if said.sun:
        x, y, z = said.sun.towards_unit
        yield f"sun towards ({x:.3f}, {y:.3f}, {z:.3f}), light {', '.join(f'{v:.3g}' for v in said.sun.light_unit)}"
    yield from (f"model {model.name} {model.version}: {model.licence}" for model in said.models)
    yield from said.warnings


def _alike(said: Manifest, level: str) -> str:
    """What a level was built to, and came to; older environments do not say."""
    if level not in said.level_psnr_db:
        return ""
    return f" ({1000 * said.level_errors_rad[level]:.2g} mrad, {said.level_psnr_db[level]:.0f} dB)"


# --- changing -----------------------------------------------------------------------------------------------------


def _add(args: argparse.Namespace) -> int:
    source: Path = args.source
    if not source.exists():
        return fail(f"{source}: expected a file of splats or an environment's folder, there is nothing")
    library = library_of(args)
    entry = _taken_in(library, source) if source.is_dir() else _imported(library, source, args)
    if args.json:
        print_json(_row(entry))
    else:
        say(f"{entry.manifest.title}: {entry.manifest.counts['full']:,} splats in {entry.folder}")
        for warning in entry.manifest.warnings:
            say(f"  {warning}")
    return DONE


def _taken_in(library: Library, source: Path) -> Entry:
    """A folder as another library or `cyc generate -o` wrote it, once every hash was seen to be right."""
    entry = opened(source)
    faults = verify(entry)
    if faults:
        raise LibraryFault(f"{source}: {faults[0]}")
    with library.adding() as folder:
        for name in entry.manifest.files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, folder / name)
        return library.keep(folder, entry.manifest)


def _imported(library: Library, source: Path, args: argparse.Namespace) -> Entry:
    """A file of splats, with everything that goes with an environment."""
    from generators.environment import Made
    from generators.formats.files import load
    from generators.outputs.write import write

    with live_line() as show, library.adding() as folder:
        show(f"reading {source.name}")
        splats = load(source, args.frame)
        recipe = {"maker": "import", "file": source.name, "sha256": sha256(source), "frame": args.frame}
        made = Made(args.title or source.stem, splats, recipe)
        manifest = write(made, folder, "import", lambda what, part: show(f"{part:4.0%}  {what}"))
        return library.keep(folder, manifest)


def _remove(args: argparse.Namespace) -> int:
    library = library_of(args)
    broken = [one for one in library.list() if isinstance(one, Damaged) and one.folder.name == args.environment]
    one: Entry | Damaged = broken[0] if broken else library.find(args.environment)
    what = one.manifest.title if isinstance(one, Entry) else "a damaged environment"
    if not args.yes:
        if not sys.stdin.isatty():
            return fail(f"{one.folder} ({what}): removing is for good; say --yes", WRONG_USAGE)
        if input(f"remove {what} in {one.folder} for good? [y/N] ").strip().casefold() not in ("y", "yes"):
            return fail("left as it is")
    library.remove(one)
    if args.json:
        print_json({"removed": str(one.folder)})
    else:
        say(f"removed {what}: {one.folder}")
    return DONE


def _convert(args: argparse.Namespace) -> int:
    from generators.formats.files import convert

    source = Path(args.source)
    if not source.is_file():
        source = library_of(args).find(args.source).path(LEVEL_FILES[args.level])
    with live_line() as show:
        done = convert(source, args.target, frame=args.frame, lean=args.lean, sh_degree=args.sh_degree, progress=show)
    if args.json:
        told = {"source": str(done.source), "target": str(done.target), "bytes": done.target_bytes}
        print_json({**told, "lost": list(done.lost), "manifest": done.manifest})
        return DONE
    say(
        f"{done.target}: {done.manifest['splats']:,} splats, {done.target_bytes / 1e6:.1f} MB, "
        f"{done.manifest['format']}"
    )
    for lost in done.lost:
        say(f"  without {lost}")
    return DONE


def _verify(args: argparse.Namespace) -> int:
    library = library_of(args)
    chosen = [library.find(words) for words in args.environments] if args.environments else library.list()
    faults: dict[str, list[str]] = {}
    with live_line() as show:
        for one in chosen:
            found = (
                [one.why] if isinstance(one, Damaged) else verify(one, lambda name, part: show(f"{part:4.0%}  {name}"))
            )
            faults[str(one.folder)] = found
    broken = {folder: found for folder, found in faults.items() if found}
    if args.json:
        print_json({"checked": len(faults), "damaged": broken})
    else:
        for folder, found in broken.items():
            fail(f"{folder}: {'; '.join(found)}")
        say(f"{len(faults) - len(broken)} of {len(faults)} whole")
    return COULD_NOT if broken else DONE
