"""What a take says, without a file: topics, Foxglove-readable schemas, frame transforms, the engine bytes' framing.

A take is one MCAP file. Each bus message is JSON (`message_encoding` json, schema encoding jsonschema) on its own
topic. Each camera's measured pose is there a second time as `foxglove.FrameTransform`, and what went to the engine is
there byte for byte on opaque channels.
"""

import functools
import re
import struct
from typing import Any, cast

import msgspec

from bridge.clock import NS_PER_S
from bridge.frames import Quaternion, Vector
from bridge.messages import CameraPose, EngineBytes, Message

PROFILE = "cyclorama"
SUFFIX = ".mcap"
ENGINE_ENCODING = "x-cyclorama-engine"
ENGINE_PREFIX = "EngineBytes/"
STAGE_FILE = "stage.toml"
"""What the stage file is called inside a take, whatever its name outside."""
TRANSFORM_PREFIX = "tf/"
TRANSFORM_SCHEMA = "foxglove.FrameTransform"
STAGE_FRAME = "stage"
FACTS = "cyclorama"
"""Name of the metadata record with versions, host and the first clock pair."""
BOOT_KEY = "publisher_boot"
"""Channel metadata: which run of the publisher numbered these messages. A restarted one gets its own channel."""
FAR_STAMP_NS = 60 * NS_PER_S

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,48}")
_NUMBERED = re.compile(r"(?P<slate>.+)_T(?P<number>\d{3,})")
_U32 = struct.Struct("<I")


# --- names --------------------------------------------------------------------------------------------------------


def name_fault(name: str) -> str | None:
    """Why a slate or take cannot be called this; None when it can."""
    if _NAME.fullmatch(name) and not name.startswith("."):
        return None
    return f"name {name!r}: expected 1 to 48 letters, digits, '_', '-' or '.', such as 'scene12A'"


def next_name(slate: str, existing: list[str]) -> str:
    """`<slate>_T001`, one above the highest number that slate already has."""
    matches = (_NUMBERED.fullmatch(name) for name in existing)
    numbers = [int(match["number"]) for match in matches if match and match["slate"] == slate]
    return f"{slate}_T{max(numbers, default=0) + 1:03d}"


# --- times --------------------------------------------------------------------------------------------------------


def log_time_ns(t_ns: int, t_sent_ns: int, utc_offset_ns: int) -> int:
    """UTC of the moment the message is about; of its sending, where its stamp is of another clock (a minute off)."""
    about = t_ns if abs(t_ns - t_sent_ns) <= FAR_STAMP_NS else t_sent_ns
    return max(0, about + utc_offset_ns)


# --- schemas ------------------------------------------------------------------------------------------------------


@functools.cache
def plain_schema(kind: type[Message]) -> dict[str, Any]:
    """A struct's JSON schema in the subset Foxglove reads: inlined, every field typed, one kind of item a list.

    Optional fields lose their null: takes never hold one, a default is left out.
    """
    (root,), definitions = msgspec.json.schema_components((kind,))
    return cast("dict[str, Any]", _plain(root, definitions))


def _plain(schema: Any, definitions: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _plain(definitions[str(schema["$ref"]).rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        return _plain(next(part for part in schema["anyOf"] if part.get("type") != "null"), definitions)
    plain = {key: value for key, value in schema.items() if key not in ("prefixItems", "items", "properties")}
    if "enum" in schema:
        plain["type"] = "string"
    if schema.get("type") == "array":
        items = (schema.get("prefixItems") or [schema.get("items")])[0]
        plain["items"] = _plain(items, definitions)
    if schema.get("type") == "object":
        plain["properties"] = {key: _plain(value, definitions) for key, value in schema.get("properties", {}).items()}
    return plain


def _numbers(*names: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": "number"} for name in names}, "required": list(names)}


_WHOLE = {"type": "integer", "minimum": 0}

FRAME_TRANSFORM: dict[str, Any] = {
    "title": TRANSFORM_SCHEMA,
    "type": "object",
    "properties": {
        "timestamp": {"type": "object", "title": "time", "properties": {"sec": _WHOLE, "nsec": _WHOLE}},
        "parent_frame_id": {"type": "string"},
        "child_frame_id": {"type": "string"},
        "translation": _numbers("x", "y", "z"),
        "rotation": _numbers("x", "y", "z", "w"),
    },
    "required": ["timestamp", "parent_frame_id", "child_frame_id", "translation", "rotation"],
}


# --- bodies -------------------------------------------------------------------------------------------------------


def json_floats(values: Vector | Quaternion, names: str) -> dict[str, float]:
    """Name the components of a tuple."""
    return dict(zip(names, values, strict=True))


def frame_transform(pose: CameraPose, at_utc_ns: int) -> bytes:
    """stage_from_camera as measured (not predicted, not smoothed): where the camera was at `t_ns`."""
    seconds, rest = divmod(at_utc_ns, NS_PER_S)
    value = {
        "timestamp": {"sec": seconds, "nsec": rest},
        "parent_frame_id": STAGE_FRAME,
        "child_frame_id": pose.subject,
        "translation": json_floats(pose.measured_position_m, "xyz"),
        "rotation": json_floats(pose.measured_rotation_wxyz, "wxyz"),
    }
    return msgspec.json.encode(value)


def pack_engine(message: EngineBytes) -> bytes:
    """Topic, header, payload, each behind its length (u32, little-endian)."""
    parts = (message.topic, message.header, message.payload)
    return b"".join(_U32.pack(len(part)) + part for part in parts)


def unpack_engine(data: bytes) -> tuple[bytes, bytes, bytes]:
    """The inverse of `pack_engine`. ValueError for other bytes."""
    parts: list[bytes] = []
    at = 0
    for _ in range(3):
        if at + 4 > len(data):
            raise ValueError(f"engine bytes end after {len(data)} bytes inside part {len(parts)} of 3")
        (length,) = _U32.unpack_from(data, at)
        parts.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    if at != len(data):
        raise ValueError(f"engine bytes: the parts make {at} bytes, got {len(data)}")
    return parts[0], parts[1], parts[2]
