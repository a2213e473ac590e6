"""One camera's lens from sample to sample: what it does now, and what it will do when the wall lights up.

The zoom is foretold as the camera's own motion is; the focus is not, for what stands on a wall is drawn sharp.
"""

import math

import msgspec

from bridge import zoom
from bridge.align import Placed
from bridge.lens import LensTable, lens_at
from bridge.messages import LensState
from bridge.prediction import Prediction

_MOST = 0.7  # in logarithms, twofold: no zoom is faster, within a display latency


class LensTrack:
    """What is remembered; the functions below change it in place, for speed."""

    __slots__ = ("_ahead", "_ahead_key", "_key", "_lens", "is_told", "zoom")

    def __init__(self) -> None:
        self.zoom: zoom.Zoom | None = None
        self.is_told = False
        """The tracker says focal lengths; else it is a ring's counts that are followed."""
        self._key: tuple[float, float] | None = None
        self._lens: LensState | None = None
        self._ahead_key: tuple[float, float] | None = None
        self._ahead: LensState | None = None

    def at(self, table: LensTable, zoom_raw: float, focus_raw: float) -> LensState:
        """The table's lens; the same object as long as the counts say the same."""
        key = table.held(zoom_raw, focus_raw)
        if self._lens is None or self._key != key:
            self._key, self._lens = key, lens_at(table, *key)
        return self._lens

    def ahead_at(self, table: LensTable, zoom_raw: float, focus_raw: float) -> LensState:
        """Likewise, for counts foretold."""
        key = table.held(zoom_raw, focus_raw)
        if self._lens is not None and key == self._key:
            return self._lens
        if self._ahead is None or self._ahead_key != key:
            self._ahead_key, self._ahead = key, lens_at(table, *key)
        return self._ahead


def measured(track: LensTrack, table: LensTable, placed: Placed) -> LensState:
    """As the tracker tells it, else the table's at the sample's counts."""
    return placed.told_lens or track.at(table, placed.zoom_raw_unit, placed.focus_raw_unit)


def follow(track: LensTrack, settings: Prediction, placed: Placed) -> None:
    """The next sample."""
    told = placed.told_lens
    if (told is not None) != track.is_told:
        track.zoom, track.is_told = None, told is not None
    value = math.log(told.focal_length_mm) if told else placed.zoom_raw_unit
    track.zoom = zoom.step(settings, track.zoom, placed.t_ns, value)


def foretold(track: LensTrack, table: LensTable, placed: Placed, now: LensState, t_display_ns: int) -> LensState:
    """The lens then: its zoom gone on, within the table; `now` itself where nothing zooms."""
    further = zoom.predict(track.zoom, t_display_ns) if track.zoom else 0.0
    if not further or track.zoom is None:
        return now
    if track.is_told:
        focal_length_mm = math.exp(track.zoom.value + min(max(further, -_MOST), _MOST))
        return msgspec.structs.replace(now, focal_length_mm=focal_length_mm)
    return track.ahead_at(table, track.zoom.value + further, placed.focus_raw_unit)  # from the last one measured
