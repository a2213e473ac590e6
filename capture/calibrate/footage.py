"""Pictures from video files for a calibration: grey, with their times, all of one size."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.calibrate.clips import RigFault

_cv: Any = cv2
_USUAL_HZ = 30.0


class Picture(NamedTuple):
    """One picture of one camera; live cameras give the same."""

    frame: int
    t_s: float
    grey: NDArray[np.uint8]
    """[H, W]."""


def pictures(path: Path, times_s: dict[int, float] | None = None, every: int = 1) -> Iterator[Picture]:
    """Every `every`th picture of a video. RigFault where it cannot be read, or its size changes on the way."""
    capture = _cv.VideoCapture(str(path))
    try:
        if not path.is_file():
            raise RigFault(f"{path}: expected a video, there is {'a folder' if path.is_dir() else 'no such file'}")
        if not capture.isOpened():
            raise RigFault(f"{path}: cannot be read as a video")
        rate_hz = float(capture.get(_cv.CAP_PROP_FPS))
        yield from _each(path, capture, rate_hz if 0 < rate_hz < 1000 else _USUAL_HZ, times_s, every)
    finally:
        capture.release()


def _each(path: Path, capture: Any, rate_hz: float, times_s: dict[int, float] | None, every: int) -> Iterator[Picture]:
    frame, size = 0, (0, 0)
    while capture.grab():
        if frame % every == 0:
            good, picture = capture.retrieve()
            if good:
                here = picture.shape[:2]
                if size not in ((0, 0), here):
                    raise RigFault(
                        f"{path}: its pictures are {size[1]}x{size[0]} first and {here[1]}x{here[0]} from frame "
                        f"{frame} on: film with one setting, without cropping or turning the camera's picture"
                    )
                size = here
                t_s = frame / rate_hz if times_s is None else times_s.get(frame, float("nan"))
                yield Picture(frame, t_s, grey_of(picture))
        frame += 1
    if frame == 0:
        raise RigFault(f"{path}: no picture in it can be decoded")


def grey_of(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """[H, W] of a picture in colours; one that is grey stays as it is."""
    return np.asarray(_cv.cvtColor(picture, _cv.COLOR_BGR2GRAY) if picture.ndim == 3 else picture, np.uint8)


def times(path: Path) -> list[dict[int, float]]:
    """From a table with the columns cam_id, frame_index and frame_time (seconds): a row for each camera, in the order
    of cam_id, with the time of each picture of its file, whose first is the lowest index. RigFault for others."""
    rows: dict[int, dict[int, float]] = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for line in csv.DictReader(file):
                rows.setdefault(int(line["cam_id"]), {})[int(line["frame_index"])] = float(line["frame_time"])
    except OSError as error:
        raise RigFault(f"{path}: cannot be read: {error.strerror}") from None
    except (KeyError, TypeError, ValueError, csv.Error):
        raise RigFault(f"{path}: expected columns cam_id, frame_index, frame_time (seconds)") from None
    if not rows:
        raise RigFault(f"{path}: no picture's time is in it")
    return [{frame - min(rows[camera]): t for frame, t in rows[camera].items()} for camera in sorted(rows)]
