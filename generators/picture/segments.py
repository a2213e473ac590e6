"""Straight edges of a picture: OpenCV's line segment detector (von Gioi 2010), on a picture small enough for it."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_cv: Any = cv2
_WIDE_PX = 800
_LEAST, _MOST = 0.03, 500
"""Of the picture's width: shorter ones are leaves and gravel; and the longest so many say enough."""


def segments(encoded: NDArray[np.floating]) -> NDArray[np.float64]:
    """Ends [N, 4] as (column, row, column, row) in the pixels of sRGB-encoded colours [H, W, 3], the longest first."""
    height, width, _ = encoded.shape
    scale = min(1.0, _WIDE_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small: Any = _cv.resize(np.asarray(encoded, np.float32), size, interpolation=_cv.INTER_AREA)
    grey = np.asarray(255 * np.clip(np.asarray(small, np.float64).mean(axis=2), 0, 1) + 0.5, np.uint8)
    found: Any = _cv.createLineSegmentDetector().detect(grey)[0]
    if found is None:
        return np.zeros((0, 4))
    ends = np.asarray(found, np.float64).reshape(-1, 4) / scale
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    order = np.argsort(-length, kind="stable")[:_MOST]
    return ends[order][length[order] > _LEAST * width]
