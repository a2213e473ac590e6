"""Refusals: counted always, said once per source and minute."""

from bridge.clock import FakeClock
from bridge.refusals import RefusalLog


def test_a_source_is_said_once_a_minute_with_its_count() -> None:
    log, clock = RefusalLog(), FakeClock()
    said = []
    for _ in range(150):
        said.append(log.note(clock(), "checksum", "10.0.0.7:4000", "expected 0x10, got 0x11"))
        clock.advance(1)
    lines = [line for line in said if line]
    assert lines == [
        "10.0.0.7:4000: expected 0x10, got 0x11 (checksum)",
        "10.0.0.7:4000: expected 0x10, got 0x11 (checksum); 59 more since last said",
        "10.0.0.7:4000: expected 0x10, got 0x11 (checksum); 59 more since last said",
    ]
    assert log.counts == {"checksum|10.0.0.7:4000": 150}


def test_what_went_unsaid_is_told_when_its_minute_is_over() -> None:
    log, clock = RefusalLog(), FakeClock()
    for _ in range(3):
        log.note(clock(), "length", "a", "short")
    assert log.due(clock.advance(59)) == []
    assert log.due(clock.advance(1)) == ["a: 2 more refused in the last minute"]
    assert log.due(clock.advance(100)) == []


def test_sources_do_not_silence_each_other() -> None:
    log = RefusalLog()
    assert log.note(0, "length", "a", "short")
    assert log.note(0, "length", "b", "short")
    assert log.note(0, "magic", "a", "odd") is None


def test_memory_is_bounded_under_forged_senders() -> None:
    log = RefusalLog()
    lines = [log.note(0, "length", f"10.0.0.1:{port}", "short") for port in range(20_000)]
    assert sum(log.counts.values()) == 20_000
    assert len(log.counts) <= 1025
    assert sum(line is not None for line in lines) <= 1025
