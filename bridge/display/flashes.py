"""A flash asked for over the bus: when a screen begins it, and how long it lasts there."""

from typing import NamedTuple

import msgspec

from bridge.clock import NS_PER_S
from bridge.messages import Flash

_STRANGE_NS = 10 * NS_PER_S


class Flashing(NamedTuple):
    """What one screen knows of flashes."""

    asked: Flash | None = None
    begun_ns: int = 0
    """The swap that began it; 0 while it waits."""


def hear(state: Flashing, flash: Flash, wall: str, now_ns: int) -> Flashing:
    """A flash for another wall is none of ours; one from a clock that is not ours (10 s off) begins at once."""
    if flash.subject not in (wall, "all"):
        return state
    strange = abs(flash.t_ns - now_ns) > _STRANGE_NS
    return Flashing(msgspec.structs.replace(flash, t_ns=now_ns) if strange else flash)


def level(state: Flashing, swap_ns: int, period_ns: int) -> float | None:
    """What a swap at `swap_ns` should show: the flash's light, or None for the picture.

    A flash begins with the refresh nearest to its time, and once begun it lasts its duration, at least one refresh.
    """
    flash = state.asked
    if flash is None:
        return None
    if not state.begun_ns:
        return flash.level_unit if swap_ns + period_ns // 2 > flash.t_ns else None
    return flash.level_unit if swap_ns - state.begun_ns < round(flash.duration_s * NS_PER_S) - period_ns // 2 else None


def swapped(state: Flashing, t_ns: int, lit: bool) -> tuple[Flashing, bool]:
    """After a swap that did or did not show it; True when the flash began with this one."""
    if state.asked is None:
        return state, False
    if lit:
        return (state, False) if state.begun_ns else (state._replace(begun_ns=t_ns), True)
    return (Flashing(), False) if state.begun_ns else (state, False)
