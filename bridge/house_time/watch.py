"""Watching one source of timecode: does it lock, jump, stop, run backward, drift; and where is its count right now.

Labels come with the moment they were true. Those that lie on one line of count against time are believed; three in a
row that lie on another line move the watch there, which is a jump where it is a frame or more away. When the labels
stop, the count runs on by our own clock: jam-sync.
"""

from typing import NamedTuple

import msgspec
import numpy as np

from bridge.clock import NS_PER_S
from bridge.house_time.line import Fit, Floats, fit
from bridge.house_time.pulse import Pulse, Rate, rate_of
from bridge.timecode import Timecode, frame_number, frames_per_day, nominal_rate, timecode_at

LOCK_AFTER = 5
"""Labels on one line."""
_MOVE_AFTER = 3
_ANY_SPEED = 0.35
"""How far from the rate's own speed two labels may be apart and still be two of one count."""
_DENSE, _SPARSE_NS, _KEPT = 12, NS_PER_S // 4, 240
"""The newest labels are all kept, the older ones four a second, for a minute."""
_SETTLED_NS = NS_PER_S
"""Before so long the speed is what the source says it is; after that it is measured."""
_GUESSED_NS, _FEWEST = NS_PER_S // 4, 4
"""Where it does not say, so short a time tells its speed better than the rate does."""
_LEAVES_FRAMES, _CHANGES, _NEWEST = 0.15, 0.01, 6
"""A tape changes its speed by a hundredth, clocks do not."""
_DRIFT_AFTER_NS = 10 * NS_PER_S
_CRYSTAL = 100e-6
"""Two unlocked crystals are not further apart."""
_WANDER = 1e-6
"""A crystal's own, with the temperature; no line knows better."""
_STEADY = 0.05
"""A tape that ran at another speed than its own was not going anywhere: it is not run on from."""


class Heard(NamedTuple):
    """One label, and when it was true by our clock."""

    timecode: Timecode
    t_ns: int
    speed_unit: float | None = None
    """As the source measures it; negative is backward. None where it does not."""
    rate_sure: bool = True


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one source's watch."""

    name: str
    kind: str = "LTC"
    """For people."""
    silent_s: float = 0.5
    tolerance_frames: float = 0.5
    """A label that far off the line is still on it. Where poses are labelled, a label is true anywhere in its frame."""


class Point(NamedTuple):
    """One label as a place on the line."""

    t_ns: int
    place_frames: float


class Jump(NamedTuple):
    """The count went elsewhere."""

    t_ns: int
    by_frames: int | None
    """None where it went to another rate."""
    before: Timecode
    after: Timecode


class Watched(NamedTuple):
    """What is known of a source so far."""

    rate: Rate | None = None
    rate_sure: bool = False
    points: tuple[Point, ...] = ()
    """On the line, oldest first."""
    astray: tuple[Point, ...] = ()
    """The newest labels, where they lie off it."""
    pulse: Pulse | None = None
    spread_frames: float = 0.0
    drift_error_unit: float = _CRYSTAL
    on_line: int = 0
    heard_ns: int = 0
    stood_ns: int = 0
    """Since when the same label is said again and again; 0 while it counts."""
    jumps: int = 0
    stray: int = 0
    """Single labels off the line: passed over."""
    held: Pulse | None = None
    """Jammed by command: this counts, whatever is heard."""
    held_ns: int = 0

    @property
    def span_ns(self) -> int:
        """How long the line has been followed."""
        return self.points[-1].t_ns - self.points[0].t_ns if self.points else 0


def hear(watch: Watch, state: Watched, heard: Heard) -> tuple[Watched, Jump | None]:
    """One label further."""
    if state.rate and state.rate_sure and not heard.rate_sure:
        heard = heard._replace(timecode=_at_rate(heard.timecode, state.rate))
    rate = rate_of(heard.timecode)
    if state.rate is None or (rate != state.rate and not state.rate_sure):
        state = _fresh(state, rate)
    state = state._replace(heard_ns=heard.t_ns, rate_sure=state.rate_sure or heard.rate_sure)
    if rate != state.rate:
        return _other_rate(state, rate, heard)
    last = (state.astray or state.points or (None,))[-1]
    point = Point(heard.t_ns, _place(heard.timecode, state))
    if last and point.place_frames == last.place_frames and point.t_ns - last.t_ns < NS_PER_S:
        stood_ns = state.stood_ns or last.t_ns
        if (point.t_ns - stood_ns) * rate[0] / rate[1] / NS_PER_S > 3.0:  # no tracker is so much faster than its label
            return state._replace(stood_ns=stood_ns, on_line=0), None
        state = state._replace(stood_ns=stood_ns)
    else:
        state = state._replace(stood_ns=0)
    if not state.points:
        return _drawn(state._replace(points=(point,), on_line=1), heard), None
    assert state.pulse
    off = point.place_frames - state.pulse.place(point.t_ns)
    if abs(off) <= watch.tolerance_frames:
        stray = state.stray + len(state.astray)
        points = _thinned((*state.points, point))
        return _drawn(state._replace(points=points, on_line=state.on_line + 1, astray=(), stray=stray), heard), None
    return _astray(state, point, heard)


