"""Which samples are missing, repeated or late: by the sender's sequence where it has one, else by time and content.

`place` says where a sample stands after the newest one: so many periods on (more than one: the rest are lost so far),
REPEATED, LATE (it came after a later one), CAUGHT_UP (without numbers: it came on the heels of one that closed a gap,
so nothing was missing and this is newer), or RESTARTED (the sender began again; nothing is known about the gap).
"""

REPEATED, LATE, RESTARTED, CAUGHT_UP = 0, -1, -2, -3

_WINDOW = 64  # how far back we remember which samples came
_SEEN = (1 << _WINDOW) - 1
_COPY = 0.35  # without a sequence: equal to the last and sooner than this many periods after it is a copy
_SAME_STEP = 12  # steps of the same several periods, without a sequence: the period is longer
_BEHIND = 4  # samples in a row behind the newest: the sender has restarted


class Continuity:
    """What came of one stream, and the counters of what did not."""

    __slots__ = (
        "behind",
        "content",
        "duplicate",
        "gap",
        "lost",
        "received",
        "reordered",
        "same",
        "seen",
        "sequence",
        "step",
    )

    def __init__(self) -> None:
        self.received = self.lost = self.duplicate = self.reordered = 0
        """Received counts every packet that was kept, late ones included."""
        self.sequence: int | None = None
        self.content: object = None
        self.seen = 0
        self.behind = self.step = self.same = self.gap = 0


def place(state: Continuity, sequence: int | None, modulus: int, elapsed: float, content: object) -> int:
    """`elapsed` is the arrival's distance from where the newest sample was due, in periods."""
    if sequence is None or state.sequence is None:
        periods = _by_time(state, elapsed, content)
    else:
        periods = _by_sequence(state, sequence, modulus, elapsed)
    if periods > 0:
        state.behind = 0
        state.lost += periods - 1
        state.seen = ((state.seen << periods) | 1) & _SEEN if periods < _WINDOW else 1
    elif periods == RESTARTED:
        state.behind, state.seen = 0, 1
    if periods == REPEATED:
        state.duplicate += 1
        return periods
    state.received += 1
    if periods == LATE:
        state.reordered += 1
    else:
        state.sequence = sequence
        state.content = content
    return periods


def longer_period(state: Continuity) -> int:
    """Several, where the last samples without a sequence all came that many periods apart; what was lost is undone."""
    if state.same < _SAME_STEP:
        return 1
    periods = state.step
    state.lost -= (periods - 1) * state.same
    state.same = 0
    return periods


def _by_sequence(state: Continuity, sequence: int, modulus: int, elapsed: float) -> int:
    last = state.sequence or 0
    step = sequence - last
    if modulus:
        step += modulus * round((elapsed - step) / modulus)  # of all that it may mean, what fits the time best
    if step > 0:
        return step if step < 100.0 + 2.0 * elapsed else RESTARTED
    if step <= -_WINDOW:
        return RESTARTED
    if state.seen >> -step & 1:
        return REPEATED
    state.behind += 1
    if state.behind >= _BEHIND:
        return RESTARTED
    state.seen |= 1 << -step
    state.lost -= state.lost > 0
    return LATE


def _by_time(state: Continuity, elapsed: float, content: object) -> int:
    if elapsed < _COPY and content == state.content:
        return REPEATED
    if elapsed < 0.5 and state.gap:  # a burst after a pause: these are what was missed
        state.gap -= 1
        state.lost -= 1
        return CAUGHT_UP
    periods = max(round(elapsed), 1)
    state.gap = periods - 1
    if periods != state.step:
        state.step, state.same = periods, 0
    if periods > 1:
        state.same += 1
    return periods
