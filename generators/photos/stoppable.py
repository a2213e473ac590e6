"""Long work of a library that holds the interpreter: in a thread that can be told to stop, so that Ctrl-C is heard."""

import contextlib
import threading
from collections.abc import Callable
from typing import Any

_POLL_S = 0.25


def stoppable(work: Callable[[], None], cancel: Callable[[], Any], report: Callable[[], None]) -> None:
    """Run `work` to its end and raise what it raised. Whatever interrupts the wait cancels it first, and waits, however
    often it is interrupted: a library's thread that outlives the interpreter aborts the process."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(_POLL_S)
            report()
    except BaseException:
        cancel()
        while thread.is_alive():
            with contextlib.suppress(KeyboardInterrupt):
                thread.join(_POLL_S)
        raise
    if failed:
        raise failed[0]
