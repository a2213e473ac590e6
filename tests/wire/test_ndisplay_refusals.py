"""`.ndisplay` files that are wrong: said with their path, or read, and nothing else."""

import json
import random

import pytest

from bridge import stage_file
from bridge.stage_text import toml_of
from bridge.wire.ndisplay import decode, encode
from bridge.wire.ndisplay_walls import stage_of
from bridge.wire.refusal import Refused
from tests.wire.ndisplay_samples import FILES, sample

SCREENS = "nDisplay.scene.screens"
BAD: list[tuple[str, str, str, str]] = [
    ('"version": "5.00"', '"version": "4.26"', "version", "nDisplay.version: expected 4.27 or 5.x, got '4.26'"),
    ('"version": "5.00",', "", "field", "nDisplay.version: is missing"),
    ('"width": 350', '"width": "wide"', "field", f'{SCREENS}.banner.size.width: expected a number, got "wide"'),
    ('"width": 350', '"width": -1', "field", f"{SCREENS}.banner.size.width: expected a number above 0, got -1"),
    ('"width": 350', '"width": true', "field", f"{SCREENS}.banner.size.width: expected a number, got true"),
    (
        '"width": 350',
        '"width": 1e15',
        "field",
        f"{SCREENS}.banner.size.width: expected a number, got 1000000000000000.0",
    ),
    ('"yaw": -33, ', "", "field", f"{SCREENS}.banner.rotation.yaw: is missing"),
    (
        '"parentId": "rig"',
        '"parentId": "crane"',
        "field",
        f"{SCREENS}.banner.parentId: expected an xform or a camera of this file, got 'crane'",
    ),
    (
        '"parentId": "rig"',
        '"parentId": "wing"',
        "field",
        f"{SCREENS}.banner.parentId: expected an xform or a camera, got the screen 'wing', whose size scales",
    ),
    (
        '"studio": {"parentId": ""',
        '"studio": {"parentId": "rig"',
        "field",
        "nDisplay.scene.xforms.studio.parentId: goes round in a circle: studio in rig in studio",
    ),
    (
        '"id": "node_1"',
        '"id": "node_9"',
        "field",
        "nDisplay.cluster.primaryNode.id: expected one of the nodes (node_1), got 'node_9'",
    ),
    ('"primaryNode"', '"masterNode"', "field", "nDisplay.cluster.primaryNode: is missing"),
    (
        '"w": 1344',
        '"w": 0',
        "field",
        "nDisplay.cluster.nodes.node_1.viewports.vp_banner.region.w: expected a whole number from 1 to 65536, got 0",
    ),
    (
        '{"screen": "banner"}',
        '{"scren": "banner"}',
        "field",
        "nDisplay.cluster.nodes.node_1.viewports.vp_banner.projectionPolicy.parameters.screen: is missing",
    ),
    ('"wing": {"size"', '"banner": {"size"', "field", "the key 'banner' stands twice in one object"),
    ('"width": 350', '"width": NaN', "encoding", "is not JSON: NaN"),
    (
        '"oversize": true',
        '"oversize": 1e999',
        "encoding",
        "is not JSON that can be read: Out of range float values are not JSON compliant",
    ),
    ('"failover": {', '"failover": ', "encoding", "line 28: is not JSON: Expecting ',' delimiter"),
]


@pytest.mark.parametrize(("old", "new", "kind", "text"), BAD, ids=[text[-40:] for *_, text in BAD])
def test_what_is_wrong_is_said_with_its_path(old: str, new: str, kind: str, text: str) -> None:
    whole = sample("volume_500").decode()
    assert old in whole
    with pytest.raises(Refused) as caught:
        decode(whole.replace(old, new, 1).encode())
    assert (caught.value.kind, str(caught.value)) == (kind, text)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xff\xfe\x00", "is neither UTF-8 nor UTF-16 text: truncated data"),
        (b"[1]", "the file: expected an object, got [1]"),
        (b"{}", "nDisplay: is missing"),
        (b"", "line 1: is not JSON: Expecting value"),
        (
            b'#####\n[info] version="23"\n',
            "a text .cfg from before 4.26: import it into Unreal 4.27, and export it from there",
        ),
    ],
)
def test_what_is_no_such_file_is_said(data: bytes, text: str) -> None:
    with pytest.raises(Refused) as caught:
        decode(data)
    assert str(caught.value) == text


def test_a_file_without_screens_names_the_asset_that_has_them() -> None:
    document = json.loads(sample("cave_427"))
    del document["nDisplay"]["scene"]  # as 4.27 exports where the asset has the scene
    cluster = decode(json.dumps(document).encode())
    assert json.loads(encode(cluster)) == document
    with pytest.raises(Refused) as caught:
        stage_of(cluster, "x")
    assert str(caught.value) == (
        "nDisplay.scene.screens: expected at least one screen, this file has none; "
        "they are in the asset /Game/Stage/NDC_Cave.NDC_Cave"
    )


def test_damaged_files_are_refused_or_read_and_nothing_else() -> None:
    dice, read = random.Random(7), 0
    for turn in range(1500):
        data = bytearray(sample(FILES[turn % 2]))
        for _ in range(dice.randint(1, 3)):
            at = dice.randrange(len(data))
            data[at : at + dice.randint(0, 4)] = bytes(dice.choices(b'{}[]",:0-9e\xff\x00\\un', k=dice.randint(0, 3)))
        try:
            cluster = decode(bytes(data))
            assert encode(decode(encode(cluster))) == encode(cluster)
            stage, notes = stage_of(cluster, "x")
            assert stage_file.parse(toml_of(stage, notes)) == stage
            read += 1
        except Refused:
            pass
    assert 100 < read < 1400
    with pytest.raises(Refused, match="is not JSON that can be read"):
        decode(b"[" * 200_000)
