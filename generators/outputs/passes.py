"""Render passes of an environment along a camera's way, for compositing: colour, depth, normals."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge import exr
from bridge.frames import Quaternion, Vector
from generators.camera import Camera, perspective
from generators.outputs.primaries import target_from_source
from generators.raster.render import Picture, render
from generators.splats import Splats

PASSES = ("colour", "depth", "normal")
FAR_M = 1e6
"""What the depth pass says where nothing is."""
JOB = "render.json"


class Shot(NamedTuple):
    """One frame of a camera's way."""

    number: int
    position_m: Vector
    """Entrance pupil."""
    rotation_wxyz: Quaternion
    """stage_from_camera."""
    focal_mm: float
    sensor_mm: tuple[float, float]
    offset_mm: tuple[float, float] = (0.0, 0.0)
    """Where the optical axis meets the sensor: + right, + down, from its centre."""


class Order(NamedTuple):
    """How to draw."""

    size_px: tuple[int, int]
    colour_space: str = "ACEScg"
    passes: tuple[str, ...] = PASSES


class RenderFault(ValueError):
    """What cannot be rendered here; the text says why."""


def camera_of(shot: Shot, size_px: tuple[int, int]) -> Camera:
    """A pinhole: distortion is put on in compositing, by the lens's STMap."""
    width, height = size_px
    fx, fy = shot.focal_mm / shot.sensor_mm[0] * width, shot.focal_mm / shot.sensor_mm[1] * height
    centre = (
        0.5 * width + shot.offset_mm[0] / shot.sensor_mm[0] * width,
        0.5 * height + shot.offset_mm[1] / shot.sensor_mm[1] * height,
    )
    plain = perspective(shot.position_m, shot.rotation_wxyz, 60.0, size_px)
    return plain._replace(focal_px=(fx, fy), centre_px=centre)


def begin(folder: Path, job: Mapping[str, Any]) -> None:
    """Ready to write to, or to go on with. RenderFault where the folder holds frames of something else."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(job, indent=2, sort_keys=True) + "\n"
    path = folder / JOB
    if not path.exists():
        if any(folder.glob("*.exr")):
            raise RenderFault(f"{folder}: holds pictures and no {JOB}: give an empty folder")
        _whole(path, lambda beside: beside.write_text(text, encoding="utf-8"))
    elif path.read_text(encoding="utf-8") != text:
        raise RenderFault(f"{folder}: holds frames of another render ({JOB} differs): give another folder")


def missing(folder: Path, shots: Sequence[Shot], order: Order) -> list[Shot]:
    """Those with a picture that is not there yet."""
    return [shot for shot in shots if not all(path_of(folder, one, shot).exists() for one in order.passes)]


def draw(folder: Path, splats: Splats, shots: Sequence[Shot], order: Order) -> Iterator[Shot]:
    """Each shot once its pictures are on the disk. Every file appears whole. Raises OSError."""
    turn = target_from_source(exr.SPACES[order.colour_space][1], exr.SPACES["linear Rec.709"][1]).astype(np.float32)
    for shot in shots:
        camera = camera_of(shot, order.size_px)
        picture = render(splats, camera)
        for name in order.passes:
            _whole(path_of(folder, name, shot), _writer(name, picture, camera, turn, order.colour_space))
        yield shot


def path_of(folder: Path, name: str, shot: Shot) -> Path:
    """`colour.1001.exr`."""
    return folder / f"{name}.{shot.number:04d}.exr"


def normals(depth_m: NDArray[np.float32], camera: Camera) -> NDArray[np.float32]:
    """Unit normals [H, W, 3] in the stage frame, towards the camera; zero where nothing is."""
    height, width = depth_m.shape
    x = (np.arange(width, dtype=np.float32) + 0.5 - camera.centre_px[0]) / camera.focal_px[0]
    y = (np.arange(height, dtype=np.float32) + 0.5 - camera.centre_px[1]) / camera.focal_px[1]
    points = np.stack(np.broadcast_arrays(depth_m * x, depth_m * y[:, None], depth_m), axis=-1)
    with np.errstate(invalid="ignore"):
        found = np.cross(_along(points, 0), _along(points, 1))
        found /= np.linalg.norm(found, axis=-1, keepdims=True)
        away = np.sum(found * points, axis=-1) > 0
    found[away] = np.negative(found[away])
    found[~np.isfinite(found).all(axis=-1)] = 0.0
    return np.asarray(found @ np.asarray(camera.plane_from_stage), np.float32)


def _along(points: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """The step to the neighbour on that side where the depth changes less: an edge has no slope."""
    step = np.diff(points, axis=axis)
    nothing = np.full_like(np.take(points, [0], axis=axis), np.inf)
    after, before = np.concatenate((step, nothing), axis=axis), np.concatenate((nothing, step), axis=axis)
    nearer = np.abs(np.nan_to_num(after[..., 2:], nan=np.inf)) <= np.abs(np.nan_to_num(before[..., 2:], nan=np.inf))
    return np.where(nearer, after, before)


def _writer(
    name: str, picture: Picture, camera: Camera, turn: NDArray[np.float32], space: str
) -> Callable[[Path], object]:
    if name == "colour":
        return lambda path: exr.write(path, picture.light_unit @ turn.T, space)
    if name == "depth":
        far = np.where(np.isfinite(picture.depth_m), picture.depth_m, FAR_M)
        return lambda path: exr.write_channel(path, "Z", far, {"cyclorama": f"metres along the axis; nothing: {FAR_M}"})
    told = {"cyclorama": "unit normals, stage frame: X right, Y forward, Z up"}
    return lambda path: exr.write_data(path, normals(picture.depth_m, camera), told)


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    beside = path.with_name(f"{path.stem}.part{path.suffix}")
    try:
        write(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
