"""What a shoot has of the board so far, picture by picture, from whichever camera the next one comes."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from capture.calibrate.clips import Clip, RigFault, View
from capture.calibrate.coverage import nothing_yet, of_clips, with_view

_APART_S = 60.0
"""Between what was shot before and what is added to it: no moment of one is a moment of the other."""
_RECENT = 30


class Looked(NamedTuple):
    """One picture of one camera that the board was looked for in."""

    camera: str
    frame: int
    t_s: float
    size_px: tuple[int, int]
    view: View | None
    """None: too little of the board is in it."""
    instead: str = ""
    """What is in it where the board never was: another board, or this one mirrored."""


class _Camera:
    """Counts of one."""

    def __init__(self, before: Clip | None) -> None:
        self.size_px = before.size_px if before else (0, 0)
        self.pictures = before.pictures if before else 0
        self.views = list(before.views) if before else list[View]()
        self.first_frame = self.views[-1].frame + 1 if self.views else 0
        self.steps_s: deque[float] = deque([before.frame_s] if before else [], maxlen=_RECENT)
        self.last_s = float("nan")

    @property
    def frame_s(self) -> float:
        """From picture to picture; a break while it was missing is not one."""
        return float(np.median(self.steps_s)) if self.steps_s else 1.0


class Gathered:
    """`names` in the order of the rig; `before` is what an earlier shoot kept, which this one adds to."""

    def __init__(self, names: Sequence[str], before: Sequence[Clip] = ()) -> None:
        old = {clip.name: clip for clip in before}
        if old and set(old) != set(names):
            raise RigFault(
                f"what was shot before is of {', '.join(old)}, this is of {', '.join(names)}: name the same ones"
            )
        self._cameras = {name: _Camera(old.get(name)) for name in names}
        self.coverage = of_clips([old[name] for name in names]) if old else nothing_yet(names)
        self._end_s = max((clip.views[-1].t_s for clip in before if clip.views), default=float("nan"))
        self._shift_s = 0.0
        self._begun = not np.isfinite(self._end_s)
        self.refused: dict[str, str] = {}
        """Cameras whose pictures are left out, and why."""
        self.instead: dict[str, str] = {}
        """Cameras that see something else, and what."""

    def add(self, looked: Looked) -> None:
        """One picture more, in the order that each camera films."""
        camera, number = self._cameras[looked.camera], list(self._cameras).index(looked.camera)
        if camera.size_px not in ((0, 0), looked.size_px):
            was, now = ("x".join(map(str, size)) for size in (camera.size_px, looked.size_px))
            self.refused[looked.camera] = f"its pictures are {now} now and were {was}: give it back its old setting"
            return
        self.refused.pop(looked.camera, None)
        if looked.instead:
            self.instead[looked.camera] = looked.instead
        if not self._begun:
            self._begun, self._shift_s = True, self._end_s + _APART_S - looked.t_s
        t_s = looked.t_s + self._shift_s
        camera.size_px, camera.pictures = looked.size_px, camera.pictures + 1
        if t_s > camera.last_s:
            camera.steps_s.append(t_s - camera.last_s)
        camera.last_s = t_s
        if looked.view is not None:
            self.instead.pop(looked.camera, None)
            view = looked.view._replace(t_s=t_s, frame=looked.frame + camera.first_frame)
            camera.views.append(view)
            self.coverage = with_view(self.coverage, number, view, camera.size_px, camera.frame_s)

    @property
    def views(self) -> int:
        """Pictures of the board, of all cameras."""
        return sum(len(camera.views) for camera in self._cameras.values())

    @property
    def unseen(self) -> list[str]:
        """Cameras that no picture came from."""
        return [name for name, camera in self._cameras.items() if not camera.pictures]

    def clips(self) -> list[Clip]:
        """For `solve`; a camera that no picture came from is none of them."""
        return [
            Clip(name, one.size_px, one.frame_s, one.pictures, tuple(one.views))
            for name, one in self._cameras.items()
            if one.pictures
        ]
