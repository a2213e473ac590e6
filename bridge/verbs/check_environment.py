"""`cyc check --environment`: what an environment looks like in camera, asked of the package that draws environments."""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bridge.library.shelf import DEFAULT, LibraryFault
from bridge.verbs.terminal import live_line

GOOD_DB = 35.0
"""The camera's picture of the walls against the environment seen directly, no sharper than the LEDs are."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One camera's figures."""

    camera: str
    psnr_db: tuple[float, ...]
    pictures: tuple[str, ...] = ()


class _Answer(msgspec.Struct, frozen=True):
    environment: str
    title: str
    cameras: tuple[Shown, ...]


def in_camera(args: argparse.Namespace) -> tuple[Shown, ...]:
    """Per camera. Packages never import each other, so it is a program to us; LibraryFault with what it said."""
    library = args.library or Path(os.environ.get("CYC_LIBRARY") or DEFAULT)
    command = [sys.executable, "-m", "generators", "in-camera", str(args.stage), args.environment]
    command += ["--library", str(library), *(["--move", str(args.move)] if args.move else [])]
    command += ["--out", str(args.out)] if args.out else []
    with live_line() as show:
        show(f"photographing {args.environment!r} on the walls")
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise LibraryFault(ran.stderr.strip().rpartition("\n")[2] or f"{' '.join(command)} failed")
    return msgspec.json.decode(ran.stdout, type=_Answer).cameras


def environment_lines(shown: Sequence[Shown]) -> Iterator[tuple[str, str, str, str, str]]:
    """A verdict's fields for each camera."""
    for one in shown:
        if not one.psnr_db:
            yield one.camera, "environment in camera", "not seen", "look", "the walls fill no part of the picture"
            continue
        worst = min(one.psnr_db)
        good = worst >= GOOD_DB
        advice = (
            "what the camera sees is the place" if good else "finer than the LEDs: soften it, or move the camera back"
        )
        yield one.camera, "environment in camera", f"{worst:.1f} dB at worst", "OK" if good else "look", advice
