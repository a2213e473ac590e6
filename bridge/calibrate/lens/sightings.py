"""What was seen of the board in each shot, sorted by where the lens's rings stood."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import IDENTITY, Quaternion, Vector

Floats = NDArray[np.float64]

SHARE_OF_RANGE = 0.004
"""Counts that differ by less than this of the largest are one position, were nothing else said."""


class Sighting(NamedTuple):
    """One shot."""

    name: str
    zoom_unit: float
    focus_unit: float
    ids: NDArray[np.int64]
    """[n], the corners' numbers."""
    px: Floats
    """[n, 2]."""
    blur_px: float = 1.5
    position_m: Vector = (0.0, 0.0, 0.0)
    rotation_wxyz: Quaternion = IDENTITY
    """tracker_from_body."""
    moved_m: float = 0.0


class Position(NamedTuple):
    """One place of the rings, and which shots were taken there."""

    zoom_unit: float
    focus_unit: float
    shots: tuple[int, ...]

    @property
    def name(self) -> str:
        """For reports."""
        return f"zoom {self.zoom_unit:g}, focus {self.focus_unit:g}"


def positions(sightings: Sequence[Sighting], zoom_span: float, focus_span: float) -> list[Position]:
    """By zoom and then focus; the spans are how far counts of one position may lie apart."""
    found: list[Position] = []
    for row in runs([(shot.zoom_unit, index) for index, shot in enumerate(sightings)], zoom_span):
        for run in runs([(sightings[index].focus_unit, index) for index in row], focus_span):
            zoom = float(np.median([sightings[index].zoom_unit for index in run]))
            focus = float(np.median([sightings[index].focus_unit for index in run]))
            found.append(Position(zoom, focus, tuple(sorted(run))))
    return found


def runs(values: list[tuple[float, int]], span: float) -> list[list[int]]:
    """Indices of (count, index) that lie within `span` of the least of their run."""
    found: list[list[int]] = []
    start = 0.0
    for value, index in sorted(values):
        if not found or value - start > span:
            found.append([])
            start = value
        found[-1].append(index)
    return found


def span_of(counts: Sequence[float]) -> float:
    """What counts as one position, from all counts that are known of a ring."""
    return SHARE_OF_RANGE * max((abs(count) for count in counts), default=0.0)
