"""A layout for TouchOSC (the one of 2021 and later): XML, packed by zlib, as its editor saves `.tosc` files.

TouchOSC cannot ask twice, so what is guarded is shown here and not sent: restart a service from elsewhere.
"""

import uuid
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Sequence

from bridge.control.pages import COLUMNS, ROWS, Page, Place, Widget

WIDTH_PX, HEIGHT_PX, TABS_PX, CAPTION_PX, GAP_PX = 1024, 768, 48, 18, 4
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "cyclorama/touchosc")
_INK, _GREY, _BACK = (1.0, 1.0, 1.0, 1.0), (0.25, 0.25, 0.28, 1.0), (0.07, 0.07, 0.08, 1.0)
_COLOURS = {
    "press": (0.20, 0.45, 0.70, 1.0),
    "choice": (0.30, 0.38, 0.50, 1.0),
    "toggle": (0.85, 0.60, 0.15, 1.0),
    "fader": (0.25, 0.60, 0.45, 1.0),
    "lamp": (0.88, 0.22, 0.17, 1.0),
}
_TAB_COLOURS = {"tabColorOff": _GREY, "tabColorOn": _BACK, "textColorOff": _INK, "textColorOn": _INK}
_KEEPS, _LETS_GO = 2, 0  # a button's types: it changes when it is pressed; it is on while it is pressed
Colour = tuple[float, float, float, float]
Box = tuple[int, int, int, int]


def layout(pages: Sequence[Page]) -> bytes:
    """The file."""
    return zlib.compress(document(pages))


def document(pages: Sequence[Page]) -> bytes:
    """The XML inside."""
    root = ET.Element("lexml", version="3")
    whole = _node(root, "GROUP", "Cyclorama", (0, 0, WIDTH_PX, HEIGHT_PX), _BACK, "root")
    pager = _node(_children(whole), "PAGER", "pages", (0, 0, WIDTH_PX, HEIGHT_PX), _BACK, "pager")
    for key, number in (("tabbarSize", TABS_PX), ("textSizeOff", 16), ("textSizeOn", 16)):
        _property(pager, "i", key, str(number))
    for key in ("tabLabels", "tabbar"):
        _property(pager, "b", key, "1")
    _value(pager, "page", "0")
    inside = _children(pager)
    for number, page in enumerate(pages):
        sheet = _node(inside, "GROUP", page.name, (0, TABS_PX, WIDTH_PX, HEIGHT_PX - TABS_PX), _BACK, f"page {number}")
        _property(sheet, "s", "tabLabel", page.name)
        for key, colour in (
            ("tabColorOff", _GREY),
            ("tabColorOn", _BACK),
            ("textColorOff", _INK),
            ("textColorOn", _INK),
        ):
            _colour(sheet, key, colour)
        widgets = _children(sheet)
        for index, widget in enumerate(page.widgets):
            _widget(widgets, widget, f"{number} {index}")
    ET.indent(root, "")
    return ET.tostring(root, encoding="UTF-8", xml_declaration=True)


def _widget(into: ET.Element, widget: Widget, name: str) -> None:
    box = _box(widget.place)
    if widget.kind in ("press", "choice", "toggle"):
        if not (widget.guarded and widget.kind == "press"):
            _button(into, widget, box, name)
            _label(into, widget.label, box, f"{name} caption", size=18)
        return
    x, y, width, height = box
    _label(into, widget.label, (x, y, width, CAPTION_PX), f"{name} caption", size=12)
    below = (x, y + CAPTION_PX, width, height - CAPTION_PX)
    match widget.kind:
        case "fader":
            fader = _node(into, "FADER", widget.label, below, _COLOURS["fader"], name)
            _value(fader, "x", "0")
            assert widget.span and widget.span.most_unit is not None
            _message(fader, widget.address, "x", "FLOAT", (widget.span.least_unit, widget.span.most_unit))
        case "lamp":
            lamp = _node(into, "BUTTON", widget.label, below, _COLOURS["lamp"], name, interactive=False)
            _value(lamp, "x", "0")
            _message(lamp, widget.address, "x", "FLOAT", send=False)
        case "entry":
            entry = _node(into, "TEXT", widget.label, below, _GREY, name)
            _text(entry, 20)
            _value(entry, "text", "")
            _message(entry, widget.address, "text", "STRING")
        case _:
            shown = _label(into, "", below, name, size=20)
            _message(shown, widget.address, "text", "STRING", send=False)


def _button(into: ET.Element, widget: Widget, box: Box, name: str) -> None:
    button = _node(into, "BUTTON", widget.label, box, _COLOURS[widget.kind], name)
    _property(button, "i", "buttonType", str(_KEEPS if widget.kind == "toggle" else _LETS_GO))
    for key in ("press", "release"):
        _property(button, "b", key, "1")
    _value(button, "x", "0")
    if widget.kind == "choice":
        _message(button, widget.address, widget.sends, "STRING", receive=False, constant=True)
    else:
        _message(button, widget.address, "x", "FLOAT", receive=widget.kind == "toggle")


