"""Programs that the page runs: real processes, their answers, their ends."""

import json
import os
import sys
from collections.abc import Iterator

import pytest

from bridge.clock import FakeClock
from bridge.console.jobs import LONGEST_NS, PRIORITY, Jobs

SAYS = (
    "import sys, json, os; sys.stderr.write('working\\n'); "
    "print(json.dumps({'words': sys.argv[1:], 'nice': os.nice(0)}))"
)
FAILS = "import sys; sys.stderr.write('first\\nx.toml: no such file\\n\\n'); sys.exit(1)"
WAITS = "import sys; sys.stdin.read()"


class Started(Jobs):
    """Runs a script instead of `cyc`."""

    def finish(self, name: str) -> None:
        """Wait for the process, which the page never does."""
        self._running[name].process._popen.wait()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1_000)


def jobs_of(clock: FakeClock, script: str) -> Started:
    return Started(clock, (sys.executable, "-c", script))


@pytest.fixture
def waiting(clock: FakeClock) -> Iterator[Started]:
    jobs = jobs_of(clock, WAITS)
    jobs.start("check", ["STAGE"])
    yield jobs
    jobs.close()


def test_what_it_printed_is_its_report(clock: FakeClock) -> None:
    jobs = jobs_of(clock, SAYS)
    assert jobs.start("look", ["take", "info"], "sc1").state == "running"
    jobs.finish("look")
    clock.advance(2.0)
    (ended,) = jobs.poll()
    assert (ended.state, ended.about, ended.text) == ("done", "sc1", "")
    assert ended.report["words"] == ["take", "info"]
    assert ended.ended_ns - ended.since_ns == 2_000_000_000
    if hasattr(os, "nice"):
        assert ended.report["nice"] == PRIORITY, "nothing the page runs may go before tracking"
    assert jobs.poll() == []


def test_a_failure_is_the_last_thing_it_complained_of(clock: FakeClock) -> None:
    jobs = jobs_of(clock, FAILS)
    jobs.start("check", [])
    jobs.finish("check")
    (ended,) = jobs.poll()
    assert (ended.state, ended.text, ended.report) == ("failed", "x.toml: no such file", None)


def test_never_two_of_a_kind(waiting: Started) -> None:
    with pytest.raises(ValueError, match="check is running already"):
        waiting.start("check", ["STAGE"])


def test_a_job_can_be_cancelled_and_started_again(waiting: Started) -> None:
    assert waiting.cancel("check")
    waiting.finish("check")
    (ended,) = waiting.poll()
    assert (ended.state, ended.text) == ("cancelled", "cancelled")
    assert not waiting.cancel("check")
    assert waiting.start("check", []).state == "running"


def test_what_takes_far_too_long_is_ended(waiting: Started, clock: FakeClock) -> None:
    clock.advance(LONGEST_NS / 1e9 + 1.0)
    assert waiting.poll() == []
    waiting.finish("check")
    assert [job.state for job in waiting.poll()] == ["cancelled"]


def test_they_end_with_the_page(clock: FakeClock) -> None:
    jobs = jobs_of(clock, WAITS)
    jobs.start("check", [])
    process = jobs._running["check"].process
    jobs.close()
    assert process.ended() != ""


def test_an_answer_that_is_no_json_is_a_failure(clock: FakeClock) -> None:
    jobs = jobs_of(clock, "print('{half')")
    jobs.start("takes", [])
    jobs.finish("takes")
    (ended,) = jobs.poll()
    assert (ended.state, ended.text) == ("failed", "exit code 0")
    assert json.dumps(ended.report) == "null"
