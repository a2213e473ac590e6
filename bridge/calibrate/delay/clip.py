"""Film-camera pictures with a time for each: a video, a folder of pictures, or a live device.

They come grey and small. What a file's own times are worth is for the caller to know; those of a device are this
host's clock when the picture arrived.
"""

import csv
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from bridge.clock import NS_PER_S, Clock

Grey = NDArray[np.uint8]

TIMES_FILE = "times.csv"
PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
_cv: Any = cv2


class ClipFault(ValueError):
    """A clip that cannot be used; the text says where, what was expected and what came."""


class Picture(NamedTuple):
    """One frame."""

    number: int
    """From 0, dropped ones not counted."""
    name: str
    """Its file in a folder; in a video, its number."""
    t_s: float
    """In a video, its container's time, from the first frame on; in a folder, NaN."""
    grey: Grey


def pictures(path: Path, width_px: int) -> Iterator[Picture]:
    """All frames of a video or a folder, at most `width_px` wide. ClipFault where there are none."""
    if path.is_dir():
        return _of_folder(path, width_px)
    if not path.is_file():
        raise ClipFault(f"{path}: expected a video or a folder of pictures, there is no such file")
    return _of_video(path, width_px)


def _of_folder(folder: Path, width_px: int) -> Iterator[Picture]:
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in PICTURES)
    if not files:
        raise ClipFault(f"{folder}: expected pictures ({' '.join(PICTURES)}), there are none")
    return _opened(files, width_px)


def _opened(files: list[Path], width_px: int) -> Iterator[Picture]:
    for number, file in enumerate(files):
        grey = _cv.imdecode(np.frombuffer(file.read_bytes(), np.uint8), _cv.IMREAD_GRAYSCALE)
        if grey is None:
            raise ClipFault(f"{file}: expected a picture, it cannot be decoded")
        yield Picture(number, file.name, float("nan"), _small(grey, width_px))


def _of_video(path: Path, width_px: int) -> Iterator[Picture]:
    video = _cv.VideoCapture(str(path))
    if not video.isOpened():
        raise ClipFault(
            f"{path}: expected a video, OpenCV cannot open it: copy it to MP4 or MOV (H.264), or to pictures"
        )
    return _decoded(video, path, width_px)


def _decoded(video: Any, path: Path, width_px: int) -> Iterator[Picture]:
    rate_hz, number, first_s, before_s = float(video.get(_cv.CAP_PROP_FPS)) or 25.0, 0, 0.0, -1.0
    try:
        while True:
            good, colour = video.read()
            if not good:
                break
            t_s = float(video.get(_cv.CAP_PROP_POS_MSEC)) / 1e3
            first_s = t_s if number == 0 else first_s
            if t_s - first_s <= before_s:  # a container that does not know: evenly, then
                t_s = first_s + before_s + 1.0 / rate_hz
            before_s = t_s - first_s
            yield Picture(number, str(number), before_s, _small(_cv.cvtColor(colour, _cv.COLOR_BGR2GRAY), width_px))
            number += 1
    finally:
        video.release()
    if not number:
        raise ClipFault(f"{path}: expected frames, none could be decoded")


def _small(grey: Grey, width_px: int) -> Grey:
    height, width = grey.shape[:2]
    if width <= width_px:
        return grey
    return _cv.resize(grey, (width_px, max(1, round(height * width_px / width))), interpolation=_cv.INTER_AREA)


# --- times ------------------------------------------------------------------------------------------------------------


def times_beside(path: Path) -> Path | None:
    """The table of times of a clip, where it has one: in the folder, `clip.csv` or `times.csv` beside the video."""
    places = (path / TIMES_FILE,) if path.is_dir() else (path.with_suffix(".csv"), path.with_name(TIMES_FILE))
    return next((place for place in places if place.is_file()), None)


def read_times(path: Path) -> dict[str, int]:
    """Frame (number, or file name) -> `t_ns` of this host's clock. ClipFault for a table that is none."""
    try:
        rows = [row for row in csv.reader(path.read_text(encoding="utf-8").splitlines()) if row]
    except (OSError, UnicodeDecodeError) as error:
        raise ClipFault(f"{path}: expected a table of times, it cannot be read: {error}") from None
    found: dict[str, int] = {}
    for line, row in enumerate(rows, 1):
        if line == 1 and [cell.strip() for cell in row[:2]] == ["frame", "t_ns"]:
            continue
        try:
            found[row[0].strip()] = int(row[1])
        except (ValueError, IndexError):
            text = f"{path} line {line}: expected `frame,t_ns`, two columns, got {','.join(row)[:60]!r}"
            raise ClipFault(f"{text}; t_ns is a whole number of nanoseconds of this host's clock") from None
    if not found:
        raise ClipFault(f"{path}: expected lines of `frame,t_ns`, there are none")
    return found


# --- live -------------------------------------------------------------------------------------------------------------


class Device:
    """A live camera or capture card, read by a thread of its own so that every picture is stamped as it comes in."""

    def __init__(self, source: str, width_px: int, clock: Clock) -> None:
        """`source` is a number, a path or an address. ClipFault where it does not open."""
        self._video = _cv.VideoCapture(int(source) if source.isdecimal() else source)
        if not self._video.isOpened():
            raise ClipFault(f"--live {source}: expected a capture device's number or address, OpenCV cannot open it")
        self._width_px, self._clock = width_px, clock
        self._came: list[tuple[int, Grey]] = []
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def take(self) -> list[tuple[int, Grey]]:
        """(arrival, picture) of all that came since."""
        with self._lock:
            came, self._came = self._came, []
        return came

    @property
    def ended(self) -> bool:
        """Whether no more will come."""
        return self._ended.is_set()

    def close(self) -> None:
        """Let the device go."""
        self._ended.set()
        self._thread.join(2.0)
        self._video.release()

    def _read(self) -> None:
        while not self._ended.is_set():
            if not self._video.grab():
                break
            t_ns = self._clock()
            good, colour = self._video.retrieve()
            if good:
                small = _small(_cv.cvtColor(colour, _cv.COLOR_BGR2GRAY), self._width_px)
                with self._lock:
                    self._came.append((t_ns, small))
        self._ended.set()


def offset_s(t_ns: int, origin_ns: int) -> float:
    """Seconds from an origin, subtracted as whole numbers first."""
    return (t_ns - origin_ns) / NS_PER_S
