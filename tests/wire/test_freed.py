"""FreeD D1 against captured packets, made ones and the ends of its ranges."""

import json
import math
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.frames import quat_angle_rad, quat_from_pan_tilt_roll
from bridge.messages import LensState, TrackerSample
from bridge.wire.freed import PROFILES, FreeDPacket, decode, encode, from_pose, spare_of, split, to_sample
from bridge.wire.refusal import Refused

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "freed.json").read_text(encoding="utf-8"))
REAL = bytes.fromhex(VECTORS["packets"][0]["hex"])
FIELDS = ("camera_id", "pan_deg", "tilt_deg", "roll_deg", "zoom", "focus", "spare")

signed = st.integers(-(1 << 23), (1 << 23) - 1)
unsigned = st.integers(0, (1 << 24) - 1)
angle = signed.map(lambda counts: counts / 32768)
length = signed.map(lambda counts: counts / 64)
packets = st.builds(
    FreeDPacket,
    camera_id=st.integers(0, 255),
    pan_deg=angle,
    tilt_deg=angle,
    roll_deg=angle,
    position_mm=st.tuples(length, length, length),
    zoom=unsigned,
    focus=unsigned,
    spare=st.integers(0, 65535),
)


def packet_of(vector: dict[str, Any]) -> FreeDPacket:
    x, y, z = vector["position_mm"]
    return FreeDPacket(position_mm=(x, y, z), **{field: vector[field] for field in FIELDS})


@pytest.mark.parametrize("vector", VECTORS["packets"], ids=lambda vector: vector["name"])
def test_vectors_both_ways(vector: dict[str, Any]) -> None:
    assert decode(bytes.fromhex(vector["hex"])) == packet_of(vector)
    assert encode(packet_of(vector)).hex() == vector["hex"]


def test_the_captured_packets_say_what_their_camera_did() -> None:
    first, second = (packet_of(vector) for vector in VECTORS["packets"][:2])
    assert (first.pan_deg, first.tilt_deg) == pytest.approx((-65.05731, 0.5619812), abs=5e-6)
    assert (second.pan_deg, second.tilt_deg) == pytest.approx((67.19409, -0.1595459), abs=5e-6)


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_what_is_wrong_is_refused_by_name(vector: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        decode(bytes.fromhex(vector["hex"]))
    assert refused.value.kind == vector["kind"]


def test_a_refusal_says_expected_and_got() -> None:
    with pytest.raises(Refused, match=r"^FreeD checksum 0x13, expected 0x12$"):
        decode(REAL[:-1] + b"\x13")
    with pytest.raises(Refused, match=r"^FreeD D1 is 29 bytes, got 28$"):
        decode(REAL[:-1])


@pytest.mark.parametrize("vector", VECTORS["unencodable"], ids=lambda vector: f"{vector['field']}={vector['value']}")
def test_what_does_not_fit_is_named(vector: dict[str, Any]) -> None:
    value = vector["value"]
    changed = {**VECTORS["packets"][0], vector["field"]: tuple(value) if isinstance(value, list) else value}
    with pytest.raises(ValueError) as error:
        encode(packet_of(changed))
    assert str(error.value) == vector["error"]


@pytest.mark.parametrize("vector", VECTORS["spare"], ids=lambda vector: f"{vector['profile']}-{vector['spare']:04x}")
def test_what_the_spare_field_means_to_a_vendor(vector: dict[str, Any]) -> None:
    assert spare_of(vector["profile"], vector["spare"]) == (vector["iris"], vector["frame"], vector["status"])


def test_the_vectors_cover_every_profile() -> None:
    assert {vector["profile"] for vector in VECTORS["spare"]} == set(PROFILES)


def sample_of(profile: str, **changes: Any) -> TrackerSample:
    packet = msgspec.structs.replace(decode(REAL), **changes)
    return to_sample(packet, subject="a", profile=profile, t_arrival_ns=0, latency_s=0.0, sender="")


def test_z_cam_knows_its_lens() -> None:
    """Focal length in 1/100 mm, focus in 1/10 mm, F in 1/100, and what reads 0 is not known."""
    sample = sample_of("zcam", zoom=3500, focus=23_450, spare=0x9000 | 280)
    assert sample.lens == LensState(focal_length_mm=35.0, focus_distance_m=2.345, f_number_unit=2.8)
    assert (sample.zoom_raw_unit, sample.focus_raw_unit, sample.iris_raw_unit, sample.sequence) == (
        3500,
        23_450,
        280,
        9,
    )
    assert sample_of("zcam", zoom=3500, focus=0, spare=0).lens == LensState(focal_length_mm=35.0)
    assert sample_of("zcam", zoom=0).lens is None
    assert sample_of("sony", zoom=3500).lens is None


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_what_is_no_number_is_named(value: float) -> None:
    with pytest.raises(ValueError, match=r"^FreeD tilt_deg: -?(inf|nan) counts do not fit in 24 signed bits$"):
        encode(msgspec.structs.replace(decode(REAL), tilt_deg=value))
    with pytest.raises(ValueError, match=r"^FreeD position_mm\[2\]: "):
        encode(msgspec.structs.replace(decode(REAL), position_mm=(0.0, 0.0, value)))


def test_several_messages_in_one_datagram() -> None:
    other = bytes.fromhex(VECTORS["packets"][1]["hex"])
    assert split(REAL) == [REAL]
    assert split(REAL + other + REAL) == [REAL, other, REAL]
    for odd in (b"", REAL + other[:-1], REAL[1:]):
        with pytest.raises(Refused, match="FreeD D1 is 29 bytes"):
            split(odd)


@given(packets)
def test_every_packet_comes_back(packet: FreeDPacket) -> None:
    data = encode(packet)
    assert sum(data) % 256 == 0x40
    assert decode(data) == packet


@given(st.binary(min_size=28, max_size=28), st.integers(0, 255))
def test_only_the_right_checksum_is_taken(body: bytes, checksum: int) -> None:
    data = b"\xd1" + body[1:] + bytes((checksum,))
    try:
        assert encode(decode(data)) == data
    except Refused as refused:
        assert refused.kind == "checksum"
        assert (0x40 - sum(data[:28])) % 256 != checksum


def test_pan_changes_sign_on_the_stage() -> None:
    sample = to_sample(
        decode(REAL), subject="ptz", profile="sony", t_arrival_ns=5_000_000_000, latency_s=0.25, sender="10.0.0.1:9"
    )
    assert quat_angle_rad(sample.rotation_wxyz, quat_from_pan_tilt_roll(65.05731, 0.5619812, 0.0)) < 1e-7
    assert sample.t_ns == 4_750_000_000
    assert (sample.sequence, sample.sequence_modulus, sample.iris_raw_unit) == (0xD, 16, 0x1FF)


@given(st.floats(-179, 179), st.floats(-89, 89), st.floats(-179, 179), st.tuples(*[st.floats(-100, 100)] * 3))
def test_a_pose_survives_to_the_nearest_count(
    pan_deg: float, tilt_deg: float, roll_deg: float, position_m: tuple[float, float, float]
) -> None:
    rotation = quat_from_pan_tilt_roll(pan_deg, tilt_deg, roll_deg)
    packet = decode(encode(from_pose(position_m, rotation, camera_id=1, zoom=2, focus=3)))
    sample = to_sample(packet, subject="a", profile="generic", t_arrival_ns=0, latency_s=0.0, sender="")
    assert sample.position_m == pytest.approx(position_m, abs=0.5 / 64e3 + 1e-9)
    assert quat_angle_rad(sample.rotation_wxyz, rotation) < math.radians(2.0 / 32768)
