"""The library on the page: what a search leaves, what is asked for, what is on, and no title gets in as HTML."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

pytest.importorskip("viser", reason="viser is not installed: pip install 'cyclorama[stage]'")
from bridge.clock import NS_PER_S
from bridge.console import gallery, worlds
from bridge.console.orders import order
from bridge.console.page import Files, job_words
from bridge.console.view import JobView, View
from bridge.messages import EnvironmentState, LoadEnvironment, SceneSettings


def row(title: str, name: str, words: str = "") -> dict[str, Any]:
    icon = "data:image/jpeg;base64,AAAA"
    return {"title": title, "name": name, "words": words, "kind": "text", "counts": {"full": 500_000}, "icon": icon}


ROWS = [
    row("Street at dusk", "aaaa1111", "victorian gas lamps"),
    row("Street", "bbbb2222"),
    row("Street", "cccc3333"),
    {"folder": "/lib/dddd", "damaged": "splats.ply: expected 6 bytes, got <1>"},
]


def said(**fields: Any) -> EnvironmentState:
    return EnvironmentState(**{"subject": "view", "t_ns": 0} | fields)


def listed(rows: list[dict[str, Any]], state: str = "done", text: str = "") -> View:
    job = JobView(name=worlds.LIST, state=state, report=rows, text=text)  # type: ignore[arg-type]
    return View(jobs={worlds.LIST: job})


def test_a_search_leaves_those_with_all_words() -> None:
    view = listed(ROWS)
    assert [one["name"] for one in worlds.found(view, "")] == ["aaaa1111", "bbbb2222", "cccc3333"]
    assert [one["name"] for one in worlds.found(view, "LAMPS street")] == ["aaaa1111"]
    assert worlds.found(view, "desert") == []


def test_what_is_dragged_or_pressed_asks_for_the_hash_each_time_anew() -> None:
    assert gallery.asked_for("bbbb2222 1732000000000") == "bbbb2222"
    assert gallery.asked_for("") == ""
    asked = order(listed(ROWS), "environment", gallery.asked_for("bbbb2222 1"), 5)
    assert asked == LoadEnvironment(subject="scene", t_ns=5, environment="bbbb2222")


def test_damaged_ones_are_named_and_escaped() -> None:
    text = worlds.summary(listed(ROWS), "dusk")
    assert "1 of 3" in text
    assert "/lib/dddd: splats.ply: expected 6 bytes, got &lt;1&gt;" in text


def test_a_thumbnail_lets_no_html_in() -> None:
    text = gallery.gallery([row('<script>"', 'x" onclick="steal()', '"><b>') | {"icon": "javascript:alert(1)"}])
    assert "<script>" not in text
    assert 'onclick="steal' not in text
    assert '"><b>&' not in text
    assert "<img" not in text


def test_the_one_on_the_walls_is_marked_and_the_gallery_is_not_sent_again_for_it() -> None:
    view = replace(listed(ROWS), scene=SceneSettings(subject="scene", t_ns=0, environment="aaaa1111"))
    assert worlds.shown(view) == "aaaa1111", "by the spine's word, where there is no view service"
    assert worlds.shown(replace(view, environment=said(environment="bbbb2222"))) == "bbbb2222"
    marks = gallery.marks("aaaa1111", "bbbb2222")
    assert marks.index("bbbb2222") < marks.index("loading") < marks.index("aaaa1111") < marks.index("on the walls")
    assert "ky" not in gallery.marks("sky", '"] { } </style>')


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"loading": "aaaa1111"}, ["loading", "Street at dusk"]),
        ({"environment": "aaaa1111", "fade_unit": 0.4, "title": "Street"}, ["Street: fading in"]),
        (
            {"environment": "a", "title": "S", "splats": 300_000, "width_px": 640, "rate_hz": 16.0, "age_s": 0.075},
            ["on the walls", "S: 300,000 splats (level 0), 640 px wide, 16 pictures a second, the pose 75 ms old"],
        ),
        ({"environment": "a", "title": "S", "splats": 9, "width_px": 640}, ["no new poses"]),
        ({"environment": "a", "fault": "no environment <b>"}, ["not loaded", "no environment &lt;b&gt;"]),
        ({}, ["the stage&#x27;s own world"]),
        ({"t_ns": -5 * NS_PER_S}, ["SILENT", "the walls keep what they have"]),
    ],
)
def test_what_the_view_service_says_is_shown(fields: dict[str, Any], expected: list[str]) -> None:
    text = worlds.on_walls(replace(listed(ROWS), environment=said(**fields)), 0)
    assert all(words in text for words in expected), text


def test_the_page_reads_the_library_that_the_view_service_reads() -> None:
    assert job_words(View(), Files(Path("s.toml"), Path("takes"), Path("lib")), worlds.LIST, "")[-2:] == [
        "--library",
        Path("lib"),
    ]


def test_an_empty_library_says_what_fills_it() -> None:
    assert "reading the library" in worlds.summary(View(), "")
    assert "cyc generate" in worlds.summary(listed([]), "")
    assert "needs rich" in worlds.summary(listed([], "failed", "cyc library needs rich"), "")
