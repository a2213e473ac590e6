"""Where a two-level audio signal crosses its own middle, in blocks of any size, whatever its level and DC offset.

Of the window that ends at a sample and the window that starts there, the one with less swing sets that sample's middle
and threshold: on both sides of a sudden change of level or offset one of the two lies wholly in the sample's own part.
The result does not depend on how the samples are cut into blocks.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.wire.refusal import Refused

Floats = NDArray[np.floating[Any]]

HYSTERESIS = 0.25
"""Of half the swing: a sample nearer to the middle does not say on which side it is."""


class Crossings(NamedTuple):
    """Where the extraction stands between two blocks."""

    tail: Floats | None = None
    """Samples whose windows are not full yet, after the ones that are still in somebody's window."""
    tail_at: int = 0
    side_at_samples: float = 0.0
    """The last sample that clearly was on a side, and how far off the middle; 0 is none yet."""
    side_unit: float = 0.0


def step(window: int, quiet_unit: float, state: Crossings, block: Floats) -> tuple[Crossings, list[float]]:
    """The crossings as sample indices with fractions; the newest `window` samples wait for those after them.

    `window` is in samples and longer than the longest time without a crossing.
    """
    samples = _joined(window, state, block)
    ready = len(samples) - 2 * (window - 1)
    if ready <= 0:
        return state._replace(tail=samples if len(samples) else None, tail_at=_start(window, state)), []
    off_middle, clear = _off_middle(samples, window, ready, quiet_unit)
    first = _start(window, state) + window - 1
    at = np.flatnonzero(clear)
    values = off_middle[at].astype(np.float64)
    places = at.astype(np.float64) + first
    if state.side_unit:
        places, values = np.append(state.side_at_samples, places), np.append(state.side_unit, values)
    before = np.flatnonzero((values[1:] > 0) != (values[:-1] > 0))
    here, there = places[before], places[before + 1]
    edges = here + (there - here) * (values[before] / (values[before] - values[before + 1]))
    side = (float(places[-1]), float(values[-1])) if len(values) else (0.0, 0.0)
    return Crossings(samples[ready:], first - window + 1 + ready, *side), edges.tolist()


def _start(window: int, state: Crossings) -> int:
    """The sample index of the first sample kept; the first sample of all is repeated before itself."""
    return state.tail_at if state.tail is not None else 1 - window


def _joined(window: int, state: Crossings, block: Floats) -> Floats:
    fresh = np.asarray(block, dtype=np.float32)
    if fresh.ndim != 1 or not np.isfinite(fresh).all():
        raise Refused("field", f"audio: expected finite samples [N], got shape {fresh.shape}")
    if state.tail is not None:
        return np.concatenate((state.tail, fresh))
    return np.concatenate((np.repeat(fresh[:1], window - 1), fresh))


def _off_middle(samples: Floats, window: int, ready: int, quiet_unit: float) -> tuple[Floats, NDArray[np.bool_]]:
    """(distance from the middle [ready], whether that is clear of the noise [ready])."""
    top, bottom = _sliding(np.maximum, samples, window), _sliding(np.minimum, samples, window)
    swing = top - bottom
    past, future = slice(0, ready), slice(window - 1, window - 1 + ready)
    quieter_past = swing[past] < swing[future]
    middle = np.where(quieter_past, top[past] + bottom[past], top[future] + bottom[future]) / 2
    least = np.where(quieter_past, swing[past], swing[future])
    off_middle = samples[window - 1 : window - 1 + ready] - middle
    return off_middle, np.abs(off_middle) > np.maximum(least, quiet_unit) * (HYSTERESIS / 2)


def _sliding(extreme: Callable[[Floats, Floats], Floats], samples: Floats, window: int) -> Floats:
    """The extreme of every `window` samples in a row: windows of twice the length until two of them cover it."""
    span, extremes = 1, samples
    while 2 * span <= window:
        extremes = extreme(extremes[:-span], extremes[span:])
        span *= 2
    rest = window - span
    return extreme(extremes[: len(extremes) - rest], extremes[rest:]) if rest else extremes
