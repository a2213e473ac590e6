"""How much later than in real time files are played that belong together, where this computer cannot read them so fast.

Each alone would fall behind by another amount, and what their cameras saw at one moment would be told as if it had
been minutes apart. So the slowest holds all of them: together they play slowly, and stay in step to the nanosecond.
"""

import threading
from collections import deque

_REMEMBERED = 256


class Pace:
    """Of one play; files' readers ask from threads of their own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._furthest_ns = -1
        self._steps: deque[tuple[int, int]] = deque([(-1, 0)], maxlen=_REMEMBERED)
        """(after which moment, how much later), rising."""

    def at(self, moment_ns: int) -> int:
        """When a picture is played that would have its turn at `moment_ns`; the same for every file that asks."""
        with self._lock:
            self._furthest_ns = max(self._furthest_ns, moment_ns)
            return moment_ns + next((by for after, by in reversed(self._steps) if moment_ns > after), self._steps[0][1])

    def behind(self, moment_ns: int, late_ns: int) -> None:
        """A picture of that moment came `late_ns` after its turn: what nobody was given a time for yet is played so
        much later."""
        with self._lock:
            after_ns, by_ns = self._steps[-1]
            if moment_ns > after_ns:
                self._steps.append((self._furthest_ns, by_ns + late_ns))
