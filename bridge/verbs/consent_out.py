"""`cyc consent verify` and `export`: the chain checked, against the heads in takes too, and handed out."""

import argparse
import os
from pathlib import Path
from typing import Any

import msgspec

from bridge.consent.ledger import Ledger
from bridge.verbs.consent_where import unheard_of
from bridge.verbs.terminal import COULD_NOT, DONE, fail, note, print_json, say

HOW = (
    "hash = SHA-256(the hash before, 32 bytes, zeros for row 1, followed by the bytes of `row`). Rows about other "
    "performers are given by their hash alone."
)


def add_verify(parser: argparse.ArgumentParser) -> None:
    """Takes, heads."""
    parser.add_argument(
        "takes", type=Path, nargs="*", metavar="TAKE.mcap", help="takes whose head must be in the chain"
    )
    parser.add_argument("--head", action="append", default=[], metavar="HEX", help="a head that must be in the chain")


def add_export(parser: argparse.ArgumentParser) -> None:
    """Where to, and whose."""
    parser.add_argument("out", type=Path, metavar="OUT.json")
    parser.add_argument("--performer", default="", metavar="PERFORMER", help="only this one's rows in words")


def verify(args: argparse.Namespace) -> int:
    """Exit code 1 where anything does not hold."""
    heads = {head.lower(): "--head" for head in args.head}
    without: list[str] = []
    for path in args.takes:
        head = _head_of(path)
        if head:
            heads[head] = str(path)
        else:
            without.append(str(path))
    with Ledger(args.ledger) as ledger:
        found, head = ledger.rows()
        ours = {link.digest.hex() for link in ledger.links()}
    lost = {name: head for head, name in heads.items() if head not in ours}
    if args.json:
        ok = {"ok": not lost, "rows": len(found), "head": head.hex()}
        print_json({"ledger": str(args.ledger), **ok, "not_of_this_ledger": lost, "without_a_head": without})
        return COULD_NOT if lost else DONE
    for name in without:
        note(f"{name}: names no ledger; it was recorded where there was none")
    for name, missing in lost.items():
        fail(
            f"{name}: its head {missing} is not in {args.ledger}, which was cut short or replaced since, or is another"
        )
    if lost:
        return COULD_NOT
    also = f", and {len(heads)} head{'s' * (len(heads) != 1)} from outside {'is' if len(heads) == 1 else 'are'} in it"
    also = also if heads else ""
    say(f"{args.ledger}: {len(found)} rows, the chain holds{also}")
    say(f"head {head.hex()}")
    return DONE


def _head_of(path: Path) -> str:
    from bridge.take.chunks import TakeFault
    from bridge.take.read import Take

    try:
        with Take(path) as take:
            return take.facts.get("consent_head", "")
    except TakeFault as fault:
        raise OSError(str(fault)) from None


def export(args: argparse.Namespace) -> int:
    """A file that is written whole or not at all, and never over another."""
    if args.out.exists():
        return fail(f"{args.out}: exists already and is never written over; give another name")
    if not args.out.parent.is_dir():
        return fail(f"{args.out}: there is no folder {args.out.parent}")
    with Ledger(args.ledger) as ledger:
        found, head = ledger.rows()
        links, known = ledger.links(), ledger.standing().performers
    if args.performer not in ("", *(getattr(row, "performer", "") for row in found)):
        raise unheard_of(args.performer, args.ledger, known)
    told: list[dict[str, Any]] = []
    for row, link in zip(found, links, strict=False):
        about = getattr(row, "performer", "")
        entry: dict[str, Any] = {"seq": link.seq, "hash": link.digest.hex()}
        told.append(
            entry if args.performer and about not in ("", args.performer) else {**entry, "row": link.body.decode()}
        )
    beside = args.out.with_name(f"{args.out.name}.new")
    text = {"schema": 1, "how": HOW, "performer": args.performer, "rows": len(found), "head": head.hex(), "chain": told}
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(text)) + b"\n")
    os.replace(beside, args.out)  # noqa: PTH105
    if args.json:
        print_json({"out": str(args.out), "rows": len(found), "head": head.hex()})
    else:
        say(f"{args.out}: {len(found)} rows, head {head.hex()}")
    return DONE
