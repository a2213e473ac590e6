"""A known performer through the whole live solve: accuracy, and what happens when cameras or people go missing."""

import numpy as np
import pytest

from bridge.frames import quat_from_rotation_vector, quat_multiply
from bridge.performed import SkeletonDefinition, SkeletonPose
from capture.bones import ROW, forward
from capture.rig import Rig
from capture.seen import Seen
from capture.solve import markers, matching, measures, performer
from capture.solve.sightlines import everybody
from capture.solve.turns import matrices
from tests.capture.performer_made import LANDMARK_SHIFT_M, RATE_HZ, Made, rig, sequences, walk

TRUTH = walk(150, seed=1)
SETTLED = 100


class Played:
    """What the solve said of a performance, as a reader of the bus has it."""

    def __init__(self, cameras: Rig, seen: dict[str, list[Seen]], settings: performer.Solving | None = None) -> None:
        state, one = matching.MatchState(), performer.Performer()
        settings = settings or performer.Solving(cameras)
        self.definitions: list[SkeletonDefinition] = []
        self.poses: list[SkeletonPose] = []
        for picture in sorted((p for some in seen.values() for p in some), key=lambda p: (p.t_arrival_ns, p.camera)):
            state, sets = matching.step(matching.Matching(cameras), state, (picture,))
            for ready in sets:
                one, said = performer.step(settings, one, ready, everybody(cameras, ready))
                self.definitions += [each for each in said if isinstance(each, SkeletonDefinition)]
                self.poses += [each for each in said if isinstance(each, SkeletonPose)]
        self.end = one

    def joints_m(self) -> np.ndarray:
        return np.array([joints_of(pose) for pose in self.poses])

    def truth_m(self, truth: Made) -> np.ndarray:
        return truth.joints_m[[round(pose.t_ns * 1e-9 * RATE_HZ) for pose in self.poses]]

    def error_mm(self, truth: Made = TRUTH, since: int = SETTLED) -> float:
        rows = measures.TWELVE_ROWS
        return float(measures.error_mm(self.joints_m(), self.truth_m(truth))[since:, rows].mean())


def rows_of(pose: SkeletonPose) -> np.ndarray:
    return np.frombuffer(pose.bones_f32, dtype="<f4").reshape(-1, 7).astype(np.float64)


def joints_of(pose: SkeletonPose) -> np.ndarray:
    rows = rows_of(pose)
    w, x, y, z = rows[:, :4].T
    angle = 2.0 * np.arctan2(np.sqrt(x * x + y * y + z * z), w)
    axis = np.stack((x, y, z), axis=-1) / np.maximum(np.sqrt(x * x + y * y + z * z), 1e-12)[:, None]
    return forward(np.vstack((np.zeros(3), rows[1:, 4:])), matrices(axis * angle[:, None]), rows[0, 4:])[0]


@pytest.fixture(scope="module")
def usual() -> Played:
    return Played(rig(4), sequences(TRUTH, rig(4), hands_too=True))


def test_four_cameras_find_the_joints(usual: Played) -> None:
    assert usual.error_mm() < 22.0
    joints, truth = usual.joints_m()[SETTLED:], usual.truth_m(TRUTH)[SETTLED:]
    for limbs in (measures.ELBOWS, measures.KNEES):
        assert np.abs(measures.bend_deg(joints, limbs) - measures.bend_deg(truth, limbs)).mean() < 5.5
    assert measures.jitter_rms(joints[:, measures.TWELVE_ROWS], truth[:, measures.TWELVE_ROWS], RATE_HZ) < 8.0


def test_bones_never_change_once_they_are_measured(usual: Played) -> None:
    last = usual.definitions[-1]
    for pose in usual.poses[SETTLED:]:
        assert pose.definition == last.definition
        assert np.abs(rows_of(pose)[1:, 4:] - np.array(last.rest_m)[1:]).max() < 1e-6
    assert measures.length_variation_unit(usual.joints_m()[SETTLED:], measures.TEN[:8]) < 1e-6


def test_fingers_bend_as_they_did(usual: Played) -> None:
    row = ROW["index_02_l"]
    bent = [
        2.0 * np.degrees(np.arctan2(rows_of(pose)[row, 2], rows_of(pose)[row, 0])) for pose in usual.poses[SETTLED:]
    ]
    truth = np.degrees(
        [np.arctan2(turn[0, 2], turn[0, 0]) for turn in TRUTH.rotations[SETTLED : SETTLED + len(bent), row]]
    )
    assert np.abs(np.array(bent) - truth).mean() < 12.0


def test_every_joint_says_how_sure_it_is(usual: Played) -> None:
    quality = np.frombuffer(usual.poses[-1].quality_u8, dtype=np.uint8)
    assert len(quality) == 53
    assert quality[measures.TWELVE_ROWS].min() > 100
    assert usual.poses[-1].cameras == 4
    assert 0.5 < usual.poses[-1].reprojection_px < 12.0