def standing(watch: Watch, state: Watched, now_ns: int) -> str:
    """`silent`, `locking`, `locked` or `jammed`."""
    if state.held:
        return "jammed"
    if state.pulse is None:
        return "silent"
    if is_heard(watch, state, now_ns) and not state.stood_ns:
        return "locked" if state.on_line >= LOCK_AFTER else "locking"
    ran = state.on_line >= LOCK_AFTER and abs(state.pulse.speed_unit - 1.0) < _STEADY
    return "jammed" if ran else "silent"


def is_heard(watch: Watch, state: Watched, now_ns: int) -> bool:
    """Whether labels are coming in."""
    return state.pulse is not None and now_ns - state.heard_ns < watch.silent_s * NS_PER_S


def counting(watch: Watch, state: Watched, now_ns: int) -> Pulse | None:
    """What to label by; None while nothing is known to be true now."""
    if state.held:
        return state.held
    return state.pulse if standing(watch, state, now_ns) in ("locked", "jammed") else None


def last_label(state: Watched) -> Timecode | None:
    """The newest that was on the line; None where none ever was."""
    return timecode_at(round(state.points[-1].place_frames), *state.rate) if state.points and state.rate else None


def jam(watch: Watch, state: Watched, now_ns: int, on: bool) -> tuple[Watched, str]:
    """Run on by our own clock from where the count is now, or follow the source again; -> why not, if not."""
    if not on:
        return state._replace(held=None, held_ns=0), ""
    pulse = counting(watch, state, now_ns)
    if pulse is None:
        return state, f"{watch.name} has not locked yet, so there is nothing to run on from"
    return state._replace(held=pulse, held_ns=now_ns), ""


def drift_unit(state: Watched) -> float | None:
    """How much faster than our clock it counts; None until it was followed for ten seconds, or at another speed."""
    if state.pulse is None or state.span_ns < _DRIFT_AFTER_NS or abs(abs(state.pulse.speed_unit) - 1.0) > _STEADY / 5:
        return None
    return abs(state.pulse.speed_unit) - 1.0


def jammed_s(state: Watched, now_ns: int) -> float:
    """For how long our own clock has counted."""
    return max(0.0, (now_ns - (state.held_ns or state.heard_ns)) / NS_PER_S)


def off_by_frames(state: Watched, now_ns: int) -> float:
    """How far the count may be wrong by now, since it runs on by our own clock."""
    pulse = state.held or state.pulse
    if pulse is None:
        return 0.0
    drift_error = min(state.drift_error_unit, _CRYSTAL)
    return state.spread_frames + jammed_s(state, now_ns) * drift_error * pulse.nominal_hz


def _fresh(state: Watched, rate: Rate) -> Watched:
    return Watched(rate=rate, jumps=state.jumps, stray=state.stray, held=state.held, held_ns=state.held_ns)


def _other_rate(state: Watched, rate: Rate, heard: Heard) -> tuple[Watched, Jump | None]:
    """Another count altogether: somebody set the master anew."""
    before = state.pulse.label(heard.t_ns)[0] if state.pulse else heard.timecode
    fresh = _fresh(state, rate)._replace(jumps=state.jumps + 1, rate_sure=heard.rate_sure, heard_ns=heard.t_ns)
    point = Point(heard.t_ns, float(frame_number(heard.timecode)))
    fresh = _drawn(fresh._replace(points=(point,), on_line=1), heard)
    return fresh, Jump(heard.t_ns, None, before, heard.timecode)


def _at_rate(timecode: Timecode, rate: Rate) -> Timecode:
    """A label whose rate is a guess, at the rate that was known before, if that counts alike."""
    alike = (nominal_rate(*rate[:2]), rate[2]) == (
        nominal_rate(timecode.rate_num, timecode.rate_den),
        timecode.drop_frame,
    )
    return msgspec.structs.replace(timecode, rate_num=rate[0], rate_den=rate[1]) if alike else timecode


