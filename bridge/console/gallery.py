"""Environments as thumbnails: each is loaded by its button, or dragged onto the stage.

The page's library has no such part. So this is HTML with handlers of its own, and what they ask for goes through a text
field of the library's, next to it and hidden: from there on it is a press like any other. One handler serves all
thumbnails, for events rise to what holds them.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, cast

_HASH = re.compile(r"[0-9a-f]{4,64}")
_ICON = "data:image/jpeg;base64,"
_NAME_CHARACTERS = 16

_HANDLER = """
const tile = event.target.closest('[data-world]'), stage = document.querySelector('canvas')?.parentElement;
if (!tile || !stage) return;
const field = this.parentElement.nextElementSibling.querySelector('input');
const load = () => {
  const put = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
  put.call(field, tile.dataset.world + ' ' + Date.now());
  field.dispatchEvent(new Event('input', { bubbles: true }));
};
const over = to => event => { event.preventDefault(); to(event); };
if (event.type === 'click' && event.target.closest('button')) load();
if (event.type === 'dragstart') {
  event.dataTransfer.setData('text/plain', tile.dataset.world);
  event.dataTransfer.effectAllowed = 'copy';
  stage.classList.add('cyc-target');
  stage.ondragover = over(event => { event.dataTransfer.dropEffect = 'copy'; });
  stage.ondrop = over(load);
}
if (event.type === 'dragend') {
  stage.classList.remove('cyc-target');
  stage.ondragover = stage.ondrop = null;
}
"""
_HANDLERS = "".join(f' {on}="{escape(_HANDLER)}"' for on in ("onclick", "ondragstart", "ondragend"))


def gallery(rows: Sequence[Mapping[str, Any]]) -> str:
    """All of them; one that the walls show looks the same, so that this is sent once and keeps the keyboard's place."""
    return f'<div class="cyc cyc-worlds"{_HANDLERS}>{"".join(map(_tile, rows))}</div>'


def marks(shown: str, loading: str) -> str:
    """Style that says it of those two: of whatever has a hash like this."""
    said = ((loading, "▲ loading", "warn"), (shown, "● on the walls", "good"))
    rules = [
        f'.cyc-worlds [data-world^="{name[:_NAME_CHARACTERS]}"] {{ outline: 2px solid var(--cyc-{tone}); }} '
        f'.cyc-worlds [data-world^="{name[:_NAME_CHARACTERS]}"]::after {{ content: "{word}"; '
        f"background: var(--cyc-{tone}); }}"
        for name, word, tone in said
        if _HASH.fullmatch(name)
    ]
    return f"<style>{' '.join(rules)}</style>"


def asked_for(text: str) -> str:
    """What the hidden field says: the hash, and after it the moment, so that asking again is a change, too."""
    return text.partition(" ")[0]


def _tile(row: Mapping[str, Any]) -> str:
    title, words, icon = (str(row.get(key, "")) for key in ("title", "words", "icon"))
    counts = cast(Mapping[str, Any], row.get("counts", {}))
    facts = f"{row.get('kind', '')}, {int(counts.get('full', 0)):,} splats"
    told = f"{words or title}, made {str(row.get('created_utc', ''))[:10]}"
    picture = f'<img src="{escape(icon)}" alt="" draggable="false">' if icon.startswith(_ICON) else "<i></i>"
    return (
        f'<div data-world="{escape(str(row.get("name", "")))}" draggable="true" title="{escape(told)}">'
        f'{picture}<b>{escape(title)}</b><small>{escape(facts)}</small><button aria-label="Load {escape(title)}">'
        "Load</button></div>"
    )
