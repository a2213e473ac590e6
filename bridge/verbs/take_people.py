"""`cyc take export --to people`: what a take says of one performer, as JSON lines, if their consent covers it."""

import argparse
import contextlib
from pathlib import Path

from bridge.consent.ledger import LedgerFault
from bridge.consent.rows import Use
from bridge.take.people_export import BODY, FACE, NotAllowed, exporting, lines, performers, unclear
from bridge.take.read import Take
from bridge.verbs.consent_where import ledger_at
from bridge.verbs.terminal import COULD_NOT, DONE, WRONG_USAGE, fail, print_json, say


def export_people(args: argparse.Namespace, take: Take) -> int:
    """A file that is written whole or not at all, and never over another."""
    out: Path = args.out
    if out.suffix != ".jsonl":
        return fail(f"{out}: expected a name ending in .jsonl", WRONG_USAGE)
    if out.exists():
        return fail(f"{out}: exists already and is never written over; give another name")
    there = performers(take)
    if why := unclear(there, args.performer):
        return fail(f"{args.take}: {why}", WRONG_USAGE if there else COULD_NOT)
    who = args.performer or there[0]
    faces = any(f"{kind}/{who}" in take.topics for kind in FACE)
    uses: tuple[Use, ...] = ("export", "face") if faces else ("export",)
    beside = out.with_name(f"{out.name}.new")
    try:
        with exporting(take, who, ledger_at(args.ledger, args.take.parent), uses=uses) as made:
            with beside.open("wb") as file:
                file.writelines(lines(take, who, (*BODY, *FACE)))
            beside.replace(out)
            made(out)
    except (NotAllowed, LedgerFault) as fault:
        return fail(str(fault))
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()
    messages = sum(take.topics.get(f"{kind}/{who}", 0) for kind in (*BODY, *FACE))
    if args.json:
        print_json({"out": str(out), "performer": who, "messages": messages})
    else:
        say(f"{out}: {messages} messages of {who}")
    return DONE
