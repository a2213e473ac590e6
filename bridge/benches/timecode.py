"""Timecode: what the LTC reader gets wrong or misses of another's signal, how fast it is, and how well clocks compare.

The signal is libltc's, an independent encoder; without it the reader has no witness and those rows are absent.
"""

import time
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from bridge.benches import timecode_peers
from bridge.benches.row import Row, absent, measured
from bridge.clock import NS_PER_S
from bridge.house_time import host_clock
from bridge.house_time.host_clock import Clock
from bridge.labels import Labels
from bridge.messages import CameraPose, LensState, TimecodeState
from bridge.timecode import Timecode, timecode_at
from bridge.wire import ltc
from bridge.wire.ltc import Ltc, LtcFrame, LtcState

RATES = ("24", "25", "29.97df", "30")
SPEEDS = (0.9, 0.95, 1.0, 1.05, 1.1)
NOISE_DB, SAMPLE_RATE_HZ, BLOCK = 30.0, 48000, 480
LOCK = 2
"""Frames a reader may take to lock; the last is not closed by an edge of one after it."""


def rows(seconds: float) -> Iterator[Row]:
    """Reader, its speed, a pose's label, and the clocks of hosts."""
    if timecode_peers.LIBRARY is None:
        yield absent("LTC against an independent encoder", "libltc is not here (Debian: libltc11)")
    else:
        for rate in RATES:
            yield from _read_right(rate, seconds)
        yield _speed(seconds)
    yield _labelling()
    yield from _clocks(round(60 * seconds))


def _read_right(rate: str, seconds: float) -> Iterator[Row]:
    wrong = missed = read = 0
    labels = timecode_peers.labels_from(rate, max(30, round(10 * seconds)), before_s=0.5)
    for speed in SPEEDS:
        for reverse in (False, True):
            played = labels[::-1] if reverse else labels
            samples = timecode_peers.encode(played, SAMPLE_RATE_HZ, speed, reverse)
            frames = _read(timecode_peers.noisy(samples, NOISE_DB, seed=len(rate)), timecode_peers.rate_of(rate)[:2])
            found = [frame.timecode for frame in frames if frame.reverse == reverse]
            due = played[LOCK:-1]
            wrong += len(frames) - len(found) + sum(label not in set(played) for label in found) + _disorder(found, due)
            missed += len(set(due) - set(found))
            read += len(due)
    what = f"LTC {rate} of {timecode_peers.NAME} at -{NOISE_DB:.0f} dB, x0.9 to x1.1, both ways: of {read} frames"
    yield measured(f"{what}, wrong", wrong, "frames", at_most=0)
    yield measured(f"{what}, missed after {LOCK}", missed, "frames", at_most=0)


def _disorder(found: list[Timecode], due: list[Timecode]) -> int:
    """How many labels stand elsewhere than where they were played."""
    where = {label: index for index, label in enumerate(due)}
    places = [where[label] for label in found if label in where]
    return sum(after != before + 1 for before, after in pairwise(places))


def _read(samples: timecode_peers.Samples, rate: tuple[int, int]) -> list[LtcFrame]:
    settings, state = Ltc(sample_rate_hz=SAMPLE_RATE_HZ, rate=rate), LtcState()
    frames: list[LtcFrame] = []
    for at in range(0, len(samples), BLOCK):
        state, fresh = ltc.step(settings, state, samples[at : at + BLOCK])
        frames += fresh
    return frames


def _speed(seconds: float) -> Row:
    samples = timecode_peers.encode(timecode_peers.labels_from("25", 250), SAMPLE_RATE_HZ)
    began_s, read_s = time.perf_counter(), 0.0
    while time.perf_counter() - began_s < min(seconds, 3.0):
        _read(samples, (25, 1))
        read_s += len(samples) / SAMPLE_RATE_HZ
    value = read_s / (time.perf_counter() - began_s)
    return measured("LTC read, one core, in blocks of 10 ms", value, "x real time", at_least=10)


def _labelling() -> Row:
    """What it adds to each pose in the spine."""
    labels = Labels("ltc", 0)
    ten = timecode_at(900_000, 25)
    labels.hear(TimecodeState(subject="ltc", t_ns=0, state="locked", timecode=ten), 0)
    none = (0.0, 0.0, 0.0)
    pose = CameraPose(
        subject="camA",
        t_ns=NS_PER_S,
        sequence=1,
        position_m=none,
        lens=LensState(focal_length_mm=35.0),
        sensor_mm=(24.0, 13.5),
        t_arrival_ns=0,
        t_display_ns=0,
        measured_position_m=none,
    )
    took_s: list[float] = []
    for _ in range(2000):
        began_ns = time.perf_counter_ns()
        labels.label(pose, (25, 1))
        took_s.append((time.perf_counter_ns() - began_ns) / NS_PER_S)
    return measured("label one pose in the spine, p50", float(np.median(took_s)), "s", at_most=50e-6)


def _clocks(exchanges: int) -> Iterator[Row]:
    """A simulated network that is 20 times slower one way than back, between clocks 40 ppm apart."""
    random = np.random.default_rng(1)
    skew, ahead_ns = 40e-6, 5e9
    clock = Clock()
    worst, errors_s = 0.0, list[float]()
    for second in range(1, exchanges + 1):
        t1_ns = second * NS_PER_S
        there_ns, back_ns = (round(100_000 + random.exponential(wait_ns)) for wait_ns in (4e6, 2e5))
        t2_ns = round((t1_ns + there_ns) * (1 + skew) + ahead_ns)
        said = host_clock.sample(t1_ns, t2_ns, t2_ns + 30_000, t1_ns + there_ns + 30_000 + back_ns)
        clock, _ = host_clock.step(clock, said, 1)
        now_ns = t1_ns + there_ns + back_ns
        known = host_clock.offset(clock, now_ns)
        error_ns = abs(known.offset_ns - (now_ns * skew + ahead_ns))
        worst = max(worst, error_ns / known.error_ns)
        errors_s.append(error_ns / NS_PER_S)
    what = "host clock over a simulated network, 4 ms there and 0.2 ms back"
    bound_s = host_clock.offset(clock, clock.quickest[-1].t_ns).error_ns / NS_PER_S
    late_s = float(np.median(errors_s[len(errors_s) // 2 :]))
    yield measured(f"{what}: error, against its stated bound", late_s, "s", floor=bound_s, at_most=1, of="ratio")
    yield measured(f"{what}: worst error over its bound at the time", worst, "", at_most=1)
    yield measured(f"{what}: skew error", abs(clock.skew_unit - skew) * 1e6, "ppm", at_most=5)
