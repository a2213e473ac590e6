"""The plugin's wire format as data. From this one table come Python's structs, the schema hash and the C++ header.

Everything is little-endian and packed. Fields are only ever appended: an older reader skips what a newer one adds, a
newer reader reads what an older one left out as 0. Only another *major* version is refused. Rows of `ARRAYS` follow
their payload's fields, as many as the header counts; such a payload grows behind its rows only.
"""

import msgspec

MAGIC = b"UVP1"
MAJOR, MINOR = 1, 2
LEAST_HEADER_BYTES = 80
"""The header of 1.0: no header is shorter, a later minor version's may be longer."""


class Field(msgspec.Struct, frozen=True):
    """One field: `kind` is u8 u16 u32 u64 i32 i64 f32 f64 or char."""

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

TYPES: dict[str, int] = {"camera": 1, "heartbeat": 2, "skeleton": 3, "pose": 4, "face": 5, "picture": 6}

IN_UNREALS_FRAME = ("camera", "pose", "face")
"""Types that hold poses, and must say that these are in Unreal's frame."""

PIXELS: dict[str, tuple[int, int]] = {"r8": (1, 1), "r16f": (2, 2), "r32f": (3, 4), "rgba8": (4, 4), "rgba16f": (5, 8)}
"""A picture's formats: number, bytes a pixel."""

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
    Field("count_0", "u16", 1, "rows of the payload's first array"),
    Field("count_1", "u16", 1, "rows of the payload's second array"),
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
    "skeleton": (
        Field("t_sent_ns", "i64", 1, "when this was sent; it is said again every second, for those who come late"),
        Field("definition", "u32", 1, "changes with any name or parent; poses name the definition they are of"),
        Field("spare", "u32", 1, "0"),
    ),
    "pose": (
        Field("t_arrival_ns", "i64", 1, "when the newest picture it was made from was received"),
        Field("t_sent_ns", "i64", 1, "when this was sent"),
        Field("definition", "u32", 1, "of the skeleton whose bones and curves these are, in its order"),
        Field("spare", "u32", 1, "0"),
    ),
    "face": (
        Field("t_arrival_ns", "i64", 1, "when the newest picture it was made from was received"),
        Field("t_sent_ns", "i64", 1, "when this was sent"),
        Field("head_rotation_xyzw", "f32", 4, "unit quaternion, Unreal's frame"),
        Field("head_position_cm", "f32", 3, "Unreal's frame"),
        Field("spare", "u32", 1, "0"),
    ),
    "picture": (
        Field("t_arrival_ns", "i64", 1, "when the picture it was made from was received"),
        Field("t_sent_ns", "i64", 1, "when this was sent"),
        Field("frame_id", "u64", 1, "the same on every node for the same picture"),
        Field("camera_sequence", "u64", 1, "sequence of the camera pose that it belongs to; 0: none"),
        Field("width_px", "u32", 1, ""),
        Field("height_px", "u32", 1, ""),
        Field("stride_bytes", "u32", 1, "from row to row; the message's fourth part is height times this"),
        Field("pixels", "u16", 1, "a number of PIXELS"),
        Field("spare", "u16", 1, "0"),
        Field("nearest_cm", "f32", 1, "depth: how far a value of 0 is; both 0: no depth, or centimetres as they are"),
        Field("farthest_cm", "f32", 1, "depth: how far a value of 1 is; values beyond follow: 100 says metres"),
    ),
}


class Rows(msgspec.Struct, frozen=True):
    """An array behind a payload's fields, as long as the header's first or second count; `struct` is its C++ name."""

    name: str
    struct: str
    fields: tuple[Field, ...]


_CURVES = Rows("curves", "Value", (Field("value", "f32", 1, "0..1 for a blend shape"),))
ARRAYS: dict[str, tuple[Rows, ...]] = {
    "skeleton": (
        Rows(
            "bones",
            "Bone",
            (
                Field("name", "char", 60, "UTF-8, padded with zeros"),
                Field("parent", "i32", 1, "row of the parent, always a row above; -1: a root"),
            ),
        ),
        Rows("curves", "Curve", (Field("name", "char", 64, "UTF-8, padded with zeros"),)),
    ),
    "pose": (
        Rows(
            "bones",
            "BonePose",
            (
                Field("rotation_xyzw", "f32", 4, "unit quaternion in the parent's frame, Unreal's axes"),
                Field("position_cm", "f32", 3, "in the parent's frame, Unreal's axes"),
            ),
        ),
        _CURVES,
    ),
    "face": (Rows("shapes", "Value", _CURVES.fields),),
}

FORMAT = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i32": "i", "i64": "q", "f32": "f", "f64": "d"}


def struct_format(fields: tuple[Field, ...]) -> str:
    """Python's struct format of a row of fields."""
    return "<" + "".join(f"{f.count}s" if f.kind == "char" else FORMAT[f.kind] * f.count for f in fields)


def schema_text() -> str:
    """What the schema hash is taken of: names, kinds and order, not the prose."""
    tables = {"header": HEADER, **PAYLOADS}
    tables |= {f"{kind}.{rows.name}": rows.fields for kind, arrays in ARRAYS.items() for rows in arrays}
    rows = {name: [(field.name, field.kind, field.count) for field in fields] for name, fields in tables.items()}
    return repr((MAJOR, FLAGS, TYPES, rows))
