"""Layouts for surfaces: what a finger can send from them is understood, what they show is said, nothing overlaps."""

import itertools
import json
import re
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.__main__ import main
from bridge.control import open_stage_control, stream_deck, touchosc
from bridge.control.addresses import Known, Prepared, Understood, addresses, spelt_out, understand
from bridge.control.echo import TABLE as TOLD
from bridge.control.pages import COLUMNS, ROWS, Page, pages
from bridge.control.service import known_of
from bridge.spine_process import limits_of
from bridge.stage_file import load
from bridge.verbs.control import OPEN_STAGE_CONTROL, STREAM_DECK, TOUCHOSC
from bridge.wire import osc
from bridge.wire.osc import OscMessage, OscValue

ROOT = Path(__file__).parents[2]
READY = ROOT / "examples" / "osc"
STAGES = sorted((ROOT / "stage_configs").glob("*.toml"))
CROWD = Known(tuple(f"cam.{n}" for n in range(9)), tuple(f"service{n}" for n in range(40)), ("ltc",), ("o1", "o2"))


def of_file(path: Path) -> tuple[Known, list[Page]]:
    stage = load(path)
    return known_of(stage), pages(known_of(stage), limits_of(stage).environments)


MADE = [*(of_file(path) for path in STAGES), (CROWD, pages(CROWD, [f"place {n}" for n in range(40)]))]
NAMES = [*(path.stem for path in STAGES), "crowd"]
every_stage = pytest.mark.parametrize(("known", "made"), MADE, ids=NAMES)


def assert_understood(known: Known, address: str, tags: str, *values: OscValue) -> None:
    """Through the bytes, as a surface sends it."""
    said = osc.decode(osc.encode(OscMessage(address, tags, values)))
    assert isinstance(said, OscMessage)
    answer = understand(addresses(known), said, Prepared(), 0, None)
    assert isinstance(answer, Understood), answer


def heard_addresses(known: Known) -> set[str]:
    return {address for told in TOLD for address, _ in spelt_out(told.pattern, known)}


@every_stage
def test_pages_fit_and_nothing_lies_on_anything(known: Known, made: list[Page]) -> None:
    assert [page.name for page in made[:2]] == ["Take", "Scene"]
    assert {page.name for page in made} >= set(known.cameras)
    for page in made:
        taken: dict[tuple[int, int], str] = {}
        for widget in page.widgets:
            x, y, width, height = widget.place
            for cell in itertools.product(range(x, x + width), range(y, y + height)):
                assert 0 <= cell[0] < COLUMNS and 0 <= cell[1] < ROWS, (page.name, widget)
                assert cell not in taken, f"{page.name}: {widget.label} lies on {taken[cell]}"
                taken[cell] = widget.label


@every_stage
def test_every_address_of_a_page_is_there(known: Known, made: list[Page]) -> None:
    for widget in (widget for page in made for widget in page.widgets):
        if widget.kind not in ("press", "choice"):
            assert widget.address in heard_addresses(known)
        if widget.kind not in ("shown", "lamp"):
            assert widget.address in addresses(known)
    shown = {widget.address for page in made for widget in page.widgets}
    assert set(addresses(known)) <= shown, "an address that no page has"


# --- Open Stage Control -----------------------------------------------------------------------------------------------


def widgets_of(session: str) -> Iterator[dict[str, object]]:
    whole = json.loads(session)
    assert (whole["type"], whole["content"]["type"]) == ("session", "root")
    for tab in whole["content"]["tabs"]:
        yield from tab["widgets"]


@every_stage
def test_open_stage_control_sends_what_is_understood(known: Known, made: list[Page]) -> None:
    found = list(widgets_of(open_stage_control.session(made)))
    assert len({widget["id"] for widget in found}) == len(found)
    sent = 0
    for widget in found:
        if widget.get("bypass") or widget["type"] == "led":
            continue
        address, tag, values = str(widget["address"]), str(widget["typeTags"]), [widget.get("on"), widget.get("off")]
        if widget["type"] == "fader":
            values = list(widget["range"].values())  # type: ignore[attr-defined]
        if widget["type"] == "input":
            values = ["", "scene12A"]
        for value in (value for value in values if value is not None):
            typed = {"i": int, "f": float, "s": str}[tag](value)  # type: ignore[call-overload]
            assert_understood(known, address, tag, typed)
            sent += 1
    assert sent > 20


