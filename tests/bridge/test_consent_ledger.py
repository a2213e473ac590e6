"""The ledger's file among several writers, killed ones too; and the watch that services ask."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bridge.clock import NS_PER_S, FakeClock
from bridge.consent import decisions, rows
from bridge.consent.ledger import Ledger, LedgerFault, Person, read
from bridge.consent.rules import Allowed, Refused
from bridge.consent.running import RunningUses
from bridge.consent.watch import ConsentWatch
from bridge.performed import PerformerState

T0 = 1_795_000_000_000_000_000


def granted(performer: str = "p1", **changed: object) -> rows.Granted:
    fields: dict[str, object] = {
        "performer": performer,
        "uses": ("capture", "record"),
        "project": "small",
        "from_utc_ns": 0,
        "until_utc_ns": T0 + 100 * NS_PER_S,
        "agreement_sha256": "ab" * 32,
        "by": "1st AD",
    }
    return rows.Granted(**(fields | changed))  # type: ignore[arg-type]


def note(text: str) -> rows.UseRefused:
    return rows.UseRefused(performer="p1", use="double", project="small", why=text, by=text)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Ledger.made(tmp_path / "consent.sqlite", by="1st AD", utc=lambda: T0) as ledger:
        ledger.grant(granted(), Person("Ada Performer", "a.pdf"))
    return tmp_path / "consent.sqlite"


# --- several writers ----------------------------------------------------------------------------------------------


def test_writers_at_the_same_time_make_one_chain(tmp_path: Path) -> None:
    """The file is made by all of them at once, too."""
    path, faults = tmp_path / "consent.sqlite", list[Exception]()

    def write(name: str) -> None:
        try:
            with Ledger.made(path, by=name) as ledger:
                for number in range(8):
                    ledger.write(lambda _, number=number: (note(f"{name} {number}"),))
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=write, args=(name,)) for name in ("a", "b", "c", "d")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with Ledger(path) as ledger:
        said = [row.why for row in ledger.rows()[0] if isinstance(row, rows.UseRefused)]
    assert sorted(said) == sorted(f"{name} {number}" for name in "abcd" for number in range(8))
    for name in "abcd":
        assert [text for text in said if text[0] == name] == [f"{name} {number}" for number in range(8)]


WRITER = """
import sys, time
from pathlib import Path
from bridge.consent.ledger import Ledger
from bridge.consent.rows import UseRefused
with Ledger(Path(sys.argv[1])) as ledger:
    number = 0
    while True:
        row = UseRefused(performer="p1", use="double", project="x", why=str(number), by=sys.argv[2])
        ledger.write(lambda _: (row,))
        print(number, flush=True)
        number += 1
        time.sleep(0.003)  # what a service does between two uses
"""


def killed_writers(path: Path, count: int, after: int) -> list[int]:
    """How many rows each had been told were written, when it was killed in the middle."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), f"w{n}"], stdout=subprocess.PIPE, text=True)
        for n in range(count)
    ]
    told: list[int] = []
    for writer in writers:
        assert writer.stdout
        for _ in range(after):
            assert writer.stdout.readline(), "ended by itself"
    for writer in writers:
        writer.kill()
    for writer in writers:
        assert writer.stdout
        told.append(after + len(writer.stdout.read().splitlines()))
        assert writer.wait() == -signal.SIGKILL
    return told


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_killed_in_the_middle_of_writing_the_chain_holds(path: Path) -> None:
    """Three at once, again and again: what was answered is there, at most one row of each run was not answered."""
    expected, runs = {f"w{n}": 0 for n in range(3)}, 4
    for _ in range(runs):
        for name, told in zip(expected, killed_writers(path, 3, 5), strict=True):
            expected[name] += told
    with Ledger(path) as ledger:
        written = [row.by for row in ledger.rows()[0] if isinstance(row, rows.UseRefused)]
        for name, told in expected.items():
            assert told <= written.count(name) <= told + runs
        ledger.write(lambda now: (decisions.withdraw(now, "p1", 0, "x", ""),))


