"""Tracking: offsets against 4x4 matrices, counters against scripts, silence against a hand-turned clock."""

import itertools
import math

import numpy as np
import pytest

from bridge import tracking
from bridge.clock import NS_PER_S, FakeClock
from bridge.frames import IDENTITY, matrix_from_quat, quat_angle_rad, quat_from_pan_tilt_roll
from bridge.lens import lens_table
from bridge.messages import Alarm, CameraPose, StreamHealth, TrackerSample
from bridge.rigs import rigs_of
from bridge.stage import LensPoint
from bridge.stage_file import load
from bridge.timecode import timecode_at
from bridge.tracking import Rig, TrackState
from tests.bridge.tracked import PERIOD_NS, START_NS, counts, feed, rig, sample


def numbered(index: int, modulus: int = 65536, at: float | None = None, **changes: object) -> TrackerSample:
    changes = {"sequence": index % modulus, "sequence_modulus": modulus} | changes
    if at is not None:
        changes["t_arrival_ns"] = START_NS + round(at * PERIOD_NS)
    return sample(index, **changes)


def four_by_four(position: tuple[float, ...], rotation: tuple[float, ...]) -> np.ndarray:
    out = np.eye(4)
    out[:3, :3], out[:3, 3] = matrix_from_quat(rotation), position  # type: ignore[arg-type]
    return out


def test_offsets_chain_as_matrices_do() -> None:
    stage_from_tracker = ((0.3, 2.4, 0.25), quat_from_pan_tilt_roll(100.0, 3.0, -2.0))
    body_from_sensor = ((0.01, 0.12, 0.05), quat_from_pan_tilt_roll(1.0, 29.0, -3.0))
    measured = ((1.0, -2.0, 1.5), quat_from_pan_tilt_roll(-30.0, 10.0, 5.0))
    lens = lens_table([LensPoint(focal_length_mm=35.0, entrance_pupil_m=0.15)])
    settings = rig(
        stage_from_tracker=stage_from_tracker, body_from_sensor=body_from_sensor, lens=lens, nodal_offset_m=0.02
    )
    _, (pose,) = feed(settings, [sample(0, position_m=measured[0], rotation_wxyz=measured[1])])
    chain = four_by_four(*stage_from_tracker) @ four_by_four(*measured) @ four_by_four(*body_from_sensor)
    pupil = chain @ np.array([0.0, 0.17, 0.0, 1.0])
    assert pose.position_m == pytest.approx(pupil[:3], abs=1e-12)
    assert matrix_from_quat(pose.rotation_wxyz) == pytest.approx(chain[:3, :3], abs=1e-12)
    assert (pose.measured_position_m, pose.measured_rotation_wxyz) == (pose.position_m, pose.rotation_wxyz)


def test_a_stage_becomes_rigs(request: pytest.FixtureRequest) -> None:
    stage = load(request.config.rootpath / "stage_configs" / "small_wall.toml")
    (one,) = rigs_of(stage)
    assert (one.subject, one.tracker, one.camera_id, one.period_s) == ("camA", "arm", 1, 0.04)
    assert one.display_latency_s == pytest.approx(0.07)
    assert one.stage_from_tracker == ((0.35, 2.4, 0.25), quat_from_pan_tilt_roll(10.0, 0.0, 0.0))


def test_a_script_of_losses_copies_and_late_ones_is_counted_exactly() -> None:
    came = [0, 1, 2, 2, 3, 6, 5, 5, 7, 10, 10, 11, 12, 9, 13]  # 4 and 8 never; 5 and 9 late; 2, 5, 10 twice
    state, poses = feed(rig(), [numbered(n, at=max(n, place)) for place, n in enumerate(came)])
    assert counts(state) == {"received": 12, "lost": 2, "duplicate": 3, "reordered": 2}
    assert [round(pose.position_m[0] * 100) for pose in poses] == [0, 1, 2, 3, 6, 7, 10, 11, 12, 13]
    assert [pose.sequence for pose in poses] == list(range(1, 11))


@pytest.mark.parametrize("modulus", [16, 65536, 0])
def test_sequences_wrap(modulus: int) -> None:
    came = [n for n in range(65520, 65570) if n not in (65530, 65536, 65537)]
    settings = rig()
    state, poses = feed(settings, [numbered(n, modulus or 1 << 40, sequence_modulus=modulus) for n in came])
    assert counts(state) == {"received": 47, "lost": 3}
    assert len(poses) == 47


