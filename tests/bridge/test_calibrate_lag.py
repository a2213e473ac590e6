"""A picture's motion against the tracking's: rotations known beforehand, scipy as the peer, and laws."""

import itertools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import correlate
from scipy.spatial.transform import Rotation

from bridge.calibrate.delay.flow import follow
from bridge.calibrate.delay.lag import Lag, LagFault, lag_of
from bridge.calibrate.delay.motion_seen import Followed, Turns, turn_of
from bridge.calibrate.delay.motion_told import Tracked, tracked
from bridge.frames import quat_from_pan_tilt_roll
from bridge.messages import Distortion, LensState
from bridge.sight import Sight, project

Floats = NDArray[np.float64]
LENS = LensState(focal_length_mm=32.0, distortion=Distortion(-0.04, 0.01, 0.0003, -0.0002))
SENSOR_MM, SIZE_PX = (24.0, 13.5), (640, 360)
SECONDS = 8.0
PHASE = (0.4, 2.1, 5.0, 3.3)


def angles_deg(t: Floats) -> Floats:
    """[n, 3] pan, tilt, roll of a hand."""
    pan = 7.0 * np.sin(2 * np.pi * 0.37 * t + PHASE[0]) + 2.0 * np.sin(2 * np.pi * 0.83 * t + PHASE[1])
    tilt = 3.0 * np.sin(2 * np.pi * 0.29 * t + PHASE[2]) + 0.8 * np.sin(2 * np.pi * 0.71 * t + PHASE[3])
    return np.stack((pan, tilt, 0.2 * np.sin(2 * np.pi * 1.1 * t)), axis=1)


def places_m(t: Floats) -> Floats:
    return np.stack((0.15 * np.sin(2 * np.pi * 0.23 * t), 0.02 * t, 1.6 + 0.05 * np.sin(2 * np.pi * 0.41 * t)), axis=1)


def turned(t: Floats) -> Rotation:
    """Z-X-Y, as scipy has it."""
    return Rotation.from_euler("ZXY", angles_deg(t), degrees=True)


def told(rate_hz: float, late_s: float, seed: int = 1, noise_deg: float = 0.003) -> Tracked:
    """A tracker's samples, stamped `late_s` after they were true."""
    t = np.arange(-1.5, SECONDS + 1.5, 1.0 / rate_hz)
    random = np.random.default_rng(seed)
    noisy = turned(t) * Rotation.from_rotvec(random.normal(0.0, math.radians(noise_deg), (len(t), 3)))
    xyzw = noisy.as_quat()
    return tracked(t + late_s, xyzw[:, [3, 0, 1, 2]], places_m(t) + random.normal(0.0, 1e-4, (len(t), 3)))


def seen(rate_hz: float, noise_deg: float = 0.01, seed: int = 2) -> Turns:
    """What pictures would show, without pictures."""
    t = np.arange(0.0, SECONDS, 1.0 / rate_hz)
    turn = (turned(t[:-1]).inv() * turned(t[1:])).as_rotvec()
    turn += np.random.default_rng(seed).normal(0.0, math.radians(noise_deg), turn.shape)
    return Turns(t[:-1], t[1:], turn, np.full(len(turn), 100))


@pytest.mark.parametrize(
    ("rate_hz", "late_s", "tracker_hz"),
    [
        (24.0, 0.0, 25.0),
        (25.0, 0.0137, 60.0),
        (50.0, -0.0611, 50.0),
        (25.0, 0.213, 120.0),
        (24000 / 1001, 0.0333, 60.0),
    ],
)
def test_a_known_lag_is_found(rate_hz: float, late_s: float, tracker_hz: float) -> None:
    lag = lag_of(seen(rate_hz), told(tracker_hz, late_s))
    assert abs(lag.lag_s + late_s) * rate_hz < 0.1  # stamped late is tracking late: negative
    assert abs(lag.lag_s + late_s) < 5 * lag.sigma_s
    assert lag.agreement_unit > 0.99
    assert lag.gains_unit == pytest.approx((1.0, 1.0), abs=0.02)


def test_shifting_the_clip_shifts_the_answer() -> None:
    turns, way = seen(25.0), told(60.0, 0.02)
    first = lag_of(turns, way)
    for by_s in (0.0071, -0.433):
        moved = turns._replace(start_s=turns.start_s + by_s, end_s=turns.end_s + by_s)
        assert lag_of(moved, way).lag_s - first.lag_s == pytest.approx(by_s, abs=2e-4)


