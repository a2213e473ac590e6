"""The ledger's file: SQLite, the chain append-only, names and paths in tables beside it that can be erased.

Every process may write: a row is decided and appended inside one transaction, on top of a chain that was just checked.
Nothing is ever appended to a chain that does not hold.
"""

import contextlib
import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from bridge.clock import Clock, utc_ns
from bridge.consent.chain import GENESIS, ChainBroken, Link, linked, verified
from bridge.consent.decisions import NotPossible, grant, register
from bridge.consent.rows import AnyRow, AssetMade, AssetSealed, Granted, Made, Opened
from bridge.consent.standing import Standing, standing
from bridge.take.videos import PART, part_of

FILE_NAME = "consent.sqlite"
VERSION = 1
_APPLICATION = 0x43594343
_GUARDS = {
    "chain_keeps_rows": "CREATE TRIGGER chain_keeps_rows BEFORE DELETE ON chain BEGIN "
    "SELECT RAISE(ABORT, 'the chain is append-only'); END",
    "chain_keeps_bytes": "CREATE TRIGGER chain_keeps_bytes BEFORE UPDATE ON chain BEGIN "
    "SELECT RAISE(ABORT, 'the chain is append-only'); END",
    "chain_goes_on": "CREATE TRIGGER chain_goes_on BEFORE INSERT ON chain "
    "WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM chain) BEGIN "
    "SELECT RAISE(ABORT, 'the chain is append-only'); END",
}
_TABLES = (
    "CREATE TABLE chain (seq INTEGER PRIMARY KEY, body BLOB NOT NULL, digest BLOB NOT NULL)",
    "CREATE TABLE names (performer TEXT PRIMARY KEY, name TEXT NOT NULL, agreements TEXT NOT NULL DEFAULT '')",
    "CREATE TABLE paths (asset INTEGER PRIMARY KEY, path TEXT NOT NULL)",
)
_RETRY_S = 0.01
Decision = Callable[[Standing], Sequence[AnyRow]]
Beside = Callable[[sqlite3.Connection, Sequence[AnyRow]], None]


class LedgerFault(Exception):
    """A ledger that cannot be used: where, what is wrong, and what to do."""


class Person(NamedTuple):
    """Who a pseudonym is; erasable."""

    name: str
    agreements: str
    """File names of what was signed."""