def test_a_short_sequence_is_read_with_the_time_that_passed() -> None:
    """Of 16 numbers, 40 lost samples leave 9 steps: the clock says which round."""
    state, _ = feed(rig(), [numbered(n, 16) for n in [*range(20), *range(60, 80)]])
    assert counts(state) == {"received": 40, "lost": 40}


def test_a_sender_that_starts_again_is_followed() -> None:
    state, poses = feed(rig(), [numbered(n, at=place) for place, n in enumerate([*range(5000, 5050), *range(50)])])
    assert len(poses) == 100
    assert state.stream.lost == 0


def test_without_a_sequence_copies_come_too_soon_and_are_equal() -> None:
    still = {"position_m": (1.0, 2.0, 3.0)}
    came = [0, 1, 2, 2.05, 3, 4, 4.02, 4.04, 5, 8, 9]  # 6 and 7 are missing
    state, poses = feed(rig(), [sample(at, **still) for at in came])
    assert counts(state) == {"received": 8, "lost": 2, "duplicate": 3}
    assert len(poses) == 8


def test_a_camera_at_rest_is_not_a_copy() -> None:
    state, poses = feed(rig(), [sample(n, position_m=(0.0, 0.0, 0.0)) for n in range(50)])
    assert (len(poses), state.stream.duplicate) == (50, 0)


def test_a_slower_stream_than_declared_is_not_a_lossy_one() -> None:
    state, _ = feed(rig(), [sample(n * 2) for n in range(100)])
    assert state.stream.lost == 0
    assert state.line is not None
    assert state.line.period_s == pytest.approx(0.02, rel=1e-3)


def test_the_first_sender_keeps_the_camera_until_it_is_lost() -> None:
    settings, first, second = rig(period_s=0.1), "10.0.0.1:40000", "10.0.0.2:40000"
    state, clock, alarms = tracking.start(settings), FakeClock(START_NS), list[str]()
    for n in range(1300):  # 130 s, and from 120 s on the first is silent
        for sender in [first, second] if n < 1200 else [second]:
            state, poses = tracking.step(settings, state, sample(n * 10, sender=sender))
            assert bool(poses) == (sender == first or n >= 1209)
        state, said = tracking.tick(settings, state, clock())
        alarms += [message.text for message in said if isinstance(message, Alarm) and "camera id" in message.text]
        clock.advance(0.1)
    assert len(alarms) == 3  # at once, and after one and two minutes
    assert "10.0.0.2:40000" in alarms[0]
    assert state.watch.conflicting == 1200 + 9


def quiet(settings: Rig, state: TrackState, from_ns: int, to_ns: int) -> list[tuple[float, object]]:
    """(milliseconds since `from_ns`, message) with a tick each millisecond."""
    said: list[tuple[float, object]] = []
    for now_ns in range(from_ns, to_ns + 1, 1_000_000):
        state, messages = tracking.tick(settings, state, now_ns)
        said += [((now_ns - from_ns) / 1e6, message) for message in messages]
    return said


def test_one_missing_is_concealed_three_are_stale_a_second_is_lost() -> None:
    settings = rig()
    state, poses = feed(settings, [sample(n) for n in range(50)])
    last_ns = poses[-1].t_arrival_ns
    tracking.tick(settings, state, last_ns)
    said = quiet(settings, state, last_ns, last_ns + 2 * NS_PER_S)
    shown = [(at, message) for at, message in said if isinstance(message, CameraPose)]
    assert [(at, pose.concealed, pose.stale, pose.lost) for at, pose in shown] == [
        (16.0, True, False, False),
        (30.0, True, True, False),
        (1000.0, True, False, True),
    ]
    assert shown[0][1].position_m[0] == pytest.approx(0.50, abs=1e-9)  # a step further, and held there
    assert shown[2][1].position_m == shown[0][1].position_m
    states = [(at, message.state) for at, message in said if isinstance(message, StreamHealth)]
    assert (30.0, "stale") in states
    assert (1000.0, "lost") in states
    alarms = [(at, message.severity) for at, message in said if isinstance(message, Alarm)]
    assert alarms == [(30.0, "warning"), (1000.0, "fault")]
    state, (back,) = tracking.step(settings, state, sample(300))
    assert not (back.stale or back.lost or back.concealed)
    _, messages = tracking.tick(settings, state, back.t_arrival_ns)
    assert [m.text for m in messages if isinstance(m, Alarm)] == ["camA: tracking is back after 2.51 s"]
    assert [m.state for m in messages if isinstance(m, StreamHealth)] == ["live"]


