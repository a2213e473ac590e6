"""`cyc consent` as a production uses it: its words, its exit codes, and what a person without it can check."""

import hashlib
import json
import sqlite3
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from bridge.__main__ import main
from bridge.consent.ledger import Ledger
from bridge.consent.running import RunningUses

GRANT = ("--uses", "capture,record", "--project", "Night Train", "--until", "2999-03-31", "--by", "1st AD")


class Door:
    """The command, in a folder of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.agreement = folder / "lovelace agreement.pdf"
        self.agreement.write_bytes(b"signed")

    def __call__(self, *words: object) -> tuple[int, str, str]:
        try:
            code = main(["consent", *map(str, words)])
        except SystemExit as ended:
            code = int(ended.code or 0)
        out, err = self._capsys.readouterr()
        return code, out, " ".join(err.split())

    def grant(self, performer: str = "p07", name: str = "Ada Lovelace", *more: object) -> tuple[int, str, str]:
        return self("grant", performer, "--name", name, *GRANT, "--agreement", self.agreement, *more)

    def json(self, *words: object) -> Any:
        code, out, err = self(*words, "--json")
        assert code == 0, err
        return json.loads(out)


@pytest.fixture
def cyc(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CYC_CONSENT", raising=False)
    return Door(tmp_path, capsys)


def test_a_consent_is_written_down_and_shown(cyc: Door) -> None:
    assert cyc.grant("p07", "Ada Lovelace", "--scenes", "12, 14A", "--territory", "EU")[:2] == (
        0,
        "consent 2 of p07 is in takes/consent.sqlite\n",
    )
    (consent,) = cyc.json("show")["consents"]
    assert consent["name"] == "Ada Lovelace" and consent["state"] == "granted" and consent["scenes"] == ["12", "14A"]
    assert consent["until"] == "2999-03-31 UTC" and consent["territory"] == "EU" and consent["by"] == "1st AD"
    assert consent["agreement_sha256"] == hashlib.sha256(b"signed").hexdigest()
    shown = cyc("show")[1]
    assert "1 consent in takes/consent.sqlite, 2 rows, the chain holds" in shown
    assert "Ada Lovelace" in shown and "nothing is being done with anybody here" in shown
    hidden = cyc("show", "--no-names")[1]
    assert "Lovelace" not in hidden and "p07" in hidden


def test_the_states_and_their_history(cyc: Door) -> None:
    cyc.grant()
    assert cyc("suspend", "p07", "--why", "strike", "--by", "p07")[1].startswith("p07 is suspended (row 3); what runs")
    assert cyc.json("show", "p07")["consents"][0]["state"] == "suspended"
    assert cyc("resume", "p07")[0] == 0 and cyc("resume", "p07")[0] == 1
    assert cyc("withdraw", "p07", "--yes", "--by", "agent")[0] == 0
    assert cyc("withdraw", "p07", "--yes")[2] == "p07 is withdrawn already"
    log = cyc.json("log", "p07")
    assert [row["kind"] for row in log["log"]] == ["granted", "suspended", "resumed", "withdrawn"]
    assert [row["by"] for row in log["log"]][1] == "p07" and log["rows"] == 5
    assert "why strike" in cyc("log")[1] and f"head {log['head']}" in cyc("log")[1]


@pytest.mark.parametrize(
    ("words", "told", "code"),
    [
        (("show", "p99"), "p99 is not in takes/consent.sqlite; it knows p07", 1),
        (("log", "p99"), "p99 is not in takes/consent.sqlite; it knows p07", 1),
        (("log", "p99", "--json"), "p99 is not in takes/consent.sqlite; it knows p07", 1),
        (("export", "out.json", "--performer", "p99"), "p99 is not in takes/consent.sqlite; it knows p07", 1),
        (("export", "nowhere/out.json"), "nowhere/out.json: there is no folder nowhere", 1),
        (("suspend", "p99"), "p99 is not in the ledger; it knows p07", 1),
        (("suspend", "p07", "--grant", "9"), "p07 has no consent 9; there is 2", 1),
        (("resume", "p07"), "p07 is not suspended", 1),
        (("withdraw", "p07"), "all consents of p07: nothing was withdrawn; say --yes, or answer yes", 1),
        (("erase", "p07"), "p07: nothing was erased; say --yes, or answer yes", 1),
        (("suspend", "p07", "--why", "ada lovelace asked"), "write p07 instead of the name", 1),
        (("verify", "--head", "00"), "--head: its head 00 is not in takes/consent.sqlite", 1),
        (("show", "--ledger", "nowhere.sqlite"), "nowhere.sqlite: there is no ledger of consents", 1),
        (("show", "--ledger", "lovelace agreement.pdf"), "pdf: the ledger of consents: cannot be", 1),
        (("verify", "lovelace agreement.pdf"), "lovelace agreement.pdf", 1),
        (("grant", "p08"), "the following arguments are required", 2),
    ],
)
def test_what_cannot_be_done_is_one_sentence(cyc: Door, words: tuple[str, ...], told: str, code: int) -> None:
    cyc.grant()
    before = cyc.json("verify")
    got, out, err = cyc(*words)
    assert (got, out) == (code, "") and told in err and "Traceback" not in err
    assert cyc.json("verify") == before


@pytest.mark.parametrize(
    ("changed", "told", "code"),
    [
        (("--uses", "capture,acting"), "--uses: expected some of capture, record, face, export, double, training", 2),
        (("--until", "soon"), "--until: expected a date such as 2026-11-25", 2),
        (("--from", "3000-01-01"), "not after its beginning on 3000-01-01 UTC", 1),
        (("--agreement", "no.pdf"), "no.pdf: No such file or directory", 1),
        (("--notice", "?"), "--notice: expected a date", 2),
        (("--project", " "), "a consent is for a project: name it", 1),
    ],
)
def test_a_wrong_consent_makes_no_ledger(cyc: Door, changed: tuple[str, ...], told: str, code: int) -> None:
    got, _, err = cyc.grant("p07", "Ada Lovelace", *changed)
    assert got == code and told in err
    assert not (cyc.folder / "takes").exists()


def test_a_pseudonym_that_gives_the_name_away_is_refused(cyc: Door) -> None:
    code, _, err = cyc.grant("a.lovelace")
    assert code == 2 and "gives a part of the name away" in err
    assert cyc.grant("demo")[0] == 1
    assert not (cyc.folder / "takes").exists()


def test_somebody_who_was_only_refused_is_in_the_log(cyc: Door) -> None:
    cyc.grant()
    uses = RunningUses(cyc.folder / "takes" / "consent.sqlite", "capture")
    uses.begin("p42", "capture", "Night Train", source="0")
    uses.begin("p07", "capture", "Night Train", source="0")
    uses.close()
    assert not (cyc.folder / "takes" / "consent.sqlite-wal").exists(), "all of it is in the one file again"
    assert cyc("show", "p42")[0] == 1
    assert [row["kind"] for row in cyc.json("log", "p42")["log"]] == ["use-refused"]
    assert cyc("export", "p42.json", "--performer", "p42")[0] == 0


def test_remarks_are_no_refusals(cyc: Door) -> None:
    code, _, err = cyc.grant("p07", "Ada Lovelace", "--uses", "double")
    assert code == 0 and "without --rider" in err and "48 hours" in err
    told = ("--rider", cyc.agreement, "--notice", "2020-01-01")
    assert cyc.grant("p08", "Bo Zee", "--uses", "double", *told)[2] == ""


@pytest.mark.parametrize(("answer", "code"), [("yes\n", 0), ("no\n", 1), ("", 1)])
def test_a_person_is_asked(cyc: Door, monkeypatch: pytest.MonkeyPatch, answer: str, code: int) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    cyc.grant()
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    got, _, err = cyc("withdraw", "p07")
    assert got == code and "withdraw all consents of p07 for good? (yes/no)" in err


def test_ctrl_c_at_the_question_leaves_everything(cyc: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(StringIO):
        def isatty(self) -> bool:
            return True

        def readline(self, *_: object) -> str:
            raise KeyboardInterrupt

    cyc.grant()
    before = cyc.json("verify")
    monkeypatch.setattr(sys, "stdin", Interrupted())
    assert cyc("erase", "p07")[0] == 130
    monkeypatch.undo()
    assert cyc.json("verify", "--ledger", cyc.folder / "takes/consent.sqlite")["head"] == before["head"]


def test_the_ledger_is_where_the_command_the_environment_or_the_takes_say(
    cyc: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CYC_CONSENT", str(cyc.folder / "env.sqlite"))
    cyc.grant()
    cyc.grant("p08", "Bo Zee", "--ledger", cyc.folder / "named.sqlite")
    assert (cyc.folder / "env.sqlite").exists() and (cyc.folder / "named.sqlite").exists()
    assert not (cyc.folder / "takes").exists()


def test_an_export_is_checked_without_us(cyc: Door) -> None:
    """Ten lines of any language; other performers' rows are there as hashes only."""
    cyc.grant()
    cyc.grant("p08", "Bo Zee", "--territory", "Ö")
    cyc("suspend", "p07")
    assert cyc("export", "all.json")[0] == 0 and cyc("export", "all.json")[0] == 1
    told, head = json.loads(Path("all.json").read_text()), bytes(32)
    for row in told["chain"]:
        head = hashlib.sha256(head + row["row"].encode()).digest()
        assert row["hash"] == head.hex()
    assert told["head"] == head.hex() and "Lovelace" not in Path("all.json").read_text()
    assert cyc("export", "p08.json", "--performer", "p08")[0] == 0
    one = json.loads(Path("p08.json").read_text())
    assert ["row" in row for row in one["chain"]] == [True, False, True, False] and one["head"] == told["head"]
    assert "p07" not in Path("p08.json").read_text()


