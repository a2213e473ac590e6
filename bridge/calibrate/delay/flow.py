"""Follows points from one picture to the next, there and back: OpenCV's pyramidal Lucas-Kanade."""

from collections.abc import Iterable, Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.delay.motion_seen import Followed

_POINTS = 220
_BACK_PX = 0.5
"""A point must come back to within this of where it started."""
_cv: Any = cv2
_NOTHING = np.empty((0, 2))


def followed(pictures: Iterable[NDArray[np.uint8]]) -> Iterator[Followed]:
    """Of each grey picture [h, w] to the next; pixels count from the corner, the first one's centre is 0.5."""
    before: NDArray[np.uint8] | None = None
    for after in pictures:
        if before is not None:
            yield follow(before, after)
        before = after


def follow(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Followed:
    """One pair."""
    apart = max(4, before.shape[1] // 64)
    start = _cv.goodFeaturesToTrack(before, _POINTS, 0.01, apart)
    if start is None or not len(start):
        return Followed(_NOTHING, _NOTHING)
    size = max(11, before.shape[1] // 24) | 1
    ways = {"winSize": (size, size), "maxLevel": 3}
    there, found, _ = _cv.calcOpticalFlowPyrLK(before, after, start, None, **ways)
    back, returned, _ = _cv.calcOpticalFlowPyrLK(after, before, there, None, **ways)
    good = (found[:, 0] == 1) & (returned[:, 0] == 1) & (np.linalg.norm(back - start, axis=2)[:, 0] < _BACK_PX)
    return Followed(start[good, 0].astype(np.float64) + 0.5, there[good, 0].astype(np.float64) + 0.5)
