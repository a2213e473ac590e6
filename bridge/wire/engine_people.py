"""Skeletons, their poses and faces on the engine's wire. Rows stay the bytes they are: numpy makes and reads them."""

import struct
from typing import Any

import msgspec

from bridge.timecode import Timecode
from bridge.wire.engine_header import Opened, pack_header, packed_payload, rows, unpacked
from bridge.wire.engine_table import ARRAYS, FLAGS, struct_format
from bridge.wire.refusal import Refused

_BONE, _CURVE = (struct.Struct(struct_format(rows.fields)) for rows in ARRAYS["skeleton"])
_BONE_NAME_BYTES, _CURVE_NAME_BYTES = (rows.fields[0].count - 1 for rows in ARRAYS["skeleton"])
_POSE_BYTES, _VALUE_BYTES = (struct.calcsize(struct_format(rows.fields)) for rows in ARRAYS["pose"])


class SkeletonFrame(msgspec.Struct, frozen=True, kw_only=True):
    """What bones and curves the poses of a subject have, in which order."""

    name: str
    sequence: int
    t_ns: int
    clock_id: int = 0
    timecode: Timecode | None = None
    t_sent_ns: int = 0
    definition: int
    bones: tuple[tuple[str, int], ...]
    """Name and row of the parent, which lies above; -1: a root."""
    curves: tuple[str, ...] = ()


class PoseFrame(msgspec.Struct, frozen=True, kw_only=True):
    """One skeleton at one moment, parent-relative, in Unreal's frame."""

    name: str
    sequence: int
    t_ns: int
    clock_id: int = 0
    timecode: Timecode | None = None
    predicted: bool = False
    stale: bool = False
    lost: bool = False
    t_arrival_ns: int = 0
    t_sent_ns: int = 0
    definition: int
    bones_f32: bytes
    """[N, 7] little-endian float32: rotation xyzw, position in centimetres."""
    curves_f32: bytes = b""
    """[M] little-endian float32."""


class FaceFrame(msgspec.Struct, frozen=True, kw_only=True):
    """One face at one moment; its shapes are those of ARKit, in Apple's order."""

    name: str
    sequence: int
    t_ns: int
    clock_id: int = 0
    timecode: Timecode | None = None
    stale: bool = False
    lost: bool = False
    t_arrival_ns: int = 0
    t_sent_ns: int = 0
    head_rotation_xyzw: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 1.0)
    head_position_cm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shapes_f32: bytes
    """[M] little-endian float32, 0..1."""


def encode_skeleton(frame: SkeletonFrame) -> tuple[bytes, bytes, bytes]:
    """ValueError for a name that does not fit, and for a parent that does not lie above its bone."""
    payload = [packed_payload("skeleton", (frame.t_sent_ns, frame.definition, 0))]
    for row, (name, parent) in enumerate(frame.bones):
        if not -1 <= parent < row:
            raise ValueError(f"bone {name!r}, row {row}: parent {parent} does not lie above it")
        payload.append(_BONE.pack(_name(name, _BONE_NAME_BYTES), parent))
    payload += (_CURVE.pack(_name(name, _CURVE_NAME_BYTES)) for name in frame.curves)
    return _message("skeleton", b"skel/", frame, 0, (len(frame.bones), len(frame.curves)), b"".join(payload))


def encode_pose(frame: PoseFrame) -> tuple[bytes, bytes, bytes]:
    """ValueError where the rows are not whole."""
    counts = (_rows(frame.bones_f32, _POSE_BYTES, "bones"), _rows(frame.curves_f32, _VALUE_BYTES, "curves"))
    fixed = packed_payload("pose", (frame.t_arrival_ns, frame.t_sent_ns, frame.definition, 0))
    flags = frame.predicted * FLAGS["predicted"] | _seen(frame)
    return _message("pose", b"pose/", frame, flags, counts, fixed + frame.bones_f32 + frame.curves_f32)


