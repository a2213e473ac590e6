"""The library's environments on the page: which to show for what is searched, and what the walls make of them."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, cast

from bridge.console.markup import dim, duration, section, state
from bridge.console.view import JobView, View
from bridge.console.words import SILENT_NS
from bridge.messages import EnvironmentState

LIST = "list environments"
"""Name of the job that reads the library."""
SHOWN = 60
"""Thumbnails at once; more are found by searching."""


def found(view: View, searched: str) -> list[Mapping[str, Any]]:
    """Whole environments that have all the words, the newest first."""
    words = searched.casefold().split()
    whole = [row for row in _rows(view) if not row.get("damaged")]
    return [row for row in whole if all(word in _said(row) for word in words)]


def summary(view: View, searched: str) -> str:
    """How many there are, how many the search leaves, and the damaged ones by name."""
    job, rows = view.jobs.get(LIST), _rows(view)
    if not rows:
        return section("Worlds", f'<p class="dim">{_nothing(job)}</p>')
    left = len(found(view, searched))
    whole = sum(not row.get("damaged") for row in rows)
    told = f"{left} of {whole}" + (f", the first {SHOWN} shown: search for others" if left > SHOWN else "")
    told += "; drag one onto the stage, or press its button" if left else ""
    damaged = "".join(
        f'<p class="wrap">{state("damaged", "bad")} {escape(str(row["folder"]))}: {escape(str(row["damaged"]))}</p>'
        for row in rows
        if row.get("damaged")
    )
    failed = f"<p>{state(job.text, 'bad')}</p>" if job and job.state == "failed" else ""
    return section("Worlds", f"<p>{dim(told)}</p>{failed}{damaged}")


def on_walls(view: View, now_ns: int) -> str:
    """What the view service shows and how well, what it loads, or why it does not."""
    said = view.environment
    if said is None:
        return ""
    if now_ns - said.t_ns > SILENT_NS:
        return _line(state("the view service is SILENT", "bad"), "the walls keep what they have")
    if said.fault:
        return _line(state("not loaded", "bad"), said.fault)
    if said.loading:
        return _line(state("loading", "warn"), _called(view, said.loading))
    if not said.environment:
        return _line(state("the stage's own world", "idle"), "")
    return _line(state("on the walls", "good"), f"{said.title or _called(view, said.environment)}: {_quality(said)}")


def loading(view: View) -> str:
    """Hash of what is on its way to the walls; empty for none."""
    return view.environment.loading if view.environment else ""


def shown(view: View) -> str:
    """Hash of what the walls show: by the view service's word, or the spine's where there is no such service."""
    if view.environment:
        return view.environment.environment
    return view.scene.environment if view.scene else ""


def _quality(said: EnvironmentState) -> str:
    if said.fade_unit < 1.0:
        return "fading in"
    drawn = f"{said.splats:,} splats (level {said.level}), {said.width_px} px wide"
    if not said.rate_hz:
        return f"{drawn}, no new poses"
    return f"{drawn}, {said.rate_hz:.0f} pictures a second, the pose {duration(said.age_s)} old"


def _line(what: str, more: str) -> str:
    return f'<div class="cyc"><p class="wrap">{what} {escape(more)}</p></div>'


def _called(view: View, name: str) -> str:
    titles = (str(row.get("title", "")) for row in _rows(view) if str(row.get("name", "")).startswith(name[:16]))
    return next(titles, name)


def _said(row: Mapping[str, Any]) -> str:
    return f"{row.get('title', '')} {row.get('words', '')} {row.get('name', '')} {row.get('kind', '')}".casefold()


def _rows(view: View) -> Sequence[Mapping[str, Any]]:
    job = view.jobs.get(LIST)
    return cast(list[Mapping[str, Any]], job.report or []) if job is not None else []


def _nothing(job: JobView | None) -> str:
    if job is None or job.state == "running":
        return "reading the library"
    if job.state == "failed":
        return escape(job.text)
    return "no environment yet: <code>cyc generate WORDS</code> makes one"
