"""Where the doors find the library: what the user says, else the environment variable, else the home folder."""

import argparse
import os
from pathlib import Path

from bridge.library.shelf import DEFAULT, Library

VARIABLE = "CYC_LIBRARY"


def add_library(parser: argparse.ArgumentParser) -> None:
    """`--library DIR`."""
    text = f"the library's folder (default: ${VARIABLE}, else {DEFAULT})"
    parser.add_argument("--library", type=Path, metavar="DIR", help=text)


def library_of(args: argparse.Namespace) -> Library:
    """As the user says."""
    return Library(args.library or Path(os.environ.get(VARIABLE) or DEFAULT))
