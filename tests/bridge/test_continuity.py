"""Counters of loss, copies and late ones against a script that knows what was sent."""

from hypothesis import given
from hypothesis import strategies as st

from bridge import continuity, dejitter
from bridge.continuity import CAUGHT_UP, LATE, REPEATED, RESTARTED, Continuity

FATES = st.sampled_from(["sent"] * 6 + ["lost", "twice", "late"])


@given(st.lists(FATES, min_size=5, max_size=200), st.sampled_from([16, 256, 65536, 0]), st.integers(0, 70_000))
def test_any_script_of_fates_is_counted_exactly(fates: list[str], modulus: int, first: int) -> None:
    """A late one comes right after its successor; the ends are sent, so that every loss is seen."""
    fates = ["sent", *fates, "sent", "sent"]
    order: list[tuple[int, int]] = []  # (number, when)
    for n, fate in enumerate(fates):
        order += [] if fate == "lost" else [(n, n + 1)] if fate == "late" else [(n, n)] * (2 if fate == "twice" else 1)
    order.sort(key=lambda pair: pair[1])
    order = sorted(order, key=lambda pair: (pair[1], pair[0] != pair[1]))
    state, newest, late = Continuity(), 0, 0
    for n, when in order:
        number = (first + n) % modulus if modulus else first + n
        periods = continuity.place(state, number, modulus, float(when - newest) if state.received else 1.0, None)
        if n > newest or not state.received:
            newest = n
        late += periods == LATE
    # one that is "late" while its successor never came is not late at all: nothing newer was heard
    really_late = sum(fate == "late" and fates[n + 1] in ("sent", "twice") for n, fate in enumerate(fates))
    assert state.lost == fates.count("lost")
    assert state.duplicate == fates.count("twice")
    assert (state.reordered, late) == (really_late, really_late)
    assert state.received == len(fates) - fates.count("lost")


def test_a_copy_of_an_old_one_is_a_copy() -> None:
    state = Continuity()
    assert [continuity.place(state, n, 0, 1.0, None) for n in (7, 8, 10, 9, 9, 8, 7)] == [1, 1, 2, LATE, 0, 0, 0]
    assert (state.duplicate, state.lost, state.reordered) == (3, 0, 1)


def test_a_jump_far_back_or_far_ahead_is_another_start() -> None:
    state = Continuity()
    assert continuity.place(state, 5000, 65536, 1.0, None) == 1
    assert continuity.place(state, 3, 65536, 1.0, None) == RESTARTED
    assert continuity.place(state, 4, 65536, 1.0, None) == 1
    assert continuity.place(state, 30_000, 65536, 1.0, None) == RESTARTED
    assert state.lost == 0


def test_a_burst_after_a_pause_is_what_was_missed() -> None:
    """No sequence: seven come at once after six periods of nothing. None is lost in the end."""
    state = Continuity()
    assert continuity.place(state, None, 0, 1.0, 0) == 1
    assert continuity.place(state, None, 0, 7.0, 1) == 7
    assert [continuity.place(state, None, 0, 0.0, content) for content in range(2, 8)] == [CAUGHT_UP] * 6
    assert state.lost == 0
    assert continuity.place(state, None, 0, 0.01, 8) == 1  # nothing is missed any more: an early one, not a copy
    assert continuity.place(state, None, 0, 0.01, 8) == REPEATED


def test_the_line_shrugs_at_one_very_late_packet() -> None:
    line = dejitter.Line(0.01)
    for n in range(1, 400):
        dejitter.advance(line, n * 0.01, 1)
    assert abs(dejitter.advance(line, 4.0 + 0.5, 1) - 4.0) < 1e-4
    assert abs(dejitter.advance(line, 4.01, 1) - 4.01) < 1e-4
    assert abs(line.period_s - 0.01) < 1e-5


def test_the_line_is_drawn_anew_after_a_lasting_shift() -> None:
    line = dejitter.Line(0.01)
    for n in range(1, 300):
        dejitter.advance(line, n * 0.01, 1)
    for n in range(300, 320):
        dejitter.advance(line, n * 0.01 + 0.2, 1)
    assert abs(line.at_s - 3.39) < 1e-3
    assert abs(line.period_s - 0.01) < 1e-4
