"""Pieces of the page's HTML: large, few, every state a word and a sign, never colour alone.

Whatever came from the network (senders, notes, alarm texts) is escaped here or by who puts it in.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape

SIGNS = {"good": "●", "warn": "▲", "bad": "✕", "idle": "○", "rec": "●", "ice": "❄"}


def state(word: str, tone: str) -> str:
    """A sign and a word in their colour."""
    return f'<span class="{tone}">{SIGNS[tone]} {escape(word)}</span>'


def badge(word: str, tone: str) -> str:
    """A word that must not be overlooked, after a state."""
    return f' <span class="{tone} badge">{escape(word)}</span>'


def name(text: str) -> str:
    """First cell of a row."""
    return f'<div class="name">{escape(text)}</div>'


def dim(text: str) -> str:
    """Said quietly."""
    return f'<span class="dim">{escape(text)}</span>'


def section(title: str, body: str) -> str:
    """One heading and what stands below it; the body is HTML already."""
    return f'<div class="cyc"><h2>{escape(title)}</h2>{body}</div>'


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, lefts: Sequence[int] = (), kind: str = "") -> str:
    """Cells are HTML already."""

    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(f"<{tag}{' class=l' if i in lefts else ''}>{cell}</{tag}>" for i, cell in enumerate(row))

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f'<table class="{kind}"><tr>{cells("th", heads)}</tr>{body}</table>'


def duration(seconds: float) -> str:
    """`12 ms`, `3.2 s`, `14 min`, `5 h`, `12 d`: never more than three digits."""
    if seconds < 0.9995:
        return f"{seconds * 1e3:.0f} ms"
    if seconds < 100:
        return f"{seconds:.1f} s"
    minutes = seconds / 60
    if minutes < 100:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 1440:.0f} d"


def clock(seconds: float) -> str:
    """`3:07`: how long something has been going on."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def milliseconds(seconds: float) -> str:
    """Two digits that count."""
    value = seconds * 1e3
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def by_number(text: str) -> list[str | int]:
    """For sorting: cam2 comes before cam10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]
