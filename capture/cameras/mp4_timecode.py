"""The timecode track of MP4 and MOV files, which OpenCV does not show: QuickTime's `tmcd`, its first label.

Atoms are nested boxes of big-endian size and name. A timecode track's one sample is the frame number of the movie's
first frame; how it counts (rate, drop frame) is in its sample description.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from bridge.timecode import Timecode, label_fault, timecode_at

_INSIDE = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}
_MOST_BYTES = 1 << 20
"""Of a box that is read whole: those of a timecode track are far smaller."""
_DROP = 1


class _Box(NamedTuple):
    kind: bytes
    start: int
    """Of its content."""
    end: int


def first_timecode(file: BinaryIO) -> Timecode | None:
    """The label of the first frame; None where the file has no timecode track, or none that can be counted."""
    try:
        end = file.seek(0, 2)
        for movie in _boxes(file, 0, end, b"moov"):
            for track in _boxes(file, movie.start, movie.end, b"trak"):
                found = _of_track(file, track)
                if found is not None:
                    return found
    except (struct.error, OSError, ValueError):  # cut off, or nonsense: then it says nothing of the time
        return None
    return None


def _of_track(file: BinaryIO, track: _Box) -> Timecode | None:
    parts = {box.kind: box for box in reversed([*_below(file, track)])}  # MOV names a second handler, for the data
    if not {b"hdlr", b"stsd"} <= set(parts) or _read(file, parts[b"hdlr"])[8:12] != b"tmcd":
        return None
    offset = _sample(file, parts)
    described = _read(file, parts[b"stsd"])
    if offset is None or described[12:16] != b"tmcd":
        return None
    flags, scale, duration = struct.unpack_from(">III", described, 28)  # after version, count, entry head, reserved
    file.seek(offset)
    number = struct.unpack(">I", file.read(4))[0]
    if not (scale and duration):
        return None
    rate_num, rate_den = _lowest(scale, duration)
    drop = bool(flags & _DROP)
    fault = label_fault(Timecode(1, 0, 0, 0, rate_num, rate_den, drop))
    return None if fault else timecode_at(number, rate_num, rate_den, drop)


def _lowest(scale: int, duration: int) -> tuple[int, int]:
    """30000/1001 however it is written: 2997/100 is what some cameras mean by it."""
    rate = scale / duration
    for nominal in (24, 30, 48, 60, 96, 120):
        if abs(rate - nominal * 1000 / 1001) < 2e-3 * nominal / 24:
            return nominal * 1000, 1001
    return (round(rate), 1) if abs(rate - round(rate)) < 1e-6 else (scale, duration)


def _sample(file: BinaryIO, parts: dict[bytes, _Box]) -> int | None:
    """Where the first sample lies."""
    if b"co64" in parts:
        table, row = _read(file, parts[b"co64"]), ">Q"
    elif b"stco" in parts:
        table, row = _read(file, parts[b"stco"]), ">I"
    else:
        return None
    return struct.unpack_from(row, table, 8)[0] if struct.unpack_from(">I", table, 4)[0] else None


def _read(file: BinaryIO, box: _Box) -> bytes:
    file.seek(box.start)
    return file.read(min(box.end - box.start, _MOST_BYTES))


def _below(file: BinaryIO, box: _Box) -> Iterator[_Box]:
    """All boxes in a box, and in those that hold others."""
    for inner in _boxes(file, box.start, box.end):
        yield inner
        if inner.kind in _INSIDE:
            yield from _below(file, inner)


def _boxes(file: BinaryIO, start: int, end: int, kind: bytes = b"") -> Iterator[_Box]:
    while start + 8 <= end:
        file.seek(start)
        size, name = struct.unpack(">I4s", file.read(8))
        head = 8
        if size == 1:
            size, head = struct.unpack(">Q", file.read(8))[0], 16
        size = end - start if size == 0 else size
        if size < head or start + size > end:
            return
        if not kind or name == kind:
            yield _Box(name, start + head, start + size)
        start += size