def test_scipy_correlates_to_the_same_sample() -> None:
    """The peer works on evenly sampled rates, and to whole samples."""
    step_s, late_s = 1.0 / 200.0, 0.085
    t, more = np.arange(0.0, SECONDS, step_s), np.arange(-1.0, SECONDS + 1.0, step_s)
    picture, tracking = (np.gradient(angles_deg(when)[:, 0]) for when in (t, more - late_s))
    curve = correlate(tracking, picture, mode="valid")  # from the tracking's first second on
    curve /= np.sqrt(correlate(tracking**2, np.ones(len(t)), mode="valid"))
    peer_s = 1.0 - int(np.argmax(curve)) * step_s
    assert lag_of(seen(25.0), told(60.0, late_s)).lag_s == pytest.approx(peer_s, abs=step_s)


def test_dropped_frames_and_lost_pairs_do_no_harm() -> None:
    turns = seen(25.0)
    t = np.delete(np.append(turns.start_s, turns.end_s[-1]), [20, 21, 60, 61, 62, 100])
    turn = (turned(t[:-1]).inv() * turned(t[1:])).as_rotvec()
    turn[30:35] = np.nan
    turn[70:76] += 0.1  # somebody walks through
    lag = lag_of(Turns(t[:-1], t[1:], turn, np.full(len(turn), 50)), told(60.0, 0.03))
    assert abs(lag.lag_s + 0.03) * 25.0 < 0.03
    assert lag.pairs < len(turn) - 5


# --- what is seen -------------------------------------------------------------------------------------------------


class Scene(NamedTuple):
    """Points around the camera, some near."""

    points_m: Floats


def scene(nearest_m: float, seed: int = 3) -> Scene:
    random = np.random.default_rng(seed)
    across, up = random.uniform(-0.8, 0.8, 300), random.uniform(-0.5, 0.5, 300)
    ahead = random.uniform(nearest_m, 12.0, 300)
    return Scene(np.stack((across * ahead, ahead, 1.6 + up * ahead), axis=1))


def view(t: float) -> Sight:
    at = np.array([t])
    x, y, z = places_m(at)[0].tolist()
    return Sight((x, y, z), quat_from_pan_tilt_roll(*angles_deg(at)[0].tolist()), LENS, SENSOR_MM, SIZE_PX)


def followed(points_m: Floats, start_s: float, end_s: float, random: np.random.Generator, noise_px: float) -> Followed:
    """Where points are in two pictures."""
    both = [project(eye := view(t), points_m - np.array(eye.position_m)) for t in (start_s, end_s)]
    inside = np.all([(p > 0).all(axis=1) & (p < np.array(SIZE_PX)).all(axis=1) for p in both], axis=0)
    noisy = [p[inside] + random.normal(0.0, noise_px, (int(inside.sum()), 2)) for p in both]
    return Followed(*noisy)


def filmed(rate_hz: float, nearest_m: float, noise_px: float = 0.1) -> Turns:
    t, random, points_m = np.arange(0.0, SECONDS, 1.0 / rate_hz), np.random.default_rng(5), scene(nearest_m).points_m
    rows = [
        turn_of(followed(points_m, a, b, random, noise_px), LENS, SENSOR_MM, SIZE_PX) for a, b in itertools.pairwise(t)
    ]
    found = np.array(rows)
    return Turns(t[:-1], t[1:], found[:, :3], found[:, 3].astype(np.int64))


@pytest.mark.slow
@pytest.mark.parametrize("nearest_m", [2.0])
def test_parallax_and_pixel_noise_leave_the_lag_alone(nearest_m: float) -> None:
    lag = lag_of(filmed(25.0, nearest_m), told(60.0, 0.041))
    assert abs(lag.lag_s + 0.041) * 25.0 < 0.1
    assert 0.02 < lag.near_unit < 0.6


