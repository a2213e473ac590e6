"""The plugin's binary frames: multipart [topic][80-byte header][payload], from the table in `engine_table`."""

import struct
import zlib
from typing import Any

import msgspec

from bridge.timecode import Timecode
from bridge.wire.engine_table import (
    FLAGS,
    HEADER,
    LEAST_HEADER_BYTES,
    MAGIC,
    MAJOR,
    MINOR,
    PAYLOADS,
    TYPES,
    Field,
    schema_text,
    struct_format,
)
from bridge.wire.refusal import Refused

Multipart = tuple[bytes, bytes, bytes]

HEADER_STRUCT = struct.Struct(struct_format(HEADER))
CAMERA_STRUCT = struct.Struct(struct_format(PAYLOADS["camera"]))
HEARTBEAT_STRUCT = struct.Struct(struct_format(PAYLOADS["heartbeat"]))
SCHEMA_HASH = zlib.crc32(schema_text().encode())
COORDINATES = FLAGS["coordinates_unreal_cm"]


class CameraFrame(msgspec.Struct, frozen=True, kw_only=True):
    """One camera at one moment, in Unreal's frame; the fields are the table's."""

    name: str
    sequence: int
    t_ns: int
    clock_id: int = 0
    timecode: Timecode | None = None
    concealed: bool = False
    predicted: bool = False
    stale: bool = False
    lost: bool = False
    frozen: bool = False
    frustum_off: bool = False
    """Negative, so that an older sender's frame reads as it was meant."""
    position_cm: tuple[float, float, float]
    rotation_xyzw: tuple[float, float, float, float]
    t_arrival_ns: int = 0
    t_sent_ns: int = 0
    t_display_ns: int = 0
    focal_length_mm: float = 0.0
    sensor_width_mm: float = 0.0
    sensor_height_mm: float = 0.0
    focus_distance_cm: float = 0.0
    f_number_unit: float = 0.0
    entrance_pupil_cm: float = 0.0
    principal_point_unit: tuple[float, float] = (0.5, 0.5)
    fxfy_unit: tuple[float, float] = (0.0, 0.0)
    distortion_unit: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    zoom_raw_unit: float = 0.0
    focus_raw_unit: float = 0.0
    iris_raw_unit: float = 0.0


class HeartbeatFrame(msgspec.Struct, frozen=True, kw_only=True):
    """The sender lives."""

    name: str = "bridge"
    sequence: int
    t_ns: int
    clock_id: int = 0
    t_sent_ns: int = 0
    boot: int = 0


class Unknown(msgspec.Struct, frozen=True):
    """A type this reader does not know: to be counted and skipped."""

    type: int
    name: str


EngineFrame = CameraFrame | HeartbeatFrame | Unknown


def encode(frame: CameraFrame | HeartbeatFrame) -> Multipart:
    """ValueError names the field that does not fit in its bits."""
    if type(frame) is CameraFrame:
        return _encode_camera(frame)
    assert isinstance(frame, HeartbeatFrame)
    payload = _packed(HEARTBEAT_STRUCT, PAYLOADS["heartbeat"], (frame.t_sent_ns, frame.boot, 0))
    return b"hb", _header("heartbeat", frame, 0, None, len(payload)), payload


def decode(topic: bytes, header: bytes, payload: bytes) -> EngineFrame:
    """Refused for what is not ours, cut short, or of another major version."""
    del topic  # the header says it all; the topic is for subscriptions
    values = _open(header, payload)
    type_number, name = values[3], values[19].rstrip(b"\0")
    try:
        text = name.decode()
        if type_number == TYPES["camera"]:
            return _decode_camera(values, text, payload)
        if type_number == TYPES["heartbeat"]:
            t_sent_ns, boot, _ = HEARTBEAT_STRUCT.unpack(_fitted(payload, HEARTBEAT_STRUCT.size))
            return HeartbeatFrame(
                name=text, sequence=values[7], t_ns=values[8], clock_id=values[9], t_sent_ns=t_sent_ns, boot=boot
            )
        return Unknown(type_number, text)
    except UnicodeDecodeError:
        raise Refused("field", f"name is not UTF-8: {name!r}") from None


def _encode_camera(c: CameraFrame) -> Multipart:
    flags = COORDINATES | c.concealed * 8 | c.predicted * 16 | c.stale * 32 | c.lost * 64
    flags |= c.frozen * 128 | c.frustum_off * 256
    values = (
        *c.position_cm,
        *c.rotation_xyzw,
        c.t_arrival_ns,
        c.t_sent_ns,
        c.t_display_ns,
        c.focal_length_mm,
        c.sensor_width_mm,
        c.sensor_height_mm,
        c.focus_distance_cm,
        c.f_number_unit,
        c.entrance_pupil_cm,
        *c.principal_point_unit,
        *c.fxfy_unit,
        *c.distortion_unit,
        c.zoom_raw_unit,
        c.focus_raw_unit,
        c.iris_raw_unit,
    )
    payload = _packed(CAMERA_STRUCT, PAYLOADS["camera"], values)
    return b"cam/" + c.name.encode(), _header("camera", c, flags, c.timecode, len(payload)), payload


