"""A batch of jobs: in order, bounded, with the guilty item named, and no process left behind."""

import multiprocessing
import operator
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bridge.jobs import JobFailed, run_jobs


def test_results_come_in_order_and_few_items_are_taken_ahead() -> None:
    taken: list[int] = []
    done: list[int] = []

    def items() -> Iterator[int]:
        for index in range(12):
            taken.append(index)
            yield -index

    results = run_jobs(operator.neg, items(), workers=2, progress=done.append)
    assert next(results) == 0
    assert len(taken) <= 5, "memory stays bounded however many items there are"
    assert list(results) == list(range(1, 12))
    assert done == list(range(1, 13))
    assert not multiprocessing.active_children()


def test_the_item_that_failed_is_named_and_the_rest_ended() -> None:
    results = run_jobs(operator.inv, [1, 2, "three", 4], workers=1)
    assert [next(results), next(results)] == [-2, -3]
    with pytest.raises(JobFailed, match=r"item 2 \('three'\): TypeError") as caught:
        next(results)
    assert isinstance(caught.value.__cause__, TypeError)
    assert caught.value.index == 2
    assert not any(
        child.is_alive() and not child.join(5) and child.is_alive() for child in multiprocessing.active_children()
    )


def test_a_process_that_dies_is_told_not_waited_for() -> None:
    with pytest.raises(JobFailed, match="its process died"):
        list(run_jobs(os._exit, [3], workers=1))


def test_no_workers_means_here() -> None:
    assert list(run_jobs(len, ["a", "bb"], workers=0)) == [1, 2]
    with pytest.raises(JobFailed, match=r"item 0 \(3\): TypeError"):
        list(run_jobs(len, [3], workers=0))


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C of another console")
def test_ctrl_c_ends_the_children() -> None:
    code = (
        "import os, signal, time\n"
        "from bridge.jobs import run_jobs\n"
        "import multiprocessing\n"
        "if __name__ == '__main__':\n"
        "    signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a background job's is ignored
        "    try:\n"
        "        for _ in run_jobs(time.sleep, [0, 60], workers=1):\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "    except KeyboardInterrupt:\n"
        "        [child.join(10) for child in multiprocessing.active_children()]\n"
        "        print(len(multiprocessing.active_children()))\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False)
    assert shown.stdout.strip() == "0", shown.stderr