def encode_face(frame: FaceFrame) -> tuple[bytes, bytes, bytes]:
    """ValueError where the shapes are not whole."""
    values = (frame.t_arrival_ns, frame.t_sent_ns, *frame.head_rotation_xyzw, *frame.head_position_cm, 0)
    counts = (_rows(frame.shapes_f32, _VALUE_BYTES, "shapes"), 0)
    return _message("face", b"face/", frame, _seen(frame), counts, packed_payload("face", values) + frame.shapes_f32)


def decode_skeleton(h: Opened, payload: bytes) -> SkeletonFrame:
    """Refused for a name that is not UTF-8, and for a parent that does not lie above its bone."""
    t_sent_ns, definition, _ = unpacked("skeleton", payload)
    bone_rows, curve_rows = rows("skeleton", h.counts, payload)
    bones = tuple((_text(name), parent) for name, parent in _BONE.iter_unpack(bone_rows))
    for row, (name, parent) in enumerate(bones):
        if not -1 <= parent < row:
            raise Refused("field", f"bone {name!r}, row {row}: parent {parent} does not lie above it")
    curves = tuple(_text(name) for (name,) in _CURVE.iter_unpack(curve_rows))
    return SkeletonFrame(**_common(h), t_sent_ns=t_sent_ns, definition=definition, bones=bones, curves=curves)


def decode_pose(h: Opened, payload: bytes) -> PoseFrame:
    """A pose and its curves."""
    t_arrival_ns, t_sent_ns, definition, _ = unpacked("pose", payload)
    bones, curves = rows("pose", h.counts, payload)
    return PoseFrame(
        **_common(h),
        predicted=bool(h.flags & FLAGS["predicted"]),
        stale=bool(h.flags & FLAGS["stale"]),
        lost=bool(h.flags & FLAGS["lost"]),
        t_arrival_ns=t_arrival_ns,
        t_sent_ns=t_sent_ns,
        definition=definition,
        bones_f32=bones,
        curves_f32=curves,
    )


def decode_face(h: Opened, payload: bytes) -> FaceFrame:
    """A head and its shapes."""
    values = unpacked("face", payload)
    return FaceFrame(
        **_common(h),
        stale=bool(h.flags & FLAGS["stale"]),
        lost=bool(h.flags & FLAGS["lost"]),
        t_arrival_ns=values[0],
        t_sent_ns=values[1],
        head_rotation_xyzw=values[2:6],
        head_position_cm=values[6:9],
        shapes_f32=rows("face", h.counts, payload)[0],
    )


def _message(
    kind: str,
    prefix: bytes,
    frame: "SkeletonFrame | PoseFrame | FaceFrame",
    flags: int,
    counts: tuple[int, int],
    payload: bytes,
) -> tuple[bytes, bytes, bytes]:
    return prefix + frame.name.encode(), pack_header(kind, frame, flags, counts, len(payload)), payload


def _common(h: Opened) -> dict[str, Any]:
    return {
        "name": h.name, "sequence": h.sequence, "t_ns": h.t_ns, "clock_id": h.clock_id, "timecode": h.timecode
    }  # fmt: skip


def _seen(frame: PoseFrame | FaceFrame) -> int:
    return frame.stale * FLAGS["stale"] | frame.lost * FLAGS["lost"]


def _rows(data: bytes, size: int, what: str) -> int:
    if len(data) % size:
        raise ValueError(f"{what}: {len(data)} bytes are not whole rows of {size}")
    return len(data) // size


def _name(name: str, most_bytes: int) -> bytes:
    data = name.encode()
    if len(data) > most_bytes:
        raise ValueError(f"name {name!r} is {len(data)} bytes, the wire holds {most_bytes}")
    return data


def _text(name: bytes) -> str:
    data = name.rstrip(b"\0")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Refused("field", f"name is not UTF-8: {data!r}") from None