def _label(into: ET.Element, text: str, box: Box, name: str, *, size: int) -> ET.Element:
    label = _node(into, "LABEL", text or name, box, (0.0, 0.0, 0.0, 0.0), name, interactive=False)
    _text(label, size)
    _value(label, "text", text)
    return label


def _text(node: ET.Element, size: int) -> None:
    _property(node, "i", "textSize", str(size))
    _property(node, "i", "textAlignH", "2")
    _colour(node, "textColor", _INK)


def _message(
    node: ET.Element,
    address: str,
    variable: str,
    conversion: str,
    scale: tuple[float, float] = (0.0, 1.0),
    *,
    send: bool = True,
    receive: bool = True,
    constant: bool = False,
) -> None:
    """One OSC message: when it is sent, to which address, and what it carries. `constant` is sent as it goes down."""
    osc = ET.SubElement(_part(node, "messages"), "osc")
    flags = (("enabled", True), ("send", send), ("receive", receive), ("feedback", False))
    for tag, on in flags:
        ET.SubElement(osc, tag).text = str(int(on))
    ET.SubElement(osc, "connections").text = "00001"
    trigger = ET.SubElement(ET.SubElement(osc, "triggers"), "trigger")
    ET.SubElement(trigger, "var").text = "x" if constant else variable
    ET.SubElement(trigger, "condition").text = "RISE" if constant else "ANY"
    _partial(ET.SubElement(osc, "path"), "CONSTANT", "STRING", address, (0.0, 1.0))
    _partial(ET.SubElement(osc, "arguments"), "CONSTANT" if constant else "VALUE", conversion, variable, scale)


def _partial(into: ET.Element, kind: str, conversion: str, value: str, scale: tuple[float, float]) -> None:
    partial = ET.SubElement(into, "partial")
    low, high = scale
    for tag, text in (("type", kind), ("conversion", conversion), ("value", value)):
        ET.SubElement(partial, tag).text = text
    ET.SubElement(partial, "scaleMin").text, ET.SubElement(partial, "scaleMax").text = f"{low:g}", f"{high:g}"


def _node(
    into: ET.Element, kind: str, name: str, box: Box, colour: Colour, key: str, *, interactive: bool = True
) -> ET.Element:
    """The same `key` has the same id in every file: a layout made again differs only where the stage does."""
    node = ET.SubElement(into, "node", ID=str(uuid.uuid5(_NAMESPACE, f"{kind} {key}")), type=kind)
    _property(node, "s", "name", name)
    frame = ET.SubElement(_keyed(node, "r", "frame"), "value")
    for tag, number in zip("xywh", box, strict=True):
        ET.SubElement(frame, tag).text = str(number)
    _colour(node, "color", colour)
    _property(node, "b", "interactive", str(int(interactive and kind != "GROUP")))
    for key_on in ("background", "visible"):
        _property(node, "b", key_on, "1")
    _property(node, "b", "outline", "0")
    _value(node, "touch", "false")
    return node


def _property(node: ET.Element, kind: str, key: str, text: str) -> None:
    ET.SubElement(_keyed(node, kind, key), "value").text = text


def _colour(node: ET.Element, key: str, colour: Colour) -> None:
    value = ET.SubElement(_keyed(node, "c", key), "value")
    for tag, part in zip("rgba", colour, strict=True):
        ET.SubElement(value, tag).text = f"{part:g}"


def _keyed(node: ET.Element, kind: str, key: str) -> ET.Element:
    made = ET.SubElement(_part(node, "properties"), "property", type=kind)
    ET.SubElement(made, "key").text = key
    return made


def _value(node: ET.Element, key: str, default: str) -> None:
    value = ET.SubElement(_part(node, "values"), "value")
    for tag, text in (("key", key), ("locked", "0"), ("lockedDefaultCurrent", "0"), ("default", default)):
        ET.SubElement(value, tag).text = text
    ET.SubElement(value, "defaultPull").text = "0"


def _children(node: ET.Element) -> ET.Element:
    return _part(node, "children")


def _part(node: ET.Element, name: str) -> ET.Element:
    found = node.find(name)
    return ET.SubElement(node, name) if found is None else found


def _box(place: Place) -> Box:
    x, y, width, height = place
    left, top = x * WIDTH_PX // COLUMNS, y * (HEIGHT_PX - TABS_PX) // ROWS
    right, bottom = (x + width) * WIDTH_PX // COLUMNS, (y + height) * (HEIGHT_PX - TABS_PX) // ROWS
    return left, top, right - left - GAP_PX, bottom - top - GAP_PX
