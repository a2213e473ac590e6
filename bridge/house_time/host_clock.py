"""Another host's clock against ours, from four-timestamp exchanges: offset, skew, and how far off they may be.

An exchange says the offset within half its round trip, whatever the way there and the way back have each taken. So the
exchange that says it most narrowly counts, the quickest, until it is old: its bound grows by what two clocks may have
drifted apart since. The skew comes from a robust line through the quickest exchange of every few seconds, held to what
their bounds leave open.
"""

from typing import Literal, NamedTuple

import numpy as np

from bridge.clock import NS_PER_S
from bridge.house_time.line import fit

PHI = 100e-6
"""How far two clocks may differ in rate until we know better: RFC 5905 has 15e-6, but for clocks that are steered."""
_KNOWN = 1e-6
_BUCKET_NS, _BUCKETS = 4 * NS_PER_S, 90
"""The quickest of each four seconds, for six minutes."""
_SKEW_AFTER_NS = 30 * NS_PER_S
_STEPPED_AFTER = 3
_LONGEST_NS = NS_PER_S


class Sample(NamedTuple):
    """One exchange."""

    t_ns: int
    """By our clock, in the middle of it."""
    offset_ns: float
    """Its clock minus ours."""
    round_trip_ns: int

    def bound_ns(self, t_ns: int, skew_error: float) -> float:
        """How far the offset it said may be off at a moment."""
        return self.round_trip_ns / 2 + abs(t_ns - self.t_ns) * skew_error


class Clock(NamedTuple):
    """What is known of one host's clock."""

    quickest: tuple[Sample, ...] = ()
    """Of each few seconds, oldest first."""
    skew_unit: float = 0.0
    skew_error_unit: float = PHI
    astray: tuple[Sample, ...] = ()
    """Newest exchanges that contradict what is known."""
    exchanges: int = 0
    refused: int = 0
    clock_id: int = 0
    jumps: int = 0


Event = Literal["", "first", "jumped", "rebooted"]


class Offset(NamedTuple):
    """The host's clock minus ours at a moment, no further off than the error."""

    offset_ns: float
    error_ns: float


def sample(t1_ns: int, t2_ns: int, t3_ns: int, t4_ns: int) -> Sample | None:
    """RFC 5905's offset and delay. None where the stamps cannot be of one exchange."""
    round_trip_ns = (t4_ns - t1_ns) - (t3_ns - t2_ns)
    if not (0 <= t3_ns - t2_ns <= _LONGEST_NS and 0 <= round_trip_ns <= _LONGEST_NS):
        return None
    return Sample((t1_ns + t4_ns) // 2, ((t2_ns - t1_ns) + (t3_ns - t4_ns)) / 2, round_trip_ns)


def step(state: Clock, said: Sample | None, clock_id: int) -> tuple[Clock, Event]:
    """One exchange further."""
    if said is None:
        return state._replace(refused=state.refused + 1), ""
    state = state._replace(exchanges=state.exchanges + 1)
    if not state.quickest:
        return state._replace(quickest=(said,), clock_id=clock_id), "first"
    if clock_id != state.clock_id:
        return Clock((said,), exchanges=state.exchanges, clock_id=clock_id, jumps=state.jumps + 1), "rebooted"
    known = offset(state, said.t_ns)
    if abs(said.offset_ns - known.offset_ns) > said.round_trip_ns / 2 + known.error_ns:
        astray = (*state.astray, said)
        if len(astray) < _STEPPED_AFTER:
            return state._replace(astray=astray), ""
        best = min(astray, key=lambda one: one.round_trip_ns)
        return Clock((best,), exchanges=state.exchanges, clock_id=clock_id, jumps=state.jumps + 1), "jumped"
    return _skewed(state._replace(quickest=_kept(state.quickest, said), astray=())), ""


def offset(state: Clock, t_ns: int) -> Offset:
    """At a moment of our clock, by the exchange that says it most narrowly."""
    best = min(state.quickest, key=lambda one: one.bound_ns(t_ns, state.skew_error_unit))
    moved_ns = state.skew_unit * (t_ns - best.t_ns)
    return Offset(best.offset_ns + moved_ns, best.bound_ns(t_ns, state.skew_error_unit))


def round_trip_ns(state: Clock) -> int:
    """The shortest there was lately."""
    return min(one.round_trip_ns for one in state.quickest)


def _kept(quickest: tuple[Sample, ...], said: Sample) -> tuple[Sample, ...]:
    last = quickest[-1]
    if said.t_ns // _BUCKET_NS != last.t_ns // _BUCKET_NS:
        return (*quickest, said)[-_BUCKETS:]
    return (*quickest[:-1], said) if said.round_trip_ns <= last.round_trip_ns else quickest


def _skewed(state: Clock) -> Clock:
    """Every two exchanges leave a range for the skew; what is in all of them is sure, and the line is held to it."""
    points = state.quickest
    if points[-1].t_ns - points[0].t_ns < _SKEW_AFTER_NS:
        return state
    x = np.array([(one.t_ns - points[0].t_ns) / NS_PER_S for one in points])
    y = np.array([(one.offset_ns - points[0].offset_ns) / NS_PER_S for one in points])
    half = np.array([one.round_trip_ns / 2 / NS_PER_S for one in points])
    before, after = np.triu_indices(len(points), 1)
    apart, moved, open_s = x[after] - x[before], y[after] - y[before], half[after] + half[before]
    lowest, highest = float(((moved - open_s) / apart).max()), float(((moved + open_s) / apart).min())
    if lowest > highest:  # the skew itself has changed: a computer that warms up; only the newest still count
        return state._replace(quickest=points[len(points) // 2 :], skew_error_unit=PHI)
    skew = min(max(fit(x, y).slope_unit, lowest), highest)
    error = max(highest - skew, skew - lowest, _KNOWN)
    if error >= PHI:
        return state
    return state._replace(skew_unit=skew, skew_error_unit=error)
