"""The demo's tracker: real packets of each protocol, on time, that lead back to the move they came from."""

from pathlib import Path

import pytest

from bridge import frames
from bridge.clock import NS_PER_S
from bridge.playback import moves as playback_moves
from bridge.playback.packets import PACKETS, MovePoint, Playback, Stamp, due, packet
from bridge.samples import SAMPLERS, Datagram, Source
from bridge.stage_file import load

CONFIGS = Path(__file__).parents[2] / "stage_configs"
STAGE = load(CONFIGS / "small_wall.toml")


@pytest.mark.parametrize("protocol", PACKETS)
def test_every_protocols_packets_lead_back_to_the_move(protocol: str) -> None:
    point = MovePoint((1.25, -2.5, 1.75), frames.quat_from_pan_tilt_roll(30, 10, 5), 0.5, 0.25)
    data = PACKETS[protocol](point, Stamp(3, 26, 25.0))
    (sample,) = SAMPLERS[protocol](Source("t", "generic", 0.0, (24.0, 13.5)), None, Datagram("t", data, "a", 9))[1]
    assert sample.camera_id == 3
    assert sample.position_m == pytest.approx(point.position_m, abs=2e-5)
    assert frames.quat_angle_rad(sample.rotation_wxyz, point.rotation_wxyz) < 3e-5
    assert protocol == "freed" or str(sample.timecode) == "10:00:01:01"


def test_what_is_due_by_a_time_is_sent_once() -> None:
    points = [MovePoint((float(i), 0.0, 0.0), frames.IDENTITY, 0.0, 0.0) for i in range(4)]
    play = Playback(1, points, 50.0)
    sent: list[bytes] = []
    for now_ns in range(0, NS_PER_S // 5 + 1, NS_PER_S // 130):
        sent += due(play, 0, now_ns, len(sent))
    assert sent == [packet(play, index) for index in range(len(sent))]
    assert len(sent) == 10  # 0.2 s at 50 Hz, the first at once, the last just before


def test_the_move_turns_round_at_its_ends_and_never_jumps() -> None:
    points = [MovePoint((float(i), 0.0, 0.0), frames.IDENTITY, 0.0, 0.0) for i in range(4)]
    play = Playback(1, points, 50.0)
    order = [
        SAMPLERS["freed"](Source("t", "generic", 0.0, (24.0, 13.5)), None, Datagram("t", packet(play, i), "a", 0))[1][0]
        for i in range(8)
    ]
    assert [sample.position_m[0] for sample in order] == pytest.approx([0, 1, 2, 3, 2, 1, 0, 1])


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_made_move_looks_at_the_first_wall_of_every_stage(path: Path) -> None:
    stage = load(path)
    for tracker_name, play in playback_moves.of_stage(stage, None):
        tracker = next(tracker for tracker in stage.trackers if tracker.name == tracker_name)
        assert play.protocol == tracker.protocol
        camera = next(c for c in stage.cameras if (c.tracker, c.tracker_camera_id) == (tracker_name, play.camera_id))
        from bridge.stage_walls import pose_of

        middle = play.points[len(play.points) // 2]
        body = (middle.position_m, middle.rotation_wxyz)
        eye_m, rotation = frames.compose(
            frames.compose(pose_of(tracker.stage_from_tracker), body), pose_of(camera.body_from_sensor)
        )
        assert eye_m == pytest.approx(stage.world.viewpoint_m, abs=0.02)
        ahead = frames.quat_rotate(rotation, (0.0, 1.0, 0.0))
        aim = playback_moves.middle_m(stage.walls[0])
        away = [a - e for a, e in zip(aim, eye_m, strict=True)]
        length = sum(c * c for c in away) ** 0.5
        assert sum(a * b for a, b in zip(ahead, away, strict=True)) / length == pytest.approx(1.0, abs=1e-3)


@pytest.mark.data
def test_the_recorded_move_keeps_its_pace_at_another_rate(mosys_move: Path) -> None:
    data = mosys_move.read_bytes()
    plain, fast = (playback_moves.recorded(data, rate, (0.0, 1.0)) for rate in (25.0, 100.0))
    assert len(plain) == 1497
    assert len(fast) == 4 * 1496 + 1
    assert fast[400].position_m == plain[100].position_m
    assert frames.quat_angle_rad(fast[400].rotation_wxyz, plain[100].rotation_wxyz) < 1e-9
    assert 0.0 == min(p.zoom_raw_unit for p in plain) < max(p.zoom_raw_unit for p in plain) == 1.0
