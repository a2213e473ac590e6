"""On other proportions feet stay put, hands meet, bones keep the character's lengths."""

import numpy as np
import pytest

from capture.bones import PARENTS, ROW
from capture.retarget import Character, in_own_axes, retargeted, stretched_legs
from capture.solve import measures
from capture.solve.legs import reach
from capture.solve.pose import Pose, forward
from capture.solve.template import stretched
from capture.solve.turns import matrices

REST = stretched(np.ones(10))
RNG = np.random.Generator(np.random.PCG64(2))


def crouching(amount: float, clap: bool = False) -> Pose:
    """Feet on one spot, pelvis down, hands together in front where wanted."""
    pose = Pose(np.tile(np.eye(3), (53, 1, 1)), np.array([0.2 * amount, 0.1, -0.35 * amount]))
    standing, _ = forward(REST, Pose(np.tile(np.eye(3), (53, 1, 1)), np.zeros(3)))
    for side, out in (("l", 1.0), ("r", -1.0)):
        pose = reach(REST, pose, side, standing[ROW[f"foot_{side}"]] + [0.0, 0.1, 0.0], np.eye(3))
        if clap:
            joints, _ = forward(REST, pose)
            middle = joints[[ROW["upperarm_l"], ROW["upperarm_r"]]].mean(axis=0) + [out * 0.02, -0.35, 0.0]
            pose = reach(REST, pose, side, middle, arm=True)
    return pose


@pytest.mark.parametrize("legs", [0.6, 0.8, 1.25, 1.5])
def test_a_foot_that_stands_stands(legs: float) -> None:
    creature = Character(stretched_legs(REST, legs))
    feet = [ROW["foot_l"], ROW["foot_r"], ROW["ball_l"], ROW["ball_r"]]
    places = [
        forward(creature.rest_m, retargeted(REST, crouching(amount), creature))[0][feet]
        for amount in np.linspace(0.05, 1.0, 12)
    ]
    assert np.abs(np.array(places) - places[0]).max() < 1e-6
    standing, _ = forward(creature.rest_m, Pose(np.tile(np.eye(3), (53, 1, 1)), np.zeros(3)))
    assert np.abs(places[0][:, 2] - standing[feet, 2]).max() < 1e-6


@pytest.mark.parametrize("legs", [0.6, 1.5])
def test_bones_have_the_characters_lengths(legs: float) -> None:
    creature = Character(stretched_legs(REST, legs))
    joints, turns = forward(creature.rest_m, retargeted(REST, crouching(0.7, clap=True), creature))
    assert np.abs(measures.bone_offsets_m(joints, turns)[1:] - creature.rest_m[1:]).max() < 1e-12


@pytest.mark.parametrize("arms", [0.8, 1.0, 1.3])
def test_hands_that_meet_meet(arms: float) -> None:
    rest = REST.copy()
    rest[[ROW[f"{bone}_{side}"] for bone in ("lowerarm", "hand") for side in "lr"]] *= arms
    joints, _ = forward(rest, retargeted(REST, crouching(0.4, clap=True), Character(rest)))
    between = np.linalg.norm(joints[ROW["hand_l"]] - joints[ROW["hand_r"]])
    assert abs(between - 0.04 * arms) < 2e-3


def test_the_same_proportions_change_nothing() -> None:
    pose = crouching(0.5, clap=True)
    same, before = forward(REST, retargeted(REST, pose, Character(REST)))[0], forward(REST, pose)[0]
    assert np.abs(same - before).max() < 2e-3


def test_a_rig_with_other_axes_stands_the_same() -> None:
    axes = matrices(RNG.normal(size=(53, 3)))
    creature, pose = Character(REST, axes), crouching(0.6)
    own = in_own_axes(creature, pose)
    turns = forward(REST, pose)[1] @ axes
    rebuilt = own.rotations.copy()
    for row, parent in enumerate(PARENTS):
        if parent >= 0:
            rebuilt[row] = rebuilt[parent] @ own.rotations[row]
    assert np.abs(rebuilt - turns).max() < 1e-9


def test_a_limb_reaches_where_it_can() -> None:
    pose = crouching(0.5)
    joints, _ = forward(REST, pose)
    goal = joints[ROW["foot_l"]] + [0.05, -0.12, 0.08]
    there, turns = forward(REST, reach(REST, pose, "l", goal))
    assert np.abs(there[ROW["foot_l"]] - goal).max() < 1e-9
    far, _ = forward(REST, reach(REST, pose, "l", goal + [0.0, -9.0, 0.0]))
    assert np.linalg.norm(far[ROW["foot_l"]] - far[ROW["thigh_l"]]) < 0.88
    assert np.isfinite(turns).all()
