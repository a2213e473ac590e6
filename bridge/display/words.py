"""The status line of an output."""

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from bridge.display.place import Place, Rect

HONEST = "preview, not genlocked: final pixels go through nDisplay"


class Doing(NamedTuple):
    """What there is to say."""

    showing: str
    refresh_hz: float
    shown: int
    missed: int
    paced: bool
    pose_age_s: float | None = None
    drawn_px: tuple[int, int] | None = None
    note: str = ""


def status(place: Place, on_screen: Rect, doing: Doing) -> tuple[str, str]:
    """Two lines: what is shown and how, then how well."""
    width, height = place.size_px
    scale = on_screen[2] / width
    parts = [f"{place.output}: {doing.showing}", f"{width} x {height} of {place.wall}"]
    parts.append("1:1" if on_screen[2:] == (width, height) else f"shown at {scale:.0%}")
    if doing.drawn_px and doing.drawn_px != (width, height):
        parts.append(f"drawn at {doing.drawn_px[0]} x {doing.drawn_px[1]}")
    if doing.note:
        parts.append(doing.note)
    rate = f"{doing.refresh_hz:.1f} Hz" + (" by the clock, no vsync" if doing.paced else "")
    counts = [rate, f"{doing.missed} missed of {doing.shown}"]
    if doing.pose_age_s is not None:
        counts.append(f"pose {doing.pose_age_s * 1e3:.0f} ms old")
    return ", ".join(parts), ", ".join([*counts, HONEST])


def wrapped(lines: Sequence[str], columns: int) -> str:
    """No line longer than the window has room for."""
    return "\n".join(short for line in lines for short in textwrap.wrap(line, max(20, columns)))


def title(place: Place) -> str:
    """Of the window."""
    return f"cyc wall: {place.output} ({HONEST})"
