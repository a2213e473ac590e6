"""Draws a part of a wall in a thread of its own, always for the newest asked for, so that no refresh waits for it.

The interpreter is free while the kernels draw, in bands of rows: half the cores draw, as finely as this computer has
time for, which is measured all along. Three pictures go round: one is drawn into, one is ready, one is shown.
"""

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.display.place import STEPS, drawing_step, reduced
from bridge.frames import Vector
from bridge.tone import preview
from bridge.wall.draw import WallPicture, blank, paint_rows
from bridge.wall.heard import Lit, Wish
from bridge.wall.paintings import Paintings
from bridge.wall.shape import Screen

BUDGET_S = 0.030
"""What one drawing may take: most poses of 25 frames a second are drawn, before they are due."""
_BAND, _KEPT_UNIT, _MOST_THREADS, _NICENESS = 32, 0.8, 8, 5


class Wanted(NamedTuple):
    """What to draw."""

    number: int
    wish: Wish


class Painted(NamedTuple):
    """A drawn picture; the pixels [H, W, 4] stay untouched until two more have been drawn."""

    number: int
    pixels: NDArray[np.uint8]


class Outer(NamedTuple):
    """What the stage file says of the content outside the inner frusta, and how bright it wants everything."""

    viewpoint_m: Vector
    exposure_ev: float = 0.0


class _Room(NamedTuple):
    """Where a drawing of one size goes."""

    step: int
    picture: WallPicture
    buffers: tuple[NDArray[np.uint8], ...]


class Painter:
    """Ask as often as you like; only the newest is drawn."""

    def __init__(self, screen: Screen, lit: Lit, outer: Outer) -> None:
        self.fault = ""
        self._paintings, self._outer = Paintings(), outer
        self._screen, self._lit = screen, lit
        self._wanted: Wanted | None = None
        self._ready: Painted | None = None
        self._ending = False
        hands = min(_MOST_THREADS, max(1, (os.cpu_count() or 1) // 2))
        self._hands = ThreadPoolExecutor(hands, "painter", initializer=_step_back)
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._live, name="painter", daemon=True)
        self._thread.start()

    def ask(self, wanted: Wanted) -> None:
        """Draw this next; what was asked before and not begun is forgotten."""
        with self._changed:
            self._wanted = wanted
            self._changed.notify()

    def take(self) -> Painted | None:
        """The newest picture that was not taken yet."""
        with self._changed:
            ready, self._ready = self._ready, None
            return ready

    def close(self) -> None:
        """Stop drawing; a drawing that was begun is finished."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join(2.0)
        self._hands.shutdown(wait=False, cancel_futures=True)

    def _live(self) -> None:
        try:
            room, turn = _room(self._screen, STEPS[-1]), 0
            nothing = Wish((), ())
            self._draw(nothing, room, turn)  # loads what is compiled
            pixel_s = self._draw(nothing, room, turn)
            while wanted := self._next():
                step = drawing_step(self._screen.pixels, pixel_s, BUDGET_S, room.step if turn else 0)
                room, turn = room if step == room.step else _room(self._screen, step), turn + 1
                pixel_s = _KEPT_UNIT * pixel_s + (1 - _KEPT_UNIT) * self._draw(wanted.wish, room, turn)
                with self._changed:
                    self._ready = Painted(wanted.number, room.buffers[turn % len(room.buffers)])
                    self._changed.notify_all()
        except Exception as error:  # said on the screen: a thread's end must not be silent
            self.fault = f"drawing stopped: {type(error).__name__}: {error}"

    def _next(self) -> Wanted | None:
        with self._changed:
            self._changed.wait_for(lambda: self._wanted is not None or self._ending)
            wanted, self._wanted = self._wanted, None
            return None if self._ending else wanted

    def _draw(self, wish: Wish, room: _Room, turn: int) -> float:
        """Into the turn's buffer; -> seconds a pixel."""
        wish, painting = self._paintings.of(wish, self._outer.exposure_ev)
        inner, world = wish.inner(), self._lit.world(wish.scene)
        began_s = time.perf_counter()
        picture, into = room.picture, room.buffers[turn % len(room.buffers)]

        def draw(row: int) -> None:
            rows = (row, min(row + _BAND, len(into)))
            paint_rows(self._screen, world, inner, painting, self._outer.viewpoint_m, picture, rows)
            preview(picture.light[row : rows[1]], into[row : rows[1]])

        list(self._hands.map(draw, range(0, len(into), _BAND)))
        return (time.perf_counter() - began_s) / picture.owner.size


def _step_back() -> None:
    """This thread goes after those that swap and track; where the system cannot say it of a thread, it does not."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def _room(screen: Screen, step: int) -> _Room:
    width, height = reduced(screen.pixels, step)
    buffers = tuple(np.zeros((height, width, 4), np.uint8) for _ in range(3))
    return _Room(step, blank((width, height)), buffers)
