"""The last minute of each stream, a moment a second: age, rate and losses, as numbers and as a drawn line.

Bounded: sixty moments a stream however long the page stays open.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from bridge.clock import NS_PER_S

KEPT = 60
EVERY_NS = NS_PER_S
WIDTH, HEIGHT = 120, 22
_BEST_S, _WORST_S = 0.004, 10.0
_LEVELS = math.log(_WORST_S / _BEST_S)


class Moment(NamedTuple):
    """One stream at one moment. `age_s` None: nothing had come yet."""

    t_ns: int
    age_s: float | None
    rate_hz: float
    lost: int
    """Packets lost since the spine started."""


def remembered(past: tuple[Moment, ...], now: Moment) -> tuple[Moment, ...]:
    """With one more moment, no closer than a second to the last."""
    if past and 0 <= now.t_ns - past[-1].t_ns < EVERY_NS * 9 // 10:
        return past
    return (*past[1 - KEPT :], now)


def losses(past: Sequence[Moment]) -> list[tuple[int, int]]:
    """(moment's index, packets lost since the one before it); a counter that went back began again at 0."""
    found: list[tuple[int, int]] = []
    for index in range(1, len(past)):
        before, now = past[index - 1].lost, past[index].lost
        new = now - before if now >= before else now
        if new:
            found.append((index, new))
    return found


def lost_lately(past: Sequence[Moment]) -> int:
    """Packets lost over what is remembered."""
    return sum(new for _, new in losses(past))


def sparkline(past: Sequence[Moment], now_ns: int) -> str:
    """Age of the newest packet over the last minute as SVG, low is fresh; losses as ticks from below.

    The scale is logarithmic, 4 ms to 10 s. Within a packet's period the age says nothing, so it is drawn flat.
    """
    shown = [(moment, _x(moment.t_ns, now_ns)) for moment in past if now_ns - moment.t_ns <= KEPT * EVERY_NS]
    line = [f"{x:.0f},{_y(moment):.0f}" for moment, x in shown if moment.age_s is not None]
    ticks = "".join(
        f'<path class="cyc-lost" d="M{_x(past[index].t_ns, now_ns):.0f} {HEIGHT}v-{_tick(new):.0f}"/>'
        for index, new in losses(past)
        if now_ns - past[index].t_ns <= KEPT * EVERY_NS
    )
    worst_s = max((moment.age_s or 0.0 for moment, _ in shown), default=0.0)
    tone = "cyc-line-bad" if worst_s >= 1.0 else "cyc-line"
    drawn = f'<polyline class="{tone}" points="{" ".join(line)}"/>' if len(line) > 1 else ""
    return (
        f'<svg class="cyc-spark" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"{ticks}{drawn}</svg>"
    )


def _x(t_ns: int, now_ns: int) -> float:
    return WIDTH * (1.0 - (now_ns - t_ns) / (KEPT * EVERY_NS))


def _y(moment: Moment) -> float:
    period_s = 1.0 / moment.rate_hz if moment.rate_hz > 0 else _BEST_S
    age_s = min(max(moment.age_s or 0.0, period_s, _BEST_S), _WORST_S)
    return HEIGHT - 2.0 - (HEIGHT - 4.0) * math.log(age_s / _BEST_S) / _LEVELS


def _tick(lost: int) -> float:
    return min(4.0 + 3.0 * math.log2(lost + 1), HEIGHT - 2.0)
