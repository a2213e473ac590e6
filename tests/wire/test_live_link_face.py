"""Live Link Face v6 against hand-made vectors and 3660 packets recorded from another program."""

import gzip
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.wire.live_link_face import VALUES, LiveLinkFace, decode, encode
from bridge.wire.refusal import Refused

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "live_link_face.json").read_text(encoding="utf-8"))
RECORDED = Path(__file__).parents[3] / "shared" / "data" / "live_link_face" / "all_blendshapes.gesichter"


def face_of(vector: dict[str, Any]) -> LiveLinkFace:
    fields = {name: vector[name] for name in LiveLinkFace.__struct_fields__}
    return LiveLinkFace(**{**fields, "values_unit": tuple(fields["values_unit"])})


@pytest.mark.parametrize("vector", VECTORS["packets"], ids=lambda vector: vector["name"])
def test_vectors_both_ways(vector: dict[str, Any]) -> None:
    assert decode(bytes.fromhex(vector["hex"])) == face_of(vector)
    assert encode(face_of(vector)).hex() == vector["hex"]


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_what_is_wrong_is_refused_by_name(vector: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        decode(bytes.fromhex(vector["hex"]))
    assert refused.value.kind == vector["kind"]


@given(st.integers(0, 240))
def test_every_truncation_is_refused_or_is_the_packet_without_a_face(cut: int) -> None:
    whole = bytes.fromhex(VECTORS["packets"][0]["hex"])
    try:
        assert decode(whole[:-cut] if cut else whole).frame == VECTORS["packets"][0]["frame"]
        assert cut == 0
    except Refused as refused:
        assert refused.kind == "length" and cut


def test_the_face_may_be_missing() -> None:
    whole = bytes.fromhex(VECTORS["packets"][0]["hex"])
    assert decode(whole[: -1 - 4 * len(VALUES)]).values_unit == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"device": ""}, "device: expected 1 to 256 bytes, got 0"),
        ({"values_unit": (0.0,) * 60}, "values: expected 61 or none, got 60"),
        ({"values_unit": (float("inf"),) * 61}, "values: a number that is not finite"),
        ({"frame": 1 << 31}, "frame 2147483648, rate 60/1: "),
    ],
)
def test_what_it_cannot_say_is_named(change: dict[str, Any], said: str) -> None:
    face = LiveLinkFace(**{"device": "C", "subject": "x", "frame": 0, **change})
    with pytest.raises(ValueError, match="^" + said.split("(")[0]):
        encode(face)


@pytest.mark.data
@pytest.mark.skipif(not RECORDED.exists(), reason="no ../shared/data here: recorded Live Link Face packets not read")
def test_recorded_packets_read_and_write_to_the_same_bytes() -> None:
    """The recording drives each value in turn from -1 to 1: the highest one walks through Apple's order."""
    order: list[str] = []
    count = 0
    for packet in recorded():
        face = decode(packet)
        assert encode(face) == packet
        count += 1
        top = max(range(len(VALUES)), key=lambda index: face.values_unit[index])
        if face.values_unit[top] > 0.99 and VALUES[top] not in order[-1:]:
            order.append(VALUES[top])
    assert count == 3660
    assert len(set(order)) == len(VALUES)
    assert list(dict.fromkeys(order)) == list(VALUES)


def recorded() -> Iterator[bytes]:
    data = gzip.decompress(RECORDED.read_bytes())
    at = 5
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 4 + size]
        at += 4 + size
