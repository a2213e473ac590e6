"""One thing wanted of Unreal: a plan that says what to ask next, from what has been answered so far."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from bridge.clock import NS_PER_S
from bridge.wire.remote_control import Ask

Plan = Callable[[Sequence[Any]], Ask | None]
"""(the bodies answered so far) -> the next request; None is done. Raises Refused where an answer is not what it needs.
It may be begun again from the start at any time, so all of it together must do no harm twice."""


class Errand(NamedTuple):
    """A newer one of the same key takes the place of an older; takes are kept apart, and none is left out."""

    key: str
    said: str
    """What it is, for people; equal where the same is wanted."""
    plan: Plan
    kind: Literal["setting", "look", "start", "stop", "moment"] = "setting"
    """A moment (a flash) is worth nothing later; a look is only asked once, whatever comes."""
    single: Ask | None = None
    """All of it, where it is one request that needs no look at its answer."""
    patience_s: float = 0.0
    """How long one answer may take; 0 is what the stage file says."""
    about: tuple[str, str] = ("", "")
    """Preset and label of a look."""


def one(key: str, said: str, ask: Ask, kind: Literal["setting", "moment"] = "setting") -> Errand:
    """One request."""
    return Errand(key, said, several(ask), kind, ask)


def several(*asks: Ask) -> Plan:
    """One request after the other, whatever good answers say."""
    return lambda bodies: asks[len(bodies)] if len(bodies) < len(asks) else None


class Backoff:
    """How long to wait after each failure: doubling, with a longest."""

    def __init__(self, first_s: float, longest_s: float) -> None:
        self._first_s, self._longest_s = first_s, longest_s
        self._next_s = first_s

    def rest_ns(self) -> int:
        """After one more failure."""
        rest_s, self._next_s = self._next_s, min(2 * self._next_s, self._longest_s)
        return round(rest_s * NS_PER_S)

    def forget(self) -> None:
        """It went well."""
        self._next_s = self._first_s
