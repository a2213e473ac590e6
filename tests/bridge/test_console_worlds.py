"""The library on the page: what a search leaves, what a press asks for, and no title gets in as HTML."""

from typing import Any

from msgspec.structs import replace

from bridge.console import worlds
from bridge.console.orders import order
from bridge.console.view import JobView, View
from bridge.messages import LoadEnvironment, SceneSettings


def row(title: str, name: str, words: str = "") -> dict[str, Any]:
    icon = "data:image/jpeg;base64,AAAA"
    return {"title": title, "name": name, "words": words, "kind": "text", "counts": {"full": 500_000}, "icon": icon}


ROWS = [
    row("Street at dusk", "aaaa1111", "victorian gas lamps"),
    row("Street", "bbbb2222"),
    row("Street", "cccc3333"),
    {"folder": "/lib/dddd", "damaged": "splats.ply: expected 6 bytes, got <1>"},
]


def listed(rows: list[dict[str, Any]], state: str = "done", text: str = "") -> View:
    job = JobView(name=worlds.LIST, state=state, report=rows, text=text)  # type: ignore[arg-type]
    return View(jobs={worlds.LIST: job})


def test_a_search_leaves_those_with_all_words() -> None:
    view = listed(ROWS)
    assert [one["name"] for one in worlds.found(view, "")] == ["aaaa1111", "bbbb2222", "cccc3333"]
    assert [one["name"] for one in worlds.found(view, "LAMPS street")] == ["aaaa1111"]
    assert worlds.found(view, "desert") == []


def test_a_press_asks_for_the_title_where_only_one_has_it() -> None:
    view = listed(ROWS)
    assert worlds.asked_by(ROWS[0]) == "aaaa1111"
    asked = order(view, "environment", worlds.asked_by(ROWS[1]), 5)
    assert asked == LoadEnvironment(subject="scene", t_ns=5, environment="bbbb2222")


def test_damaged_ones_are_named_and_escaped() -> None:
    text = worlds.summary(listed(ROWS), "dusk")
    assert "1 of 3" in text
    assert "/lib/dddd: splats.ply: expected 6 bytes, got &lt;1&gt;" in text


def test_a_card_lets_no_html_in() -> None:
    text = worlds.card(listed([]), row("<script>", "x", "<b>") | {"icon": "javascript:alert(1)"})
    assert "<script>" not in text
    assert "<b>&lt;" not in text.replace("<b>&lt;script&gt;", "")
    assert "<img" not in text


def test_the_one_on_the_walls_is_marked() -> None:
    view = replace(listed(ROWS), scene=SceneSettings(subject="scene", t_ns=0, environment="aaaa1111"))
    assert "on the walls" in worlds.card(view, ROWS[0])
    assert "on the walls" not in worlds.card(view, ROWS[1])


def test_an_empty_library_says_what_fills_it() -> None:
    assert "reading the library" in worlds.summary(View(), "")
    assert "cyc generate" in worlds.summary(listed([]), "")
    assert "needs rich" in worlds.summary(listed([], "failed", "cyc library needs rich"), "")
