"""A session for Open Stage Control: JSON that its launcher opens as it is. What is left out has its default there."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from bridge.control.pages import Page, Place, Widget

CELL_WIDTH_PX, CELL_HEIGHT_PX, GAP_PX, CAPTION_PX = 92, 84, 4, 20
_VERSION = "1.25.0"  # of the session's format; later versions read it
_TYPES = {
    "press": "button",
    "choice": "button",
    "toggle": "button",
    "fader": "fader",
    "entry": "input",
    "shown": "text",
    "lamp": "led",
}


def session(pages: Sequence[Page]) -> str:
    """The file's text."""
    tabs = [_tab(number, page) for number, page in enumerate(pages)]
    root = {"type": "root", "id": "root", "tabsPosition": "top", "widgets": [], "tabs": tabs}
    whole = {"version": _VERSION, "createdWith": "Open Stage Control", "type": "session", "content": root}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _tab(number: int, page: Page) -> dict[str, Any]:
    widgets = [one for index, widget in enumerate(page.widgets) for one in _widgets(f"{number}_{index}", widget)]
    return {"type": "tab", "id": f"tab_{number}", "label": page.name, "widgets": widgets, "tabs": []}


def _widgets(name: str, widget: Widget) -> Iterator[dict[str, Any]]:
    """A caption where the widget itself has none, and the widget."""
    left, top, width, height = _box(widget.place)
    if widget.kind not in ("press", "choice", "toggle"):
        caption = {"type": "text", "id": f"caption_{name}", "default": widget.label, "bypass": True, "padding": 0}
        yield caption | {"left": left, "top": top, "width": width, "height": CAPTION_PX, "address": f"/caption/{name}"}
        top, height = top + CAPTION_PX, height - CAPTION_PX
    place = {"left": left, "top": top, "width": width, "height": height}
    yield {"type": _TYPES[widget.kind], "id": f"widget_{name}", **place, "address": widget.address} | _manner(widget)


def _manner(widget: Widget) -> dict[str, Any]:
    match widget.kind:
        case "press":
            return {"label": widget.label, "mode": "tap", "on": 1, "typeTags": "i", "doubleTap": widget.guarded}
        case "choice":
            return {"label": widget.label, "mode": "tap", "on": widget.sends, "typeTags": "s", "wrap": "soft"}
        case "toggle":
            once = {"mode": "toggle", "on": 1, "off": 0, "typeTags": "i", "doubleTap": widget.guarded}
            return {"label": widget.label, **once, "wrap": "soft"}
        case "fader":
            assert widget.span and widget.span.most_unit is not None
            span = {"min": widget.span.least_unit, "max": widget.span.most_unit}
            return {"range": span, "typeTags": "f", "decimals": 3, "pips": True, "doubleTap": False}
        case "entry":
            return {"typeTags": "s", "asYouType": False}
        case "lamp":
            return {"range": {"min": 0, "max": 1}, "colorWidget": "#e0392b"}
        case "shown":
            return {"bypass": True, "wrap": True}


def _box(place: Place) -> tuple[int, int, int, int]:
    x, y, width, height = place
    return (
        x * CELL_WIDTH_PX,
        y * CELL_HEIGHT_PX,
        width * CELL_WIDTH_PX - GAP_PX,
        height * CELL_HEIGHT_PX - GAP_PX,
    )
