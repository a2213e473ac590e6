"""Deletes what was made of a performer, and says in a receipt what was deleted, what was gone and what was kept.

A file goes only if it is the one that was registered. Each step is in the chain before and after it is done, so an
erasure that was cut off anywhere is finished by asking for it again.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Sequence
from io import FileIO
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from bridge.consent import rows as said
from bridge.consent.decisions import NotPossible, begin_erase
from bridge.consent.ledger import Ledger, hashed
from bridge.consent.standing import Asset, Standing
from bridge.consent.terms import utc_text
from bridge.take.recording import lock

SCHEMA = 1
Choice = Literal["ask", "delete", "keep"]


class Choices(NamedTuple):
    """What whoever erases has decided; `ask` leaves the file and says what the question is."""

    shared: Choice = "ask"
    """Files that another performer is in too."""
    changed: Choice = "ask"
    """Files that are not what they were when they were registered."""
    uses_ended: bool = False
    """Uses that the log has as running are over: their program died without saying so."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file."""

    asset: int
    made: said.Made
    path: str
    sha256: str
    size_bytes: int
    outcome: Literal["deleted", "gone", "kept", "waits"]
    why: str = ""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure did. The chain keeps its hash and its counts, not the paths in it."""

    schema: int = SCHEMA
    performer: str
    at_utc: str
    by: str
    why: str
    items: tuple[Item, ...]
    complete: bool
    """Nothing waits: the name is erased from the ledger too."""
    ledger_rows: int
    ledger_head: str
    """The chain as it was when the last file had been dealt with."""
    limits: str = (
        "Files that this ledger was told of, on this computer. Backups, copies made by hand and what was sent on are "
        "not among them. Whether a disk can still give back what was deleted is for its owner to settle."
    )

    def count(self, outcome: str) -> int:
        """How many files fared so."""
        return sum(item.outcome == outcome for item in self.items)


class Waits(Exception):
    """A file that is left for now; the sentence says what would help."""


def erase(ledger: Ledger, performer: str, choices: Choices, *, by: str, why: str) -> Receipt:
    """Withdraw, then delete file by file. NotPossible where it cannot begin, or where something still runs."""
    ledger.write(lambda now: begin_erase(now, performer, by, why))
    now = ledger.standing()
    if performer in now.erased:
        ledger.purge()
        raise NotPossible(
            f"{performer} was erased on {utc_text(now.erased[performer].at_utc_ns)}; nothing is left here"
        )
    _end_uses(ledger, now, performer, choices, by)
    items = tuple(_item(ledger, now, number, choices, by) for number in sorted(now.made_of(performer)))
    after = ledger.standing()
    return Receipt(
        performer=performer,
        at_utc=utc_text(now.erasing[performer].at_utc_ns),
        by=now.erasing[performer].by,
        why=now.erasing[performer].why,
        items=items,
        complete=not any(item.outcome == "waits" for item in items),
        ledger_rows=after.rows,
        ledger_head=after.head.hex(),
    )


def conclude(ledger: Ledger, receipt: Receipt, path: Path, *, by: str) -> None:
    """Write a complete receipt, then forget the name and the paths. OSError where it cannot be written: nothing is
    forgotten then, and asking again goes on from there."""
    _write_whole(path, msgspec.json.format(msgspec.json.encode(receipt)) + b"\n")
    _, sha256 = hashed(path)
    row = said.Erased(
        performer=receipt.performer,
        receipt_sha256=sha256,
        deleted=receipt.count("deleted"),
        gone=receipt.count("gone"),
        kept=receipt.count("kept"),
        by=by,
    )

    def forget(db: sqlite3.Connection, _: Sequence[said.AnyRow]) -> None:
        db.execute("DELETE FROM names WHERE performer = ?", (receipt.performer,))
        db.executemany("DELETE FROM paths WHERE asset = ?", [(item.asset,) for item in receipt.items])

    ledger.write(lambda _: (row,), forget)
    ledger.purge()


def _end_uses(ledger: Ledger, now: Standing, performer: str, choices: Choices, by: str) -> None:
    running = {number: use for number, use in now.running.items() if use.performer == performer}
    if running and not choices.uses_ended:
        told = ", ".join(f"{use.use} by {use.by} since {utc_text(use.at_utc_ns)}" for use in running.values())
        raise NotPossible(
            f"{performer} is withdrawn, and nothing is deleted yet: the log has {told}. What runs stops within a "
            "second: ask again then. If that program died without saying so, add --uses-ended"
        )
    for number in running:
        row = said.UseStopped(performer=performer, started=number, why="said to be over before erasing", by=by)
        ledger.write(lambda _, row=row: (row,))


def _item(ledger: Ledger, now: Standing, number: int, choices: Choices, by: str) -> Item:
    asset, path = now.assets[number], ledger.path_of(number)
    if asset.outcome:  # dealt with by an erasure that was cut off later
        outcome, why = asset.outcome.outcome, asset.outcome.why
    else:
        try:
            outcome, why = _dealt_with(ledger, now, asset, path, choices, by)
            row = said.AssetErased(performer=asset.made.performer, asset=number, outcome=outcome, why=why, by=by)
            ledger.write(lambda _: (row,))
        except Waits as waits:
            outcome, why = "waits", str(waits)
    return Item(
        asset=number,
        made=asset.made.made,
        path=str(path or ""),
        sha256=asset.sha256,
        size_bytes=asset.size_bytes,
        outcome=outcome,
        why=why,
    )


def _dealt_with(
    ledger: Ledger, now: Standing, asset: Asset, path: Path | None, choices: Choices, by: str
) -> tuple[said.Outcome, str]:
    if path is None or not os.path.lexists(path):
        return ("deleted", "") if asset.erasing else ("gone", "was not there any more")
    sharers = _sharers(ledger, now, asset, path)
    questions: tuple[tuple[str, Choice, Callable[[], str]], ...] = (
        ("--shared", choices.shared, lambda: f"{', '.join(sharers)} is in it too" if sharers else ""),
        ("--changed", choices.changed, lambda: "is not what was registered" if _is_changed(asset, path) else ""),
    )
    _refuse_if_in_use(path)
    for option, choice, question in questions:
        told = question() if choice != "delete" else ""
        if told and choice == "keep":
            return "kept", told
        if told:
            raise Waits(f"{told}: say {option} delete or {option} keep")
    erasing = said.AssetErasing(performer=asset.made.performer, asset=asset.made.seq, by=by)
    ledger.write(lambda _: (erasing,))
    try:
        path.unlink()
    except OSError as error:
        raise Waits(f"cannot be deleted: {error.strerror}") from None
    return "deleted", ""


def _sharers(ledger: Ledger, now: Standing, asset: Asset, path: Path) -> list[str]:
    """Other performers in the same file, whose material it is too."""
    others = {
        other.made.performer
        for number in ledger.assets_at(path)
        if (other := now.assets[number]).outcome is None and other.made.performer != asset.made.performer
    }
    return sorted(others)


def _is_changed(asset: Asset, path: Path) -> bool:
    """A file that was never said to be finished has no hash to differ from."""
    if path.is_symlink() or not path.is_file():
        return True
    return bool(asset.sha256) and hashed(path)[1] != asset.sha256


def _refuse_if_in_use(path: Path) -> None:
    if path.is_symlink() or not path.is_file():
        return
    try:
        with FileIO(path, "rb+") as file:
            lock(file)
    except BlockingIOError:
        raise Waits("is being recorded: stop the take, then ask again") from None
    except OSError as error:
        raise Waits(f"is in use or protected ({error.strerror}): close what has it open, then ask again") from None


def _write_whole(path: Path, data: bytes) -> None:
    """Through a file beside it; FileExistsError rather than write over one."""
    if path.exists():
        raise FileExistsError(17, "exists already and is never written over", str(path))
    beside = path.with_name(f"{path.name}.new")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()
