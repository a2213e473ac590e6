"""Flashes whose light is integrated the slow way, in tenths of a millisecond, and found again; and what is refused."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.calibrate.delay.filming import Asking, film
from bridge.calibrate.delay.flash import (
    DURATION_S,
    FlashFault,
    Seen,
    flash_plan,
    latency_of,
    linear,
    region_level,
)
from bridge.calibrate.delay.made_clip import Display, Shutter, flashing, lit_s
from bridge.clock import NS_PER_S, FakeClock
from bridge.messages import Flash
from bridge.tone import srgb

Floats = NDArray[np.float64]
TICK_S = 1e-4


def exposed(on_off_s: Floats, shutter: Shutter, count: int) -> Floats:
    """[count], the mean of a light that is on or off, tick by tick while the shutter is open."""
    t = np.arange(0.0, count / shutter.rate_hz + 0.1, TICK_S) + 0.5 * TICK_S
    on = np.zeros(len(t))
    for start_s, end_s in on_off_s:
        on[(t >= start_s) & (t < end_s)] = 1.0
    starts = np.arange(count) / shutter.rate_hz
    return np.array([on[(t >= s) & (t < s + shutter.open_s)].mean() for s in starts])


def seen_of(latency_s: float, rate_hz: float, degrees: float, seed: int, noise: float = 0.01) -> tuple[Seen, Any]:
    """A wall that waits for its 60 Hz refresh, and a camera with noise."""
    plan, shutter = flash_plan(seed), Shutter(rate_hz, degrees)
    random, asked = np.random.default_rng(seed), np.array(plan)
    behind_s = latency_s - 0.5 / 60.0
    on_s = np.ceil((asked - 0.002 * seed) * 60.0) / 60.0 + 0.002 * seed + behind_s
    count = int((plan[-1] + 1.0) * rate_hz)
    level = 0.05 + 0.6 * exposed(np.stack((on_s, on_s + 8 / 60.0), axis=1), shutter, count)
    return Seen(np.arange(count) / rate_hz, shutter.open_s, level + random.normal(0.0, noise * 0.6, count)), plan


@pytest.mark.parametrize(
    ("rate_hz", "degrees", "latency_s"),
    [
        (24.0, 180.0, 0.07),
        (25.0, 180.0, 0.0477),
        (50.0, 180.0, 0.121),
        (25.0, 360.0, 0.083),
        (30000 / 1001, 270.0, 0.03),
    ],
)
def test_a_known_latency_is_found(rate_hz: float, degrees: float, latency_s: float) -> None:
    seen, plan = seen_of(latency_s, rate_hz, degrees, seed=round(rate_hz))
    found = latency_of(seen, plan)
    assert abs(found.mean_s - latency_s) * rate_hz < 0.1
    assert abs(found.mean_s - latency_s) < 4 * found.sigma_s
    assert found.seen == found.asked == len(plan)
    assert 0.008 < found.spread_s < 0.025, "the refresh is 16.7 ms"


def test_shifting_the_clip_shifts_the_answer() -> None:
    seen, plan = seen_of(0.06, 25.0, 180.0, 4)
    first = latency_of(seen, plan, refresh_hz=60.0).mean_s
    later = latency_of(seen._replace(start_s=seen.start_s + 0.0313), plan, refresh_hz=60.0).mean_s
    assert later - first == pytest.approx(0.0313, abs=4e-4)


def test_no_two_intervals_of_a_plan_let_it_be_taken_for_itself() -> None:
    plan = np.array(flash_plan(11))
    assert plan[0] == 1.0
    assert plan == pytest.approx(np.array(flash_plan(11)))
    apart = np.abs(plan[:, None] - plan[None, :])
    for lag_s in np.arange(0.2, 1.0, 0.01):
        assert (np.abs(apart - lag_s) < 0.02).any(axis=1).mean() < 0.5
    assert flash_plan(11) != flash_plan(12)


def test_the_part_of_the_picture_that_flashes_is_found() -> None:
    shutter, plan = Shutter(25.0), flash_plan(2, 8)
    count = round((plan[-1] + 1.0) * 25.0)
    plain, white = np.full((36, 64), 0.1), np.full((36, 64), 0.1)
    white[8:30, 30:60] = 0.7
    made = np.array(
        list(flashing((plain, white), lit_s(np.array(plan), DURATION_S, Display(0.05)), shutter, count, 0.01))
    )
    made[:, :6, :20] = np.random.default_rng(1).integers(20, 220, (count, 1, 1))  # a lamp that flickers by itself
    level, region = region_level(linear(made))
    wall = np.zeros((36, 64), bool)
    wall[8:30, 30:60] = True
    assert (region == wall).mean() > 0.99
    found = latency_of(Seen(np.arange(count) / 25.0, shutter.open_s, level), plan, refresh_hz=60.0)
    assert abs(found.mean_s - 0.05) * 25.0 < 0.15


def test_made_pictures_hold_the_light_that_the_slow_way_counts() -> None:
    shutter, plan = Shutter(24.0, 144.0), flash_plan(5, 6)
    on_off_s = lit_s(np.array(plan), DURATION_S, Display(0.071, 60.0, 0.003))
    count = round((plan[-1] + 1.0) * 24.0)
    made = np.array(list(flashing((np.zeros((1, 1)), np.ones((1, 1))), on_off_s, shutter, count, 0.0)))
    slow = exposed(on_off_s, shutter, count)
    assert linear(made)[:, 0, 0] == pytest.approx(slow, abs=0.02)
    assert on_off_s[:, 0] - np.array(plan) == pytest.approx(np.full(6, 0.071), abs=0.5 / 60.0 + 1e-9)


def test_light_is_had_back_from_srgb() -> None:
    light = np.linspace(0.0, 1.0, 50)
    shown = np.round(srgb(light) * 255).astype(np.uint8)
    assert linear(shown) == pytest.approx(light, abs=0.005)
    assert linear(shown, encoded=False) == pytest.approx(shown / 255.0, abs=1e-6)


# --- refused ------------------------------------------------------------------------------------------------------


def test_a_dark_picture_is_refused_with_what_to_do() -> None:
    pictures = np.random.default_rng(1).integers(10, 14, (100, 9, 16)).astype(np.uint8)
    with pytest.raises(FlashFault, match=r"a flash that was not seen.*`cyc wall show` or Unreal is running"):
        region_level(linear(pictures))


def test_another_plan_is_refused() -> None:
    seen, _ = seen_of(0.06, 25.0, 180.0, 4)
    with pytest.raises(FlashFault, match=r"a flash that was not seen|were not seen"):
        latency_of(seen, flash_plan(99))


def test_flashes_that_stop_half_way_are_counted_and_most_missing_is_refused() -> None:
    seen, plan = seen_of(0.06, 25.0, 180.0, 4)
    late = np.array(seen.level_unit)
    late[round(plan[20] * 25.0) :] = 0.05
    found = latency_of(seen._replace(level_unit=late), plan)
    assert 18 <= found.seen <= 20
    assert abs(found.mean_s - 0.06) * 25.0 < 0.15
    late[round(plan[8] * 25.0) :] = 0.05
    with pytest.raises(FlashFault, match=r"of 32 flashes were not seen|brightness follows"):
        latency_of(seen._replace(level_unit=late), plan)


def test_too_few_flashes_are_refused() -> None:
    seen, plan = seen_of(0.06, 25.0, 180.0, 4)
    with pytest.raises(FlashFault, match="expected 5 flashes or more while the clip ran, there were 3"):
        latency_of(seen, plan[:3])


# --- live, with clocks turned by hand -----------------------------------------------------------------------------


class Wall:
    """A publisher that a test reads."""

    def __init__(self) -> None:
        self.sent: list[Flash] = []

    def send(self, message: Flash) -> None:
        self.sent.append(message)

    def serve(self) -> list[Any]:
        return []


class Lens:
    """A device that delivers a picture each 40 ms."""

    ended = False

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.next_ns = clock, clock.now_ns

    def take(self) -> list[tuple[int, NDArray[np.uint8]]]:
        came = []
        while self.next_ns <= self.clock.now_ns:
            came.append((self.next_ns, np.zeros((2, 3), np.uint8)))
            self.next_ns += NS_PER_S // 25
        return came


def test_flashes_are_asked_for_as_planned_while_the_device_films() -> None:
    clock, wall, plan = FakeClock(5 * NS_PER_S), Wall(), flash_plan(3, 6)
    asking = Asking(wall, plan, "back", DURATION_S)  # type: ignore[arg-type]

    def meanwhile(now_ns: int) -> None:
        asking.turn(now_ns)
        clock.advance(0.001)

    came = film(Lens(clock), plan[-1] + 1.0, clock, meanwhile)
    assert [flash.t_ns for flash in wall.sent] == asking.asked_ns
    asked_s = (np.array(asking.asked_ns) - 5 * NS_PER_S) / NS_PER_S
    assert asked_s == pytest.approx(np.array(plan), abs=0.0011)
    assert {(flash.subject, flash.duration_s) for flash in wall.sent} == {("back", DURATION_S)}
    assert len(came.t_ns) == len(came.pictures) == pytest.approx((plan[-1] + 1.0) * 25.0, abs=2)