def _header(
    kind: str, frame: CameraFrame | HeartbeatFrame, flags: int, tc: Timecode | None, payload_bytes: int
) -> bytes:
    name = frame.name.encode()
    if len(name) > 23:
        raise ValueError(f"name {frame.name!r} is {len(name)} bytes, the wire holds 23")
    hours = minutes = seconds = frames = rate_num = rate_den = 0
    if tc is not None:
        flags |= 1 | tc.drop_frame * 2
        hours, minutes, seconds, frames = tc.hours, tc.minutes, tc.seconds, tc.frames
        rate_num, rate_den = tc.rate_num, tc.rate_den
    values = (
        MAGIC, MAJOR, MINOR, TYPES[kind], HEADER_STRUCT.size, flags, SCHEMA_HASH, frame.sequence, frame.t_ns,
        frame.clock_id, hours, minutes, seconds, frames, rate_num, rate_den, 0, 0, payload_bytes, name,
    )  # fmt: skip
    return _packed(HEADER_STRUCT, HEADER, values)


def _packed(form: struct.Struct, fields: tuple[Field, ...], values: tuple[Any, ...]) -> bytes:
    try:
        return form.pack(*values)
    except (struct.error, OverflowError):
        raise ValueError(_misfit(fields, values)) from None


def _misfit(fields: tuple[Field, ...], values: tuple[Any, ...]) -> str:
    """Which field does not fit, found one by one, since struct does not say."""
    places = [field for field in fields for _ in range(1 if field.kind == "char" else field.count)]
    if len(places) != len(values):
        return f"{len(values)} numbers for the table's {len(places)}: an array is too long or too short"
    for field, value in zip(places, values, strict=True):
        try:
            struct.pack(struct_format((Field(field.name, field.kind, 1, ""),)), value)
        except (struct.error, OverflowError):
            return f"{field.name}: {value!r} does not fit in {field.kind}"
    return "a field does not fit"


def _open(header: bytes, payload: bytes) -> tuple[Any, ...]:
    if len(header) < LEAST_HEADER_BYTES:
        raise Refused("length", f"header: expected at least {LEAST_HEADER_BYTES} bytes, got {len(header)}")
    if header[:4] != MAGIC:
        raise Refused("magic", f"header starts with {header[:4]!r}, expected {MAGIC!r}")
    if header[4] != MAJOR:
        raise Refused("version", f"wire version {header[4]}.{header[5]}, this reader speaks {MAJOR}.{MINOR}")
    values = HEADER_STRUCT.unpack(_fitted(header, HEADER_STRUCT.size))
    if values[4] != len(header):
        raise Refused("length", f"header says {values[4]} bytes, got {len(header)}")
    if values[18] != len(payload):
        raise Refused("length", f"header says a payload of {values[18]} bytes, got {len(payload)}")
    if values[3] == TYPES["camera"] and not values[5] & COORDINATES:
        raise Refused("frame", "pose is not in Unreal's frame (flag coordinates_unreal_cm is off)")
    return values


def _decode_camera(h: tuple[Any, ...], name: str, payload: bytes) -> CameraFrame:
    p = CAMERA_STRUCT.unpack(_fitted(payload, CAMERA_STRUCT.size))
    flags = h[5]
    return CameraFrame(
        name=name,
        sequence=h[7],
        t_ns=h[8],
        clock_id=h[9],
        timecode=_timecode(flags, h) if flags & 1 else None,
        concealed=bool(flags & 8),
        predicted=bool(flags & 16),
        stale=bool(flags & 32),
        lost=bool(flags & 64),
        frozen=bool(flags & 128),
        frustum_off=bool(flags & 256),
        position_cm=p[0:3],
        rotation_xyzw=p[3:7],
        t_arrival_ns=p[7],
        t_sent_ns=p[8],
        t_display_ns=p[9],
        focal_length_mm=p[10],
        sensor_width_mm=p[11],
        sensor_height_mm=p[12],
        focus_distance_cm=p[13],
        f_number_unit=p[14],
        entrance_pupil_cm=p[15],
        principal_point_unit=p[16:18],
        fxfy_unit=p[18:20],
        distortion_unit=p[20:28],
        zoom_raw_unit=p[28],
        focus_raw_unit=p[29],
        iris_raw_unit=p[30],
    )


def _timecode(flags: int, h: tuple[Any, ...]) -> Timecode:
    try:
        return Timecode(h[10], h[11], h[12], h[13], h[14], h[15], bool(flags & 2))
    except ValueError as error:
        raise Refused("field", str(error)) from None


def _fitted(part: bytes, size: int) -> bytes:
    """Longer: a newer sender appended. Shorter: an older one; what it left out reads as 0."""
    return part[:size] if len(part) >= size else part + bytes(size - len(part))
