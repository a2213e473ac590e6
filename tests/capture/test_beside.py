"""Hands and face beside the body: which body waits for them, and what becomes of those that took longer."""

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from capture.beside import Beside, Eyes
from capture.cameras.picture import Picture
from capture.found import nobody
from capture.seen import BODY, HAND_POINTS, Seen

SIZE = (640, 480)
RGB = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
WRIST = {side: BODY.index(f"{side}_wrist") for side in ("left", "right")}
PATIENCE_S = 20.0


def picture(number: int) -> Picture:
    return Picture("cam", number, 1_000 + number * 33, 1_001 + number * 33, RGB)


def body(number: int, moved_px: float = 0.0) -> Seen:
    """Somebody who faces the camera, arms out, further to the right from picture to picture."""
    px = np.full((len(BODY), 2), (320.0, 160.0))
    for name, at in {
        "left_shoulder": (370, 200), "right_shoulder": (270, 200), "left_hip": (350, 330), "right_hip": (290, 330),
        "left_elbow": (420, 220), "right_elbow": (220, 220), "left_wrist": (480, 240), "right_wrist": (160, 240),
        "left_ear": (335, 158), "right_ear": (305, 158), "left_eye_outer": (330, 150), "right_eye_outer": (310, 150),
    }.items():  # fmt: skip
        px[BODY.index(name)] = at
    metres = np.zeros((len(BODY), 3))
    metres[BODY.index("nose"), 2] = -0.1
    seen = nobody(picture(number))
    return seen._replace(body_px=px + (moved_px, 0.0), body_visibility=np.ones(len(BODY)), body_world_m=metres)


class Slow:
    """A detector that finds what it was told, but not before it is let; it says of which moments it was asked."""

    def __init__(self, said: Callable[[Any], Any]) -> None:
        self.said, self.free, self.asked = said, threading.Event(), list[int]()

    def __call__(self, rgb: Any, t_ns: int) -> Any:
        self.asked.append(t_ns)
        assert self.free.wait(PATIENCE_S)
        return self.said(rgb)


def a_hand(_crop: Any) -> Any:
    """All its points in the middle of the crop, which is near the wrist."""
    point = SimpleNamespace(x=0.5, y=0.5)
    return SimpleNamespace(
        hand_landmarks=[[point] * HAND_POINTS],
        handedness=[[SimpleNamespace(category_name="Left", score=0.5)]],
    )


def a_face(_crop: Any) -> Any:
    """Its eyes are where the body has them; its crop is 78 px wide, for the body's ears are 30 px apart."""
    points = [SimpleNamespace(x=0.5, y=0.5) for _ in range(478)]
    for row, x in ((33, 0.37), (263, 0.63)):
        points[row] = SimpleNamespace(x=x, y=0.4)
    return SimpleNamespace(
        face_landmarks=[points],
        face_blendshapes=[[SimpleNamespace(category_name="jawOpen", score=0.7)]],
        facial_transformation_matrixes=[np.eye(4)],
    )


class Room(SimpleNamespace):
    beside: Beside
    hands: dict[str, Slow]
    face: Slow

    def look(self, number: int, moved_px: float = 0.0) -> Seen:
        self.beside.begin(RGB, picture(number), body(number), True)
        return self.beside.joined(body(number, moved_px))


@pytest.fixture
def room(request: pytest.FixtureRequest) -> Iterator[Room]:
    hands, face = {side: Slow(a_hand) for side in WRIST}, Slow(a_face)
    beside = Beside(lambda: Eyes(hands, face), getattr(request, "param", 1))
    yield Room(beside=beside, hands=hands, face=face)
    for slow in (*hands.values(), face):
        slow.free.set()
    beside.close()


def all_done(room: Room) -> None:
    """Until its thread has nothing to do."""
    for slow in (*room.hands.values(), room.face):
        slow.free.set()
    room.beside._thread.submit(lambda: None).result(PATIENCE_S)


def test_a_take_s_body_waits_for_all_it_has(room: Room) -> None:
    threading.Thread(target=all_done, args=[room]).start()
    seen = room.look(0)
    assert seen.left_hand_px is not None and seen.right_hand_px is not None
    assert seen.face_shapes is not None and seen.face_shapes.max() == 0.7


def test_on_set_a_body_goes_ahead_and_a_late_hand_moves_with_the_next_wrist(room: Room) -> None:
    room.beside.tell = lambda _: None
    assert room.look(0).left_hand_px is None, "nothing waits"
    all_done(room)
    first = room.look(1, 0.0)
    assert first.left_hand_px is not None and first.right_hand_px is not None
    all_done(room)
    second = room.look(2, 40.0)
    assert second.left_hand_px is not None
    np.testing.assert_allclose(second.left_hand_px - first.left_hand_px, np.full((HAND_POINTS, 2), (40.0, 0.0)))


def test_a_late_face_is_told_with_its_own_picture_s_moment(room: Room) -> None:
    told: list[Seen] = []
    room.beside.tell = told.append
    assert room.look(0).face_shapes is None
    assert room.look(1).face_shapes is None, "left out: the one before is still looked for"
    all_done(room)
    (late,) = told
    assert late.t_ns == picture(0).t_ns
    assert late.face_shapes is not None and late.face_shapes.max() == 0.7
    assert room.face.asked == [picture(0).t_ns]


def test_what_was_found_for_a_picture_without_a_body_is_nobody_s(room: Room) -> None:
    room.beside.tell = lambda _: None
    room.beside.begin(RGB, picture(0), body(-1), True)
    room.beside.forget()
    all_done(room)
    assert room.beside.joined(body(1)).left_hand_px is None


@pytest.mark.parametrize("room", [2, 4], indirect=True)
def test_hands_take_turns(room: Room) -> None:
    all_done(room)
    for number in range(8):
        room.look(number)
    every = room.beside._every
    asked = {side: [(t_ns - 1_000) // 33 for t_ns in slow.asked] for side, slow in room.hands.items()}
    assert asked == {"left": list(range(0, 8, every)), "right": list(range(every // 2, 8, every))}
