"""Zero as an operator sets it: against laws, and a peer calculation in matrices."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import spine, zero
from bridge.commands import ZeroTracking
from bridge.frames import (
    compose,
    invert,
    matrix_from_quat,
    pan_tilt_roll_from_quat,
    quat_angle_rad,
    quat_from_pan_tilt_roll,
)
from bridge.messages import CameraPose
from tests.bridge.operated import PERIOD_NS, RIG, SETTINGS, Stream, camera

places = st.tuples(*[st.floats(-20, 20)] * 3)
angles = st.tuples(st.floats(-180, 180), st.floats(-79, 79), st.floats(-170, 170))


@given(places, angles, places, angles)
def test_zeroing_brings_a_point_to_its_reference_and_keeps_it_level(
    place: tuple, turn: tuple, reference_m: tuple, reference_deg: tuple
) -> None:
    """By matrices; composing back gives the original."""
    tracked = (place, quat_from_pan_tilt_roll(*turn))
    reference = (reference_m, quat_from_pan_tilt_roll(*reference_deg))
    by = zero.rigid(*zero.zeroing(reference, tracked))
    position_m, rotation = compose(by, tracked)
    assert position_m == pytest.approx(reference_m, abs=1e-9)
    pan_deg, tilt_deg, roll_deg = pan_tilt_roll_from_quat(rotation)
    assert math.cos(math.radians(pan_deg - reference_deg[0])) == pytest.approx(1.0, abs=1e-9)
    assert (tilt_deg, roll_deg) == pytest.approx(turn[1:], abs=1e-6)
    assert matrix_from_quat(by[1])[2] == pytest.approx([0, 0, 1], abs=1e-12), "gravity stays"
    back = compose(invert(by), (position_m, rotation))
    assert back[0] == pytest.approx(place, abs=1e-9)
    assert quat_angle_rad(back[1], tracked[1]) < 1e-7


def test_what_looks_straight_down_has_no_heading_to_zero() -> None:
    down = ((0.0, 0.0, 0.0), quat_from_pan_tilt_roll(0.0, -85.0, 0.0))
    with pytest.raises(ValueError, match=r"is tilted by -85 deg; expected at most 80"):
        zero.zeroing(down, down)


def test_zero_moves_the_whole_world_at_once_and_off_moves_it_back() -> None:
    """A zeroed spine says the poses of one that is not, carried by what CameraSettings tell, prediction and all."""
    stream, peer = Stream(), Stream()
    stream.run(100)
    peer.run(100)
    assert stream.ask(camera(ZeroTracking, on=True))[1] == ""
    told = stream.settings()
    by = zero.rigid(told.zero_position_m, told.zero_pan_deg)
    sample = stream.state.tracks[0].sample
    assert sample is not None
    tracked = compose(by, compose(RIG.stage_from_tracker, (sample.position_m, sample.rotation_wxyz)))
    assert tracked[0] == pytest.approx(RIG.stage_from_tracker[0], abs=1e-9)
    assert pan_tilt_roll_from_quat(tracked[1])[0] == pytest.approx(10.0, abs=1e-6)  # the file's own pan
    for _ in range(10):
        here, there = stream.run(1)[0], peer.run(1)[0]
        position_m, rotation = compose(by, (there.measured_position_m, there.measured_rotation_wxyz))
        assert here.measured_position_m == pytest.approx(position_m, abs=1e-9)
        assert np.abs(matrix_from_quat(here.measured_rotation_wxyz) - matrix_from_quat(rotation)).max() < 1e-9
        assert math.dist(here.position_m, compose(by, (there.position_m, there.rotation_wxyz))[0]) < 2e-3
        assert here.predicted
    assert stream.ask(camera(ZeroTracking, on=False))[1] == ""
    assert stream.settings().zero_pan_deg == 0.0
    assert stream.run(1)[0].measured_position_m == pytest.approx(peer.run(1)[0].measured_position_m, abs=1e-9)


def test_zero_on_zero_is_taken_from_the_stage_files_origin() -> None:
    stream = Stream()
    stream.run(60)
    stream.ask(camera(ZeroTracking, on=True))
    stream.run(30)
    stream.ask(camera(ZeroTracking, on=True))
    other = Stream()
    other.run(90)
    other.ask(camera(ZeroTracking, on=True))
    assert stream.settings() == other.settings()


def test_a_sample_concealed_after_a_zero_does_not_leap() -> None:
    stream = Stream()
    stream.run(60)
    before = stream.state.tracks[0].newest
    stream.ask(camera(ZeroTracking, on=True))
    after = stream.state.tracks[0].newest
    assert before and after and before.position_m != after.position_m
    _, out = spine.tick(SETTINGS, stream.state, stream.now_ns() + PERIOD_NS * 7 // 10)
    (made_up,) = [message for message in out.bus if isinstance(message, CameraPose)]
    assert made_up.concealed
    assert math.dist(made_up.measured_position_m, stream.run(1)[0].measured_position_m) < 0.02
