"""Other programs' calibrations: aniposelib and Pose2Sim (TOML), caliscope (TOML), Qualisys (.qca.txt).

All three count pixels from the middle of the first one, as OpenCV does; ours start at its corner. Qualisys counts in
64ths of a pixel and in millimetres, and only that: its k and p are plain numbers. Pose2Sim divides k1 and k2 by 64
where it reads such a file, so a rig that went through it has almost lost its distortion.
"""

import math
import tomllib
from typing import Annotated, Any
from xml.etree import ElementTree

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from bridge.calibrate.rotations import nearest_rotation, turn, vector_of
from bridge.frames import Vector, axes_matrix, matrix_from_quat, quat_from_matrix
from bridge.messages import Distortion
from capture.calibrate.clips import RigFault
from capture.rig import Rig, RigCamera, plane_from_stage

Floats = NDArray[np.float64]

_CORNER_PX = 0.5
_QUALISYS_PARTS, _QUALISYS_PER_METRE = 64.0, 1000.0
_FARTHEST_M = 100.0
_ROW3 = tuple[float, float, float]


class _Camera(msgspec.Struct, frozen=True, kw_only=True):
    """What aniposelib, Pose2Sim and caliscope say alike; rotation and translation bring the world before the camera."""

    size_px: tuple[float, float] = msgspec.field(name="size")
    matrix: tuple[_ROW3, _ROW3, _ROW3]
    bent_unit: Annotated[tuple[float, ...], Meta(max_length=8)] = msgspec.field(name="distortions")
    rotation: Any
    translation: Any
    name: str = ""
    fisheye: bool = False
    rotation_count: int = 0


def read_toml(text: str, where: str, metres_per_unit: float = 1.0) -> Rig:
    """aniposelib's, Pose2Sim's or caliscope's. RigFault where it is none, or not in metres."""
    try:
        told: dict[str, Any] = tomllib.loads(text)
        tables = told["cameras"] if isinstance(told.get("cameras"), dict) else told
        named = {
            (f"cam_{key}" if tables is not told else key): msgspec.convert(table, _Camera)
            for key, table in tables.items()
            if isinstance(table, dict) and "matrix" in table
        }
        if not named:
            raise ValueError("expected a table with a `matrix` for each camera")
        return _rig([_from_world(key, one, metres_per_unit) for key, one in named.items()], where)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError) as error:
        raise RigFault(f"{where}: not a calibration of aniposelib, Pose2Sim or caliscope: {error}") from None


def _from_world(key: str, one: _Camera, metres_per_unit: float) -> RigCamera:
    if one.fisheye:
        raise ValueError(
            f"{one.name or key}: fisheye lenses are not modelled here; calibrate it with `cyc calibrate rig`"
        )
    if one.rotation_count:
        raise ValueError(
            f"{one.name or key}: its pictures were turned by {90 * one.rotation_count} degrees; not supported"
        )
    rotation = np.asarray(one.rotation, dtype=np.float64)
    matrix = nearest_rotation(rotation) if rotation.shape == (3, 3) else turn(rotation.reshape(3))
    (fx, _, cx), (_, fy, cy), _ = one.matrix
    return _placed(
        (one.name or key, (round(one.size_px[0]), round(one.size_px[1]))),
        (fx, fy, cx + _CORNER_PX, cy + _CORNER_PX),
        one.bent_unit,
        matrix,
        -matrix.T @ (np.asarray(one.translation, dtype=np.float64).reshape(3) * metres_per_unit),
    )


def _placed(
    what: tuple[str, tuple[int, int]],
    pinhole: tuple[float, float, float, float],
    bent: tuple[float, ...],
    camera_from_stage: Floats,
    position_m: Floats,
) -> RigCamera:
    numbers = (*pinhole, *bent, *position_m, *camera_from_stage.ravel())
    if not all(math.isfinite(one) for one in numbers) or min(pinhole[:2]) <= 0 or min(what[1]) <= 0:
        raise ValueError(f"{what[0]}: expected finite numbers and a positive size and focal length")
    x, y, z = (float(one) for one in position_m)
    return RigCamera(
        what[0],
        what[1],
        (pinhole[0], pinhole[1]),
        (pinhole[2], pinhole[3]),
        (x, y, z),
        quat_from_matrix(camera_from_stage.T @ axes_matrix("opencv", "stage")),
        Distortion(*bent),
    )


