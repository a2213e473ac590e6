"""Cameras brought to one moment: late ones interpolated, missing ones never waited for."""

import math

import numpy as np
import pytest

from capture.rig import Rig
from capture.seen import Seen
from capture.solve import matching
from tests.capture.performer_made import rig

FRAME_NS = 33_333_333


def seen(camera: str, t_ns: int, x_px: float, arrival_ns: int | None = None) -> Seen:
    return Seen(
        camera,
        t_ns,
        t_ns + 20_000_000 if arrival_ns is None else arrival_ns,
        (1280, 720),
        body_px=np.full((33, 2), x_px),
        body_visibility=np.ones(33),
    )


def played(cameras: Rig, pictures: list[Seen]) -> list[matching.SeenSet]:
    state, sets = matching.MatchState(), list[matching.SeenSet]()
    for picture in sorted(pictures, key=lambda one: one.t_arrival_ns):
        state, more = matching.step(matching.Matching(cameras), state, (picture,))
        sets += more
    return sets


def test_cameras_in_step_are_taken_as_they_are() -> None:
    cameras = rig(3)
    pictures = [seen(c.name, n * FRAME_NS, 100.0 + n) for n in range(10) for c in cameras.cameras]
    sets = played(cameras, pictures)
    assert [made.t_ns for made in sets] == [n * FRAME_NS for n in range(10)]
    assert all(not made.degraded and len(made.views) == 3 for made in sets)


@pytest.mark.parametrize("late_frames", [1.0, 0.5, -0.3])
def test_a_camera_out_of_step_is_moved_to_the_tick(late_frames: float) -> None:
    """Everything moves 10 px a frame: each camera must say what it would have seen at the tick."""
    late_ns = round(late_frames * FRAME_NS)
    cameras = rig(2)
    late = Rig((cameras.cameras[0], cameras.cameras[1]._replace(late_s=late_ns * 1e-9)), 0.5)
    pictures = [seen("cam1", n * FRAME_NS, 10.0 * n) for n in range(12)]
    odd_ns = 9_000_000  # its shutter opens between the other's
    pictures += [seen("cam2", n * FRAME_NS + odd_ns + late_ns, 10.0 * (n + odd_ns / FRAME_NS)) for n in range(12)]
    for made in played(late, pictures)[2:10]:
        body = made.views["cam2"].people[0].body_px
        assert body is not None
        assert np.abs(body - 10.0 * made.t_ns / FRAME_NS).max() < 1e-3


def test_what_lies_between_pictures_far_apart_says_so() -> None:
    """A performer does not go straight for a third of a second."""
    cameras = rig(2)
    pictures = [seen("cam1", n * FRAME_NS, 10.0 * n) for n in range(40)]
    pictures += [seen("cam2", n * FRAME_NS + FRAME_NS // 2, 10.0 * n) for n in range(40) if not 12 <= n < 21]
    sets = played(cameras, pictures)
    apart = {round(one.t_ns / FRAME_NS): one.views["cam2"].apart_s for one in sets if "cam2" in one.views}
    assert apart[5] == apart[30] == pytest.approx(FRAME_NS * 1e-9)
    assert apart[12] == apart[13] == math.inf  # nobody waits for so long: carried on
    assert all(one.views["cam1"].apart_s == 0.0 for one in sets)


def test_an_unplugged_camera_stalls_nothing_and_fades() -> None:
    cameras = rig(3)
    pictures = [
        seen(c.name, n * FRAME_NS, 5.0 * n)
        for n in range(60)
        for c in cameras.cameras
        if c.name != "cam2" or not 20 <= n < 40
    ]
    sets = played(cameras, pictures)
    assert len(sets) >= 58
    trust = [made.views["cam2"].trust_unit if "cam2" in made.views else 0.0 for made in sets]
    assert trust[10] == 1.0
    assert trust[30] == 0.0
    assert trust[-1] == 1.0
    assert np.abs(np.diff(trust)).max() < 0.5
    assert sets[30].missing == ("cam2",)
    assert not sets[-1].degraded


def test_when_the_first_camera_goes_the_next_sets_the_ticks() -> None:
    cameras = rig(2)
    pictures = [
        seen(c.name, n * FRAME_NS, 0.0) for n in range(40) for c in cameras.cameras if c.name == "cam2" or n < 20
    ]
    times = [made.t_ns for made in played(cameras, pictures)]
    assert len(times) >= 34
    assert times == sorted(set(times))


def test_no_set_waits_longer_than_it_may() -> None:
    cameras = rig(2)
    pictures = [
        seen(c.name, n * FRAME_NS, 0.0) for n in range(30) for c in cameras.cameras if c.name == "cam1" or n < 5
    ]
    state = matching.MatchState()
    for picture in sorted(pictures, key=lambda one: one.t_arrival_ns):
        state, sets = matching.step(matching.Matching(cameras), state, (picture,))
        for made in sets:
            assert picture.t_arrival_ns - made.t_ns <= 20_000_000 + 2 * FRAME_NS


def test_two_people_keep_their_own_motion() -> None:
    a, b = (seen("cam1", 0, 100.0), seen("cam1", 0, 600.0)), (seen("cam1", 1, 590.0), seen("cam1", 1, 120.0))
    kept = [(float(old.body_px[0, 0]), float(new.body_px[0, 0])) for old, new in matching.pairs(a, b)]  # type: ignore[index]
    assert sorted(kept) == [(100.0, 120.0), (600.0, 590.0)]


def test_a_strange_camera_and_an_old_picture_are_ignored() -> None:
    state = matching.MatchState()
    state, none = matching.step(matching.Matching(rig(1)), state, (seen("other", 0, 0.0),))
    assert none == []
    state, _ = matching.step(matching.Matching(rig(1)), state, (seen("cam1", 5 * FRAME_NS, 0.0),))
    assert matching.step(matching.Matching(rig(1)), state, (seen("cam1", 4 * FRAME_NS, 0.0),))[1] == []
