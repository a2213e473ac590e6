"""The plugin's binary frames: multipart [topic][80-byte header][payload], from the table in `engine_table`."""

from typing import Any

import msgspec

from bridge.timecode import Timecode
from bridge.wire.engine_header import SCHEMA_HASH, Opened, open_header, pack_header, packed_payload, unpacked
from bridge.wire.engine_people import (
    FaceFrame,
    PoseFrame,
    SkeletonFrame,
    decode_face,
    decode_pose,
    decode_skeleton,
    encode_face,
    encode_pose,
    encode_skeleton,
)
from bridge.wire.engine_picture import PictureFrame, decode_picture, encode_picture
from bridge.wire.refusal import Refused

Multipart = tuple[Any, ...]
"""[topic][header][payload], and a picture's pixels behind them."""

__all__ = ["SCHEMA_HASH", "CameraFrame", "EngineFrame", "HeartbeatFrame", "Unknown", "decode", "encode"]


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


Sent = CameraFrame | HeartbeatFrame | SkeletonFrame | PoseFrame | FaceFrame | PictureFrame
EngineFrame = Sent | Unknown


def encode(frame: Sent) -> Multipart:
    """ValueError names the field that does not fit in its bits."""
    return _ENCODERS[type(frame)](frame)


def decode(topic: bytes, header: bytes, payload: bytes, pixels: bytes | memoryview = b"") -> EngineFrame:
    """Refused for what is not ours, cut short, or of another major version."""
    del topic  # the header says it all; the topic is for subscriptions
    opened = open_header(header, payload)
    if opened.kind == "picture":
        return decode_picture(opened, payload, pixels)
    if opened.kind and len(pixels):
        raise Refused("length", f"a {opened.kind} has three parts, a fourth of {len(pixels)} bytes came")
    return _DECODERS[opened.kind](opened, payload) if opened.kind else Unknown(opened.type, opened.name)


def _encode_heartbeat(beat: HeartbeatFrame) -> Multipart:
    payload = packed_payload("heartbeat", (beat.t_sent_ns, beat.boot, 0))
    return b"hb", pack_header("heartbeat", beat, 0, (0, 0), len(payload)), payload


def _decode_heartbeat(h: Opened, payload: bytes) -> HeartbeatFrame:
    t_sent_ns, boot, _ = unpacked("heartbeat", payload)
    return HeartbeatFrame(
        name=h.name, sequence=h.sequence, t_ns=h.t_ns, clock_id=h.clock_id, t_sent_ns=t_sent_ns, boot=boot
    )


def _encode_camera(c: CameraFrame) -> Multipart:
    flags = c.concealed * 8 | c.predicted * 16 | c.stale * 32 | c.lost * 64 | c.frozen * 128 | c.frustum_off * 256
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
    payload = packed_payload("camera", values)
    return b"cam/" + c.name.encode(), pack_header("camera", c, flags, (0, 0), len(payload)), payload


def _decode_camera(h: Opened, payload: bytes) -> CameraFrame:
    p = unpacked("camera", payload)
    return CameraFrame(
        name=h.name,
        sequence=h.sequence,
        t_ns=h.t_ns,
        clock_id=h.clock_id,
        timecode=h.timecode,
        concealed=bool(h.flags & 8),
        predicted=bool(h.flags & 16),
        stale=bool(h.flags & 32),
        lost=bool(h.flags & 64),
        frozen=bool(h.flags & 128),
        frustum_off=bool(h.flags & 256),
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


_ENCODERS: dict[type, Any] = {
    CameraFrame: _encode_camera,
    HeartbeatFrame: _encode_heartbeat,
    SkeletonFrame: encode_skeleton,
    PoseFrame: encode_pose,
    FaceFrame: encode_face,
    PictureFrame: encode_picture,
}
_DECODERS: dict[str, Any] = {
    "camera": _decode_camera,
    "heartbeat": _decode_heartbeat,
    "skeleton": decode_skeleton,
    "pose": decode_pose,
    "face": decode_face,
}
