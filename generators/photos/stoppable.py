"""Long work of a library that holds the interpreter: in a thread that can be told to stop, so that Ctrl-C is heard."""

import contextlib
import threading
from collections.abc import Callable
from typing import Any

_POLL_S = 0.25


def stoppable(work: Callable[[], None], cancel: Callable[[], Any], report: Callable[[], None]) -> None:
    """Run `work` to its end and raise what it raised. Whatever interrupts the wait cancels it first, and waits, however
    often it is interrupted: a library's thread that outlives the interpreter aborts the process.

    It is an event that is waited for: a `Thread.join` that Ctrl-C interrupts takes the thread for ended (Python 3.11).
    """
    failed, done = list[BaseException](), threading.Event()

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)
        finally:
            done.set()

    threading.Thread(target=run).start()
    try:
        while not done.wait(_POLL_S):
            report()
    except BaseException:
        while not done.is_set():
            with contextlib.suppress(KeyboardInterrupt):
                cancel()
                done.wait(_POLL_S)
        raise
    if failed:
        raise failed[0]
