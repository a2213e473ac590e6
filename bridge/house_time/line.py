"""A straight line through measured points that late and wild ones pull little: Huber's weights, a few rounds."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

_ROUNDS = 6
_PULL = 1.345
"""Of the spread: a residual beyond it pulls no harder than one at it."""
_SPREAD_OF_MEDIAN = 1.4826
_CORRELATED = 3.0
"""Delays come in bursts, so so many times the error that independent points would leave."""


class Fit(NamedTuple):
    """y = middle_y + slope * (x - middle_x)."""

    middle_x_unit: float
    middle_y_unit: float
    slope_unit: float
    spread_unit: float
    """Of the points around the line."""
    slope_error_unit: float

    def at(self, x: float) -> float:
        """The line's y."""
        return self.middle_y_unit + self.slope_unit * (x - self.middle_x_unit)


def fit(x: Floats, y: Floats) -> Fit:
    """Through two points or more whose x differ."""
    if len(x) < 2 or not np.ptp(x) > 0:
        raise ValueError(f"a line needs two points with different x, got x {x[:3]}")
    line, residuals = _weighted(x, y, np.ones(len(x)))
    for _ in range(_ROUNDS):
        bound = _PULL * line.spread_unit + 1e-12
        line, residuals = _weighted(x, y, bound / np.maximum(np.abs(residuals), bound))
    return line


def _weighted(x: Floats, y: Floats, weights: Floats) -> tuple[Fit, Floats]:
    """-> the line, and what it leaves."""
    total = weights.sum()
    middle_x, middle_y = float((weights * x).sum() / total), float((weights * y).sum() / total)
    off_x = x - middle_x
    lever = float((weights * off_x**2).sum())
    slope = float((weights * off_x * (y - middle_y)).sum() / lever)
    residuals = y - middle_y - slope * off_x
    spread = _SPREAD_OF_MEDIAN * float(np.median(np.abs(residuals)))
    return Fit(middle_x, middle_y, slope, spread, _CORRELATED * spread / lever**0.5), residuals