@pytest.mark.skipif(sys.platform == "win32", reason="a fork that dies")
def test_killed_inside_a_transaction_nothing_of_it_is_there(path: Path) -> None:
    before = read(path)
    child = os.fork()
    if child == 0:
        with Ledger(path) as ledger:

            def die(db: sqlite3.Connection, _: object) -> None:
                db.execute("DELETE FROM names")
                os.kill(os.getpid(), signal.SIGKILL)

            ledger.write(lambda _: (note("never"),), die)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert read(path) == before
    with Ledger(path) as ledger:
        assert ledger.person("p1") == Person("Ada Performer", "a.pdf")


def test_one_who_holds_it_too_long_is_named(path: Path) -> None:
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with Ledger(path, wait_s=0.01) as ledger, pytest.raises(LedgerFault, match="another process holds it for too long"):
        ledger.write(lambda _: (note("x"),))
    uses = RunningUses(path, "capture", clock=FakeClock(), utc=lambda: T0, look_s=0.0)
    assert isinstance(uses.watch.may("p1", "capture", "small"), Allowed), "reading goes on"
    holder.close()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_names_are_for_the_owner_only(path: Path) -> None:
    assert path.stat().st_mode & 0o077 == 0


def test_a_pseudonym_is_for_one_person(path: Path) -> None:
    with Ledger(path) as ledger:
        with pytest.raises(decisions.NotPossible, match="p1 is somebody else already"):
            ledger.grant(granted(), Person("Bo Zee", "b.pdf"))
        ledger.grant(granted(), Person("ada performer", "c.pdf"))
        assert ledger.person("p1") == Person("Ada Performer", "a.pdf, c.pdf")


# --- the watch ----------------------------------------------------------------------------------------------------


class Service:
    """Something that runs on a clock of the test's, and a ledger that others write to."""

    def __init__(self, path: Path) -> None:
        self.path, self.clock = path, FakeClock(NS_PER_S)
        self.uses = RunningUses(path, "capture", clock=self.clock, utc=self.utc)

    def utc(self) -> int:
        return T0 + self.clock()

    def others(self, *said: rows.AnyRow) -> None:
        with Ledger(self.path, utc=self.utc) as ledger:
            ledger.write(lambda _: said)

    def log(self) -> list[rows.AnyRow]:
        with Ledger(self.path) as ledger:
            return ledger.rows()[0]

    def seconds_until_stopped(self) -> float:
        """Checked every frame at 50 Hz."""
        for frame in range(51):
            stopped = self.uses.check()
            if stopped:
                assert stopped[0][:2] == ("p1", "capture")
                return frame / 50
            self.clock.advance(0.02)
        raise AssertionError("still running after a second")


@pytest.mark.parametrize(
    "row",
    [
        rows.Suspended(performer="p1", by="p1", why="enough"),
        rows.Suspended(performer="p1", grant=2, by="p1", why="enough"),
        rows.Withdrawn(performer="p1", by="agent", why="enough"),
    ],
    ids=["suspended", "alone", "withdrawn"],
)
def test_what_runs_stops_within_a_second_and_the_log_says_so(path: Path, row: rows.AnyRow) -> None:
    service = Service(path)
    assert service.uses.begin("p1", "capture", "small") == Allowed(grant=2)
    assert service.uses.check() == []
    service.clock.advance(0.1)
    service.others(row)
    assert service.seconds_until_stopped() <= 0.26
    assert not service.uses.running("p1", "capture") and service.uses.check() == []
    started, changed, ended = service.log()[-3:]
    assert isinstance(started, rows.UseStarted) and started.grant == 2 and started.by == "capture"
    assert isinstance(ended, rows.UseStopped) and ended.started == started.seq and "(enough)" in ended.why
    assert ended.at_utc_ns - changed.at_utc_ns <= NS_PER_S
    assert isinstance(service.uses.begin("p1", "capture", "small"), Refused)


