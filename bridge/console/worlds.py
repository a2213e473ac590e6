"""The library's environments on the page: which to show for what is searched, and each one's card."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, cast

from bridge.console.markup import dim, section, state
from bridge.console.view import JobView, View

LIST = "list environments"
"""Name of the job that reads the library."""
SHOWN = 12
"""Cards at once; more are found by searching."""
_PICTURE = "data:image/jpeg;base64,"


def found(view: View, searched: str) -> list[Mapping[str, Any]]:
    """Whole environments that have all the words, the newest first."""
    words = searched.casefold().split()
    whole = [row for row in _rows(view) if not row.get("damaged")]
    return [row for row in whole if all(word in _said(row) for word in words)]


def asked_by(row: Mapping[str, Any]) -> str:
    """What to call it towards the spine, which knows no titles: the beginning of its hash."""
    return str(row.get("name", ""))


def card(view: View, row: Mapping[str, Any]) -> str:
    """Thumbnail, title and facts of one."""
    icon = str(row.get("icon", ""))
    picture = (
        f'<img src="{escape(icon)}" width="240" height="135">' if icon.startswith("data:image/jpeg;base64,") else ""
    )
    counts = cast(Mapping[str, Any], row.get("counts", {}))
    facts = f"{row.get('kind', '')}, {int(counts.get('full', 0)):,} splats, {str(row.get('created_utc', ''))[:10]}"
    words = str(row.get("words", ""))
    on = f"<p>{state('on the walls', 'good')}</p>" if shown(view, row) else ""
    return (
        f'<div class="cyc cyc-card">{picture}<div><b>{escape(str(row.get("title", "")))}</b>'
        f"<p>{dim(escape(words))}</p><p>{dim(escape(facts))}</p>{on}</div></div>"
    )


def shown(view: View, row: Mapping[str, Any]) -> bool:
    """Whether the spine says that this is what walls and engine show."""
    name = view.scene.environment if view.scene else ""
    return bool(name) and str(row.get("name", "")).startswith(name)


def summary(view: View, searched: str) -> str:
    """How many there are, how many the search leaves, and the damaged ones by name."""
    job, rows = view.jobs.get(LIST), _rows(view)
    if not rows:
        return section("Worlds", f'<p class="dim">{_nothing(job)}</p>')
    left = len(found(view, searched))
    whole = sum(not row.get("damaged") for row in rows)
    told = f"{left} of {whole}" + (f", the first {SHOWN} shown: search for others" if left > SHOWN else "")
    damaged = "".join(
        f'<p class="wrap">{state("damaged", "bad")} {escape(str(row["folder"]))}: {escape(str(row["damaged"]))}</p>'
        for row in rows
        if row.get("damaged")
    )
    return section("Worlds", f"<p>{told}</p>{damaged}")


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
