"""Shots as 8-bit grey, whatever a camera or a capture device saved them as."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bridge.tone import srgb

Pixels = NDArray[np.uint8]

_cv2: Any = cv2


class PictureFault(ValueError):
    """A file that is no picture."""


def grey(path: Path) -> Pixels:
    """A picture [H, W]. PictureFault where it is none, or none that is read here."""
    data = np.fromfile(path, np.uint8) if path.is_file() else np.empty(0, np.uint8)
    try:
        picture = _cv2.imdecode(data, _cv2.IMREAD_GRAYSCALE | _cv2.IMREAD_ANYDEPTH) if data.size else None
    except cv2.error:  # of more pixels than it takes, for one
        picture = None
    if picture is None:
        raise PictureFault(f"{path}: expected a picture (PNG, JPEG, TIFF), it cannot be read")
    return eight_bits(np.asarray(picture))


def eight_bits(picture: NDArray[Any]) -> Pixels:
    """Any grey [H, W] as 8 bits; floats are linear light."""
    if picture.dtype == np.uint8:
        return picture
    if picture.dtype == np.uint16:
        return np.asarray(np.round(picture / 257.0), dtype=np.uint8)
    light = np.asarray(picture, np.float64) / max(float(np.percentile(picture, 99.5)), 1e-9)
    return np.round(255.0 * srgb(np.clip(light, 0.0, 1.0))).astype(np.uint8)
