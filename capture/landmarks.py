"""MediaPipe's landmarks of bodies, hands and faces, in pixels of the whole picture; its only owner.

One `Landmarks` per camera, each in its own thread: MediaPipe lets others run while it looks. Bodies are followed from
picture to picture; hands and faces are looked for in crops that the body leads, since in a whole picture of a set they
are too small to be found. They are looked for while the body is, where the picture before had it, and count only where
the body of their own picture has a wrist or eyes for them. A face camera without a body follows the face in the whole
picture instead.
"""

import contextlib
import importlib.metadata
import os
import sys
import threading
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, cast

import cv2
import numpy as np

from bridge.clock import NS_PER_MS
from bridge.models import Home, ready_file
from capture import found
from capture.cameras.picture import Picture
from capture.detector import Box, hand_box, head_box, kept_box, whole
from capture.found import Cropped
from capture.seen import Seen
from capture.unmasked import without_mask

MEDIAPIPE = "0.10.33"
"""Pinned: later ones report to their maker, from a set where people are filmed."""
INSTALL = f"pip install --no-deps mediapipe=={MEDIAPIPE}"
"""Without its dependencies: they would bring a second OpenCV over the one that is here."""

_cv: Any = cv2
_SIDES = ("left", "right")
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
    """Every so many pictures."""


class Landmarks:
    """One camera's eyes."""

    def __init__(self, look_for: LookFor, home: Home) -> None:
        """LandmarksFault or ModelFault where MediaPipe or a model is not there, with the command that gets it."""
        self.faces = look_for.face
        """Off: no face is looked for, whatever the camera is for."""
        self._for, self._home = look_for, home
        self._vision = _vision()
        self._body = self._led = None
        sides = _SIDES if look_for.hands else ()
        self._hands = {side: self._task("HandLandmarker", "hands", follow=True, num_hands=1) for side in sides}
        self._crops: dict[str, Box] = {}
        shapes = {"output_face_blendshapes": True, "output_facial_transformation_matrixes": True}
        self._face = self._task("FaceLandmarker", "face", not look_for.body, **shapes) if look_for.face else None
        self._before: Seen | None = None
        self._beside = ThreadPoolExecutor(1, "beside a body") if look_for.body and (sides or look_for.face) else None
        if look_for.body:
            self.use_body(look_for.body)

    def use_body(self, model: str) -> None:
        """Another pose model from now on: the budget's choice."""
        new = self._task("PoseLandmarker", model, follow=True, num_poses=self._for.people)
        old = [task for task in (self._body, self._led) if task is not None]
        self._for, self._body, self._led = self._for._replace(body=model), new, None
        for task in old:
            task.close()

    def look(self, picture: Picture, lead: Box | None = None) -> list[Seen]:
        """As `Detector`. In a box one performer is looked for, without memory; else everybody, followed."""
        rgb = _cv.cvtColor(picture.bgr, _cv.COLOR_BGR2RGB)
        if not self._for.body:
            face = self._face_in(rgb, picture, None)
            return [] if face is None else [found.with_face(found.nobody(picture), face)]
        before, beside = self._before, self._begin(rgb, picture)
        bodies = self._bodies(picture, rgb, lead)
        parts = beside.result() if beside else {}
        self._before = bodies[0] if bodies else None
        if bodies and before is None:
            parts = self._parts(rgb, picture, bodies[0])
        for part, cropped in parts.items() if bodies else ():
            join = found.with_face if part == "face" else found.with_hand
            bodies[0] = join(bodies[0], cropped)
        return bodies

    def close(self) -> None:
        """Let models go."""
        if self._beside is not None:
            self._beside.shutdown()
        for task in (self._body, self._led, *self._hands.values(), self._face):
            if task is not None:
                task.close()

    def _task(self, kind: str, model: str, follow: bool, **options: Any) -> "_Task":
        return _Task(self._vision, kind, ready_file(model, self._home), follow, options)

    def _bodies(self, picture: Picture, rgb: Any, lead: Box | None) -> list[Seen]:
        part = whole(lead, picture.size_px) if lead is not None else (slice(0, rgb.shape[0]), slice(0, rgb.shape[1]))
        if part is None or self._body is None:
            return []
        if lead is None:
            said = self._body.look(rgb, picture.t_ns)
        else:
            self._led = self._led or self._task("PoseLandmarker", self._for.body, follow=False, num_poses=1)
            said = self._led.look(rgb[part], picture.t_ns)
        return [
            found.body(found.nobody(picture), part, points, world)
            for points, world in zip(said.pose_landmarks, said.pose_world_landmarks, strict=True)
        ]

    # --- beside the body ----------------------------------------------------------------------------------------------

    def _begin(self, rgb: Any, picture: Picture) -> "Future[dict[str, Cropped]] | None":
        if self._beside is None or self._before is None:
            return None
        return self._beside.submit(self._parts, rgb, picture, self._before)

    def _parts(self, rgb: Any, picture: Picture, body: Seen) -> "dict[str, Cropped]":
        """Face and hands by name, where this body has them."""
        due = [side for side in self._hands if self._due(picture, side)]
        parts = {side: self._hand_in(rgb, picture, body, side) for side in due}
        assert body.body_px is not None and body.body_visibility is not None and body.body_world_m is not None
        box = head_box(body.body_px, body.body_visibility, body.body_world_m)
        parts["face"] = self._face_in(rgb, picture, box) if box else None
        return {name: part for name, part in parts.items() if part is not None}

    def _due(self, picture: Picture, side: str) -> bool:
        """Hands take turns: both in one picture would make every so many pictures late."""
        every = self._for.hands_every
        return (picture.number + (every // 2 if side == "right" else 0)) % every == 0

    def _hand_in(self, rgb: Any, picture: Picture, body: Seen, side: str) -> Cropped | None:
        """Followed, which is twice as quick as finding it: for that its crop must hardly move in the picture."""
        assert body.body_px is not None and body.body_visibility is not None
        wanted = hand_box(body.body_px, body.body_visibility, side)
        if wanted is None:
            self._crops.pop(side, None)
            return None
        box = self._crops[side] = kept_box(self._crops.get(side), wanted)
        part = whole(box, picture.size_px)
        return Cropped(side, self._hands[side].look(rgb[part], picture.t_ns), part, box) if part else None

    def _face_in(self, rgb: Any, picture: Picture, box: Box | None) -> Cropped | None:
        part = whole(box, picture.size_px) if box else (slice(0, rgb.shape[0]), slice(0, rgb.shape[1]))
        if part is None or self._face is None or not self.faces:
            return None
        said = self._face.look(rgb[part], picture.t_ns)
        return Cropped("face", said, part, box) if said.face_landmarks else None


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
