"""Smoothing: the One Euro filter against its paper's formula, and laws."""

import math

import numpy as np
import pytest

from bridge import smoothing
from bridge.frames import (
    IDENTITY,
    quat_angle_rad,
    quat_from_pan_tilt_roll,
    quat_from_rotation_vector,
    quat_multiply,
    quat_rotate,
)
from bridge.smoothing import OneEuro, Smooth


def run(
    poses: list[tuple[tuple[float, float, float], tuple[float, float, float, float]]], rate_hz: float
) -> list[Smooth]:
    state, out = None, list[Smooth]()
    for n, (place, rotation) in enumerate(poses):
        state = smoothing.step(OneEuro(), state, round(n * 1e9 / rate_hz), place, rotation)
        out.append(state)
    return out


def test_one_axis_is_the_papers_filter() -> None:
    """Casiez 2012, algorithm 1, written out for a number."""
    random, settings = np.random.default_rng(1), OneEuro()
    values = np.cumsum(random.normal(0.0, 0.002, 200)).tolist()
    rate_hz, speed, smooth = 50.0, 0.0, values[0]
    got = run([((value, 0.0, 0.0), IDENTITY) for value in values], rate_hz)

    def alpha(cutoff_hz: float) -> float:
        return 1.0 / (1.0 + rate_hz / (2.0 * math.pi * cutoff_hz))

    for value, state in zip(values[1:], got[1:], strict=True):
        speed += alpha(settings.speed_hz) * ((value - smooth) * rate_hz - speed)
        smooth += alpha(settings.position_rest_hz + settings.position_rise_hz * abs(speed)) * (value - smooth)
        assert state.position_m[0] == pytest.approx(smooth, abs=1e-12)


def test_at_rest_it_is_steady_and_in_motion_it_keeps_up() -> None:
    random = np.random.default_rng(2)
    noise = random.normal(0.0, 1e-4, (600, 6)).tolist()
    rest = run([((a, b, c), quat_from_rotation_vector((d, e, f))) for a, b, c, d, e, f in noise], 100.0)
    assert np.std([state.position_m for state in rest[200:]]) < 0.4e-4
    assert np.mean([quat_angle_rad(state.rotation_wxyz, IDENTITY) for state in rest[200:]]) < 0.4 * 1.6e-4
    moving = run([((n * 0.01, 0.0, 0.0), quat_from_pan_tilt_roll(n * 0.2, 0.0, 0.0)) for n in range(300)], 100.0)
    assert moving[-1].position_m[0] == pytest.approx(2.99, abs=0.002)
    assert quat_angle_rad(moving[-1].rotation_wxyz, quat_from_pan_tilt_roll(59.8, 0.0, 0.0)) < math.radians(0.05)


def test_turning_the_move_turns_the_result() -> None:
    random = np.random.default_rng(3)
    turn = quat_from_pan_tilt_roll(50.0, 20.0, -70.0)
    steps = np.cumsum(random.normal(0.0, 0.01, (100, 6)), axis=0).tolist()
    poses = [((a, b, c), quat_from_rotation_vector((d, e, f))) for a, b, c, d, e, f in steps]
    plain = run(poses, 50.0)
    turned = run([(quat_rotate(turn, place), quat_multiply(turn, q)) for place, q in poses], 50.0)
    for a, b in zip(plain, turned, strict=True):
        assert b.position_m == pytest.approx(quat_rotate(turn, a.position_m), abs=1e-12)
        assert quat_angle_rad(b.rotation_wxyz, quat_multiply(turn, a.rotation_wxyz)) < 1e-7


def test_a_gap_starts_afresh() -> None:
    state = smoothing.step(OneEuro(), None, 0, (0.0, 0.0, 0.0), IDENTITY)
    state = smoothing.step(OneEuro(), state, 2_000_000_000, (5.0, 0.0, 0.0), IDENTITY)
    assert state.position_m == (5.0, 0.0, 0.0)
