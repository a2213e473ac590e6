"""The study behind `docs/prediction.md`: other predictors, tuned on each move's first half and judged on its second.

Run it with `.venv/bin/python tests/bridge/prediction_rivals.py`.
Each rival sees increments [N, 3] (metres, or radians in the camera's axes) and foretells the displacement over the
horizon. What is tuned, is tuned for the lowest p95 edge error.
"""

import itertools
import math
import sys
import unittest.mock
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy.linalg import solve_discrete_are

sys.path.insert(0, str(Path(__file__).parents[2]))

from bridge import moves, prediction
from bridge.frames import (
    quat_from_rotation_vector,
    quat_inverse,
    quat_multiply,
    quat_normalise,
    rotation_vector_from_quat,
)
from bridge.moves import Move
from bridge.wire import f4

Rival = Callable[[np.ndarray, float, float], np.ndarray]  # increments, samples ahead, rate -> displacements


def recording(path: Path) -> Move:
    """The Mo-Sys recording; its focal lengths are pixels of a picture taken to be 1920 wide."""
    packets = [f4.decode(data) for data in f4.split(path.read_bytes())]
    samples = [f4.to_sample(packet, subject="arm", t_arrival_ns=0) for packet in packets]
    focal = [f4.float_of(dict(packet.blocks)[f4.FX]) for packet in packets]
    return moves.recorded(25.0, [(s.position_m, s.rotation_wxyz) for s in samples], np.array(focal))


def low_passed(x: np.ndarray, tau: float) -> np.ndarray:
    out, v = np.zeros_like(x), np.zeros(3)
    for k, step in enumerate(x):
        v = v + (step - v) / (tau + 1.0)
        out[k] = v
    return out


def filtered(x: np.ndarray, taps: np.ndarray) -> np.ndarray:
    out = np.zeros_like(x)
    for j, tap in enumerate(taps):
        out[j:] += tap * x[: len(x) - j]
    return out


def velocity(tau_s: float) -> Rival:
    return lambda x, ahead, rate: ahead * low_passed(x, tau_s * rate)


def polynomial(order: int, window_s: float) -> Rival:
    def foretell(x: np.ndarray, ahead: float, rate: float) -> np.ndarray:
        window = max(order + 2, round(window_s * rate) + 1)
        fit = np.linalg.pinv(np.vander(-np.arange(window), order + 1, increasing=True))
        taps = np.array([ahead**i for i in range(order + 1)]) @ fit
        taps[0] -= 1.0
        return filtered(x, -np.cumsum(taps[::-1])[::-1][1:])

    return foretell


def kalman(order: int, quickness: float) -> Rival:
    """Steady state; `quickness` is process noise over measurement noise, per second."""

    def foretell(x: np.ndarray, ahead: float, rate: float) -> np.ndarray:
        size, dt = order + 1, 1.0 / rate
        step = np.eye(size)
        for i, j in itertools.combinations(range(size), 2):
            step[i, j] = dt ** (j - i) / (1 if j - i == 1 else 2)
        drive = np.array([dt ** (size - i) / (1, 1, 2, 6)[size - i] for i in range(size)])[:, None]
        watch = np.eye(size)[:1]
        spread = solve_discrete_are(step.T, watch.T, quickness**2 * drive @ drive.T + 1e-12 * np.eye(size), np.eye(1))
        gain = (spread @ watch.T / (watch @ spread @ watch.T + 1.0))[:, 0]
        reach = np.array([(ahead * dt) ** i / (1, 1, 2)[i] for i in range(size)])
        path, state, out = np.cumsum(x, axis=0), np.zeros((size, 3)), np.zeros_like(x)
        for k, seen in enumerate(path):
            state = step @ state
            state = state + np.outer(gain, seen - state[0])
            out[k] = reach @ state - seen
        return out

    return foretell


def fitted(lags: int, ridge: float) -> Rival:
    """The best taps for the first half, in hindsight."""

    def foretell(x: np.ndarray, ahead: float, rate: float) -> np.ndarray:
        del rate
        past = np.stack([np.concatenate((np.zeros((j, 3)), x[: len(x) - j])) for j in range(lags)], axis=2)
        path, whole = np.cumsum(x, axis=0), round(ahead)
        target = (path[whole:] - path[:-whole]) * (ahead / whole)
        half = len(x) // 2 - whole
        a, b = past[:half].reshape(-1, lags), target[:half].reshape(-1)
        normal = a.T @ a
        taps = np.linalg.solve(normal + ridge * np.trace(normal) / lags * np.eye(lags), a.T @ b)
        return past @ taps

    return foretell


