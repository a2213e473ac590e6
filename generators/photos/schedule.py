"""How a fit is paced: how large the pictures are and how many splats there may be, by the share of the way through."""

from typing import NamedTuple

import numpy as np


class Plan(NamedTuple):
    """What a fit may cost. Steps or seconds, whichever is given; both are ends of the same way."""

    steps: int = 2000
    budget_s: float = 0.0
    """Above zero: the way is this long, however many steps that makes on this computer."""
    most: int = 40_000
    """Splats at the end."""
    long_side_px: int = 474
    hold_out: int = 8
    """Every so-manieth photo is not fitted but compared with; 0: none."""
    seed: int = 0


GROWTH_EVERY = 50
_GROWN_BY = 0.6
_FIRST_GROWTH = 0.03
_SCALES = ((0.12, 4), (0.35, 2))


def share_done(plan: Plan, step: int, spent_s: float) -> float:
    """0 at the start, 1 at the end."""
    return min(1.0, spent_s / plan.budget_s if plan.budget_s > 0 else step / max(plan.steps, 1))


def shrink(share: float) -> int:
    """The pictures are this many times smaller: coarse first, it is quicker and finds its way from further off."""
    return next((factor for until, factor in _SCALES if share < until), 1)


def splats_allowed(share: float, first: int, most: int) -> int:
    """Geometric growth from the first to the most, then time for them to settle."""
    way = np.clip((share - _FIRST_GROWTH) / (_GROWN_BY - _FIRST_GROWTH), 0.0, 1.0)
    return int(first * (max(most, first) / max(first, 1)) ** way)


def growing(share: float, step: int) -> bool:
    """Whether splats are added at this step."""
    return _FIRST_GROWTH <= share <= _GROWN_BY and step % GROWTH_EVERY == 0


def held_out(count: int, every: int) -> list[int]:
    """Of photos 0..count: those that are compared with. None of a handful: each is needed."""
    return list(range(0, count, every)) if every > 1 and count >= every else []


def order(fitted: list[int], step: int, seed: int) -> int:
    """The photo of a step: each once in every round, shuffled; the same whether or not the fit was interrupted."""
    turn, place = divmod(step, len(fitted))
    return fitted[int(np.random.Generator(np.random.PCG64([seed, turn])).permutation(len(fitted))[place])]
