"""A Stream Deck, by Bitfocus Companion and its module OSC Generic: a table to fill in, button by button.

Companion's own files belong to one version of it and of the module; the fields that a person fills in do not.
"""

from collections.abc import Iterator, Sequence

from bridge.control.pages import Page, Widget

KEYS = 15
"""Of the usual deck: five across, three down."""
_KINDS = ("press", "toggle", "choice")


def table(pages: Sequence[Page], host: str, port: int, heard_on: int) -> str:
    """Markdown."""
    rows = [line for page in pages if (buttons := _buttons(page)) for line in _page(page.name, buttons)]
    return "\n".join((*_head(host, port, heard_on), *rows, ""))


def _head(host: str, port: int, heard_on: int) -> Iterator[str]:
    yield "# A Stream Deck for this stage\n"
    yield "Made by `cyc control layout`. In Bitfocus Companion add the connection *OSC: Generic*:\n"
    yield f"- Target IP `{host}`, target port `{port}`, protocol UDP.\n- Listen for feedback: on, port `{heard_on}`.\n"
    yield "Then make these buttons. The feedback changes a button's colour; it is what the stage says, not what was"
    yield "pressed. A step after `/` is a second step of the same button: Companion goes from one to the other."


def _page(name: str, buttons: Sequence[Widget]) -> Iterator[str]:
    yield f"\n## {name}\n\n| key | text | action | path | value | feedback: integer |\n|---:|---|---|---|---|---|"
    for index, widget in enumerate(buttons):
        key = f"{index // KEYS + 1}/{index % KEYS + 1}" if len(buttons) > KEYS else str(index + 1)
        action, value = _action(widget)
        lit = {"toggle": f"`{widget.address}` = 1", "press": _LAMPS.get(widget.address, "")}.get(widget.kind, "")
        yield f"| {key} | {widget.label} | {action} | `{widget.address}` | {value} | {lit} |"


_LAMPS = {"/cyc/take/start": "`/cyc/take/recording` = 1", "/cyc/scene/hour/own": "`/cyc/scene/hour/own` = 1"}


def _action(widget: Widget) -> tuple[str, str]:
    match widget.kind:
        case "toggle":
            return "Send integer", "`1` / `0`"
        case "choice" if widget.sends:
            return "Send string", f"`{widget.sends}`"
        case _:
            return "Send message without arguments", ""


def _buttons(page: Page) -> list[Widget]:
    return [widget for widget in page.widgets if widget.kind in _KINDS]
