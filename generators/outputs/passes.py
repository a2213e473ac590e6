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
from generators.raster.render import Picture, composited, render
from generators.splats import Splats, solid_colours

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
    for shot in shots:
        camera = camera_of(shot, order.size_px)
        picture = render(splats, camera)
        for name in order.passes:
            _whole(path_of(folder, name, shot), _drawn(name, splats, camera, picture, order.colour_space))
        yield shot


def path_of(folder: Path, name: str, shot: Shot) -> Path:
    """`colour.1001.exr`."""
    return folder / f"{name}.{shot.number:04d}.exr"


def normals(splats: Splats, camera: Camera) -> NDArray[np.float32]:
    """Unit normals [H, W, 3] in the stage frame, towards the camera; zero where nothing is.

    A splat's normal is its thinnest axis; they are blended as colours are, for slopes of the blended depth ripple.
    """
    turns = matrices(splats.rotations_wxyz)
    axes = np.take_along_axis(turns, np.argmin(splats.scales_m, axis=1)[:, None, None], axis=2)[..., 0]
    away = np.sum(axes * (splats.means_m - np.asarray(camera.position_m, np.float32)), axis=1) > 0
    axes[away] = np.negative(axes[away])
    seen = composited(splats._replace(sh=solid_colours(0.5 + 0.5 * axes)), camera)
    alpha = 1.0 - seen.passing_unit
    blended = 2.0 * seen.encoded_unit - alpha[..., None]
    length = np.linalg.norm(blended, axis=-1)
    good = (alpha >= 0.5) & (length > 1e-3)
    return np.where(good[..., None], blended / np.maximum(length, 1e-3)[..., None], 0.0).astype(np.float32)


def matrices(rotations_wxyz: NDArray[np.float32]) -> NDArray[np.float32]:
    """[N, 3, 3] of unit quaternions [N, 4]; the columns are the splat's axes."""
    w, x, y, z = rotations_wxyz.T
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def _drawn(name: str, splats: Splats, camera: Camera, picture: Picture, space: str) -> Callable[[Path], object]:
    """What writes one pass to a path."""
    if name == "colour":
        turn = target_from_source(exr.SPACES[space][1], exr.SPACES["linear Rec.709"][1]).astype(np.float32)
        return lambda path: exr.write(path, picture.light_unit @ turn.T, space)
    if name == "depth":
        far = np.where(np.isfinite(picture.depth_m), picture.depth_m, FAR_M)
        return lambda path: exr.write_channel(path, "Z", far, {"cyclorama": f"metres along the axis; nothing: {FAR_M}"})
    told = {"cyclorama": "unit normals, stage frame: X right, Y forward, Z up"}
    return lambda path: exr.write_data(path, normals(splats, camera), told)


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    beside = path.with_name(f"{path.stem}.part{path.suffix}")
    try:
        write(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
