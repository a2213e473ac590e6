"""Prediction: laws that hold for any move, and the targets on a recorded and on generated moves."""

import math
from pathlib import Path

import numpy as np
import pytest

from bridge import moves, prediction
from bridge.frames import (
    IDENTITY,
    Quaternion,
    Vector,
    pan_tilt_roll_from_quat,
    quat_angle_rad,
    quat_from_pan_tilt_roll,
    quat_from_rotation_vector,
    quat_multiply,
    quat_rotate,
)
from bridge.prediction import Prediction
from bridge.wire import f4

SETTINGS = Prediction(1.0 / 60.0, 0.12)


def run(poses: list[moves.Pose], settings: Prediction = SETTINGS) -> list[moves.Pose]:
    return moves.predicted(moves.Move(1.0 / settings.period_s, poses, poses, np.zeros(0)), settings.horizon_s)


def steady(n: int, rate_hz: float, velocity: Vector, spin_rad: Vector) -> moves.Pose:
    t = n / rate_hz
    start = quat_from_pan_tilt_roll(20.0, -10.0, 3.0)
    turn = quat_from_rotation_vector((spin_rad[0] * t, spin_rad[1] * t, spin_rad[2] * t))
    return (velocity[0] * t, velocity[1] * t, 1.6 + velocity[2] * t), quat_multiply(start, turn)


@pytest.mark.parametrize("rate_hz", [24, 60, 240])
@pytest.mark.parametrize("horizon_s", [0.03, 0.12, 0.3])
def test_constant_velocity_is_predicted_exactly(rate_hz: int, horizon_s: float) -> None:
    """From 3 s on, when the slowest low pass (0.2 s) has forgotten the start."""
    velocity, spin_rad = (1.0, -0.4, 0.1), (0.05, 0.1, 0.3)
    count = 8 * rate_hz
    ahead = run([steady(n, rate_hz, velocity, spin_rad) for n in range(count)], Prediction(1.0 / rate_hz, horizon_s))
    for n in range(3 * rate_hz, count):
        place, rotation = steady(n + horizon_s * rate_hz, rate_hz, velocity, spin_rad)  # type: ignore[arg-type]
        assert ahead[n][0] == pytest.approx(place, abs=1e-7)
        assert quat_angle_rad(ahead[n][1], rotation) < 1e-7


@pytest.mark.parametrize("rate_hz", [25, 60, 240])
def test_noise_at_rest_is_not_amplified(rate_hz: int) -> None:
    """Within 5 s the prediction of a camera at rest is steadier than the measurement; before, at most 4 times worse."""
    random = np.random.default_rng(4)
    noise = random.normal(0.0, 1e-4, (20 * rate_hz, 6)).tolist()
    poses = [((a, b, c), quat_from_rotation_vector((d, e, f))) for a, b, c, d, e, f in noise]
    ahead = run(poses, Prediction(1.0 / rate_hz, 0.12))
    offs = np.array([math.dist(place, (0.0, 0.0, 0.0)) for place, _ in ahead])
    turns = np.array([quat_angle_rad(rotation, IDENTITY) for _, rotation in ahead])
    rest = math.sqrt(3.0) * 1e-4
    for values in (offs, turns):
        assert np.sqrt(np.mean(values[: 5 * rate_hz] ** 2)) < 4.0 * rest
        assert np.sqrt(np.mean(values[5 * rate_hz :] ** 2)) < rest


def test_predicting_a_turned_move_turns_the_prediction() -> None:
    move = moves.dolly(60, 8.0, 5)
    turn, shift = quat_from_pan_tilt_roll(70.0, -40.0, 25.0), np.array((3.0, -1.0, 7.0))

    def turned(pose: moves.Pose) -> moves.Pose:
        x, y, z = np.add(quat_rotate(turn, pose[0]), shift).tolist()
        return (x, y, z), quat_multiply(turn, pose[1])

    expected = [turned(pose) for pose in run(move.measured)]
    for got, want in zip(run([turned(pose) for pose in move.measured]), expected, strict=True):
        assert got[0] == pytest.approx(want[0], abs=1e-8)
        assert quat_angle_rad(got[1], want[1]) < 1e-6


def test_the_lever_of_a_head_is_found_and_used() -> None:
    """A head that pans and tilts unevenly about a fixed point, 0.3 m behind and below the tracked point."""
    lever, rate_hz = (0.02, 0.2, 0.3), 50.0

    def at(t: float) -> moves.Pose:
        q = quat_from_pan_tilt_roll(15.0 * math.sin(1.1 * t) + 4.0 * math.sin(3.1 * t), 8.0 * math.sin(1.7 * t), 0.0)
        x, y, z = quat_rotate(q, lever)
        return (x + 1.0, y, z), q

    poses, state = [at(n / rate_hz) for n in range(1000)], None
    settings = Prediction(1.0 / rate_hz, 0.12)
    for n, (place, rotation) in enumerate(poses):
        state = prediction.step(settings, state, n * 20_000_000, place, rotation)
    assert state is not None
    assert state.lever_m == pytest.approx(lever, abs=0.01)
    place, rotation = prediction.predict(state, 0.12)
    pivot = np.subtract(place, quat_rotate(rotation, lever))
    assert pivot == pytest.approx((1.0, 0.0, 0.0), abs=2e-4)


def test_a_stop_is_not_overshot_by_more_than_the_velocity_says() -> None:
    """1 m/s to a dead stop in one sample: nothing goes beyond 1.5 x velocity x horizon, and all is calm in a second."""
    path = [(min(n, 180) / 60.0, 0.0, 1.6) for n in range(300)]
    ahead = run([(place, IDENTITY) for place in path])
    off = np.array([place[0] - now[0] for (place, _), now in zip(ahead, path, strict=True)])
    assert off.max() <= 1.5 * 0.12 + 1e-9
    assert abs(off[240:]).max() < 2e-3


