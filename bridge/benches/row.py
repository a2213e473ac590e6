"""One line of a bench: a figure, the floor it is held against, and the target."""

import math
from typing import Literal

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """`floor` is what a peer or the bare operation took in the same run; `ratio` is value over floor.

    `ok` is None where the tool, model or data needed is absent; `what` then says which, and there is no value.
    """

    what: str
    value: float | None = None
    unit: str = ""
    floor: float | None = None
    ratio: float | None = None
    target: str = ""
    ok: bool | None = None


def measured(
    what: str,
    value: float,
    unit: str,
    *,
    floor: float | None = None,
    at_most: float | None = None,
    at_least: float | None = None,
    of: Literal["value", "ratio"] = "value",
) -> Row:
    """A row whose target is a bound on the value itself or on its ratio to the floor."""
    ratio = value / floor if floor else None
    judged = ratio if of == "ratio" else value
    target, ok = "", None
    if at_most is not None:
        target, ok = f"{of} <= {at_most:g}", judged is not None and judged <= at_most
    elif at_least is not None:
        target, ok = f"{of} >= {at_least:g}", judged is not None and judged >= at_least
    if not math.isfinite(value):
        ok = False
    return Row(what=what, value=value, unit=unit, floor=floor, ratio=ratio, target=target, ok=ok)


def absent(what: str, missing: str) -> Row:
    """A row that could not be measured here, and why."""
    return Row(what=f"{what}: not measured, {missing}")
