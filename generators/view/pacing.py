"""How finely to draw so that pictures come often enough: a ladder of sizes and levels, climbed by measurement."""

import statistics
from typing import NamedTuple

BUDGET_S = 1.0 / 15.0
"""For all cameras' pictures together: a little faster than the twelve a second that must hold."""
_TOO_SLOW, _FITS = 1.1, 0.95
_COSTS = 2.2
"""How many times longer the next finer rung takes, at most and until it was tried."""
_FORGET = 0.998
"""Of what was learned at each look: a rung that failed in a busy moment is tried again within minutes."""
_LOOK, _CALM = 4, 3
"""Drawings between two looks, of which the median counts; a finer rung waits for so many calm looks."""


class Rung(NamedTuple):
    """One way to draw; `level` 0 is all splats."""

    width_px: int
    level: int


class Pace(NamedTuple):
    """Where on the ladder we stand; the finest rung is 0."""

    rung: int
    costs_unit: tuple[float, ...]
    """Of each rung, how many times longer the finer one above it takes. A ratio holds whatever else the computer does,
    so that after a busy moment the way up is found again, and is not tried in vain."""
    took_s: tuple[float, ...] = ()
    """The drawings since the last look."""
    calm: int = 0
    left_s: float = 0.0
    """What the finer rung took that was too slow; 0 once that is compared with what this one takes."""


def ladder(widest_px: int) -> tuple[Rung, ...]:
    """From the finest on: first fewer pixels, down to 640, then fewer splats, then fewer pixels again."""
    widths = sorted({min(widest_px, width) for width in (1920, 1280, 960, 640)}, reverse=True)
    low = [width for width in (480, 320) if width < widths[-1]]
    rungs = [Rung(width, 0) for width in widths] + [Rung(widths[-1], 1), Rung(widths[-1], 2)]
    return (*rungs, *(Rung(width, 2) for width in low))


def start(rungs: tuple[Rung, ...]) -> Pace:
    """640 wide or the next smaller, all splats: what a laptop holds."""
    fits = [index for index, rung in enumerate(rungs) if rung.width_px <= 640]
    return Pace(fits[0] if fits else len(rungs) - 1, (_COSTS,) * len(rungs))


def step(rungs: tuple[Rung, ...], pace: Pace, took_s: float, budget_s: float = BUDGET_S) -> Pace:
    """After a drawing of all cameras that took so long."""
    pace = pace._replace(took_s=(*pace.took_s, took_s))
    if len(pace.took_s) < _LOOK:
        return pace
    usual_s, rung = statistics.median(pace.took_s), pace.rung
    cost = _cost(pace, usual_s)
    costs = (*pace.costs_unit[:rung], cost, *pace.costs_unit[rung + 1 :])
    if usual_s > _TOO_SLOW * budget_s and rung + 1 < len(rungs):
        return Pace(rung + 1, costs, left_s=usual_s)
    fits = rung > 0 and usual_s * cost < _FITS * budget_s
    if fits and pace.calm + 1 >= _CALM:
        return Pace(rung - 1, costs)
    return Pace(rung, costs, calm=pace.calm + 1 if fits else 0)


def _cost(pace: Pace, usual_s: float) -> float:
    """Of the finer rung, by what it took just before; else as it was known, with a little forgotten."""
    if pace.left_s:
        return min(max(pace.left_s / usual_s, 1.0), _COSTS)
    return 1.0 + (pace.costs_unit[pace.rung] - 1.0) * _FORGET
