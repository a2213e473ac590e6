"""The capture cameras' videos beside a take: what they are called, and the index that says when each picture was.

`night_T001.mcap` has `night_T001.left.avi` and `night_T001.left.frames.jsonl` beside it: a line of facts, then one line
a picture, in the video's order. Cameras do not keep their rate, so the index is the truth of time. Where filming was
broken off and went on there is a second part, `night_T001.left.2.avi`. While a file is being written, and for good
where its program died, `.part` follows its name: all that was written can be read.
"""

import contextlib
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bridge.clock import NS_PER_S
from bridge.timecode import Timecode

SCHEMA = 1
VIDEO, INDEX, PART = ".avi", ".frames.jsonl", ".part"
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]")


class VideoFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The index's first line."""

    schema: int = SCHEMA
    take: str
    camera: str
    began_ns: int
    """When the take's filming began, the same for all its cameras; files played together start here."""
    clock_id: int
    """Host and boot that all times are of."""
    width_px: int
    height_px: int
    rate_hz: float
    """What the video's header says; the camera may have kept another."""


class FrameRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One picture."""

    number: int
    """The camera's own count: what is left out was not filmed."""
    t_ns: int
    """Exposure."""
    t_arrival_ns: int
    timecode: Timecode | None = None


class VideoIndex(msgspec.Struct, frozen=True, kw_only=True):
    """Facts and pictures."""

    facts: VideoFacts
    rows: tuple[FrameRow, ...]


class Video(msgspec.Struct, frozen=True, kw_only=True):
    """A video beside a take, in short."""

    file: str
    camera: str
    pictures: int
    left_out: int
    """Pictures of the camera between the first and the last that are not in it."""
    duration_s: float
    size_bytes: int
    finished: bool


class IndexFault(ValueError):
    """An index that cannot be read; the text says which and why."""


def video_at(take: Path, camera: str) -> Path:
    """Where a camera's next video of a take goes: the first part that is not there yet."""
    stem = f"{take.stem}.{_NOT_IN_A_NAME.sub('_', camera)}"
    names = (stem if part == 1 else f"{stem}.{part}" for part in itertools.count(1))
    paths = (take.with_name(f"{name}{VIDEO}") for name in names)
    return next(path for path in paths if not any(one.exists() for one in (path, part_of(path), index_at(path))))


def part_of(path: Path) -> Path:
    """What a file is called until it is whole."""
    return path.with_name(f"{path.name}{PART}")


def index_at(video: Path) -> Path:
    """The index of a video, of one that was broken off too."""
    unfinished = video.name.endswith(PART)
    name = video.name.removesuffix(PART).removesuffix(VIDEO) + INDEX
    return video.with_name(name + PART * unfinished)


def line_of(row: VideoFacts | FrameRow) -> bytes:
    """One line of an index."""
    return msgspec.json.encode(row) + b"\n"


def read_index(path: Path) -> VideoIndex:
    """IndexFault for what is none; OSError where it cannot be read. A last line that was torn off is left out."""
    head, *lines = path.read_bytes().split(b"\n")
    try:
        facts = msgspec.json.decode(head, type=VideoFacts)
        rows = [msgspec.json.decode(line, type=FrameRow) for line in lines[:-1]]
    except msgspec.DecodeError as error:
        raise IndexFault(f"{path}: expected the index of a take's video: {error}") from None
    if facts.schema > SCHEMA:
        raise IndexFault(f"{path}: is of schema {facts.schema}, this Cyclorama knows up to {SCHEMA}; update it")
    return VideoIndex(facts=facts, rows=tuple(rows))


def paths_of(take: Path) -> Iterator[Path]:
    """The take's videos, by name. One without an index that names the take is somebody else's."""
    for path in sorted(take.parent.glob(f"{take.stem}.*{VIDEO}*")):
        if path.name.endswith((VIDEO, VIDEO + PART)):
            with contextlib.suppress(OSError, IndexFault):
                if read_index(index_at(path)).facts.take == take.stem:
                    yield path


def videos_of(take: Path) -> tuple[Video, ...]:
    """What lies beside a take."""
    return tuple(_in_short(path) for path in paths_of(take))


def _in_short(path: Path) -> Video:
    index = read_index(index_at(path))
    rows = index.rows
    return Video(
        file=path.name,
        camera=index.facts.camera,
        pictures=len(rows),
        left_out=rows[-1].number - rows[0].number + 1 - len(rows) if rows else 0,
        duration_s=(rows[-1].t_ns - rows[0].t_ns) / NS_PER_S if rows else 0.0,
        size_bytes=path.stat().st_size,
        finished=not path.name.endswith(PART),
    )
