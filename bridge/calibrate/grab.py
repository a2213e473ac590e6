"""Pictures of the film camera for a shot list: from a capture device or a stream, or the newest file of a folder."""

import shutil
from pathlib import Path
from typing import Any, Protocol

import cv2

_cv2: Any = cv2
_KINDS = {".png", ".jpg", ".jpeg", ".tif", ".tiff"}
_STALE_FRAMES = 4
"""What a driver may hold back: these are thrown away, so that the picture is of now."""


class GrabFault(RuntimeError):
    """No picture; the text says why."""


class Source(Protocol):
    """Where pictures come from."""

    def grab(self, stem: Path) -> str:
        """Write the picture of now beside others, as `stem` with a suffix; -> its file name."""
        ...

    def close(self) -> None:
        """Let the device go."""
        ...


class Device:
    """A capture card, a webcam or a stream, by number or address."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._capture = _cv2.VideoCapture(int(name) if name.isdecimal() else name)
        if not self._capture.isOpened():
            raise GrabFault(f"--device {name}: expected a capture device's number, a stream's address or a folder")

    def grab(self, stem: Path) -> str:
        """The frame after what the driver had kept."""
        for _ in range(_STALE_FRAMES):
            self._capture.grab()
        good, frame = self._capture.read()
        if not good:
            raise GrabFault(f"--device {self._name}: no picture came; is the camera's output on?")
        path = stem.with_suffix(".png")
        if not _cv2.imwrite(str(path), frame):
            raise GrabFault(f"{path}: cannot be written")
        return path.name

    def close(self) -> None:
        """Let the device go."""
        self._capture.release()


class Folder:
    """A folder that a tethered camera or its operator puts stills into; the newest new one is taken."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken = {path.name for path in self._pictures()}

    def _pictures(self) -> list[Path]:
        every = (path for path in self._folder.iterdir() if path.suffix.lower() in _KINDS)
        return sorted(every, key=lambda path: path.stat().st_mtime_ns)

    def grab(self, stem: Path) -> str:
        """A copy of it."""
        new = [path for path in self._pictures() if path.name not in self._taken]
        if not new:
            raise GrabFault(f"{self._folder}: expected a new picture since the last shot, there is none")
        self._taken |= {path.name for path in new}
        path = stem.with_suffix(new[-1].suffix.lower())
        shutil.copyfile(new[-1], path)
        return path.name

    def close(self) -> None:
        """Nothing to let go."""


class Later:
    """No device: stills are copied from the camera's card afterwards, under the names given here."""

    def grab(self, stem: Path) -> str:
        """The name it must get."""
        return stem.with_suffix(".png").name

    def close(self) -> None:
        """Nothing to let go."""


def source(name: str | None) -> Source:
    """Whatever `--device` says."""
    if name is None:
        return Later()
    return Folder(Path(name)) if Path(name).is_dir() else Device(name)
