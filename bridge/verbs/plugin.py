"""`cyc plugin`: the C++ header of the engine's wire format, made from the one table."""

import argparse
from pathlib import Path

from bridge.verbs.terminal import COULD_NOT, DONE, fail, say
from bridge.wire.engine_cpp import PATH, header_text

ROOT = Path(__file__).parents[2]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc plugin header [--check | --write] [--path FILE]`."""
    parser.epilog = "example:\n  cyc plugin header --check\n  cyc plugin header > WireGenerated.h"
    verbs = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    header = verbs.add_parser("header", help="print the header, or compare it with the file, or write the file")
    either = header.add_mutually_exclusive_group()
    either.add_argument("--check", action="store_true", help="exit code 1 when the file is not what the table says")
    either.add_argument("--write", action="store_true", help="write the file")
    header.add_argument("--path", type=Path, default=ROOT / PATH, metavar="FILE", help=f"default {PATH}")


def run(args: argparse.Namespace) -> int:
    """Print, check or write."""
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
