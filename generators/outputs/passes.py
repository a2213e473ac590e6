"""Render passes of an environment along a camera's way, for compositing: colour, depth, normals."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bridge import exr
from bridge.frames import Quaternion, Vector
from generators.camera import Camera, perspective
from generators.outputs.geometry import geometry
from generators.outputs.primaries import target_from_source
from generators.outputs.surroundings import without_sky
from generators.raster.render import render
from generators.splats import Splats

PASSES = ("colour", "depth", "normal")
FAR_M = 1e6
"""What the depth pass says where nothing is."""
JOB = "render.json"
Write = Callable[[Path], object]


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
    things = without_sky(splats)
    for shot in shots:
        for name, write in _drawn(splats, things, camera_of(shot, order.size_px), order):
            _whole(path_of(folder, name, shot), write)
        yield shot


def path_of(folder: Path, name: str, shot: Shot) -> Path:
    """`colour.1001.exr`."""
    return folder / f"{name}.{shot.number:04d}.exr"


def _drawn(splats: Splats, things: Splats, camera: Camera, order: Order) -> Iterator[tuple[str, Write]]:
    """Each pass, and what writes it to a path."""
    if "colour" in order.passes:
        turn = target_from_source(exr.SPACES[order.colour_space][1], exr.SPACES["linear Rec.709"][1])
        light = render(splats, camera).light_unit @ turn.T.astype(np.float32)
        yield "colour", lambda path: exr.write(path, light, order.colour_space)
    if {"depth", "normal"}.isdisjoint(order.passes):
        return
    shape = geometry(things, camera)
    if "depth" in order.passes:
        far = np.where(np.isfinite(shape.depth_m), shape.depth_m, FAR_M)
        told = {"cyclorama": f"metres along the optical axis; {FAR_M:g} where only sky is"}
        yield "depth", lambda path: exr.write_channel(path, "Z", far, told)
    if "normal" in order.passes:
        frame = {"cyclorama": "unit normals, stage frame: X right, Y forward, Z up"}
        yield "normal", lambda path: exr.write_data(path, shape.normals, frame)


def _whole(path: Path, write: Write) -> None:
    beside = path.with_name(f"{path.stem}.part{path.suffix}")
    try:
        write(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
