"""When a picture was exposed: the source's own time where it has one, brought onto this host's clock.

Three kinds of source time are met. Drivers that stamp with the host's own monotonic clock (V4L2) are believed. Times
that count from the stream's start (RTSP, MSMF) keep their spacing and are laid where the quickest picture arrived:
nothing comes before it was sent. Where there is none, the arrival is all there is.
"""

from dataclasses import dataclass

from bridge.clock import NS_PER_S

_SAME_CLOCK_NS = NS_PER_S
"""A stamp no older than this when its picture arrives is of our own clock."""
_DRIFT = 2e-4
"""How fast two clocks may run apart: a crystal's tolerance, twice."""
_BREAK_NS = NS_PER_S
"""Beyond it the source's clock was set anew."""


@dataclass(slots=True)
class Stamps:
    """What one live source's times have shown so far."""

    early_ns: int = 0
    """From the exposure's middle to the stamp, or to the arrival: taken off."""
    offset_ns: int = 0
    before_ns: int = 0
    last_ns: int = 0


def stamped(stamps: Stamps, source_ns: int, arrival_ns: int) -> int:
    """The exposure's moment; never before, and never the same as, the last one's."""
    if source_ns <= 0:
        at_ns = arrival_ns
    elif 0 <= arrival_ns - source_ns < _SAME_CLOCK_NS:
        at_ns = source_ns
    else:
        at_ns = source_ns + _offset(stamps, source_ns, arrival_ns)
    stamps.last_ns = max(at_ns - stamps.early_ns, stamps.last_ns + 1)
    return stamps.last_ns


def _offset(stamps: Stamps, source_ns: int, arrival_ns: int) -> int:
    """The least that arrivals were behind the source's time, following drift."""
    seen_ns, passed_ns = arrival_ns - source_ns, source_ns - stamps.before_ns
    broken = passed_ns < 0 or abs(seen_ns - stamps.offset_ns) > _BREAK_NS
    if not stamps.before_ns or broken:
        stamps.offset_ns = seen_ns
    else:
        stamps.offset_ns = min(seen_ns, stamps.offset_ns + round(passed_ns * _DRIFT))
    stamps.before_ns = source_ns
    return stamps.offset_ns
