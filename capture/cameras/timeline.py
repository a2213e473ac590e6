"""When a file's pictures were: by their own times, or by the index that a take's video has beside it."""

from pathlib import Path
from typing import NamedTuple

from bridge.clock import NS_PER_S
from bridge.take.videos import IndexFault, VideoIndex, index_at, read_index
from bridge.timecode import Timecode
from capture.cameras.address import Address, CameraFault
from capture.cameras.mp4_timecode import first_timecode
from capture.cameras.reading import labelled


class Moment(NamedTuple):
    """One picture's."""

    since_ns: int
    """From the file's first picture; of a take's video from when its filming began, the same for all cameras."""
    late_ns: int = 0
    """From then to the arrival, as it was."""
    number: int = -1
    """As the camera counted when it was filmed; -1: nobody says."""
    timecode: Timecode | None = None


class Timeline:
    """A file's; `began_ns` is the moment that 0 stands for, 0 where nobody says."""

    def __init__(self, source: Address, rate_hz: float) -> None:
        """CameraFault for an index that cannot be read."""
        self._index = index_of(source)
        self.began_ns = self._index.facts.began_ns if self._index else 0
        self._first = None if self._index else timecode_of(source)
        self._rate_hz, self._origin_ns = rate_hz, -1

    def at(self, source_ns: int) -> Moment | None:
        """By the file's own time; None for a picture whose line in the index was torn off."""
        if self._index is None:
            self._origin_ns = source_ns if self._origin_ns < 0 else self._origin_ns
            since_ns = source_ns - self._origin_ns
            return Moment(since_ns, timecode=labelled(self._first, since_ns / NS_PER_S))
        rows, place = self._index.rows, round(source_ns * self._rate_hz / NS_PER_S)
        if place >= len(rows):
            return None
        row = rows[place]
        return Moment(row.t_ns - self.began_ns, row.t_arrival_ns - row.t_ns, row.number, row.timecode)


def index_of(source: Address) -> VideoIndex | None:
    """What lies beside a take's video; None for all others."""
    path = index_at(Path(source.text))
    if source.kind != "video" or not path.is_file():
        return None
    try:
        return read_index(path)
    except (IndexFault, OSError) as fault:
        raise CameraFault(f"{source.shown}: its pictures' times cannot be read: {fault}") from None


def timecode_of(source: Address) -> Timecode | None:
    """A video's first label, where its container has one."""
    if source.kind != "video":
        return None
    try:
        with Path(source.text).open("rb") as file:
            return first_timecode(file)
    except OSError:
        return None
