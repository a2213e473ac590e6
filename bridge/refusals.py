"""What was not understood: counted by kind and source, said once per source and minute."""

from bridge.clock import NS_PER_S

MINUTE_NS = 60 * NS_PER_S
_REMEMBERED = 1024
OTHERS = "others"


class RefusalLog:
    """Counts refusals; bounded however many sources there are, the latecomers share one count."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        """By `kind|source`, since the start."""
        self._said_ns: dict[str, int] = {}
        self._unsaid: dict[str, int] = {}

    def note(self, now_ns: int, kind: str, source: str, text: str) -> str | None:
        """Count one; a line to say where this source's last one is a minute old."""
        key = f"{kind}|{source}"
        if key not in self.counts and len(self.counts) >= _REMEMBERED:
            source = OTHERS
            key = f"{kind}|{OTHERS}"
        self.counts[key] = self.counts.get(key, 0) + 1
        said_ns = self._said_ns.get(source)
        if said_ns is not None and now_ns - said_ns < MINUTE_NS:
            self._unsaid[source] = self._unsaid.get(source, 0) + 1
            return None
        self._said_ns[source] = now_ns
        return f"{source}: {text} ({kind}){_more(self._unsaid.pop(source, 0))}"

    def due(self, now_ns: int) -> list[str]:
        """Lines about what went unsaid in minutes that are over."""
        over = [source for source in self._unsaid if now_ns - self._said_ns[source] >= MINUTE_NS]
        lines = [f"{source}: {self._unsaid.pop(source)} more refused in the last minute" for source in over]
        self._said_ns.update((source, now_ns) for source in over)
        return lines


def _more(count: int) -> str:
    return f"; {count} more since last said" if count else ""
