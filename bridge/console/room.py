"""Geometry of the page's 3D view: what a wall is drawn from, where one looks from, how long a frustum is."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.console.facets import Facet
from bridge.frames import Vector
from bridge.messages import CameraPose

TRAIL_STEPS = 48
FRUSTUM_M = 1.1
ROOM_FOV_RAD = math.radians(45.0)
_ASIDE_RAD = math.radians(22.0)


class Dots(NamedTuple):
    """A wall as points of light [n, 3], each with its picture coordinate [n, 2] (v down)."""

    points_m: NDArray[np.float64]
    spots_unit: NDArray[np.float64]
    size_m: float


class WallShape(NamedTuple):
    """A wall to draw: its back as triangles, its light as rectangles or, where it has none, as dots."""

    name: str
    vertices_m: NDArray[np.float64]
    uv_unit: NDArray[np.float64]
    triangles: NDArray[np.integer]
    facets: list[Facet] | None
    dots: Dots | None = None


def normals(wall: WallShape) -> NDArray[np.float64]:
    """Towards whoever sees the picture the right way round, per vertex [N, 3]."""
    corners, spots = wall.vertices_m[wall.triangles], wall.uv_unit[wall.triangles]
    edge_a, edge_b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    turn_a, turn_b = spots[:, 1] - spots[:, 0], spots[:, 2] - spots[:, 0]
    mirrored = np.sign(turn_a[:, 0] * turn_b[:, 1] - turn_a[:, 1] * turn_b[:, 0])
    away = np.cross(edge_a, edge_b) * mirrored[:, None]
    normals = np.zeros_like(wall.vertices_m)
    for corner in range(3):
        np.subtract.at(normals, wall.triangles[:, corner], away)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


def reach(wall: WallShape) -> NDArray[np.float64]:
    """A wall's corners and the floor in front of it, where its cameras stand [N, 3]."""
    size_m = float(np.linalg.norm(np.ptp(wall.vertices_m, axis=0)))
    ahead = wall.vertices_m + normals(wall) * max(0.6 * size_m, 3.0)
    ahead[:, 2] = np.clip(ahead[:, 2], 0.0, float(wall.vertices_m[:, 2].max()))
    return np.concatenate((wall.vertices_m, ahead))


def room(
    points_m: NDArray[np.float64], ceiling_m: float, towards: tuple[float, float] = (0.0, -1.0)
) -> tuple[Vector, Vector]:
    """(eye, look at) that take in points [N, 3]: from the open side, a little from the left, under a ceiling."""
    low, high = points_m.min(axis=0), points_m.max(axis=0)
    x, y, z = (float(value) for value in (low + high) / 2.0)
    distance = 0.57 * float(np.linalg.norm(high - low)) / math.tan(ROOM_FOV_RAD / 2.0)
    eye_z = min(z + 0.32 * distance, 0.8 * ceiling_m)
    cosine, sine = math.cos(_ASIDE_RAD), math.sin(_ASIDE_RAD)
    aside = (towards[0] * cosine + towards[1] * sine, towards[1] * cosine - towards[0] * sine)
    return (x + 0.95 * aside[0] * distance, y + 0.95 * aside[1] * distance, max(eye_z, 1.0)), (x, y, z * 0.85)


def open_side(walls: Sequence[WallShape]) -> tuple[float, float]:
    """Where the walls' light goes, seen from above; the crew's side where it goes all ways."""
    x, y = (float(value) for value in np.concatenate([normals(wall) for wall in walls]).mean(axis=0)[:2])
    length = math.hypot(x, y)
    return (x / length, y / length) if length > 0.1 else (0.0, -1.0)


def half_tangents(pose: CameraPose) -> tuple[float, float]:
    """Half the sensor over the focal length: across, and up."""
    focal_mm = max(pose.lens.focal_length_mm, 1e-3)
    return pose.sensor_mm[0] / 2.0 / focal_mm, pose.sensor_mm[1] / 2.0 / focal_mm


def frustum_scale(tan_x: float, tan_y: float) -> float:
    """The library sizes frusta by volume: this makes it FRUSTUM_M long."""
    return FRUSTUM_M * float(np.cbrt(tan_x * tan_y / 3.0))


def steps(points: Sequence[Vector]) -> NDArray[np.float32]:
    """TRAIL_STEPS segments [TRAIL_STEPS, 2, 3] along a path, newest last."""
    path = np.asarray(points, dtype=np.float32)
    spots = np.linspace(0, len(path) - 1, TRAIL_STEPS + 1)
    line = np.stack([np.interp(spots, np.arange(len(path)), path[:, axis]) for axis in range(3)], axis=1)
    return np.stack((line[:-1], line[1:]), axis=1).astype(np.float32)
