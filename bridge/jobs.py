"""A batch of pure jobs on this machine: one function over many items, in processes of their own.

Results come in the order of the items, no more than a few are in flight, and whatever ends the loop (an exception, the
caller's break, Ctrl-C) ends the processes. A job on a cluster will have the same face.
"""

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")

_AHEAD = 2
"""Jobs in flight per worker: one runs, one waits."""


class JobFailed(RuntimeError):
    """A job ended with an exception, which is `__cause__`; or its process died."""

    def __init__(self, index: int, item: object, reason: str) -> None:
        super().__init__(f"item {index} ({_short(item)}): {reason}")
        self.index, self.item = index, item


def run_jobs(
    function: Callable[[A], B],
    items: Iterable[A],
    *,
    workers: int,
    progress: Callable[[int], None] | None = None,
) -> Iterator[B]:
    """Results in order. `function` must be importable by name (it is started afresh, as on Windows); 0 workers run it
    here. `progress` hears how many are done. JobFailed says which item went wrong."""
    told = progress or _silent
    if workers <= 0:
        yield from _here(function, items, told)
        return
    before = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_ctrl_c_to_the_parent)
    flying: deque[tuple[int, A, Future[B]]] = deque()
    done = 0
    try:
        for index, item in enumerate(items):
            flying.append((index, item, pool.submit(function, item)))
            if len(flying) >= _AHEAD * workers:
                yield _result(*flying.popleft())
                told(done := done + 1)
        while flying:
            yield _result(*flying.popleft())
            told(done := done + 1)
        pool.shutdown()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()


def _silent(_: int) -> None: ...


def _here(function: Callable[[A], B], items: Iterable[A], progress: Callable[[int], None]) -> Iterator[B]:
    for index, item in enumerate(items):
        try:
            result = function(item)
        except Exception as error:
            raise JobFailed(index, item, _words(error)) from error
        yield result
        progress(index + 1)


def _result(index: int, item: object, future: "Future[B]") -> B:
    try:
        return future.result()
    except BrokenProcessPool:
        raise JobFailed(index, item, "its process died, or another's beside it: out of memory?") from None
    except Exception as error:
        raise JobFailed(index, item, _words(error)) from error


def _leave_ctrl_c_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _short(item: object) -> str:
    text = repr(item)
    return text if len(text) <= 80 else text[:77] + "..."