def _astray(state: Watched, point: Point, heard: Heard) -> tuple[Watched, Jump | None]:
    """Off the line: passed over, until three in a row agree on another."""
    assert state.pulse
    run = (*state.astray, point)
    if len(run) > 1 and not _counts(run[-2], point, state.pulse.nominal_hz):
        return state._replace(astray=(point,), stray=state.stray + 1), None
    if len(run) < _MOVE_AFTER and state.on_line >= LOCK_AFTER:
        return state._replace(astray=run), None
    by = round(run[0].place_frames - state.pulse.place(run[0].t_ns))
    was_locked = state.on_line >= LOCK_AFTER
    turned = (run[-1].place_frames - run[0].place_frames) * state.pulse.count_hz < 0
    before = timecode_at(state.pulse.label_number(run[0].t_ns), *state.pulse.rate)
    after = timecode_at(round(run[0].place_frames), *state.pulse.rate)
    on_line = len(run) if not was_locked or by else LOCK_AFTER  # a change of speed is no reason to let go
    moved = _drawn(state._replace(points=run, astray=(), on_line=on_line, drift_error_unit=_CRYSTAL), heard)
    if by == 0 or turned or not was_locked:
        return moved, None
    return moved._replace(jumps=state.jumps + 1), Jump(run[0].t_ns, by, before, after)


def _counts(before: Point, after: Point, nominal_hz: float) -> bool:
    """Whether two labels may be two of one count, at a speed that tapes have, in either direction."""
    due = nominal_hz * (after.t_ns - before.t_ns) / NS_PER_S
    return abs(abs(after.place_frames - before.place_frames) - due) <= 0.5 + _ANY_SPEED * due


def _place(timecode: Timecode, state: Watched) -> float:
    """The label's number, on the side of midnight where the count is."""
    number = float(frame_number(timecode))
    near = (state.astray or state.points or (None,))[-1]
    if near is None or state.rate is None:
        return number
    day = frames_per_day(*state.rate)
    return number + day * round((near.place_frames - number) / day)


def _drawn(state: Watched, heard: Heard) -> Watched:
    """With the line through its points. A line that the newest leave, or whose speed is the source's no more, is
    drawn anew through the newest only."""
    assert state.rate
    nominal_hz = state.rate[0] / state.rate[1]
    last = state.points[-1].t_ns
    x = np.array([(point.t_ns - last) / NS_PER_S for point in state.points])
    y = np.array([point.place_frames for point in state.points])
    if state.span_ns < (_SETTLED_NS if heard.speed_unit else _GUESSED_NS) or len(x) < _FEWEST:
        return _at_told_speed(state, x, y, heard.speed_unit, nominal_hz)
    line = fit(x, y)
    if len(y) > _NEWEST and (_left(line, x, y) or _slower_now(line, heard, nominal_hz)):
        return _drawn(state._replace(points=state.points[-_NEWEST:]), heard)
    error = line.slope_error_unit / nominal_hz
    return state._replace(
        pulse=Pulse(state.rate, last, line.at(0.0), line.slope_unit),
        spread_frames=line.spread_unit,
        drift_error_unit=max(error, _WANDER),
    )


def _at_told_speed(state: Watched, x: Floats, y: Floats, speed_unit: float | None, nominal_hz: float) -> Watched:
    """Too short for a speed of its own: the source's, or the rate's, in the direction it goes."""
    assert state.rate
    count_hz = nominal_hz * (speed_unit or 1.0)
    if speed_unit is None and len(y) > 1 and y[-1] < y[0]:
        count_hz = -count_hz
    place = float(np.median(y - count_hz * x))
    spread = float(np.median(np.abs(y - count_hz * x - place)))
    return state._replace(pulse=Pulse(state.rate, state.points[-1].t_ns, place, count_hz), spread_frames=spread)


def _left(line: Fit, x: Floats, y: Floats) -> bool:
    """Whether the newest are all well off the line on one side of it."""
    off = y[-_NEWEST:] - [line.at(when) for when in x[-_NEWEST:]]
    return bool(abs(off.sum()) == np.abs(off).sum() and np.abs(off).min() > _LEAVES_FRAMES)


def _slower_now(line: Fit, heard: Heard, nominal_hz: float) -> bool:
    return heard.speed_unit is not None and abs(line.slope_unit / nominal_hz - heard.speed_unit) > _CHANGES


def _thinned(points: tuple[Point, ...]) -> tuple[Point, ...]:
    if len(points) <= _DENSE + 1:
        return points
    old, new = points[: -_DENSE - 1], points[-_DENSE - 1 :]
    if old and new[0].t_ns - old[-1].t_ns < _SPARSE_NS:
        new = new[1:]  # the one that leaves the dense part is too near to the last kept
    return (*old, *new)[-_KEPT - _DENSE :]
