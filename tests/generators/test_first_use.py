"""What is compiled beside the first environment: only where nothing is cached, and it never outlives who started it."""

import subprocess
from typing import Any

import pytest

from bridge import compiled
from generators import first_use


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list["subprocess.Popen[bytes]"]:
    """The real processes that were started."""
    made: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def noted(*words: Any, **named: Any) -> "subprocess.Popen[bytes]":
        made.append(real(*words, **named))
        return made[-1]

    monkeypatch.setattr(first_use.subprocess, "Popen", noted)
    monkeypatch.setattr(first_use.os, "cpu_count", lambda: 2)
    return made


def test_an_interrupted_start_leaves_no_process(
    started: list["subprocess.Popen[bytes]"], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "cold", lambda _: True)
    with pytest.raises(KeyboardInterrupt), first_use.compiled_meanwhile():
        assert started[0].poll() is None
        raise KeyboardInterrupt
    assert started[0].returncode is not None


def test_with_a_cache_or_one_core_nothing_is_started(
    started: list["subprocess.Popen[bytes]"], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "cold", lambda _: False)
    with first_use.compiled_meanwhile() as ready:
        ready()
    monkeypatch.setattr(compiled, "cold", lambda _: True)
    monkeypatch.setattr(first_use.os, "cpu_count", lambda: 1)
    with first_use.compiled_meanwhile() as ready:
        ready()
    assert not started


@pytest.mark.slow
def test_it_compiles_what_draws(started: list["subprocess.Popen[bytes]"], monkeypatch: pytest.MonkeyPatch) -> None:
    """To its end, without a fault; where the cache holds all of it already, in moments."""
    monkeypatch.setattr(compiled, "cold", lambda _: True)
    with first_use.compiled_meanwhile() as ready:
        ready()
        assert started[0].returncode == 0
