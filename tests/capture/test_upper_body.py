"""A performer of whom only the upper half is in the picture: at a desk, or close to a webcam."""

import warnings

import numpy as np
import pytest

from bridge.performed import SkeletonPose
from capture.bones import ROW
from capture.rig import Rig
from capture.seen import BODY, Seen
from capture.solve import lengths, measures, performer, take
from capture.solve.markers import body_markers
from capture.solve.matching import SeenSet, View
from capture.solve.sightlines import everybody
from capture.solve.template import STRETCHES, size_of
from tests.capture.performer_made import RATE_HZ, TALL, rig, sequences, walk

LEGS = [row for row, name in enumerate(BODY) if name.split("_", 1)[-1] in ("knee", "ankle", "heel", "foot_index")]
TRUTH = walk(60, seed=2)
ABOVE = [
    row
    for row in measures.TWELVE_ROWS
    if row not in {ROW[f"{bone}_{side}"] for bone in ("calf", "foot") for side in "lr"}
]


def desk(cameras: Rig) -> list[SeenSet]:
    """The desk hides the legs from every camera."""

    def cut(seen: Seen) -> Seen:
        assert seen.body_px is not None
        assert seen.body_visibility is not None
        pixels, shown = seen.body_px.copy(), seen.body_visibility.copy()
        pixels[LEGS], shown[LEGS] = np.nan, 0.0
        return seen._replace(body_px=pixels, body_visibility=shown)

    columns = sequences(TRUTH, cameras)
    return [
        SeenSet(
            columns[cameras.cameras[0].name][frame].t_ns,
            0,
            {name: View((cut(column[frame]),), 1.0) for name, column in columns.items()},
        )
        for frame in range(len(TRUTH.joints_m))
    ]


@pytest.mark.parametrize("scale_unit", [0.9, 1.1])
def test_bones_that_nobody_saw_are_the_templates_as_large_as_the_rest(scale_unit: float) -> None:
    markers = body_markers("full")
    joints = scale_unit * lengths._rest_joints()
    points = joints[markers.joint] + scale_unit * markers.offset_m
    points[LEGS] = np.nan
    points[BODY.index("left_wrist")] = np.nan  # the other forearm says how long both are
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert lengths.guess(points[None], "full") == pytest.approx(np.full(len(STRETCHES), scale_unit))
        assert lengths.guess(np.full((3, 33, 3), np.nan), "full") == pytest.approx(np.ones(len(STRETCHES)))


@pytest.mark.parametrize("count", [1, 3])
def test_an_upper_body_alone_is_solved_and_its_legs_fit_it(count: int) -> None:
    cameras, state, poses = rig(count), performer.Performer(), list[SkeletonPose]()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for moment in desk(cameras):
            state, said = performer.step(performer.Solving(cameras), state, moment, everybody(cameras, moment))
            poses += [one for one in said if isinstance(one, SkeletonPose)]
    assert len(poses) == len(TRUTH.joints_m)
    assert not any(pose.lost for pose in poses)
    assert state.stretches is not None
    thigh, shin = (state.stretches[STRETCHES.index(name)] for name in ("thigh", "shin"))
    assert [thigh, shin] == pytest.approx([size_of(state.stretches)] * 2, rel=0.05)
    quality = np.frombuffer(poses[-1].quality_u8, dtype=np.uint8)
    assert quality[ROW["lowerarm_l"]] > quality[ROW["foot_l"]] == 0


def test_a_take_of_an_upper_body_alone_is_as_near_as_a_whole_one_above_the_desk() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = take.solve(performer.Solving(rig(3)), desk(rig(3)), RATE_HZ)
    assert found is not None
    assert float(measures.error_mm(found.joints_m[:, ABOVE], TRUTH.joints_m[:, ABOVE]).mean()) < 25.0
    assert found.stretches == pytest.approx(TALL, abs=0.12)
