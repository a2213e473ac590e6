"""A suspension from the page, written into the ledger of consents. Nothing here can grant or take back anything."""

from pathlib import Path

from bridge.consent import decisions
from bridge.consent.decisions import NotPossible
from bridge.consent.ledger import Ledger, LedgerFault
from bridge.consent.rows import SYNTHETIC_PERFORMER

BY = "console"


def suspend(ledger: Path | None, performer: str, why: str) -> str:
    """What was done, in a sentence. ValueError says why it was not."""
    if performer == SYNTHETIC_PERFORMER:
        raise ValueError(f"{performer} is drawn by the computer and has nothing to suspend: stop the capture service")
    if ledger is None:
        raise ValueError("this page knows no ledger of consents: cyc consent suspend does it")
    try:
        with Ledger(ledger) as open_ledger:
            person = open_ledger.person(performer)
            if person and decisions.tells_name(person.name, why):
                raise NotPossible(f"the reason stays in the log for good: write {performer} instead of the name")
            (row,) = open_ledger.write(lambda now: (decisions.suspend(now, performer, 0, BY, why),))
    except (LedgerFault, NotPossible) as fault:
        raise ValueError(str(fault)) from None
    return f"{performer} is suspended (row {row.seq}); what runs stops within a second"
