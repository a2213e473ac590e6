"""What a person sees in the terminal: tables on stdout, progress and faults on stderr."""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence, Sized
from typing import Any, TypeVar

from rich.console import Console
from rich.live import Live
from rich.progress import track
from rich.table import Table

T = TypeVar("T")

DONE, COULD_NOT, WRONG_USAGE = 0, 1, 2

_PIPED_COLUMNS = 160
_SELDOM_S = 10.0


def _console(*, stderr: bool) -> Console:
    """Words as they are: `a:b:1` is an address and no picture, `[left]` a name and no colour."""
    plain: dict[str, Any] = {"stderr": stderr, "highlight": False, "markup": False, "emoji": False}
    console = Console(**plain)
    return console if console.is_terminal else Console(**plain, width=_PIPED_COLUMNS)


_out, _err = _console(stderr=False), _console(stderr=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under a title; numbers line up on the right."""
    drawn = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    shown = [["" if cell is None else str(cell) for cell in row] for row in rows]
    for index, column in enumerate(columns):
        numeric = bool(shown) and all(not row[index] or row[index][0] in "-0123456789." for row in shown)
        drawn.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in shown:
        drawn.add_row(*row)
    _out.print(drawn)


def say(text: str = "") -> None:
    """A line of result on stdout."""
    _out.print(text, soft_wrap=True)


def note(text: str) -> None:
    """A line about progress on stderr."""
    _err.print(text, soft_wrap=True)


def fail(text: str, code: int = COULD_NOT) -> int:
    """Say why on stderr; returns the exit code."""
    _err.print(text, style="red", soft_wrap=True)
    return code


def os_words(error: OSError) -> str:
    """What the operating system says, the file first; our own errors speak for themselves."""
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)


def confirmed(question: str) -> bool:
    """Ask a person; where there is none the answer is no."""
    if not sys.stdin.isatty():
        return False
    _err.print(f"{question} (yes/no) ", end="")
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def print_json(value: Any) -> None:
    """One JSON object on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def progress(items: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
    """Pass items through under a progress bar on stderr, for anything over two seconds.

    Where stderr is no terminal it is a line every ten seconds, the first after ten.
    """
    if _err.is_terminal:
        yield from track(items, description=label, total=total, console=_err, transient=True)
        return
    of = total if total is not None else len(items) if isinstance(items, Sized) else None
    show = _seldom(time.monotonic())
    for number, item in enumerate(items, 1):
        yield item
        show(f"{label}: {number}{'' if of is None else f' of {of}'}")


@contextlib.contextmanager
def live_line() -> Generator[Callable[[str], None]]:
    """A line on stderr that changes in place; one line every ten seconds where stderr is no terminal."""
    if _err.is_terminal:
        with Live("", console=_err, refresh_per_second=4, transient=True) as live:
            yield live.update
        return
    yield _seldom(-_SELDOM_S)


def _seldom(shown_s: float) -> Callable[[str], None]:
    """Notes that leave out what comes within ten seconds of the last."""

    def show(text: str) -> None:
        nonlocal shown_s
        if time.monotonic() - shown_s >= _SELDOM_S:
            shown_s = time.monotonic()
            note(text)

    return show
