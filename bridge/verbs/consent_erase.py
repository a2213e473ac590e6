"""`cyc consent erase`: what was made of a performer is deleted, and a receipt says so."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bridge.clock import utc_ns
from bridge.consent.erasure import Choices, Receipt, conclude, erase
from bridge.consent.ledger import Ledger
from bridge.verbs.consent_where import keep_names_out
from bridge.verbs.terminal import COULD_NOT, DONE, confirmed, fail, note, print_json, say


def add_erase(parser: argparse.ArgumentParser) -> None:
    """What to do with files that are not only theirs, or not as they were."""
    parser.add_argument("performer", metavar="PERFORMER")
    parser.add_argument("--why", default="", help="in a few words; they stay in the log")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    choices = ("ask", "delete", "keep")
    parser.add_argument("--shared", choices=choices, default="ask", help="files that other performers are in too")
    parser.add_argument("--changed", choices=choices, default="ask", help="files that are not as they were registered")
    parser.add_argument("--uses-ended", action="store_true", help="what the log has as running died without saying so")
    parser.add_argument("--receipt", type=Path, metavar="FILE", help="default: beside the ledger, dated")


def erase_asked(args: argparse.Namespace) -> int:
    """Exit code 1 while something is left."""
    performer = args.performer
    with Ledger(args.ledger) as ledger:
        keep_names_out(ledger, args)
        files = sum(asset.outcome is None for asset in ledger.standing().made_of(performer).values())
        question = f"withdraw {performer}'s consents and delete {files} file{'s' * (files != 1)} for good?"
        if not (args.yes or confirmed(question)):
            return fail(f"{performer}: nothing was erased; say --yes, or answer yes")
        choices = Choices(args.shared, args.changed, args.uses_ended)
        receipt = erase(ledger, performer, choices, by=args.by, why=args.why)
        path = args.receipt or args.ledger.with_name(_receipt_name(performer))
        if receipt.complete:
            conclude(ledger, receipt, path, by=args.by)
    return _told(args, receipt, path)


def _told(args: argparse.Namespace, receipt: Receipt, path: Path) -> int:
    waits = [item for item in receipt.items if item.outcome == "waits"]
    if args.json:
        print_json({**msgspec.to_builtins(receipt), "receipt": str(path) if receipt.complete else ""})
        return COULD_NOT if waits else DONE
    for item in receipt.items:
        if item.outcome != "waits":
            say(f"{item.outcome:8}{item.path}{f': {item.why}' if item.why else ''}")
    for item in waits:
        fail(f"waits   {item.path}: {item.why}")
    if waits:
        note(f"{args.performer} is withdrawn; ask again for the rest, name and receipt come with the last file")
        return COULD_NOT
    counts = ", ".join(f"{receipt.count(outcome)} {outcome}" for outcome in ("deleted", "gone", "kept"))
    say(f"{args.performer} is erased: {counts}; the name is gone from the ledger. Receipt: {path}")
    note(receipt.limits)
    return DONE


def _receipt_name(performer: str) -> str:
    at = datetime.fromtimestamp(utc_ns() // 1_000_000_000, UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"erasure-{performer.replace(':', '_')}-{at}.json"
