"""When a consent begins and ends: dates as people write them, UTC nanoseconds as the ledger holds them."""

import re
from datetime import UTC, datetime

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_S_IN_NS = 1_000_000_000
_DAY_NS = 24 * 3600 * _S_IN_NS


def utc_text(utc_ns: int) -> str:
    """To the second; a midnight is a date alone."""
    return datetime.fromtimestamp(utc_ns // _S_IN_NS, UTC).strftime("%Y-%m-%d %H:%M:%S UTC").replace(" 00:00:00", "")


def end_text(utc_ns: int) -> str:
    """The end of a term: at a midnight, the last day that is covered."""
    whole_day = utc_ns % _DAY_NS == 0
    return utc_text(utc_ns - _DAY_NS if whole_day else utc_ns)


def moment_ns(text: str) -> int:
    """`2026-11-25` (its first moment) or `2026-11-25T10:00+01:00`; without an offset it is UTC. ValueError else."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"expected a date such as 2026-11-25 or a time such as 2026-11-25T10:00Z, got {text!r}"
        ) from None
    if not 1970 < at.year < 9999:
        raise ValueError(f"expected a year between 1970 and 9999, got {text!r}")
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return round(at.timestamp()) * _S_IN_NS


def end_ns(text: str) -> int:
    """The first moment after: a date counts to its end."""
    return moment_ns(text) + (_DAY_NS if _DATE.fullmatch(text) else 0)