@pytest.mark.parametrize("sequence", [True, False])
def test_a_late_sample_does_not_go_backwards(sequence: bool) -> None:
    settings, state, poses = rig(), tracking.start(rig()), list[CameraPose]()
    for n in range(60):
        at = n + 0.8 if n == 40 else n
        late_ns = START_NS + round((n + 0.6) * PERIOD_NS)
        if n == 40:
            state, said = tracking.tick(settings, state, late_ns)
            poses += [message for message in said if isinstance(message, CameraPose)]
        one = numbered(n, at=at) if sequence else sample(n, t_arrival_ns=START_NS + round(at * PERIOD_NS))
        state, said = tracking.step(settings, state, one)
        poses += said
    assert counts(state) == {"received": 60} | ({"reordered": 1} if sequence else {})
    assert len(poses) == 61
    assert [pose.concealed for pose in poses].count(True) == 1
    assert all(a.t_ns < b.t_ns for a, b in itertools.pairwise(poses))
    assert [pose.sequence for pose in poses] == list(range(1, len(poses) + 1))


def test_health_is_told_each_second() -> None:
    settings = rig()
    state, reports = tracking.start(settings), list[StreamHealth]()
    for n in range(501):
        if n >= 100:
            state, _ = tracking.step(settings, state, sample(n))
        state, said = tracking.tick(settings, state, START_NS + n * PERIOD_NS)
        reports += [message for message in said if isinstance(message, StreamHealth)]
    assert [report.state for report in reports] == ["waiting", "live", "live", "live", "live", "live"]
    assert [report.rate_hz for report in reports[2:]] == pytest.approx([100.0] * 4, rel=0.02)


@pytest.mark.parametrize("rate_hz", [25, 120])
def test_jitter_is_taken_out_and_drift_followed(rate_hz: int) -> None:
    random, period_s = np.random.default_rng(1), 1.0 / rate_hz
    true_s = np.arange(2500) * period_s * (1.0 + 50e-6)
    arrival_ns = START_NS + np.round((true_s + random.normal(0.0, 0.003, 2500)) * NS_PER_S).astype(int)
    samples = [numbered(n, t_arrival_ns=int(at)) for n, at in enumerate(arrival_ns.tolist())]
    _, poses = feed(rig(period_s=period_s, tracker_latency_s=0.012), samples)
    wrong_s = np.array([(pose.t_ns - START_NS) / NS_PER_S + 0.012 for pose in poses[500:]]) - true_s[500:]
    assert np.std(wrong_s) < 0.3e-3
    assert abs(np.mean(wrong_s)) < 0.3e-3


def test_a_change_of_rate_is_followed() -> None:
    at = np.cumsum([1.0] * 300 + [0.5] * 300 + [2.0] * 300)
    state, poses = feed(rig(), [numbered(n, at=float(place)) for n, place in enumerate(at)])
    wrong_s = [(pose.t_ns - pose.t_arrival_ns) / NS_PER_S for pose in poses]
    assert max(map(abs, wrong_s[350:590])) < 0.001
    assert max(map(abs, wrong_s[650:])) < 0.001
    assert (len(poses), state.stream.lost) == (900, 0)


def test_a_senders_own_stamps_are_kept() -> None:
    came = [numbered(n, at=n + 0.2 * (n % 3), t_ns=START_NS + n * PERIOD_NS, time_source="sender") for n in range(50)]
    _, poses = feed(rig(), came)
    assert [pose.t_ns for pose in poses] == [one.t_ns for one in came]


