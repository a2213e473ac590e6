"""`cyc plugin`: the Unreal plugin into a project and checked there, its core as a program, its wire's C++ header."""

import argparse
from pathlib import Path

from bridge.verbs import plugin_project
from bridge.verbs.terminal import COULD_NOT, DONE, fail, say
from bridge.wire.engine_cpp import PATH, header_text

ROOT = Path(__file__).parents[2]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc plugin install PROJECT`, `check [PROJECT]`, `build [--if-possible]`, `header [--check | --write]`."""
    parser.epilog = "example:\n  cyc plugin install D:/Stage/Stage.uproject\n  cyc plugin check D:/Stage"
    verbs = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    plugin_project.add_arguments(verbs)
    header = verbs.add_parser("header", help="print the header, or compare it with the file, or write the file")
    either = header.add_mutually_exclusive_group()
    either.add_argument("--check", action="store_true", help="exit code 1 when the file is not what the table says")
    either.add_argument("--write", action="store_true", help="write the file")
    header.add_argument("--path", type=Path, default=ROOT / PATH, metavar="FILE", help=f"default {PATH}")
    builds = verbs.add_parser("build", help="compile cyc-engine: what the plugin would receive, without Unreal")
    builds.add_argument("--if-possible", action="store_true", help="exit code 0 where there is no compiler, and say so")


def run(args: argparse.Namespace) -> int:
    """One of the four."""
    if args.action == "build":
        return _build(args.if_possible)
    return _header(args) if args.action == "header" else plugin_project.run(args)


def _build(if_possible: bool) -> int:
    from bridge.engine import native

    there = native.found()
    if there is not None:
        say(f"{there}: is there")
        return DONE
    try:
        say(f"{native.build()}: built")
    except native.CannotBuild as error:
        if not if_possible:
            return fail(str(error), COULD_NOT)
        say(f"{error}; the engine's stand-in in Python takes its place")
    return DONE


def _header(args: argparse.Namespace) -> int:
    text = header_text()
    if args.check:
        return _check(args.path, text)
    if args.write:
        return _write(args.path, text)
    say(text.rstrip("\n"))
    return DONE


def _check(path: Path, text: str) -> int:
    try:
        found = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return fail(f"{path}: {error}; cyc plugin header --write makes it", COULD_NOT)
    if found != text:
        return fail(f"{path} is not what bridge/wire/engine_table.py says; cyc plugin header --write", COULD_NOT)
    say(f"{path}: is what the table says")
    return DONE


def _write(path: Path, text: str) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        return fail(f"{path}: {error.strerror or error}", COULD_NOT)
    say(f"{path}: written")
    return DONE
