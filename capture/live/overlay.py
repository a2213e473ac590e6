"""What a camera films with what was seen in it drawn over it: for whoever asks to see whether the detector is right.

Dots and thin lines are the detector's landmarks, thick lines the solved skeleton as this camera would see it: where
the two part, the camera was moved or the detector is wrong.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from bridge.clock import NS_PER_S
from bridge.pictures import NoRoom, PictureWriter, TicketFields
from capture.bones import PARENTS
from capture.cameras.picture import Picture
from capture.rig import RigCamera, project
from capture.seen import BODY, Seen

WIDTH_PX, RATE_HZ = 480, 2.0
ASKED_S = 600.0
"""Then nobody looks any more, or asks again."""
_GREY = 74
_SEEN, _HAND, _FACE, _SOLVED, _UNSURE = (
    (255, 214, 102),
    (255, 160, 222),
    (178, 196, 210),
    (116, 211, 164),
    (255, 150, 60),
)
"""RGB."""
_SURE_U8 = 100
_LIMBS = [
    (BODY.index(a), BODY.index(b))
    for side in ("left", "right")
    for a, b in (
        (f"{side}_shoulder", f"{side}_elbow"),
        (f"{side}_elbow", f"{side}_wrist"),
        (f"{side}_shoulder", f"{side}_hip"),
        (f"{side}_hip", f"{side}_knee"),
        (f"{side}_knee", f"{side}_ankle"),
    )
]
_FACE_EVERY = 6
Floats = NDArray[np.float64]
Rgb = NDArray[np.uint8]
_cv: Any = cv2


class Solved(NamedTuple):
    """A skeleton in the stage."""

    joints_m: Floats
    """[53, 3]."""
    quality_u8: NDArray[np.uint8]


class Overlays:
    """The pictures that were asked for, by camera; a map on this host for each, gone as soon as nobody may look."""

    def __init__(self) -> None:
        self._until_ns: dict[str, int] = {}
        self._next_ns: dict[str, int] = {}
        self._writers: dict[str, PictureWriter] = {}

    @property
    def asked(self) -> frozenset[str]:
        """Whose pictures should be kept for drawing."""
        return frozenset(self._until_ns)

    def ask(self, camera: str, until_ns: int) -> None:
        """Show it; a moment that is past takes it back."""
        self._until_ns[camera] = until_ns

    def due(self, now_ns: int) -> list[str]:
        """Which to draw now; those whose time is over end."""
        for camera in [name for name, until_ns in self._until_ns.items() if now_ns >= until_ns]:
            self.end(camera)
        return [name for name in self._until_ns if now_ns >= self._next_ns.get(name, 0)]

    def keep(self, camera: str, picture: Rgb, now_ns: int) -> TicketFields | None:
        """Where it lies now; None where this computer has no room for it."""
        self._next_ns[camera] = now_ns + round(NS_PER_S / RATE_HZ)
        writer = self._writers.get(camera)
        if writer is not None and (writer.last["height_px"], writer.last["width_px"]) != picture.shape[:2]:
            self._writers.pop(camera).close()
            writer = None
        try:
            if writer is None:
                height, width = picture.shape[:2]
                writer = self._writers[camera] = PictureWriter(f"overlay-{camera}", (height, width, 3), "uint8")
        except NoRoom:
            return None
        return writer.write(picture)

    def end(self, camera: str) -> None:
        """Nothing of it stays on this host."""
        self._until_ns.pop(camera, None)
        self._next_ns.pop(camera, None)
        if camera in self._writers:
            self._writers.pop(camera).close()

    def close(self) -> None:
        """All of them."""
        for camera in [*self._until_ns, *self._writers]:
            self.end(camera)


def drawn(camera: RigCamera, picture: Picture, people: Sequence[Seen], solved: Sequence[Solved]) -> Rgb:
    """[H, 480, 3]. A picture that is none, as the synthetic performer's, is grey."""
    width, height = picture.size_px if min(picture.size_px) > 1 else camera.size_px
    size = (WIDTH_PX, round(WIDTH_PX * height / width))
    if min(picture.size_px) > 1:
        canvas = _cv.cvtColor(_cv.resize(picture.bgr, size, interpolation=_cv.INTER_AREA), _cv.COLOR_BGR2RGB)
    else:
        canvas = np.full((size[1], size[0], 3), _GREY, np.uint8)
    for one in solved:
        scale = np.asarray(size, dtype=np.float64) / camera.size_px
        _skeleton(canvas, project(camera, one.joints_m) * scale, one.quality_u8)
    for person in people:
        _landmarks(canvas, person, np.asarray(size, dtype=np.float64) / person.size_px)
    return canvas


def _skeleton(canvas: Rgb, joints_px: Floats, quality_u8: NDArray[np.uint8]) -> None:
    for row, parent in enumerate(PARENTS):
        if parent > 0:  # the root lies on the floor
            sure = int(quality_u8[row]) >= _SURE_U8 if len(quality_u8) else False
            _line(canvas, joints_px[parent], joints_px[row], _SOLVED if sure else _UNSURE, 3)


def _landmarks(canvas: Rgb, person: Seen, scale: Floats) -> None:
    if person.body_px is not None:
        body = person.body_px * scale
        shown = person.body_visibility if person.body_visibility is not None else np.ones(len(body))
        for a, b in _LIMBS:
            if min(shown[a], shown[b]) > 0.5:
                _line(canvas, body[a], body[b], _SEEN, 1)
        _dots(canvas, body[shown > 0.5], _SEEN, 2)
    for hand in (person.left_hand_px, person.right_hand_px):
        if hand is not None:
            _dots(canvas, hand * scale, _HAND, 1)
    if person.face_px is not None:
        _dots(canvas, person.face_px[::_FACE_EVERY] * scale, _FACE, 0)


def _dots(canvas: Rgb, points_px: Floats, colour: tuple[int, int, int], radius: int) -> None:
    for x, y in points_px[_near(canvas, points_px)]:
        _cv.circle(canvas, (round(x), round(y)), radius, colour, -1, _cv.LINE_AA)


def _line(canvas: Rgb, a: Floats, b: Floats, colour: tuple[int, int, int], thickness: int) -> None:
    if _near(canvas, np.stack((a, b))).all():
        ends = [(round(float(x)), round(float(y))) for x, y in (a, b)]
        _cv.line(canvas, *ends, colour, thickness, _cv.LINE_AA)


def _near(canvas: Rgb, points_px: Floats) -> NDArray[np.bool_]:
    """Points that are numbers, in the picture or not far from it."""
    return (np.abs(points_px) < 4 * max(canvas.shape)).all(axis=-1)
