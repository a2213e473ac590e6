"""Two performers who do not touch: grouped across cameras and kept apart over time, in whatever order they are seen."""

import numpy as np
import pytest

from bridge.performed import SkeletonPose
from capture.bones import ROW
from capture.rig import project
from capture.seen import Seen
from capture.solve import association, matching, performers
from capture.solve.performer import Solving
from tests.capture.performer_made import Made, posed, rig, sequences, walk

RIG = rig(4, away_m=4.0)
COMPANY = performers.Company((Solving(RIG, "one"), Solving(RIG, "two")))
FRAMES = 50


def beside(seed: int, x_m: float, size: float) -> Made:
    still = walk(FRAMES, seed, scales=np.full(10, size))
    return posed(still.rest_m, still.rotations, still.root_m + [x_m, 0.0, 0.0])


ONE, TWO = beside(1, 0.9, 1.0), beside(2, -0.9, 0.96)


def pictures() -> list[matching.People]:
    """Both, in any order; a fifth of the pictures shows only one of them."""
    random = np.random.Generator(np.random.PCG64(7))
    first, second = sequences(ONE, RIG, 3), sequences(TWO, RIG, 4)
    found: list[matching.People] = []
    for frame in range(FRAMES):
        for camera in RIG.cameras:
            people = [first[camera.name][frame], second[camera.name][frame]]
            random.shuffle(people)
            found.append(tuple(people[: 1 if frame > 5 and random.random() < 0.2 else 2]))
    return found


def run(people: list[matching.People]) -> tuple[tuple[performers.Performer, ...], list[SkeletonPose]]:
    state, who, said = matching.MatchState(), (), list[SkeletonPose]()
    for each in people:
        state, sets = matching.step(matching.Matching(RIG), state, each)
        for ready in sets:
            who, messages = performers.step(COMPANY, who, ready)
            said += [message for message in messages if isinstance(message, SkeletonPose)]
    return who, said


def pelvis_m(pose: SkeletonPose) -> np.ndarray:
    rows = np.frombuffer(pose.bones_f32, dtype="<f4").reshape(-1, 7)
    return rows[0, 4:] + rows[1, 4:]


def test_both_are_found_and_stay_who_they_are() -> None:
    who, said = run(pictures())
    for name in ("one", "two"):
        own = [pose for pose in said if pose.subject == name]
        places = np.array([pelvis_m(pose)[0] for pose in own])
        assert len(own) >= FRAMES - 3
        assert (np.sign(places) == np.sign(places[0])).all()
        truth = ONE if places[0] > 0 else TWO
        last = truth.joints_m[round(own[-1].t_ns * 1e-9 * 30), ROW["pelvis"]]
        assert np.abs(pelvis_m(own[-1]) - last).max() < 0.08
    assert {np.sign(pelvis_m(next(p for p in said if p.subject == name))[0]) for name in ("one", "two")} == {-1.0, 1.0}
    for one in who:
        boxes = performers.boxes(RIG, one, said[-1].t_ns)
        assert len(boxes) == 4
        for box in boxes.values():
            assert 0 <= box.left_px < box.right_px <= 1280
            assert 0 <= box.top_px < box.bottom_px <= 720


@pytest.mark.slow
def test_the_second_leaves_and_comes_back_as_the_second() -> None:
    alone = [
        tuple(seen for seen in each if seen.body_px is None or not 15 <= frame // 4 < 40 or mine(seen, frame // 4))
        for frame, each in enumerate(pictures())
    ]
    said = run([each for each in alone if each])[1]
    names = {np.sign(pelvis_m(pose)[0]): set() for pose in said}
    for pose in said:
        names[np.sign(pelvis_m(pose)[0])].add(pose.subject)
    assert all(len(subjects) == 1 for subjects in names.values())


def mine(seen: Seen, frame: int) -> bool:
    """Whether this is the first performer, by where the truth is on the camera."""
    camera = next(camera for camera in RIG.cameras if camera.name == seen.camera)
    assert seen.body_px is not None
    off = [np.abs(project(camera, truth.landmarks_m[frame]) - seen.body_px).mean() for truth in (ONE, TWO)]
    return off[0] < off[1]


def test_strangers_are_no_group() -> None:
    """One person on one camera and another on the next are not one performer."""
    first, second = sequences(ONE, RIG, 3), sequences(TWO, RIG, 4)
    views = {
        "cam1": matching.View((first["cam1"][0],), 1.0),
        "cam2": matching.View((second["cam2"][0],), 1.0),
    }
    known, fresh = association.groups(RIG, matching.SeenSet(0, 0, views), [], 2)
    assert known == []
    assert fresh == []
