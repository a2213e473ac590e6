"""What a command writes where nobody watches: whole lines, seldom, and nothing else."""

import pytest

from bridge.clock import NS_PER_S, FakeClock
from bridge.verbs import terminal


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock(NS_PER_S)
    monkeypatch.setattr(terminal.time, "monotonic", lambda: clock() / NS_PER_S)
    return clock


def test_piped_progress_is_quiet_where_it_is_quick(clock: FakeClock, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in terminal.progress(range(90), "looking"):
        clock.advance(0.1)
    assert capsys.readouterr() == ("", "")


def test_piped_progress_is_a_line_every_ten_seconds(clock: FakeClock, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in terminal.progress(range(10), "looking, cam1"):
        clock.advance(4.0)
    for _ in terminal.progress(iter(range(3)), "no end in sight"):
        clock.advance(12.0)
    assert capsys.readouterr().err.splitlines() == [
        "looking, cam1: 3 of 10",
        "looking, cam1: 6 of 10",
        "looking, cam1: 9 of 10",
        "no end in sight: 1",
        "no end in sight: 2",
        "no end in sight: 3",
    ]


def test_a_piped_line_begins_at_once_and_is_no_empty_line(clock: FakeClock, capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.live_line() as show:
        for number in range(30):
            show(f"{number} s")
            clock.advance(1.0)
    assert capsys.readouterr().err.splitlines() == ["0 s", "10 s", "20 s"]