class Ledger:
    """One ledger, written by this process among others. Not safe for several threads."""

    def __init__(self, path: Path, *, utc: Clock = utc_ns, wait_s: float = 30.0) -> None:
        """LedgerFault where there is none, or none that can be used."""
        self.path, self._utc = path, utc
        self._db = opened(path, "rw", wait_s)
        with _db_words(path):
            _together(self._db, wait_s)

    @classmethod
    def made(cls, path: Path, *, by: str, utc: Clock = utc_ns) -> "Ledger":
        """A new one where there is none."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # names are in it: for its owner only
            with _db_words(path), contextlib.closing(_connect(path, "rw", 30.0)) as db:
                _build(db, path, by, utc)
        except OSError as error:
            raise LedgerFault(f"{path}: no ledger can be made here: {error.strerror or error}") from None
        return cls(path, utc=utc)

    def close(self) -> None:
        """Let the file go."""
        self._db.close()

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- the chain ---

    def standing(self) -> Standing:
        """How things stand, every row checked."""
        return standing(*self.rows())

    def rows(self) -> tuple[list[AnyRow], bytes]:
        """All rows and the head."""
        return checked(self._db, self.path)

    def links(self) -> list[Link]:
        """All rows as they are stored, checked or not."""
        with _db_words(self.path):
            return list(_links(self._db))

    def write(self, decide: Decision, beside: Beside | None = None) -> list[AnyRow]:
        """Append what `decide` makes of how things stand, and do `beside` in the same transaction; -> as written.

        What `decide` raises is raised, and nothing is written.
        """
        with _db_words(self.path), _transaction(self._db):
            rows, head = checked(self._db, self.path)
            added: list[AnyRow] = []
            for row in decide(standing(rows, head)):
                stamped = msgspec.structs.replace(row, seq=len(rows) + len(added) + 1, at_utc_ns=self._utc())
                link = linked(head, stamped)
                self._db.execute("INSERT INTO chain VALUES (?, ?, ?)", link)
                head, added = link.digest, [*added, stamped]
            if beside:
                beside(self._db, added)
        return added

    def grant(self, asked: Granted, person: Person) -> Granted:
        """A new consent; the name goes beside the chain. NotPossible for a pseudonym that is somebody else's."""

        def decide(now: Standing) -> Sequence[AnyRow]:
            known = self.person(asked.performer)
            if known and known.name.casefold() != person.name.casefold():
                raise NotPossible(f"{asked.performer} is somebody else already; a pseudonym is for one person")
            return (grant(now, asked),)

        def keep(db: sqlite3.Connection, _: Sequence[AnyRow]) -> None:
            add = "ON CONFLICT (performer) DO UPDATE SET agreements = agreements || ', ' || excluded.agreements"
            db.execute(f"INSERT INTO names VALUES (?, ?, ?) {add}", (asked.performer, *person))

        (row,) = self.write(decide, keep)
        return msgspec.structs.replace(asked, seq=row.seq, at_utc_ns=row.at_utc_ns)

    # --- what can be erased ---

    def person(self, performer: str) -> Person | None:
        """Who a pseudonym is, while the ledger may know."""
        with _db_words(self.path):
            found = self._db.execute("SELECT name, agreements FROM names WHERE performer = ?", (performer,)).fetchone()
        return Person(*found) if found else None

    def path_of(self, asset: int) -> Path | None:
        """Where a registered file was put; while it is not whole, or if it never became so, it may end in `.part`."""
        with _db_words(self.path):
            found = self._db.execute("SELECT path FROM paths WHERE asset = ?", (asset,)).fetchone()
        if not found:
            return None
        path = self.path.parent / found[0]
        part = part_of(path)
        return part if os.path.lexists(part) and not os.path.lexists(path) else path

    def register_asset(self, performer: str, path: Path, made: Made, *, by: str, whole: bool = True) -> int:
        """A file with a performer in it, by its path and hash; -> its number. `whole` False: it is being written,
        and `seal_asset` says when it is done. OSError where it cannot be read."""
        size, sha256 = hashed(path) if whole else (0, "")
        row = AssetMade(performer=performer, made=made, sha256=sha256, size_bytes=size, by=by)
        place = self._stored(path)
        if not whole:  # a recorder that came back goes on with its file
            made_of = self.standing().made_of(performer)
            for number in self.assets_at(path):
                if number in made_of and not made_of[number].sha256:
                    return number

        def keep(db: sqlite3.Connection, added: Sequence[AnyRow]) -> None:
            db.execute("INSERT INTO paths VALUES (?, ?)", (added[0].seq, place))

        return self.write(lambda now: (register(now, row),), keep)[0].seq

    def seal_asset(self, asset: int, *, by: str) -> None:
        """A file that was being written is whole. OSError where it cannot be read."""
        path = self.path_of(asset)
        if path is None:
            return
        size, sha256 = hashed(path)
        self.write(
            lambda now: (
                AssetSealed(
                    performer=now.assets[asset].made.performer, asset=asset, sha256=sha256, size_bytes=size, by=by
                ),
            )
        )

    def purge(self) -> None:
        """Let nothing of what was erased remain in the file or in its log. LedgerFault while somebody reads on."""
        with _db_words(self.path):
            self._db.execute("VACUUM")
            busy, _, _ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise LedgerFault(
                f"{self.path}: another program is reading it, so what was erased may still lie in "
                f"{self.path.name}-wal: end that program, then ask again"
            )

    def assets_at(self, path: Path) -> list[int]:
        """What is registered of this file, of whomever."""
        with _db_words(self.path):
            query = "SELECT asset FROM paths WHERE path = ? ORDER BY asset"
            whole = path.with_name(path.name.removesuffix(PART))
            return [number for (number,) in self._db.execute(query, (self._stored(whole),))]

    def _stored(self, path: Path) -> str:
        """Relative to the ledger where it lies beside it, so that a folder can be moved as a whole."""
        with contextlib.suppress(ValueError):
            return path.resolve().relative_to(self.path.parent.resolve()).as_posix()
        return str(path.resolve())


