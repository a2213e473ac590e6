"""Changes values in a stage file's text and leaves everything else, comments included, as the operator wrote it.

Every change is recorded in the file itself, old values too, so that `undone` can take it back. A file is replaced in
one step, and only by one that loads.
"""

import contextlib
import os
import stat
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, cast

import msgspec
import tomlkit

from bridge.stage import Calibration
from bridge.stage_file import NAMED, StageFault, parse

_Document = Any  # tomlkit's containers are typed as unions of everything TOML has
_edit: Any = tomlkit
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


class Change(NamedTuple):
    """One value: `table[name].key`, or `table.key` where the table is no list of named rows."""

    table: str
    name: str
    key: str
    value: Any
    """A number, text, tuple, or a struct of `bridge.stage`; None takes the key out."""

    @property
    def path(self) -> str:
        """As records name it."""
        return f"{self.table}[{self.name}].{self.key}" if self.name else f"{self.table}.{self.key}"


def write(path: Path, changes: Sequence[Change], record: Calibration) -> None:
    """Change a stage file on disk. StageFault where it cannot be read or would not load afterwards; then it is kept."""
    _replace(path, edited(_text(path), changes, record, path))


def undo(path: Path) -> Calibration:
    """Take the newest calibration of a stage file back; -> its record. StageFault where there is none."""
    text, taken = undone(_text(path), path)
    _replace(path, text)
    return taken


def edited(text: str, changes: Sequence[Change], record: Calibration, path: Path = Path("stage.toml")) -> str:
    """The text after the changes, with the record at its end. StageFault where the result would not load."""
    document = _edit.parse(text)
    old: dict[str, Any] = {}
    absent: list[str] = []
    for change in changes:
        table = _table(document, change, path)
        if change.key in table:
            old[change.path] = _plain(table[change.key])
        else:
            absent.append(change.path)
        _put(table, change.key, change.value)
    said = msgspec.structs.replace(record, old=old, absent=tuple(absent))
    rows = document.setdefault("calibrations", _edit.aot())
    rows.append(_row(said))
    return _checked(_edit.dumps(document), path)


def undone(text: str, path: Path = Path("stage.toml")) -> tuple[str, Calibration]:
    """The text with its newest calibration taken back."""
    document, stage = _edit.parse(text), parse(text, path)
    if not stage.calibrations:
        raise StageFault(str(path), ["calibrations: there is none to take back"])
    last = stage.calibrations[-1]
    for where, value in (*last.old.items(), *((key, None) for key in last.absent)):
        change = _change(where, value)
        _put(_table(document, change, path), change.key, change.value)
    del document["calibrations"][-1]
    if not document["calibrations"]:
        del document["calibrations"]
    left = _edit.dumps(document)
    return _checked(left[:-1] if left.endswith("\n\n") else left, path), last  # the row's blank line goes with it


def now_text(utc_ns: int) -> str:
    """A moment as records say it."""
    return datetime.fromtimestamp(utc_ns // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- the text -----------------------------------------------------------------------------------------------------


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StageFault(str(path), [f"cannot be read: {error}"]) from None
    parse(text, path)  # a wrong file is refused before anything is changed
    return text


def _replace(path: Path, text: str) -> None:
    """Through a file beside it: a reader, or a loss of power, finds the old text or the new one."""
    beside = path.with_name(f"{path.name}.new")
    try:
        if not path.stat().st_mode & _WRITABLE:  # replacing would pass over what its owner said
            raise StageFault(str(path), ["is read-only: nothing was written; make it writable first"])
        with beside.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise StageFault(str(path), [f"cannot be written: {error.strerror}; it is as it was"]) from None


def _checked(text: str, path: Path) -> str:
    parse(text, path)
    return text


def _table(document: _Document, change: Change, path: Path) -> _Document:
    if not change.name:
        return document.setdefault(change.table, _edit.table()) if change.table else document
    rows = document.get(change.table, ())
    found = next((row for row in rows if row.get("name") == change.name), None)
    if change.table not in NAMED or found is None:
        known = ", ".join(str(row.get("name")) for row in rows) or "there are none"
        raise StageFault(str(path), [f"{change.table}: expected one of {known}, got {change.name!r}"])
    return found


def _put(table: _Document, key: str, value: Any) -> None:
    if value is None:
        table.pop(key, None)
        return
    comment = str(table[key].trivia.comment) if key in table and hasattr(table[key], "trivia") else ""
    table[key] = _item(msgspec.to_builtins(value))
    if comment:
        table[key].comment(comment.lstrip("# "))


def _item(value: Any) -> Any:
    """Tables and lists of tables on one line each, as stage files have them."""
    if isinstance(value, Mapping):
        inline = _edit.inline_table()
        for key, inner in cast("Mapping[str, Any]", value).items():
            if inner is not None:
                inline[key] = _item(inner)
        return inline
    if isinstance(value, list | tuple):
        array = _edit.array()
        inners = list(cast("Sequence[Any]", value))
        for inner in inners:
            array.append(_item(inner))
        return array.multiline(bool(inners) and isinstance(inners[0], Mapping))
    return _edit.item(value)


def _row(record: Calibration) -> Any:
    row = _edit.table()
    row.trivia.indent = "\n"  # a blank line before it
    for key, value in msgspec.to_builtins(record).items():
        if value not in ("", None, {}, (), []):
            row[key] = _item(value)
    return row


def _change(where: str, value: Any) -> Change:
    head, _, key = where.rpartition("].") if "]." in where else where.rpartition(".")
    table, _, name = head.partition("[")
    return Change(table, name, key, value)


def _plain(value: Any) -> Any:
    return value.unwrap() if hasattr(value, "unwrap") else value
