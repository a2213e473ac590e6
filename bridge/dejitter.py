"""When samples were really due: a line through their arrivals, robust to late ones, following drift and rate changes.

Times are seconds since the stream's first arrival. Each arrival is so many periods after the last; the line moves
towards it by a gain that shrinks from 1 to `_GAIN` as it settles, which leaves 8 % of the arrivals' jitter.
"""

_GAIN = 0.01  # variance left is about two thirds of it; critically damped, settled after some 300 samples
_OUTLIER = 4.0  # a residual beyond this many mean deviations pulls no harder than one at it
_RELOCK_AFTER = 8  # samples in a row off by more than _OFF periods on the same side: the rate or the phase changed
_OFF = 0.4
_FASTER, _SLOWER = 0.2, 20.0
_STARTING = 12  # samples; the declared period holds that long


class Line:
    """`at_s` is where the line puts the newest sample; the next is due at `at_s + period_s`."""

    __slots__ = ("at_s", "jitter_s", "off", "off_from_s", "period_s", "settled")

    def __init__(self, period_s: float, at_s: float = 0.0) -> None:
        self.period_s = period_s
        self.at_s = at_s
        self.jitter_s = 0.0
        """Mean distance of arrivals from the line."""
        self.settled = 1
        self.off = 0
        self.off_from_s = 0.0


def advance(line: Line, arrival_s: float, periods: int) -> float:
    """An arrival, so many periods after the newest; -> when it was due."""
    settled = line.settled = line.settled + 1
    due_s = line.at_s + periods * line.period_s
    residual_s = arrival_s - due_s
    if _relocked(line, arrival_s, residual_s, periods):
        return line.at_s
    size_s = abs(residual_s)
    bound_s = _OUTLIER * line.jitter_s + 0.02 * line.period_s
    if size_s > bound_s and settled > 8:
        residual_s, size_s = (bound_s, bound_s) if residual_s > 0.0 else (-bound_s, bound_s)
    gain = 3.0 / (settled + 2.0)
    if gain < _GAIN:
        gain = _GAIN
    line.jitter_s += (size_s - line.jitter_s) * (gain if gain > 0.02 else 0.02)
    if settled <= _STARTING:  # nothing comes before it was sent: until we know better, the earliest are right
        line.at_s = arrival_s if residual_s < 0.0 else due_s + gain * residual_s
        return line.at_s
    line.at_s = due_s + gain * residual_s
    line.period_s += gain * gain * residual_s / (3.0 * periods)
    return line.at_s


def stretch(line: Line, periods: int) -> None:
    """Every sample came so many periods after the last, for long: it is the period that is longer."""
    line.period_s *= periods
    line.settled = 8


def _relocked(line: Line, arrival_s: float, residual_s: float, periods: int) -> bool:
    """Whether the arrivals have left the line for good, and a new one was drawn through the last of them."""
    side = 0 if abs(residual_s) < _OFF * line.period_s else 1 if residual_s > 0.0 else -1
    if side == 0:
        line.off = 0
        return False
    if line.off * side <= 0:
        line.off, line.off_from_s = 0, arrival_s
    line.off += side * periods
    if abs(line.off) <= _RELOCK_AFTER:
        return False
    period_s = (arrival_s - line.off_from_s) / (abs(line.off) - 1)
    if _FASTER < period_s / line.period_s < _SLOWER:  # else it was a burst, or a pause: that says nothing of the rate
        line.period_s = period_s
    line.at_s, line.settled, line.off, line.jitter_s = arrival_s, 8, 0, 0.0
    return True