@pytest.mark.slow
def test_a_camera_unplugged_mid_take_hardly_shows() -> None:
    seen = sequences(TRUTH, rig(4))
    seen["cam3"] = [picture for n, picture in enumerate(seen["cam3"]) if not 110 <= n < 130]
    played = Played(rig(4), seen)
    assert {pose.cameras for pose in played.poses[118:126]} == {3}
    assert played.error_mm() < 24.0
    jumps = np.linalg.norm(np.diff(played.joints_m()[100:, measures.TWELVE_ROWS], n=2, axis=0), axis=-1)
    assert jumps.max() < 0.03


@pytest.mark.slow
def test_two_cameras_a_frame_late_are_brought_back_by_their_lateness() -> None:
    cameras = rig(4)
    late = Rig(
        tuple(c._replace(late_s=1.0 / RATE_HZ) if c.name in ("cam2", "cam4") else c for c in cameras.cameras), 0.5
    )
    assert Played(late, sequences(TRUTH, late)).error_mm() < 22.0


@pytest.mark.slow
def test_extrinsics_off_by_half_a_degree() -> None:
    cameras, random = rig(4), np.random.Generator(np.random.PCG64(8))
    seen = sequences(TRUTH, cameras)
    wrong = []
    for camera in cameras.cameras:
        axis = random.normal(size=3)
        turn = quat_from_rotation_vector(tuple(axis / np.linalg.norm(axis) * np.radians(0.5)))
        shift = random.normal(size=3)
        place = np.array(camera.position_m) + 0.010 * shift / np.linalg.norm(shift)
        rotation = quat_multiply(turn, camera.rotation_wxyz)
        wrong.append(camera._replace(position_m=tuple(place), rotation_wxyz=rotation, rms_px=6.0))
    assert Played(Rig(tuple(wrong), 6.0), seen).error_mm() < 32.0


def test_nobody_in_the_picture_is_lost_and_nothing_is_invented() -> None:
    cameras, seen = rig(4), sequences(TRUTH, rig(4))
    gone = {
        name: [
            p if n < 60 else p._replace(body_px=None, body_visibility=None, body_world_m=None)
            for n, p in enumerate(some)
        ]
        for name, some in seen.items()
    }
    poses = Played(cameras, gone).poses
    assert not poses[55].lost
    assert poses[70].stale and not poses[70].lost
    assert poses[-1].lost
    assert poses[-1].bones_f32 == poses[62].bones_f32
    assert not any(poses[-1].quality_u8)
    nobody = {name: some[100:] for name, some in gone.items()}
    assert Played(cameras, nobody).poses == []


@pytest.mark.slow
def test_who_comes_back_is_found_again() -> None:
    seen = sequences(TRUTH, rig(4))
    gone = {
        name: [p if not 50 <= n < 95 else p._replace(body_px=None, body_visibility=None) for n, p in enumerate(some)]
        for name, some in seen.items()
    }
    played = Played(rig(4), gone)
    assert played.poses[92].lost
    assert not played.poses[-1].lost
    assert played.error_mm(since=110) < 25.0


@pytest.mark.slow
def test_one_camera_is_said_to_be_one_and_keeps_the_posture() -> None:
    seen = {"cam1": sequences(TRUTH, rig(4), bias_px=1.0)["cam1"]}
    played = Played(rig(4), seen)
    assert {pose.cameras for pose in played.poses} == {1}
    joints, truth = played.joints_m()[SETTLED:], played.truth_m(TRUTH)[SETTLED:]
    knees = measures.bend_deg(joints, measures.KNEES) - measures.bend_deg(truth, measures.KNEES)
    assert np.abs(knees).mean() < 8.0
    pelvis = ROW["pelvis"]
    own = (joints - joints[:, pelvis : pelvis + 1])[:, measures.TWELVE_ROWS]
    true = (truth - truth[:, pelvis : pelvis + 1])[:, measures.TWELVE_ROWS]
    assert np.linalg.norm(own - true, axis=-1).mean() < 0.075


@pytest.mark.slow
def test_stored_bones_are_taken_and_kept() -> None:
    stretches = (1.05, 1.08, 1.04, 1.02, 0.97, 1.06, 1.03, 1.05, 1.0, 1.0)
    played = Played(rig(4), sequences(TRUTH, rig(4)), performer.Solving(rig(4), stretches_unit=stretches))
    assert len(played.definitions) == 1
    assert played.error_mm(since=5) < 20.0


def test_the_same_pictures_give_the_same_poses() -> None:
    cameras, seen = rig(3), {name: some[:25] for name, some in sequences(TRUTH, rig(3)).items()}
    assert Played(cameras, seen).poses == Played(cameras, seen).poses


def test_offsets_learnt_on_one_body_help_another() -> None:
    """Fitted on one performer's motion, the offsets are found again to 2 mm on a body of other proportions."""
    learnt = markers.fit(markers.body_markers("full"), TRUTH.landmarks_m, TRUTH.joints_m, TRUTH.turns, 1.0)
    assert np.abs(learnt - markers.body_markers("full").offset_m - LANDMARK_SHIFT_M).max() < 1e-9
    other = walk(60, seed=9, scales=np.full(10, 0.9))
    table = markers.body_markers("full")._replace(offset_m=learnt)
    placed = other.joints_m[:, table.joint] + (other.turns[:, table.frame] @ table.offset_m[:, :, None])[..., 0]
    assert np.abs(placed - other.landmarks_m).max() < 1e-9