def _rig(cameras: list[RigCamera], where: str) -> Rig:
    names = [camera.name for camera in cameras]
    if len(set(names)) < len(names):
        raise ValueError(f"two cameras have the same name: {', '.join(names)}")
    apart = max(float(np.linalg.norm(np.subtract(one.position_m, cameras[0].position_m))) for one in cameras)
    if apart > _FARTHEST_M:
        raise RigFault(f"{where}: cameras {apart:.0f} m apart: is it in millimetres? Give --unit mm")
    return Rig(tuple(cameras))


def anipose_text(rig: Rig) -> str:
    """For aniposelib and Pose2Sim: metres. What they have no word for, lateness and rms of a camera, is left out."""
    lines: list[str] = []
    for number, camera in enumerate(rig.cameras):
        lines += [f"[cam_{number}]", f"name = {_quoted(camera.name)}", *_opencv_lines(camera), "fisheye = false", ""]
    return "\n".join([*lines, "[metadata]", "adjusted = true", f"error = {float(rig.rms_px)!r}", ""])


def caliscope_text(rig: Rig) -> str:
    """For caliscope's camera array: it knows cameras by number."""
    lines: list[str] = []
    for number, camera in enumerate(rig.cameras):
        known = [f"cam_id = {number}", "rotation_count = 0", f"error = {float(camera.rms_px)!r}", "fisheye = false"]
        lines += [f"[cameras.{number}]", *known, *_opencv_lines(camera), ""]
    return "\n".join(lines)


def _opencv_lines(camera: RigCamera) -> list[str]:
    matrix = plane_from_stage(camera)
    d = camera.distortion
    bent = [d.k1_unit, d.k2_unit, d.p1_unit, d.p2_unit, d.k3_unit]
    if any((d.k4_unit, d.k5_unit, d.k6_unit)):
        bent += [d.k4_unit, d.k5_unit, d.k6_unit]
    (fx, fy), (cx, cy) = camera.focal_px, camera.centre_px
    pinhole = ([fx, 0.0, cx - _CORNER_PX], [0.0, fy, cy - _CORNER_PX], [0.0, 0.0, 1.0])
    return [
        f"size = {list(camera.size_px)}",
        f"matrix = [{', '.join(_row(row) for row in pinhole)}]",
        f"distortions = {_row(bent)}",
        f"rotation = {_row(vector_of(matrix[:, :3]))}",
        f"translation = {_row(matrix[:, 3])}",
    ]


def _row(values: Any) -> str:
    return f"[{', '.join(repr(float(value)) for value in values)}]"


def _quoted(text: str) -> str:
    return '"' + "".join(c if c >= " " and c not in '"\\\x7f' else f"\\u{ord(c):04x}" for c in text) + '"'


# --- Qualisys -----------------------------------------------------------------------------------------------------

_TURN = tuple(f"r{row}{column}" for row in "123" for column in "123")


