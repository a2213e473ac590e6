"""The live filter against its closed form, the take's filter against what zero phase means."""

import math

import numpy as np

from capture.solve import filters

DT_S, EYE = 1.0 / 30.0, np.eye(3)


def run(positions: np.ndarray, sigma_m: float, settings: filters.ConstantVelocity) -> list[filters.Motion]:
    state, states = filters.begun(0, 1), []
    for number, position in enumerate(positions):
        state = filters.step(settings, state, round(number * DT_S * 1e9), position[None], EYE[None] / sigma_m**2)
        states.append(state)
    return states


def test_the_gain_settles_where_the_riccati_equation_says() -> None:
    """The steady gain of the discretised white-acceleration model, from scipy's solver."""
    from scipy.linalg import solve_discrete_are

    settings, sigma_m = filters.ConstantVelocity(acceleration_m_s2_unit=8.0), 0.012
    density = settings.acceleration_m_s2_unit**2 / 30.0
    move = np.array([[1.0, DT_S], [0.0, 1.0]])
    noise = density * np.array([[DT_S**3 / 3, DT_S**2 / 2], [DT_S**2 / 2, DT_S]])
    see = np.array([[1.0, 0.0]])
    before = solve_discrete_are(move.T, see.T, noise, np.array([[sigma_m**2]]))
    gain = before[0, 0] / (before[0, 0] + sigma_m**2)
    state = run(np.zeros((200, 3)), sigma_m, settings)[-1]
    after = before[0, 0] * (1.0 - gain)
    assert math.isclose(state.place[0, 0, 0], after, rel_tol=1e-3)


def test_steady_motion_is_followed_without_delay() -> None:
    path = np.outer(np.arange(120) * DT_S, [1.5, -0.7, 0.2])
    states = run(path, 0.012, filters.ConstantVelocity())
    assert np.abs(states[-1].position_m[0] - path[-1]).max() < 1e-4


def test_a_swinging_hand_is_followed_within_one_frame() -> None:
    t = np.arange(300) * DT_S
    path = np.stack((0.4 * np.sin(2 * np.pi * 1.0 * t), np.zeros(300), np.zeros(300)), axis=-1)
    seen = np.array([state.position_m[0, 0] for state in run(path, 0.012, filters.ConstantVelocity())])[60:]
    late_s = np.linspace(-0.05, 0.05, 401)
    errors = [np.abs(seen - 0.4 * np.sin(2 * np.pi * (t[60:] - late))).mean() for late in late_s]
    assert abs(late_s[int(np.argmin(errors))]) <= DT_S


def test_what_is_thin_along_a_ray_moves_across_it_only() -> None:
    across = np.diag([1.0, 1.0, 0.0]) / 0.01**2
    state = filters.begun(0, 1)
    for number in range(20):
        state = filters.step(
            filters.ConstantVelocity(), state, number * 33_000_000, np.zeros((1, 3)), EYE[None] / 0.01**2
        )
    state = filters.step(filters.ConstantVelocity(), state, 20 * 33_000_000, np.array([[0.05, 0.0, 3.0]]), across[None])
    assert state.position_m[0, 0] > 0.005
    assert abs(state.position_m[0, 2]) < 1e-6


def test_a_leap_is_doubted() -> None:
    settings, still = filters.ConstantVelocity(), np.zeros((60, 3))
    calm = run(still, 0.01, settings)[-1]
    leapt = filters.step(settings, calm, 60 * 33_333_333, np.array([[2.0, 0.0, 0.0]]), EYE[None] / 0.01**2)
    assert leapt.position_m[0, 0] < 0.2


def test_what_was_not_seen_for_long_is_not_known() -> None:
    state = run(np.zeros((30, 3)), 0.01, filters.ConstantVelocity())[-1]
    gone = filters.step(filters.ConstantVelocity(), state, state.t_ns + 600_000_000, np.full((1, 3), np.nan), EYE[None])
    assert not filters.known(gone, gone.t_ns).any()


def test_a_take_is_smoothed_without_delay_and_mirrors_in_time() -> None:
    random = np.random.Generator(np.random.PCG64(4))
    values = np.cumsum(random.normal(0.0, 0.01, (240, 3)), axis=0)
    smooth = filters.zero_phase(values, 60.0)
    assert np.abs(filters.zero_phase(values[::-1], 60.0)[::-1] - smooth)[30:-30].max() < 1e-4
    pulse = np.zeros((241, 1))
    pulse[120] = 1.0
    answer = filters.zero_phase(pulse, 60.0)[:, 0]
    assert np.abs(answer - answer[::-1]).max() < 1e-9


def test_slow_motion_passes_and_trembling_does_not() -> None:
    t = np.arange(600) / 60.0
    slow, fast = np.sin(2 * np.pi * 1.0 * t), np.sin(2 * np.pi * 20.0 * t)
    assert np.abs(filters.zero_phase(slow[:, None], 60.0)[60:-60, 0] - slow[60:-60]).max() < 0.02
    assert np.abs(filters.zero_phase(fast[:, None], 60.0)[60:-60]).max() < 0.03


def test_holes_stay_holes() -> None:
    values = np.ones((100, 2))
    values[40:50, 1] = np.nan
    smooth = filters.zero_phase(values, 60.0)
    assert np.isnan(smooth[40:50, 1]).all()
    assert np.allclose(smooth[:, 0], 1.0)