def hashed(path: Path) -> tuple[int, str]:
    """(bytes, SHA-256) of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return file.tell(), digest.hexdigest()


def read(path: Path) -> Standing:
    """How things stand in a ledger that nobody needs to write to. LedgerFault where it cannot be trusted."""
    with contextlib.closing(opened(path, "ro", 5.0)) as db:
        return standing(*checked(db, path))


def opened(path: Path, mode: str, wait_s: float) -> sqlite3.Connection:
    """A connection to a ledger that is one."""
    if not path.is_file():
        raise LedgerFault(f"{path}: there is no ledger of consents; `cyc consent grant` makes one")
    with _db_words(path):
        db = _connect(path, mode, wait_s)
        try:
            _check_kind(db, path)
        except BaseException:
            db.close()
            raise
        return db


def checked(db: sqlite3.Connection, path: Path) -> tuple[list[AnyRow], bytes]:
    """All rows and the head; LedgerFault at the first byte that is not what was written."""
    with _db_words(path):
        try:
            return verified(_links(db))
        except ChainBroken as broken:
            raise LedgerFault(
                f"{path}: {broken}. Rows 1 to {broken.seq - 1} hold. Nothing is captured, recorded or exported on this "
                "ledger: keep the file as it is, put the newest backup whose `cyc consent verify` is good in its "
                "place, and find out who had access"
            ) from None


def _links(db: sqlite3.Connection) -> Iterable[Link]:
    return (Link(*row) for row in db.execute("SELECT seq, body, digest FROM chain ORDER BY seq"))


def _connect(path: Path, mode: str, wait_s: float) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=wait_s, isolation_level=None)
    db.execute("PRAGMA secure_delete = ON")
    db.execute("PRAGMA synchronous = FULL")  # what was answered is on the disk, after a power cut too
    return db


def _together(db: sqlite3.Connection, wait_s: float) -> None:
    """Readers and a writer at the same time. Where another changes to it just now SQLite does not wait: we do."""
    until_s = time.monotonic() + wait_s
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until_s:
                raise
            time.sleep(_RETRY_S)


def _check_kind(db: sqlite3.Connection, path: Path) -> None:
    application, version = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
    if application != _APPLICATION:
        raise LedgerFault(f"{path}: is no ledger of consents; point --ledger or CYC_CONSENT at one")
    if version > VERSION:
        raise LedgerFault(f"{path}: is of version {version}, this Cyclorama knows up to {VERSION}; update it")
    guards = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    if guards != _GUARDS:
        raise LedgerFault(
            f"{path}: the guards that keep its rows were tampered with; nothing is captured, recorded or exported on "
            "this ledger: put the newest good backup in its place, and find out who had access"
        )


def _build(db: sqlite3.Connection, path: Path, by: str, utc: Clock) -> None:
    with _transaction(db):
        if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            _check_kind(db, path)
            return
        db.execute(f"PRAGMA application_id = {_APPLICATION}")
        db.execute(f"PRAGMA user_version = {VERSION}")
        for statement in (*_TABLES, *_GUARDS.values()):
            db.execute(statement)
        db.execute("INSERT INTO chain VALUES (?, ?, ?)", linked(GENESIS, Opened(seq=1, at_utc_ns=utc(), by=by)))


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Generator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def _db_words(path: Path) -> Generator[None]:
    """SQLite's own words become a sentence."""
    try:
        yield
    except sqlite3.Error as error:
        busy = "locked" in str(error) or "busy" in str(error)
        what = "another process holds it for too long; try again" if busy else f"cannot be used: {error}"
        raise LedgerFault(f"{path}: the ledger of consents: {what}") from None
