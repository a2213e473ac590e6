"""Which pose model there is time for: down when pictures are missed for a second, up only when there is room for long.

A change of model changes the landmarks' bias, so it is rare, and a take that records may forbid it.
"""

from typing import NamedTuple

LEVELS = ("pose-lite", "pose-full", "pose-heavy")
COST: dict[str, float] = {"pose-lite": 0.75, "pose-full": 1.0, "pose-heavy": 2.7}
"""Time of a look, against pose-full (measured; it hardly depends on the picture's size)."""

_FULL, _ROOM = 0.95, 0.7
"""Shares of the period: above the one it is too slow, below the other there is room."""
_DOWN_AFTER_S, _UP_AFTER_S = 1.0, 10.0
_SMOOTH_S = 1 / 3


class Budget(NamedTuple):
    """How long looks took."""

    level: str = "pose-full"
    look_s: float = 0.0
    """Smoothed."""
    over_s: float = 0.0
    """For so long it has been too slow."""
    under_s: float = 0.0
    """For so long the next better model would have fitted."""


def spent(budget: Budget, look_s: float, period_s: float, elapsed_s: float, levels: tuple[str, ...] = LEVELS) -> Budget:
    """After `elapsed_s` in which a look took so long, and pictures came each `period_s`.

    `levels` are those that may be had, the cheapest first. A change of level starts the measuring anew.
    """
    part = min(elapsed_s / _SMOOTH_S, 1.0)
    mean_s = look_s if budget.look_s <= 0.0 else budget.look_s + part * (look_s - budget.look_s)
    row = levels.index(budget.level)
    over_s = budget.over_s + elapsed_s if mean_s > _FULL * period_s else 0.0
    if over_s >= _DOWN_AFTER_S and row > 0:
        return Budget(levels[row - 1])
    if row + 1 == len(levels):
        return Budget(budget.level, mean_s, over_s)
    better_s = mean_s * COST[levels[row + 1]] / COST[budget.level]
    under_s = budget.under_s + elapsed_s if better_s < _ROOM * period_s else 0.0
    if under_s >= _UP_AFTER_S:
        return Budget(levels[row + 1])
    return Budget(budget.level, mean_s, over_s, under_s)
