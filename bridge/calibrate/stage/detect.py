"""Finds markers in pictures: ids, and corners to a few hundredths of a pixel.

Corners are found twice: OpenCV finds and reads the marker; then each corner is where two edges meet, and every edge is
a line through the places where brightness crosses half-way, close to that corner only. So the bend of a lens and of a
wall stay out, and blur, which rounds corners but moves no edge, does too.
"""

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.grey import grey
from bridge.calibrate.stage.corners import refined
from bridge.calibrate.stage.markers import DICTIONARY

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]

_cv2: Any = cv2
_ENOUGH_MIRRORED = 4


class Detected(NamedTuple):
    """What one picture shows."""

    size_px: tuple[int, int]
    corners_px: dict[int, Floats]
    """id -> [4, 2]; the first pixel's centre is (0.5, 0.5)."""
    mirrored: int
    """Markers that only a mirror shows; more than a few mean the picture is one."""


@functools.cache
def _dictionary(name: str) -> Any:
    return _cv2.aruco.getPredefinedDictionary(getattr(_cv2.aruco, name))


def bits(marker_id: int, dictionary: str = DICTIONARY) -> Pixels:
    """A marker's modules [7, 7], 0 or 255, border included."""
    kind = _dictionary(dictionary)
    return np.asarray(_cv2.aruco.generateImageMarker(kind, marker_id, kind.markerSize + 2), dtype=np.uint8)


def detect(picture: Pixels, dictionary: str = DICTIONARY) -> Detected:
    """Every marker of a picture [H, W]."""
    found = _find(picture, dictionary)
    mirrored = 0
    if len(found) < _ENOUGH_MIRRORED:
        mirrored = len(_find(np.ascontiguousarray(np.fliplr(picture)), dictionary))
        mirrored = mirrored if mirrored >= max(_ENOUGH_MIRRORED, 2 * len(found)) else 0
    ids, corners = list(found), np.array(list(found.values())).reshape(-1, 4, 2)
    places = refined(picture, corners)
    kept = {marker: place for marker, place in zip(ids, places, strict=True) if np.isfinite(place).all()}
    return Detected((picture.shape[1], picture.shape[0]), kept, mirrored)


def _find(picture: Pixels, dictionary: str) -> dict[int, Floats]:
    """Rough corners by id, where the first pixel's centre is (0.5, 0.5); an id seen twice is nobody's."""
    settings = _cv2.aruco.DetectorParameters()
    settings.cornerRefinementMethod = _cv2.aruco.CORNER_REFINE_SUBPIX
    settings.relativeCornerRefinmentWinSize = 0.4
    settings.cornerRefinementWinSize = 9
    settings.adaptiveThreshWinSizeMax = 53
    settings.adaptiveThreshWinSizeStep = 25
    settings.minMarkerPerimeterRate = 0.02
    settings.errorCorrectionRate = 0.3
    corners, ids, _ = _cv2.aruco.ArucoDetector(_dictionary(dictionary), settings).detectMarkers(picture)
    found: dict[int, Floats] = {}
    twice: set[int] = set()
    for marker, quad in zip([] if ids is None else ids.ravel().tolist(), corners, strict=True):
        if marker in found:
            twice.add(marker)
        found[marker] = np.asarray(quad, np.float64).reshape(4, 2) + 0.5
    return {marker: quad for marker, quad in found.items() if marker not in twice}


def detect_all(paths: Sequence[Path], dictionary: str, ticked: Callable[[str], None]) -> list[Detected]:
    """Every picture, two at a time. PictureFault for the first that cannot be read."""

    def look(path: Path) -> Detected:
        return detect(grey(path), dictionary)

    found: list[Detected] = []
    with ThreadPoolExecutor(2) as pool:
        for path, seen in zip(paths, pool.map(look, paths), strict=True):
            ticked(f"{path.name}: {len(seen.corners_px)} markers")
            found.append(seen)
    return found
