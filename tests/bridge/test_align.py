"""Matching streams: exact at samples, straight between them, and honest about what is not there."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import align
from bridge.align import Placed
from bridge.frames import IDENTITY, quat_angle_rad, quat_from_pan_tilt_roll
from bridge.timecode import Timecode, parse_timecode, timecode_at


def placed(n: int) -> Placed:
    """Every 40 ms, a frame, 10 mm and a degree of pan."""
    return Placed(
        n * 40_000_000,
        1000.0 + n,
        (n * 0.01, 0.0, 1.0),
        quat_from_pan_tilt_roll(n, 0, 0),
        100.0 * n,
        5.0,
        timecode_at(n, 25),
    )


LINE = [placed(n) for n in range(20)]
HOLED = [one for one in LINE if one.t_ns != 10 * 40_000_000]


def test_the_newest_at_or_before() -> None:
    assert align.newest_at(LINE, 120_000_000) is LINE[3]
    assert align.newest_at(LINE, 119_999_999) is LINE[2]
    assert align.newest_at(LINE, 10**18) is LINE[-1]
    assert align.newest_at(LINE, -1) is None


@given(st.integers(0, 19_000).map(lambda n: n / 1000.0))
def test_interpolation_is_exact_on_a_line(n: float) -> None:
    match = align.at_frame(LINE, 1000.0 + n)
    assert match.standing == ("exact" if n == int(n) else "between")
    assert match.placed is not None
    assert match.placed.position_m[0] == pytest.approx(n * 0.01, abs=1e-12)
    assert match.placed.zoom_raw_unit == pytest.approx(100.0 * n)
    assert match.placed.t_ns == pytest.approx(n * 40e6, abs=1)
    assert quat_angle_rad(IDENTITY, match.placed.rotation_wxyz) == pytest.approx(math.radians(n), abs=1e-7)
    assert match.placed.timecode == timecode_at(int(n), 25)
    assert align.at_time(LINE, match.placed.t_ns).placed is not None


def test_late_lost_and_gone_are_said() -> None:
    assert align.at_time(LINE, 20 * 40_000_000) == ("late", None)
    assert align.at_time([], 5) == ("late", None)
    assert align.at_frame(LINE, 999.5) == ("gone", None)
    hole = align.at_frame(HOLED, 1010.0, hole_frames=1.5)
    assert hole.standing == "lost"
    assert hole.placed is not None
    assert hole.placed.position_m[0] == pytest.approx(0.10)
    assert align.at_frame(HOLED, 1008.5, hole_frames=1.5).standing == "between"
    assert align.at_time(HOLED, 10 * 40_000_000, hole_ns=60e6).standing == "lost"


@pytest.mark.parametrize(
    ("earlier", "later", "frames"),
    [("01:00:00:00", "01:00:00:10", 10), ("23:59:59:20", "00:00:00:05", 10), ("00:00:00:05", "23:59:59:20", -10)],
)
def test_frames_are_counted_the_short_way_round_midnight(earlier: str, later: str, frames: int) -> None:
    assert align.frames_between(parse_timecode(earlier, 25), parse_timecode(later, 25)) == frames


def test_drop_frame_labels_are_no_gap() -> None:
    assert (
        align.frames_between(parse_timecode("00:00:59;29", 30000, 1001), parse_timecode("00:01:00;02", 30000, 1001))
        == 1
    )


def test_different_rates_are_refused() -> None:
    with pytest.raises(ValueError, match="count at different rates"):
        align.frames_between(Timecode(1, 0, 0, 0, 25), Timecode(1, 0, 0, 0, 24))


def test_a_label_is_a_place_and_offsets_may_be_fractions() -> None:
    assert align.frame_of(parse_timecode("00:00:01:05", 25), -1.5) == 28.5
    assert math.isnan(align.frame_of(None))
