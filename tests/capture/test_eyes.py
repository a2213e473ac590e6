"""The eyes: one thread a camera, what is kept while they are open, which model they look with."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bridge.clock import NS_PER_S, FakeClock
from bridge.messages import FaceShapes
from bridge.service import Desk
from capture.live.eyes import WAITING, Eyes, Looked
from capture.live.service import Capture, Plan
from tests.capture import performer_made as made
from tests.capture.live_made import Always, Film, Script, capture_of, heard


@pytest.fixture
def pair() -> Iterator[tuple[Film, Script, Eyes]]:
    film, script = Film("cam1"), Script({})
    eyes = Eyes([(film, script)], FakeClock())
    yield film, script, eyes
    eyes.close()


def test_shut_eyes_look_at_nothing(pair: tuple[Film, Script, Eyes]) -> None:
    film, script, eyes = pair
    film.show(0)
    eyes.look()
    film.show(1)
    assert [one.people[0].t_ns for one in heard(eyes, 1)] == [round(1e9 / 30)]
    assert script.looked == [1]
    eyes.shut()
    film.show(2)
    film.show(3)
    assert 3 not in script.looked or eyes.take() == []
    assert eyes.take() == []


def test_a_picture_with_nobody_in_it_says_nobody(pair: tuple[Film, Script, Eyes]) -> None:
    film, _, eyes = pair
    eyes.look()
    film.show(4)
    (one,) = heard(eyes, 1)
    assert len(one.people) == 1
    assert one.people[0].body_px is None
    assert one.people[0].camera == "cam1"


def test_a_face_that_took_longer_is_said_of_its_own_moment_and_nobody_moves_back(
    pair: tuple[Film, Script, Eyes],
) -> None:
    _, script, eyes = pair
    clock, truth, rig = FakeClock(NS_PER_S), made.walk(frames=12), made.rig()
    capture = capture_of(rig, clock)
    eyes.look()
    seen = made.sequences(truth, rig)
    for frame in range(12):
        for camera in rig.cameras:
            capture.see(Looked((seen[camera.name][frame],), 0.01))
    late = seen["cam1"][10]._replace(face_shapes=np.full(52, 0.25))
    script.tell(late)
    before = capture.state
    said = [message for looked in heard(eyes, 1) for message in capture.see(looked)]
    (face,) = said
    assert isinstance(face, FaceShapes)
    assert face.t_ns == late.t_ns
    assert capture.state.poses == before.poses and capture.state.people == before.people
    eyes.shut()
    script.tell(late)
    assert eyes.take() == [], "nothing is kept of whom nobody may look at"
    capture.eyes.close()


def test_a_loop_that_does_not_come_loses_the_oldest_and_they_are_counted(pair: tuple[Film, Script, Eyes]) -> None:
    film, script, eyes = pair
    eyes.look()
    for number in range(WAITING + 3):
        film.show(number)
    film.ended = True
    for thread in eyes._threads:
        thread.join(5)
    assert len(script.looked) == WAITING + 3
    assert [round(one.people[0].t_ns * 30 / 1e9) for one in eyes.take()] == [3, 4, 5, 6]
    assert eyes.dropped == 3


def test_cameras_change_to_a_cheaper_model_together_and_never_within_a_take(
    pair: tuple[Film, Script, Eyes],
) -> None:
    film, script, eyes = pair
    clock, truth, rig, words = FakeClock(NS_PER_S), made.walk(frames=12), made.rig(), list[str]()
    plan = Plan(("ana",), "full", rig, levels=("pose-lite", "pose-full"))
    desk = Desk("capture", clock, words.append)
    capture = Capture(plan, eyes, Always(), desk, clock)  # type: ignore[arg-type]
    seen = made.sequences(truth, rig)

    def look_s(seconds: float, turns: int) -> None:
        for _ in range(turns):
            capture.see(Looked((seen["cam2"][0],), 0.001))
            capture.see(Looked((seen["cam1"][0],), seconds))
            capture.tick(clock.advance(0.1))

    during: Any = SimpleNamespace(
        running=True, **dict.fromkeys(("tick", "recorded"), lambda *_: []), counts=lambda _: {}
    )
    capture.filming = during
    look_s(0.05, 30)
    assert (eyes.model, words) == ("", [])
    capture.filming = None
    look_s(0.05, 20)
    assert eyes.model == "pose-lite" and len(words) == 1 and "pose-lite from now on" in words[0]
    assert capture.show is not None
    assert {solving.model for solving in capture.show.company.performers} == {"lite"}, "joints are where lite sees them"
    eyes.look()
    for number in range(3):
        film.show(number)
    heard(eyes, 3)
    assert script.models == ["pose-lite"], "in its own thread, once"
    look_s(0.005, 120)
    assert eyes.model == "pose-full"
