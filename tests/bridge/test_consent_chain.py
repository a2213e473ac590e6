"""The chain of hashes: recomputed without our code, and no byte of it changes unseen."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from bridge.consent import decisions, rows
from bridge.consent.chain import GENESIS, ChainBroken, Link, linked, verified
from bridge.consent.ledger import Ledger, LedgerFault, Person, read
from bridge.consent.standing import standing
from bridge.consent.watch import ConsentWatch

T0 = 1_795_000_000_000_000_000


def granted(performer: str = "p1", **changed: object) -> rows.Granted:
    fields: dict[str, object] = {
        "performer": performer,
        "uses": ("capture", "record"),
        "project": "Nachtzug – Ä",
        "from_utc_ns": T0,
        "until_utc_ns": T0 + 10**15,
        "agreement_sha256": "ab" * 32,
        "by": "1st AD",
    }
    return rows.Granted(**(fields | changed))  # type: ignore[arg-type]


def ledger_at(path: Path) -> Ledger:
    ticks = iter(range(T0, T0 + 10**9))
    ledger = Ledger.made(path, by="1st AD", utc=lambda: next(ticks))
    ledger.grant(granted(), Person("Ada Performer", "a.pdf"))
    ledger.grant(granted("p2", scenes=("12", "14A")), Person("Bo Zee", "b.pdf"))
    ledger.write(lambda now: (decisions.suspend(now, "p1", 0, "p1", "“stop”"),))
    return ledger


def test_the_hashes_are_what_anybody_computes(tmp_path: Path) -> None:
    """With sqlite3, json and hashlib alone."""
    ledger_at(tmp_path / "c.sqlite").close()
    head = bytes(32)
    stored = sqlite3.connect(tmp_path / "c.sqlite").execute("SELECT seq, body, digest FROM chain").fetchall()
    for number, (seq, body, digest) in enumerate(stored, 1):
        value = json.loads(body)
        assert value["seq"] == seq == number
        canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert canonical == body
        head = hashlib.sha256(head + canonical).digest()
        assert head == digest
    assert read(tmp_path / "c.sqlite").head == head
    assert len(stored) == 4


def chain() -> list[Link]:
    made: list[Link] = []
    head = GENESIS
    told: tuple[rows.AnyRow, ...] = (rows.Opened(by="ad"), granted(), rows.Suspended(performer="p1", by="p1"))
    for seq, row in enumerate(told, 1):
        made.append(linked(head, msgspec.structs.replace(row, seq=seq)))
        head = made[-1].digest
    return made


def test_every_flipped_bit_is_seen_where_it_is() -> None:
    whole = chain()
    verified(whole)
    for at, link in enumerate(whole):
        for part in ("body", "digest"):
            for byte in range(len(getattr(link, part))):
                data = bytearray(getattr(link, part))
                data[byte] ^= 1
                with pytest.raises(ChainBroken) as broken:
                    verified([*whole[:at], link._replace(**{part: bytes(data)}), *whole[at + 1 :]])
                assert broken.value.seq == at + 1


def rehashed(links: list[Link]) -> list[Link]:
    head, made = GENESIS, list[Link]()
    for link in links:
        head = hashlib.sha256(head + link.body).digest()
        made.append(Link(link.seq, link.body, head))
    return made


@pytest.mark.parametrize(
    ("change", "seq"),
    [
        (lambda c: [c[0], c[2]], 2),
        (lambda c: [c[1], c[2]], 1),
        (lambda c: [c[0], c[2], c[1]], 2),
        (lambda c: [c[0], c[1], c[1], c[2]], 3),
        (lambda c: [c[0], c[1]._replace(seq=7), c[2]], 2),
        (lambda c: [c[0], c[1]._replace(body=c[1].body.decode()), c[2]], 2),
        (lambda c: [c[0], c[1]._replace(digest=c[1].digest.hex()), c[2]], 2),
        (lambda c: rehashed([c[0], c[1]._replace(body=c[1].body.replace(b":", b": ", 1)), c[2]]), 2),
        (lambda c: rehashed([c[0], c[1]._replace(body=c[1].body.replace(b'"seq":2', b'"seq":3')), c[2]]), 2),
        (lambda c: rehashed([c[0], c[1]._replace(body=b"{}"), c[2]]), 2),
        (lambda c: rehashed([c[0], c[1]._replace(body=c[1].body.replace(b"granted", b"glanced")), c[2]]), 2),
    ],
    ids=["gone", "first", "swapped", "twice", "number", "text", "hex", "spaces", "inner", "empty", "kind"],
)
def test_rows_out_of_place_are_seen(change: Callable[[list[Link]], list[Link]], seq: int) -> None:
    with pytest.raises(ChainBroken) as broken:
        verified(change(chain()))
    assert broken.value.seq == seq


def test_a_chain_cut_short_holds_and_only_a_head_from_outside_tells() -> None:
    whole = chain()
    rows_left, head = verified(whole[:2])
    assert len(rows_left) == 2 and head != whole[-1].digest


def test_the_guards_refuse_what_is_not_appending(tmp_path: Path) -> None:
    ledger_at(tmp_path / "c.sqlite").close()
    db = sqlite3.connect(tmp_path / "c.sqlite")
    for statement in (
        "DELETE FROM chain WHERE seq = 2",
        "UPDATE chain SET body = x'00' WHERE seq = 2",
        "INSERT OR REPLACE INTO chain SELECT 2, body, digest FROM chain WHERE seq = 3",
        "INSERT INTO chain SELECT 99, body, digest FROM chain WHERE seq = 3",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(statement)


def test_past_the_guards_the_ledger_says_where_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    with ledger_at(path) as ledger, sqlite3.connect(path, isolation_level=None) as db:
        guards = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            db.execute(f"DROP TRIGGER {name}")
        with pytest.raises(LedgerFault, match="guards that keep its rows were tampered with"):
            read(path)
        db.execute("UPDATE chain SET body = CAST(replace(CAST(body AS TEXT), 'p1', 'p9') AS BLOB) WHERE seq = 2")
        for _, sql in guards:
            db.execute(sql)
        told = f"{path}: row 2 is not what was written: its hash does not fit. Rows 1 to 1 hold. Nothing is captured"
        with pytest.raises(LedgerFault) as fault:
            read(path)
        assert str(fault.value).startswith(told) and "backup" in str(fault.value)
        with pytest.raises(LedgerFault):  # nothing is appended to a chain that does not hold
            ledger.write(lambda now: (decisions.suspend(now, "p1", 0, "x", ""),))
        answer = ConsentWatch(path, utc=lambda: T0).may("p2", "record", "Nachtzug – Ä", "12")
        assert str(answer).startswith(told)


def test_any_damaged_byte_of_the_file_is_harmless_or_refused(tmp_path: Path) -> None:
    """Never a third thing: other consents than those that were written."""
    path = tmp_path / "c.sqlite"
    ledger_at(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA journal_mode = DELETE")
    db.close()
    before, whole = read(path), path.read_bytes()
    refused = 0
    used = [at for at in range(len(whole)) if whole[at]]
    for at in used[:: max(1, len(used) // 60)]:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            assert read(path) == before, at
        except LedgerFault:
            refused += 1
        for extra in ("-wal", "-shm", "-journal"):
            path.with_name(path.name + extra).unlink(missing_ok=True)
    assert refused > 20


@pytest.mark.parametrize("data", [b"", b"no ledger at all, but some text", b"SQLite format 3\0" + bytes(4080)])
def test_files_that_are_no_ledger_are_refused_in_a_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "c.sqlite"
    path.write_bytes(data)
    with pytest.raises(LedgerFault, match=r"c\.sqlite: "):
        read(path)


def test_a_newer_ledger_asks_for_an_update(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    ledger_at(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 2")
    with pytest.raises(LedgerFault, match="is of version 2, this Cyclorama knows up to 1; update it"):
        read(path)


def test_what_a_decision_refuses_leaves_nothing(tmp_path: Path) -> None:
    with ledger_at(tmp_path / "c.sqlite") as ledger:
        before = ledger.standing()
        with pytest.raises(decisions.NotPossible):
            ledger.write(lambda now: (decisions.resume(now, "p2", 0, "x", ""),))
        assert ledger.standing() == before == standing(*ledger.rows())
