"""The plugin's wire format as data. From this one table come Python's structs, the schema hash and the C++ header.

Everything is little-endian and packed. Fields are only ever appended: an older reader skips what a newer one adds, a
newer reader reads what an older one left out as 0. Only another *major* version is refused.
"""

import msgspec

MAGIC = b"UVP1"
MAJOR, MINOR = 1, 1
LEAST_HEADER_BYTES = 80
"""The header of 1.0: no header is shorter, a later minor version's may be longer."""


class Field(msgspec.Struct, frozen=True):
    """One field: `kind` is u8 u16 u32 u64 i64 f32 f64 or char."""

    name: str
    kind: str
    count: int
    meaning: str


FLAGS: dict[str, int] = {
    "timecode_valid": 1,
    "drop_frame": 2,
    "coordinates_unreal_cm": 4,
    "concealed": 8,
    "predicted": 16,
    "stale": 32,
    "lost": 64,
    "frozen": 128,
    "frustum_off": 256,
}

TYPES: dict[str, int] = {"camera": 1, "heartbeat": 2}

HEADER: tuple[Field, ...] = (
    Field("magic", "char", 4, "UVP1"),
    Field("major", "u8", 1, "another major version is refused"),
    Field("minor", "u8", 1, "a higher minor version only appends"),
    Field("type", "u16", 1, "what the payload is; an unknown type is counted and skipped"),
    Field("header_bytes", "u16", 1, "length of this header; skip what you do not know"),
    Field("flags", "u16", 1, "bits of FLAGS"),
    Field("schema_hash", "u32", 1, "crc32 of the sender's table"),
    Field("sequence", "u64", 1, "counts the messages of this name and type; a gap is a loss"),
    Field("t_ns", "i64", 1, "when the thing was true, on the sender's monotonic clock"),
    Field("clock_id", "u32", 1, "which host and boot t_ns belongs to"),
    Field("hours", "u8", 1, "timecode"),
    Field("minutes", "u8", 1, "timecode"),
    Field("seconds", "u8", 1, "timecode"),
    Field("frames", "u8", 1, "timecode"),
    Field("rate_num", "u32", 1, "timecode rate, numerator"),
    Field("rate_den", "u32", 1, "timecode rate, denominator"),
    Field("count_0", "u16", 1, "length of the payload's first array, by type"),
    Field("count_1", "u16", 1, "length of the payload's second array, by type"),
    Field("payload_bytes", "u32", 1, "length of the payload"),
    Field("name", "char", 24, "the subject, UTF-8, padded with zeros"),
)

PAYLOADS: dict[str, tuple[Field, ...]] = {
    "camera": (
        Field("position_cm", "f64", 3, "entrance pupil, Unreal's frame: X forward, Y right, Z up"),
        Field("rotation_xyzw", "f64", 4, "unit quaternion, Unreal's frame"),
        Field("t_arrival_ns", "i64", 1, "when the tracker's packet was received"),
        Field("t_sent_ns", "i64", 1, "when this was sent"),
        Field("t_display_ns", "i64", 1, "when the wall is expected to show it; the pose is predicted to then"),
        Field("focal_length_mm", "f32", 1, "pinhole"),
        Field("sensor_width_mm", "f32", 1, ""),
        Field("sensor_height_mm", "f32", 1, ""),
        Field("focus_distance_cm", "f32", 1, "0: unknown"),
        Field("f_number", "f32", 1, "0: unknown"),
        Field("entrance_pupil_cm", "f32", 1, "forward from the sensor; already in position_cm"),
        Field("principal_point", "f32", 2, "0..1 of the sensor from the top left, 0.5 is the centre"),
        Field("fxfy", "f32", 2, "focal length over sensor width, height"),
        Field("distortion", "f32", 8, "OpenCV k1 k2 p1 p2 k3 k4 k5 k6, undistorted to distorted"),
        Field("zoom_raw", "f64", 1, "encoder as the tracker sent it"),
        Field("focus_raw", "f64", 1, "encoder as the tracker sent it"),
        Field("iris_raw", "f64", 1, "encoder as the tracker sent it"),
    ),
    "heartbeat": (
        Field("t_sent_ns", "i64", 1, "when this was sent"),
        Field("boot", "u32", 1, "changes when the sender restarts"),
        Field("spare", "u32", 1, "0"),
    ),
}

FORMAT = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i64": "q", "f32": "f", "f64": "d"}


def struct_format(fields: tuple[Field, ...]) -> str:
    """Python's struct format of a row of fields."""
    return "<" + "".join(f"{f.count}s" if f.kind == "char" else FORMAT[f.kind] * f.count for f in fields)


def schema_text() -> str:
    """What the schema hash is taken of: names, kinds and order, not the prose."""
    tables = {"header": HEADER, **PAYLOADS}
    rows = {name: [(field.name, field.kind, field.count) for field in fields] for name, fields in tables.items()}
    return repr((MAJOR, FLAGS, TYPES, rows))
