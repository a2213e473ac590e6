"""Draws a part of a wall in a thread of its own, always for the newest asked for, so that no refresh waits for it.

The interpreter is free while the kernels draw. Three pictures go round: one is drawn into, one is ready, one is shown.
"""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.display.place import STEPS, drawing_step, reduced
from bridge.frames import Vector
from bridge.tone import preview
from bridge.wall.draw import blank, draw_rows
from bridge.wall.frustum import Inner, inner_frusta
from bridge.wall.shape import Screen
from bridge.world.world import World

BUDGET_S = 0.030
"""What one drawing may take: about the time between a pose and the moment it is due."""
_BAND = 32


class Wanted(NamedTuple):
    """What to draw."""

    number: int
    inner: Inner
    world: World


class Painted(NamedTuple):
    """A drawn picture; the pixels [H, W, 4] stay untouched until two more have been taken."""

    number: int
    pixels: NDArray[np.uint8]


class Painter:
    """Ask as often as you like; only the newest is drawn."""

    def __init__(self, screen: Screen, world: World, viewpoint_m: Vector) -> None:
        self.drawn_px = (0, 0)
        """The size drawn at; (0, 0) until drawing has been compiled and timed."""
        self.fault = ""
        self._screen, self._world, self._viewpoint_m = screen, world, viewpoint_m
        self._wanted: Wanted | None = None
        self._ready: Painted | None = None
        self._ending = False
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

    def _live(self) -> None:
        try:
            draw = self._made_ready()
            while wanted := self._next():
                pixels = draw(wanted)
                with self._changed:
                    self._ready = Painted(wanted.number, pixels)
        except Exception as error:  # said on the screen: a thread's end must not be silent
            self.fault = f"drawing stopped: {type(error).__name__}: {error}"

    def _next(self) -> Wanted | None:
        with self._changed:
            self._changed.wait_for(lambda: self._wanted is not None or self._ending)
            wanted, self._wanted = self._wanted, None
            return None if self._ending else wanted

    def _made_ready(self) -> "Callable[[Wanted], NDArray[np.uint8]]":
        """Compiles by drawing once, then times a coarse drawing to choose the size."""
        nothing = Wanted(0, inner_frusta([], []), self._world)
        size_px = reduced(self._screen.pixels, STEPS[-1])
        coarse = self._drawing(size_px)
        coarse(nothing)
        began_s = time.perf_counter()
        coarse(nothing)
        each_s = (time.perf_counter() - began_s) / (size_px[0] * size_px[1])
        self.drawn_px = reduced(self._screen.pixels, drawing_step(self._screen.pixels, each_s, BUDGET_S))
        return self._drawing(self.drawn_px)

    def _drawing(self, size_px: tuple[int, int]) -> "Callable[[Wanted], NDArray[np.uint8]]":
        picture, turn = blank(size_px), 0
        buffers = [np.zeros((size_px[1], size_px[0], 4), np.uint8) for _ in range(3)]

        def draw(wanted: Wanted) -> NDArray[np.uint8]:
            nonlocal turn
            turn += 1
            into = buffers[turn % len(buffers)]
            draw_rows(self._screen, wanted.world, wanted.inner, self._viewpoint_m, picture, (0, size_px[1]))
            for row in range(0, size_px[1], _BAND):  # numpy keeps the interpreter: in bands, for the sake of the swaps
                preview(picture.light[row : row + _BAND], into[row : row + _BAND])
            return into

        return draw
