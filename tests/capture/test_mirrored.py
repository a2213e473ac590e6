"""A camera whose detector takes left for right: the pose is the one that the same landmarks give, named as they are."""

import numpy as np
import pytest

from bridge.performed import SkeletonPose
from capture.rig import Rig
from capture.seen import BODY, Seen
from capture.solve import measures, mirrored, performer, take
from capture.solve.matching import SeenSet, View
from capture.solve.sightlines import everybody, sightings
from capture.solve.triangulate import lines_of, triangulate
from tests.capture.performer_made import RATE_HZ, rig, sequences, walk

TRUTH = walk(45, seed=4)
OTHER = [
    BODY.index(name.replace("left", "right") if "left" in name else name.replace("right", "left")) for name in BODY
]


def exchanged(seen: Seen) -> Seen:
    """As a detector says it that thinks it looks at a chest."""
    assert seen.body_px is not None
    assert seen.body_visibility is not None
    return seen._replace(
        body_px=seen.body_px[OTHER],
        body_visibility=seen.body_visibility[OTHER],
        left_hand_px=seen.right_hand_px,
        right_hand_px=seen.left_hand_px,
    )


def moments(cameras: Rig, wrong: dict[str, range]) -> list[SeenSet]:
    """Sets of whole views; those frames of those cameras named the wrong way."""
    columns = sequences(TRUTH, cameras, hands_too=True)
    return [
        SeenSet(
            round(frame / RATE_HZ * 1e9),
            0,
            {
                name: View((exchanged(column[frame]) if frame in wrong.get(name, ()) else column[frame],), 1.0)
                for name, column in columns.items()
            },
        )
        for frame in range(len(TRUTH.joints_m))
    ]


def lived(cameras: Rig, sets: list[SeenSet]) -> list[SkeletonPose]:
    state, poses = performer.Performer(), list[SkeletonPose]()
    for moment in sets:
        state, said = performer.step(performer.Solving(cameras), state, moment, everybody(cameras, moment))
        poses += [one for one in said if isinstance(one, SkeletonPose)]
    return poses


@pytest.mark.parametrize(
    "wrong",
    [
        {"cam3": range(10, 30)},
        {"cam3": range(45)},
        {"cam3": range(20, 40), "cam2": range(25, 45)},
        {"cam2": range(12, 13)},
    ],
    ids=["a while", "from the first frame on", "two of four", "one frame"],
)
def test_exchanged_views_give_the_very_same_poses(wrong: dict[str, range]) -> None:
    cameras = rig(4)
    told, right = lived(cameras, moments(cameras, wrong)), lived(cameras, moments(cameras, {}))
    assert [pose.bones_f32 for pose in told] == [pose.bones_f32 for pose in right]


def test_of_two_cameras_the_one_that_changes_its_mind_is_wrong() -> None:
    cameras = rig(2)
    told, right = lived(cameras, moments(cameras, {"cam1": range(9, 20)})), lived(cameras, moments(cameras, {}))
    assert [pose.bones_f32 for pose in told] == [pose.bones_f32 for pose in right]


def test_when_most_cameras_say_otherwise_the_expectation_was_the_mirrored_one() -> None:
    cameras = rig(4)
    moment = moments(cameras, {})[0]
    sights = sightings(cameras, moment.views, everybody(cameras, moment))
    expected = triangulate(lines_of(cameras), sights.plane, sights.weight, sights.sigma).points_m[OTHER]
    same, named = mirrored.mended(lines_of(cameras), sights, expected, ())
    assert named == ()
    np.testing.assert_array_equal(same.plane, sights.plane)


def test_a_take_is_mended_too() -> None:
    cameras = rig(4)
    told = take.solve(performer.Solving(cameras), moments(cameras, {"cam3": range(10, 30)}), RATE_HZ)
    right = take.solve(performer.Solving(cameras), moments(cameras, {}), RATE_HZ)
    assert told is not None
    assert right is not None
    assert measures.error_mm(told.joints_m, right.joints_m).max() < 1e-6


def test_one_camera_alone_is_believed() -> None:
    cameras = rig(1)
    moment = moments(cameras, {})[0]
    sights = sightings(cameras, moment.views, everybody(cameras, moment))
    assert mirrored.mended(lines_of(cameras), sights, None, ())[0] is sights
