"""Counts a screen's refreshes from the times of its swaps, and those that showed an old picture.

Pictures are numbered; a picture is *due* at some moment. A refresh is missed when something newer than what it shows
was due by then. Screens refresh at `period_ns`, so a swap that comes late stands for several refreshes.
"""

from collections.abc import Sequence
from typing import NamedTuple

from bridge.clock import NS_PER_S

_EARLY_UNIT = 0.75
"""A swap that came after less of a period did not wait for the screen."""
_EARLY_COUNT = 3


class Due(NamedTuple):
    """Something to show, and from when on it should be seen."""

    number: int
    due_ns: int


class Refresh(NamedTuple):
    """One screen so far."""

    period_ns: int
    swapped_ns: int = 0
    """The newest swap; 0 before the first."""
    shown: int = 0
    missed: int = 0
    waiting: tuple[Due, ...] = ()
    """All that is newer than what is on the screen."""
    early: int = 0
    paced: bool = False
    """Swaps do not wait for this screen (none is there, or its driver ignores it): we pace them by the clock."""


def of_rate(refresh_hz: float) -> Refresh:
    """A screen that has shown nothing yet; 60 Hz where it does not say."""
    return Refresh(period_ns=round(NS_PER_S / (refresh_hz if refresh_hz > 0 else 60.0)))


def expect(state: Refresh, number: int, due_ns: int) -> Refresh:
    """Something newer is due."""
    return state._replace(waiting=(*state.waiting, Due(number, due_ns)))


def swapped(state: Refresh, t_ns: int, number: int) -> Refresh:
    """From `t_ns` on the screen shows `number`: count the refreshes since the last swap, this one included."""
    gap_ns = t_ns - state.swapped_ns if state.swapped_ns else state.period_ns
    repeats = max(1, round(gap_ns / state.period_ns)) - 1
    newer = tuple(due for due in state.waiting if due.number > number)
    missed = _late(state.waiting, t_ns - state.period_ns, repeats, state.period_ns) + _late(newer, t_ns, 1, 1)
    early = state.early + 1 if gap_ns < _EARLY_UNIT * state.period_ns else 0
    return state._replace(
        swapped_ns=t_ns,
        shown=state.shown + repeats + 1,
        missed=state.missed + missed,
        waiting=newer,
        early=early,
        paced=state.paced or early >= _EARLY_COUNT,
    )


def rest_ns(state: Refresh, now_ns: int, swap_takes_ns: int) -> int:
    """How long to wait before the next swap; a screen that makes swaps wait needs none of it."""
    return max(0, state.swapped_ns + state.period_ns - swap_takes_ns - now_ns) if state.paced else 0


def rate_hz(swaps_ns: Sequence[int]) -> float:
    """Swaps a second, over the times given."""
    span_ns = swaps_ns[-1] - swaps_ns[0] if len(swaps_ns) > 1 else 0
    return (len(swaps_ns) - 1) * NS_PER_S / span_ns if span_ns > 0 else 0.0


def _late(waiting: Sequence[Due], last_ns: int, count: int, period_ns: int) -> int:
    """Of `count` refreshes, the last at `last_ns`, those by which something had been due."""
    if not waiting or not count:
        return 0
    over_ns = last_ns - min(due.due_ns for due in waiting)
    return 0 if over_ns < 0 else min(count, over_ns // period_ns + 1)
