"""A flood is taken in handfuls; anything slower is never kept waiting."""

import pytest

from bridge.clock import NS_PER_S
from bridge.pace import FLOOD_HZ, HANDFUL_NS, Pace

ROUND_NS = 50_000


def played(rate_hz: float, seconds: float) -> tuple[int, float, int]:
    """(rounds, longest wait of an item in s, longest rest in ns) of a loop that wakes at arrivals or after a rest."""
    now_ns, pace, rounds, worst_s, longest_ns, taken = 0, Pace(0), 0, 0.0, 0, 0
    while now_ns < seconds * NS_PER_S:
        due_ns = round(taken * NS_PER_S / rate_hz)
        now_ns = max(now_ns, due_ns)
        woke_ns, items = now_ns, int(now_ns * rate_hz / NS_PER_S) + 1 - taken
        worst_s = max(worst_s, (now_ns - due_ns) / NS_PER_S)
        taken += items
        rounds += 1
        now_ns += ROUND_NS
        rest_ns = pace.rest_ns(woke_ns, now_ns, items)
        longest_ns = max(longest_ns, rest_ns)
        now_ns += rest_ns
    return rounds, worst_s, longest_ns


@pytest.mark.parametrize("rate_hz", [25.0, 480.0, 0.9 * FLOOD_HZ])
def test_what_is_no_flood_is_taken_one_by_one(rate_hz: float) -> None:
    rounds, _, rest_ns = played(rate_hz, 1.0)
    assert rest_ns == 0 and rounds >= 0.99 * rate_hz


def test_a_flood_wakes_the_loop_once_a_handful_and_nothing_waits_longer() -> None:
    rounds, worst_s, rest_ns = played(4000.0, 2.0)
    assert rounds < 2.0 * NS_PER_S / HANDFUL_NS * 1.3
    assert worst_s <= HANDFUL_NS / NS_PER_S and rest_ns <= HANDFUL_NS


def test_the_flood_over_nothing_waits_again() -> None:
    pace, now_ns = Pace(0), 0
    for _ in range(1000):
        now_ns += 250_000
        pace.rest_ns(now_ns, now_ns, 1)
    assert pace.rest_ns(now_ns, now_ns, 1)
    for _ in range(30):
        now_ns += NS_PER_S // 100
        rest_ns = pace.rest_ns(now_ns, now_ns, 1)
    assert rest_ns == 0
