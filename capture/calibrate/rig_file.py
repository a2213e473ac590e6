"""The rig file: cameras of a performance volume as TOML that a person can read, `schema` first.

Positions are metres in the stage, rotations stage_from_camera (X right, Y forward, Z up), pixels from the picture's
corner, so that the first pixel's centre is (0.5, 0.5): other programs' files count from that centre.
"""

import tomllib
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bridge.frames import Quaternion, Vector, quat_normalise
from bridge.messages import Distortion
from capture.calibrate.clips import RigFault
from capture.rig import Rig, RigCamera

_Pixels = Annotated[int, Meta(ge=1, le=100_000)]
_Positive = Annotated[float, Meta(gt=0)]
_BENT = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6")


class _Camera(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1)]
    size_px: tuple[_Pixels, _Pixels]
    focal_px: tuple[_Positive, _Positive]
    centre_px: tuple[float, float]
    position_m: Vector
    rotation_wxyz: Quaternion
    distortion_unit: Annotated[tuple[float, ...], Meta(max_length=8)] = ()
    late_s: float = 0.0
    rms_px: float = 0.0


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    schema: Literal[1]
    rms_px: float = 0.0
    made: str = ""
    floor: str = ""
    cameras: Annotated[tuple[_Camera, ...], Meta(min_length=1, max_length=64)]


def rig_of(text: str, where: str) -> Rig:
    """RigFault where it is no rig file of this version."""
    try:
        told: dict[str, Any] = tomllib.loads(text)
        file = msgspec.convert(told, _File)
        names = [camera.name for camera in file.cameras]
        if len(set(names)) < len(names):
            raise ValueError(f"two cameras have the same name: {', '.join(names)}")
        return Rig(tuple(_camera(one) for one in file.cameras), file.rms_px)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError) as error:
        raise RigFault(f"{where}: not a rig file (`cyc calibrate rig solve` writes one): {error}") from None


def _camera(one: _Camera) -> RigCamera:
    return RigCamera(
        one.name,
        one.size_px,
        one.focal_px,
        one.centre_px,
        one.position_m,
        quat_normalise(one.rotation_wxyz),
        Distortion(*one.distortion_unit),
        one.late_s,
        one.rms_px,
    )


def rig_text(rig: Rig, made: str = "", floor: str = "") -> str:
    """The file's text; `made` says when and of what, `floor` where its axes are from."""
    lines = ["schema = 1", f"rms_px = {_number(rig.rms_px)}"]
    lines += [f"{key} = {_quoted(value)}" for key, value in (("made", made), ("floor", floor)) if value]
    for camera in rig.cameras:
        bent = [getattr(camera.distortion, f"{name}_unit") for name in _BENT]
        while bent and bent[-1] == 0.0:
            bent.pop()
        lines += [
            "",
            "[[cameras]]",
            f"name = {_quoted(camera.name)}",
            f"size_px = {list(camera.size_px)}",
            f"focal_px = {_row(camera.focal_px)}",
            f"centre_px = {_row(camera.centre_px)}",
            f"position_m = {_row(camera.position_m)}",
            f"rotation_wxyz = {_row(camera.rotation_wxyz)}",
            f"distortion_unit = {_row(bent)} # {' '.join(_BENT[: len(bent)])}".rstrip(" #"),
            f"late_s = {_number(camera.late_s)}",
            f"rms_px = {_number(camera.rms_px)}",
        ]
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return repr(float(value))


def _row(values: Any) -> str:
    return f"[{', '.join(_number(value) for value in values)}]"


def _quoted(text: str) -> str:
    return '"' + "".join(c if c >= " " and c not in '"\\\x7f' else f"\\u{ord(c):04x}" for c in text) + '"'
