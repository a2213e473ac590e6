"""Timecode against SMPTE ST 12-1's published counts, and laws over whole days."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.timecode import (
    RATES,
    Timecode,
    frame_number,
    frame_offset_ns,
    frames_per_day,
    free_run,
    parse_rate,
    parse_timecode,
    timecode_at,
)

DROP = [
    ("00:00:59;29", "29.97", 1799),
    ("00:01:00;02", "29.97", 1800),
    ("00:09:59;29", "29.97", 17981),
    ("00:10:00;00", "29.97", 17982),
    ("01:00:00;00", "29.97", 107892),
    ("10:00:00;00", "29.97", 1078920),
    ("23:59:59;29", "29.97", 2589407),
    ("00:01:00;04", "59.94", 3600),
    ("15:03:47:10", "25", 1355685),
]


@pytest.mark.parametrize(("label", "rate", "number"), DROP)
def test_published_counts_both_ways(label: str, rate: str, number: int) -> None:
    tc = parse_timecode(label, *RATES[rate])
    assert frame_number(tc) == number
    assert timecode_at(number, *RATES[rate], ";" in label) == tc
    assert str(tc) == label


def test_days_have_their_published_lengths() -> None:
    assert frames_per_day(30000, 1001, True) == 2589408
    assert frames_per_day(60000, 1001, True) == 5178816
    assert frames_per_day(24000, 1001) == 24 * 86400


@given(st.sampled_from(sorted(RATES)), st.integers(-(10**7), 10**7))
def test_every_number_has_one_label(rate: str, number: int) -> None:
    drop = rate in ("29.97", "59.94")
    day = frames_per_day(*RATES[rate], drop)
    assert frame_number(timecode_at(number, *RATES[rate], drop)) == number % day


def test_a_whole_drop_frame_hour_counts_up_by_one_and_labels_rise() -> None:
    labels = [timecode_at(n, 30000, 1001, True) for n in range(107893)]
    as_tuples = [(t.hours, t.minutes, t.seconds, t.frames) for t in labels]
    assert as_tuples == sorted(set(as_tuples))


@pytest.mark.parametrize(
    ("label", "rate", "text"),
    [
        ("00:01:00;00", "29.97", "timecode 00:01:00;00 does not exist: drop frame skips it"),
        ("00:01:00;03", "59.94", "timecode 00:01:00;03 does not exist: drop frame skips it"),
        ("00:00:00;00", "25", "drop frame exists only at 30000/1001 and 60000/1001, got 25/1"),
        ("00:00:00:25", "25", "timecode frame 25 does not exist at 25/1: expected 0 to 24"),
        ("24:00:00:00", "25", "timecode 24:0:0 is not a time of day"),
        ("now", "25", "timecode 'now': expected HH:MM:SS:FF, or HH:MM:SS;FF for drop frame"),
    ],
)
def test_labels_that_do_not_exist_are_refused(label: str, rate: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        parse_timecode(label, *RATES[rate])


def test_rates_and_durations_are_exact() -> None:
    assert parse_rate("30000/1001") == (30000, 1001) == parse_rate("29.97")
    assert frame_offset_ns(30000, 30000, 1001) == 1001 * 10**9
    with pytest.raises(ValueError, match="or a fraction such as 30000/1001"):
        parse_rate("twenty")


def test_ten_minutes_last_as_long_as_their_frames() -> None:
    ten_minutes_ns = frame_offset_ns(frame_number(Timecode(0, 10, 0, 0, 30000, 1001, True)), 30000, 1001)
    assert abs(ten_minutes_ns - 600 * 10**9) < 1_000_000


def test_free_run_is_the_time_of_day() -> None:
    day_ns = 86_400 * 10**9
    assert str(free_run(20_000 * day_ns, 25)) == "00:00:00:00"
    assert str(free_run(20_000 * day_ns + (3 * 3600 + 4 * 60 + 5) * 10**9 + 999_999_999, 25)) == "03:04:05:24"
    labels = [
        frame_number(free_run(20_000 * day_ns + frame_offset_ns(n, 30000, 1001) + 1, 30000, 1001)) for n in range(99)
    ]
    assert labels == list(range(99))
