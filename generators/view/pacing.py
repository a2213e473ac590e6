"""How finely to draw so that pictures come often enough: a ladder of sizes and levels, climbed by measurement."""

from typing import NamedTuple

BUDGET_S = 1.0 / 15.0
"""For all cameras' pictures together: a little faster than the twelve a second that must hold."""
_TOO_SLOW, _ROOM_TO_SPARE = 1.1, 0.45
_PATIENCE = 4
"""So many drawings in a row must agree before anything changes."""


class Rung(NamedTuple):
    """One way to draw; `level` 0 is all splats."""

    width_px: int
    level: int


class Pace(NamedTuple):
    """Where on the ladder we stand; the finest rung is 0."""

    rung: int
    slow: int = 0
    quick: int = 0


def ladder(widest_px: int) -> tuple[Rung, ...]:
    """From the finest on: first fewer pixels, down to 640, then fewer splats, then fewer pixels again."""
    widths = sorted({min(widest_px, width) for width in (1920, 1280, 960, 640)}, reverse=True)
    low = [width for width in (480, 320) if width < widths[-1]]
    rungs = [Rung(width, 0) for width in widths] + [Rung(widths[-1], 1), Rung(widths[-1], 2)]
    return (*rungs, *(Rung(width, 2) for width in low))


def start(rungs: tuple[Rung, ...]) -> Pace:
    """640 wide or the next smaller, all splats: what a laptop holds."""
    fits = [index for index, rung in enumerate(rungs) if rung.width_px <= 640]
    return Pace(fits[0] if fits else len(rungs) - 1)


def step(rungs: tuple[Rung, ...], pace: Pace, took_s: float, budget_s: float = BUDGET_S) -> Pace:
    """After a drawing of all cameras that took so long."""
    slow = pace.slow + 1 if took_s > _TOO_SLOW * budget_s else 0
    quick = pace.quick + 1 if took_s < _ROOM_TO_SPARE * budget_s else 0
    if slow >= _PATIENCE and pace.rung + 1 < len(rungs):
        return Pace(pace.rung + 1)
    if quick >= 3 * _PATIENCE and pace.rung > 0:
        return Pace(pace.rung - 1)
    return Pace(pace.rung, slow, quick)
