"""What may be written next: each decision looks at how things stand and gives the row, or says why not."""

import re
from collections.abc import Sequence

from bridge.consent import rows as said
from bridge.consent.rows import SYNTHETIC_PERFORMER
from bridge.consent.standing import Standing
from bridge.consent.terms import utc_text

_SUBJECT = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class NotPossible(ValueError):
    """A decision that cannot be written down, with the reason and what would work."""


def tells_name(name: str, text: str) -> bool:
    """Whether words that the log keeps for good hold the name; a name of nothing is in none."""
    bare = name.strip().casefold()
    return bool(bare) and bare in text.casefold()


def grant(ledger: Standing, asked: said.Granted) -> said.Granted:
    """A new consent."""
    performer = asked.performer
    if not _SUBJECT.fullmatch(performer):
        raise NotPossible(
            f"pseudonym {performer!r}: expected 1 to 64 letters, digits, '_', '.', ':' or '-', such as p07"
        )
    if performer == SYNTHETIC_PERFORMER:
        raise NotPossible(
            f"{performer} is the synthetic performer and needs no consent; a person needs another pseudonym"
        )
    if performer in ledger.erased or performer in ledger.erasing:
        raise NotPossible(f"{performer} was erased; a new consent needs a new pseudonym")
    if not asked.uses:
        raise NotPossible(f"a consent is for something: name at least one of {', '.join(said.USES)}")
    if not asked.project.strip():
        raise NotPossible("a consent is for a project: name it")
    if asked.until_utc_ns <= asked.from_utc_ns:
        begins, ends = utc_text(asked.from_utc_ns), utc_text(asked.until_utc_ns)
        raise NotPossible(f"the term ends on {ends}, not after its beginning on {begins}")
    return asked


def suspend(ledger: Standing, performer: str, number: int, by: str, why: str) -> said.Suspended:
    """Stop at once, until resumed. Never refused to a known performer: it is their right."""
    _known(ledger, performer, number)
    return said.Suspended(performer=performer, grant=number, by=by, why=why)


def resume(ledger: Standing, performer: str, number: int, by: str, why: str) -> said.Resumed:
    """Take a suspension back."""
    _known(ledger, performer, number)
    suspended = ledger.consents[number].suspended if number else ledger.suspended.get(performer)
    if suspended is None:
        alone = [str(consent.number) for consent in ledger.of(performer) if consent.suspended]
        hint = f"; consent {', '.join(alone)} alone is: resume it with --grant" if alone and not number else ""
        hint = (
            f"; {performer} as a whole is: resume without --grant" if number and performer in ledger.suspended else hint
        )
        raise NotPossible(f"{_what(performer, number)} is not suspended{hint}")
    return said.Resumed(performer=performer, grant=number, by=by, why=why)


def withdraw(ledger: Standing, performer: str, number: int, by: str, why: str) -> said.Withdrawn:
    """End consents for good."""
    _known(ledger, performer, number)
    if all(consent.withdrawn for consent in ledger.of(performer) if number in (0, consent.number)):
        raise NotPossible(f"{_what(performer, number)} is withdrawn already")
    return said.Withdrawn(performer=performer, grant=number, by=by, why=why)


def begin_erase(ledger: Standing, performer: str, by: str, why: str) -> Sequence[said.AnyRow]:
    """Withdraw what is left, then begin; nothing new where it was begun before."""
    _known(ledger, performer, 0)
    if performer in ledger.erasing or performer in ledger.erased:
        return ()
    left = any(consent.withdrawn is None for consent in ledger.of(performer))
    begun = said.EraseBegun(performer=performer, by=by, why=why)
    return (said.Withdrawn(performer=performer, by=by, why=why or "erasure"), begun) if left else (begun,)


def register(ledger: Standing, asset: said.AssetMade) -> said.AssetMade:
    """A file with a performer in it."""
    if asset.performer not in ledger.performers:
        raise NotPossible(f"{asset.performer} is not in the ledger, so nothing should have been made of them")
    if asset.performer in ledger.erased:
        raise NotPossible(f"{asset.performer} was erased; a file made since must be deleted, not registered")
    return asset


def _known(ledger: Standing, performer: str, number: int) -> None:
    known = ledger.of(performer)
    if not known:
        there = ", ".join(ledger.performers) or "nobody"
        raise NotPossible(f"{performer} is not in the ledger; it knows {there}")
    if number and number not in {consent.number for consent in known}:
        numbers = ", ".join(str(consent.number) for consent in known)
        raise NotPossible(f"{performer} has no consent {number}; there is {numbers}")


def _what(performer: str, number: int) -> str:
    return f"consent {number} of {performer}" if number else performer
