"""OpenTrackIO against its vectors, its schema and its sample files; poses through it and back."""

import json
import math
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bridge import messages
from bridge.frames import quat_angle_rad, quat_from_pan_tilt_roll
from bridge.messages import CameraPose, Distortion, LensState
from bridge.timecode import Timecode
from bridge.wire import opentrackio
from bridge.wire.opentrackio import Packet, decode, decode_sample, encode, encode_sample, from_pose, to_sample
from bridge.wire.opentrackio_packets import CBOR, JSON, cut
from bridge.wire.opentrackio_reassembly import Reassembly, step
from bridge.wire.refusal import Refused

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "opentrackio.json").read_text(encoding="utf-8"))
DATA = Path(__file__).parents[2] / "../shared/data/opentrackio"


def sample_of(**parts: Any) -> opentrackio.OpenTrackIOSample:
    return decode_sample(json.dumps(parts).encode())


@pytest.mark.parametrize("vector", VECTORS["packets"], ids=lambda vector: vector["name"])
def test_vectors_both_ways(vector: dict[str, Any]) -> None:
    packet = decode(bytes.fromhex(vector["hex"]))
    assert (packet.sequence, packet.encoding, packet.modulus) == (
        vector["sequence"],
        vector["encoding"],
        vector["modulus"],
    )
    assert packet.sample == sample_of(**vector["sample"])
    assert encode(packet).hex() == vector["hex"]


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_what_is_wrong_is_refused_by_name(vector: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        decode(bytes.fromhex(vector["hex"]))
    assert refused.value.kind == vector["kind"]
    assert str(refused.value).startswith("OpenTrackIO")


def test_a_wrong_type_is_named_with_its_place() -> None:
    with pytest.raises(Refused, match=r"Expected `float \| null`, got `str` - at `\$.transforms\[0\].translation.x`"):
        decode_sample(b'{"transforms": [{"translation": {"x": "1"}}]}')


def test_what_is_not_known_is_passed_over() -> None:
    sample = decode_sample(b'{"news": {"deep": [1, {}]}, "sourceNumber": 3, "lens": {"colour": "red", "fStop": 4}}')
    assert sample == sample_of(sourceNumber=3, lens={"fStop": 4.0})


@pytest.mark.data
@pytest.mark.parametrize("name", ["complete_dynamic", "complete_static", "recommended_dynamic", "recommended_static"])
def test_the_standards_own_samples_survive(name: str) -> None:
    path = DATA / f"{name}.json"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    theirs = json.loads(path.read_bytes())
    sample = decode_sample(path.read_bytes())
    again = json.loads(encode_sample(sample, JSON))
    assert again == theirs
    schema().validate(again)
    assert decode_sample(encode_sample(sample, CBOR), CBOR) == sample


def schema() -> jsonschema.Draft202012Validator:
    path = DATA / "schema.json"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    return jsonschema.Draft202012Validator(json.loads(path.read_bytes()))


# --- poses ------------------------------------------------------------------------------------------------------------

LENS = LensState(
    focal_length_mm=24.3,
    entrance_pupil_m=0.1,
    projection_offset_mm=(0.2, -0.1),
    distortion=Distortion(-0.1, 0.02, 1e-4, -2e-4, 0.001, 0.01, 0.002, 0.0003),
    focus_distance_m=3.5,
    f_number_unit=2.8,
)


def pose(**more: Any) -> CameraPose:
    fields: dict[str, Any] = {
        "subject": "camA",
        "t_ns": 5_000_000_123,
        "sequence": (1 << 32) + 7,
        "position_m": (1.0, 2.0, 3.0),
        "rotation_wxyz": quat_from_pan_tilt_roll(30, 10, 5),
        "lens": LENS,
        "sensor_mm": (24.0, 13.5),
        "t_arrival_ns": 5_000_100_000,
        "t_display_ns": 5_100_000_000,
        "timecode": Timecode(1, 2, 3, 4, 30000, 1001, True),
        "measured_position_m": (1.1, 2.0, 3.0),
        "measured_rotation_wxyz": quat_from_pan_tilt_roll(31, 10, 5),
        "predicted": True,
    }
    return CameraPose(**fields | more)


@pytest.mark.parametrize("encoding", [JSON, CBOR])
def test_a_pose_comes_back_from_the_wire(encoding: int) -> None:
    ours = pose()
    sent = encode(Packet(9, encoding, from_pose(ours, source_number=4, ptp_from_clock_ns=10**18)))
    got = to_sample(decode(sent).sample, subject="t", t_arrival_ns=77, sender="a:1", clock_from_ptp_ns=-(10**18))
    assert got is not None and got.lens is not None
    assert got.position_m == pytest.approx(ours.position_m, abs=1e-12)
    assert quat_angle_rad(got.rotation_wxyz, ours.rotation_wxyz) < 1e-12
    assert (got.t_ns, got.time_source, got.t_arrival_ns) == (ours.t_ns, "sender", 77)
    assert (got.timecode, got.sequence, got.sequence_modulus) == (ours.timecode, 7, 1 << 32)
    assert (got.camera_id, got.sender, got.status) == (4, "a:1", "Predicted")
    assert got.lens.entrance_pupil_m == 0.0  # the transform already leads there
    assert got.lens.projection_offset_mm == LENS.projection_offset_mm
    assert got.lens.distortion.k1_unit == pytest.approx(-0.1) and got.lens.distortion.k6_unit == pytest.approx(0.0003)


def test_the_golden_pose_is_written_as_the_standard_counts() -> None:
    """Pan 30 tilt 10 roll 5, pan positive to the left."""
    sent = json.loads(encode_sample(from_pose(pose())))
    assert sent["transforms"][0]["rotation"] == pytest.approx({"pan": 30, "tilt": 10, "roll": 5})


@pytest.mark.data
@pytest.mark.parametrize(
    "ours",
    [
        pose(),
        pose(timecode=None, zoom_raw_unit=40000.0, lens=LensState(focal_length_mm=35.0, focus_distance_m=math.inf)),
        pose(zoom_raw_unit=0.5, focus_raw_unit=1.0, stale=True, lost=True, sequence=0),
    ],
)
def test_our_samples_obey_the_schema(ours: CameraPose) -> None:
    for more in ({}, {"static": True, "resolution_px": (1920, 1080), "rate": (25, 1), "ptp_from_clock_ns": 0}):
        schema().validate(json.loads(encode_sample(from_pose(ours, **more))))


def test_names_are_the_same_wherever_they_are_made() -> None:
    assert from_pose(pose()) == from_pose(pose())
    assert from_pose(pose()).source_id == "urn:uuid:ff3287af-7421-5a1f-9cff-cc24ad6e39ec"
    assert from_pose(pose(t_ns=1)).sample_id != from_pose(pose()).sample_id != from_pose(pose(sequence=1)).sample_id


def test_statics_alone_are_no_pose() -> None:
    assert to_sample(sample_of(static={"camera": {"label": "A"}}), subject="t", t_arrival_ns=1) is None


def test_transforms_compose_from_the_outermost_in() -> None:
    """A dolly 1 m right of the origin turned 90 degrees left, an arm 2 m along its own forward: that is -X."""
    sample = sample_of(
        transforms=[
            {"translation": {"x": 1}, "rotation": {"pan": 450}},
            {"translation": {"y": 2}, "rotation": {"tilt": 20}, "id": "Arm"},
        ]
    )
    got = to_sample(sample, subject="t", t_arrival_ns=5)
    assert got is not None
    assert got.position_m == pytest.approx((-1, 0, 0), abs=1e-12)
    assert quat_angle_rad(got.rotation_wxyz, quat_from_pan_tilt_roll(90, 20, 0)) < 1e-9
    assert (got.t_ns, got.time_source, got.sequence) == (5, "arrival", None)


def test_a_scale_stretches_what_hangs_below_it() -> None:
    sample = sample_of(
        transforms=[{"scale": {"y": 3}, "rotation": {"pan": 90}}, {"translation": {"y": 2}, "scale": {"x": 9}}]
    )
    got = to_sample(sample, subject="t", t_arrival_ns=5)
    assert got is not None and got.position_m == pytest.approx((-6, 0, 0), abs=1e-12)


def test_the_headers_number_stands_in_where_a_sample_has_none() -> None:
    bare, numbered = {"transforms": [{}]}, {"transforms": [{}], "timing": {"sequenceNumber": 70000}}
    got = to_sample(sample_of(**bare), subject="t", t_arrival_ns=5, packet_sequence=65535)
    assert got is not None and (got.sequence, got.sequence_modulus) == (65535, 65536)
    got = to_sample(sample_of(**numbered), subject="t", t_arrival_ns=5, packet_sequence=65535)
    assert got is not None and (got.sequence, got.sequence_modulus) == (70000, 1 << 32)


def test_encoders_are_ranged_and_counts_only_where_there_is_nothing_else() -> None:
    both = {"encoders": {"zoom": 0.5, "focus": 0.25}, "rawEncoders": {"zoom": 7, "focus": 8, "iris": 9}}
    transforms = [{"translation": {}, "rotation": {}}]
    got = to_sample(sample_of(lens=both, transforms=transforms), subject="t", t_arrival_ns=5)
    assert got is not None and (got.zoom_raw_unit, got.focus_raw_unit, got.iris_raw_unit) == (0.5, 0.25, None)
    del both["encoders"]
    got = to_sample(sample_of(lens=both, transforms=transforms), subject="t", t_arrival_ns=5)
    assert got is not None and (got.zoom_raw_unit, got.focus_raw_unit, got.iris_raw_unit) == (7, 8, 9)


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"transforms": [{"translation": {"x": 1e300}, "rotation": {}}]}, "over 1e\\+06 m away"),
        (
            {
                "transforms": [{"translation": {}}],
                "timing": {
                    "timecode": {
                        "hours": 0,
                        "minutes": 1,
                        "seconds": 0,
                        "frames": 0,
                        "frameRate": {"num": 30000, "denom": 1001},
                        "dropFrame": True,
                    }
                },
            },
            "00:01:00;00 does not exist: drop frame skips it",
        ),
        (
            {"transforms": [{}], "lens": {"pinholeFocalLength": 9000, "distortion": [{"radial": [1e308]}]}},
            "overflow",
        ),
    ],
)
def test_what_would_poison_the_stage_is_refused(parts: dict[str, Any], text: str) -> None:
    with pytest.raises(Refused, match=text) as refused:
        to_sample(sample_of(**parts), subject="t", t_arrival_ns=1)
    assert refused.value.kind == "field"


