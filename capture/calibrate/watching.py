"""Live cameras that the board is looked for in: a thread for each, which looks at the newest picture there is."""

import queue
import threading
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.board import Board
from bridge.clock import NS_PER_S
from capture.calibrate.detect import view_in
from capture.calibrate.footage import Picture, grey_of
from capture.calibrate.gathered import Looked
from capture.calibrate.strange import what_instead
from capture.cameras import picture as filmed
from capture.device import Camera

_WAKE_S = 0.2
_AT_WORK = ("running", "degraded")
_DOUBT_PICTURES = 30
"""Without the board in any of them: it is asked what is there instead, and again after as many."""


class Eye:
    """Looks for the board in the pictures of one camera."""

    def __init__(self, camera: str, board: Board) -> None:
        self._camera, self._board = camera, board
        self._in_vain, self._found = 0, False

    def look(self, frame: int, t_s: float, grey: NDArray[np.uint8]) -> Looked:
        """The board in one picture; `instead` where it was never found, and something else is."""
        view = view_in(self._board, Picture(frame, t_s, grey))
        size_px, instead = (grey.shape[1], grey.shape[0]), ""
        self._found = self._found or view is not None
        if not self._found:
            self._in_vain += 1
            if self._in_vain % _DOUBT_PICTURES == 0:
                instead = what_instead(self._board, [grey])
        return Looked(self._camera, frame, t_s, size_px, view, instead)


class Watching:
    """Cameras are closed with it."""

    def __init__(self, cameras: Sequence[Camera], board: Board) -> None:
        self._cameras, self._board = cameras, board
        self._looked: queue.Queue[Looked] = queue.Queue()
        self._closing = threading.Event()
        self._threads = [
            threading.Thread(target=self._watch, args=(camera,), name=f"board {camera.name}", daemon=True)
            for camera in cameras
        ]
        for thread in self._threads:
            thread.start()

    def wait(self, timeout_s: float) -> Looked | None:
        """The next picture that was looked at, of any camera; None when the time is up."""
        try:
            return self._looked.get(timeout=timeout_s)
        except queue.Empty:
            return None

    @property
    def ended(self) -> bool:
        """Every source was a file and is over, and all of it was given out."""
        return not any(thread.is_alive() for thread in self._threads) and self._looked.empty()

    def missing(self) -> Mapping[str, str]:
        """Cameras that no picture comes from now, and why."""
        reports = [camera.report() for camera in self._cameras]
        return {
            one.subject: one.fault or "no picture has come yet"
            for one in reports
            if one.state not in (*_AT_WORK, "ended") or (one.state == "ended" and one.fault)
        }

    def close(self) -> None:
        """Let the cameras go."""
        self._closing.set()
        for camera in self._cameras:
            camera.close()
        for thread in self._threads:
            thread.join(1.0)

    def _watch(self, camera: Camera) -> None:
        eye = Eye(camera.name, self._board)
        while not self._closing.is_set():
            taken = camera.wait(_WAKE_S)
            if taken is not None:
                self._looked.put(looked_at(eye, taken))
            elif camera.ended:
                return


def looked_at(eye: Eye, taken: filmed.Picture) -> Looked:
    """The board in one picture of a camera."""
    return eye.look(taken.number, taken.t_ns / NS_PER_S, grey_of(taken.bgr))
