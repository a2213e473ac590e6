"""Pictures that do not come or show nobody, by the way they take in the service: from what is seen to the bus."""

import numpy as np
import pytest

from bridge.clock import FakeClock
from bridge.messages import Message, SkeletonDefinition, SkeletonPose
from bridge.service import Desk
from capture.live.eyes import Eyes, Looked
from capture.live.permission import Ruling
from capture.live.service import Capture, Plan
from capture.live.show import joints_of
from capture.seen import Seen
from capture.solve import measures
from tests.capture import performer_made as made

RIG, RATE_HZ = made.rig(4), made.RATE_HZ


class Always:
    """A permission that is there."""

    def rule(self) -> Ruling:
        return Ruling(True, True)

    def said(self, _now_ns: int) -> list[Message]:
        return []

    def close(self) -> None: ...


def said_of(seen: dict[str, list[Seen]]) -> list[Message]:
    """Everything that the service puts on the bus; a picture comes 30 ms after it was taken, and time passes."""
    clock, said = FakeClock(), list[Message]()
    eyes = Eyes([], clock)
    capture = Capture(Plan(("ana",), "full", RIG), eyes, Always(), Desk("capture", clock, lambda _: None), clock)  # type: ignore[arg-type]
    pictures = sorted((one for column in seen.values() for one in column), key=lambda one: (one.t_ns, one.camera))
    for one in pictures:
        clock.now_ns = max(clock.now_ns, one.t_ns + 30_000_000)
        said += capture.see(Looked((one,), 0.01))
        said += capture.tick(clock.now_ns)
    eyes.close()
    return said


def poses_in(said: list[Message]) -> list[SkeletonPose]:
    return [one for one in said if isinstance(one, SkeletonPose)]


def nobody(one: Seen) -> Seen:
    return one._replace(body_px=None, body_visibility=None, body_world_m=None, left_hand_px=None, right_hand_px=None)


@pytest.mark.slow
@pytest.mark.parametrize(("unplugged", "missed"), [("cam1", 2), ("cam3", 0)], ids=["the first", "another"])
def test_an_unplugged_camera_is_missed_for_as_long_as_it_is_away(unplugged: str, missed: int) -> None:
    """Poses go on without it and say so; when it is back they say four again, by themselves and without a jump.

    The first camera sets the moments: until the second takes over two go by, and the pose is called stale meanwhile.
    """
    truth = made.walk(90)
    seen = made.sequences(truth, RIG)
    seen[unplugged] = [one for frame, one in enumerate(seen[unplugged]) if not 40 <= frame < 65]
    said = said_of(seen)
    poses = poses_in(said)
    frames = np.array([round(pose.t_ns * RATE_HZ / 1e9) for pose in poses])
    assert not any(pose.lost for pose in poses)
    assert sum(pose.stale for pose in poses) == (missed > 0)
    assert {pose.cameras for pose, frame in zip(poses, frames, strict=True) if 50 <= frame < 63} == {3}
    assert {pose.cameras for pose, frame in zip(poses, frames, strict=True) if 30 <= frame < 38 or frame > 70} == {4}
    assert np.diff(frames[frames >= 2]).max() <= 1 + missed
    bones = [one for one in said if isinstance(one, SkeletonDefinition)][-1]
    joints = np.array([joints_of(bones, pose)[0] for pose in poses])[:, measures.TWELVE_ROWS]
    off_m = np.linalg.norm(joints - truth.joints_m[frames][:, measures.TWELVE_ROWS], axis=-1).mean(axis=1)
    assert off_m[frames >= 35].max() < 0.045


def test_where_nobody_ever_is_nothing_is_said_of_anybody() -> None:
    seen = {name: [nobody(one) for one in column] for name, column in made.sequences(made.walk(45), RIG).items()}
    assert not [one for one in said_of(seen) if isinstance(one, SkeletonDefinition | SkeletonPose)]


def test_who_walks_out_of_the_picture_is_held_and_then_lost() -> None:
    """All cameras go on filming an empty stage: the last pose is held, called stale, then lost; none is made up."""
    seen = {
        name: [one if frame < 25 else nobody(one) for frame, one in enumerate(column)]
        for name, column in made.sequences(made.walk(75), RIG).items()
    }
    poses = poses_in(said_of(seen))
    marks = [(pose.stale, pose.lost) for pose in poses]
    assert marks[20] == (False, False)
    assert (True, False) in marks
    assert marks[-1] == (True, True)
    empty = [pose for pose in poses if pose.stale]
    assert {pose.bones_f32 for pose in empty} == {empty[0].bones_f32}
    assert not any(empty[-1].quality_u8)
