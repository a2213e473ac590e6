"""Opens cameras with OpenCV: devices by V4L2 or Media Foundation, streams and videos by its own FFmpeg, folders."""

import sys
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from bridge.clock import NS_PER_MS, NS_PER_S
from capture.cameras.address import PICTURES, Address, CameraFault
from capture.cameras.picture import Bgr, Film
from capture.cameras.v4l2 import Found, Mode, path_of_name

_cv: Any = cv2
_cv.utils.logging.setLogLevel(_cv.utils.logging.LOG_LEVEL_ERROR)
_EXACT = (".mp4", ".mov", ".m4v", ".avi")
"""Containers whose count of frames is a count; of others it is a guess by length and rate."""


class Wanted(NamedTuple):
    """What a camera is asked for; 0: as it likes."""

    width_px: int = 0
    height_px: int = 0
    rate_hz: float = 0.0
    """Of a folder of pictures it is the rate: 25 where nobody says."""
    timeout_s: float = 3.0
    """A stream that is silent for longer is opened again."""


AS_IT_LIKES = Wanted()


def open_film(source: Address, wanted: Wanted) -> Film:
    """CameraFault: it cannot be opened, in words."""
    if source.kind == "pictures":
        return _Folder(source, wanted)
    if source.kind == "device":
        return _Video(_device(source, wanted), source)
    wait_ms = round(wanted.timeout_s * 1e3)
    limits = [_cv.CAP_PROP_OPEN_TIMEOUT_MSEC, wait_ms, _cv.CAP_PROP_READ_TIMEOUT_MSEC, wait_ms]
    # One thread a decoder: with more it holds a picture back for each, and the cameras are parallel already.
    video = _cv.VideoCapture(source.text, _cv.CAP_FFMPEG, [*limits, _cv.CAP_PROP_N_THREADS, 1])
    if not video.isOpened():
        raise CameraFault(f"{source.shown}: {_why(source)}")
    return _Video(video, source)


def _why(source: Address) -> str:
    if source.live:
        return "no picture comes from there; is the sender on, and the address as it says?"
    return "expected a video, it cannot be opened: a recording that broke off must be repaired first (MP4, MOV)"


class _Video:
    """OpenCV's reader behind the few words that reading takes."""

    def __init__(self, video: Any, source: Address) -> None:
        self._video = video
        self.rate_hz = _rate_hz(video)
        exact = source.kind == "video" and Path(source.text).suffix.lower() in _EXACT
        self.frames = max(0, int(video.get(_cv.CAP_PROP_FRAME_COUNT))) if exact else 0
        self.exposure_s = _exposure_s(video) if source.kind == "device" else 0.0

    def grab(self) -> bool:
        try:
            return bool(self._video.grab())
        except _cv.error:
            return False

    def decode(self) -> Bgr | None:
        try:
            good, bgr = self._video.retrieve()
        except _cv.error:
            return None
        return bgr if good and bgr is not None and bgr.ndim == 3 else None

    def source_ns(self) -> int:
        return round(float(self._video.get(_cv.CAP_PROP_POS_MSEC)) * NS_PER_MS)

    def close(self) -> None:
        self._video.release()


class _Folder:
    """Pictures of a folder in the order of their names, at a rate."""

    def __init__(self, source: Address, wanted: Wanted) -> None:
        self._files = sorted(path for path in Path(source.text).iterdir() if path.suffix.lower() in PICTURES)
        if not self._files:
            raise CameraFault(f"{source.shown}: expected pictures ({' '.join(PICTURES)}), there are none")
        self.rate_hz = wanted.rate_hz or 25.0
        self.frames, self.exposure_s = len(self._files), 0.0
        self._row = -1

    def grab(self) -> bool:
        self._row += 1
        return self._row < self.frames

    def decode(self) -> Bgr | None:
        try:
            coded = np.frombuffer(self._files[self._row].read_bytes(), np.uint8)
        except OSError:
            return None
        try:
            return _cv.imdecode(coded, _cv.IMREAD_COLOR)
        except _cv.error:
            return None

    def source_ns(self) -> int:
        return round(self._row * NS_PER_S / self.rate_hz)

    def close(self) -> None:
        """Nothing to let go."""


def _device(source: Address, wanted: Wanted) -> Any:
    name: int | str = int(source.text) if source.text.isdecimal() else source.text
    if isinstance(name, str) and not name.startswith("/dev/"):
        name = path_of_name(name)
    for backend in _backends():
        video = _cv.VideoCapture(name, backend)
        if video.isOpened():
            return _asked(video, wanted)
    raise CameraFault(f"{source.shown}: no such camera, or another program has it: cyc capture list")


def numbered(most: int = 8) -> list[Found]:
    """Windows' cameras by number: OpenCV knows neither their names nor what else they could give."""
    found: list[Found] = []
    for number in range(most):
        video = _cv.VideoCapture(number, _cv.CAP_MSMF)
        if video.isOpened():
            size = (int(video.get(_cv.CAP_PROP_FRAME_WIDTH)), int(video.get(_cv.CAP_PROP_FRAME_HEIGHT)))
            found.append(Found(str(number), f"camera {number}", (Mode("", *size, (_rate_hz(video),)),)))
        video.release()
    return found


def _rate_hz(video: Any) -> float:
    return max(0.0, float(video.get(_cv.CAP_PROP_FPS)))


def _backends() -> tuple[int, ...]:
    return (_cv.CAP_MSMF, _cv.CAP_DSHOW) if sys.platform == "win32" else (_cv.CAP_V4L2,)


def _asked(video: Any, wanted: Wanted) -> Any:
    """MJPEG first: raw pictures of this size do not fit through USB at full rate."""
    if wanted.width_px and wanted.height_px:
        video.set(_cv.CAP_PROP_FOURCC, _cv.VideoWriter.fourcc(*"MJPG"))
        video.set(_cv.CAP_PROP_FRAME_WIDTH, wanted.width_px)
        video.set(_cv.CAP_PROP_FRAME_HEIGHT, wanted.height_px)
    if wanted.rate_hz:
        video.set(_cv.CAP_PROP_FPS, wanted.rate_hz)
    video.set(_cv.CAP_PROP_BUFFERSIZE, 1)
    return video


def _exposure_s(video: Any) -> float:
    """V4L2 says tenths of milliseconds, Windows the power of two; 0 where it is on automatic and nobody knows."""
    said = float(video.get(_cv.CAP_PROP_EXPOSURE))
    if sys.platform == "win32":
        return 2.0**said if -14.0 < said < 0.0 else 0.0
    return said * 1e-4 if 0.0 < said < 1000.0 else 0.0
