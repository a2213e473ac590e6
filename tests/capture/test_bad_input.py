"""What goes wrong on a set, by the way it really goes: cameras' threads, detectors, the service's mind, its words.

Each camera here is `capture.device.Camera` on a film that the test pulls the cable of.
"""

import queue
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pytest

from bridge.clock import NS_PER_S, FakeClock
from bridge.messages import Alarm, CaptureCamera, Message, SkeletonPose
from bridge.service import Desk
from capture.cameras.address import Address, CameraFault
from capture.cameras.picture import Picture
from capture.live.eyes import Eyes, Looked
from capture.live.misfit import misfit
from capture.live.service import Capture, Plan
from capture.rig import Rig
from capture.seen import Seen
from tests.capture import performer_made as made
from tests.capture.live_made import Always, Script, heard

pytest.importorskip("cv2")
from capture.device import Camera

FRAMES, OUT = 60, range(24, 42)
PATIENCE = 4
"""Grabs that fail before a live camera counts as gone."""


class Socket:
    """What a cable goes into: films of it give the numbers that are fed, while it is in."""

    rate_hz, exposure_s, frames = 30.0, 0.0, 0

    def __init__(self, clock: FakeClock) -> None:
        self.fed, self.plugged, self.tried = queue.Queue[int](), True, 0
        self._clock, self._now = clock, -1

    def open(self, *_: object) -> "Socket":
        self.tried += 1
        if not self.plugged:
            raise CameraFault("0: no such camera, or another program has it: cyc capture list")
        return self

    def grab(self) -> bool:
        self._now = self.fed.get()
        return self._now >= 0

    def decode(self) -> np.ndarray:
        return np.full((4, 6, 3), self._now, np.uint8)

    def source_ns(self) -> int:
        return self._clock()

    def close(self) -> None: ...


class Reader(Script):
    """A detector that reads a frame's number off the picture, and says what is seen in that frame."""

    def __init__(self, sequence: list[Seen]) -> None:
        super().__init__({})
        self._sequence = sequence

    def look(self, picture: Picture) -> list[Seen]:
        seen = self._sequence[int(picture.bgr[0, 0, 0])]
        return [seen._replace(t_ns=picture.t_ns, t_arrival_ns=picture.t_arrival_ns)]


class Stage(NamedTuple):
    """Four plugged cameras before a performer, and the service that looks."""

    clock: FakeClock
    sockets: dict[str, Socket]
    capture: Capture

    def frame(self, number: int, skipping: str = "") -> list[Message]:
        """One moment of all cameras but one; what the service said of it."""
        self.clock.now_ns = NS_PER_S + round(number / made.RATE_HZ * NS_PER_S)
        said = list[Message]()
        for name, socket in self.sockets.items():
            if name != skipping:
                socket.fed.put(number)
                said += [one for looked in heard(self.capture.eyes, 1) for one in self.capture.see(looked)]
        return said

    def cameras(self) -> dict[str, CaptureCamera]:
        """As the service says them once a second."""
        self.capture.second_ns = 0
        return {one.subject: one for one in self.capture.tick(self.clock()) if isinstance(one, CaptureCamera)}


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr("capture.device.FIRST_WAIT_S", 0.001)
    monkeypatch.setattr("capture.device.LONGEST_WAIT_S", 0.002)
    clock, rig = FakeClock(NS_PER_S), made.rig(4)
    seen = made.sequences(made.walk(FRAMES), rig)
    sockets = {camera.name: Socket(clock) for camera in rig.cameras}
    pairs = [
        (Camera(name, Address("device", "0", "0"), clock=clock, opening=socket.open), Reader(seen[name]))  # type: ignore[arg-type]
        for name, socket in sockets.items()
    ]
    eyes = Eyes(pairs, clock)
    eyes.look()
    desk = Desk("capture", clock, print)
    yield Stage(clock, sockets, Capture(Plan(("ana",), "full", rig), eyes, Always(), desk, clock))  # type: ignore[arg-type]
    for socket in sockets.values():
        socket.plugged = False
        for _ in range(PATIENCE):
            socket.fed.put(-1)
    eyes.close()


