"""The engine's wire against golden bytes that were laid out by hand, and its rules for other versions."""

import json
import zlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.frames import quat_from_pan_tilt_roll, quat_rotate, unreal_pose_from_stage
from bridge.timecode import Timecode
from bridge.wire import engine_table
from bridge.wire.engine import SCHEMA_HASH, CameraFrame, EngineFrame, HeartbeatFrame, Unknown, decode, encode
from bridge.wire.engine_people import FaceFrame, PoseFrame, SkeletonFrame
from bridge.wire.engine_picture import PictureFrame
from bridge.wire.engine_table import HEADER, PAYLOADS, Field, schema_text
from bridge.wire.refusal import Refused

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "engine.json").read_text(encoding="utf-8"))
KINDS: dict[str, type[EngineFrame]] = {
    "camera": CameraFrame,
    "heartbeat": HeartbeatFrame,
    "skeleton": SkeletonFrame,
    "pose": PoseFrame,
    "face": FaceFrame,
    "picture": PictureFrame,
    "unknown_type": Unknown,
}

i64, u64, u32 = st.integers(-(1 << 63), (1 << 63) - 1), st.integers(0, (1 << 64) - 1), st.integers(0, (1 << 32) - 1)
f64, f32 = st.floats(allow_nan=False), st.floats(allow_nan=False, width=32)
letters = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
names = st.text(letters, max_size=23).filter(lambda name: len(name.encode()) < 24)
labels = st.builds(
    Timecode,
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(1, 59),
    st.integers(0, 23),
    st.sampled_from([24, 25, 30]),
) | st.builds(
    Timecode,
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(1, 59),
    st.integers(0, 29),
    st.sampled_from([30000, 60000]),
    st.just(1001),
    st.booleans(),
)
cameras = st.fixed_dictionaries(
    {
        "name": names,
        "sequence": u64,
        "t_ns": i64,
        "clock_id": u32,
        "timecode": st.none() | labels,
        **dict.fromkeys(("concealed", "predicted", "stale", "lost", "frozen", "frustum_off"), st.booleans()),
        "position_cm": st.tuples(f64, f64, f64),
        "rotation_xyzw": st.tuples(f64, f64, f64, f64),
        **dict.fromkeys(("t_arrival_ns", "t_sent_ns", "t_display_ns"), i64),
        **dict.fromkeys(("focal_length_mm", "sensor_width_mm", "sensor_height_mm", "focus_distance_cm"), f32),
        **dict.fromkeys(("f_number_unit", "entrance_pupil_cm"), f32),
        **dict.fromkeys(("principal_point_unit", "fxfy_unit"), st.tuples(f32, f32)),
        "distortion_unit": st.tuples(*[f32] * 8),
        **dict.fromkeys(("zoom_raw_unit", "focus_raw_unit", "iris_raw_unit"), f64),
    }
).map(lambda values: CameraFrame(**values))
heartbeats = st.builds(HeartbeatFrame, name=names, sequence=u64, t_ns=i64, clock_id=u32, t_sent_ns=i64, boot=u32)


def frame_of(vector: dict[str, Any]) -> EngineFrame:
    values = {name: deep_tuple(value) for name, value in vector["values"].items()}
    if values.get("timecode"):
        values["timecode"] = Timecode(*values["timecode"])
    values |= {
        name: bytes.fromhex(value) for name, value in values.items() if name == "pixels" or name.endswith("_f32")
    }
    return KINDS[vector["kind"]](**values)


def deep_tuple(value: Any) -> Any:
    return tuple(deep_tuple(item) for item in value) if isinstance(value, list) else value


def parts_of(vector: dict[str, Any]) -> tuple[bytes, bytes, bytes, bytes]:
    header, payload, pixels = (bytes.fromhex(vector.get(part, "")) for part in ("header", "payload", "pixels"))
    return vector.get("topic", "").encode(), header, payload, pixels


@pytest.mark.parametrize("vector", VECTORS["frames"], ids=lambda vector: vector["name"])
def test_golden_bytes_both_ways(vector: dict[str, Any]) -> None:
    frame = frame_of(vector)
    assert decode(*parts_of(vector)) == frame
    assert not isinstance(frame, Unknown)
    topic, *parts = encode(frame)
    assert topic.decode() == vector["topic"]
    assert [part.hex() for part in parts] == [
        vector[part] for part in ("header", "payload", "pixels") if part in vector
    ]


