"""The spine end to end without a socket: tracker bytes in, engine bytes, UDP bytes and bus messages out."""

from pathlib import Path

import numpy as np
import pytest

from bridge import frames, spine
from bridge.clock import NS_PER_S
from bridge.messages import Alarm, CameraPose, EngineBytes, SetSmoothing, StartTake, StreamHealth
from bridge.samples import Datagram
from bridge.spine import Spine, SpineState
from bridge.spine_process import settings_of
from bridge.stage_file import load
from bridge.wire import engine, f4, freed, opentrackio
from bridge.wire.opentrackio_packets import decode_segment

STAGE = load(Path(__file__).parents[2] / "stage_configs" / "small_wall.toml")
PERIOD_NS = NS_PER_S // 25


SETTINGS = settings_of(STAGE, lambda: 0, boot=7)


def setup() -> tuple[Spine, SpineState]:
    return SETTINGS, SpineState(SETTINGS)


def datagram(
    index: int, *, x_mm: float = 0.0, camera_id: int = 1, sender: str = "10.0.0.1:1", pan: float = 0.0
) -> Datagram:
    packet = freed.FreeDPacket(
        camera_id=camera_id,
        pan_deg=pan,
        tilt_deg=-28.0,
        roll_deg=3.0,
        position_mm=(x_mm, -1850.0, 1190.0),
        zoom=20000,
        focus=index,
        spare=0,
    )
    return Datagram("arm", freed.encode(packet), sender, NS_PER_S + index * PERIOD_NS)


def play(
    count: int, state_of: tuple[Spine, SpineState], *, speed_mm: float = 0.0, first: int = 0
) -> list[spine.Outgoing]:
    settings, state = state_of
    outs: list[spine.Outgoing] = []
    for index in range(first, first + count):
        item = datagram(index, x_mm=speed_mm * index)
        state, out = spine.step(settings, state, item, item.t_arrival_ns + 50_000)
        outs.append(out)
    return outs


def test_one_packet_reaches_engine_unreal_and_bus() -> None:
    (out,) = play(1, setup())
    pose = next(message for message in out.bus if isinstance(message, CameraPose))
    frame = engine.decode(*out.engine[0])
    assert isinstance(frame, engine.CameraFrame)
    assert frame.name == pose.subject == "camA"
    assert frame.position_cm == pytest.approx(frames.unreal_pose_from_stage(pose.position_m, pose.rotation_wxyz)[0])
    assert frame.focus_raw_unit == 0
    assert frame.t_sent_ns - frame.t_arrival_ns == 50_000
    by_protocol = {STAGE.engine.udp[index].protocol: data for index, data in out.udp}
    sample = opentrackio.decode(by_protocol["opentrackio"]).sample
    assert sample.transforms and sample.transforms[0].translation
    assert sample.transforms[0].translation.x_m == pytest.approx(pose.position_m[0])
    assert sample.static is not None
    packet = freed.decode(by_protocol["freed"])
    assert np.array(packet.position_mm) / 1000 == pytest.approx(pose.position_m, abs=1e-5)
    recorded = next(message for message in out.bus if isinstance(message, EngineBytes))
    assert (recorded.topic, recorded.header, recorded.payload) == out.engine[0]


def test_the_pupil_is_where_an_independent_matrix_chain_puts_it() -> None:
    (out,) = play(1, setup())
    pose = next(message for message in out.bus if isinstance(message, CameraPose))

    def matrix(position: tuple, pan: float, tilt: float, roll: float) -> np.ndarray:
        m = np.eye(4)
        m[:3, :3] = frames.matrix_from_quat(frames.quat_from_pan_tilt_roll(pan, tilt, roll))
        m[:3, 3] = position
        return m

    tracker, camera = STAGE.trackers[0], STAGE.cameras[0]
    chain = (
        matrix(tracker.stage_from_tracker.position_m, *tracker.stage_from_tracker.pan_tilt_roll_deg)
        @ matrix((0.0, -1.85, 1.19), 0.0, -28.0, 3.0)
        @ matrix(camera.body_from_sensor.position_m, *camera.body_from_sensor.pan_tilt_roll_deg)
    )
    pupil_m = chain @ [0.0, pose.lens.entrance_pupil_m + camera.nodal_offset_m, 0.0, 1.0]
    assert pose.measured_position_m == pytest.approx(pupil_m[:3], abs=1e-5)
    assert frames.matrix_from_quat(pose.measured_rotation_wxyz) == pytest.approx(chain[:3, :3], abs=1e-4)


def test_the_same_bytes_in_give_the_same_bytes_out() -> None:
    first, second = play(60, setup(), speed_mm=4.0), play(60, setup(), speed_mm=4.0)
    assert [out.engine for out in first] == [out.engine for out in second]
    assert [out.udp for out in first] == [out.udp for out in second]


