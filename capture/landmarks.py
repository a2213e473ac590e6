"""MediaPipe's landmarks of bodies, hands and faces, in pixels of the whole picture; its only owner.

One `Landmarks` per camera, each in its own thread: MediaPipe lets others run while it looks. Bodies are followed from
picture to picture; hands and faces are looked for beside them (`beside.py`). A face camera without a body follows the
face in the whole picture instead.
"""

import contextlib
import importlib.metadata
import os
import sys
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, NamedTuple, cast

import cv2
import numpy as np

from bridge.clock import NS_PER_MS
from bridge.models import Home, ready_file
from capture import found
from capture.beside import SIDES, STEPS_BACK, Beside, Eyes
from capture.cameras.picture import Picture
from capture.found import Cropped
from capture.seen import Seen
from capture.unmasked import without_mask

MEDIAPIPE = "0.10.33"
"""Pinned: later ones report to their maker, from a set where people are filmed."""
INSTALL = f"pip install --no-deps mediapipe=={MEDIAPIPE}"
"""Without its dependencies: they would bring a second OpenCV over the one that is here."""

_cv: Any = cv2
_QUIET = threading.Lock()


class LandmarksFault(RuntimeError):
    """Landmarks cannot be had; the text says why and what to do."""


class LookFor(NamedTuple):
    """What to find in a camera's pictures."""

    body: str = "pose-full"
    """Its model; empty: none, and the face is followed in the whole picture."""
    hands: bool = False
    face: bool = False
    people: int = 1
    """At most so many bodies; hands and face are the first one's."""
    hands_every: int = 1
    """Every so many pictures; beyond one they take turns."""
    steps_back: int = STEPS_BACK
    """By how much hands and face give way to bodies where there are too few processors for all."""


class Landmarks:
    """One camera's eyes."""

    def __init__(self, look_for: LookFor, home: Home) -> None:
        """LandmarksFault or ModelFault where MediaPipe or a model is not there, with the command that gets it."""
        self.faces = look_for.face
        """Off: no face is looked for, whatever the camera is for."""
        self._for, self._home = look_for, home
        self._vision = _vision()
        self._body: _Task | None = None
        self._tasks: list[_Task] = []
        self._before: Seen | None = None
        follows_face = not look_for.body
        self._face = self._face_task(follow=True).look if look_for.face and follows_face else None
        self._beside = Beside(self._beside_tasks, look_for.hands_every, look_for.steps_back) if look_for.body else None
        if look_for.body:
            self.use_body(look_for.body)

    def hurry(self, tell: Callable[[Seen], None]) -> None:
        """From now on no body waits for its face or hands; `tell` hears of faces that took longer, in any thread."""
        if self._beside:
            self._beside.tell = tell

    def use_body(self, model: str) -> None:
        """Another pose model from now on: the budget's choice."""
        new = self._task("PoseLandmarker", model, follow=True, num_poses=self._for.people)
        old, self._body = self._body, new
        if old is not None:
            old.close()

    def look(self, picture: Picture) -> list[Seen]:
        """As `Detector`; everybody is followed."""
        rgb = _cv.cvtColor(picture.bgr, _cv.COLOR_BGR2RGB)
        if self._beside is None:
            return self._face_alone(rgb, picture)
        if before := self._before:
            self._beside.begin(rgb, picture, before, self.faces)
        bodies = self._bodies(picture, rgb)
        self._before = bodies[0] if bodies else None
        if bodies and before is None:
            self._beside.begin(rgb, picture, bodies[0], self.faces)
        if bodies:
            bodies[0] = self._beside.joined(bodies[0])
        else:
            self._beside.forget()
        return bodies

    def close(self) -> None:
        """Let models go."""
        if self._beside is not None:
            self._beside.close()
        for task in (self._body, *self._tasks):
            if task is not None:
                task.close()

    def _beside_tasks(self) -> Eyes:
        hands = {
            side: self._kept(self._task("HandLandmarker", "hands", follow=True, num_hands=1)).look
            for side in (SIDES if self._for.hands else ())
        }
        return Eyes(hands, self._face_task(follow=False).look if self._for.face else None)

    def _face_task(self, follow: bool) -> "_Task":
        shapes = {"output_face_blendshapes": True, "output_facial_transformation_matrixes": True}
        return self._kept(self._task("FaceLandmarker", "face", follow, **shapes))

    def _kept(self, task: "_Task") -> "_Task":
        self._tasks.append(task)
        return task

    def _face_alone(self, rgb: Any, picture: Picture) -> list[Seen]:
        if self._face is None or not self.faces:
            return []
        said = self._face(rgb, picture.t_ns)
        face = Cropped("face", said, _whole(picture), None)
        return [found.with_face(found.nobody(picture), face)] if said.face_landmarks else []

    def _task(self, kind: str, model: str, follow: bool, **options: Any) -> "_Task":
        return _Task(self._vision, kind, ready_file(model, self._home), follow, options)

    def _bodies(self, picture: Picture, rgb: Any) -> list[Seen]:
        if self._body is None:
            return []
        said, part = self._body.look(rgb, picture.t_ns), _whole(picture)
        return [
            found.body(found.nobody(picture), part, points, world)
            for points, world in zip(said.pose_landmarks, said.pose_world_landmarks, strict=True)
        ]


