"""A foot that stands does not slide and is let go without a pop; a wild hand is refused, a good one bends."""

import numpy as np

from capture.bones import ROW
from capture.solve import feet, fingers, pose
from capture.solve.legs import reach
from capture.solve.markers import all_markers
from capture.solve.template import stretched
from capture.solve.turns import vectors
from tests.capture.performer_made import hands, walk

REST = stretched(np.ones(10))
BODY = pose.Body(REST, all_markers("full"), 1.0)
STANDING = pose.Pose(np.tile(np.eye(3), (53, 1, 1)), np.zeros(3))
DT_NS = 33_333_333


def steps(frames: int = 90) -> list[pose.Pose]:
    """The left foot stands, is lifted over a step of 40 cm, and stands again; everything trembles by 4 mm."""
    random = np.random.Generator(np.random.PCG64(5))
    joints, _ = pose.forward(REST, STANDING)
    home, made = joints[ROW["foot_l"]], list[pose.Pose]()
    for frame in range(frames):
        part = float(np.clip((frame - 35) / 20.0, 0.0, 1.0))
        ease = part * part * (3.0 - 2.0 * part)
        goal = home + [0.0, -0.4 * ease, 0.18 * np.sin(np.pi * part)] + random.normal(0.0, 0.004, 3)
        body = STANDING._replace(root_m=np.array([0.0, -0.2 * ease, -0.05]) + random.normal(0.0, 0.002, 3))
        made.append(reach(REST, body, "l", goal, np.eye(3)))
    return made


def test_a_standing_foot_is_still_and_a_lifted_one_is_free() -> None:
    state, ankles, free = feet.Standing(), list[np.ndarray](), list[np.ndarray]()
    for frame, each in enumerate(steps()):
        state, held = feet.step(feet.Floor(), state, frame * DT_NS, BODY, each)
        ankles.append(pose.forward(REST, held)[0][ROW["foot_l"]])
        free.append(pose.forward(REST, each)[0][ROW["foot_l"]])
    ankles, free = np.array(ankles), np.array(free)
    assert np.ptp(ankles[20:34, :2], axis=0).max() < 1e-3
    assert np.ptp(ankles[75:, :2], axis=0).max() < 1e-3
    assert np.abs(ankles - free)[44:48].max() < 0.03
    assert (
        np.linalg.norm(np.diff(ankles, axis=0), axis=1).max()
        < 1.8 * np.linalg.norm(np.diff(free, axis=0), axis=1).max()
    )


def test_the_lock_can_be_left_out() -> None:
    state, each = feet.Standing(), steps(20)
    for frame, free in enumerate(each):
        state, same = feet.step(feet.Floor(lock=False), state, frame * DT_NS, BODY, free)
        assert same is free


def test_fingers_come_back_from_their_points() -> None:
    truth = walk(20, seed=4, scales=np.ones(10))
    for frame in (0, 10, 19):
        state, sigma = fingers.begun(0), np.full(42, 0.002)
        points, seen = hands(truth.joints_m[frame], truth.turns[frame]), (truth.rest_m, truth.turns[frame])
        state = fingers.step(fingers.Gloves(smooth_s=1e-9), state, 1, points, sigma, seen)
        found = fingers.on(STANDING, state).rotations
        for side in "lr":
            for bone in ("index_01", "middle_02", "pinky_02"):
                row = ROW[f"{bone}_{side}"]
                off = vectors(found[row].T @ truth.rotations[frame, row])
                assert np.degrees(np.linalg.norm(off)) < 6.0


def test_a_wild_or_blurred_hand_leaves_the_fingers_as_they_were() -> None:
    truth = walk(2, seed=4, scales=np.ones(10))
    points, seen = hands(truth.joints_m[0], truth.turns[0]), (truth.rest_m, truth.turns[0])
    good = fingers.step(fingers.Gloves(), fingers.begun(0), 1, points, np.full(42, 0.002), seen)
    wild = points.copy()
    wild[8] += [0.3, 0.0, 0.0]
    wild[28] += [0.0, 0.0, 0.3]
    for odd, sigma in ((wild, 0.002), (points, 0.1), (np.full((42, 3), np.nan), 0.002)):
        after = fingers.step(fingers.Gloves(), good, 2, odd, np.full(42, sigma), seen)
        assert np.array_equal(after.bent, good.bent)
