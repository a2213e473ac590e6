"""Zoom in tracking: told as it will be when the wall lights up, within the lens."""

import math

import pytest

from bridge import tracking
from bridge.clock import NS_PER_S
from bridge.lens import lens_table
from bridge.messages import CameraPose, LensState
from bridge.stage import LensPoint
from tests.bridge.tracked import PERIOD_NS, START_NS, feed, rig, sample


def test_the_table_tells_the_lens_unless_the_tracker_does() -> None:
    points = [LensPoint(zoom_raw_unit=z, focal_length_mm=20.0 + z / 100.0, entrance_pupil_m=z / 1e4) for z in (0, 1000)]
    _, (table, told) = feed(
        rig(lens=lens_table(points)),
        [sample(0, zoom_raw_unit=500.0), sample(1, zoom_raw_unit=500.0, lens=LensState(focal_length_mm=77.0))],
    )
    assert (table.lens.focal_length_mm, table.lens.entrance_pupil_m) == pytest.approx((25.0, 0.05))
    assert (table.position_m[1], told.position_m[1]) == pytest.approx((0.05, 0.0))
    assert told.lens.focal_length_mm == 77.0


ZOOM = [LensPoint(zoom_raw_unit=z, focal_length_mm=20.0 + z / 100.0, entrance_pupil_m=z / 1e5) for z in (0, 4000)]


def zooming(counts: list[float], told: bool = False, **changes: object) -> list[CameraPose]:
    settings = rig(lens=lens_table(ZOOM), prediction=True, display_latency_s=0.1, **changes)
    lenses = [LensState(focal_length_mm=20.0 + count / 100.0) if told else None for count in counts]
    samples = [sample(i, zoom_raw_unit=c, lens=lens) for i, (c, lens) in enumerate(zip(counts, lenses, strict=True))]
    return feed(settings, samples)[1]


@pytest.mark.parametrize("told", [False, True])
def test_a_steady_zoom_is_told_as_it_will_be_when_the_wall_lights_up(told: bool) -> None:
    poses = zooming([10.0 * i for i in range(300)], told)
    last = poses[-1]
    assert last.lens_measured.focal_length_mm == pytest.approx(20.0 + 2990 / 100.0)
    ahead_s = (last.t_display_ns - last.t_ns) / NS_PER_S
    assert ahead_s == pytest.approx(0.1, abs=1e-6)
    # a told focal length is followed as a logarithm, so a steady run of millimetres is foretold a little long
    assert last.lens.focal_length_mm == pytest.approx(20.0 + 3090 / 100.0, abs=0.05 if told else 1e-3)


def test_a_zoom_stays_within_the_lens() -> None:
    assert zooming([20.0 * i for i in range(201)])[-1].lens.focal_length_mm == 60.0
    jump = zooming([0.0] * 50 + [4000.0], told=True)[-1]
    assert jump.lens.focal_length_mm <= 60.0 * math.exp(0.7)


def test_a_ring_that_flickers_by_a_count_is_not_foretold_further_than_it_flickers() -> None:
    poses = zooming([1000.0 + (i * 7 % 3 == 0) for i in range(400)])[200:]
    assert max(abs(pose.lens.focal_length_mm - 30.0) for pose in poses) < 0.02


def test_a_ring_at_rest_or_a_pose_not_foretold_has_one_lens() -> None:
    assert all(pose.measured_lens is None for pose in zooming([1000.0] * 300))
    after = zooming([10.0 * i for i in range(100)] + [990.0] * 200)
    assert after[50].measured_lens is not None and after[-1].measured_lens is None
    held = feed(rig(lens=lens_table(ZOOM)), [sample(i, zoom_raw_unit=10.0 * i) for i in range(50)])[1]
    assert all(pose.measured_lens is None for pose in held)


def test_a_concealed_pose_zooms_on_as_if_its_sample_had_come() -> None:
    settings = rig(lens=lens_table(ZOOM), prediction=True, display_latency_s=0.02)
    state, poses = feed(settings, [sample(i, zoom_raw_unit=10.0 * i) for i in range(60)])
    _, said = tracking.tick(settings, state, START_NS + round(60.8 * PERIOD_NS))
    (made,) = [pose for pose in said if isinstance(pose, CameraPose)]
    assert made.concealed
    assert poses[-1].lens.focal_length_mm == pytest.approx(20.0 + 610 / 100.0, abs=1e-3)
    assert made.lens.focal_length_mm == pytest.approx(20.0 + 620 / 100.0, abs=1e-3)


def test_a_pose_held_back_has_the_lens_of_its_own_moment() -> None:
    settings = rig(delay_s=0.2)
    told = [sample(i, lens=LensState(focal_length_mm=20.0 + i), iris_raw_unit=float(i)) for i in range(50)]
    held = feed(settings, told)[1][-1]
    assert held.lens.focal_length_mm == pytest.approx(20.0 + 29.0) and held.iris_raw_unit == pytest.approx(29.0)
    assert held.measured_position_m[0] == pytest.approx(0.29)
