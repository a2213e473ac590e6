"""What happened to one camera's pictures, and how it is said on the bus."""

from dataclasses import dataclass
from typing import Literal

from bridge.clock import NS_PER_S
from bridge.performed import CaptureCamera

State = Literal["starting", "running", "degraded", "missing", "ended"]
_GAIN = 0.05
_FAULTY_NS = 2 * NS_PER_S
_SLOW_UNIT = 0.8


@dataclass(slots=True)
class Tally:
    """Counted by the reader, read by whoever reports."""

    state: State = "starting"
    fault: str = ""
    width_px: int = 0
    height_px: int = 0
    said_rate_hz: float = 0.0
    slow_words: str = ""
    """What is likely where far fewer come than it said."""
    rate_hz: float = 0.0
    seen: int = 0
    dropped: int = 0
    corrupt: int = 0
    corrupt_at_ns: int = 0
    reconnects: int = 0
    newest_ns: int = 0
    """Of its pictures' own times."""
    heard_ns: int = 0
    """When it came."""

    def picture(self, t_ns: int, now_ns: int, size_px: tuple[int, int]) -> None:
        """One came."""
        if self.newest_ns and t_ns > self.newest_ns:
            rate_hz = NS_PER_S / (t_ns - self.newest_ns)
            self.rate_hz += (rate_hz - self.rate_hz) * (_GAIN if self.rate_hz else 1.0)
        self.newest_ns, self.heard_ns, (self.width_px, self.height_px) = t_ns, now_ns, size_px
        self.seen += 1
        self.state, self.fault = "running", ""

    def spoilt(self, count: int, now_ns: int) -> None:
        """So many were there and could not be decoded."""
        self.corrupt += count
        self.corrupt_at_ns = now_ns

    def broke(self, state: State, fault: str) -> None:
        """No picture comes for now, or none will; the rate starts anew."""
        self.state, self.fault, self.rate_hz, self.newest_ns = state, fault, 0.0, 0


def report(tally: Tally, camera: str, source: str, now_ns: int) -> CaptureCamera:
    """The message; a picture that is overdue by three periods makes a running camera degraded, by a second missing."""
    state, fault = tally.state, tally.fault
    if state == "running":
        fault = _complaint(tally, now_ns)
        lost = now_ns - tally.heard_ns > NS_PER_S
        state = "missing" if lost else "degraded" if fault else state
    return CaptureCamera(
        subject=camera,
        t_ns=now_ns,
        state=state,
        source=source,
        width_px=tally.width_px,
        height_px=tally.height_px,
        rate_hz=round(tally.rate_hz, 3),
        seen=tally.seen,
        dropped=tally.dropped,
        corrupt=tally.corrupt,
        reconnects=tally.reconnects,
        fault=fault,
    )


def _complaint(tally: Tally, now_ns: int) -> str:
    period_ns = NS_PER_S / (tally.said_rate_hz or tally.rate_hz or 1.0)
    if now_ns - tally.heard_ns > 3 * period_ns:
        return f"no picture for {(now_ns - tally.heard_ns) / NS_PER_S:.1f} s"
    if tally.corrupt_at_ns and now_ns - tally.corrupt_at_ns < _FAULTY_NS:
        return f"{tally.corrupt} pictures could not be decoded"
    if tally.seen > 30 and 0.0 < tally.rate_hz < _SLOW_UNIT * tally.said_rate_hz:
        return f"{tally.rate_hz:.1f} pictures a second of {tally.said_rate_hz:g}: {tally.slow_words}"
    return ""
