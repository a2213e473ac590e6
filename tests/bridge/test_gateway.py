"""What the UDP targets get: the pose drawn with, or the one measured."""

import json

import pytest

from bridge.engine import gateway
from bridge.frames import quat_from_pan_tilt_roll
from bridge.messages import CameraPose, LensState
from bridge.stage import UdpTarget
from bridge.wire import freed, opentrackio
from bridge.wire.opentrackio_packets import decode_segment

CAMERA = gateway.Camera(3, (1920, 1080), 25, 1)
POSE = CameraPose(
    subject="camA",
    t_ns=5_000_000_123,
    sequence=7,
    position_m=(1.0, 2.0, 3.0),
    rotation_wxyz=quat_from_pan_tilt_roll(30, 10, 5),
    lens=LensState(focal_length_mm=40.0),
    measured_lens=LensState(focal_length_mm=35.0),
    sensor_mm=(24.0, 13.5),
    t_arrival_ns=5_000_100_000,
    t_display_ns=5_100_000_000,
    measured_position_m=(1.1, 2.0, 3.0),
    measured_rotation_wxyz=quat_from_pan_tilt_roll(31, 10, 5),
    predicted=True,
)


@pytest.mark.parametrize(("measured", "pan_deg", "x_m", "focal_mm"), [(False, 30, 1.0, 40.0), (True, 31, 1.1, 35.0)])
def test_a_target_gets_the_pose_drawn_with_or_the_one_measured(
    measured: bool, pan_deg: float, x_m: float, focal_mm: float
) -> None:
    target = UdpTarget(protocol="opentrackio", host="127.0.0.1", port=1, measured=measured)
    (data,) = gateway.udp_datagrams(target, CAMERA, POSE, static=False)
    sample = json.loads(decode_segment(data).payload)
    assert sample["transforms"][0]["rotation"]["pan"] == pytest.approx(pan_deg)
    assert sample["transforms"][0]["translation"]["x"] == x_m
    assert sample["lens"]["pinholeFocalLength"] == focal_mm
    assert opentrackio.decode(data).sample.tracker.status == ("Good" if measured else "Predicted")

    target = UdpTarget(protocol="freed", host="127.0.0.1", port=1, measured=measured)
    (data,) = gateway.udp_datagrams(target, CAMERA, POSE, static=False)
    packet = freed.decode(data)
    assert packet.pan_deg == pytest.approx(-pan_deg, abs=1e-4)
    assert packet.camera_id == 3