# --- TouchOSC ---------------------------------------------------------------------------------------------------------


def messages_of(data: bytes) -> Iterator[tuple[str, ET.Element]]:
    """(type of the control, its message)."""
    root = ET.fromstring(zlib.decompress(data))
    assert (root.tag, root.get("version")) == ("lexml", "3")
    for node in root.iter("node"):
        yield from ((str(node.get("type")), message) for message in node.findall("messages/osc"))


def argument_values(message: ET.Element) -> tuple[str, list[OscValue]]:
    """(type tag, what it carries with the control at either end), by TouchOSC's manual: scaled, then converted."""
    (partial,) = message.findall("arguments/partial")
    kind, conversion, value = (str(partial.findtext(tag) or "") for tag in ("type", "conversion", "value"))
    if kind == "CONSTANT":
        return "s", [value]
    if conversion == "STRING":
        return "s", ["", "scene12A"]
    low, high = (float(str(partial.findtext(tag))) for tag in ("scaleMin", "scaleMax"))
    return "f", [low, high]


@every_stage
def test_touchosc_sends_and_hears_what_there_is(known: Known, made: list[Page]) -> None:
    sent = heard = 0
    for _, message in messages_of(touchosc.layout(made)):
        (path,) = message.findall("path/partial")
        address = str(path.findtext("value"))
        assert path.findtext("type") == "CONSTANT"
        if message.findtext("send") == "1":
            tag, values = argument_values(message)
            for value in values:
                assert_understood(known, address, tag, value)
            sent += 1
        if message.findtext("receive") == "1":
            assert address in heard_addresses(known)
            heard += 1
        assert message.findtext("feedback") == "0", "what is heard is not sent back"
    assert sent > 10 and heard > 20


def test_touchosc_keeps_its_ids_and_has_each_once() -> None:
    _, made = MADE[0]
    ids = [node.get("ID") for node in ET.fromstring(touchosc.document(made)).iter("node")]
    assert len(set(ids)) == len(ids)
    assert touchosc.document(made) == touchosc.document(made)


# --- a Stream Deck ----------------------------------------------------------------------------------------------------


@every_stage
def test_stream_deck_buttons_are_understood(known: Known, made: list[Page]) -> None:
    text = stream_deck.table(made, "10.0.0.5", 9000, 9001)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if "| Send " in line]
    assert len(rows) > 10
    for _, _, action, path, value, lit in rows:
        for one in re.findall(r"`([^`]*)`", value) or [""]:
            argument = {"Send integer": ("i", int), "Send string": ("s", str)}.get(action)
            tags, values = (argument[0], (argument[1](one),)) if argument else ("", ())
            assert_understood(known, path.strip("`"), tags, *values)
        assert not lit or lit.split("`")[1] in heard_addresses(known)


# --- the door ---------------------------------------------------------------------------------------------------------


def test_what_is_in_examples_is_what_would_be_made(tmp_path: Path) -> None:
    assert main(["control", "layout", str(ROOT / "stage_configs" / "small_wall.toml"), "--out", str(tmp_path)]) == 0
    again = f"cyc control layout stage_configs/small_wall.toml --out {READY.relative_to(ROOT)}"
    for name in (OPEN_STAGE_CONTROL, STREAM_DECK):
        assert (READY / name).read_text() == (tmp_path / name).read_text(), again
    old, new = (zlib.decompress((folder / TOUCHOSC).read_bytes()) for folder in (READY, tmp_path))
    assert old == new, again
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((OPEN_STAGE_CONTROL, STREAM_DECK, TOUCHOSC))


def test_the_door_refuses_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = str(ROOT / "stage_configs" / "small_wall.toml")
    assert main(["control", "layout", str(tmp_path / "no.toml"), "--out", str(tmp_path)]) == 1
    (tmp_path / "file").write_text("")
    assert main(["control", "layout", small, "--out", str(tmp_path / "file")]) == 1
    assert "file: File exists" in capsys.readouterr().err
    assert main(["control", "layout", small, "--out", str(tmp_path / "a" / "b"), "--host", "10.1.1.1", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["written"]) == 3
    assert "Target IP `10.1.1.1`" in (tmp_path / "a" / "b" / STREAM_DECK).read_text()
