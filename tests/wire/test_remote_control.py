"""Remote Control's messages against Epic's documented shapes, and damaged ones: only Refused goes out."""

import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.wire import remote_control as rc
from bridge.wire.refusal import Refused

SAID = json.loads((Path(__file__).parents[1] / "vectors" / "remote_control.json").read_text(encoding="utf-8"))
BODIES, FRAMES = SAID["bodies"], SAID["frames"]
CAM, MINE = "/Game/Maps/M.M:PersistentLevel.Cam", "My Preset"
MOVE = {"NewLocation": {"X": 100, "Y": 0, "Z": 30}, "bSweep": True}
BUILT = {
    "info": rc.info(),
    "presets": rc.presets(),
    "preset": rc.preset(MINE),
    "get_field": rc.get_field(MINE, "Sun/Moon ü"),
    "set_field": rc.set_field(MINE, "Directional Light Rotation", {"Pitch": 12.5, "Yaw": 0, "Roll": 0}),
    "call_exposed": rc.call_exposed(MINE, "Print Text", {"InText": "Hello"}),
    "call": rc.call("/Game/Maps/M.M:PersistentLevel.Cube_5", "SetActorLocation", MOVE),
    "read": rc.read(CAM, "CameraSettings.bEnable"),
    "write": rc.write(CAM, "CameraSettings.bEnable", False),
    "describe": rc.describe(CAM),
    "search_assets": rc.search_assets("Desert"),
    "batch": rc.batch([rc.info(), rc.describe(CAM)]),
}


@pytest.mark.parametrize("said", SAID["asks"], ids=lambda said: said["what"])
def test_requests_are_as_documented(said: dict[str, Any]) -> None:
    ask = BUILT[said["what"]]
    assert (ask.verb, ask.path, ask.body) == (said["verb"], said["path"], said["body"])
    assert (json.loads(rc.body_bytes(ask)) if ask.body else None) == said["body"]
    message = json.loads(rc.over_websocket(ask, 7))
    body = {} if said["body"] is None else {"Body": said["body"]}
    parameters = {"Url": said["path"], "Verb": said["verb"], "RequestId": 7, **body}
    assert message == {"MessageName": "http", "Id": 7, "Parameters": parameters}


def test_presets_are_registered_as_documented() -> None:
    for name, build in (("preset.register", rc.register), ("preset.unregister", rc.unregister)):
        said = json.loads(build("MyPreset", 3))
        assert said == {"MessageName": name, "Id": 3, "Parameters": {"PresetName": "MyPreset"}}


def test_answers_are_read() -> None:
    routes = rc.routes_of(BODIES["info"])
    assert routes[0][:2] == ("Get", "/remote/info")
    assert rc.presets_of(BODIES["presets"]) == (rc.PresetName("MyPreset", "/Game/Presets/MyPreset.MyPreset"),)
    properties = {"Directional Light Rotation": "FRotator", "Fog": "float"}
    assert rc.preset_of(BODIES["preset"]) == rc.Preset("MyPreset", properties, ("Print Text",))
    assert rc.field_of(BODIES["field"]) == {"Pitch": -45.9, "Yaw": 0.0, "Roll": 0.0}
    assert rc.property_of({"bEnable": True}, "CameraSettings.bEnable") is True
    first, second, third = rc.batch_of(BODIES["batch"], 3)
    assert (first.status, second.fault) == (200, "Preset X could not be found.")
    assert third.fault == "the batch has no answer to this"


def test_errors_say_what_unreal_says() -> None:
    text = "Preset insert_preset_name could not be found."
    assert rc.answer_of(404, json.dumps(BODIES["error"]).encode()).fault == text
    assert rc.answer_of(500, b"<html>oh").fault == "<html>oh"
    assert rc.answer_of(503, b"").fault == "status 503"
    assert rc.answer_of(200, b"") == rc.Answer(200, None)
    assert rc.answer_of(200, "﻿{}".encode()) == rc.Answer(200, {})
    assert len(rc.Answer(400, {"errorMessage": "x" * 9999}).fault) == 300
    with pytest.raises(Refused, match="line 1: is not JSON"):
        rc.answer_of(200, b"<html>")