@pytest.mark.parametrize("vector", VECTORS["tolerated"], ids=lambda vector: vector["name"])
def test_older_and_newer_senders_are_read(vector: dict[str, Any]) -> None:
    assert decode(*parts_of(vector)) == frame_of(vector)


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_what_is_wrong_is_refused_by_name(vector: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        decode(*parts_of(vector))
    assert (refused.value.kind, str(refused.value)) == (vector["kind"], vector["error"])


def test_the_golden_pose_is_unreals() -> None:
    """Pan 30 tilt 10 roll 5 is FRotator(pitch 10, yaw -30, roll 5); the axes are those of the conventions."""
    golden = frame_of(VECTORS["frames"][0])
    assert isinstance(golden, CameraFrame)
    position_cm, rotation_xyzw = unreal_pose_from_stage((1.0, 2.0, 3.0), quat_from_pan_tilt_roll(30.0, 10.0, 5.0))
    assert golden.position_cm == position_cm
    sign = 1.0 if rotation_xyzw[3] * golden.rotation_xyzw[3] > 0 else -1.0
    assert [sign * value for value in rotation_xyzw] == pytest.approx(golden.rotation_xyzw, abs=1e-15)
    x, y, z, w = golden.rotation_xyzw
    axes = [quat_rotate((w, x, y, z), axis) for axis in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))]
    assert axes[0] == pytest.approx((0.852869, -0.492404, 0.173648), abs=1e-6)
    assert axes[1] == pytest.approx((0.511204, 0.855163, -0.085832), abs=1e-6)
    assert axes[2] == pytest.approx((-0.106234, 0.161973, 0.981060), abs=1e-6)


def test_a_name_that_is_too_long_is_refused_before_it_is_sent() -> None:
    with pytest.raises(ValueError, match=r"^name 'ßßßßßßßßßßßß' is 24 bytes, the wire holds 23$"):
        encode(HeartbeatFrame(name="ß" * 12, sequence=0, t_ns=0))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"focal_length_mm": 1e39}, "focal_length_mm: 1e+39 does not fit in f32"),
        ({"distortion_unit": (0.0,) * 7 + (-1e300,)}, "distortion: -1e+300 does not fit in f32"),
        ({"distortion_unit": (0.0,) * 7}, "30 numbers for the table's 31: an array is too long or too short"),
        ({"t_sent_ns": 1 << 63}, "t_sent_ns: 9223372036854775808 does not fit in i64"),
        ({"sequence": -1}, "sequence: -1 does not fit in u64"),
        ({"clock_id": 1 << 32}, "clock_id: 4294967296 does not fit in u32"),
        ({"timecode": Timecode(1, 2, 3, 300, 1000)}, "frames: 300 does not fit in u8"),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, Any], text: str) -> None:
    camera = frame_of(VECTORS["frames"][0])
    assert isinstance(camera, CameraFrame)
    with pytest.raises(ValueError) as error:
        encode(msgspec.structs.replace(camera, **changes))
    assert str(error.value) == text


def test_a_heartbeat_that_does_not_fit_is_named() -> None:
    with pytest.raises(ValueError, match=r"^boot: -1 does not fit in u32$"):
        encode(HeartbeatFrame(sequence=0, t_ns=0, boot=-1))


def test_the_layout_is_the_one_people_read_about() -> None:
    """Sizes of version 1.2; a change here needs a new version and new golden bytes."""
    assert (len(bytes.fromhex(VECTORS["frames"][0]["header"])), engine_table.LEAST_HEADER_BYTES) == (80, 80)
    assert VECTORS["schema_hash"] == SCHEMA_HASH == zlib.crc32(schema_text().encode())
    assert (engine_table.MAJOR, engine_table.MINOR) == (1, 2)


def test_the_schema_hash_follows_the_layout_and_not_the_prose(monkeypatch: pytest.MonkeyPatch) -> None:
    def hash_with(fields: tuple[Field, ...]) -> int:
        monkeypatch.setitem(PAYLOADS, "camera", fields)
        return zlib.crc32(schema_text().encode())

    camera = PAYLOADS["camera"]
    reworded = (msgspec.structs.replace(camera[0], meaning="other words"), *camera[1:])
    assert hash_with(reworded) == SCHEMA_HASH
    retyped = (msgspec.structs.replace(camera[0], kind="f32"), *camera[1:])
    changed = [(*camera, Field("news", "f64", 1, "")), camera[:-1], (*camera[1:], camera[0]), retyped]
    assert len({hash_with(fields) for fields in changed} - {SCHEMA_HASH}) == len(changed)
    monkeypatch.setitem(PAYLOADS, "camera", camera)
    monkeypatch.setattr(engine_table, "HEADER", HEADER[:-1])
    assert zlib.crc32(schema_text().encode()) != SCHEMA_HASH


@given(cameras | heartbeats)
def test_every_frame_comes_back(frame: CameraFrame | HeartbeatFrame) -> None:
    parts = encode(frame)
    assert decode(*parts) == frame


@given(cameras, st.integers(0, 200), st.binary(max_size=200))
def test_any_length_of_payload_is_read(frame: CameraFrame, kept: int, more: bytes) -> None:
    """What is cut off reads as 0, what is appended is not looked at."""
    topic, header, payload = encode(frame)
    payload = payload[:kept] + more if kept >= len(payload) else payload[:kept]
    header = header[:52] + len(payload).to_bytes(4, "little") + header[56:]
    whole = (payload + bytes(176))[:176]
    assert encode_again(decode(topic, header, payload))[2] == whole


def encode_again(frame: EngineFrame) -> tuple[bytes, bytes, bytes]:
    assert isinstance(frame, CameraFrame)
    return encode(frame)
