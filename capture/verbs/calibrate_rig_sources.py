"""What the doors of `cyc calibrate rig` share: which board, which clips, and files written whole."""

import argparse
import math
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from bridge.calibrate.lens.board import Board, BoardFault, board_of
from bridge.verbs.terminal import COULD_NOT, WRONG_USAGE
from capture.calibrate.clips import RigFault, WrongWords
from capture.calibrate.detect import Job
from capture.calibrate.footage import times

_INCH_CM = 2.54


def add_sources(parser: argparse.ArgumentParser) -> None:
    """Videos, the board, and when their pictures were taken."""
    parser.add_argument("--board", type=Path, metavar="FILE", help="board.json (or caliscope's charuco.toml)")
    parser.add_argument("--names", metavar="A,B,...", help="names of the cameras (the files' own)")
    parser.add_argument(
        "--timestamps", type=Path, metavar="CSV", help="cam_id, frame_index, frame_time of each picture"
    )
    parser.add_argument("--every", type=int, default=1, metavar="N", help="look at each Nth picture only (1)")


def jobs(args: argparse.Namespace, paths: Sequence[Path], board: Board) -> list[Job]:
    """One for each video. RigFault where names and files do not match."""
    names = names_of(args.names, [path.stem for path in paths])
    some_pictures(args)
    stamps = times(args.timestamps) if args.timestamps else [None] * len(paths)
    if len(stamps) != len(paths):
        raise RigFault(f"{args.timestamps}: times of {len(stamps)} cameras, expected those of {len(paths)} videos")
    return [Job(name, path, board, stamp, args.every) for name, path, stamp in zip(names, paths, stamps, strict=True)]


def some_pictures(args: argparse.Namespace) -> None:
    """WrongWords where --every is no count."""
    if args.every < 1:
        raise WrongWords(f"--every: expected 1 or more, got {args.every}")


def second_of(floor: str) -> float | None:
    """Of the clips, or None for `auto`. WrongWords for anything else."""
    if floor == "auto":
        return None
    try:
        second = float(floor)
    except ValueError:
        second = math.nan
    if not math.isfinite(second):
        raise WrongWords(f"--floor: expected auto or a second of the clips, got {floor!r}")
    return second


def code_of(fault: Exception) -> int:
    """The exit code: 2 where no other pictures would help."""
    return WRONG_USAGE if isinstance(fault, WrongWords) else COULD_NOT


def names_of(said: str | None, usual: Sequence[str]) -> list[str]:
    """A name for each camera. RigFault where there are too few, or two alike."""
    names = said.split(",") if said else list(usual)
    if len(names) != len(usual) or len(set(names)) < len(names) or not all(names):
        raise WrongWords(f"--names: expected {len(usual)} different names, got {', '.join(names)}")
    return names


def board_at(path: Path | None, beside: Path) -> Board:
    """The file named, or board.json beside the clips. BoardFault."""
    path = path or beside / "board.json"
    try:
        data = path.read_bytes()
    except OSError as error:
        text = f"{path}: expected the board.json that `cyc calibrate rig board` wrote (--board), {error.strerror}"
        raise BoardFault(text) from None
    return _caliscope(data, path) if path.suffix.lower() == ".toml" else board_of(data, str(path))


def _caliscope(data: bytes, path: Path) -> Board:
    try:
        told: dict[str, Any] = tomllib.loads(data.decode())
        square_cm = told.get("square_size_override_cm")
        if not square_cm:  # it then fills the page
            unit_cm = _INCH_CM if told.get("units") == "inch" else 1.0
            square_cm = unit_cm * min(told["board_width"] / told["columns"], told["board_height"] / told["rows"])
        fields = {
            "squares": (told["columns"], told["rows"]),
            "square_mm": float(square_cm) * 10.0,
            "marker_share_unit": told.get("aruco_scale", 0.75),
            "dictionary": told["dictionary"],
            "inverted": told.get("inverted", False),
        }
        return msgspec.convert(fields, Board)
    except (
        tomllib.TOMLDecodeError,
        UnicodeDecodeError,
        KeyError,
        TypeError,
        ValueError,
        msgspec.ValidationError,
    ) as error:
        raise BoardFault(f"{path}: not caliscope's charuco.toml: {error}") from None


def pair_of(text: str, option: str) -> tuple[float, float]:
    """`1.5,-2`. RigFault for anything else."""
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise WrongWords(f"{option}: expected two numbers like 1.5,-2 in metres, got {text!r}") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise WrongWords(f"{option}: expected two numbers like 1.5,-2 in metres, got {text!r}")
    return x, y


def write_whole(path: Path, data: bytes) -> None:
    """In one step: whoever reads it meanwhile sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    beside.write_bytes(data)
    beside.replace(path)