@pytest.mark.parametrize("binary", [False, True])
def test_frames_are_read_as_text_and_as_bytes(binary: bool) -> None:
    def heard(name: str) -> rc.Heard:
        text = json.dumps(FRAMES[name], ensure_ascii=False)
        return rc.heard(text.encode() if binary else text)

    assert heard("reply") == rc.Reply(rc.NO_ID, rc.Answer(200, {"StreamingDistanceMultiplier": 1}))
    values = {"Relative Rotation (Sun)": {"Pitch": 1, "Yaw": 2, "Roll": 3}, "Fog": 0.25}
    assert heard("changed") == rc.FieldsChanged("MyPreset", values)
    assert heard("added") == rc.PresetEvent("PresetFieldsAdded", "MyPreset")
    assert heard("renamed") == rc.PresetEvent("PresetFieldsRenamed", "MyPreset")
    assert heard("actor") == rc.PresetEvent("PresetActorModified", "MyPreset")


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (lambda: rc.presets_of({"Presets": "x"}), 'Presets: expected a list of at most 4096, got "x"'),
        (lambda: rc.presets_of({"Presets": [{}]}), "Presets[0].Name: is missing"),
        (lambda: rc.presets_of(None), "the file: expected an object, got null"),
        (lambda: rc.preset_of({"Preset": {"Name": 3, "Groups": []}}), "Preset.Name: expected text, got 3"),
        (lambda: rc.field_of({"PropertyValues": []}), "PropertyValues: expected at least one, got none"),
        (lambda: rc.object_returned({"ReturnValue": ""}), "ReturnValue: expected the path of an object"),
        (lambda: rc.returned({}), "ReturnValue: is missing"),
        (lambda: rc.heard("[]"), "the file: expected an object, got []"),
        (lambda: rc.heard('{"Kind": 1}'), "expected a reply or an event, got the keys Kind"),
        (lambda: rc.heard(b"\xff\xfe\xfd"), "is neither UTF-8 nor UTF-16 text"),
        (lambda: rc.heard('{"Type": "PresetFieldsChanged", "ChangedFields": {}}'), "ChangedFields: expected a list"),
        (lambda: rc.heard('{"ResponseCode": 1e9}'), "ResponseCode: expected a whole number from 0 to 999"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(read: Callable[[], object], text: str) -> None:
    with pytest.raises(Refused) as refused:
        read()
    assert str(refused.value).startswith(text)


READERS: dict[str, Callable[[Any], object]] = {
    "info": rc.routes_of,
    "presets": rc.presets_of,
    "preset": rc.preset_of,
    "field": rc.field_of,
    "batch": lambda body: rc.batch_of(body, 3),
}


def test_damaged_answers_and_frames_are_read_or_refused_and_nothing_else() -> None:
    """Law: bytes of any kind become a value or one Refused of a known kind."""
    dice, counts = random.Random(11), Counter[str]()
    seeds = [(read, json.dumps(BODIES[name]).encode()) for name, read in READERS.items()]
    seeds += [(None, json.dumps(frame).encode()) for frame in FRAMES.values()]
    for _ in range(8_000):
        read, seed = dice.choice(seeds)
        data = bytearray(seed)
        for _turn in range(dice.randint(1, 4)):
            at = dice.randrange(len(data))
            data[at : at + dice.randint(0, 6)] = bytes(
                dice.choices(b'{}[]",:0-9e\xff\x00\\unull', k=dice.randint(0, 4))
            )
        try:
            if read:
                answer = rc.answer_of(dice.choice((200, 400)), bytes(data))
                answer.fault or read(answer.body)
            else:
                rc.heard(bytes(data) if dice.random() < 0.5 else data.decode(errors="surrogateescape"))
            counts["read"] += 1
        except Refused as refused:
            counts[refused.kind] += 1
    assert set(counts) == {"read", "encoding", "field", "type"}
    assert min(counts.values()) > 20
