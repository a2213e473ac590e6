"""A set with nobody on it, drawn, looked at by the real models, through the service's mind: nothing is invented.

The models are not in the repository: `cyc models get pose-full face` first, or this skips.
"""

import os
from pathlib import Path

import pytest

from bridge.clock import NS_PER_S, FakeClock
from bridge.messages import FaceShapes, Message, SkeletonDefinition, SkeletonPose
from bridge.models import Home, ModelFault, read_home, ready_file
from bridge.service import Desk
from capture.cameras.picture import Picture
from capture.live.eyes import Eyes, Looked
from capture.live.service import Capture, Plan
from capture.rig import Rig
from capture.synthetic.cameras import ring
from capture.synthetic.clips import Shoot, shot
from capture.synthetic.truth import Performance
from tests.capture.live_made import Always
from tests.capture.synthetic_people import person

pytestmark = pytest.mark.slow
pytest.importorskip("mediapipe")
from capture.found import nobody  # noqa: E402
from capture.landmarks import Landmarks, LookFor  # noqa: E402

RATE = (30, 1)
FIRST, THERE, AFTER = range(4), range(4, 14), range(14, 48)
"""Pictures: of an empty set, with a performer on it, of an empty set for longer than a second."""


@pytest.fixture(scope="module")
def home() -> Home:
    folder, user = os.environ.get("CYC_MODELS"), Path.home() / ".cyclorama"
    home = Home(Path(folder)) if folder else read_home(user / "models.toml", user / "models")
    try:
        for name in ("pose-full", "face"):
            ready_file(name, home)
    except ModelFault as fault:
        pytest.skip(str(fault))
    return home


@pytest.fixture(scope="module")
def looked(home: Home) -> list[list[Looked]]:
    """[moment][camera]: what the models see of an empty set, a performer, and an empty set again."""
    rig, who = ring(2), Performance(person("woman"), "wave")
    columns = list[list[Looked]]()
    for camera in rig.cameras:
        eye = Landmarks(LookFor("pose-full", face=True), home)
        column = list[Looked]()
        for cast, numbers in (([], FIRST), ([who], THERE), ([], AFTER)):
            for number, bgr in zip(numbers, shot(cast, rig, Shoot(RATE, AFTER.stop), camera, numbers), strict=True):
                t_ns = NS_PER_S + round(number / 30 * NS_PER_S)
                picture = Picture(camera.name, number, t_ns, t_ns, bgr)
                column.append(Looked(tuple(eye.look(picture)) or (nobody(picture),), 0.01))
        eye.close()
        columns.append(column)
    return [list(moment) for moment in zip(*columns, strict=True)]


def said_of(moments: list[list[Looked]], rig: Rig | None) -> list[Message]:
    """By the service's mind, which ticks in between and for two seconds after."""
    clock = FakeClock(NS_PER_S)
    desk = Desk("capture", clock, print)
    capture = Capture(Plan(("ana",), "full", rig), Eyes([], clock), Always(), desk, clock)  # type: ignore[arg-type]
    said = list[Message]()
    for moment in moments:
        for looked in moment if rig else moment[:1]:
            clock.now_ns = looked.people[0].t_ns + NS_PER_S // 50
            said += capture.see(looked)
        said += capture.tick(clock())
    for _ in range(20):
        said += capture.tick(clock.advance(0.1))
    capture.eyes.close()
    return said


@pytest.mark.parametrize("rig", [None, ring(2)], ids=["one camera", "two cameras"])
def test_an_empty_set_is_nobody_and_who_leaves_is_lost(rig: Rig | None, looked: list[list[Looked]]) -> None:
    empty = said_of(looked[: THERE.start], rig)
    assert not [one for one in empty if isinstance(one, SkeletonPose | SkeletonDefinition | FaceShapes)]
    poses = [one for one in said_of(looked, rig) if isinstance(one, SkeletonPose)]
    numbers = [(pose.t_ns - NS_PER_S) * 30 / NS_PER_S for pose in poses]
    there = [pose for pose, number in zip(poses, numbers, strict=True) if number < AFTER.start - 0.5]
    assert len(there) >= len(THERE) - 3
    assert numbers[0] > THERE.start - 0.5
    assert not any(pose.stale or pose.lost for pose in there)
    after = [pose for pose, number in zip(poses, numbers, strict=True) if number > AFTER.start + 1.5]
    assert all(pose.stale for pose in after)
    assert poses[-1].lost
    assert not any(poses[-1].quality_u8), "no joint of whom nobody sees is sure"
    assert len({pose.bones_f32 for pose in after}) == 1, "the last pose is held, not carried on"
