"""Mo-Sys F4 against a real recording, where it is at hand, and made packets everywhere."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.frames import quat_angle_rad, quat_from_pan_tilt_roll
from bridge.timecode import Timecode, frame_number
from bridge.wire import f4
from bridge.wire.f4 import F4Packet, Image, decode, encode, split, timecode_block, timecode_of, to_sample
from bridge.wire.refusal import Refused

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "f4.json").read_text(encoding="utf-8"))
BY_NAME = {vector["name"]: bytes.fromhex(vector["hex"]) for vector in VECTORS["packets"]}

packets = st.builds(
    F4Packet,
    st.integers(0, 255),
    st.integers(0, 255),
    st.lists(st.tuples(st.integers(0, 255), st.binary(min_size=4, max_size=4)), max_size=20).map(tuple),
)


def packet_of(vector: dict[str, Any]) -> F4Packet:
    blocks = tuple((number, bytes.fromhex(four)) for number, four in vector["blocks"])
    return F4Packet(vector["camera_id"], vector["status"], blocks)


@pytest.mark.parametrize("vector", VECTORS["packets"], ids=lambda vector: vector["name"])
def test_vectors_both_ways(vector: dict[str, Any]) -> None:
    packet = decode(bytes.fromhex(vector["hex"]))
    assert packet == packet_of(vector)
    assert encode(packet).hex() == vector["hex"]


@pytest.mark.parametrize("vector", VECTORS["packets"], ids=lambda vector: vector["name"])
def test_what_blocks_say_both_ways(vector: dict[str, Any]) -> None:
    packet = decode(bytes.fromhex(vector["hex"]))
    blocks = dict(packet.blocks)
    for name, value in vector["axes"].items():
        number = int(name, 16)
        assert f4.number_of(blocks[number]) == value
        assert f4.axis_block(number, value, blocks[number][0]) == (number, blocks[number])
    for name, value in vector["lens"].items():
        number = int(name, 16)
        assert f4.float_of(blocks[number]) == value
        assert f4.lens_block(number, value) == (number, blocks[number])
    label = Timecode(*vector["timecode"]) if vector["timecode"] else None
    assert timecode_of(packet) == label
    if label:
        assert timecode_block(label) in packet.blocks


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_what_is_wrong_is_refused_by_name(vector: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        decode(bytes.fromhex(vector["hex"]))
    assert refused.value.kind == vector["kind"]
    assert str(refused.value).startswith("F4 ")


@pytest.mark.parametrize("vector", VECTORS["split"], ids=lambda vector: vector["name"])
def test_a_file_stops_making_sense_at_a_byte(vector: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        list(split(bytes.fromhex(vector["hex"])))
    assert str(refused.value) == vector["error"]


@pytest.mark.parametrize("vector", VECTORS["no_label"], ids=lambda vector: vector["name"])
def test_a_label_that_does_not_exist_is_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        timecode_of(decode(bytes.fromhex(vector["hex"])))
    assert str(refused.value) == vector["error"]


def test_files_are_packets_back_to_back() -> None:
    parts = list(BY_NAME.values())
    assert list(split(b"".join(parts))) == parts
    assert list(split(b"")) == []


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(ValueError, match=r"^F4 axis 0x01: 8388.608 does not fit in 24 bits of thousandths$"):
        f4.axis_block(f4.PAN, 8388.608)
    with pytest.raises(ValueError, match=r"^F4 holds at most 255 axes, got 256$"):
        encode(F4Packet(0, 0, ((0, b"\0\0\0\0"),) * 256))
    with pytest.raises(ValueError, match=r"^F4 timecode is 24, 25 or 30 frames, got 30000/1001$"):
        timecode_block(Timecode(1, 2, 3, 4, 30000, 1001))


def test_centimetres_and_pan_to_the_left() -> None:
    sample = to_sample(decode(BY_NAME["a pose in thousandths"]), subject="crane", t_arrival_ns=7, sender="a:1")
    assert sample.position_m == pytest.approx((-0.08121, -1.85368, 1.19806))
    assert quat_angle_rad(sample.rotation_wxyz, quat_from_pan_tilt_roll(-2.969, -28.03, 3.1)) < 1e-7
    assert (sample.camera_id, sample.sequence, sample.sequence_modulus, sample.t_ns) == (3, 10, 16, 7)


def test_the_lens_needs_to_know_the_picture() -> None:
    packet = decode(BY_NAME["lens, timecode at 25, tracking status"])
    assert to_sample(packet, subject="crane", t_arrival_ns=0).lens is None
    lens = to_sample(packet, subject="crane", t_arrival_ns=0, image=Image(1920, 38.4)).lens
    assert lens is not None
    assert lens.focal_length_mm == pytest.approx(2000.5 * 0.02)
    assert (lens.distortion.k1_unit, lens.focus_distance_m, lens.f_number_unit) == (-0.125, 2.0, 2.75)


@pytest.mark.parametrize("number", [f4.FX, f4.ENTRANCE_PUPIL, f4.K1, f4.CX, f4.APERTURE])
@pytest.mark.parametrize("value", [3.4e38, -3.4e38, float("nan"), float("inf")])
def test_impossible_numbers_are_no_lens(number: int, value: float) -> None:
    blocks = {f4.FX: f4.lens_block(f4.FX, 2000.0)[1], number: f4.lens_block(number, value)[1]}
    packet = F4Packet(1, 0, tuple(blocks.items()))
    assert to_sample(packet, subject="crane", t_arrival_ns=0, image=Image(1920, 38.4)).lens is None


def test_focus_at_infinity_stays_a_number() -> None:
    packet = F4Packet(1, 0, (f4.lens_block(f4.FX, 2000.0), f4.lens_block(f4.INVERSE_FOCUS, 1e-45)))
    lens = to_sample(packet, subject="crane", t_arrival_ns=0, image=Image(1920, 38.4)).lens
    assert lens is not None
    assert lens.focus_distance_m == pytest.approx(1e6)


@given(packets)
def test_every_packet_comes_back(packet: F4Packet) -> None:
    data = encode(packet)
    assert len(data) == 5 * len(packet.blocks) + 5
    assert decode(data) == packet


@given(st.sampled_from([24, 25, 30]), st.integers(0, 24 * 3600 * 24 - 1))
def test_every_label_comes_back(rate: int, number: int) -> None:
    seconds, frames = divmod(number, rate)
    label = Timecode(seconds // 3600 % 24, seconds // 60 % 60, seconds % 60, frames, rate)
    assert timecode_of(F4Packet(0, 0, (timecode_block(label),))) == label


@pytest.fixture(scope="module")
def recorded(mosys_move: Path) -> list[bytes]:
    return list(split(mosys_move.read_bytes()))


@pytest.mark.data
def test_the_recording_comes_back_byte_for_byte(recorded: list[bytes]) -> None:
    assert len(recorded) == 1497
    assert all(encode(decode(data)) == data for data in recorded)


@pytest.mark.data
def test_the_recordings_labels_run(recorded: list[bytes]) -> None:
    packets = [decode(data) for data in recorded]
    labels = [timecode_of(packet) for packet in packets]
    assert labels[8] == Timecode(15, 3, 47, 10, 25)
    numbers = [frame_number(label) for label in labels if label]
    assert numbers == list(range(numbers[0], numbers[0] + 1497))
    assert {(after.status - before.status) % 16 for before, after in pairwise(packets)} == {1}


@pytest.mark.data
def test_the_recordings_pose(recorded: list[bytes]) -> None:
    def axes(frame: int, *numbers: int) -> list[float]:
        blocks = dict(decode(recorded[frame]).blocks)
        return [f4.number_of(blocks[number]) for number in numbers]

    assert axes(10, f4.PAN, f4.TILT, f4.ROLL) == [-2.969, -28.03, 3.1]
    assert axes(9, f4.X, f4.Y, f4.HEIGHT) == [-8.121, -185.368, 119.806]
