"""MediaPipe's landmarks of bodies, hands and faces, in pixels of the whole picture; its only owner.

One `Landmarks` per camera, each in its own thread: MediaPipe lets others run while it looks. Bodies are followed from
picture to picture; hands and faces are looked for in crops that the body leads, since in a whole picture of a set they
are too small to be found. A face camera without a body follows the face in the whole picture instead.
"""

import contextlib
import importlib.metadata
import os
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any, NamedTuple, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from bridge.clock import NS_PER_MS
from bridge.frames import axes_matrix, convert_positions
from bridge.models import Home, ready_file
from bridge.performed import ARKIT_SHAPES
from capture.cameras.picture import Picture
from capture.detector import Box, hand_box, head_box, same_head, whole
from capture.seen import BODY, HAND_POINTS, Seen
from capture.unmasked import without_mask

MEDIAPIPE = "0.10.33"
"""Pinned: later ones report to their maker, from a set where people are filmed."""
INSTALL = f"pip install --no-deps mediapipe=={MEDIAPIPE}"
"""Without its dependencies: they would bring a second OpenCV over the one that is here."""

Floats = NDArray[np.float64]
_cv: Any = cv2
_WRIST = {side: BODY.index(f"{side}_wrist") for side in ("left", "right")}
_SAME_WRIST_UNIT = 0.5
"""Of the crop's width: a hand whose wrist is further from the body's is another hand."""
_LEAST_SCORE_UNIT = 0.2
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
        self._hands = self._task("HandLandmarker", "hands", follow=False, num_hands=2) if look_for.hands else None
        shapes = {"output_face_blendshapes": True, "output_facial_transformation_matrixes": True}
        self._face = self._task("FaceLandmarker", "face", not look_for.body, **shapes) if look_for.face else None
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
            return [seen for seen in [self._with_face(_unseen(picture), rgb, None)] if seen.face_px is not None]
        found = self._bodies(picture, rgb, lead)
        if found and self._hands is not None and picture.number % self._for.hands_every == 0:
            found[0] = self._with_hands(found[0], rgb)
        if found and self._face is not None:
            box = _head(found[0])
            found[0] = self._with_face(found[0], rgb, box) if box else found[0]
        return found

    def close(self) -> None:
        """Let models go."""
        for task in (self._body, self._led, self._hands, self._face):
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
            _body(_unseen(picture), _pixels(points, part), points, world)
            for points, world in zip(said.pose_landmarks, said.pose_world_landmarks, strict=True)
        ]

    def _with_hands(self, seen: Seen, rgb: Any) -> Seen:
        for side in ("left", "right"):
            assert seen.body_px is not None and seen.body_visibility is not None and self._hands is not None
            box = hand_box(seen.body_px, seen.body_visibility, side)
            part = whole(box, seen.size_px) if box else None
            if box is None or part is None:
                continue
            said = self._hands.look(rgb[part], seen.t_ns)
            score, points = _nearest(said, part, seen.body_px[_WRIST[side]], box.right_px - box.left_px, side)
            if points is not None:
                seen = seen._replace(**{f"{side}_hand_px": points, f"{side}_hand_score_unit": score})
        return seen

    def _with_face(self, seen: Seen, rgb: Any, box: Box | None) -> Seen:
        part = whole(box, seen.size_px) if box else (slice(0, rgb.shape[0]), slice(0, rgb.shape[1]))
        if part is None or self._face is None or not self.faces:
            return seen
        said = self._face.look(rgb[part], seen.t_ns)
        if not said.face_landmarks:
            return seen
        points = _pixels(said.face_landmarks[0], part)
        if box and seen.body_px is not None and not same_head(points, seen.body_px, box.right_px - box.left_px):
            return seen
        told = {shape.category_name: shape.score for shape in said.face_blendshapes[0]}
        shapes = np.array([told.get(name, 0.0) for name in ARKIT_SHAPES])
        turned = _head_pose(said.facial_transformation_matrixes[0], box is None)
        return seen._replace(face_px=_pixels(said.face_landmarks[0], part), face_shapes=shapes, camera_from_head=turned)


# --- what was found ---------------------------------------------------------------------------------------------------


def _unseen(picture: Picture) -> Seen:
    return Seen(picture.camera, picture.t_ns, picture.t_arrival_ns, picture.size_px, picture.timecode)


def _head(seen: Seen) -> Box | None:
    if seen.body_px is None or seen.body_visibility is None or seen.body_world_m is None:
        return None
    return head_box(seen.body_px, seen.body_visibility, seen.body_world_m)


def _pixels(points: Any, part: tuple[slice, slice]) -> Floats:
    """MediaPipe counts a picture from edge to edge as 0 to 1: the first pixel's centre comes out at 0.5."""
    rows, columns = part
    size = (columns.stop - columns.start, rows.stop - rows.start)
    return np.array([(point.x, point.y) for point in points]) * size + (columns.start, rows.start)


def _body(seen: Seen, pixels: Floats, points: Any, world: Any) -> Seen:
    """What lies outside the picture is the model's invention, and not seen."""
    inside = ((pixels >= 0) & (pixels <= seen.size_px)).all(axis=1)
    visibility = np.array([point.visibility for point in points]) * inside
    metres = np.array([(point.x, point.y, point.z) for point in world])
    return seen._replace(body_px=pixels, body_visibility=visibility, body_world_m=metres)


def _nearest(
    said: Any, part: tuple[slice, slice], wrist_px: Floats, width_px: float, side: str
) -> tuple[float, Floats | None]:
    """The hand at this wrist: the score is the model's for that side, so the other hand in the crop has little."""
    best: tuple[float, Floats | None] = (0.0, None)
    for points, labels in zip(said.hand_landmarks, said.handedness, strict=True):
        pixels = _pixels(points, part)
        score = labels[0].score if labels[0].category_name.lower() == side else 1.0 - labels[0].score
        near = float(np.hypot(*(pixels[0] - wrist_px))) < _SAME_WRIST_UNIT * width_px
        if near and score >= max(_LEAST_SCORE_UNIT, best[0]) and len(pixels) == HAND_POINTS:
            best = (float(score), pixels)
    return best


def _head_pose(matrix: Any, is_whole: bool) -> Floats:
    """[4, 4]; the head's own axes are the model's: x to the left cheek, y up, z out of the face.

    Of a crop only the turn is known: where the head is would count from a camera that does not exist, and is NaN.
    """
    said, pose = np.asarray(matrix, dtype=np.float64), np.eye(4)
    pose[:3, :3] = axes_matrix("opencv", "mediapipe") @ said[:3, :3]
    pose[:3, 3] = convert_positions(said[:3, 3], "opencv", "mediapipe") if is_whole else np.nan
    return pose


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