def test_what_another_consent_covers_goes_on_under_that_one(path: Path) -> None:
    service = Service(path)
    service.uses.begin("p1", "capture", "small")
    service.others(granted(by="2nd AD"))
    service.others(rows.Withdrawn(performer="p1", grant=2, by="p1"))
    service.clock.advance(0.3)
    assert service.uses.check() == [] and service.uses.running("p1", "capture")
    told = [(type(row), getattr(row, "grant", 0)) for row in service.log()[-2:]]
    assert told == [(rows.UseStopped, 0), (rows.UseStarted, 4)]


def test_a_term_that_ends_stops_what_runs(path: Path) -> None:
    service = Service(path)
    service.clock.now_ns = 99 * NS_PER_S
    assert isinstance(service.uses.begin("p1", "capture", "small"), Allowed)
    service.clock.advance(0.5)
    assert service.uses.check() == []
    service.clock.advance(0.5)
    assert "ended on" in service.uses.check()[0].why


@pytest.mark.parametrize("how", ["deleted", "replaced", "tampered", "text"])
def test_a_ledger_that_goes_bad_stops_what_runs(path: Path, tmp_path: Path, how: str) -> None:
    service = Service(path)
    assert isinstance(service.uses.begin("p1", "capture", "small"), Allowed)
    service.uses.check()
    if how == "tampered":
        with sqlite3.connect(path) as db:
            db.execute("DROP TRIGGER chain_keeps_bytes")
            db.execute("UPDATE chain SET digest = zeroblob(32) WHERE seq = 1")
    else:
        for extra in ("", "-wal", "-shm"):
            path.with_name(path.name + extra).unlink(missing_ok=True)
    if how == "replaced":
        Ledger.made(path, by="somebody").close()
    if how == "text":
        path.write_text("nothing to see here")
    assert service.seconds_until_stopped() <= 0.26


def test_without_a_ledger_only_the_synthetic_performer_is_allowed(tmp_path: Path) -> None:
    uses = RunningUses(tmp_path / "consent.sqlite", "capture", clock=FakeClock(), utc=lambda: T0)
    told = str(uses.begin("p1", "capture", "small"))
    assert "consent.sqlite: there is no ledger of consents; `cyc consent grant` makes one" in told
    assert isinstance(uses.begin("demo", "capture", "small", source="synthetic"), Allowed)
    assert uses.check() == [] and uses.running("demo", "capture")
    assert list(tmp_path.iterdir()) == [], "asking makes no ledger"
    assert PerformerState(subject="demo", t_ns=0, consent=uses.watch.state("demo")).consent == "synthetic"


def test_the_ledger_is_read_again_only_when_it_was_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bridge.consent import watch as module

    reads = 0
    checked = module.checked

    def counted(*args: object) -> object:
        nonlocal reads
        reads += 1
        return checked(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "checked", counted)
    clock = FakeClock(NS_PER_S)
    watch = ConsentWatch(path, clock=clock, utc=lambda: T0)
    for _ in range(200):
        assert isinstance(watch.may("p1", "capture", "small"), Allowed)
        clock.advance(0.05)
    assert reads == 1
    with Ledger(path) as ledger:
        ledger.write(lambda _: (note("x"),))
    clock.advance(0.25)
    watch.may("p1", "capture", "small")
    assert reads == 2
    watch.close()


def test_a_no_is_logged_once_however_often_it_is_asked(path: Path) -> None:
    service = Service(path)
    for _ in range(5):
        assert isinstance(service.uses.begin("p1", "double", "small"), Refused)
        service.clock.advance(1.0)
    assert [type(row) for row in service.log()].count(rows.UseRefused) == 1


def test_uses_end_with_their_service(path: Path) -> None:
    service = Service(path)
    service.uses.begin("p1", "capture", "small")
    service.uses.begin("p1", "record", "small", "12")
    service.uses.close()
    assert read(path).running == {}
    ended = [row for row in service.log() if isinstance(row, rows.UseStopped)]
    assert [row.why for row in ended] == ["capture ended", "capture ended"]
