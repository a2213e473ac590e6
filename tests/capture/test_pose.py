"""The skeleton: kernels against slow twins and finite differences, the round trip, bones that keep their lengths."""

import numpy as np
import pytest

from capture import bones
from capture.bones import BONES, ROW
from capture.solve import lengths, measures, pose, strain_kernels, turns
from capture.solve.joints import turning
from capture.solve.markers import all_markers
from capture.solve.start import begin, follow
from capture.solve.template import STRETCHES, size_of, stretched
from tests.capture.performer_made import TALL, walk

RNG = np.random.Generator(np.random.PCG64(3))
TRUTH = walk(40, seed=6)


def body(scales: np.ndarray = TALL) -> pose.Body:
    return pose.Body(stretched(scales), all_markers("full"), size_of(scales))


def told(points: np.ndarray, sigma_m: float = 0.004) -> np.ndarray:
    return np.broadcast_to(np.eye(3) / sigma_m**2, (len(points), 3, 3))


def markers_of(number: int) -> np.ndarray:
    return pose.placed(body(), TRUTH.joints_m[number], TRUTH.turns[number])


def test_compiled_kinematics_say_what_the_slow_ones_say() -> None:
    rotations = turns.matrices(RNG.normal(size=(53, 3)))
    slow = bones.forward(TRUTH.rest_m, rotations, np.array([0.3, -1.0, 0.2]))
    fast = pose.forward(TRUTH.rest_m, pose.Pose(rotations, np.array([0.3, -1.0, 0.2])))
    assert np.abs(slow[0] - fast[0]).max() < 1e-12
    assert np.abs(slow[1] - fast[1]).max() < 1e-12


def test_rotation_vectors_and_back() -> None:
    vectors = RNG.normal(size=(200, 3))
    vectors *= (RNG.uniform(0.0, np.pi - 1e-6, 200) / np.linalg.norm(vectors, axis=1))[:, None]
    matrices = turns.matrices(vectors)
    assert np.abs(turns.vectors(matrices) - vectors).max() < 1e-6
    assert np.abs(np.array([strain_kernels.rotation_vector(turn) for turn in matrices]) - vectors).max() < 1e-5
    about_x = turns.matrices(np.array([1.2, 0.0, 0.0]))
    assert abs(strain_kernels.twist(about_x, 0) - 1.2) < 1e-12


def test_markers_move_as_their_slopes_say() -> None:
    start = pose.Pose(TRUTH.rotations[5], TRUTH.root_m[5])
    laid = pose.lay(body(), start, markers_of(5), told(markers_of(5)), 1)
    slopes = pose.system(body(), laid, markers_of(5), told(markers_of(5))).slopes
    terms, tiny = turning().terms, 1e-6
    for unknown in range(len(turning().ranges_rad)):
        step = np.zeros(len(turning().ranges_rad))
        step[unknown] = tiny
        moved = pose.Pose(strain_kernels.turned(laid.pose.rotations, terms, step), laid.pose.root_m)
        there = pose.placed(body(), *pose.forward(body().rest_m, moved))
        here = pose.placed(body(), laid.joints_m, laid.turns)
        assert np.abs((there - here) / tiny - slopes[:, :, 3 + unknown]).max() < 1e-4


def test_exact_markers_give_the_pose_back() -> None:
    """From nothing: the beginning lays limbs by swing and twist, the steps do the rest."""
    for number in (0, 15, 30):
        points = markers_of(number)
        laid = pose.lay(body(), begin(body(), points), points, told(points), 30)
        errors = measures.error_mm(laid.joints_m, TRUTH.joints_m[number])[measures.TWELVE_ROWS]
        assert errors.mean() < 4.0
        bend = measures.bend_deg(laid.joints_m, measures.ELBOWS) - measures.bend_deg(
            TRUTH.joints_m[number], measures.ELBOWS
        )
        assert np.abs(bend).max() < 2.0


@pytest.mark.parametrize("heading_deg", [0.0, 90.0, 179.0, -120.0])
def test_whichever_way_the_performer_faces(heading_deg: float) -> None:
    turn = turns.matrices(np.array([0.0, 0.0, np.radians(heading_deg)]))
    points = markers_of(8) @ turn.T
    laid = pose.lay(body(), begin(body(), points), points, told(points), 30)
    assert measures.error_mm(laid.joints_m, TRUTH.joints_m[8] @ turn.T)[measures.TWELVE_ROWS].mean() < 4.0


