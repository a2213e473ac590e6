"""How much later than in real time files are played that belong together, where this computer cannot read them so fast.

Each alone would fall behind by another amount, and what their cameras saw at one moment would be told as if it had
been minutes apart. So the slowest holds all of them: together they play slowly, and stay in step to the nanosecond.
"""

import threading
from collections import deque

from bridge.clock import NS_PER_S

_AHEAD_NS, _HELD_S = NS_PER_S // 20, 0.5
"""Nobody is read further ahead of the slowest, nor held longer: then the slowest hangs, and is no longer waited for."""
_REMEMBERED = 64


class Pace:
    """Of one play; files' readers ask from threads of their own, each by its name."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._reached_ns: dict[str, int] = {}
        self._furthest_ns = -1
        self._steps: deque[tuple[int, int]] = deque([(-1, 0)], maxlen=_REMEMBERED)
        """(after which moment, how much later), rising."""

    def join(self, who: str, moment_ns: int) -> None:
        """A picture of that moment was read; it waits for those that are far behind."""
        with self._change:
            self._reached_ns[who] = moment_ns
            self._change.notify_all()
            if not self._change.wait_for(lambda: not self.behind_of(moment_ns), _HELD_S):
                for slow in self.behind_of(moment_ns):
                    del self._reached_ns[slow]

    def leave(self, who: str) -> None:
        """Its file is at its end, or cannot be read."""
        with self._change:
            self._reached_ns.pop(who, None)
            self._change.notify_all()

    def behind_of(self, moment_ns: int) -> list[str]:
        """Who is too far behind for a picture of that moment to be played."""
        return [who for who, reached_ns in self._reached_ns.items() if reached_ns < moment_ns - _AHEAD_NS]

    def at(self, moment_ns: int) -> int:
        """When a picture is played that would have its turn at `moment_ns`; the same for every file that asks."""
        with self._change:
            self._furthest_ns = max(self._furthest_ns, moment_ns)
            return moment_ns + next((by for after, by in reversed(self._steps) if moment_ns > after), self._steps[0][1])

    def late(self, moment_ns: int, late_ns: int) -> None:
        """A picture of that moment came `late_ns` after its turn: what nobody was given a time for yet is played so
        much later."""
        with self._change:
            after_ns, by_ns = self._steps[-1]
            if moment_ns > after_ns:
                self._steps.append((self._furthest_ns, by_ns + late_ns))
