"""A picture with its moment, and the little of a video source that reading one takes."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from bridge.timecode import Timecode

Bgr = NDArray[np.uint8]
"""[H, W, 3], row 0 at the top."""


class Picture(NamedTuple):
    """One picture of one camera."""

    camera: str
    number: int
    """From 0, in the order they were taken in; goes on when a file starts over."""
    t_ns: int
    """Exposure, on this host's clock."""
    t_arrival_ns: int
    bgr: Bgr
    timecode: Timecode | None = None

    @property
    def size_px(self) -> tuple[int, int]:
        """Width, height."""
        return self.bgr.shape[1], self.bgr.shape[0]


class Film(Protocol):
    """An open source, as OpenCV's VideoCapture has it; tests bring their own."""

    rate_hz: float
    """As the source says; 0: it does not."""
    frames: int
    """How many a file holds; 0: live, or it does not say exactly."""
    exposure_s: float
    """0: not known."""

    def grab(self) -> bool:
        """Wait for the next picture; whether one came."""
        ...

    def decode(self) -> Bgr | None:
        """The picture that was grabbed; None where it is corrupt."""
        ...

    def source_ns(self) -> int:
        """The source's own time of it; 0: it has none."""
        ...

    def close(self) -> None:
        """Let the device go."""
        ...
