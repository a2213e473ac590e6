"""Cameras, detectors and permission that a test writes itself, and the capture service's mind before them."""

import select
import threading
from collections.abc import Callable

import numpy as np

from bridge.clock import FakeClock
from bridge.messages import CaptureCamera, PerformerState
from bridge.service import Desk
from capture.cameras.picture import Picture
from capture.live.eyes import Eyes, Looked
from capture.live.permission import Ruling
from capture.live.service import Capture, Plan
from capture.seen import Seen


class Film:
    """A source whose pictures the test hands in."""

    def __init__(self, name: str) -> None:
        self.name, self.ended = name, False
        self._slot: Picture | None = None
        self._change = threading.Condition()

    def show(self, number: int) -> None:
        with self._change:
            bgr = np.zeros((720, 1280, 3), np.uint8)
            self._slot = Picture(self.name, number, round(number / 30 * 1e9), round(number / 30 * 1e9), bgr)
            self._change.notify_all()
            self._change.wait_for(lambda: self._slot is None, 5)

    def wait(self, timeout_s: float) -> Picture | None:
        with self._change:
            self._change.wait_for(lambda: self._slot is not None or self.ended, timeout_s)
            picture, self._slot = self._slot, None
            self._change.notify_all()
            return picture

    def report(self) -> CaptureCamera:
        return CaptureCamera(subject=self.name, t_ns=1, state="running")

    def close(self) -> bool:
        self.ended = True
        return True


class Script:
    """A detector that says what it was told to."""

    def __init__(self, lines: dict[int, list[Seen]]) -> None:
        self.faces, self.lines, self.looked = True, lines, list[int]()
        self.tell: Callable[[Seen], None] = lambda _: None
        self.models: list[str] = []

    def hurry(self, tell: Callable[[Seen], None]) -> None:
        self.tell = tell

    def use_body(self, model: str) -> None:
        self.models.append(model)

    def look(self, picture: Picture) -> list[Seen]:
        self.looked.append(picture.number)
        return self.lines.get(picture.number, [])

    def close(self) -> None:
        pass


def heard(eyes: Eyes, count: int) -> list[Looked]:
    """Waits for the eyes' own word."""
    found: list[Looked] = []
    while len(found) < count:
        assert select.select(eyes.sockets(), [], [], 5)[0], "the eyes never woke the loop"
        found += eyes.take()
    return found


class Always:
    """A permission that is there."""

    ruling = Ruling(True, True)

    def rule(self) -> Ruling:
        return self.ruling

    def said(self, _now_ns: int) -> list[PerformerState]:
        return []

    def close(self) -> None: ...


def capture_of(rig: object, clock: FakeClock) -> Capture:
    eyes = Eyes([], clock)
    plan = Plan(("ana",), "full", rig)  # type: ignore[arg-type]
    return Capture(plan, eyes, Always(), Desk("capture", clock, lambda _: None), clock)  # type: ignore[arg-type]
