"""A stage's LED walls as surfaces: opens what the stage file describes, OBJ files included."""

import math
from pathlib import Path

import numpy as np

from bridge.frames import convert_positions, matrix_from_quat, quat_from_pan_tilt_roll
from bridge.stage import Stage
from bridge.stage_walls import AnyWall, ArcWall, CeilingWall, FlatWall, MeshWall
from bridge.wall.mesh import ObjFault, read_obj
from bridge.wall.shape import (
    NITS_PER_UNIT,
    Arc,
    Screen,
    Shape,
    Surface,
    arc_of_panels,
    rectangle,
    smooth_arc,
    tessellated,
    triangles,
)


def screens(stage: Stage, folder: Path) -> list[Screen]:
    """All walls of a stage; `folder` is the stage file's. ObjFault for a mesh that cannot be a wall."""
    return [Screen(w.name, shape_of(w, folder), w.pixels, w.peak_nits / NITS_PER_UNIT) for w in stage.walls]


def surface(wall: AnyWall, folder: Path) -> Surface:
    """A wall as triangles with picture coordinates (v down)."""
    return tessellated(shape_of(wall, folder))


def shape_of(wall: AnyWall, folder: Path) -> Shape:
    """A wall's lit surface. ObjFault for a mesh that cannot be a wall."""
    match wall:
        case FlatWall():
            turn = quat_from_pan_tilt_roll(*wall.pan_tilt_roll_deg)
            return rectangle(wall.centre_m, turn, wall.width_m, wall.height_m)
        case CeilingWall():
            turn = quat_from_pan_tilt_roll(wall.pan_deg, 90.0, 0.0)
            return rectangle(wall.centre_m, turn, wall.width_m, wall.depth_m)
        case ArcWall():
            return arc_of_panels(_arc(wall), wall.columns) if wall.columns else smooth_arc(_arc(wall))
        case MeshWall():
            return _mesh(wall, folder / wall.obj)


def _arc(wall: ArcWall) -> Arc:
    x, y, bottom = wall.centre_m
    left = math.radians(wall.middle_deg + wall.arc_deg / 2)
    return Arc(x, y, bottom + wall.height_m, wall.height_m, wall.radius_m, left, math.radians(wall.arc_deg))


def _mesh(wall: MeshWall, path: Path) -> Shape:
    mesh = read_obj(path.read_text(encoding="utf-8"), str(path))
    turn = matrix_from_quat(quat_from_pan_tilt_roll(*wall.pan_tilt_roll_deg))
    placed = convert_positions(mesh.corners, "stage", wall.axes) @ turn.T + np.asarray(wall.position_m)
    uv = mesh.uv_unit.copy()
    uv[..., 1] = 1.0 - uv[..., 1]  # OBJ counts v upwards
    try:
        return triangles(placed, uv)
    except ValueError as error:
        raise ObjFault(f"{path}: {error}") from None
