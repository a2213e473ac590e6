"""Hands and face, looked for in a thread beside the body, in crops that the body leads.

In a whole picture of a set they are too small to be found. They are looked for while the body is, where the picture
before had it, and count only where the body of their own picture has a wrist or eyes for them.

On set nothing waits for them: the body goes on ahead. A hand that took longer goes along with the next picture, moved
as the wrist did since; a face is told by itself, with the moment of its own picture. While a hand or the face of one
picture is still looked for, the next picture's is left out.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

from capture import found
from capture.cameras.picture import Picture
from capture.detector import Box, hand_box, head_box, kept_box, whole
from capture.found import Cropped
from capture.seen import Seen

SIDES = ("left", "right")
STEPS_BACK = 2
LookAt = Callable[[Any, int], Any]
"""What a detector says of part of a picture [H, W, 3] of some moment."""


class Eyes(NamedTuple):
    """The detectors; whatever is not looked for has none."""

    hands: Mapping[str, LookAt]
    """By side: each is followed from picture to picture."""
    face: LookAt | None = None


class Beside:
    """One camera's."""

    def __init__(self, make: Callable[[], Eyes], hands_every: int, steps_back: int = STEPS_BACK) -> None:
        """`make` is called in the thread itself: what it starts has to step back behind bodies, too."""
        self.tell: Callable[[Seen], None] | None = None
        """Set: no body waits, and this is told of faces that took longer. None: every body waits for all it has."""
        self._thread = ThreadPoolExecutor(1, "beside a body", _step_back, (steps_back,))
        self._eyes, self._every = self._thread.submit(make).result(), hands_every
        self._crops: dict[str, Box] = {}
        self._turn, self._begun = 1, -hands_every
        self._face: tuple[int, Future[Cropped | None]] | None = None
        self._hands: tuple[int, Future[list[Cropped]]] | None = None
        self._hands_of: Seen | None = None
        self._late: list[tuple[Seen, Cropped]] = []

    def begin(self, rgb: Any, picture: Picture, body: Seen, face: bool) -> None:
        """Look for what a body of the picture before, or of this one, suggests."""
        if self._eyes.face and face and (self._face is None or self._face[1].done()):
            self._face = picture.t_ns, self._thread.submit(self._face_in, self._eyes.face, rgb, picture, body)
        self._gather(wait=False)
        sides = self._due(picture.number) if self._eyes.hands and self._hands is None else ()
        if sides:
            self._hands_of = None
            self._hands = picture.t_ns, self._thread.submit(self._hands_in, rgb, picture, body, sides)

    def joined(self, body: Seen) -> Seen:
        """The body with what was found beside it."""
        if self._hands and self._hands[0] == body.t_ns:
            self._hands_of = body
        self._gather(wait=self.tell is None)
        for of, cropped in self._late:
            body = found.carried(body, found.with_hand(of, cropped), cropped.what)
        self._late = []
        return self._with_face(body)

    def forget(self) -> None:
        """No body was in the picture: what was begun for it is of nobody."""
        self._gather(wait=self.tell is None)
        self._late = []
        if self._face and self.tell is None:
            self._face[1].result()

    def close(self) -> None:
        """As soon as it has looked."""
        self._thread.shutdown()

    def _gather(self, wait: bool) -> None:
        if self._hands and (wait or self._hands[1].done()):
            hands, of = self._hands[1].result(), self._hands_of
            self._late += [(of, hand) for hand in hands] if of else []
            self._hands = self._hands_of = None

    def _due(self, number: int) -> tuple[str, ...]:
        """Hands take turns: both in one picture would make every so many pictures late."""
        if self._every == 1:
            return SIDES
        if 0 <= number - self._begun < self._every // 2:
            return ()
        self._turn, self._begun = 1 - self._turn, number
        return (SIDES[self._turn],)

    def _with_face(self, body: Seen) -> Seen:
        if self._face is None or self._face[0] != body.t_ns:
            return body
        work, tell = self._face[1], self.tell
        if tell is None or work.done():
            cropped = work.result()
            return found.with_face(body, cropped) if cropped else body

        def later(work: Future[Cropped | None]) -> None:
            cropped = work.result()
            seen = found.with_face(body, cropped) if cropped else body
            if seen.face_shapes is not None:
                tell(seen)

        work.add_done_callback(later)
        return body

    # --- in its thread ------------------------------------------------------------------------------------------------

    def _hands_in(self, rgb: Any, picture: Picture, body: Seen, sides: tuple[str, ...]) -> list[Cropped]:
        hands = [self._hand_in(rgb, picture, body, side) for side in sides]
        return [hand for hand in hands if hand is not None]

    def _hand_in(self, rgb: Any, picture: Picture, body: Seen, side: str) -> Cropped | None:
        """Followed, which is twice as quick as finding it: for that its crop must hardly move in the picture."""
        assert body.body_px is not None
        assert body.body_visibility is not None
        wanted = hand_box(body.body_px, body.body_visibility, side)
        if wanted is None:
            self._crops.pop(side, None)
            return None
        box = self._crops[side] = kept_box(self._crops.get(side), wanted)
        part = whole(box, picture.size_px)
        return Cropped(side, self._eyes.hands[side](rgb[part], picture.t_ns), part, box) if part else None

    def _face_in(self, look_at: LookAt, rgb: Any, picture: Picture, body: Seen) -> Cropped | None:
        assert body.body_px is not None
        assert body.body_visibility is not None
        assert body.body_world_m is not None
        box = head_box(body.body_px, body.body_visibility, body.body_world_m)
        part = whole(box, picture.size_px) if box else None
        if part is None:
            return None
        said = look_at(rgb[part], picture.t_ns)
        return Cropped("face", said, part, box) if said.face_landmarks else None


def _step_back(steps: int) -> None:
    """Where threads have priorities of their own, bodies come first; whatever this thread starts inherits it."""
    if sys.platform == "linux":
        mine = threading.get_native_id()
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, mine, os.getpriority(os.PRIO_PROCESS, mine) + steps)