def test_a_steady_move_is_predicted_to_the_light() -> None:
    outs = play(100, setup(), speed_mm=8.0)
    pose = next(message for message in outs[-1].bus if isinstance(message, CameraPose))
    ahead_s = (pose.t_display_ns - pose.t_ns) / NS_PER_S
    assert ahead_s == pytest.approx(0.08, abs=0.005)  # tracker 10 ms, engine 50 ms, processor 20 ms
    moved_m = np.subtract(pose.position_m, pose.measured_position_m)
    assert np.linalg.norm(moved_m) == pytest.approx(0.2 * ahead_s, rel=0.05)  # 8 mm a frame is 0.2 m/s


def test_malformed_packets_and_unknown_cameras_change_nothing() -> None:
    both = setup()
    play(3, both)
    settings, state = both
    for data, kind in (
        (b"junk", "length"),
        (datagram(3).data[:-1] + b"\0", "checksum"),
        (datagram(3, camera_id=9).data, "camera"),
    ):
        state, out = spine.step(settings, state, Datagram("arm", data, "10.0.0.1:1", 10**9), 10**9)
        assert not out.engine and not out.bus
        assert [refused[0] for refused in out.refused] == [kind]
    _, text = out.refused[0][1:]
    assert text == "camera id 9 is none of the stage file's [1] for tracker arm"


def test_a_second_sender_is_shown_and_not_followed() -> None:
    both = setup()
    play(30, both)
    settings, state = both
    intruder = datagram(30, x_mm=5000.0, sender="10.0.0.66:1")
    state, out = spine.step(settings, state, intruder, intruder.t_arrival_ns)
    assert not [message for message in out.bus if isinstance(message, CameraPose)]
    said = [*out.bus, *spine.tick(settings, state, intruder.t_arrival_ns + NS_PER_S // 50)[1].bus]
    alarm = next(message for message in said if isinstance(message, Alarm))
    assert "10.0.0.66:1" in alarm.text


def test_silence_is_said_stale_then_lost() -> None:
    both = setup()
    play(30, both)
    settings, state = both
    last_ns = datagram(29).t_arrival_ns
    flags: list[CameraPose] = []
    states: list[str] = []
    for step_ns in range(0, 3 * NS_PER_S, PERIOD_NS // 2):
        state, out = spine.tick(settings, state, last_ns + step_ns)
        flags += [message for message in out.bus if isinstance(message, CameraPose)]
        states += [message.state for message in out.bus if isinstance(message, StreamHealth)]
    assert [pose.concealed and not (pose.stale or pose.lost) for pose in flags].count(True) == 1
    assert any(pose.stale for pose in flags) and any(pose.lost for pose in flags)
    assert states.index("stale") < states.index("lost")


def test_heartbeats_tell_a_restart() -> None:
    settings, state = setup()
    _, out = spine.tick(settings, state, 2 * NS_PER_S)
    beat = engine.decode(*out.engine[-1])
    assert isinstance(beat, engine.HeartbeatFrame)
    assert beat.boot == 7


def test_commands_are_answered() -> None:
    settings, state = setup()
    answers = [
        spine.obey(settings, state, command, NS_PER_S)[2]
        for command in (
            SetSmoothing(subject="camA", t_ns=0, on=True),
            SetSmoothing(subject="camZ", t_ns=0, on=True),
            StartTake(subject="recorder", t_ns=0),
        )
    ]
    assert [answer.ok for answer in answers] == [True, False, False]
    assert answers[1].text == "no camera camZ; there are camA"


@pytest.mark.data
def test_the_recorded_move_comes_through_every_protocol_alike(mosys_move: Path) -> None:
    """F4, transcoded to FreeD and to OpenTrackIO: the same camera comes out, to what FreeD can hold."""
    from bridge.samples import SAMPLERS, Source

    source = Source("arm", "generic", 0.0, (24.0, 13.5))
    for index, data in enumerate(list(f4.split(mosys_move.read_bytes()))[:200]):
        (by_f4,) = SAMPLERS["f4"](source, None, Datagram("arm", data, "a", index))[1]
        packet = freed.from_pose(by_f4.position_m, by_f4.rotation_wxyz, camera_id=1, zoom=0, focus=0)
        (by_freed,) = SAMPLERS["freed"](source, None, Datagram("arm", freed.encode(packet), "a", index))[1]
        assert by_freed.position_m == pytest.approx(by_f4.position_m, abs=1e-5)
        assert frames.quat_angle_rad(by_freed.rotation_wxyz, by_f4.rotation_wxyz) < 2e-6


def test_statics_go_out_every_two_seconds() -> None:
    outs = play(101, setup())
    target = next(i for i, t in enumerate(STAGE.engine.udp) if t.protocol == "opentrackio")
    payloads = [decode_segment(data).payload for out in outs for index, data in out.udp if index == target]
    assert [b'"static"' in payload for payload in payloads].count(True) == 3