def _whole(picture: Picture) -> tuple[slice, slice]:
    width_px, height_px = picture.size_px
    return slice(0, height_px), slice(0, width_px)


# --- MediaPipe --------------------------------------------------------------------------------------------------------


class _Task:
    """One of its landmarkers; `follow`: from picture to picture, else each by itself."""

    def __init__(self, vision: Any, kind: str, model: Path, follow: bool, options: dict[str, Any]) -> None:
        import mediapipe  # pyright: ignore[reportMissingTypeStubs, reportMissingImports]

        self._mp: Any = mediapipe
        self._follow, self._last_ms, self._new = follow, -1, True
        mode = vision.RunningMode.VIDEO if follow else vision.RunningMode.IMAGE
        base = self._mp.tasks.BaseOptions(model_asset_buffer=without_mask(model.read_bytes()))
        said = getattr(vision, f"{kind}Options")(base_options=base, running_mode=mode, **options)
        try:
            with _hushed():
                self._does = getattr(vision, kind).create_from_options(said)
        except (ValueError, RuntimeError) as error:
            raise LandmarksFault(f"{model}: expected a model for {kind}, MediaPipe says: {error}") from None

    def look(self, rgb: Any, t_ns: int) -> Any:
        """Its own kind of result."""
        image = self._mp.Image(image_format=self._mp.ImageFormat.SRGB, data=np.ascontiguousarray(rgb))
        with _hushed() if self._new else contextlib.nullcontext():
            self._new = False
            if not self._follow:
                return self._does.detect(image)
            self._last_ms = max(t_ns // NS_PER_MS, self._last_ms + 1)  # it refuses a time that does not grow
            return self._does.detect_for_video(image, self._last_ms)

    def close(self) -> None:
        """Let the model go."""
        self._does.close()


def _vision() -> Any:
    """MediaPipe's part for pictures. LandmarksFault where it is not there, or one that reports to its maker."""
    try:
        version = importlib.metadata.version("mediapipe")
    except importlib.metadata.PackageNotFoundError:
        raise LandmarksFault(f"landmarks need mediapipe, which is not installed: {INSTALL}") from None
    if tuple(int(part) for part in version.split(".")[:3]) > tuple(int(part) for part in MEDIAPIPE.split(".")):
        raise LandmarksFault(f"mediapipe {version} sends what it does to its maker, and is not used: {INSTALL}")
    with _hushed():
        from mediapipe.tasks import python as tasks  # pyright: ignore
    return cast(Any, tasks).vision


@contextlib.contextmanager
def _hushed() -> Generator[None]:
    """MediaPipe's native notes go past every setting, straight to stderr: it is shut while a model starts."""
    with _QUIET:
        sys.stderr.flush()
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)