def test_a_gap_is_bridged_and_a_long_one_starts_afresh() -> None:
    poses = {n: steady(n, 60, (1.0, 0.0, 0.0), (0.0, 0.0, 0.3)) for n in range(400)}
    state, ahead = None, dict[int, moves.Pose]()
    for n, (place, rotation) in poses.items():
        if n % 50 in (20, 21) or 300 <= n < 330:
            continue
        state = prediction.step(SETTINGS, state, n * NS_60, place, rotation)
        ahead[n] = prediction.predict(state, 0.12)
    for n in (219, 222, 223, 399):
        assert ahead[n][0][0] == pytest.approx(poses[n][0][0] + 0.12, abs=4e-3)
    assert ahead[330][0] == poses[330][0]  # no velocity is known yet
    for n in range(331, 345):
        assert poses[n][0][0] <= ahead[n][0][0] < poses[n][0][0] + 0.15


NS_60 = round(1e9 / 60)


def test_times_that_do_not_advance_change_nothing() -> None:
    state = prediction.step(SETTINGS, None, 10, (0.0, 0.0, 0.0), IDENTITY)
    state = prediction.step(SETTINGS, state, 10 + NS_60, (0.1, 0.0, 0.0), IDENTITY)
    before = prediction.predict(state, 0.1)
    assert prediction.predict(prediction.step(SETTINGS, state, 5, (9.0, 0.0, 0.0), IDENTITY), 0.1) == before


@pytest.mark.parametrize("kind", ["nan-free spikes", "alternating"])
def test_wild_input_stays_bounded(kind: str) -> None:
    random = np.random.default_rng(6)
    jumps = (
        random.normal(0.0, 5.0, (600, 3))
        if kind == "nan-free spikes"
        else np.outer((-1.0) ** np.arange(600), (1, 1, 1))
    )
    rotation: list[Quaternion] = [quat_from_pan_tilt_roll(*angles) for angles in (jumps * 40.0).tolist()]
    poses = [((x, y, z), q) for (x, y, z), q in zip(jumps.tolist(), rotation, strict=True)]
    reach = 1.5 * 0.12 * 60.0 * 2.0 * float(np.linalg.norm(jumps, axis=1).max())
    for (place, _), (now, _) in zip(run(poses), poses, strict=True):
        assert math.dist(place, now) < 2.0 * reach


@pytest.mark.parametrize("rate_hz", [25, 60, 120])
@pytest.mark.parametrize("seed", [1, 2])
def test_targets_on_a_dolly(rate_hz: int, seed: int) -> None:
    """1 m/s, shake, a 20 deg sweep, 0.1 mm and 0.005 deg of noise; 120 ms ahead, p95, the start included."""
    figures = moves.prediction_errors(moves.dolly(rate_hz, 20.0, seed), 0.12)
    assert figures.edge_ratio >= 5.0
    assert figures.inside_ratio >= 2.0


@pytest.mark.data
def test_targets_on_the_recorded_move(mosys_move: Path) -> None:
    packets = [f4.decode(data) for data in f4.split(mosys_move.read_bytes())]
    samples = [f4.to_sample(packet, subject="arm", t_arrival_ns=0) for packet in packets]
    focal_px = np.array([f4.float_of(dict(packet.blocks)[f4.FX]) for packet in packets])
    move = moves.recorded(25.0, [(s.position_m, s.rotation_wxyz) for s in samples], focal_px)
    for skip in (0, 748):
        figures = moves.prediction_errors(move, 0.12, skip=skip)
        assert figures.edge_ratio >= 8.0
        assert figures.inside_ratio >= 3.0


# --- the judge, judged -----------------------------------------------------------------------------------------------


def test_edge_error_of_a_pan_and_of_a_step_aside() -> None:
    """A pan of 1 deg moves the picture's middle by f tan 1 deg and its sides more; 10 mm aside is f 0.01 / wall."""
    straight: list[moves.Pose] = [((0.0, 0.0, 0.0), IDENTITY)] * 2
    move = moves.Move(10.0, straight, straight, np.full(2, 2000.0))
    panned: list[moves.Pose] = [((0.0, 0.0, 0.0), quat_from_pan_tilt_roll(1.0, 0.0, 0.0))] * 2
    edge = moves.errors(move, panned, 0.0).edge_px[0]
    side = math.atan(960 / 2000)
    horizontal = 2000 * (math.tan(side + math.radians(1)) - math.tan(side))
    assert horizontal < edge < 1.05 * horizontal  # the corner also moves up or down
    aside: list[moves.Pose] = [((0.01, 0.0, 0.0), IDENTITY)] * 2
    found = moves.errors(move, aside, 0.0)
    assert found.edge_px[0] == pytest.approx(2000 * 0.01 / 4.0)
    assert found.inside_px[0] == pytest.approx(2000 * 0.01 * (1 / 4 - 1 / 12))


def test_the_dolly_is_what_it_says() -> None:
    move = moves.dolly(120, 20.0, 3, shake=0.0, noise=0.0)
    places = np.array([place for place, _ in move.true])
    pans = np.array([pan_tilt_roll_from_quat(rotation)[0] for _, rotation in move.true])
    speed = np.abs(np.diff(places[:, 0])) * 120
    assert np.median(speed[speed > 0.9]) == pytest.approx(1.0, abs=0.05)
    assert np.ptp(places[:, 0]) == pytest.approx(3.0, abs=0.1)
    assert np.ptp(pans) == pytest.approx(20.0, abs=0.1)
    assert move.measured == move.true
