"""Asks for running services, as often as they like: the ledger is read again only when it was written to."""

import contextlib
import os
import sqlite3
from pathlib import Path

from bridge.clock import NS_PER_S, Clock, system_clock, utc_ns
from bridge.consent.ledger import LedgerFault, checked, opened
from bridge.consent.rows import SYNTHETIC_PERFORMER, Use
from bridge.consent.rules import Answer, Refused, State, may, state_of
from bridge.consent.standing import Standing, standing

LOOK_S = 0.25
"""How old an answer may be. A suspension has to stop what runs within one second."""
WAIT_S = 0.3
"""For a ledger that another process is just putting in order after a crash; nobody else keeps readers waiting."""
_NOTHING = Standing()
_Mark = tuple[int, ...]


class ConsentWatch:
    """Always answers: a ledger that is missing, broken or tampered with is a no to everything."""

    def __init__(self, path: Path, *, clock: Clock = system_clock, utc: Clock = utc_ns, look_s: float = LOOK_S) -> None:
        self.path = path
        self._clock, self._utc, self._look_ns = clock, utc, round(look_s * NS_PER_S)
        self._db: sqlite3.Connection | None = None
        self._next_ns: int | None = None
        self._mark: _Mark = ()
        self._fault = ""
        self._standing = _NOTHING

    def may(self, performer: str, use: Use, project: str, scene: str = "", *, source: str = "") -> Answer:
        """The answer now, from a ledger looked at within `look_s`."""
        ledger = self.look()
        missing = self._fault and ledger.rows == 0 and not self.path.is_file()
        if self._fault and not (missing and performer == SYNTHETIC_PERFORMER):
            return Refused(reason=self._fault, help="until then the answer to everything is no")
        return may(ledger, performer, use, project, scene, self._utc(), source=source)

    def state(self, performer: str) -> State:
        """PerformerState's word."""
        return state_of(self.look(), performer, self._utc())

    def look(self) -> Standing:
        """How things stand, read again when it is time and something was written."""
        now_ns = self._clock()
        if self._next_ns is not None and now_ns < self._next_ns:
            return self._standing
        self._next_ns = now_ns + self._look_ns
        mark = self._marked()
        if mark != self._mark or self._db is None:
            self._read_again()
        return self._standing

    @property
    def fault(self) -> str:
        """Why the ledger cannot be used, and what to do; empty while it can."""
        self.look()
        return self._fault

    def close(self) -> None:
        """Let the file go."""
        if self._db:
            self._db.close()
        self._db = None

    def _marked(self) -> _Mark:
        """Changes when anybody writes: SQLite's own counter, and the files' for what goes past SQLite."""
        version = 0
        if self._db:
            with contextlib.suppress(sqlite3.Error):
                version = self._db.execute("PRAGMA data_version").fetchone()[0]
        return (version, *_stat(self.path), *_stat(self.path.with_name(f"{self.path.name}-wal")))

    def _read_again(self) -> None:
        """On a new connection: an old one may remember pages that are not in the file any more."""
        self.close()
        self._standing, self._fault = _NOTHING, ""
        try:
            self._db = opened(self.path, "ro", WAIT_S)
            self._mark = self._marked()  # before reading: what is written meanwhile is read the next time
            self._standing = standing(*checked(self._db, self.path))
        except LedgerFault as fault:
            self._fault = str(fault)
            self.close()


def _stat(path: Path) -> _Mark:
    try:
        found = os.stat(path)  # noqa: PTH116 - four times a second
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_size, found.st_mtime_ns)
