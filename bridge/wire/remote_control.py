"""Unreal's Remote Control: what to ask over HTTP or WebSocket, and what its answers and events say.

Shapes are those of Epic's HTTP, preset and WebSocket references (4.27 to 5.7), and of its own web application where the
references are silent: a reply over WebSocket repeats `RequestId` of the parameters, and is -1 where none was given; a
member of a struct is named by its path and written under its last name alone. Frames may be text or UTF-8 bytes.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, cast
from urllib.parse import quote

import msgspec

from bridge.wire.json_path import At, Json, json_of, text_of
from bridge.wire.refusal import Refused

Verb = Literal["GET", "PUT"]
NO_ID = -1
_MOST_FIELDS = 4096
_GOOD = range(200, 300)


class Ask(NamedTuple):
    """One request."""

    verb: Verb
    path: str
    body: Json | None = None


class Answer(NamedTuple):
    """One answer: HTTP's status and what came with it; None where nothing did."""

    status: int
    body: Any = None

    @property
    def fault(self) -> str:
        """What Unreal says is wrong; empty where nothing is."""
        if self.status in _GOOD:
            return ""
        body: Any = self.body
        said = cast("Json", body).get("errorMessage") if isinstance(body, dict) else None
        return said[:300] if isinstance(said, str) and said else f"status {self.status}"


class Route(NamedTuple):
    """A route the server offers."""

    verb: str
    path: str
    description: str


class PresetName(NamedTuple):
    """A preset of the project."""

    name: str
    path: str


class Preset(NamedTuple):
    """What a preset exposes: labels, and for properties their C++ type."""

    name: str
    properties: dict[str, str]
    functions: tuple[str, ...]


class Reply(NamedTuple):
    """An answer that came over WebSocket."""

    request_id: int
    answer: Answer


class FieldsChanged(NamedTuple):
    """New values of a followed preset, by label."""

    preset: str
    values: dict[str, Any]


class PresetEvent(NamedTuple):
    """Something else happened to a followed preset: fields added, removed, renamed, or a kind to come."""

    kind: str
    preset: str


Heard = Reply | FieldsChanged | PresetEvent


# --- asking ---------------------------------------------------------------------------------------------------------


def info() -> Ask:
    """Which routes there are."""
    return Ask("GET", "/remote/info")


def presets() -> Ask:
    """Which presets the project has."""
    return Ask("GET", "/remote/presets")


def preset(name: str) -> Ask:
    """What a preset exposes."""
    return Ask("GET", f"/remote/preset/{_spelt(name)}")


def get_field(preset_name: str, label: str) -> Ask:
    """The value of an exposed property."""
    return Ask("GET", f"/remote/preset/{_spelt(preset_name)}/property/{_spelt(label)}")


def set_field(preset_name: str, label: str, value: Any) -> Ask:
    """Set an exposed property; Unreal can undo it, and a multi-user session hears of it."""
    path = f"/remote/preset/{_spelt(preset_name)}/property/{_spelt(label)}"
    return Ask("PUT", path, {"PropertyValue": value, "GenerateTransaction": True})


def call_exposed(preset_name: str, label: str, parameters: Mapping[str, Any]) -> Ask:
    """Call an exposed function."""
    path = f"/remote/preset/{_spelt(preset_name)}/function/{_spelt(label)}"
    return Ask("PUT", path, {"Parameters": dict(parameters), "GenerateTransaction": True})


def call(object_path: str, function: str, parameters: Mapping[str, Any] | None = None) -> Ask:
    """Call a function of any object that Blueprints may call."""
    body = {"objectPath": object_path, "functionName": function, "parameters": dict(parameters or {})}
    return Ask("PUT", "/remote/object/call", {**body, "generateTransaction": False})


def read(object_path: str, name: str) -> Ask:
    """A property of any object; a member of a struct by its path, `CameraSettings.bEnable`."""
    body = {"objectPath": object_path, "propertyName": name, "access": "READ_ACCESS"}
    return Ask("PUT", "/remote/object/property", body)


def write(object_path: str, name: str, value: Any) -> Ask:
    """Set a property of any object, as a transaction."""
    body = {"objectPath": object_path, "propertyName": name, "access": "WRITE_TRANSACTION_ACCESS"}
    return Ask("PUT", "/remote/object/property", {**body, "propertyValue": {leaf(name): value}})


def describe(object_path: str) -> Ask:
    """The properties and functions of an object."""
    return Ask("PUT", "/remote/object/describe", {"objectPath": object_path})


def search_assets(query: str, folder: str = "/Game") -> Ask:
    """Assets by name, in a folder and all below it."""
    body = {"Query": query, "Filter": {"PackagePaths": [folder], "RecursivePaths": True}}
    return Ask("PUT", "/remote/search/assets", body)


def batch(asks: Sequence[Ask]) -> Ask:
    """Several in one; the answers are numbered from 0 in this order. Unreal has crashed on it."""
    listed: list[Json] = []
    for number, ask in enumerate(asks):
        body = {"Body": ask.body} if ask.body is not None else {}
        listed.append({"RequestId": number, "URL": ask.path, "Verb": ask.verb, **body})
    return Ask("PUT", "/remote/batch", {"Requests": listed})


def leaf(name: str) -> str:
    """The last name of a property's path, under which its value stands."""
    return name.rpartition(".")[2]


def body_bytes(ask: Ask) -> bytes:
    """What goes with the request."""
    return b"" if ask.body is None else msgspec.json.encode(ask.body)


