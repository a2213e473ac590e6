"""Capture live: what the eyes see becomes poses on the bus, and consent opens and shuts them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bridge.clock import NS_PER_S, FakeClock
from bridge.consent import decisions
from bridge.consent.ledger import Ledger, Person
from bridge.consent.rows import Granted, Use, UseStarted, UseStopped
from bridge.consent.running import RunningUses
from bridge.messages import (
    Alarm,
    CaptureCamera,
    FaceShapes,
    Message,
    PerformerState,
    SkeletonDefinition,
    SkeletonPose,
    decode,
    encode,
    topic,
)
from bridge.performed import ARKIT_SHAPES
from bridge.service import Desk
from capture.bones import ROW
from capture.live.eyes import Eyes, Looked
from capture.live.permission import Permission
from capture.live.service import Capture, Plan
from capture.live.show import joints_of
from capture.seen import Seen
from tests.capture import performer_made as made
from tests.capture.live_made import Always, Film, Script, capture_of

LEDGER_NOW_NS = 1_000 * NS_PER_S


# --- consent ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.made(tmp_path / "consent.sqlite", by="test", utc=lambda: LEDGER_NOW_NS) as ledger:
        yield ledger


def agreed(ledger: Ledger, performer: str, *uses: Use) -> None:
    asked = Granted(
        performer=performer,
        uses=uses,
        project="Night Train",
        from_utc_ns=0,
        until_utc_ns=10_000 * NS_PER_S,
        agreement_sha256="a" * 64,
        by="test",
    )
    ledger.grant(asked, Person(f"Name of {performer}", "paper.pdf"))


def permission_of(ledger: Ledger, clock: FakeClock, *performers: str, faces: bool = False) -> Permission:
    uses = RunningUses(ledger.path, "capture", clock=clock, utc=lambda: LEDGER_NOW_NS)
    return Permission(uses, performers, "Night Train", source="0", faces=faces, clock=clock)


def test_everybody_on_the_list_must_have_agreed(ledger: Ledger) -> None:
    clock = FakeClock(NS_PER_S)
    agreed(ledger, "ana", "capture")
    permission = permission_of(ledger, clock, "ana", "bo")
    assert not permission.rule().capture
    assert "bo" in permission.ruling.reason
    agreed(ledger, "bo", "capture")
    clock.advance(0.5)
    assert not permission.rule().capture, "asked once a second"
    clock.advance(0.6)
    assert permission.rule().capture
    permission.close()


def test_a_face_is_asked_for_by_itself(ledger: Ledger) -> None:
    clock = FakeClock(NS_PER_S)
    agreed(ledger, "ana", "capture")
    permission = permission_of(ledger, clock, "ana", faces=True)
    assert permission.rule()[:2] == (True, False)
    permission.close()


def test_a_suspension_stops_what_runs_within_a_second_and_the_log_says_so(ledger: Ledger) -> None:
    """By the clock that is passed in: ten turns of the loop, no more."""
    clock = FakeClock(NS_PER_S)
    agreed(ledger, "ana", "capture")
    permission = permission_of(ledger, clock, "ana")
    truth, rig = made.walk(frames=12), made.rig()
    seen = made.sequences(truth, rig)
    scripts = [(Film(camera.name), Script({})) for camera in rig.cameras]
    eyes = Eyes(scripts, clock)
    capture = Capture(Plan(("ana",), "full", rig), eyes, permission, Desk("capture", clock, lambda _: None), clock)
    said = capture.tick(clock())
    assert eyes.looking
    for frame in range(12):
        for camera in rig.cameras:
            said += capture.see(Looked((seen[camera.name][frame],), 0.01))
    poses = [one for one in said if isinstance(one, SkeletonPose)]
    assert len(poses) >= 8 and not any(pose.lost for pose in poses)
    ledger.write(lambda now: (decisions.suspend(now, "ana", 0, "ana", "asked to stop"),))
    stopped: list[Message] = []
    turns = 0
    while eyes.looking:
        clock.advance(0.1)
        stopped += capture.tick(clock())
        turns += 1
        assert turns <= 10
    assert [one.lost for one in stopped if isinstance(one, SkeletonPose)][-1]
    assert any(isinstance(one, Alarm) and "capture stopped" in one.text for one in stopped)
    states = [one for one in stopped if isinstance(one, PerformerState)]
    assert (states[-1].consent, states[-1].capturing) == ("suspended", False)
    kinds = [type(row) for row in ledger.rows()[0]]
    assert kinds.count(UseStarted) == kinds.count(UseStopped) == 1
    assert capture.tick(clock.advance(0.1)) == [] or not eyes.looking
    eyes.close()
    permission.close()


# --- what is said -----------------------------------------------------------------------------------------------------


def test_poses_follow_the_performer_and_the_definition_comes_first() -> None:
    clock, truth, rig = FakeClock(), made.walk(frames=40), made.rig()
    seen, capture = made.sequences(truth, rig, bias_px=0.0, noise_px=0.5), None
    capture = capture_of(rig, clock)
    said: list[Message] = []
    for frame in range(40):
        clock.now_ns = round((frame / 30 + 0.03) * 1e9)
        for camera in rig.cameras:
            said += capture.see(Looked((seen[camera.name][frame],), 0.01))
    first = next(index for index, one in enumerate(said) if isinstance(one, SkeletonPose))
    assert any(isinstance(one, SkeletonDefinition) for one in said[:first])
    bones = [one for one in said if isinstance(one, SkeletonDefinition)][-1]
    pose = [one for one in said if isinstance(one, SkeletonPose)][-1]
    joints, _ = joints_of(bones, pose)
    frame = round(pose.t_ns * 30 / 1e9)
    knees = [ROW["calf_l"], ROW["calf_r"], ROW["lowerarm_l"], ROW["lowerarm_r"]]
    assert np.linalg.norm(joints[knees] - truth.joints_m[frame][knees], axis=1).max() < 0.06
    capture.eyes.close()


def test_cameras_that_fall_silent_leave_a_performer_stale_and_then_lost() -> None:
    clock, truth, rig = FakeClock(), made.walk(frames=12), made.rig()
    seen, capture = made.sequences(truth, rig), capture_of(rig, clock)
    for frame in range(12):
        clock.now_ns = round((frame / 30 + 0.03) * 1e9)
        for camera in rig.cameras:
            capture.see(Looked((seen[camera.name][frame],), 0.01))
    marks = []
    for _ in range(14):
        clock.advance(0.1)
        marks += [(one.stale, one.lost) for one in capture.tick(clock()) if isinstance(one, SkeletonPose)]
    assert marks == [(True, False), (True, True)]
    capture.eyes.close()


def test_one_uncalibrated_camera_is_monocular_and_says_so() -> None:
    clock, rig = FakeClock(), made.rig(1)
    truth = made.walk(frames=20)
    seen, capture = made.sequences(truth, rig), capture_of(None, clock)
    said: list[Message] = []
    for frame in range(20):
        clock.now_ns = round((frame / 30 + 0.03) * 1e9)
        said += capture.see(Looked((seen["cam1"][frame],), 0.01))
    poses = [one for one in said if isinstance(one, SkeletonPose)]
    assert poses and poses[-1].cameras == 1
    assert "depth is a guess" in capture.desk.note
    capture.eyes.close()


def test_a_face_goes_out_with_its_head_and_falls_silent_by_itself() -> None:
    clock, rig = FakeClock(NS_PER_S), made.rig(1)
    capture = capture_of(rig, clock)
    shapes, pose = np.zeros(52), np.eye(4)
    shapes[ARKIT_SHAPES.index("jawOpen")] = 0.5
    pose[:3, 3] = (0.0, 0.0, 2.0)
    face = Seen("cam1", NS_PER_S, NS_PER_S, (1280, 720), face_shapes=shapes, camera_from_head=pose)
    (said,) = [one for one in capture.see(Looked((face,), 0.01)) if isinstance(one, FaceShapes)]
    assert np.frombuffer(said.shapes_f32, "<f4")[ARKIT_SHAPES.index("jawOpen")] == pytest.approx(0.5)
    camera = rig.cameras[0]
    assert np.linalg.norm(np.array(said.head_position_m) - camera.position_m) == pytest.approx(2.0)
    clock.advance(1.2)
    (gone,) = [one for one in capture.tick(clock()) if isinstance(one, FaceShapes)]
    assert gone.stale and gone.lost
    capture.eyes.close()


def test_whatever_is_said_of_an_uncalibrated_camera_can_be_sent() -> None:
    """numpy's numbers look like Python's, and the bus refuses them: the service must not end over one."""
    clock, rig = FakeClock(NS_PER_S), made.rig(1)
    seen = made.sequences(made.walk(frames=8), rig)["cam1"]
    film = Film("cam1")
    capture = Capture(
        Plan(("ana",), "full", None),
        Eyes([(film, Script({}))], clock),
        Always(),  # type: ignore[arg-type]
        Desk("capture", clock, lambda _: None),
        clock,
    )
    said: list[Message] = []
    for one in seen:
        said += capture.see(Looked((one,), 0.01))
    said += capture.tick(clock.advance(1.1))
    cameras = [one for one in said if isinstance(one, CaptureCamera)]
    assert cameras and cameras[0].half_view_unit[0] > 0
    for message in said:
        assert decode(topic(message), encode(message)) == message
    capture.eyes.close()
