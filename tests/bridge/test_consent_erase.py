"""Erasing a performer: what was registered goes, nothing else does, and a cut anywhere is finished by asking again."""

import hashlib
import json
import os
import sqlite3
from io import FileIO
from pathlib import Path

import pytest

from bridge.consent import erasure, rows
from bridge.consent.decisions import NotPossible
from bridge.consent.erasure import Choices, Receipt, conclude, erase
from bridge.consent.ledger import Ledger, LedgerFault, Person
from bridge.consent.rules import Refused
from bridge.consent.running import RunningUses
from bridge.consent.watch import ConsentWatch
from bridge.take.recording import lock

T0 = 1_795_000_000_000_000_000
NAME = "Ada Lovelace-Performer"


def granted(performer: str) -> rows.Granted:
    return rows.Granted(
        performer=performer,
        uses=rows.USES,
        project="small",
        from_utc_ns=0,
        until_utc_ns=2 * T0,
        agreement_sha256="ab" * 32,
        by="1st AD",
    )


class Production:
    """A ledger, two performers, and files of the first."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "takes" / "consent.sqlite"
        self.ledger = Ledger.made(self.path, by="1st AD", utc=lambda: T0)
        self.ledger.grant(granted("p1"), Person(NAME, "lovelace.pdf"))
        self.ledger.grant(granted("p2"), Person("Bo Zee", "zee.pdf"))
        self.files = [self.file(f"takes/lovelace_{n}.bin", f"data {n}") for n in range(3)]

    def file(self, name: str, text: str, *performers: str, whole: bool = True) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        for performer in performers or ("p1",):
            self.ledger.register_asset(performer, path, "recording", by="test", whole=whole)
        return path

    def erase(self, choices: Choices | None = None) -> Receipt:
        return erase(self.ledger, "p1", choices or Choices(), by="1st AD", why="asked for it")

    def conclude(self, receipt: Receipt) -> Path:
        path = self.folder / "receipt.json"
        conclude(self.ledger, receipt, path, by="1st AD")
        return path

    def raw(self) -> bytes:
        return b"".join(path.read_bytes() for path in self.path.parent.glob("consent.sqlite*"))


@pytest.fixture
def set_up(tmp_path: Path) -> Production:
    return Production(tmp_path)


def outcomes(receipt: Receipt) -> list[str]:
    return [item.outcome for item in receipt.items]


def test_all_that_is_known_goes_and_nothing_else(set_up: Production) -> None:
    others = [set_up.file("takes/zee.bin", "data 0", "p2"), set_up.folder / "takes" / "unregistered.bin"]
    others[1].write_text("data 1")
    before = {path: path.read_bytes() for path in others}
    set_up.files[1].unlink()
    watch = ConsentWatch(set_up.path, utc=lambda: T0)
    assert watch.state("p1") == "granted"
    assert NAME.encode() in set_up.raw() and b"lovelace_0" in set_up.raw()

    receipt = set_up.erase()
    assert receipt.complete and outcomes(receipt) == ["deleted", "gone", "deleted"]
    path = set_up.conclude(receipt)

    assert {path: path.read_bytes() for path in others} == before
    assert not any(file.exists() for file in set_up.files)
    assert NAME.encode() not in set_up.raw() and b"lovelace" not in set_up.raw(), "nor in what SQLite leaves behind"
    assert b"Bo Zee" in set_up.raw()
    last = set_up.ledger.rows()[0][-1]
    assert isinstance(last, rows.Erased) and (last.deleted, last.gone, last.kept) == (2, 1, 0)
    assert last.receipt_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    told = json.loads(path.read_text())
    assert [item["sha256"] for item in told["items"]] == [hashlib.sha256(b"data %d" % n).hexdigest() for n in range(3)]
    assert told["items"][1]["why"] == "was not there any more" and "Backups" in told["limits"]
    answer = ConsentWatch(set_up.path, utc=lambda: T0).may("p1", "record", "small")
    assert isinstance(answer, Refused) and answer.reason.startswith("p1 was erased on ")
    with pytest.raises(NotPossible, match="p1 was erased; a new consent needs a new pseudonym"):
        set_up.ledger.grant(granted("p1"), Person("Somebody Else", ""))
    with pytest.raises(NotPossible, match=r"p1 was erased on .*; nothing is left here"):
        set_up.erase()


def test_a_file_in_use_waits_and_the_rest_goes(set_up: Production) -> None:
    with FileIO(set_up.files[1], "rb+") as recorder:
        lock(recorder)
        receipt = set_up.erase()
        assert outcomes(receipt) == ["deleted", "waits", "deleted"] and not receipt.complete
        assert receipt.items[1].why == "is being recorded: stop the take, then ask again"
    assert set_up.ledger.person("p1") == Person(NAME, "lovelace.pdf"), "the name goes with the last file"
    again = set_up.erase()
    assert again.complete and outcomes(again) == ["deleted"] * 3


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anything")
def test_a_protected_file_waits(set_up: Production) -> None:
    set_up.files[0].chmod(0o400)
    assert "protected" in set_up.erase().items[0].why


@pytest.mark.parametrize(("choice", "outcome"), [("ask", "waits"), ("keep", "kept"), ("delete", "deleted")])
def test_a_file_that_another_is_in_too_is_a_question(set_up: Production, choice: erasure.Choice, outcome: str) -> None:
    both = set_up.file("takes/both.bin", "both", "p1", "p2")
    receipt = set_up.erase(Choices(shared=choice))
    assert outcomes(receipt)[-1] == outcome and both.exists() is (choice != "delete")
    if choice == "ask":
        assert receipt.items[-1].why == "p2 is in it too: say --shared delete or --shared keep"


@pytest.mark.parametrize(("choice", "outcome"), [("ask", "waits"), ("keep", "kept"), ("delete", "deleted")])
def test_a_file_that_is_not_what_it_was_is_a_question(set_up: Production, choice: erasure.Choice, outcome: str) -> None:
    set_up.files[2].write_text("somebody's notes")
    receipt = set_up.erase(Choices(changed=choice))
    assert outcomes(receipt)[-1] == outcome and set_up.files[2].exists() is (choice != "delete")
    if choice == "ask":
        assert receipt.items[-1].why == "is not what was registered: say --changed delete or --changed keep"


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links")
def test_a_link_in_a_files_place_is_not_followed(set_up: Production) -> None:
    elsewhere = set_up.folder / "elsewhere.bin"
    elsewhere.write_text("data 0")
    set_up.files[0].unlink()
    set_up.files[0].symlink_to(elsewhere)
    assert outcomes(set_up.erase())[0] == "waits"
    assert outcomes(set_up.erase(Choices(changed="delete")))[0] == "deleted"
    assert elsewhere.read_text() == "data 0"


def test_a_file_that_was_never_finished_goes_too(set_up: Production) -> None:
    half = set_up.file("takes/half.mcap", "cut off", whole=False)
    assert outcomes(set_up.erase())[-1] == "deleted" and not half.exists()


def test_what_still_runs_is_stopped_first(set_up: Production) -> None:
    uses = RunningUses(set_up.path, "capture", utc=lambda: T0, look_s=0.0)
    uses.begin("p1", "capture", "small")
    with pytest.raises(
        NotPossible, match=r"p1 is withdrawn, and nothing is deleted yet: the log has capture by capture"
    ):
        set_up.erase()
    assert all(file.exists() for file in set_up.files)
    assert [stopped.performer for stopped in uses.check()] == ["p1"]
    assert set_up.erase().complete


def test_a_use_whose_program_died_can_be_said_to_be_over(set_up: Production) -> None:
    RunningUses(set_up.path, "capture", utc=lambda: T0).begin("p1", "capture", "small")
    assert set_up.erase(Choices(uses_ended=True)).complete
    assert set_up.ledger.standing().running == {}


class Cut(Exception):
    """The process ends here."""


@pytest.mark.slow
def test_cut_off_before_any_write_or_deletion_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step in turn is the last one that a process takes; the next one finishes, and the receipt tells all."""
    write, unlink = Ledger.write, Path.unlink
    steps_left = 0

    def step() -> None:
        nonlocal steps_left
        steps_left -= 1
        if steps_left < 0:
            raise Cut

    def counted_write(self: Ledger, *args: object) -> object:
        step()
        return write(self, *args)  # type: ignore[arg-type]

    def counted_unlink(self: Path, missing_ok: bool = False) -> None:
        if self.name.startswith("lovelace"):
            step()
        unlink(self, missing_ok)

    for cut in range(13):
        (tmp_path / str(cut)).mkdir()
        production = Production(tmp_path / str(cut))
        with monkeypatch.context() as patched:
            patched.setattr(Ledger, "write", counted_write)
            patched.setattr(Path, "unlink", counted_unlink)
            steps_left = cut
            try:
                production.conclude(production.erase())
                assert cut >= 11
                return
            except Cut:
                pass
        (production.folder / "receipt.json").unlink(missing_ok=True)
        receipt = production.erase()
        assert receipt.complete and outcomes(receipt) == ["deleted"] * 3, cut
        production.conclude(receipt)
        assert production.ledger.standing().erased and not any(file.exists() for file in production.files)
    raise AssertionError("never finished")


def test_while_somebody_reads_on_the_name_is_said_to_linger(set_up: Production) -> None:
    receipt = set_up.erase()
    with sqlite3.connect(set_up.path, isolation_level=None) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM names").fetchall()
        told = r"may still lie in consent\.sqlite-wal: end that program"
        with Ledger(set_up.path, utc=lambda: T0, wait_s=0.01) as ledger, pytest.raises(LedgerFault, match=told):
            conclude(ledger, receipt, set_up.folder / "receipt.json", by="x")
        assert NAME.encode() in set_up.raw()
        reader.execute("COMMIT")
    with pytest.raises(NotPossible, match="nothing is left here"):
        set_up.erase()
    assert NAME.encode() not in set_up.raw()


def test_without_a_place_for_the_receipt_nothing_is_forgotten(set_up: Production) -> None:
    receipt = set_up.erase()
    taken = set_up.folder / "receipt.json"
    taken.write_text("another's")
    with pytest.raises(FileExistsError):
        set_up.conclude(receipt)
    assert taken.read_text() == "another's" and set_up.ledger.person("p1")
    taken.unlink()
    set_up.conclude(set_up.erase())
    assert set_up.ledger.person("p1") is None
