"""OSC 1.0 against the specification's own bytes and python-osc, both ways."""

import json
import math
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle as PeerBundle
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message import OscMessage as PeerMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.wire.osc import DEEPEST, IMMEDIATELY, OscBundle, OscMessage, OscPacket, decode, encode, message
from bridge.wire.refusal import Refused

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "osc.json").read_text(encoding="utf-8"))

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
arguments = st.one_of(
    st.tuples(st.just("i"), st.integers(-(1 << 31), (1 << 31) - 1)),
    st.tuples(st.just("h"), st.integers(-(1 << 63), (1 << 63) - 1)),
    st.tuples(st.just("f"), st.floats(width=32, allow_nan=False)),
    st.tuples(st.just("d"), st.floats(allow_nan=False)),
    st.tuples(st.just("s"), texts),
    st.tuples(st.just("b"), st.binary(max_size=20)),
    st.sampled_from([("T", True), ("F", False), ("N", None)]),
)
timed = st.tuples(st.just("t"), st.integers(0, (1 << 64) - 1))


def said(address: str, arguments: list[tuple[str, Any]]) -> OscMessage:
    return OscMessage("/" + address, "".join(tag for tag, _ in arguments), tuple(value for _, value in arguments))


messages = st.builds(said, texts, st.lists(st.one_of(arguments, timed), max_size=6))
bundles = st.recursive(
    st.builds(OscBundle, st.just(IMMEDIATELY), st.lists(messages, max_size=3).map(tuple)),
    lambda inner: st.builds(
        OscBundle, st.just(IMMEDIATELY), st.lists(st.one_of(messages, inner), max_size=3).map(tuple)
    ),
    max_leaves=DEEPEST - 1,
)


def packet_of(vector: dict[str, Any]) -> OscPacket:
    if "address" not in vector:
        return OscBundle(vector["time_tag"], tuple(packet_of(element) for element in vector["elements"]))
    values = tuple(bytes.fromhex(value["hex"]) if isinstance(value, dict) else value for value in vector["values"])
    return OscMessage(vector["address"], vector["tags"], values)


@pytest.mark.parametrize("vector", VECTORS["packets"], ids=lambda vector: vector["name"])
def test_vectors_both_ways(vector: dict[str, Any]) -> None:
    assert decode(bytes.fromhex(vector["hex"])) == packet_of(vector["packet"])
    assert encode(packet_of(vector["packet"])).hex() == vector["hex"]


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_what_is_wrong_is_refused_by_name(vector: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        decode(bytes.fromhex(vector["hex"]))
    assert refused.value.kind == vector["kind"]
    assert str(refused.value).startswith("OSC")


def test_a_refusal_says_what_would_work() -> None:
    with pytest.raises(Refused, match=r"^OSC: unknown argument type 'Q'; known are i f s b h d t T F N$"):
        decode(b"/a\0\0,Q\0\0")


def test_old_senders_leave_empty_type_tags_out() -> None:
    assert decode(b"/go\0") == OscMessage("/go")


def test_tags_follow_from_values() -> None:
    assert message("/a", 1, -1 << 31, 1 << 31, 0.5, "x", b"y", True, False, None).tags == "iihfsbTFN"


@pytest.mark.parametrize(
    ("packet", "text"),
    [
        (OscMessage("a"), "expected it to start with '/'"),
        (OscMessage("/a", "ii", (1,)), "OSC /a: 2 type tags for 1 values"),
        (OscMessage("/a", "i", (1 << 31,)), "type 'i' cannot hold 2147483648"),
        (OscMessage("/a", "i", (0.5,)), "type 'i' cannot hold 0.5"),
        (OscMessage("/a", "f", (1e39,)), r"type 'f' cannot hold 1e\+39"),
        (OscMessage("/a", "t", (-1,)), "type 't' cannot hold -1"),
        (OscMessage("/a", "s", (b"x",)), "type 's' cannot hold b'x'"),
        (OscMessage("/a", "T", (False,)), "type 'T' cannot hold False"),
        (OscMessage("/a", "Q", (1,)), "type 'Q' cannot hold 1; known types are"),
        (OscMessage("/a", "s", ("a\0b",)), "cannot hold a zero byte"),
        (OscBundle(1 << 64), "type 't' cannot hold"),
        (OscBundle(6, (OscBundle(5),)), "bundle of 0x5 within a later one, 0x6"),
        (OscBundle(6, (OscBundle(1, (OscBundle(5),)),)), "bundle of 0x5 within a later one, 0x6"),
    ],
)
def test_what_cannot_be_said_is_named(packet: OscPacket, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        encode(packet)


def test_bundles_go_as_deep_as_they_are_read() -> None:
    nested = OscBundle(IMMEDIATELY)
    for _ in range(DEEPEST - 1):
        nested = OscBundle(IMMEDIATELY, (nested,))
    assert decode(encode(nested)) == nested
    with pytest.raises(ValueError, match="at most 8 deep"):
        encode(OscBundle(IMMEDIATELY, (nested,)))


@given(st.one_of(messages, bundles))
def test_every_packet_comes_back(packet: OscPacket) -> None:
    data = encode(packet)
    assert len(data) % 4 == 0
    assert decode(data) == packet


@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_a_float_is_the_nearest_of_32_bits(value: float) -> None:
    try:
        back = decode(encode(OscMessage("/f", "f", (value,))))
    except ValueError:
        assert abs(value) > 3.4e38
    else:
        assert isinstance(back, OscMessage)
        assert back.values == struct.unpack(">f", struct.pack(">f", value))


def test_not_a_number_passes() -> None:
    back = decode(encode(message("/f", math.nan)))
    assert isinstance(back, OscMessage)
    assert isinstance(back.values[0], float)
    assert math.isnan(back.values[0])


# --- python-osc as the peer -----------------------------------------------------------------------------------------


@given(texts.map("/".__add__), st.lists(arguments, max_size=6))
def test_the_peer_reads_what_we_write(address: str, arguments: list[tuple[str, Any]]) -> None:
    peer = PeerMessage(encode(said(address[1:], arguments)))
    assert peer.address == address
    assert peer.params == [value for _, value in arguments]


@given(texts.map("/".__add__), st.lists(arguments.filter(lambda pair: pair[1] != b""), max_size=6))
def test_we_read_what_the_peer_writes(address: str, arguments: list[tuple[str, Any]]) -> None:
    builder = OscMessageBuilder(address)
    for tag, value in arguments:
        builder.add_arg(value, tag)
    assert decode(builder.build().dgram) == said(address[1:], arguments)


def test_bundles_with_the_peer_both_ways() -> None:
    inner, outer = OscBundleBuilder(0), OscBundleBuilder(0)  # 0: at once
    for builder, address in ((inner, "/inner"), (outer, "/outer")):
        said_by_peer = OscMessageBuilder(address)
        said_by_peer.add_arg(7)
        builder.add_content(said_by_peer.build())
    outer.add_content(inner.build())
    ours = OscBundle(IMMEDIATELY, (message("/outer", 7), OscBundle(IMMEDIATELY, (message("/inner", 7),))))
    assert decode(outer.build().dgram) == ours
    peer = PeerBundle(encode(ours))
    assert (peer.num_contents, peer.content(0).params, peer.content(1).content(0).address) == (2, [7], "/inner")


def test_a_time_tag_agrees_with_the_peers_clock() -> None:
    ours = OscBundle((2_208_988_800 + 1_700_000_000) << 32 | 1 << 31, (message("/a"),))
    assert PeerBundle(encode(ours)).timestamp == pytest.approx(1_700_000_000.5, abs=1e-6)