@pytest.mark.parametrize("align", ["arrival", "timecode"])
def test_a_delay_of_fractional_frames_is_exact_on_a_line(align: str) -> None:
    settings = rig(delay_s=0.1, align=align, period_s=0.04, prediction=True)
    came = [
        sample(n * 4, position_m=(n * 0.04, 0.0, 0.0), timecode=timecode_at(90_000 + n, 25), sequence=n)
        for n in range(50)
        if n != 20
    ]
    _, poses = feed(settings, came)
    assert not any(pose.predicted for pose in poses)
    for pose in poses[5:]:
        assert pose.position_m[0] == pytest.approx((pose.t_arrival_ns - START_NS) / NS_PER_S - 0.1, abs=1e-6)
        assert (pose.t_arrival_ns - pose.t_ns) / NS_PER_S == pytest.approx(0.1, abs=1e-6)


def test_the_measured_pose_is_neither_smoothed_nor_predicted() -> None:
    settings = rig(smoothing=True, prediction=True, display_latency_s=0.1)
    _, poses = feed(settings, [sample(n) for n in range(400)])
    pose = poses[-1]
    assert pose.predicted
    assert pose.measured_position_m[0] == pytest.approx(3.99, abs=1e-9)
    assert pose.position_m[0] == pytest.approx(4.09, abs=0.003)
    assert pose.t_display_ns - pose.t_arrival_ns == pytest.approx(0.1 * NS_PER_S, abs=1e4)


def test_smoothing_is_switched_live() -> None:
    random, settings = np.random.default_rng(2), rig()
    came = [sample(n, position_m=tuple(random.normal(0.0, 1e-4, 3))) for n in range(600)]
    state, poses = tracking.start(settings), list[CameraPose]()
    for n, one in enumerate(came):
        state = tracking.set_smoothing(state, n >= 300) if n in (0, 300) else state
        state, said = tracking.step(settings, state, one)
        poses += said
    spread = [np.std([pose.position_m[0] for pose in part]) for part in (poses[:300], poses[350:])]
    assert spread[1] < 0.4 * spread[0]


def test_replay_says_the_same() -> None:
    random, settings = np.random.default_rng(3), rig(prediction=True, display_latency_s=0.1, smoothing=True)
    came = [sample(n, position_m=tuple(random.normal(0.0, 0.1, 3))) for n in range(200) if n % 17]
    assert feed(settings, came)[1] == feed(settings, came)[1]


def test_a_concealed_pose_is_predicted_on() -> None:
    settings = rig(prediction=True, display_latency_s=0.1)
    state, poses = feed(settings, [sample(n) for n in range(300)])
    state, said = tracking.tick(settings, state, poses[-1].t_arrival_ns + 16_000_000)
    (concealed,) = [message for message in said if isinstance(message, CameraPose)]
    assert concealed.concealed
    assert concealed.predicted
    assert concealed.position_m[0] - poses[-1].position_m[0] == pytest.approx(0.01, abs=1e-4)
    assert quat_angle_rad(concealed.rotation_wxyz, IDENTITY) == pytest.approx(0.0, abs=1e-9)
    assert math.isclose(concealed.t_display_ns - poses[-1].t_display_ns, PERIOD_NS, abs_tol=1e4)


def test_a_burst_after_a_pause_loses_no_sample() -> None:
    """No numbers: forty milliseconds of nothing, then all that was queued at once. Every sample is told, in order."""
    came = [*range(20), *[24.0 + n * 0.01 for n in range(5)], *range(25, 40)]
    state, poses = feed(rig(), [sample(at, position_m=(0.01 * n, 0.0, 0.0)) for n, at in enumerate(came)])
    assert counts(state) == {"received": 40}
    assert [round(pose.measured_position_m[0] * 100) for pose in poses] == list(range(40))
    assert all(after.t_ns > before.t_ns for before, after in itertools.pairwise(poses))


def test_a_sample_that_comes_after_its_place_was_concealed_is_told_all_the_same() -> None:
    settings, state, told = rig(), tracking.start(rig()), list[CameraPose]()
    for n in range(20):
        state, poses = tracking.step(settings, state, sample(n))
        told += poses
    state, said = tracking.tick(settings, state, sample(20.7).t_arrival_ns)
    told += [pose for pose in said if isinstance(pose, CameraPose)]
    assert told[-1].concealed
    state, poses = tracking.step(settings, state, sample(20.8))
    assert len(poses) == 1 and not poses[0].concealed