def test_erase_from_the_door(cyc: Door) -> None:
    cyc.grant()
    made = cyc.folder / "takes" / "lovelace.bin"
    made.write_text("data")
    with Ledger(cyc.folder / "takes" / "consent.sqlite") as ledger:
        ledger.register_asset("p07", made, "neutral", by="capture")
    assert "p07 is in 1 file that the ledger knows: neutral" in cyc("show")[1]
    made.write_text("other data")
    code, _, err = cyc("erase", "p07", "--yes")
    assert code == 1 and "is not what was registered: say --changed delete or --changed keep" in err
    made.write_text("data")
    told = cyc.json("erase", "p07", "--yes", "--why", "asked for it")
    assert told["complete"] and [item["outcome"] for item in told["items"]] == ["deleted"] and not made.exists()
    receipt = Path(told["receipt"])
    assert receipt.parent == Path("takes") and receipt.name.startswith("erasure-p07-")
    assert json.loads(receipt.read_text()) == {key: value for key, value in told.items() if key != "receipt"}
    assert cyc.json("show")["consents"][0]["name"] == "erased"
    for left in (cyc.folder / "takes").glob("consent.sqlite*"):
        assert b"Lovelace" not in left.read_bytes()
    assert "nothing is left here" in cyc("erase", "p07", "--yes")[2]


def test_a_nameless_performer_can_be_suspended(cyc: Door) -> None:
    """Ledgers from before a name was asked for: a name of nothing is in every word, and must stop nobody."""
    assert cyc.grant()[0] == 0
    ledger = sqlite3.connect(cyc.folder / "takes" / "consent.sqlite")
    with ledger:
        ledger.execute("UPDATE names SET name = ''")
    ledger.close()
    assert cyc("suspend", "p07")[0] == 0
