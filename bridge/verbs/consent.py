"""`cyc consent`: who may be captured, recorded and shown; every word of it kept, and everything erasable erased."""

import argparse
from collections.abc import Callable
from pathlib import Path

import msgspec

from bridge.clock import utc_ns
from bridge.consent import decisions, rows
from bridge.consent.decisions import NotPossible
from bridge.consent.ledger import Ledger, LedgerFault, Person, hashed
from bridge.consent.standing import Standing
from bridge.consent.terms import end_ns, moment_ns
from bridge.verbs import consent_erase, consent_out, consent_show
from bridge.verbs.consent_where import account, add_ledger_argument, keep_names_out, ledger_at
from bridge.verbs.terminal import DONE, WRONG_USAGE, confirmed, fail, note, os_words, print_json, say

_SCAN_NOTICE_NS = 48 * 3600 * 1_000_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-verb each."""
    parser.epilog = (
        "examples:\n"
        "  cyc consent grant p07 --name 'A. Performer' --uses capture,face,record,export --project 'Night Train' \\\n"
        "      --until 2027-03-31 --agreement signed/p07.pdf --by '1st AD'\n"
        "  cyc consent show\n"
        "  cyc consent suspend p07 --why 'asked to stop' --by p07\n"
        "  cyc consent erase p07 --yes\n\n"
        "A pseudonym, a role in --by and the words in --why stay in the log for good: put no names there."
    )
    verbs = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_grant(verbs.add_parser("grant", help="write down what a performer agreed to"))
    for name, line in (
        ("suspend", "stop everything with a performer within a second, until resumed"),
        ("resume", "take a suspension back"),
        ("withdraw", "end consents for good; what comes after needs a new one"),
    ):
        verb = verbs.add_parser(name, help=line)
        verb.add_argument("performer", metavar="PERFORMER")
        verb.add_argument("--grant", type=int, default=0, metavar="N", help="this consent only; default: all")
        verb.add_argument("--why", default="", help="in a few words; they stay in the log")
        if name == "withdraw":
            verb.add_argument("--yes", action="store_true", help="do not ask")
    consent_erase.add_erase(verbs.add_parser("erase", help="delete what was made of a performer, with a receipt"))
    consent_show.add_show(verbs.add_parser("show", help="who agreed to what, and what is being done"))
    consent_show.add_log(verbs.add_parser("log", help="every row, after checking the chain"))
    consent_out.add_verify(verbs.add_parser("verify", help="check every row, and that takes are of this ledger"))
    consent_out.add_export(verbs.add_parser("export", help="the rows as JSON that anybody can check"))
    for verb in verbs.choices.values():
        add_ledger_argument(verb)
        verb.add_argument("--by", default="", help="who says so, by role (default: this computer's account)")
        verb.add_argument("--json", action="store_true", help="one JSON object")


def _add_grant(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("performer", metavar="PERFORMER", help="a pseudonym, such as p07; never the name")
    parser.add_argument("--name", required=True, help="who that is; can be erased")
    parser.add_argument("--uses", required=True, help=f"comma-separated, of {', '.join(rows.USES)}")
    parser.add_argument("--project", required=True, help="as the stage file has it")
    parser.add_argument("--scenes", default="", help="comma-separated, as they are slated; default: all of the project")
    parser.add_argument("--territory", default="", help="as agreed; written down, not enforced")
    parser.add_argument("--from", dest="begins", default="", metavar="WHEN", help="a date, or a time; default: now")
    parser.add_argument("--until", required=True, metavar="WHEN", help="the last day, or a time; UTC without an offset")
    parser.add_argument("--agreement", type=Path, required=True, metavar="FILE", help="what was signed; it is hashed")
    parser.add_argument("--rider", type=Path, metavar="FILE", help="a replica or capture rider; it is hashed")
    parser.add_argument("--notice", default="", metavar="WHEN", help="when the performer was told what would be done")


def run(args: argparse.Namespace) -> int:
    """Dispatch the action."""
    args.ledger, args.by = ledger_at(args.ledger), args.by or account()
    actions = {
        "grant": _grant,
        "suspend": _change,
        "resume": _change,
        "withdraw": _withdraw,
        "erase": consent_erase.erase_asked,
        "show": consent_show.show,
        "log": consent_show.log,
        "verify": consent_out.verify,
        "export": consent_out.export,
    }
    try:
        return actions[args.action](args)
    except (LedgerFault, NotPossible) as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(os_words(error))


def _grant(args: argparse.Namespace) -> int:
    uses = _listed(args.uses)
    unknown = [use for use in uses if use not in rows.USES]
    if unknown:
        return fail(f"--uses: expected some of {', '.join(rows.USES)}, got {', '.join(unknown)}", WRONG_USAGE)
    if not args.name.strip():
        return fail("--name: expected who agreed; it lies beside the log, and can be erased", WRONG_USAGE)
    if _is_name(args.performer, args.name):
        return fail(
            f"{args.performer!r} gives a part of the name away: the pseudonym stays in the log for good and must not",
            WRONG_USAGE,
        )
    try:
        asked = _asked(args)
    except ValueError as error:
        return fail(str(error), WRONG_USAGE)
    files = ", ".join(str(path) for path in (args.agreement, args.rider) if path)
    decisions.grant(Standing(), asked)  # refused before a ledger is made
    with Ledger.made(args.ledger, by=args.by) as ledger:
        granted = ledger.grant(asked, Person(args.name, files))
        suspended = granted.performer in ledger.standing().suspended
    _remark(granted)
    if suspended:
        note(f"{granted.performer} is suspended: this consent counts after cyc consent resume {granted.performer}")
    if args.json:
        print_json(msgspec.to_builtins(granted))
    else:
        say(f"consent {granted.seq} of {granted.performer} is in {args.ledger}")
    return DONE


def _asked(args: argparse.Namespace) -> rows.Granted:
    """ValueError for a date that is none, OSError for an agreement that cannot be read."""
    return rows.Granted(
        performer=args.performer,
        uses=tuple(use for use in rows.USES if use in _listed(args.uses)),
        project=args.project,
        scenes=tuple(_listed(args.scenes)),
        territory=args.territory,
        from_utc_ns=_option("--from", args.begins, moment_ns) if args.begins else utc_ns(),
        until_utc_ns=_option("--until", args.until, end_ns),
        agreement_sha256=hashed(args.agreement)[1],
        rider_sha256=hashed(args.rider)[1] if args.rider else "",
        notice_utc_ns=_option("--notice", args.notice, moment_ns) if args.notice else None,
        by=args.by,
    )


def _remark(granted: rows.Granted) -> None:
    """What a production may want to look at; the ledger has no opinion on agreements."""
    replica = {"double", "training"} & set(granted.uses)
    if replica and not granted.rider_sha256:
        note(f"{' and '.join(sorted(replica))} without --rider: many agreements ask for a separately signed one")
    told = granted.notice_utc_ns
    if "double" in granted.uses and (told is None or granted.from_utc_ns - told < _SCAN_NOTICE_NS):
        note("a double with less than 48 hours of notice written down: some agreements ask for that before a scan")


def _change(args: argparse.Namespace) -> int:
    decide = {"suspend": decisions.suspend, "resume": decisions.resume, "withdraw": decisions.withdraw}[args.action]
    with Ledger(args.ledger) as ledger:
        keep_names_out(ledger, args)
        (row,) = ledger.write(lambda now: (decide(now, args.performer, args.grant, args.by, args.why),))
    done = {"suspend": "suspended", "resume": "resumed", "withdraw": "withdrawn"}[args.action]
    what = f"consent {args.grant} of {args.performer}" if args.grant else args.performer
    if args.json:
        print_json(msgspec.to_builtins(row))
    else:
        say(f"{what} is {done} (row {row.seq}){'' if args.action == 'resume' else '; what runs stops within a second'}")
    return DONE


def _withdraw(args: argparse.Namespace) -> int:
    what = f"consent {args.grant} of {args.performer}" if args.grant else f"all consents of {args.performer}"
    if not (args.yes or confirmed(f"withdraw {what} for good?")):
        return fail(f"{what}: nothing was withdrawn; say --yes, or answer yes")
    return _change(args)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _is_name(pseudonym: str, name: str) -> bool:
    """Whether the pseudonym gives a part of the name away."""
    parts = [part.casefold() for part in name.replace(".", " ").split() if len(part) > 2]
    return any(part in pseudonym.casefold() for part in parts)


def _option(name: str, text: str, read: Callable[[str], int]) -> int:
    try:
        return read(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