def test_a_long_sample_travels_in_pieces() -> None:
    sample = sample_of(custom={"text": "x" * 5000}, sourceNumber=2)
    state, whole = Reassembly(), []
    for data in cut(encode_sample(sample, CBOR), CBOR, 65535, mtu=1500, numbering="segment"):
        state, payloads, _ = step(state, "a:1", data, 0)
        whole += payloads
    assert [decode_sample(payload.data, payload.encoding) for payload in whole] == [sample]


EXTREMES = (
    0,
    -1,
    1e308,
    -1e308,
    5e-324,
    2**32,
    2**53,
    2**64 - 1,
    "",
    "x" * 3000,
    None,
    True,
    [],
    {},
    [[]],
    [1e300] * 9,
)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(leaf for key, item in inner for leaf in leaves(item, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], extreme: Any) -> Any:
    if not path:
        return extreme
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], extreme)
    return copy


@pytest.mark.parametrize("vector", [VECTORS["packets"][3], VECTORS["packets"][7]], ids=lambda vector: vector["name"])
def test_any_value_anywhere_is_taken_or_refused_and_what_is_taken_can_be_said(vector: dict[str, Any]) -> None:
    for path in leaves(vector["sample"]):
        for extreme in EXTREMES:
            try:
                sample = decode_sample(json.dumps(replaced(vector["sample"], path, extreme)).encode())
                assert decode_sample(encode_sample(sample, CBOR), CBOR) == sample
                got = to_sample(sample, subject="t", t_arrival_ns=1, clock_from_ptp_ns=0)
                assert got is None or messages.decode("TrackerSample/t", messages.encode(got)) == got
            except Refused as refused:
                assert refused.kind in ("field", "version")