def hedged(rate_of_learning: float) -> Rival:
    """Eight velocities weighted by what each lost lately (multiplicative weights)."""

    def foretell(x: np.ndarray, ahead: float, rate: float) -> np.ndarray:
        experts = [low_passed(x, tau * rate) * ahead for tau in (0.0, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)]
        bank = np.stack([*experts, np.zeros_like(x)])
        path, whole, out = np.cumsum(x, axis=0), round(ahead), np.zeros_like(x)
        loss = np.zeros(len(bank))
        for k in range(len(x)):
            if k > whole:
                off = path[k] - path[k - whole] - bank[:, k - whole] * (whole / ahead)
                cost = (off**2).sum(axis=1)
                loss = loss * (1.0 - 1.0 / (2.0 * rate)) + cost / max(cost.mean(), 1e-18)
            weight = np.exp(-rate_of_learning * (loss - loss.min()))
            out[k] = (weight / weight.sum()) @ bank[:, k]
        return out

    return foretell


FAMILIES: dict[str, list[Rival]] = {
    "constant velocity, one low pass": [velocity(tau) for tau in (0.0, 0.01, 0.02, 0.04, 0.08, 0.16)],
    "Kalman, constant velocity": [kalman(1, q) for q in np.geomspace(1.0, 3e4, 10)],
    "Kalman, constant acceleration": [kalman(2, q) for q in np.geomspace(3.0, 3e5, 10)],
    "local line": [polynomial(1, window) for window in (0.04, 0.08, 0.12, 0.2, 0.3)],
    "local parabola": [polynomial(2, window) for window in (0.12, 0.2, 0.3, 0.5, 0.8)],
    "best linear, fitted in hindsight": [fitted(lags, ridge) for lags in (4, 12, 25) for ridge in (1e-4, 1e-3, 1e-2)],
    "bank of velocities, hedged": [hedged(eta) for eta in (0.03, 0.1, 0.3, 1.0)],
}


def foretold(move: Move, increments: tuple[np.ndarray, np.ndarray], horizon_s: float, pair: tuple[Rival, Rival]):
    """Poses from one rival for position and one for rotation."""
    ahead = horizon_s * move.rate_hz
    shift, turn = (rival(x, ahead, move.rate_hz) for rival, x in zip(pair, increments, strict=True))
    return [
        (tuple(np.add(place, by)), quat_normalise(quat_multiply(q, quat_from_rotation_vector(tuple(v)))))
        for (place, q), by, v in zip(move.measured, shift.tolist(), turn.tolist(), strict=True)
    ]


def increments_of(move: Move) -> tuple[np.ndarray, np.ndarray]:
    places = np.array([pose[0] for pose in move.measured])
    turns = [
        rotation_vector_from_quat(quat_multiply(quat_inverse(a), b))
        for (_, a), (_, b) in itertools.pairwise(move.measured)
    ]
    return np.diff(places, axis=0, prepend=places[:1]), np.array([(0.0, 0.0, 0.0), *turns])


def p95(move: Move, drawn: list, horizon_s: float) -> tuple[np.ndarray, np.ndarray]:
    """(edge, inside) of the first half, and of the second."""
    found, half = moves.errors(move, drawn, horizon_s), len(move.true) // 2
    halves = (slice(None, half), slice(half, None))
    first, second = ([np.percentile(e[part], 95) for e in (found.edge_px, found.inside_px)] for part in halves)
    return np.array(first), np.array(second)


def table(move: Move, horizon_s: float) -> Iterator[tuple[str, float, float]]:
    """(predictor, edge, inside): how many times lower the second half's p95 error is than without prediction."""
    without = p95(move, move.measured, horizon_s)[1]
    increments = increments_of(move)
    still: Rival = lambda x, ahead, rate: np.zeros_like(x)  # noqa: E731, ARG005
    for name, family in FAMILIES.items():
        trials = [p95(move, foretold(move, increments, horizon_s, (rival, still)), horizon_s) for rival in family]
        place = family[int(np.argmin([first[1] for first, _ in trials]))]
        trials = [p95(move, foretold(move, increments, horizon_s, (place, rival)), horizon_s) for rival in family]
        best = min(trials, key=lambda halves: halves[0][0])[1]
        yield name, *(without / best)
    with unittest.mock.patch.object(prediction, "_LEVER_FULL", math.inf):
        yield "ours without the lever", *(without / p95(move, moves.predicted(move, horizon_s), horizon_s)[1])
    yield "ours", *(without / p95(move, moves.predicted(move, horizon_s), horizon_s)[1])


def main() -> None:
    data = Path(__file__).parents[3] / "shared/data/camera_move_mosys/A003_C001.f4"
    judged = {f"dolly {rate} Hz": moves.dolly(rate, 30.0, 7) for rate in (25, 60, 120)}
    if data.is_file():
        judged = {"recorded": recording(data)} | judged
    rows: dict[str, list[str]] = {}
    for move in judged.values():
        for name, edge, inside in table(move, 0.12):
            rows.setdefault(name, []).append(f"{edge:.1f} / {inside:.1f}")
    print("| predictor | " + " | ".join(judged) + " |\n|---|" + "---|" * len(judged))
    for name, cells in rows.items():
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
