"""How often a busy loop wakes: a flood is taken in handfuls, as network cards take it.

Waking up costs more than a small packet's work. So while items come faster than `FLOOD_HZ`, the loop rests until
`HANDFUL_NS` after it last woke; what comes meanwhile waits in its queue. Slower streams never wait.
"""

from bridge.clock import NS_PER_S

FLOOD_HZ = 2000
HANDFUL_NS = 1_000_000
_WINDOW_NS = NS_PER_S // 10


class Pace:
    """One loop's; `rest_ns` says, after each round, how long to rest."""

    __slots__ = ("_flooded", "_items", "_since_ns")

    def __init__(self, now_ns: int) -> None:
        self._since_ns, self._items, self._flooded = now_ns, 0, False

    def rest_ns(self, woke_ns: int, now_ns: int, items: int) -> int:
        """`items` were taken in the round that began at `woke_ns`."""
        self._items += items
        span_ns = now_ns - self._since_ns
        if span_ns >= _WINDOW_NS:
            self._flooded = self._items * NS_PER_S > FLOOD_HZ * span_ns
            self._since_ns, self._items = now_ns, 0
        return max(0, woke_ns + HANDFUL_NS - now_ns) if self._flooded and items else 0