def until_state(stage: Stage, name: str, state: str) -> CaptureCamera:
    """Its thread's own word, without guessing how long it takes."""
    bell = queue.Queue[int]()
    for _ in range(5000):
        said = stage.cameras()[name]
        if said.state == state:
            return said
        try:
            bell.get(timeout=0.001)
        except queue.Empty:
            continue
    raise AssertionError(f"{name} never was {state}")


def poses(said: list[Message]) -> list[SkeletonPose]:
    return [one for one in said if isinstance(one, SkeletonPose)]


def test_a_camera_unplugged_mid_take_is_said_and_missed_by_nobody_and_comes_back(stage: Stage) -> None:
    found = dict[int, SkeletonPose]()
    for number in range(FRAMES):
        if number == OUT.start:
            stage.sockets["cam3"].plugged = False
            for _ in range(PATIENCE):
                stage.sockets["cam3"].fed.put(-1)
            gone = until_state(stage, "cam3", "missing")
            assert "no such camera" in gone.fault or "is its cable in?" in gone.fault
        if number == OUT.stop:
            assert {name: one.state for name, one in stage.cameras().items()} == {
                "cam1": "running", "cam2": "running", "cam3": "missing", "cam4": "running",
            }  # fmt: skip
            tries = stage.sockets["cam3"].tried
            assert tries > 2, "it is tried again and again by itself"
            stage.sockets["cam3"].plugged = True
        for pose in poses(stage.frame(number, "cam3" if number in OUT else "")):
            found[round((pose.t_ns - NS_PER_S) * made.RATE_HZ / NS_PER_S)] = pose
    assert not any(pose.lost or pose.stale for pose in found.values())
    assert {found[number].cameras for number in (*range(10, 20), *range(50, 56)) if number in found} == {4}
    assert {found[number].cameras for number in range(30, 40) if number in found} == {3}
    assert len(found) > FRAMES - 6, "nobody waits for who is gone"
    back = stage.cameras()["cam3"]
    assert (back.state, back.reconnects, back.fault) == ("running", 1, "")


def test_a_camera_of_another_shape_than_its_calibration_is_left_out_and_said_once() -> None:
    clock, rig = FakeClock(NS_PER_S), made.rig(4)
    seen = made.sequences(made.walk(40), rig)
    eyes = Eyes([], clock)
    capture = Capture(Plan(("ana",), "full", rig), eyes, Always(), Desk("capture", clock, print), clock)  # type: ignore[arg-type]
    said = list[Message]()
    cut = {"cam2": (1280, 768)}
    for frame in range(40):
        clock.now_ns = round((frame / 30 + 0.03) * 1e9)
        for name in seen:
            size_px = cut.get(name, made.SIZE_PX) if 10 <= frame < 30 else made.SIZE_PX
            said += capture.see(Looked((seen[name][frame]._replace(size_px=size_px),), 0.01))
    eyes.close()
    (alarm,) = [one for one in said if isinstance(one, Alarm)]
    assert alarm.subject == "cam2"
    assert "sends pictures of 1280x768 and was calibrated with 1280x720: it is left out until" in alarm.text
    cameras = {round(pose.t_ns * 30 / 1e9): pose.cameras for pose in poses(said)}
    assert {cameras[frame] for frame in range(14, 28)} == {3}
    assert {cameras[frame] for frame in (*range(4, 9), *range(34, 38))} == {4}


@pytest.mark.parametrize("size_px", [(640, 360), (1920, 1080), (1920, 1088)])
def test_another_size_of_the_same_shape_is_the_same_view(size_px: tuple[int, int]) -> None:
    rig = made.rig(2)
    assert misfit(rig, (Seen("cam1", 0, 0, size_px),)) == ""
    assert misfit(Rig(rig.cameras[:1], 0.5), (Seen("cam1", 0, 0, (640, 480)),)) == "", "one camera is believed"