def over_websocket(ask: Ask, number: int) -> str:
    """The same request as a WebSocket message."""
    parameters: Json = {"Url": ask.path, "Verb": ask.verb, "RequestId": number}
    if ask.body is not None:
        parameters["Body"] = ask.body
    return _text({"MessageName": "http", "Id": number, "Parameters": parameters})


def register(preset_name: str, number: int) -> str:
    """Hear of a preset's changes from now on."""
    return _text({"MessageName": "preset.register", "Id": number, "Parameters": {"PresetName": preset_name}})


def unregister(preset_name: str, number: int) -> str:
    """Hear of them no more."""
    return _text({"MessageName": "preset.unregister", "Id": number, "Parameters": {"PresetName": preset_name}})


# --- answers --------------------------------------------------------------------------------------------------------


def answer_of(status: int, data: bytes) -> Answer:
    """An HTTP answer. Refused: encoding, where a good one is no JSON; what came with a bad one need not be."""
    try:
        return Answer(status, json_of(text_of(data)) if data.strip() else None)
    except Refused:
        if status in _GOOD:
            raise
        return Answer(status, {"errorMessage": data[:300].decode(errors="replace").strip()})


def routes_of(body: Any) -> tuple[Route, ...]:
    """Of `info`. Refused: field."""
    listed = At(body, "").key("HttpRoutes")
    return tuple(
        Route(at.key("Verb").text(), at.key("Path").text(), _text_or(at, "Description")) for at in _list(listed)
    )


def presets_of(body: Any) -> tuple[PresetName, ...]:
    """Of `presets`. Refused: field."""
    return tuple(PresetName(at.key("Name").text(), _text_or(at, "Path")) for at in _list(At(body, "").key("Presets")))


def preset_of(body: Any) -> Preset:
    """Of `preset`; what it exposes stands in groups. Refused: field."""
    said = At(body, "").key("Preset")
    properties: dict[str, str] = {}
    functions: list[str] = []
    for group in _list(said.key("Groups")):
        for at in _list_or(group, "ExposedProperties"):
            inner = at.key("UnderlyingProperty") if at.has("UnderlyingProperty") else At({}, at.path)
            properties[at.key("DisplayName").text()] = _text_or(inner, "Type")
        functions += [at.key("DisplayName").text() for at in _list_or(group, "ExposedFunctions")]
    return Preset(said.key("Name").text(), properties, tuple(functions))


def field_of(body: Any) -> Any:
    """Of `get_field`: the value in the first object it is exposed of. Refused: field."""
    listed = list(_list(At(body, "").key("PropertyValues")))
    if not listed:
        raise Refused("field", "PropertyValues: expected at least one, got none: its object is not loaded")
    return listed[0].key("PropertyValue").value


def property_of(body: Any, name: str) -> Any:
    """Of `read`. Refused: field."""
    return At(body, "").key(leaf(name)).value


def returned(body: Any) -> Any:
    """What a called function gave back. Refused: field."""
    return At(body, "").key("ReturnValue").value


def object_returned(body: Any) -> str:
    """The path of the object a called function gave back. Refused: field, where it gave none."""
    at = At(body, "").key("ReturnValue")
    if not at.text().startswith("/"):
        at.refuse("the path of an object")
    return at.text()


def batch_of(body: Any, count: int) -> list[Answer]:
    """Of `batch`, in the order asked; an answer that is not there has status 0. Refused: field."""
    answers = [Answer(0, {"errorMessage": "the batch has no answer to this"})] * count
    for at in _list(At(body, "").key("Responses")):
        number = at.key("RequestId").whole(-(2**31), 2**31 - 1)
        if 0 <= number < count:
            answers[number] = _answer_in(at)
    return answers


def heard(data: str | bytes) -> Heard:
    """A WebSocket frame, either kind. Refused: encoding, field, type (neither a reply nor an event)."""
    text = text_of(data) if isinstance(data, bytes) else data
    at = At(json_of(text), "")
    if at.has("ResponseCode"):
        number = at.key("RequestId").whole(-(2**31), 2**31 - 1) if at.has("RequestId") else NO_ID
        return Reply(number, _answer_in(at))
    if not at.has("Type"):
        raise Refused("type", f"expected a reply or an event, got the keys {', '.join(at.object())[:120]}")
    kind, name = at.key("Type").text(), _text_or(at, "PresetName")
    if kind != "PresetFieldsChanged":
        return PresetEvent(kind, name)
    changed = _list(at.key("ChangedFields"))
    return FieldsChanged(name, {c.key("PropertyLabel").text(): c.object().get("PropertyValue") for c in changed})


def _answer_in(at: At) -> Answer:
    return Answer(at.key("ResponseCode").whole(0, 999), at.object().get("ResponseBody"))


def _list(at: At) -> Iterable[At]:
    value: Any = at.value
    if not isinstance(value, list) or len(cast("list[Any]", value)) > _MOST_FIELDS:
        at.refuse(f"a list of at most {_MOST_FIELDS}")
    return (At(item, f"{at.path}[{index}]") for index, item in enumerate(cast("list[Any]", value)))


def _list_or(at: At, name: str) -> Iterable[At]:
    return _list(at.key(name)) if at.has(name) else ()


def _text_or(at: At, name: str) -> str:
    return at.key(name).text() if at.has(name) else ""


def _spelt(name: str) -> str:
    return quote(name, safe="")


def _text(message: Json) -> str:
    return msgspec.json.encode(message).decode()
