"""The synthetic performer's truth agrees with itself, moves as people can, and is the same each time."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from capture.bones import BONES, PARENTS, ROW
from capture.rig import Rig, plane_from_pixel, plane_from_stage, project
from capture.seen import BODY
from capture.synthetic.bodies import body_named
from capture.synthetic.body import Body, anchored, joints_in_rest
from capture.synthetic.cameras import imperfect, ring
from capture.synthetic.motions import MOTIONS, SHOW
from capture.synthetic.observe import PERFECT, Detector, observed
from capture.synthetic.posing import LIMITS_DEG, within
from capture.synthetic.skin import skinned
from capture.synthetic.truth import Performance, performed

Floats = NDArray[np.float64]
MIRROR = np.array([-1.0, 1.0, 1.0])


@pytest.fixture(scope="module")
def body() -> Body:
    return body_named("mannequin", None)


def moments(seconds: float, rate: float = 30.0) -> Floats:
    return np.arange(round(seconds * rate)) / rate


@pytest.mark.parametrize("motion", ["show", *MOTIONS])
def test_joints_are_what_the_rotations_make_of_the_rest_pose(body: Body, motion: str) -> None:
    truth = performed(Performance(body, motion, seed=3, place_m=(0.4, -0.2), heading_deg=35.0), moments(3.0, 5.0))
    for row in (0, 7, 14):
        for bone in range(len(BONES)):
            point, above = np.zeros(3), bone
            while above >= 0:  # up the chain, the other way round than forward() goes
                point = truth.rotations[row, above] @ point
                point += body.skeleton.rest_m[above] if PARENTS[above] >= 0 else truth.root_m[row]
                above = PARENTS[above]
            np.testing.assert_allclose(truth.joints_m[row, bone], point, atol=1e-12)


@pytest.mark.parametrize("motion", ["show", *MOTIONS])
def test_bones_keep_their_lengths_and_nothing_jumps(body: Body, motion: str) -> None:
    length = sum(MOTIONS[name].seconds_s for name in SHOW) if motion == "show" else 1.3 * MOTIONS[motion].seconds_s
    truth = performed(Performance(body, motion), moments(length, 60.0))
    for row, parent in enumerate(PARENTS):
        if parent >= 0:
            lengths = np.linalg.norm(truth.joints_m[:, row] - truth.joints_m[:, parent], axis=1)
            assert np.ptp(lengths) < 1e-12
    np.testing.assert_allclose(np.linalg.det(truth.rotations), 1.0, atol=1e-9)
    acceleration = np.linalg.norm(np.diff(truth.joints_m, 2, axis=0), axis=-1) * 60.0**2
    assert np.isfinite(acceleration).all()
    trunk = [ROW[bone] for bone in ("pelvis", "spine_03", "head")]
    assert acceleration[:, trunk].max() < 15.0
    assert acceleration.max() < 90.0  # a waving hand's fingertips; a jump of a millimetre at 60 Hz would be 3.6
    assert np.abs(np.diff(truth.shapes, axis=0)).max() < 0.6
    assert truth.shapes.min() >= 0.0
    assert truth.shapes.max() <= 1.0


@pytest.mark.parametrize("motion", ["show", *MOTIONS])
def test_elbows_and_knees_bend_one_way_and_as_far_as_people_can(body: Body, motion: str) -> None:
    truth = performed(Performance(body, motion), moments(12.0, 15.0))
    for side, out in (("l", 1.0), ("r", -1.0)):
        forearm = truth.rotations[:, ROW[f"lowerarm_{side}"], :, 0] * out  # where the forearm points, in the upper arm
        elbow = np.degrees(np.arctan2(-forearm[:, 1], forearm[:, 0] * out))
        np.testing.assert_allclose(forearm[:, 2], 0.0, atol=1e-9)
        assert elbow.min() > 2.0
        assert elbow.max() < 145.0
        calf = -truth.rotations[:, ROW[f"calf_{side}"], :, 2]
        knee = np.degrees(np.arctan2(calf[:, 1], -calf[:, 2]))
        np.testing.assert_allclose(calf[:, 0], 0.0, atol=1e-9)
        assert knee.min() > 0.5
        assert knee.max() < 140.0


@pytest.mark.parametrize("motion", ["steps", "squat", "sit", "reach"])
def test_planted_feet_stand_still_on_the_floor(body: Body, motion: str) -> None:
    rate = 100.0
    truth = performed(Performance(body, motion), moments(MOTIONS[motion].seconds_s, rate))
    level = joints_in_rest(body.skeleton.rest_m)[ROW["ball_l"], 2]
    for column, bone in ((1, "ball_l"), (3, "ball_r")):
        planted = truth.contacts[:, column]
        assert 0.5 < planted.mean() <= 1.0
        both = planted[1:] & planted[:-1]
        moved = np.linalg.norm(np.diff(truth.joints_m[:, ROW[bone]], axis=0), axis=1)[both]
        assert moved.max() < 2e-4
        np.testing.assert_allclose(truth.joints_m[planted, ROW[bone], 2], level, atol=2e-3)
        flat = truth.contacts[:, column - 1]
        assert not (flat & ~planted).any()


def test_the_same_moment_is_the_same_whatever_was_asked_for_beside_it(body: Body) -> None:
    for motion in ("show", "talk", "steps"):
        whole = performed(Performance(body, motion, seed=5), moments(60.0, 10.0))
        part = performed(Performance(body, motion, seed=5), moments(60.0, 10.0)[[37, 11, 440]])
        for name in ("joints_m", "rotations", "shapes"):
            np.testing.assert_array_equal(getattr(whole, name)[[37, 11, 440]], getattr(part, name))
        other = performed(Performance(body, motion, seed=6), moments(60.0, 10.0)[[37]])
        assert not np.array_equal(other.joints_m[0], part.joints_m[0])


def test_the_body_is_symmetric_and_landmarks_lie_on_it(body: Body) -> None:
    rest = joints_in_rest(body.skeleton.rest_m)
    marks = anchored(body.landmarks, rest, np.tile(np.eye(3), (len(BONES), 1, 1)))
    for bone in BONES:
        if bone.endswith("_l"):
            np.testing.assert_allclose(rest[ROW[bone]], MIRROR * rest[ROW[bone[:-1] + "r"]], atol=1e-12)
    for name in BODY:
        if "left" in name:
            other = BODY.index(name.replace("left", "right"))
            np.testing.assert_allclose(marks[BODY.index(name)], MIRROR * marks[other], atol=2e-3)
    vertices = body.mesh.vertices_m
    for name in ("nose", "left_ear", "left_heel", "left_foot_index"):
        assert np.linalg.norm(vertices - marks[BODY.index(name)], axis=1).min() < 0.03


def test_in_rest_the_mesh_is_where_it_was_bound(body: Body) -> None:
    turns = np.tile(np.eye(3), (len(BONES), 1, 1))
    vertices = skinned(body, turns, joints_in_rest(body.skeleton.rest_m), turns, np.zeros(52))
    np.testing.assert_allclose(vertices, body.mesh.vertices_m, atol=1e-5)
    assert abs(vertices[:, 2].min()) < 0.01


def test_limits_hold_and_are_approached_smoothly() -> None:
    values = np.linspace(-400.0, 400.0, 4001)
    for low, high in LIMITS_DEG.values():
        held = within(values, low, high)
        assert held.min() >= low
        assert held.max() <= high
        assert np.diff(held).min() >= -1e-9
        middle = (low + high) / 2
        assert abs(float(within(np.array([middle]), low, high)[0]) - middle) < 4.0


def triangulated(rig: Rig, pixels: list[Floats]) -> Floats:
    """[N, 3] by the normal equations of points nearest to all sight lines: no DLT, no weights."""
    total, right = np.zeros((len(pixels[0]), 3, 3)), np.zeros((len(pixels[0]), 3))
    for camera, seen in zip(rig.cameras, pixels, strict=True):
        matrix = plane_from_stage(camera)
        rays = np.concatenate((plane_from_pixel(camera, seen), np.ones((len(seen), 1))), axis=1) @ matrix[:, :3]
        rays /= np.linalg.norm(rays, axis=1, keepdims=True)
        across = np.eye(3) - rays[:, :, None] * rays[:, None, :]
        total += across
        right += across @ np.asarray(camera.position_m)
    return np.linalg.solve(total, right[..., None])[..., 0]


def test_perfect_landmarks_meet_where_the_joints_are(body: Body) -> None:
    rig = imperfect(ring(4), bend=True)
    performance = Performance(body, "reach")
    frames = observed(performance, rig, [10, 140, 200], detector=PERFECT)
    truth = performed(performance, np.array([10, 140, 200]) / 30.0)
    for k, seen in enumerate(frames):
        points = triangulated(rig, [each.body_px for each in seen if each.body_px is not None])
        knee, elbow = BODY.index("left_knee"), BODY.index("right_elbow")
        np.testing.assert_allclose(points[knee], truth.joints_m[k, ROW["calf_l"]], atol=1e-9)
        np.testing.assert_allclose(points[elbow], truth.joints_m[k, ROW["lowerarm_r"]], atol=1e-9)
        assert str(seen[0].timecode) == f"00:00:{(0, 4, 6)[k]:02d}:{(10, 20, 20)[k]:02d}"


def test_a_late_camera_labels_what_it_saw_before(body: Body) -> None:
    performance, late = Performance(body, "wave"), imperfect(ring(2), (0.0, 2 / 30))
    on_time = observed(performance, ring(2), range(60, 66), detector=PERFECT)
    for k, seen in enumerate(observed(performance, late, range(60, 66), detector=PERFECT)):
        assert seen[0].body_px is not None
        assert seen[1].body_px is not None
        np.testing.assert_array_equal(seen[0].body_px, on_time[k][0].body_px)
        if k >= 2:
            np.testing.assert_allclose(seen[1].body_px, on_time[k - 2][1].body_px, atol=1e-9)
        assert seen[1].t_ns == on_time[k][1].t_ns


def test_what_the_trunk_hides_is_less_sure_and_less_exact(body: Body) -> None:
    side = Rig((ring(6).cameras[2],))  # from the own left: the right arm is behind the trunk
    performance = Performance(body, "still")
    frames = observed(performance, side, range(200), detector=Detector(beside=False))
    truth = performed(performance, np.arange(200) / 30.0)
    exact = project(side.cameras[0], anchored(body.landmarks, truth.joints_m, truth.turns))
    errors = np.array([frames[k][0].body_px - exact[k] for k in range(200)])
    left, right = BODY.index("left_elbow"), BODY.index("right_elbow")
    visibility = np.array([frames[k][0].body_visibility for k in range(200)])
    assert visibility[:, left].min() > 0.9
    assert visibility[:, right].max() < 0.3
    assert 1.7 < errors[:, left].std() < 2.3
    assert errors[:, right].std() > 7.0


def test_two_stand_as_far_apart_as_they_were_put(body: Body) -> None:
    two = [Performance(body, "arms", place_m=(x, 0.0)) for x in (-0.9, 0.9)]
    first, second = (performed(who, moments(2.0)).joints_m for who in two)
    np.testing.assert_allclose(second - first, np.broadcast_to([1.8, 0.0, 0.0], first.shape), atol=1e-12)


def test_every_pair_of_bodies_motions_differs(body: Body) -> None:
    poses = {name: performed(Performance(body, name), np.array([2.4])).joints_m[0] for name in MOTIONS}
    for one, other in itertools.combinations([name for name in MOTIONS if name not in ("face", "still")], 2):
        assert np.abs(poses[one] - poses[other]).max() > 0.05, (one, other)
