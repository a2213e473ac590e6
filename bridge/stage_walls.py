"""The walls of a stage file, and what all its tables share: names, units, poses."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from bridge.frames import Quaternion, Vector, quat_from_pan_tilt_roll

Name = Annotated[str, Meta(min_length=1, max_length=23, pattern=r"^[A-Za-z0-9_.-]+$")]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Rate = Annotated[float, Meta(ge=1, le=2000)]
Latency = Annotated[float, Meta(ge=0, le=10)]
Port = Annotated[int, Meta(ge=1, le=65535)]
Size = tuple[Annotated[int, Meta(ge=1, le=65536)], Annotated[int, Meta(ge=1, le=65536)]]
Angles = tuple[float, float, float]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all tables of a stage file share: unknown keys are refused."""


class Pose(Part, frozen=True, kw_only=True):
    """One frame placed in another."""

    position_m: Vector = (0.0, 0.0, 0.0)
    pan_tilt_roll_deg: Angles = (0.0, 0.0, 0.0)


def rotation_wxyz(pose: Pose) -> Quaternion:
    """The pose's rotation, outer_from_inner."""
    return quat_from_pan_tilt_roll(*pose.pan_tilt_roll_deg)


def pose_of(pose: Pose) -> tuple[Vector, Quaternion]:
    """outer_from_inner, as `frames.compose` takes it."""
    return pose.position_m, rotation_wxyz(pose)


class Wall(Part, frozen=True, kw_only=True, tag_field="shape"):
    """What every LED wall has. Its picture's row 0 is at the top, column 0 at the left as seen from the front."""

    name: Name
    pixels: Size
    """Width, height of the wall's whole picture."""
    peak_nits: Positive = 1500.0
    processor: Name | None = None


class FlatWall(Wall, frozen=True, kw_only=True, tag="flat"):
    """A flat rectangle. With no rotation its face looks along -Y, at someone standing in front of it.

    A floor is a flat wall with tilt -90: it is lit upwards, and its picture's row 0 lies towards +Y.
    """

    centre_m: Vector
    """Middle of the lit rectangle."""
    width_m: Positive
    height_m: Positive
    pan_tilt_roll_deg: Angles = (0.0, 0.0, 0.0)
    """Turns the rectangle about its centre: pan 90 turns its face from -Y to +X, tilt 90 from -Y to -Z."""


class ArcWall(Wall, frozen=True, kw_only=True, tag="arc"):
    """A vertical part of a cylinder, lit on the inside. Its picture's left edge is at `middle_deg` + `arc_deg` / 2."""

    centre_m: Vector
    """On the cylinder's axis, at the height of the lit area's bottom edge."""
    radius_m: Positive
    arc_deg: Annotated[float, Meta(gt=0, le=360)]
    height_m: Positive
    middle_deg: float = 0.0
    """Where the arc's middle lies as seen from the axis: 0 is +Y (forward), positive to the left."""
    columns: Annotated[int, Meta(ge=0, le=1024)] = 0
    """Flat panel columns that make the arc, their vertical edges on the cylinder; 0 is a smooth curve."""


class CeilingWall(Wall, frozen=True, kw_only=True, tag="ceiling"):
    """A level rectangle lit downwards, a flat wall at tilt 90: its picture's row 0 lies towards -Y, column 0 at -X."""

    centre_m: Vector
    width_m: Positive
    """Along X."""
    depth_m: Positive
    """Along Y."""
    pan_deg: float = 0.0
    """Turns it about its centre, positive to the left: X and Y above are its own axes then."""


class MeshWall(Wall, frozen=True, kw_only=True, tag="mesh"):
    """Any shape: an OBJ file with UVs, u to the right and v up (OBJ), (0, 1) the picture's top left corner."""

    obj: str
    """Path, relative to the stage file."""
    axes: Literal["stage", "opengl", "unreal", "unity"] = "stage"
    """Axes and units the file is written in (`frames.FRAMES`)."""
    position_m: Vector = (0.0, 0.0, 0.0)
    pan_tilt_roll_deg: Angles = (0.0, 0.0, 0.0)


AnyWall = FlatWall | ArcWall | CeilingWall | MeshWall