def read_qualisys(text: str, where: str) -> Rig:
    """A .qca.txt. RigFault where it is none."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise RigFault(f"{where}: not a Qualisys calibration: it has a document type of its own")
    try:
        root = ElementTree.fromstring(text.encode())
        cameras = [_of_qualisys(one) for one in root.iter("camera") if one.find("intrinsic") is not None]
        if not cameras:
            raise ValueError("expected a `camera` with `transform` and `intrinsic`")
        return _rig(cameras, where)
    except (ElementTree.ParseError, ValueError) as error:
        raise RigFault(f"{where}: not a Qualisys calibration: {error}") from None


def _of_qualisys(one: ElementTree.Element) -> RigCamera:
    """`transform` holds the camera's axes (right, up, back) as rows, and where it stands."""
    name = one.get("serial") or "camera"
    seen = one.find("fov_video_max")
    if seen is None:
        seen = one.find("fov_video")
    fov = {key: _figure(seen, key, name) for key in ("left", "right", "top", "bottom")}
    size = (round(fov["right"] - fov["left"] + 1), round(fov["bottom"] - fov["top"] + 1))
    lens, place = one.find("intrinsic"), one.find("transform")
    pinhole = [
        _figure(lens, key, name) / _QUALISYS_PARTS
        for key in ("focalLengthU", "focalLengthV", "centerPointU", "centerPointV")
    ]
    keys = (
        "radialDistortion1",
        "radialDistortion2",
        "tangentalDistortion1",
        "tangentalDistortion2",
        "radialDistortion3",
    )
    axes = nearest_rotation(np.array([_figure(place, key, name) for key in _TURN]).reshape(3, 3))
    position = np.array([_figure(place, key, name) for key in "xyz"]) / _QUALISYS_PER_METRE
    return _placed(
        (name, size),
        (pinhole[0], pinhole[1], pinhole[2] - fov["left"] + _CORNER_PX, pinhole[3] - fov["top"] + _CORNER_PX),
        tuple(_figure(lens, key, name) for key in keys),
        axes_matrix("opencv", "opengl") @ axes,
        position,
    )


def _figure(element: ElementTree.Element | None, key: str, name: str) -> float:
    told = element.get(key) if element is not None else None
    if told is None:
        raise ValueError(f"camera {name}: {key} is missing")
    return float(told)


def qualisys_text(rig: Rig) -> str:
    """A .qca.txt. Distortion beyond k3, and lateness, have no place in it."""
    root = ElementTree.Element("calibration", {"type": "regular", "source": "cyclorama"})
    ElementTree.SubElement(root, "results", {"std-dev": "0.", "min-max-diff": "0."})
    cameras = ElementTree.SubElement(root, "cameras")
    for camera in rig.cameras:
        _add_qualisys(cameras, camera)
    ElementTree.indent(root)
    return "<?xml version='1.0' encoding='ASCII'?>\n" + ElementTree.tostring(root, encoding="us-ascii").decode() + "\n"


def _add_qualisys(cameras: ElementTree.Element, camera: RigCamera) -> None:
    told = {"active": "1", "serial": camera.name, "avg-residual": f"{camera.rms_px:.6f}", "viewrotation": "0"}
    one = ElementTree.SubElement(cameras, "camera", {**told, "model": "none", "point-count": "0"})
    right, bottom = camera.size_px[0] - 1, camera.size_px[1] - 1
    for fov in ("fov_marker", "fov_marker_max", "fov_video", "fov_video_max"):
        ElementTree.SubElement(one, fov, {"left": "0", "top": "0", "right": str(right), "bottom": str(bottom)})
    axes = (matrix_from_quat(camera.rotation_wxyz) @ axes_matrix("stage", "opengl")).T
    where = {key: repr(float(value)) for key, value in zip(_TURN, axes.ravel(), strict=True)}
    where |= {
        key: repr(value * _QUALISYS_PER_METRE) for key, value in zip("xyz", _plain(camera.position_m), strict=True)
    }
    ElementTree.SubElement(one, "transform", where)
    d, parts = camera.distortion, _QUALISYS_PARTS
    lens = {
        "focalLengthU": camera.focal_px[0] * parts,
        "focalLengthV": camera.focal_px[1] * parts,
        "centerPointU": (camera.centre_px[0] - _CORNER_PX) * parts,
        "centerPointV": (camera.centre_px[1] - _CORNER_PX) * parts,
        "radialDistortion1": d.k1_unit,
        "radialDistortion2": d.k2_unit,
        "radialDistortion3": d.k3_unit,
        "tangentalDistortion1": d.p1_unit,
        "tangentalDistortion2": d.p2_unit,
        "sensorMinU": 0.0,
        "sensorMaxU": right * parts,
        "sensorMinV": 0.0,
        "sensorMaxV": bottom * parts,
        "skew": 0.0,
    }
    ElementTree.SubElement(one, "intrinsic", {key: repr(float(value)) for key, value in lens.items()})


def _plain(vector: Vector) -> tuple[float, float, float]:
    return float(vector[0]), float(vector[1]), float(vector[2])
