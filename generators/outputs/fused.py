"""A mesh fused from depths that many eyes on the stage see (Curless and Levoy 1996, by open3d's volumes).

Fine near the stage, coarse far away: three volumes, each of a shell of distances, for one grid that holds a street and
the mountains behind it would be too coarse or too large.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import open3d
from numpy.typing import NDArray

from bridge.frames import Vector
from generators.camera import Camera, cube_faces
from generators.outputs.shell import MOST_TRIANGLES, Mesh, compacted
from generators.raster.render import render
from generators.splats import Splats

_o3d: Any = open3d
EYES_M: tuple[Vector, ...] = ((0.0, 0.0, 1.6), (2.5, 2.0, 2.4), (-2.5, 2.0, 1.2), (0.0, -2.8, 2.8))
SIDE_PX = 256
_SMALLEST_TRIANGLES = 24


class Shell(NamedTuple):
    """Distances that one volume is for."""

    to_m: float
    voxel_m: float
    share_unit: float
    """Of all triangles."""


SHELLS = (Shell(18.0, 0.12, 0.5), Shell(80.0, 0.6, 0.3), Shell(600.0, 5.0, 0.2))


def fused(things: Splats) -> Mesh:
    """Of splats without their sky. Faces look at the eyes: up from the ground, out of things."""
    seen = list(_depths(things))
    parts: list[Mesh] = []
    from_m = 0.0
    for ring in SHELLS:
        parts.append(_volume(seen, from_m, ring))
        from_m = ring.to_m
    starts = np.cumsum([0, *(len(part.vertices_m) for part in parts[:-1])])
    triangles = [part.triangles + start for part, start in zip(parts, starts, strict=True)]
    joined = Mesh(np.concatenate([part.vertices_m for part in parts]), np.concatenate(triangles).astype(np.int32))
    return compacted(joined) if len(joined.triangles) else joined


def _depths(things: Splats) -> Iterator[tuple[Camera, NDArray[np.float32]]]:
    for eye in EYES_M:
        for camera in cube_faces(eye, SIDE_PX).values():
            depth = render(things, camera).depth_m
            yield camera, np.where(np.isfinite(depth), depth, 0.0).astype(np.float32)


def _volume(seen: list[tuple[Camera, NDArray[np.float32]]], from_m: float, ring: Shell) -> Mesh:
    volume = _o3d.pipelines.integration.ScalableTSDFVolume(
        voxel_length=ring.voxel_m,
        sdf_trunc=4.0 * ring.voxel_m,
        color_type=_o3d.pipelines.integration.TSDFVolumeColorType.NoColor,
    )
    blank = _o3d.geometry.Image(np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8))
    for camera, depth in seen:
        near = np.where((depth > 0.9 * from_m) & (depth < 1.1 * ring.to_m), depth, 0.0).astype(np.float32)
        if near.any():
            pair = _o3d.geometry.RGBDImage.create_from_color_and_depth(
                blank, _o3d.geometry.Image(near), depth_scale=1.0, depth_trunc=1e6, convert_rgb_to_intensity=False
            )
            volume.integrate(pair, _intrinsic(camera), _plane_from_stage(camera))
    return _reduced(volume.extract_triangle_mesh(), from_m, ring)


def _reduced(mesh: Any, from_m: float, ring: Shell) -> Mesh:
    most = int(MOST_TRIANGLES * ring.share_unit)
    if len(mesh.triangles):
        clusters, sizes, _ = mesh.cluster_connected_triangles()
        mesh.remove_triangles_by_mask(np.asarray(sizes)[np.asarray(clusters)] < _SMALLEST_TRIANGLES)
        centres = np.asarray(mesh.vertices)[np.asarray(mesh.triangles)].mean(axis=1)
        reach = np.abs(centres).max(axis=1)
        mesh.remove_triangles_by_mask((reach <= from_m) | (reach > ring.to_m))
        if len(mesh.triangles) > most:
            mesh = mesh.simplify_quadric_decimation(most)
    return Mesh(np.asarray(mesh.vertices, np.float32), np.asarray(mesh.triangles, np.int32).reshape(-1, 3))


def _intrinsic(camera: Camera) -> Any:
    (width, height), (fx, fy), (cx, cy) = camera.size_px, camera.focal_px, camera.centre_px
    return _o3d.camera.PinholeCameraIntrinsic(width, height, fx, fy, cx - 0.5, cy - 0.5)


def _plane_from_stage(camera: Camera) -> NDArray[np.float64]:
    matrix = np.eye(4)
    matrix[:3, :3] = camera.plane_from_stage
    matrix[:3, 3] = -np.asarray(camera.plane_from_stage) @ np.asarray(camera.position_m)
    return matrix
