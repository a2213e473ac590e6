"""`cyc consent show` and `log`: who agreed to what, what is being done, and everything that was ever written."""

import argparse
from collections.abc import Iterator
from typing import Any

import msgspec

from bridge.clock import utc_ns
from bridge.consent import rows
from bridge.consent.ledger import Ledger
from bridge.consent.rules import consent_state
from bridge.consent.standing import Consent, Standing
from bridge.consent.terms import end_text, utc_text
from bridge.verbs.consent_where import unheard_of
from bridge.verbs.terminal import DONE, print_json, say, table


def add_show(parser: argparse.ArgumentParser) -> None:
    """One performer or all."""
    parser.add_argument("performer", nargs="?", default="", metavar="PERFORMER")
    parser.add_argument("--no-names", action="store_true", help="pseudonyms only, for a screen that others see")


def add_log(parser: argparse.ArgumentParser) -> None:
    """One performer or all."""
    parser.add_argument("performer", nargs="?", default="", metavar="PERFORMER")


def show(args: argparse.Namespace) -> int:
    """A table of consents, then what runs and what was made."""
    now_ns = utc_ns()
    with Ledger(args.ledger) as ledger:
        standing = ledger.standing()
        known = standing.performers
        if args.performer and args.performer not in known:
            raise unheard_of(args.performer, args.ledger, known)
        performers = [args.performer] if args.performer else known
        people = {} if args.no_names else {who: ledger.person(who) for who in performers}
    shown = [_consent(standing, consent, now_ns) for who in performers for consent in standing.of(who)]
    for consent in shown:
        person = people.get(consent["performer"])
        consent["name"] = person.name if person else "erased" if consent["performer"] in standing.erased else ""
    running = [use for use in standing.running.values() if use.performer in performers]
    made = {who: [a for a in standing.made_of(who).values() if a.outcome is None] for who in performers}
    if args.json:
        files = {who: len(found) for who, found in made.items()}
        builtins = {"consents": shown, "running": msgspec.to_builtins(running), "files": files}
        print_json({"ledger": str(args.ledger), "rows": standing.rows, "head": standing.head.hex(), **builtins})
        return DONE
    _print(args, standing, shown, running)
    for who, found in made.items():
        kinds = sorted({asset.made.made for asset in found})
        if found:
            say(f"{who} is in {len(found)} file{'s' * (len(found) != 1)} that the ledger knows: {', '.join(kinds)}")
    return DONE


def _print(args: argparse.Namespace, standing: Standing, shown: list[Any], running: list[rows.UseStarted]) -> None:
    columns = ("no.", "performer", "name", "state", "since", "by", "for", "project", "scenes", "until", "where")
    table(
        f"{len(shown)} consent{'s' * (len(shown) != 1)} in {args.ledger}, {standing.rows} rows, the chain holds",
        [column for column in columns if column != "name" or not args.no_names],
        (
            [
                consent["number"],
                consent["performer"],
                *([] if args.no_names else [consent["name"]]),
                consent["state"],
                consent["since"],
                consent["by"],
                ", ".join(consent["uses"]),
                consent["project"],
                ", ".join(consent["scenes"]) or "all",
                consent["until"],
                consent["territory"],
            ]
            for consent in shown
        ),
    )
    for use in running:
        scene = f", scene {use.scene}" if use.scene else ""
        say(f"{use.performer}: {use.use} by {use.by} since {utc_text(use.at_utc_ns)}, {use.project}{scene}")
    if not running:
        say("nothing is being done with anybody here")


def _consent(standing: Standing, consent: Consent, now_ns: int) -> dict[str, Any]:
    granted = consent.granted
    everything = standing.suspended.get(granted.performer)
    state = consent_state(consent, everything, now_ns)
    suspended = everything or consent.suspended
    at_ns, by = granted.at_utc_ns, granted.by
    if consent.withdrawn:
        at_ns, by = consent.withdrawn.at_utc_ns, consent.withdrawn.by
    elif state == "expired":
        at_ns, by = granted.until_utc_ns, "its term"
    elif suspended:
        at_ns, by = suspended.at_utc_ns, suspended.by
    return {
        "number": consent.number,
        "performer": granted.performer,
        "state": state,
        "since": utc_text(at_ns),
        "by": by,
        "uses": list(granted.uses),
        "project": granted.project,
        "scenes": list(granted.scenes),
        "territory": granted.territory,
        "from": utc_text(granted.from_utc_ns),
        "until": end_text(granted.until_utc_ns),
        "agreement_sha256": granted.agreement_sha256,
        "rider_sha256": granted.rider_sha256,
        "notice": utc_text(granted.notice_utc_ns) if granted.notice_utc_ns else "",
    }


def log(args: argparse.Namespace) -> int:
    """Every row in words; the chain was checked by reading it."""
    with Ledger(args.ledger) as ledger:
        found, head = ledger.rows()
        known = ledger.standing().performers
    chosen = [row for row in found if args.performer in ("", getattr(row, "performer", ""))]
    if not chosen:
        raise unheard_of(args.performer, args.ledger, known)
    if args.json:
        ours = [msgspec.to_builtins(row) for row in chosen]
        print_json({"ledger": str(args.ledger), "rows": len(found), "head": head.hex(), "log": ours})
        return DONE
    table(
        f"{len(chosen)} of {len(found)} rows in {args.ledger}; the chain holds",
        ("row", "when", "performer", "what", "by", "details"),
        (
            (row.seq, utc_text(row.at_utc_ns), getattr(row, "performer", ""), _kind(row), row.by, ", ".join(_rest(row)))
            for row in chosen
        ),
    )
    say(f"head {head.hex()}")
    return DONE


def _kind(row: rows.AnyRow) -> str:
    return str(type(row).__struct_config__.tag).replace("-", " ")


def _rest(row: rows.AnyRow) -> Iterator[str]:
    """The fields that only this kind has, without those that say nothing."""
    for name in row.__struct_fields__:
        value: Any = getattr(row, name)
        if name in rows.Row.__struct_fields__ or name == "performer" or value in ("", (), 0, None):
            continue
        if name == "until_utc_ns":
            yield f"until {end_text(value)}"
        elif name.endswith("_utc_ns"):
            yield f"{name.removesuffix('_utc_ns')} {utc_text(value)}"
        elif name.endswith("sha256"):
            yield f"{name.removesuffix('sha256').strip('_') or 'sha256'} {value[:12]}"
        else:
            yield f"{name} {value if isinstance(value, str | int) else ' '.join(value)}"