def test_bones_keep_their_lengths_whatever_the_points_say() -> None:
    laid = pose.Laid(pose.Pose(TRUTH.rotations[0], TRUTH.root_m[0]), *([np.zeros(0)] * 4))
    for number in range(20):
        points = markers_of(number) + RNG.normal(0.0, 0.05, (41, 3))
        laid = pose.lay(body(), laid.pose, points, told(points))
        offsets = measures.bone_offsets_m(laid.joints_m, laid.turns)
        assert np.abs(offsets[1:] - body().rest_m[1:]).max() < 1e-12


def test_joints_stay_within_their_limits() -> None:
    """A wrist dragged behind the elbow does not break the arm."""
    points = markers_of(3).copy()
    points[15] = points[11] + (points[11] - points[15])
    laid = pose.lay(body(), pose.Pose(TRUTH.rotations[3], TRUTH.root_m[3]), points, told(points), 40)
    low, high, _ = np.degrees(turning().ranges_rad[[turning().asked[0].tolist().index(ROW["lowerarm_l"])]][0])
    bent = np.degrees(turns.vectors(laid.pose.rotations[ROW["lowerarm_l"]])[2])
    assert low - 8.0 < bent < high + 8.0


def test_one_wild_marker_hardly_moves_the_rest() -> None:
    points = markers_of(10).copy()
    clean = pose.lay(body(), pose.Pose(TRUTH.rotations[10], TRUTH.root_m[10]), points, told(points, 0.01), 10)
    points[26] += [1.5, 0.0, 0.5]
    wild = pose.lay(body(), pose.Pose(TRUTH.rotations[10], TRUTH.root_m[10]), points, told(points, 0.01), 10)
    others = [row for row in measures.TWELVE_ROWS if row != ROW["calf_r"]]
    assert measures.error_mm(wild.joints_m, clean.joints_m)[others].max() < 25.0


def test_a_lost_limb_is_found_again() -> None:
    """An arm that points the wrong way takes its points for wild ones; it is laid afresh."""
    points, lost = markers_of(14), TRUTH.rotations[14].copy()
    lost[ROW["upperarm_l"]] = turns.matrices(np.array([0.0, -1.5, 0.5]))
    lost[ROW["lowerarm_l"]] = np.eye(3)
    laid = follow(body(), pose.Pose(lost, TRUTH.root_m[14]), points, told(points, 0.01), 2)
    rows = [ROW["lowerarm_l"], ROW["hand_l"]]
    assert measures.error_mm(laid.joints_m, TRUTH.joints_m[14])[rows].max() < 20.0


def test_what_is_not_seen_stays_put() -> None:
    points = markers_of(12).copy()
    points[[13, 15, 17, 19, 21, 33, 34, 35, 36]] = np.nan
    before = pose.Pose(TRUTH.rotations[12], TRUTH.root_m[12])
    laid = pose.lay(body(), before, points, told(points), 3)
    turned = measures.turn_error_deg(laid.pose.rotations[ROW["lowerarm_l"]], before.rotations[ROW["lowerarm_l"]])
    assert float(turned) < 1.0


def test_lengths_are_found_from_motion() -> None:
    """A performer a tenth off the guess is measured to 1.5 % in the long bones."""
    guessed = np.full(len(STRETCHES), 0.95)
    for _ in range(3):
        tally, laid = (
            lengths.nothing(),
            pose.lay(body(guessed), begin(body(guessed), markers_of(0)), markers_of(0), told(markers_of(0)), 20),
        )
        for number in range(0, 40, 2):
            points = markers_of(number)
            laid = pose.lay(body(guessed), laid.pose, points, told(points), 6)
            tally = lengths.take_in(tally, body(guessed), guessed, laid, (points, told(points)))
        guessed = lengths.solved(tally, guessed)
    long_bones = [STRETCHES.index(name) for name in ("thigh", "shin", "upper arm", "forearm", "trunk")]
    assert np.abs(guessed / TALL - 1.0)[long_bones].max() < 0.015


def test_the_skeleton_is_symmetric_and_stands_on_the_floor() -> None:
    rest = stretched(TALL)
    for name in BONES:
        if name.endswith("_l"):
            assert np.allclose(rest[ROW[name]] * [-1, 1, 1], rest[ROW[name[:-2] + "_r"]])
    joints, _ = bones.forward(rest, np.tile(np.eye(3), (53, 1, 1)), np.zeros(3))
    assert 0.05 < joints[ROW["foot_l"], 2] < 0.09
