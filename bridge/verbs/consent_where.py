"""Where the ledger of consents lies, for every verb that asks it."""

import argparse
import getpass
import os
from collections.abc import Sequence
from pathlib import Path

from bridge.consent.decisions import NotPossible, tells_name
from bridge.consent.ledger import FILE_NAME, Ledger

TAKES = Path("takes")


def add_ledger_argument(parser: argparse.ArgumentParser) -> None:
    """`--ledger FILE`."""
    where = f"the ledger of consents (default $CYC_CONSENT, or {TAKES / FILE_NAME}: beside the takes)"
    parser.add_argument("--ledger", type=Path, metavar="FILE", help=where)


def ledger_at(named: Path | None = None, takes: Path = TAKES) -> Path:
    """What the command says, the environment, or beside the takes; in this order."""
    if named:
        return named
    return Path(os.environ["CYC_CONSENT"]) if os.environ.get("CYC_CONSENT") else takes / FILE_NAME


def account() -> str:
    """Who acts, where nobody says: the computer's account."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown account"


def unheard_of(performer: str, ledger: Path, known: Sequence[str]) -> NotPossible:
    """A pseudonym that no row is about, with those that there are."""
    return NotPossible(f"{performer} is not in {ledger}; it knows {', '.join(known) or 'nobody'}")


def keep_names_out(ledger: Ledger, args: argparse.Namespace) -> None:
    """NotPossible where --by or --why hold the performer's name: the log keeps them for good."""
    person = ledger.person(args.performer)
    if person and any(tells_name(person.name, text) for text in (args.by, args.why)):
        raise NotPossible(f"--by and --why stay in the log for good: write {args.performer} instead of the name")