def test_a_rotation_is_read_through_the_lens_and_outvotes_what_moves_by_itself() -> None:
    random = np.random.default_rng(1)
    directions = scene(4.0).points_m - np.array([0.0, 0.0, 1.6])
    before = Sight((0.0, 0.0, 0.0), quat_from_pan_tilt_roll(0.0, 0.0, 0.0), LENS, SENSOR_MM, SIZE_PX)
    after = before._replace(rotation_wxyz=quat_from_pan_tilt_roll(1.1, -0.4, 0.2))
    a, b = project(before, directions), project(after, directions)
    inside = (a > 5).all(axis=1) & (a < np.array(SIZE_PX) - 5).all(axis=1) & np.isfinite(b).all(axis=1)
    a, b = a[inside], b[inside]
    b[: len(b) * 2 // 5] += random.uniform(3.0, 9.0, (len(b) * 2 // 5, 2))
    truth = Rotation.from_euler("ZXY", [1.1, -0.4, 0.2], degrees=True).as_rotvec()
    assert turn_of(Followed(a, b), LENS, SENSOR_MM, SIZE_PX)[:3] == pytest.approx(truth, abs=1e-6)
    assert np.isnan(turn_of(Followed(a[:5], b[:5]), LENS, SENSOR_MM, SIZE_PX)[0])


def test_points_are_followed_to_a_twentieth_of_a_pixel() -> None:
    """A picture moved by known parts of a pixel in Fourier's way, which owes OpenCV nothing."""
    random = np.random.default_rng(4)
    spectrum = np.fft.fft2(random.normal(size=(180, 320)))
    v, u = np.meshgrid(np.fft.fftfreq(180), np.fft.fftfreq(320), indexing="ij")
    smooth = spectrum * np.exp(-(u**2 + v**2) / (2 * 0.06**2))

    def moved(dx: float, dy: float) -> NDArray[np.uint8]:
        picture = np.fft.ifft2(smooth * np.exp(-2j * np.pi * (u * dx + v * dy))).real
        return np.clip(128 + 40 * picture / picture.std(), 0, 255).astype(np.uint8)

    pair = follow(moved(0.0, 0.0), moved(1.37, -0.62))
    assert len(pair.before_px) > 50
    step = np.median(pair.after_px - pair.before_px, axis=0)
    assert step == pytest.approx([1.37, -0.62], abs=0.05)


# --- what is refused ----------------------------------------------------------------------------------------------


def swapped(signs: tuple[int, int, int]) -> Callable[[], Lag]:
    turns = seen(25.0)
    return lambda: lag_of(turns._replace(turn_rad=turns.turn_rad * np.array(signs)), told(60.0, 0.02))


def nothing() -> Turns:
    return seen(25.0)._replace(turn_rad=np.full((199, 3), np.nan))


def steady() -> Lag:
    """A sine, and nothing but: half a period later it is the same, mirrored."""
    t = np.arange(-1.5, SECONDS + 1.5, 1.0 / 60.0)

    def at(times: Floats) -> Rotation:
        return Rotation.from_euler("ZXY", np.outer(np.sin(2 * np.pi * 0.8 * times), [5.0, 0.0, 0.0]), degrees=True)

    turns = seen(25.0)
    turn = (at(turns.start_s).inv() * at(turns.end_s)).as_rotvec()
    return lag_of(turns._replace(turn_rad=turn), tracked(t, at(t).as_quat()[:, [3, 0, 1, 2]], np.zeros((len(t), 3))))


REFUSED: list[tuple[Callable[[], Lag], str]] = [
    (swapped((1, -1, -1)), "the picture pans the other way: the picture is mirrored, or the tracker's pan"),
    (swapped((-1, -1, 1)), "tilts the other way"),
    (swapped((-1, 1, -1)), "upside down"),
    (lambda: lag_of(nothing(), told(60.0, 0.0)), "could be followed in 0 of 199 frames, expected 30 or more"),
    (lambda: lag_of(seen(25.0), told(60.0, 60.0)), "they do not overlap"),
    (lambda: lag_of(seen(25.0), told(60.0, 0.9), 0.5), "search wider|resemble each other"),
    (lambda: lag_of(seen(25.0, noise_deg=5.0), told(60.0, 0.0)), "resemble each other by"),
    (steady, "the motion repeats itself"),
]


@pytest.mark.parametrize(("ask", "says"), REFUSED, ids=[says[:24] for _, says in REFUSED])
def test_what_cannot_be_told_is_refused_in_a_sentence(ask: Callable[[], Lag], says: str) -> None:
    with pytest.raises(LagFault, match=says):
        ask()


def test_a_camera_that_rests_is_refused() -> None:
    t = np.arange(-1.5, SECONDS + 1.5, 0.02)
    still = tracked(t, np.tile([1.0, 0.0, 0.0, 0.0], (len(t), 1)), np.zeros((len(t), 3)))
    with pytest.raises(LagFault, match=r"the camera turned at 0.00 degrees a second, expected 1 or more"):
        lag_of(seen(25.0), still)


def test_too_few_poses_are_refused() -> None:
    with pytest.raises(ValueError, match="expected at least 8 tracked poses, got 3"):
        tracked([0.0, 0.1, 0.2], np.tile([1.0, 0, 0, 0], (3, 1)), np.zeros((3, 3)))
