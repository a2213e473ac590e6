"""The synthetic performer before cameras that do not exist: what a detector would say, at the moments it would.

Nothing is drawn and no model looks: the landmarks are the performer's own, moved by what detectors get wrong. So it
runs anywhere, needs no consent, and is never offered where a real camera is.
"""

import threading
from collections.abc import Callable, Sequence

import numpy as np

from bridge.clock import NS_PER_S, Clock
from bridge.performed import CaptureCamera
from bridge.timecode import timecode_at
from capture.cameras.picture import Picture
from capture.rig import Rig
from capture.seen import Seen
from capture.synthetic.observe import Detector, observed
from capture.synthetic.truth import Performance

RATE = (30, 1)
SOURCE = "synthetic"
_AHEAD = 30
"""Frames made at a time."""
_KEPT = 3
"""Seconds that are kept: a camera that is behind must not have them made again, or all fall behind for good."""
_LOOK_S = 0.015
"""From a picture's moment to its arrival."""


class Acted:
    """What every camera of a rig says of each frame, made a second at a time; read by several threads."""

    def __init__(self, performance: Performance, rig: Rig, detector: Detector | None = None) -> None:
        self.rig = rig
        self._performance, self._detector = performance, detector or Detector()
        self._lock = threading.Lock()
        self._made: dict[int, list[tuple[Seen, ...]]] = {}

    def seen(self, frame: int, camera: int) -> Seen:
        """One frame of one camera, counted from its own beginning."""
        first = frame - frame % _AHEAD
        with self._lock:
            if first not in self._made:
                frames = range(first, first + _AHEAD)
                made = observed(self._performance, self.rig, frames, RATE, self._detector)
                for old in sorted(self._made)[: 1 - _KEPT]:
                    del self._made[old]
                self._made[first] = made
            return self._made[first][frame - first][camera]


class SyntheticCamera:
    """One camera's moments, by the clock; its pictures are empty, for nobody looks at them."""

    def __init__(self, name: str, size_px: tuple[int, int], clock: Clock, start_ns: int) -> None:
        self.name, self._size_px = name, size_px
        self._clock, self._start_ns, self._next = clock, start_ns, 0
        self._taken = 0
        self._closing = threading.Event()
        self._dropped: int | None = None
        """None until somebody looks: what nobody was there to take is not dropped."""

    def wait(self, timeout_s: float) -> Picture | None:
        """The newest moment that is due; older ones that nobody took are dropped."""
        due_ns = self._start_ns + self._next * NS_PER_S * RATE[1] // RATE[0] + round(_LOOK_S * NS_PER_S)
        if self._closing.wait(min(max(0.0, (due_ns - self._clock()) / NS_PER_S), timeout_s)):
            return None
        now_ns = self._clock()
        if now_ns < due_ns:
            return None
        newest = (now_ns - round(_LOOK_S * NS_PER_S) - self._start_ns) * RATE[0] // (NS_PER_S * RATE[1])
        self._dropped = 0 if self._dropped is None else self._dropped + newest - self._next
        self._taken += 1
        self._next = newest + 1
        t_ns = self._start_ns + newest * NS_PER_S * RATE[1] // RATE[0]
        return Picture(self.name, newest, t_ns, now_ns, np.zeros((1, 1, 3), np.uint8), timecode_at(newest, *RATE))

    @property
    def ended(self) -> bool:
        """Never by itself."""
        return self._closing.is_set()

    def report(self) -> CaptureCamera:
        """How it does: always well."""
        return CaptureCamera(
            subject=self.name,
            t_ns=self._clock(),
            state="running",
            source=SOURCE,
            width_px=self._size_px[0],
            height_px=self._size_px[1],
            rate_hz=RATE[0] / RATE[1],
            seen=self._taken,
            dropped=self._dropped or 0,
        )

    def close(self) -> bool:
        """No more."""
        self._closing.set()
        return True


class SyntheticLook:
    """One camera's detector, which knows."""

    def __init__(self, acted: Acted, camera: int) -> None:
        self.faces = True
        self._acted, self._camera = acted, camera

    def hurry(self, tell: Callable[[Seen], None]) -> None:
        """What it knows it knows at once."""

    def use_body(self, model: str) -> None:
        """It has none."""

    def look(self, picture: Picture) -> list[Seen]:
        """The performer as seen in this frame; nobody where the detector missed."""
        seen = self._acted.seen(picture.number, self._camera)
        if seen.body_px is None and seen.face_shapes is None:
            return []
        seen = seen._replace(t_ns=picture.t_ns, t_arrival_ns=picture.t_arrival_ns, timecode=picture.timecode)
        return [seen if self.faces else seen._replace(face_px=None, face_shapes=None, camera_from_head=None)]

    def close(self) -> None:
        """Nothing is held."""


def pairs(acted: Acted, clock: Clock) -> Sequence[tuple[SyntheticCamera, SyntheticLook]]:
    """All cameras of the rig, begun together."""
    start_ns = clock()
    return [
        (SyntheticCamera(camera.name, camera.size_px, clock, start_ns), SyntheticLook(acted, number))
        for number, camera in enumerate(acted.rig.cameras)
    ]
